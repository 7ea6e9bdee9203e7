"""Terse mail: what phrases say for certain counts, and nothing of theirs elsewhere."""

from datetime import UTC, datetime

import pytest

from classifiers.terse import WORDS, Terse
from inbox_agent.domain.mail import Address, Automatic, Mail
from inbox_agent.domain.taxonomy import Intent, Language
from inbox_agent.domain.text import MailText, PartKind, TextPart

RECEIVED = datetime(2026, 11, 24, 9, tzinfo=UTC)


def said(words: str, language: Language = Language.NL, automatic: Automatic | None = None) -> tuple[Intent, ...]:
    mail = Mail(RECEIVED, RECEIVED.date(), Address("jan@boer.example"), "Re: herinnering", words, automatic=automatic)
    return Terse().said(mail, MailText(words, (TextPart(PartKind.NEW, 0, len(words)),), language))


@pytest.mark.parametrize(
    ("words", "language", "intent"),
    [
        ("Wordt vrijdag betaald.", Language.NL, Intent.PROMISE_TO_PAY),
        ("Merci de renvoyer la facture", Language.FR, Intent.INVOICE_COPY_REQUEST),
        ("Can we pay in instalments?", Language.EN, Intent.PAYMENT_PLAN_REQUEST),
    ],
)
def test_a_few_words_that_say_something(words: str, language: Language, intent: Intent) -> None:
    assert said(words, language) == (intent,)


@pytest.mark.parametrize("words", ["Ok, dank u", "hm", "", "Wordt vrijdag betaald. " + "en verder niets " * WORDS])
def test_guesses_and_longer_mail_are_left_to_the_network(words: str) -> None:
    assert said(words) == ()


def test_automatic_mail_is_decided_by_its_headers() -> None:
    assert said("Wordt vrijdag betaald.", automatic=Automatic.OUT_OF_OFFICE) == ()
