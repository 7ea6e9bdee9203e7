"""XML that companies send about money, as lines a person can read: invoices, remittance advice, bank messages.

UBL 2.1 Invoice, CreditNote and RemittanceAdvice (Peppol BIS), UN/CEFACT CrossIndustryInvoice, ISO 20022 camt.052/053/054
and pain.001. What an advice pays becomes a table with a tab between its cells. Runs in the process of
`attachment_reader`; imports nothing of this product. A document type is refused, so that no entity is ever unfolded.
"""

from collections.abc import Iterator
from typing import Any

MAX_ROWS = 2_000
"""Rows read of one message."""

TABLE = "Invoice\tDate\tAmount\tDiscount\tDeduction\tPaid"
SLIPS = "Value date\tPaid\tDescription"

_CREDIT_NOTES = ("CREN", "CNFA", "381")
"""Codes of a credit note: ISO 20022 external code set DocumentType, UN/EDIFACT 1001."""


def xml_text(data: bytes, limits: dict[str, int]) -> tuple[str, str]:
    """The message as text, and a note; both empty for XML of another kind, which is read as it stands."""
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
    )
    root = etree.fromstring(data[: limits["attachment"]], parser)
    document = root.getroottree().docinfo
    if document.internalDTD is not None or document.externalDTD is not None:
        return "", "has a document type, which may unfold to anything; it was not read"
    lines = _message(root)
    text = "\n".join(line.rstrip() for line in lines)
    return text, "only the first rows were read" if len(lines) > MAX_ROWS else ""


def _message(root: Any) -> list[str]:
    kind = _name(root)
    if kind in ("Invoice", "CreditNote"):
        return list(_ubl_bill(root, "Credit note" if kind == "CreditNote" else "Invoice"))
    if kind == "RemittanceAdvice":
        return list(_ubl_advice(root))
    if kind == "CrossIndustryInvoice":
        return list(_cii_bill(root))
    if kind == "Document":
        for statement in ("Stmt", "Ntfctn", "Rpt"):
            if found := list(_all(root, statement)):
                return [line for item in found for line in _camt(item)]
        if orders := list(_all(root, "PmtInf")):
            return [line for item in orders for line in _pain(item)]
    return []


def _ubl_bill(root: Any, called: str) -> Iterator[str]:
    yield f"{called} {_text(root, 'ID')}"
    yield from _labelled(
        ("Issue date", _text(root, "IssueDate")),
        ("Due date", _text(root, "DueDate") or _text(root, "PaymentMeans", "PaymentDueDate")),
        ("Order", _text(root, "OrderReference", "ID")),
        ("About invoice", _text(root, "BillingReference", "InvoiceDocumentReference", "ID")),
        ("From", _party(root, "AccountingSupplierParty")),
        ("To", _party(root, "AccountingCustomerParty")),
        ("Total", _amount(_first(root, "LegalMonetaryTotal", "TaxInclusiveAmount"))),
        ("Amount due", _amount(_first(root, "LegalMonetaryTotal", "PayableAmount"))),
    )


def _party(root: Any, role: str) -> str:
    return _text(root, role, "Party", "PartyLegalEntity", "RegistrationName") or _text(
        root, role, "Party", "PartyName", "Name"
    )


def _ubl_advice(root: Any) -> Iterator[str]:
    yield f"Remittance advice {_text(root, 'ID')}"
    paid_on = _text(root, "PaymentMeans", "PaymentDueDate") or _text(root, "IssueDate")
    yield from _labelled(("Payment date", paid_on), ("Total", _amount(_first(root, "TotalPaymentAmount"))))
    yield TABLE
    for line in list(_all(root, "RemittanceAdviceLine"))[:MAX_ROWS]:
        bill = _first(line, "BillingReference", "InvoiceDocumentReference")
        note = _first(line, "BillingReference", "CreditNoteDocumentReference")
        about = bill if bill is not None else note
        debit, credit = _first(line, "DebitLineAmount"), _first(line, "CreditLineAmount")
        paid = _amount(_first(line, "BalanceAmount")) or _amount(debit) or _amount(credit, sign="-")
        paid = f"-{paid}" if bill is None and note is not None and not paid.startswith("-") else paid
        number = _text(about, "ID") or _text(line, "InvoicingPartyReference")
        yield f"{number}\t{_text(about, 'IssueDate')}\t{_amount(debit)}\t\t\t{paid}"


def _cii_bill(root: Any) -> Iterator[str]:
    yield f"Invoice {_text(root, 'ExchangedDocument', 'ID')}"
    total = next(_all(root, "SpecifiedTradeSettlementHeaderMonetarySummation"), None)
    yield from _labelled(
        ("Issue date", _text(root, "ExchangedDocument", "IssueDateTime", "DateTimeString")),
        ("Total", _text(total, "GrandTotalAmount")),
        ("Amount due", _text(total, "DuePayableAmount")),
    )


def _camt(statement: Any) -> Iterator[str]:
    """A statement or notification: a table for what names its documents, a line for what only has words."""
    yield from _labelled(("Bank message", _text(statement, "Id")), ("Account", _text(statement, "Acct", "Id", "IBAN")))
    for entry in list(_all(statement, "Ntry"))[:MAX_ROWS]:
        day = (_text(entry, "ValDt", "Dt") or _text(entry, "BookgDt", "Dt") or _text(entry, "ValDt", "DtTm"))[:10]
        details = list(_all(entry, "TxDtls")) or [entry]
        for detail in details:
            amount = _first(detail, "Amt")
            amount = amount if amount is not None else _first(detail, "AmtDtls", "TxAmt", "Amt")
            yield from _remitted(
                detail, day, amount if amount is not None or len(details) > 1 else _first(entry, "Amt")
            )


def _pain(order: Any) -> Iterator[str]:
    day = (_text(order, "ReqdExctnDt", "Dt") or _text(order, "ReqdExctnDt"))[:10]
    yield from _labelled(("Payment order", _text(order, "PmtInfId")), ("From", _text(order, "Dbtr", "Nm")))
    for transfer in list(_all(order, "CdtTrfTxInf"))[:MAX_ROWS]:
        yield from _remitted(transfer, day, _first(transfer, "Amt", "InstdAmt"))


def _remitted(detail: Any, day: str, amount: Any) -> Iterator[str]:
    """What one transfer pays (RemittanceInformation of ISO 20022)."""
    documents = [part for part in _all(detail, "Strd") if _first(part, "RfrdDocInf") is not None]
    if documents:
        yield from _labelled(("Payment date", day), ("Total", _amount(amount)))
        yield TABLE
        for part in documents[:MAX_ROWS]:
            yield _document(part, amount if len(documents) == 1 else None)
        yield ""
        return
    words = [_own(part) for part in _all(detail, "Ustrd")]
    words += [_text(part, "CdtrRefInf", "Ref") for part in _all(detail, "Strd")]
    if _amount(amount):
        yield SLIPS
        yield f"{day}\t{_amount(amount)}\t{' '.join(filter(None, words))}"


def _document(part: Any, whole: Any) -> str:
    about = _first(part, "RfrdDocAmt")
    code = _text(part, "RfrdDocInf", "Tp", "CdOrPrtry", "Cd")
    discount = _first(about, "DscntApldAmt")
    discount = discount if discount is None or not len(discount) else _first(discount, "Amt")
    paid = _amount(_first(about, "RmtdAmt")) or _amount(_first(about, "DuePyblAmt")) or _amount(whole)
    set_off = _amount(_first(about, "CdtNoteAmt"))
    if code in _CREDIT_NOTES:
        paid = f"-{(set_off or paid).lstrip('-')}" if set_off or paid else ""
    cells = (
        _text(part, "RfrdDocInf", "Nb"),
        (_text(part, "RfrdDocInf", "RltdDt") or _text(part, "RfrdDocInf", "RltdDt", "Dt"))[:10],
        _amount(_first(about, "DuePyblAmt")),
        _amount(discount),
        _amount(_first(about, "AdjstmntAmtAndRsn", "Amt")),
        paid,
    )
    return "\t".join(cells)


def _labelled(*pairs: tuple[str, str]) -> Iterator[str]:
    return (f"{label}: {value}" for label, value in pairs if value)


def _name(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _all(root: Any, name: str) -> Iterator[Any]:
    """Every element of that name below, in the order of the file, whatever its namespace's version."""
    return (element for element in root.iter("{*}" + name))


def _first(root: Any, *path: str) -> Any:
    """The first element at that path of children, None when there is none."""
    for name in path:
        root = next(iter(root.iterchildren("{*}" + name)), None) if root is not None else None
    return root


def _text(root: Any, *path: str) -> str:
    return _own(_first(root, *path))


def _own(element: Any) -> str:
    return " ".join((element.text or "").split())[:500] if element is not None else ""


def _amount(element: Any, sign: str = "") -> str:
    """An amount with its currency, "" when there is none."""
    value = _own(element)
    if not value:
        return ""
    currency = element.get("Ccy") or element.get("currencyID") or ""
    return f"{sign}{value} {currency}".strip()
