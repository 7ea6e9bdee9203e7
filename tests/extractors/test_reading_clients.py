"""Quoted and forwarded mail as each program writes it, in four languages and mixed: the new text, and who is quoted."""

from datetime import UTC, datetime

import pytest

from extractors.reading import Reading
from inbox_agent.domain.mail import Address, Mail
from inbox_agent.domain.text import MailText, PartKind

RECEIVED = datetime(2025, 3, 12, 9, tzinfo=UTC)
READING = Reading()


def read(text: str, subject: str = "Re: herinnering") -> MailText:
    return READING.read(Mail(RECEIVED, RECEIVED.date(), Address("jan@deboerbouw.nl", "Jan de Boer"), subject, text))


def said(text: MailText) -> list[tuple[str, str, str]]:
    """Sender, date and subject of each mail of the history."""
    headers = [part.header for part in text.history if part.header]
    return [(str(header.sender or ""), header.sent, header.subject) for header in headers]


REPLIES = {
    "Outlook desktop, Dutch": (
        "Is vrijdag betaald.\n\nMet vriendelijke groet,\nJan\n\nVan: Debiteuren <d@kabel.nl>\nVerzonden: maandag 10 maart 2025 09:00\n"
        "Aan: Jan de Boer <jan@deboerbouw.nl>; Piet van Buren\n <piet@deboerbouw.nl>\nCC: Kim\nOnderwerp: herinnering\n\nGraag betalen.",
        "Is vrijdag betaald.",
        ("Debiteuren <d@kabel.nl>", "maandag 10 maart 2025 09:00", "herinnering"),
    ),
    "Outlook on the web, bold, Dutch reply under an English program": (
        "Is vrijdag betaald.\n\n________________________________\n*From:* AR Desk <ar@kabel.nl>\n*Sent:* Monday, March 10, 2025 9:00 AM\n"
        "*To:* Jan\n*Subject:* reminder\n\nPlease pay.",
        "Is vrijdag betaald.",
        ("AR Desk <ar@kabel.nl>", "Monday, March 10, 2025 9:00 AM", "reminder"),
    ),
    "Outlook, German": (
        "Wird am Freitag bezahlt.\n\nVon: Debitoren [mailto:d@kabel.de]\nGesendet: Montag, 10. März 2025 09:00\nAn: Jan\nBetreff: Mahnung\n\nBitte.",
        "Wird am Freitag bezahlt.",
        ("Debitoren <d@kabel.de>", "Montag, 10. März 2025 09:00", "Mahnung"),
    ),
    "Outlook, French": (
        "Payé vendredi.\n\nDe : Compta <c@cable.fr>\nEnvoyé : lundi 10 mars 2025 09:00\nÀ : Jan\nObjet : relance\n\nMerci de payer.",
        "Payé vendredi.",
        ("Compta <c@cable.fr>", "lundi 10 mars 2025 09:00", "relance"),
    ),
    "Outlook for iOS": (
        "Betaald\n\nOutlook voor iOS downloaden\n________________________________\nVan: d@kabel.nl\nVerzonden: maandag, maart 10, 2025 9:00 AM\n"
        "Aan: Jan\nOnderwerp: herinnering\n\nGraag",
        "Betaald",
        ("d@kabel.nl", "maandag, maart 10, 2025 9:00 AM", "herinnering"),
    ),
    "Exchange, header lines in another order": (
        'Bezahlt.\n\nGesendet: Montag, 10. März 2025 um 09:00 Uhr\nVon: "AR" <ar@kabel.nl>\nAn: jan@deboerbouw.nl\nBetreff: Mahnung\n\nBitte',
        "Bezahlt.",
        ("AR <ar@kabel.nl>", "Montag, 10. März 2025 um 09:00 Uhr", "Mahnung"),
    ),
    "Gmail, Dutch": (
        "Is betaald.\n\nOp ma 10 mrt 2025 om 09:00 schreef Debiteuren <d@kabel.nl>:\n\n> Graag betalen.",
        "Is betaald.",
        ("Debiteuren <d@kabel.nl>", "ma 10 mrt 2025 om 09:00", ""),
    ),
    "Gmail, English, wrapped": (
        "Paid.\n\nOn Mon, 10 Mar 2025 at 09:00, Credit Control Department of the Cable Company\n<ar@kabel.nl> wrote:\n\n> Please pay.",
        "Paid.",
        ("Credit Control Department of the Cable Company <ar@kabel.nl>", "Mon, 10 Mar 2025 at 09:00", ""),
    ),
    "Gmail, German, name first": (
        "Bezahlt.\n\nDebitoren <d@kabel.de> schrieb am Mo., 10. März 2025, 09:00:\n\n> Bitte zahlen.",
        "Bezahlt.",
        ("Debitoren <d@kabel.de>", "Mo., 10. März 2025, 09:00", ""),
    ),
    "Gmail, French": (
        "Payé.\n\nLe lun. 10 mars 2025 à 09:00, Compta <c@cable.fr> a écrit :\n\n> Merci de payer.",
        "Payé.",
        ("Compta <c@cable.fr>", "lun. 10 mars 2025 à 09:00", ""),
    ),
    "Apple Mail, Dutch, introduction inside the quote": (
        "Is betaald.\n\n> Op 10 mrt. 2025 om 09:00 heeft Debiteuren <d@kabel.nl> het volgende geschreven:\n> \n> Graag betalen.",
        "Is betaald.",
        ("Debiteuren <d@kabel.nl>", "10 mrt. 2025 om 09:00", ""),
    ),
    "Thunderbird, German": (
        "Bezahlt.\n\n-- \nJan de Boer\n\nAm 10.03.25 um 09:00 schrieb Debitoren:\n> Bitte zahlen.",
        "Bezahlt.",
        ("Debitoren <>", "10.03.25 um 09:00", ""),
    ),
    "Yahoo, Dutch": (
        "Is betaald\n\n    Op maandag 10 maart 2025 om 09:00:00 CET schreef AR <ar@kabel.nl>:  \n \n Graag betalen",
        "Is betaald",
        ("AR <ar@kabel.nl>", "maandag 10 maart 2025 om 09:00:00 CET", ""),
    ),
    "Zoho": (
        "Paid\n\n---- On Mon, 10 Mar 2025 09:00:00 +0100 AR <ar@kabel.nl> wrote ----\n\n Please pay",
        "Paid",
        ("AR <ar@kabel.nl>", "Mon, 10 Mar 2025 09:00:00 +0100", ""),
    ),
    "Zimbra, French": (
        'Payé.\n\n----- Mail original -----\nDe: "Compta" <c@cable.fr>\nÀ: "Jan" <jan@deboerbouw.nl>\nEnvoyé: Lundi 10 Mars 2025 09:00:00\n'
        "Objet: relance\n\nMerci",
        "Payé.",
        ("Compta <c@cable.fr>", "Lundi 10 Mars 2025 09:00:00", "relance"),
    ),
    "Samsung, Dutch": (
        "ok betaald\n\n-------- Oorspronkelijk bericht --------\nVan: d@kabel.nl \nDatum: 10-03-2025  09:00  (GMT+01:00) \nAan: jan@deboerbouw.nl \n"
        "Onderwerp: Herinnering \n\nGraag",
        "ok betaald",
        ("d@kabel.nl", "10-03-2025  09:00  (GMT+01:00)", "Herinnering"),
    ),
    "GroupWise": (
        'Betaald.\n\n>>> "Debiteuren" <d@kabel.nl> 10-3-2025 09:00 >>>\nGraag betalen.',
        "Betaald.",
        ("Debiteuren <d@kabel.nl>", "10-3-2025 09:00", ""),
    ),
    "Lotus Notes, labels": (
        "Paid.\n\n\nAR Team/Kabel\n10-03-2025 09:00\n\nTo\n\tJan/DeBoer\ncc\n\nSubject\n\tReminder 12\n\nPlease pay",
        "Paid.",
        ("AR Team/Kabel <>", "10-03-2025 09:00", "Reminder 12"),
    ),
    "Lotus Notes, box": (
        "Paid.\n\n|---------+------------------->\n|         | AR Team            |\n|         | <ar@kabel.nl>      |\n|         | 10/03/2025 09:00   |\n"
        "|---------+------------------->\n  To:      Jan\n  cc:\n  Subject: Reminder\n\nPlease pay",
        "Paid.",
        ("AR Team <ar@kabel.nl>", "10/03/2025 09:00", "Reminder"),
    ),
    "ticket system, one line": (
        "Tor ist auf.\nJan\n\nAm 03.06.2024 schrieb Rechnung Erntekisten: Ihr Posten 1244 ist noch offen ...",
        "Tor ist auf.",
        ("Rechnung Erntekisten <>", "03.06.2024", ""),
    ),
    "ticket system, above the line": (
        "##- Please type your reply above this line -##\n\nPaid on Friday.\n\nAR Desk wrote (10/Mar/25 09:00):\n\nPlease pay.",
        "Paid on Friday.",
        ("AR Desk <>", "10/Mar/25 09:00", ""),
    ),
    "Polish header block": (
        "We pay Friday.\n\nOd: AR <ar@kabel.nl>\nWysłano: poniedziałek, 10 marca 2025\nDo: Jan\nTemat: x\n\nPlease",
        "We pay Friday.",
        ("AR <ar@kabel.nl>", "poniedziałek, 10 marca 2025", "x"),
    ),
    "Swedish separator": (
        "We pay Friday.\n\n-----Ursprungligt meddelande-----\nFrån: AR\nSkickat: den 10 mars 2025 09:00\nÄmne: RE: x\n\nPlease",
        "We pay Friday.",
        ("AR <>", "den 10 mars 2025 09:00", "RE: x"),
    ),
    "a language without data, above quoted lines": (
        "We pay Friday.\n\nPir, 2025 kov. 10 09:00 AR Team <ar@kabel.nl> parašė:\n\n> Please",
        "We pay Friday.",
        ("AR Team <ar@kabel.nl>", "Pir, 2025 kov. 10 09:00", ""),
    ),
    "Outlook Email App for Android": (
        "Betaald!\n\n10/03/25 09:00, AR <ar@kabel.nl>:\n\nGraag betalen",
        "Betaald!",
        ("AR <ar@kabel.nl>", "10/03/25 09:00", ""),
    ),
    "Freshdesk, Dutch": (
        "Betaald!\n\nOp 10-03-2025 09:00 heeft AR via Freshdesk <ar@kabel.freshdesk.com> geschreven:\n\nGraag betalen",
        "Betaald!",
        ("AR via Freshdesk <ar@kabel.freshdesk.com>", "10-03-2025 09:00", ""),
    ),
    "a department beside the name": (
        "12 is dubbel.\n\nGr Jan\n\nVan: Anna de Vries (Debiteuren) <anna@kabel.nl>\nDatum: maandag 10 maart 2025 om 09:00\nAan: Jan\nOnderwerp: Re: 12\n\nKlopt dat?",
        "12 is dubbel.",
        ("Anna de Vries (Debiteuren) <anna@kabel.nl>", "maandag 10 maart 2025 om 09:00", "Re: 12"),
    ),
    "a sender alone above the words": (
        "tikkie? nee grapje. woensdag\nJan\n\nVan: Aardappel & Co\nAC-7719 staat nog open.",
        "tikkie? nee grapje. woensdag",
        ("Aardappel & Co <>", "", ""),
    ),
}


@pytest.mark.parametrize(("text", "new", "header"), REPLIES.values(), ids=REPLIES.keys())
def test_reply(text: str, new: str, header: tuple[str, str, str]) -> None:
    read_text = read(text)
    assert read_text.reply_text == new
    sender, sent, subject = said(read_text)[0]
    assert (sender, sent.strip(), subject) == header
    assert {part.kind for part in read_text.history} == {PartKind.QUOTE}
    assert read_text.forwarded_from is None


def test_each_quoted_mail_is_a_part() -> None:
    text = read(
        "Ok.\n\nVan: Debiteuren <d@kabel.nl>\nVerzonden: maandag 10 maart 2025 09:00\nAan: Jan\nOnderwerp: RE: herinnering\n\nDank, wanneer?\n\n"
        "Van: Jan de Boer\nVerzonden: vrijdag 7 maart 2025 10:00\nAan: Debiteuren\nOnderwerp: RE: herinnering\n\nDeze week.\n\n"
        "Op ma 3 mrt 2025 om 09:00 schreef Debiteuren <d@kabel.nl>:\n> Graag betalen.\n"
    )
    assert [sender for sender, _, _ in said(text)] == [
        "Debiteuren <d@kabel.nl>",
        "Jan de Boer <>",
        "Debiteuren <d@kabel.nl>",
    ]
    assert "Deze week." in text.source[text.history[1].start : text.history[1].end]


def test_deeper_quotes_are_earlier_mails_and_the_outer_one_goes_on_below() -> None:
    text = read(
        "Payé\n\nLe lun. 10 mars 2025 à 09:00, Compta <c@cable.fr> a écrit :\n\n> Payer\n>\n"
        "> Le ven. 7 mars 2025 à 10:00, Jan <jan@deboerbouw.nl> a écrit :\n>\n>> Plus vieux\n> Cordialement\n"
    )
    assert [sender for sender, _, _ in said(text)] == [
        "Compta <c@cable.fr>",
        "Jan <jan@deboerbouw.nl>",
        "Compta <c@cable.fr>",
    ]


FORWARDS = {
    "Gmail": "---------- Forwarded message ---------\nVan: Piet Klant <piet@klant.nl>\nDate: ma 10 mrt 2025 om 09:00\nSubject: betaling\nTo: <ar@kabel.nl>\n\n"
    "Wij betalen vrijdag.",
    "Apple Mail": "Begin doorgestuurd bericht:\n\n> Van: Piet Klant <piet@klant.nl>\n> Onderwerp: betaling\n> Datum: 10 maart 2025 om 09:00\n> Aan: jan\n> \n"
    "> Wij betalen vrijdag.",
    "Thunderbird": "-------- Weitergeleitete Nachricht --------\nBetreff:\tbetaling\nDatum:\tMon, 10 Mar 2025 09:00:00 +0100\nVon:\tPiet Klant <piet@klant.nl>\n"
    "An:\tjan@deboerbouw.nl\n\nWij betalen vrijdag.",
    "Lotus Notes": "----- Transféré par Jan/ACME le 10/03/2025 09:00 -----\n\nDe:\tPiet Klant <piet@klant.nl>\nPour:\tjan\nDate:\t10/03/2025 08:00\nObjet:\tbetaling\n\n"
    "Wij betalen vrijdag.",
    "Zoho": "============ Forwarded message ============\nFrom: Piet Klant <piet@klant.nl>\nTo: jan@deboerbouw.nl\nDate: Mon, 10 Mar 2025 09:00:00 +0100\n"
    "Subject: betaling\n============ Forwarded message ============\n\nWij betalen vrijdag.",
    "Outlook, by the mail's own subject": "Van: Piet Klant [mailto:piet@klant.nl]\nVerzonden: maandag 10 maart 2025 09:00\nAan: Jan\nOnderwerp: betaling\n\n"
    "Wij betalen vrijdag.",
}


@pytest.mark.parametrize("forward", FORWARDS.values(), ids=FORWARDS.keys())
def test_forward_keeps_who_wrote_it(forward: str) -> None:
    text = read(f"Zie hieronder, graag verwerken.\n\n{forward}\n", "FW: betaling")
    assert text.reply_text == "Zie hieronder, graag verwerken."
    assert text.forwarded_from == Address("piet@klant.nl", "Piet Klant")
    part = next(part for part in text.parts if part.kind is PartKind.FORWARD)
    assert part.header
    assert part.header.subject == "betaling"
    assert "Wij betalen vrijdag." in text.source[part.start : part.end]


def test_what_the_forwarded_mail_quotes_is_no_forward() -> None:
    text = read(
        f"Zie onder\n\n{FORWARDS['Gmail']}\n\nVan: AR <ar@kabel.nl>\nVerzonden: 1 maart 2025\nAan: Piet\nOnderwerp: herinnering\n\nGraag",
        "Fwd: betaling",
    )
    assert [part.kind for part in text.history] == [PartKind.FORWARD, PartKind.QUOTE]


@pytest.mark.parametrize("subject", ["FW: x", "Fwd: x", "WG: x", "TR: x", "Doorst: x", "RE: WG: x"])
def test_prefixes_of_forwards(subject: str) -> None:
    text = read("Zie onder\n\nVan: Piet\nVerzonden: 1 maart 2025\nAan: Jan\nOnderwerp: x\n\nGraag", subject)
    assert text.forwarded_from == Address("", "Piet")


def test_answers_between_quotes() -> None:
    text = read("Hoi,\n\n> Is 123 betaald?\nJa, vrijdag.\n> En 124?\nNee.\n\nGroet\nJan\n\n> oude rest\n")
    assert text.reply_text == "Hoi,\nJa, vrijdag.\nNee."
    assert [part.kind.value for part in text.parts] == [
        "new",
        "quote",
        "new",
        "quote",
        "new",
        "signature",
        "quote",
    ]


def test_answers_marked_within_the_quoted_mail() -> None:
    text = read(
        "Hoi, zie mijn antwoorden hieronder.\n\nJan\n\nVan: AR <ar@kabel.nl>\nVerzonden: maandag 10 maart 2025 09:00\nAan: Jan\nOnderwerp: vragen\n\n"
        "1. Wanneer betaalt u 12?\n[Jan:] vrijdag\n2. En 13?\n[JdB] nooit, die is dubbel\n\nGroet\nAR"
    )
    assert text.reply_text == "Hoi, zie mijn antwoorden hieronder.\n[Jan:] vrijdag\n[JdB] nooit, die is dubbel"
    assert {str(part.header.sender) for part in text.history if part.header} == {"AR <ar@kabel.nl>"}


def test_the_frame_of_a_form_says_who_wrote() -> None:
    text = read(
        "Van: Familie Pietsch <pietsch@sonnenpost.example>\nAan: ar@kabel.nl\nOnderwerp: contactformulier\n\nIk betaal vrijdag.",
        "Nieuw bericht via de website",
    )
    assert text.reply_text == "Ik betaal vrijdag."
    assert text.forwarded_from == Address("pietsch@sonnenpost.example", "Familie Pietsch")


def test_an_empty_answer_above_a_quoted_mail_is_no_form() -> None:
    assert (
        read("Van: AR <ar@kabel.nl>\nVerzonden: 10 maart 2025\nAan: Jan\nOnderwerp: x\n\nGraag betalen.").reply_text
        == ""
    )


OWN = {
    "a period": "Wij betalen:\n\nVan: 1 t/m 31 mei\nAan: huur\n\nTotaal 300 euro.",
    "a telephone note": "Voor: debiteuren\nVan: mw. Oosterlaken\nTel: 06 - 1122 0987\nOntvangen: 10.35 u.\n\nHaar man ligt in het ziekenhuis.",
    "a voice mail": "You have a new voice message.\n\nFrom: 01632 960118\nReceived: Wed 27 Aug 2025 10:12\nTranscription:\n\nI paid the stump.",
    "words that are cited": "Beste,\nOp 10 maart 2025 schreef u: graag betalen. Dat is gebeurd.",
    "an appointment": "When: Thursday Jun 4, 2026 1pm\nWhere: Google Meet\nGuests: Lotte (organizer), ar@kabel.nl\n\nLotte: sorry, on Friday.",
    "a reference to a message": "Uw bericht van 3 mei hebben wij ontvangen. Wij betalen vrijdag.",
    "a form": "Naam: Piet\nE-mail: piet@klant.nl\nOnderwerp: factuur 123\nBericht: is vrijdag betaald.",
}


@pytest.mark.parametrize("text", OWN.values(), ids=OWN.keys())
def test_labels_and_citations_are_own_text(text: str) -> None:
    assert read(text, "melding").reply_text == text


@pytest.mark.parametrize(
    "line", ["> NU BETALEN <", ">> Zending vrijgeven <<", ">> Jetzt Webinar am 3. Juli sichern", "> Lees verder"]
)
def test_buttons_of_newsletters_are_no_quotes(line: str) -> None:
    text = f"Uw pakket wacht op u.\n\n{line}\n\nDe link verloopt morgen."
    assert read(text, "Uw pakket").reply_text == text


def test_lists_of_newsletters_are_no_quotes() -> None:
    text = "Het nieuws van deze week.\n\n> Meer faillissementen\n> Webinar op 27 maart\n\nTot volgende week."
    assert read(f"{text}\n\nUitschrijven | Voorkeuren", "Nieuws").reply_text == text


def test_the_transcript_of_a_mail_server_is_no_quote() -> None:
    text = "... while talking to mail.roofing.example.:\n>>> DATA\n<<< 550 5.7.1 Unable to relay"
    assert read(text, "Returned mail").reply_text == text
