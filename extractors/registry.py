"""Readers and extractors by name, and preparing them: load everything, read a known sentence per language."""

from collections.abc import Callable
from datetime import UTC, date, datetime

from extractors.acts import Acts
from extractors.danger import Watch
from extractors.reading import Reading
from inbox_agent.domain.act import Evidence
from inbox_agent.domain.errors import ModelError
from inbox_agent.domain.ledger import Invoice, Ledger
from inbox_agent.domain.mail import Address, Mail
from inbox_agent.domain.money import Money
from inbox_agent.domain.steps import ActExtractor, DangerWatch, TextReader
from inbox_agent.domain.taxonomy import Intent, Language, Tone
from inbox_agent.domain.triage import Classification, IntentScore

_KNOWN: dict[Language, str] = {
    Language.NL: "Wij betalen factuur 20251234 op 14 maart.",
    Language.EN: "We will pay invoice 20251234 on 14 March.",
    Language.DE: "Wir zahlen die Rechnung 20251234 am 14. März.",
    Language.FR: "Nous payons la facture 20251234 le 14 mars.",
}


def load_reader() -> TextReader:
    """The text reader, ready to read. Raises `ModelError` when a language's data is broken."""
    return Reading()


def load_extractor() -> ActExtractor:
    """The act extractor, ready to read. Raises `ModelError` when a language's data or pipeline is broken."""
    return Acts()


def load_watch(authserv_id: str = "") -> DangerWatch:
    """The watch for danger signs; `authserv_id` as in `Watch`. Raises `ModelError` when a language's data is broken."""
    return Watch(authserv_id)


def prepare(progress: Callable[[int, int, str], None]) -> None:
    """Loads reader and extractor and has them read one known sentence per language.

    Calls `progress(done, total, label)` before the first and after each step. Raises `ModelError` when one misreads.
    """
    total = 2 + len(_KNOWN)
    progress(0, total, "extractors")
    reader = load_reader()
    progress(1, total, "reader")
    extractor = load_extractor()
    progress(2, total, "extractor")
    for done, (language, sentence) in enumerate(_KNOWN.items(), start=3):
        _check(reader, extractor, language, sentence)
        progress(done, total, f"extractors: {language.value}")


def _check(reader: TextReader, extractor: ActExtractor, language: Language, sentence: str) -> None:
    received = datetime(2025, 3, 5, 9, tzinfo=UTC)
    mail = Mail(received, received.date(), Address("check@localhost"), text=sentence)
    amount = Money(10_000)
    ledger = Ledger(invoices=(Invoice("20251234", date(2025, 2, 1), date(2025, 3, 3), amount, amount),))
    text = reader.read(mail)
    evidence = Evidence(sentence, 0, len(sentence))
    score = IntentScore(Intent.PROMISE_TO_PAY, 1.0, (evidence,))
    extraction = extractor.extract(mail, text, Classification((score,), Tone.NEUTRAL, False, 1.0, "check"), ledger)
    act = next(iter(extraction.acts), None)
    if text.language is not language or act is None or act.date != date(2025, 3, 14) or not act.invoices:
        raise ModelError(f"The data for {language.value} misreads {sentence!r}; install the program again.")
