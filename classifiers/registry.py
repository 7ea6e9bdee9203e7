"""The classifiers by name or model file, and preparing them: load everything, read a known sentence per language."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from classifiers import artifact
from classifiers.phrases import PhraseClassifier
from inbox_agent.domain.errors import ModelError
from inbox_agent.domain.mail import Address, Mail
from inbox_agent.domain.steps import IntentClassifier
from inbox_agent.domain.taxonomy import Intent, Language
from inbox_agent.domain.text import MailText, PartKind, TextPart


def _fine_tuned(path: Path = artifact.SHIPPED) -> IntentClassifier:
    from classifiers.fine_tuned import FineTunedClassifier  # loads ONNX Runtime

    return FineTunedClassifier(path)


_CLASSIFIERS: dict[str, Callable[[], IntentClassifier]] = {"fine-tuned": _fine_tuned, "phrases": PhraseClassifier}

_KNOWN: dict[Language, tuple[str, Intent]] = {
    Language.NL: ("De factuur wordt vrijdag betaald.", Intent.PROMISE_TO_PAY),
    Language.EN: ("The invoice was paid on 3 March.", Intent.PAYMENT_NOTIFICATION),
    Language.DE: ("Die Rechnung wurde am 3. März bezahlt.", Intent.PAYMENT_NOTIFICATION),
    Language.FR: ("La facture a été payée le 3 mars.", Intent.PAYMENT_NOTIFICATION),
}


def load(name: str) -> IntentClassifier:
    """The classifier of that name, or that of a model file (`….safetensors`), ready to read.

    Raises `ModelError` when there is none or its files are broken.
    """
    if name.endswith(".safetensors"):
        return _fine_tuned(Path(name))
    if name not in _CLASSIFIERS:
        known = ", ".join(sorted(_CLASSIFIERS))
        raise ModelError(
            f"There is no classifier {name!r}; choose one of: {known}, or name a model file (.safetensors)."
        )
    return _CLASSIFIERS[name]()


def prepare(progress: Callable[[int, int, str], None]) -> None:
    """Loads every classifier and has it read one known sentence per language.

    Calls `progress(done, total, label)` before the first and after each step. Raises `ModelError` when one misreads.
    """
    total = len(_CLASSIFIERS) * (1 + len(_KNOWN))
    done = 0
    progress(done, total, "classifiers")
    for name in _CLASSIFIERS:
        classifier = load(name)
        done += 1
        progress(done, total, classifier.version)
        for language, (sentence, intent) in _KNOWN.items():
            labels = classifier.classify(_mail(sentence), _text(sentence, language)).labels
            if intent not in labels:
                raise ModelError(
                    f"The classifier {name} misreads {sentence!r} as {', '.join(labels)}; install it again."
                )
            done += 1
            progress(done, total, f"{name}: {language.value}")


def _mail(sentence: str) -> Mail:
    received = datetime(2025, 3, 5, 9, tzinfo=UTC)
    return Mail(received, received.date(), Address("check@localhost"), text=sentence)


def _text(sentence: str, language: Language) -> MailText:
    return MailText(sentence, (TextPart(PartKind.NEW, 0, len(sentence)),), language)
