"""Remittance advice: the text of an advice, and the payments that are read of it."""

from datetime import date

import pytest
from factories.mails import a_mail
from hypothesis import given
from hypothesis import strategies as st

from extractors import remittance
from extractors.dates import Dates
from extractors.linking import Linker
from extractors.reading import Reading
from extractors.remittance_advice import Advice
from inbox_agent.domain.act import Act, Evidence, InvoiceLink, LinkReason
from inbox_agent.domain.ledger import Customer, Invoice, InvoiceKind, Ledger
from inbox_agent.domain.mail import Attachment, Mail
from inbox_agent.domain.money import Money
from inbox_agent.domain.taxonomy import DisputeReason, Intent

RECEIVED = date(2026, 3, 5)
LINKER, DATES, READING = Linker(), Dates(), Reading()


def ledger(**amounts: str) -> Ledger:
    """Open items of January, by number; a negative one is a credit note."""
    return Ledger(
        Customer("7", "Boer"),
        tuple(
            Invoice(
                number,
                date(2026, 1, 10),
                date(2026, 2, 9),
                Money.parse(amount),
                Money.parse(amount),
                InvoiceKind.CREDIT_NOTE if amount.startswith("-") else InvoiceKind.INVOICE,
            )
            for number, amount in amounts.items()
        ),
    )


LEDGER = ledger(**{"2026-0117": "1210.00", "2026-0118": "605.00", "2026-0121": "484.00", "CN-77": "-121.00"})


def read(body: str = "Bijgaand.", *attached: str, name: str = "avis.pdf", subject: str = "") -> tuple[Mail, Advice]:
    mail = a_mail(
        subject=subject,
        text=body,
        received_on=RECEIVED,
        attachments=tuple(Attachment(name, "application/pdf", 1, index, text) for index, text in enumerate(attached)),
    )
    return mail, remittance.read(mail, READING.read(mail), LEDGER, LINKER, DATES, month_first=False)


def paid(body: str = "Bijgaand.", *attached: str, name: str = "avis.pdf") -> list[tuple[str, str]]:
    """Number (as the ledger has it, "?" when unknown) and amount of every payment."""
    _, advice = read(body, *attached, name=name)
    return [(act.invoices[0].number if act.invoices else "?", str(act.amount)) for act in advice.joined(())]


FIRST, SECOND = ("2026-0117", "1210.00"), ("2026-0118", "605.00")


@pytest.mark.parametrize(
    ("advice", "payments"),
    [
        pytest.param(
            "Uw factuur   Datum        Bruto      Inhouding   Netto\n"
            "2026-0117    10-01-2026   1.210,00   181,50-     1.028,50   verrekend met CN-77\n"
            "2026-0118    10-01-2026     605,00                605,00\n"
            "Totaal                                          1.633,50",
            [("2026-0117", "1028.50"), SECOND],
            id="columns by place, a remark names another number",
        ),
        pytest.param(
            "Invoice,Invoice Date,Gross Amount,Discount,Net Amount\n"
            '2026-0117,01/10/2026,"1,210.00",24.20,"1,185.80"\n2026-0118,01/10/2026,605.00,,605\nTotal,,,,"1,790.80"',
            [("2026-0117", "1185.80"), SECOND],
            id="CSV with commas and quotes",
        ),
        pytest.param(
            "Rechnungsnr.\tRechnungsdatum\tBrutto\tSkonto\tAbzug\tZahlbetrag\n"
            "2026-0117\t2026-01-10\t1210\t24.2\t\t1185.8\n2026-0118\t2026-01-10\t605\t0\t100\t505\nSumme\t\t1815\t24.2\t100\t1690.8",
            [("2026-0117", "1185.80"), ("2026-0118", "505.00")],
            id="a workbook's bare numbers",
        ),
        pytest.param(
            "Factuur   Bedrag     Betaald    Openstaand\n2026-0117  1.210,00  1.000,00  210,00\n2026-0118    605,00    605,00    0,00",
            [("2026-0117", "1000.00"), SECOND],
            id="what was paid is not the last column",
        ),
        pytest.param(
            "N° facture   Montant   Déduction\n2026-0117   1 210,00   110,00\n2026-0118   605,00   0,00",
            [("2026-0117", "1100.00"), SECOND],
            id="what was paid is not shown",
        ),
        pytest.param(
            "2026-0117 1.210,00 Delkredere -12,10 Zahlung 1.197,90\nCN-77 -121,00\nGesamt 1.076,90",
            [("2026-0117", "1197.90")],
            id="words instead of columns; a credit note is no payment",
        ),
        pytest.param(
            "2026-0117 | 1.210,00 | payé\n2026-0118 | 605,00 | rejeté (déjà enregistrée sous 2026-0117)",
            [FIRST],
            id="a row that was refused",
        ),
        pytest.param(
            "Zahlungsavis\n2026-0117   1.210,00\n2026-0118   605,00\n\nNicht enthalten:\n2026-0121   484,00",
            [FIRST, SECOND],
            id="a list of what was left out",
        ),
        pytest.param(
            "Rechnung: 2026-0117\nRechnungsbetrag: 1.210,00\nSkonto: 24,20\nZahlbetrag: 1.185,80\n\n"
            "Rechnung: 2026-0118\nZahlbetrag: 605,00",
            [("2026-0117", "1185.80"), SECOND],
            id="blocks",
        ),
        pytest.param(
            "2026-0117 termijn 4\n  € 900,00 op NL61RABO0330117205 (vrij)\n  € 310,00 (G-rekening)\n2026-0118 605,00",
            [("2026-0117", "900.00"), ("2026-0117", "310.00"), SECOND],
            id="paid on two accounts",
        ),
        pytest.param(
            "Invoice   Amount\n2026-0117   1,210.00\n2026-0199   300.00\nTotal   1,510.00",
            [FIRST, ("?", "300.00")],
            id="a number that the ledger does not know",
        ),
        pytest.param("Invoice\tDue date\tOutstanding\n2026-0117\t09-02-2026\t1.210,00\n2026-0118\t09-02-2026\t605,00", [], id="a statement"),
        pytest.param("Overschrijving uitgevoerd\nBedrag: € 1.210,00\nOmschrijving: 2026-0117", [FIRST], id="a slip"),
    ],
)  # fmt: skip
def test_an_attached_advice(advice: str, payments: list[tuple[str, str]]) -> None:
    assert paid("Bijgaand onze betaling.", advice) == payments


@pytest.mark.parametrize(
    ("body", "payments"),
    [
        pytest.param(
            "Hi,\n\nwe paid:\n- 2026-0117: €1,210.00\n- 2026-0118: €500.00 (short €105, damaged pallet)\n\nBest,\nAnn",
            [FIRST, ("2026-0118", "500.00")],
            id="a list",
        ),
        pytest.param(
            "Dag,\n\n2026-0117   1.210,00   betaald\n2026-0118   605,00   betaald\n2026-0121   484,00   wordt vrijdag betaald",
            [FIRST, SECOND],
            id="some are still to be paid",
        ),
        pytest.param("We paid 2026-0117 1,210.00, but 2026-0118 605.00 is not ours and stays unpaid.", [], id="a sentence"),
        pytest.param("2026-0117   1.210,00", [], id="one line alone is no table"),
        pytest.param("Factuurnummer   Betaald\n2026-0117   1.210,00", [FIRST], id="unless a header stands over it"),
    ],
)  # fmt: skip
def test_an_advice_in_the_mail_itself(body: str, payments: list[tuple[str, str]]) -> None:
    assert paid(body) == payments


def test_a_copy_of_the_invoice_tells_of_no_payment() -> None:
    bill = "Invoice 2026-0117\nDue date: 2026-02-09\nAmount due: 1210.00 EUR"
    assert paid("Betaald.", bill, name="2026-0117.pdf") == []


def test_an_advice_sent_twice_is_read_once() -> None:
    rows = "2026-0117   1.210,00\n2026-0118   605,00"
    assert paid("Bijgaand.", f"Betaalspecificatie\n{rows}", rows.replace("   ", "\t")) == [FIRST, SECOND]


def days(body: str, *attached: str, subject: str = "") -> list[date | None]:
    _, advice = read(body, *attached, subject=subject)
    return [act.date for act in advice.joined(())]


ROWS = "2026-0117   1.210,00\n2026-0118   605,00"


@pytest.mark.parametrize(
    ("body", "attached", "subject", "day"),
    [
        ("Bijgaand.", f"Avis 01-02-2026\nValuta 30.04.2025\n{ROWS}", "", date(2025, 4, 30)),
        ("Bijgaand.", f"Betaalspecificatie 02-03-2026\n{ROWS}", "", date(2026, 3, 2)),
        ("Bijgaand de specificatie van onze betaling van vandaag.", ROWS, "", RECEIVED),
        ("Bijgaand.", ROWS, "Betaaladvies 03-03-2026", date(2026, 3, 3)),
        (f"Onze betaling van 3 maart:\n\n{ROWS}\n\nUw creditnota van 1 februari volgt.", "", "", date(2026, 3, 3)),
        (f"Uitvoering : 04/03/2026\n\n{ROWS}", "", "", date(2026, 3, 4)),
    ],
)
def test_the_day_of_an_advice(body: str, attached: str, subject: str, day: date) -> None:
    assert days(body, *filter(None, [attached]), subject=subject) == [day, day]


def test_rows_with_a_day_of_their_own() -> None:
    assert days("", "inv_no,check_date,net\n2026-0117,03/03/2026,1210.00\n2026-0118,04/03/2026,605.00") == [
        date(2026, 3, 3),
        date(2026, 3, 4),
    ]
    assert days("ck 2207   02/03   inv 2026-0117   $1,210.00\nck 2208   04/03   inv 2026-0118   $605.00") == [
        date(2026, 3, 2),
        date(2026, 3, 4),
    ]


def test_the_dates_of_invoices_are_no_days_of_payment() -> None:
    assert days("", "2026-0117 d.d. 10-01-2026 EUR 1.210,00\n2026-0118 d.d. 09-02-2026 EUR 605,00") == [None, None]


def said(
    intent: Intent, mail: Mail, words: str, *numbers: str, why: LinkReason = LinkReason.NUMBER, **told: object
) -> Act:
    start = mail.text.index(words)
    links = tuple(InvoiceLink(number, why, number) for number in numbers)
    return Act(intent, Evidence(words, start, start + len(words)), links, **told)  # type: ignore[arg-type]


def test_a_dispute_learns_the_row_that_kept_something_back() -> None:
    mail, advice = read("Uw ref   Bruto   Inhouding   Netto\n2026-0117   1.210,00   110,00   1.100,00\n2026-0118   605,00   0,00   605,00\n\nBreuk.")  # fmt: skip
    dispute = said(Intent.DISPUTE, mail, "Breuk", "2026-0117", "2026-0118", reason=DisputeReason.QUALITY)
    (found, *_) = advice.joined([dispute])
    assert [link.number for link in found.invoices] == ["2026-0117"]
    assert found.amount == Money(11000)
    assert found.reason is DisputeReason.QUALITY


def test_what_the_ledger_misses_counts_only_where_the_mail_names_it() -> None:
    rows = ROWS.replace("605,00", "545,00")
    for words, amount in (("Op de laatste 60,00 ingehouden", "60.00"), ("Op de laatste iets ingehouden", "None")):
        mail, advice = read(f"{rows}\n\n{words}")
        dispute = advice.joined([said(Intent.DISPUTE, mail, "ingehouden")])[0]
        assert ([link.number for link in dispute.invoices], str(dispute.amount)) == (["2026-0118"], amount)


def test_a_promise_on_the_line_of_a_paid_row_needs_a_later_day() -> None:
    mail, advice = read(f"Betaald 02-03-2026:\n{ROWS} (rest volgt 12-03)")
    done = said(Intent.PROMISE_TO_PAY, mail, "1.210,00", date=date(2026, 3, 2))
    rest = said(Intent.PROMISE_TO_PAY, mail, "rest volgt", date=date(2026, 3, 12))
    kept = advice.joined([done, rest])
    assert [(act.intent, act.invoices[0].number) for act in kept] == [
        (Intent.PROMISE_TO_PAY, "2026-0118"),
        (Intent.PAYMENT_NOTIFICATION, "2026-0117"),
        (Intent.PAYMENT_NOTIFICATION, "2026-0118"),
    ]


def test_a_dispute_about_another_invoice_stays_as_it_is() -> None:
    mail, advice = read(f"{ROWS.replace('605', '600')}\n\n2026-0121 klopt niet.")
    dispute = said(Intent.DISPUTE, mail, "klopt niet", "2026-0121")
    assert advice.joined([dispute])[0] == dispute


def test_a_row_that_was_rejected_is_what_its_dispute_is_about() -> None:
    mail, advice = read("Zie bijlage.", "2026-0117 | 1.210,00 | payé\n2026-0118 | 605,00 | rejeté (doublon)")
    (dispute, payment) = advice.joined([said(Intent.DISPUTE, mail, "Zie bijlage")])
    assert ([link.number for link in dispute.invoices], str(dispute.amount)) == (["2026-0118"], "605.00")
    assert [link.number for link in payment.invoices] == ["2026-0117"]


def test_a_row_that_only_takes_off_tells_its_dispute_how_much() -> None:
    line = "D-402  2026-0117  SHORTAGE 14 CTNS  -504.00"
    mail, advice = read(f"Deductions taken:\n{line}\n\nPAID NET:\n2026-0117  706.00\n2026-0118  605.00")
    dispute = said(Intent.DISPUTE, mail, "SHORTAGE", "2026-0117", amount=Money(1400))
    assert str(advice.joined([dispute])[0].amount) == "504.00"


def test_brackets_explain_what_was_kept_back() -> None:
    _, advice = read(f"{ROWS.replace('605,00', '587,15')}   (Ihre 605,00 minus 17,85, zerbrochen)")
    assert [row.withheld for row in advice.rows] == [None, Money(1785)]


def test_a_payment_of_what_the_rows_do_not_list_stays() -> None:
    mail, advice = read(f"Betaald:\n{ROWS}\n\nOok 2026-0121 is betaald. CN-77 en de andere facturen kloppen niet.")
    other = said(Intent.PAYMENT_NOTIFICATION, mail, "2026-0121 is betaald", "2026-0121")
    vague = said(Intent.PAYMENT_NOTIFICATION, mail, "de andere", "2026-0121", why=LinkReason.ALL_OPEN)
    assert [act.invoices[0].number for act in advice.joined([other, vague])] == ["2026-0121", "2026-0117", "2026-0118"]


STATUS = """Stand van uw facturen:
Factuur       Bedrag       Status
2026-0117     1.210,00     betaald 02-03-2026
2026-0118     605,00       geblokkeerd, verschil € 45,20
2026-0121     484,00       betaling op 12-03-2026"""


def test_of_a_list_that_tells_how_invoices_stand_only_the_paid_are_payments() -> None:
    mail, advice = read(STATUS)
    dispute = said(Intent.DISPUTE, mail, "geblokkeerd", "2026-0121", amount=Money(48400))
    promise = said(Intent.PROMISE_TO_PAY, mail, "betaling op 12-03-2026", date=date(2026, 3, 12))
    acts = [
        (act.intent, act.invoices[0].number, str(act.amount), act.date) for act in advice.joined([dispute, promise])
    ]
    assert acts == [
        (Intent.DISPUTE, "2026-0118", "45.20", None),
        (Intent.PROMISE_TO_PAY, "2026-0121", "484.00", date(2026, 3, 12)),
        (Intent.PAYMENT_NOTIFICATION, "2026-0117", "1210.00", date(2026, 3, 2)),
    ]


def test_remarks_that_do_not_tell_how_a_row_stands_change_nothing() -> None:
    assert paid("2026-0117   1.210,00   termijn 4\n2026-0118   605,00   2% contant") == [FIRST, SECOND]


def test_a_payment_in_the_rows_is_not_said_twice() -> None:
    mail, advice = read(f"Vandaag betaald:\n{ROWS}")
    acts = advice.joined([said(Intent.PAYMENT_NOTIFICATION, mail, "Vandaag betaald", "2026-0117", "2026-0118")])
    assert [str(act.amount) for act in acts] == ["1210.00", "605.00"]


def test_a_slip_gives_only_what_the_mail_leaves_out() -> None:
    mail, advice = read("Deze is maandag betaald.", "Overschrijving 01-03-2026\nBedrag € 1.210,00\nKenmerk 2026-0117")
    told = said(Intent.PAYMENT_NOTIFICATION, mail, "betaald", date=date(2026, 3, 2))
    (act,) = advice.joined([told])
    assert [link.number for link in act.invoices] == ["2026-0117"]
    assert (str(act.amount), act.date, act.evidence) == ("1210.00", date(2026, 3, 2), told.evidence)


def test_a_slip_of_something_else_is_a_payment_of_its_own() -> None:
    mail, advice = read("2026-0118 is betaald.", "Overschrijving 01-03-2026\nBedrag € 1.210,00\nKenmerk 2026-0117")
    acts = advice.joined([said(Intent.PAYMENT_NOTIFICATION, mail, "betaald", "2026-0118")])
    assert [act.invoices[0].number for act in acts] == ["2026-0118", "2026-0117"]


NOTATIONS = (
    lambda cents: f"{cents // 100:,}.{cents % 100:02}",
    lambda cents: f"{cents // 100:,}".replace(",", ".") + f",{cents % 100:02}",
    lambda cents: f"{cents // 100:,}".replace(",", " ") + f",{cents % 100:02}",
    lambda cents: f"{cents // 100}.{cents % 100:02}",
)
HEADERS = (
    ("Uw factuur", "Bruto", "Korting", "Netto"),
    ("Invoice no", "Gross amount", "Discount", "Amount paid"),
    ("Rechnungs-Nr.", "Brutto", "Skonto", "Zahlbetrag"),
    ("N° facture", "Montant brut", "Escompte", "Montant réglé"),
)


@given(
    st.lists(st.tuples(st.sampled_from(sorted(row.number for row in LEDGER.invoices if row.number[0] == "2")), st.integers(200, 9_999_999), st.integers(0, 199)), min_size=2, max_size=3, unique_by=lambda row: row[0]),
    st.sampled_from(HEADERS), st.sampled_from(NOTATIONS), st.sampled_from(["\t", ";", " | ", "columns"]),
)  # fmt: skip
def test_every_written_table_is_read_back(rows, header, notation, delimiter) -> None:  # type: ignore[no-untyped-def]
    table = [header] + [(number, notation(gross), notation(off), notation(gross - off)) for number, gross, off in rows]
    lines = ["".join(cell.ljust(16) if column == 0 else cell.rjust(16) for column, cell in enumerate(row)) if delimiter == "columns" else delimiter.join(row) for row in table]  # fmt: skip
    _, advice = read("Bijgaand.", "\n".join(lines))
    assert [(row.number, row.paid.minor, row.discount.minor if row.discount else None) for row in advice.rows] == [
        (number, gross - off, off) for number, gross, off in rows
    ]


@given(
    st.lists(
        st.sampled_from(
            ["2026-0117", "0118", "CN-77", "1.210,00", "-121,00", "(5.00)", "Netto", "Factuur", "Bedrag", "Totaal", "\n", "\t", "   ", "|", ";", ",", '"', "niet betaald:", "01-03-2026", "€", "x", "–", " / "]
        ),
        max_size=40,
    ).map("".join)
)  # fmt: skip
def test_no_text_makes_it_raise_and_evidence_is_what_stands_there(text: str) -> None:
    mail, advice = read(text, text)
    for row in advice.rows:
        place = row.evidence
        source = mail.attachments[place.attachment].text if place.attachment >= 0 else mail.text
        assert source[place.start : place.end] == place.text
        assert row.number in source
    advice.joined(())
