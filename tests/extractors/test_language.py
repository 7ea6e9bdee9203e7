"""The language of mail, down to two words."""

import pytest

from extractors.language import DEFAULT, LanguageProfiles
from inbox_agent.domain.taxonomy import Language

PROFILES = LanguageProfiles()

SHORT = {
    Language.NL: [
        "wordt betaald",
        "ok bedankt",
        "is onderweg",
        "zit in schuldsanering",
        "dubbel gefactureerd",
        "factuur kwijt",
        "niet akkoord",
    ],
    Language.EN: [
        "paid yesterday",
        "ok thanks",
        "cheque sent",
        "already settled",
        "on holiday",
        "please resend",
        "not ours",
    ],
    Language.DE: [
        "mach ich",
        "ist überwiesen",
        "Rechnung fehlt",
        "schon bezahlt",
        "bitte nochmals",
        "wird geprüft",
        "nicht erhalten",
    ],
    Language.FR: [
        "bien reçu",
        "c'est réglé",
        "déjà payé",
        "facture manquante",
        "d'accord",
        "virement fait",
        "pas reçu",
    ],
}


@pytest.mark.parametrize(
    ("language", "text"), [(language, text) for language, texts in SHORT.items() for text in texts]
)
def test_two_words(language: Language, text: str) -> None:
    assert PROFILES.told(text)[0] is language


def test_later_texts_break_what_the_first_leaves_open() -> None:
    assert PROFILES.told("ok", "Mahnung zu Ihrer Rechnung")[0] is Language.DE
    assert PROFILES.told("wird bezahlt", "Reminder of your invoice")[0] is Language.DE


@pytest.mark.parametrize("text", ["", "123", "👍", "INV-2024-001.pdf", "https://portal.example/view/your/invoice"])
def test_what_says_nothing_gets_the_default(text: str) -> None:
    assert PROFILES.told(text)[0] is DEFAULT


def test_addresses_and_file_names_say_nothing() -> None:
    assert PROFILES.told("Adres onbekend: the.invoices@your-company.example, please-pay-this.pdf")[0] is Language.NL


@pytest.mark.parametrize(
    ("text", "is_clear"), [("wordt betaald", True), ("26700001", False), ("ok", False), ("", False)]
)
def test_whether_a_text_speaks_clearly(text: str, is_clear: bool) -> None:
    """A number alone says no language: then its mailbox's usual one is as good as any."""
    assert PROFILES.told(text)[1] is is_clear
