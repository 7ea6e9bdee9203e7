"""One advice in every form in which customers send it: from the file's bytes to the same two payments."""

import io
from datetime import date

import openpyxl
import pytest
from factories.mails import a_mail
from fpdf import FPDF

from extractors import remittance
from extractors.dates import Dates
from extractors.linking import Linker
from extractors.reading import Reading
from inbox_agent.domain.ledger import Customer, Invoice, Ledger
from inbox_agent.domain.mail import Attachment
from inbox_agent.domain.money import Money
from inbox_agent.mailbox.attachment_text import Budget, attachment_text

HEAD = ("Rechnungsnr.", "Rechnungsdatum", "Brutto", "Skonto", "Zahlbetrag")
ROWS = (
    ("2026-0117", "10.01.2026", "1.210,00", "24,20", "1.185,80"),
    ("2026-0118", "10.01.2026", "605,00", "", "605,00"),
)
DAY = "Wertstellung 03.03.2026"
LEDGER = Ledger(
    Customer("7", "Boer"),
    tuple(
        Invoice(number, date(2026, 1, 10), date(2026, 2, 9), Money(minor), Money(minor))
        for number, minor in (("2026-0117", 121_000), ("2026-0118", 60_500))
    ),
)


def pdf() -> bytes:
    document = FPDF()
    document.set_font("helvetica", size=10)
    document.add_page()
    document.cell(text=DAY)
    document.ln()
    for row in (HEAD, *ROWS, ("Summe", "", "1.815,00", "24,20", "1.790,80")):
        for index, cell in enumerate(row):
            document.cell(w=35, h=6, text=cell, align="L" if index < 2 else "R")
        document.ln()
    return bytes(document.output())


def workbook() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (
        (DAY,),
        (),
        HEAD,
        ("2026-0117", date(2026, 1, 10), 1210, 24.2, 1185.8),
        ("2026-0118", date(2026, 1, 10), 605, None, 605),
        ("Summe", None, 1815, 24.2, 1790.8),
    ):
        sheet.append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


CAMT = """<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><Stmt><Id>1</Id><Ntry>
<Amt Ccy="EUR">1790.80</Amt><ValDt><Dt>2026-03-03</Dt></ValDt><NtryDtls><TxDtls><RmtInf>
<Strd><RfrdDocInf><Nb>2026-0117</Nb></RfrdDocInf><RfrdDocAmt><DuePyblAmt Ccy="EUR">1210.00</DuePyblAmt><DscntApldAmt Ccy="EUR">24.20</DscntApldAmt><RmtdAmt Ccy="EUR">1185.80</RmtdAmt></RfrdDocAmt></Strd>
<Strd><RfrdDocInf><Nb>2026-0118</Nb></RfrdDocInf><RfrdDocAmt><RmtdAmt Ccy="EUR">605.00</RmtdAmt></RfrdDocAmt></Strd>
</RmtInf></TxDtls></NtryDtls></Ntry></Stmt></BkToCstmrStmt></Document>"""

REMADV = (
    "UNB+UNOC:3+A+B+260303:1000+1'UNH+1+REMADV:D:96A:UN'BGM+481+4711'DTM+203:20260303:102'CUX+2:EUR:4'"
    "DOC+380+2026-0117'MOA+9:1210.00'MOA+52:24.20'MOA+12:1185.80'DOC+380+2026-0118'MOA+12:605.00'UNS+S'UNT+9+1'"
)
CSV = "\r\n".join([DAY, *(";".join(row) for row in (HEAD, *ROWS)), "Summe;;1.815,00;24,20;1.790,80"])
HTML = f"<p>{DAY}</p><table>" + "".join(
    "<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in (HEAD, *ROWS)
)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("avis.pdf", pdf()),
        ("avis.xlsx", workbook()),
        ("avis.csv", CSV.encode("cp1252")),
        ("avis.html", HTML.encode()),
        ("camt053.xml", CAMT.encode()),
        ("avis.edi", REMADV.encode()),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_form_tells_the_same_payments(name: str, data: bytes) -> None:
    read = attachment_text(data, "application/octet-stream", name, "", Budget())
    mail = a_mail(
        text="Anbei unser Avis.",
        received_on=date(2026, 3, 5),
        attachments=(Attachment(name, "", len(data), 1, read.text),),
    )
    advice = remittance.read(mail, Reading().read(mail), LEDGER, Linker(), Dates(), month_first=False)
    assert [(act.invoices[0].number, str(act.amount), act.date) for act in advice.joined(())] == [
        ("2026-0117", "1185.80", date(2026, 3, 3)),
        ("2026-0118", "605.00", date(2026, 3, 3)),
    ]
    assert str(advice.rows[0].discount) == "24.20"
