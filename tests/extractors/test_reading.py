"""Splitting bodies: the styles of mail programs, closings, and any text at all."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.reading import MAX_READ, Reading
from inbox_agent.domain.mail import Address, Mail
from inbox_agent.domain.taxonomy import Language
from inbox_agent.domain.text import MailText, PartKind

RECEIVED = datetime(2025, 3, 12, 9, tzinfo=UTC)
READING = Reading()
SENDER = Address("jan@deboerbouw.nl", "Jan de Boer")


def read(text: str, subject: str = "", sender: Address = SENDER) -> MailText:
    return READING.read(Mail(RECEIVED, RECEIVED.date(), sender, subject, text))


QUOTES = [
    "Van: Debiteuren <d@kabel.nl>\nVerzonden: maandag 10 maart 2025 09:00\nAan: Jan\nOnderwerp: herinnering\n\nGraag betalen.",
    "*Van:* Debiteuren <d@kabel.nl>\n*Verzonden:* maandag 10 maart 2025\n*Aan:* Jan\n\nGraag betalen.",
    "From: AR <ar@kabel.nl>\nSent: 10 March 2025 09:00\nTo: Jan\nSubject: reminder\n\nPlease pay.",
    "Von: Debitoren\nGesendet: Montag, 10. März 2025\nAn: Jan\nBetreff: Mahnung\n\nBitte zahlen.",
    "De : Compta\nEnvoyé : lundi 10 mars 2025\nÀ : Jan\nObjet : relance\n\nMerci de payer.",
    "Op ma 10 mrt 2025 om 09:00 schreef Debiteuren <d@kabel.nl>:\n\n> Graag betalen.",
    "Op ma 10 mrt 2025 om 09:00 schreef\nDebiteuren <d@kabel.nl>:\n\n> Graag betalen.",
    "On Mon, 10 Mar 2025 at 09:00, AR <ar@kabel.nl> wrote:\n> Please pay.",
    "Am 10.03.2025 um 09:00 schrieb Debitoren <d@kabel.nl>:\n> Bitte zahlen.",
    "Le lun. 10 mars 2025 à 09:00, Compta <c@kabel.nl> a écrit :\n> Merci de payer.",
    "-----Oorspronkelijk bericht-----\nVan: d@kabel.nl\n\nGraag betalen.",
    "-----Original Message-----\nPlease pay.",
    "________________________________\nFrom: AR <ar@kabel.nl>\nSent: 10 March 2025\nTo: Jan\n\nPlease pay.",
    "> Graag betalen.\n> Groet",
]


@pytest.mark.parametrize("quote", QUOTES)
def test_quote_styles(quote: str) -> None:
    text = read(f"Is vrijdag betaald.\n\n{quote}\n")
    assert text.reply_text.replace("________________________________", "").strip() == "Is vrijdag betaald."
    assert text.parts[-1].kind is PartKind.QUOTE


@pytest.mark.parametrize(
    "closing",
    [
        "Met vriendelijke groet,\n\nJan de Boer\nDe Boer Bouw B.V.",
        "Mvg Jan",
        "Groet,\nJan",
        "Kind regards,\n\nJan",
        "Mit freundlichen Grüßen\n\nJan de Boer",
        "Bien cordialement,\nJan",
        "Veuillez agréer, Madame, l'expression de mes salutations distinguées.\nJan",
        "Jan",
        "Verstuurd vanaf mijn iPhone",
        "Sent from my iPhone",
        "--\nDe Boer Bouw",
        "Met broedergroet,\nJan",
    ],
)
def test_closings(closing: str) -> None:
    text = read(f"Goedemorgen,\n\nIs vrijdag betaald.\n\n{closing}")
    assert text.reply_text == "Goedemorgen,\n\nIs vrijdag betaald."
    assert text.parts[-1].kind is PartKind.SIGNATURE


def test_thanks_before_the_name_is_own_text() -> None:
    assert read("Graag een kopie.\nAlvast bedankt en fijn weekend!\nJan").reply_text.endswith("fijn weekend!")


def test_disclaimer() -> None:
    text = read("Is betaald.\n\nGroet, Jan\n\nDit bericht is uitsluitend bestemd voor de geadresseerde.")
    assert [part.kind for part in text.parts] == [PartKind.NEW, PartKind.SIGNATURE, PartKind.DISCLAIMER]


def test_answer_below_the_quote() -> None:
    text = read("Op 26-11-2025 om 10:12 schreef Depot:\n> U gaf aan te betalen.\n\nDat klopt.\n\nGroet, Jan")
    assert text.reply_text == "Dat klopt."


def test_forward() -> None:
    text = read("Zie hieronder.\n\n---------- Forwarded message ---------\nFrom: AR <a@b.nl>\n\nPlease pay.")
    assert text.reply_text == "Zie hieronder."
    assert text.parts[-1].kind is PartKind.FORWARD


def test_gateway_banner_is_not_the_senders() -> None:
    assert read(
        "[EXTERN] Diese Nachricht stammt von ausserhalb der Organisation.\nGuten Tag\n\nBezahlt."
    ).reply_text.startswith("Guten Tag")


@pytest.mark.parametrize(
    ("text", "subject", "language"),
    [
        ("wordt vrijdag betaald", "", Language.NL),
        ("ok thanks", "", Language.EN),
        ("mach ich morgen", "", Language.DE),
        ("bien reçu", "", Language.FR),
        ("ok", "Mahnung zu Ihrer Rechnung", Language.DE),
        ("", "", Language.NL),
    ],
)
def test_language(text: str, subject: str, language: Language) -> None:
    assert read(text, subject).language is language


def test_what_is_beyond_the_limit_is_kept_unread() -> None:
    text = read("woord " * MAX_READ)
    assert text.parts[-1].end == len(text.source)


@given(
    st.text(max_size=300)
    | st.lists(
        st.sampled_from(["Van: a\n", "> b\n", "Groet,\n", "Jan\n", "\n", "x\r\n", "Op 1 schreef c:\n", "--\n"])
    ).map("".join)
)
def test_parts_cover_any_text(source: str) -> None:
    text = read(source)
    assert "".join(source[part.start : part.end] for part in text.parts) == source
    assert all(part.start < part.end for part in text.parts)
