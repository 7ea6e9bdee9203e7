"""Where the sender's words end: closings, names, signatures, disclaimers, and what stands above the text."""

from datetime import UTC, datetime

import pytest

from extractors.reading import Reading
from inbox_agent.domain.mail import Address, Mail
from inbox_agent.domain.text import MailText, PartKind

RECEIVED = datetime(2025, 3, 12, 9, tzinfo=UTC)
READING = Reading()
JAN = Address("jan@deboerbouw.nl", "Jan de Boer")


def read(text: str, sender: Address = JAN, subject: str = "") -> MailText:
    return READING.read(Mail(RECEIVED, RECEIVED.date(), sender, subject, text))


@pytest.mark.parametrize(
    "closing",
    [
        "Groetjes",
        "Gr. Jan",
        "m.v.g. J. de Boer",
        "Dikke zoen,\nJan",
        "Fijn weekend!\nJan",
        "Med venlig hilsen / Kind regards\nJan",
        "S pozdravem\nJan",
        "Un saludo\nJan",
        "Glück auf\nJan",
        "Pfüat di\nJan",
        "Es grüßt Sie\nJan",
        "Gesegnete Weihnachten wünscht\nJan",
        "Mit vorzüglicher kollegialer Hochachtung\nJan de Boer",
        "Fraternelles salutations\nJan",
        "Sentiments distingués,\nJan",
        "Bonne soirée !\nJan",
        "Je t'embrasse\nJan",
        "Merci !\nJan, administrateur",
        "Thanks,\nJan\nDe Boer Bouw B.V.\n+31 6 1234 5678",
        "Thks/JdB",
        "Thanks, Jan de Boer",
        "A hug\nJan",
        "Jan de Boer, Esq.",
        "J. de Boer | directeur",
        "/Jan",
        "J.",
        "JdB",
        "jan",
        "Jan\n\nVerstuurd vanaf mijn iPhone",
        "Jan\nDe Boer Bouw | Zwolle | www.deboerbouw.nl",
        "Jan\nDe Boer Bouw\nService by e-mail is not accepted. We never change our bank details by e-mail, so ring us on a number you know.",
        "De Boer Bouw B.V., afdeling crediteuren",
        "--\nThe desk of Jan",
        "sent from my phone",
    ],
)
def test_endings(closing: str) -> None:
    text = read(f"Goedemorgen,\n\nFactuur 2025-118 is vrijdag betaald.\n\n{closing}")
    assert text.reply_text == "Goedemorgen,\n\nFactuur 2025-118 is vrijdag betaald."


@pytest.mark.parametrize(
    "last",
    [
        "Rest volgt",
        "Alvast bedankt voor uw begrip",
        "Thank you for your patience",
        "Danke für 20 Jahre Handschlagqualität.",
        "Graag een kopie",
        "Groot deel is al betaald.",
        "Wanneer kunnen we bellen?",
        "BC-6610   3.170   paid 29.08",
        "Totaal 3.484,80",
        "Bank of Ireland will pay it",
        "PS wanneer komt het zand",
    ],
)
def test_last_sentences_stay(last: str) -> None:
    text = f"Goedemorgen,\n\nFactuur 2025-118 is vrijdag betaald.\n{last}"
    assert read(f"{text}\n\nJan").reply_text == text


@pytest.mark.parametrize(
    "text",
    [
        "Dear Sir / Madam,\n\nGreetings of the day!!\n\nWe have today processed NEFT for 25/0781.",
        "Respected Sir,\n\nGreetings from Kaveri Hospital.\n\nThe bills are in suspense.",
        "Beste,\n\nMet vriendelijke groet van onze nieuwe collega: de factuur is betaald.\n\nWij horen graag of alles zo klopt.",
        "Bonjour à tous,\n\nM. Vogt s'était engagé sur 500 € pour le retard.",
        "SOGEPLAST AIN\nZone industrielle du Pont-Neuf\n\nSaint-Vulbert, le 24 mai 2023\n\nMadame, Monsieur,\n\nLe lot est conforme.",
    ],
)
def test_formulas_and_names_at_the_top_end_nothing(text: str) -> None:
    assert (
        read(f"{text}\n\nRegards,\nJan", Address("achats@sogeplast-ain.example", "Achats Sogeplast")).reply_text == text
    )


@pytest.mark.parametrize(
    "told",
    [
        "Please note our new address:\n\nDe Boer Bouw B.V.\nHoofdstraat 1\n1234 AB Zwolle",
        "Please send the copies to:\njan@deboerbouw.nl",
        "Unser neuer Ansprechpartner:\nPetra Klein\nTel. 030 12345\npetra@muster.example",
        "Our new bank account:\n\nIBAN NL91ABNA0417164300\nBIC ABNANL2A",
    ],
)
@pytest.mark.parametrize("ending", ["\n\nJan", "\nKind regards\nJan de Boer", "\n\nThanks\nJan"])
def test_addresses_that_are_told_stay(told: str, ending: str) -> None:
    assert read(f"Dear AR,\n\n{told}{ending}").reply_text == f"Dear AR,\n\n{told}"


def test_a_formula_between_sentences_ends_nothing() -> None:
    own = (
        "Groetjes uit Oostende!\n\nHet weer is prachtig en wij blijven hier tot eind van de maand, dus de factuur blijft nog even liggen.\n\n"
        "Wil je intussen een kopie van 2025-118 naar mijn boekhouder sturen, die betaalt hem dan."
    )
    assert read(f"{own}\n\nGroet,\nJan").reply_text == own


def test_a_postscript_is_new_text() -> None:
    text = read(
        "Is betaald.\n\nGroet,\nJan\n\nP.S. Factuur 2025-119 mag naar administratie@deboerbouw.nl.\n\nDe Boer Bouw B.V."
    )
    assert text.reply_text == "Is betaald.\n\nP.S. Factuur 2025-119 mag naar administratie@deboerbouw.nl.".replace(
        "\n\nP", "\nP"
    )
    assert [part.kind.value for part in text.parts] == ["new", "signature", "new", "signature"]


@pytest.mark.parametrize(
    "afterthought",
    [
        "Oh ja, factuur 2025-119 hebben wij nooit gekregen, kunt u die sturen?",
        "One more thing: 2025-119 never arrived, could you send it?",
        "Ach ja, die 2025-119 ist nie angekommen, bitte schicken.",
        "J'oubliais : la 2025-119 n'est jamais arrivée.",
    ],
)
def test_an_afterthought_is_new_text(afterthought: str) -> None:
    text = read(f"Is betaald.\n\nGroet,\nJan\n\n{afterthought}\n\n> oude mail")
    assert text.reply_text == f"Is betaald.\n{afterthought}"
    assert text.parts[-1].kind is PartKind.QUOTE


def test_a_mail_in_its_subject_has_no_new_text() -> None:
    text = read("Jan de Boer\nDe Boer Bouw\nVerstuurd vanaf mijn Galaxy", subject="2025-118 is betaald")
    assert text.reply_text == ""


@pytest.mark.parametrize("body", ["ok", "Klopt.", "betaald gr jan", "Danke", "Jan", "Merci !", "👍"])
def test_one_line_is_own_text(body: str) -> None:
    assert read(body).reply_text == body


@pytest.mark.parametrize(
    "disclaimer",
    [
        "Dit bericht is uitsluitend bestemd voor de geadresseerde.",
        "This is an automated message. You receive it because notifications are switched on.",
        "CONFIDENTIALITY: This e-mail may contain data that is private.",
        "Bitte antworten Sie nicht auf diese E-Mail.",
        "Ce message peut contenir des informations confidentielles.",
        "View request · Turn off this request's notifications",
        "Uitschrijven | Bekijk in browser",
        "Pour vous désinscrire de l'alerte, cliquez ici",
    ],
)
def test_disclaimers_and_footers(disclaimer: str) -> None:
    text = read(f"Factuur 2025-118 is betaald.\n\nDe rest volgt vrijdag.\n\n{disclaimer}")
    assert text.reply_text == "Factuur 2025-118 is betaald.\n\nDe rest volgt vrijdag."


@pytest.mark.parametrize(
    "banner",
    [
        "[EXTERN] Diese Nachricht stammt von ausserhalb der Organisation.",
        "CAUTION: This email originated from outside of the organization. Do not click links.",
        "LET OP: deze mail komt van een externe afzender.",
        "[MESSAGE EXTERNE] Soyez vigilant avant de cliquer sur un lien.",
        "*** EXTERNAL EMAIL ***\n________________________________",
        "##- Typ uw antwoord boven deze regel -##",
        "## Reply above this line ##\n\nKira (AP) commented:",
        "Ticket #88 has been updated by Kira:\nStatus: open",
    ],
)
def test_what_machines_put_on_top(banner: str) -> None:
    text = read(f"{banner}\n\nGuten Tag,\n\nist bezahlt.\n\nMfG\nJan")
    assert text.reply_text == "Guten Tag,\n\nist bezahlt."
    assert text.parts[0].kind is PartKind.DISCLAIMER
