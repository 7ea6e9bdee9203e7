"""XML about money as text: each test shows the file and what a person reads of it."""

from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_agent.mailbox.attachment_text import Budget, Reading, attachment_text
from inbox_agent.mailbox.attachment_xml import xml_text
from inbox_agent.mailbox.limits import LIMITS

UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
NAMES = f'xmlns:cbc="{UBL}CommonBasicComponents-2" xmlns:cac="{UBL}CommonAggregateComponents-2"'


def read(xml: str, name: str = "a.xml") -> Reading:
    return attachment_text(xml.encode(), "application/xml", name, "", Budget())


def text(xml: str) -> str:
    return xml_text(xml.encode(), asdict(LIMITS))[0]


def test_a_peppol_invoice() -> None:
    assert text(f"""
        <Invoice xmlns="{UBL}Invoice-2" {NAMES}>
          <cbc:ID>2026-0117</cbc:ID><cbc:IssueDate>2026-03-01</cbc:IssueDate><cbc:DueDate>2026-03-31</cbc:DueDate>
          <cac:OrderReference><cbc:ID>PO 4500</cbc:ID></cac:OrderReference>
          <cac:AccountingSupplierParty><cac:Party><cac:PartyName><cbc:Name>Halvermaan</cbc:Name></cac:PartyName></cac:Party></cac:AccountingSupplierParty>
          <cac:LegalMonetaryTotal><cbc:TaxInclusiveAmount currencyID="EUR">121.00</cbc:TaxInclusiveAmount>
            <cbc:PayableAmount currencyID="EUR">121.00</cbc:PayableAmount></cac:LegalMonetaryTotal>
        </Invoice>""") == (
        "Invoice 2026-0117\nIssue date: 2026-03-01\nDue date: 2026-03-31\nOrder: PO 4500\nFrom: Halvermaan\n"
        "Total: 121.00 EUR\nAmount due: 121.00 EUR"
    )


def test_a_credit_note_names_its_invoice() -> None:
    assert (
        text(f"""
        <CreditNote xmlns="{UBL}CreditNote-2" {NAMES}><cbc:ID>CN-9</cbc:ID>
          <cac:BillingReference><cac:InvoiceDocumentReference><cbc:ID>2026-0117</cbc:ID></cac:InvoiceDocumentReference></cac:BillingReference>
        </CreditNote>""")
        == "Credit note CN-9\nAbout invoice: 2026-0117"
    )


def test_a_remittance_advice_is_a_table_and_a_credit_note_is_negative() -> None:
    assert text(f"""
        <RemittanceAdvice xmlns="{UBL}RemittanceAdvice-2" {NAMES}><cbc:ID>77</cbc:ID><cbc:IssueDate>2026-03-05</cbc:IssueDate>
          <cac:RemittanceAdviceLine><cbc:DebitLineAmount currencyID="EUR">121.00</cbc:DebitLineAmount>
            <cbc:BalanceAmount currencyID="EUR">118.58</cbc:BalanceAmount>
            <cac:BillingReference><cac:InvoiceDocumentReference><cbc:ID>2026-0117</cbc:ID><cbc:IssueDate>2026-03-01</cbc:IssueDate></cac:InvoiceDocumentReference></cac:BillingReference>
          </cac:RemittanceAdviceLine>
          <cac:RemittanceAdviceLine><cbc:CreditLineAmount currencyID="EUR">10.00</cbc:CreditLineAmount>
            <cac:BillingReference><cac:CreditNoteDocumentReference><cbc:ID>CN-9</cbc:ID></cac:CreditNoteDocumentReference></cac:BillingReference>
          </cac:RemittanceAdviceLine>
        </RemittanceAdvice>""") == (
        "Remittance advice 77\nPayment date: 2026-03-05\nInvoice\tDate\tAmount\tDiscount\tDeduction\tPaid\n"
        "2026-0117\t2026-03-01\t121.00 EUR\t\t\t118.58 EUR\nCN-9\t\t\t\t\t-10.00 EUR"
    )


CAMT = """
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"><BkToCstmrDbtCdtNtfctn><Ntfctn><Id>N1</Id>
  <Ntry><Amt Ccy="EUR">239.58</Amt><ValDt><Dt>2026-03-05</Dt></ValDt><NtryDtls><TxDtls>
    <Amt Ccy="EUR">239.58</Amt><RmtInf><Strd>
      <RfrdDocInf><Nb>2026-0117</Nb><RltdDt>2026-03-01</RltdDt></RfrdDocInf>
      <RfrdDocAmt><DuePyblAmt Ccy="EUR">121.00</DuePyblAmt><DscntApldAmt Ccy="EUR">2.42</DscntApldAmt><RmtdAmt Ccy="EUR">118.58</RmtdAmt></RfrdDocAmt>
    </Strd><Strd>
      <RfrdDocInf><Nb>2026-0118</Nb></RfrdDocInf><RfrdDocAmt><RmtdAmt Ccy="EUR">121.00</RmtdAmt></RfrdDocAmt>
    </Strd></RmtInf></TxDtls></NtryDtls></Ntry>
  <Ntry><Amt Ccy="EUR">50.00</Amt><ValDt><Dt>2026-03-06</Dt></ValDt><NtryDtls><TxDtls><RmtInf><Ustrd>fact 2026-0119</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>"""


def test_a_bank_notification() -> None:
    assert text(CAMT) == (
        "Bank message: N1\nPayment date: 2026-03-05\nTotal: 239.58 EUR\nInvoice\tDate\tAmount\tDiscount\tDeduction\tPaid\n"
        "2026-0117\t2026-03-01\t121.00 EUR\t2.42 EUR\t\t118.58 EUR\n2026-0118\t\t\t\t\t121.00 EUR\n\n"
        "Value date\tPaid\tDescription\n2026-03-06\t50.00 EUR\tfact 2026-0119"
    )


def test_a_payment_order() -> None:
    assert text("""
        <Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.03"><CstmrCdtTrfInitn><PmtInf><PmtInfId>P1</PmtInfId>
          <ReqdExctnDt>2026-03-05</ReqdExctnDt><Dbtr><Nm>Boer BV</Nm></Dbtr>
          <CdtTrfTxInf><Amt><InstdAmt Ccy="EUR">121.00</InstdAmt></Amt><RmtInf><Ustrd>2026-0117</Ustrd></RmtInf></CdtTrfTxInf>
        </PmtInf></CstmrCdtTrfInitn></Document>""") == (
        "Payment order: P1\nFrom: Boer BV\nValue date\tPaid\tDescription\n2026-03-05\t121.00 EUR\t2026-0117"
    )


def test_other_xml_is_read_as_it_stands() -> None:
    assert read("<a>\n1</a>").text == "<a>\n1</a>"


@pytest.mark.parametrize(
    "document_type",
    [
        '<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;&x;&x;&x;&x;&x;&x;&x;&x;">'
        + "".join(f'<!ENTITY y{n} "{f"&y{n - 1};" * 10}">' for n in range(1, 9)).replace("&y0;", "&y;")
        + "]>",
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd">',
    ],
    ids=["billion laughs", "a file of ours", "an address"],
)
def test_entities_are_never_unfolded(document_type: str) -> None:
    entity = "&y8;" if "y8" in document_type else "&x;" if "ENTITY" in document_type else ""
    found = read(f"{document_type}<Invoice><ID>{entity}</ID></Invoice>")
    assert found.text == ""
    assert found.note


def test_deep_and_broken_xml_get_a_note() -> None:
    assert read("<a>" * 100_000).note
    assert read("<Invoice><ID>1</ID>").note == "damaged, or not what its name says (XMLSyntaxError)"


@given(st.integers(0, len(CAMT)), st.sampled_from(["Strd", "Amt", "Nb", "Ntry", "Ccy"]), st.text(max_size=5))
def test_messages_with_parts_missing_are_read_or_refused(cut: int, name: str, other: str) -> None:
    """Nothing but the parser's own refusal leaves the reader."""
    from lxml import etree

    for xml in (CAMT[:cut], CAMT.replace(name, "X"), CAMT.replace("121.00", other.replace("<", "").replace("&", ""))):
        try:
            assert isinstance(text(xml), str)
        except (etree.XMLSyntaxError, ValueError):
            continue
