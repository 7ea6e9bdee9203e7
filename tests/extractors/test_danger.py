"""Danger signs in what a mail says about accounts: four languages, and what must not fire."""

from datetime import UTC, date, datetime

import pytest

from extractors.danger import Watch
from inbox_agent.domain.ledger import Company, Ledger
from inbox_agent.domain.mail import Address, Attachment, Mail
from inbox_agent.domain.recognition import Acquaintance
from inbox_agent.domain.taxonomy import Intent, Language, Tone
from inbox_agent.domain.text import MailText, PartKind, TextPart
from inbox_agent.domain.triage import Classification, Extraction, IntentScore

OURS, THEIRS, STRANGE = "NL91ABNA0417164300", "NL20INGB0001234567", "NL02RABO0123456789"
SAID = Classification((IntentScore(Intent.OTHER_QUERY, 1.0),), Tone.NEUTRAL, True, 1.0, "told")


@pytest.fixture(scope="module")
def watch() -> Watch:
    return Watch()


def kinds(
    watch: Watch, new: str, quoted: str = "", attached: str = "", said: Classification = SAID, **known: object
) -> list[str]:
    """The kinds of the signs of a mail that says `new` above `quoted`."""
    text = f"{new}\n\n{quoted}" if quoted else new
    parts = [TextPart(PartKind.NEW, 0, len(new))]
    if quoted:
        parts.append(TextPart(PartKind.QUOTE, len(new), len(text)))
    attachments = (Attachment("brief.pdf", "application/pdf", 1, 1, attached),) if attached else ()
    mail = Mail(
        datetime(2026, 11, 24, tzinfo=UTC), date(2026, 11, 24), Address("jan@boer.example"), "Vraag", text,
        attachments=attachments,
    )  # fmt: skip
    ledger = Ledger(
        company=Company("HT", "Halvermaan", ibans=(OURS,)),
        acquaintance=Acquaintance(**({"ibans": (THEIRS,)} | known)),
    )
    found = watch.signs(mail, MailText(text, tuple(parts), Language.NL), said, Extraction((), ()), ledger)
    return [sign.kind.value for sign in found]


@pytest.mark.parametrize(
    "text",
    [
        "Klopt het dat jullie rekeningnummer is gewijzigd?",
        f"Wij ontvingen bericht dat uw IBAN veranderd is in {STRANGE}.",
        "Kunt u bevestigen dat u een nieuw rekeningnummer heeft?",
        "We received a letter that your bank details have changed. Is that right?",
        "Could you confirm your new bank account before we pay?",
        "Stimmt es, dass sich Ihre Bankverbindung geändert hat?",
        "Pouvez-vous confirmer que vos coordonnées bancaires ont changé ?",
    ],
)
def test_our_account_is_said_to_have_changed(watch, text) -> None:
    assert kinds(watch, text) == ["our_account_changed"]


@pytest.mark.parametrize(
    "text",
    [
        f"Ons rekeningnummer is gewijzigd. Het nieuwe nummer is {STRANGE}.",
        "Wilt u ons nieuwe rekeningnummer in uw administratie aanpassen?",
        f"Gelieve voortaan over te maken op rekening {STRANGE}.",
        f"Please note our bank details have changed to:\n{STRANGE}",
        "Wir haben die Bank gewechselt, bitte beachten.",
        "Nos coordonnées bancaires ont été modifiées.",
        "Wij zijn van bank veranderd.",
    ],
)
def test_their_account_is_said_to_have_changed(watch, text) -> None:
    assert kinds(watch, text) == ["their_account_changed"]


@pytest.mark.parametrize(
    "text",
    [
        f"Wij hebben gisteren betaald op {STRANGE}.",
        f"Het bedrag is overgemaakt naar rekening {STRANGE}.",
        f"We have paid the invoice to your account {STRANGE} yesterday.",
        f"Wir haben den Betrag auf Ihr Konto {STRANGE} überwiesen.",
        f"Nous avons viré la somme sur votre compte {STRANGE}.",
    ],
)
def test_another_account_is_taken_for_ours(watch, text) -> None:
    assert kinds(watch, text) == ["not_our_account"]


@pytest.mark.parametrize(
    "text",
    [
        f"Graag het te veel betaalde terugstorten op {STRANGE}.",
        f"Please refund the credit to {STRANGE}.",
        f"Bitte erstatten Sie den Betrag auf {STRANGE}.",
        f"Merci de rembourser sur le compte {STRANGE}.",
    ],
)
def test_money_is_wanted_on_an_unknown_account(watch, text) -> None:
    assert kinds(watch, text) == ["unknown_account"]
    assert kinds(watch, text.replace(STRANGE, THEIRS)) == []


@pytest.mark.parametrize(
    "text",
    [
        "Op welk rekeningnummer kunnen wij betalen?",
        "Wilt u uw rekeningnummer nog eens doorgeven?",
        f"Wij betalen morgen op {OURS}.",
        f"Het geld is overgemaakt van onze rekening {THEIRS}.",
        f"Betaald op {OURS} vanaf {THEIRS}.",
        "Wij wijzigen nooit per e-mail ons rekeningnummer.",
        "Ons bankrekeningnummer is niet gewijzigd.",
        "Ons adres is gewijzigd; ons rekeningnummer blijft hetzelfde.",
        "Our bank details have not changed.",
        "Unsere Bankverbindung bleibt unverändert, die Adresse hat sich geändert.",
        "De prijs op de factuur is gewijzigd. Wij betalen op uw rekening.",
        "Kunt u een nieuwe factuur sturen?",
        "Graag een kopie van de gewijzigde factuur 26700001.",
        "What is your IBAN, please?",
        "Het afleveradres is veranderd.",
    ],
)
def test_what_is_no_sign(watch, text) -> None:
    assert kinds(watch, text) == []


def test_quoted_and_attached_text_counts_only_with_an_account_that_nobody_knows(watch) -> None:
    """Our own notices and footers are quoted every day; a forged letter names the forger's account."""
    forged = f"Ons rekeningnummer is gewijzigd in {STRANGE}. Betaal voortaan daarop."
    assert kinds(watch, "Hoort dit zo?", quoted=forged) == ["our_account_changed"]
    assert kinds(watch, "Zie bijlage.", attached=forged) == ["our_account_changed"]
    assert kinds(watch, "Akkoord.", quoted=f"Ons nieuwe rekeningnummer is {OURS}.") == []
    assert kinds(watch, "Akkoord.", quoted="Ons rekeningnummer is gewijzigd.") == []


def test_any_account_in_a_mail_about_bank_details(watch) -> None:
    """Two accounts on two papers, a factor's account: neither ours nor the customer's is worth a call."""
    about = Classification((IntentScore(Intent.BANK_DETAILS, 1.0),), Tone.NEUTRAL, True, 1.0, "told")
    text = f"Op de ene factuur staat {STRANGE}, op de andere {OURS}. Welk nummer is juist?"
    assert kinds(watch, text, said=about) == ["unknown_account"]
    assert kinds(watch, text) == []
    assert kinds(watch, text.replace(STRANGE, THEIRS), said=about) == []


def test_a_stranger_who_writes_about_an_account(watch) -> None:
    stranger = {"is_known": False, "seen_before": False}
    text = f"Ons rekeningnummer is gewijzigd in {STRANGE}."
    assert kinds(watch, text, **stranger) == ["their_account_changed", "new_with_account"]
    assert kinds(watch, "Graag een kopie van factuur 26700001.", **stranger) == []
    assert kinds(watch, text, is_known=False, seen_before=True) == ["their_account_changed"]


def test_hostile_text_ends(watch) -> None:
    for text in ("NL" * 50_000, "rekening " * 20_000, "op " * 30_000 + STRANGE, "nieuw\n" * 30_000, "uw " * 30_000):
        kinds(watch, text)
