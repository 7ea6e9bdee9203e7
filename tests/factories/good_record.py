"""A guide record with which nothing is wrong, and others by what differs: for what checks and compares labels."""

from typing import Any


def good_record(body: str = "Beste, F25-0771 is vrijdag betaald.", **changes: Any) -> dict[str, Any]:
    """A record of Wednesday 12 March 2025. Keys of `gold` and of the record alike may be given as changes."""
    act = {
        "intent": "payment_notification",
        "invoices": ["F25-0771"],
        "date": "2025-03-07",
        "evidence": "vrijdag betaald",
    }
    gold: dict[str, Any] = {
        "intents": ["payment_notification"],
        "acts": [act],
        "entities": {"invoice_numbers": [], "po_numbers": [], "credit_notes": [], "ibans": []},
        "reply_text": body,
        "tone": "neutral",
        "requires_reply": False,
    }
    amounts = {"amount": "1240.00", "open": "1240.00", "currency": "EUR"}
    record: dict[str, Any] = {
        "id": "a-001",
        "language": "nl",
        "received": "2025-03-12T09:14+01:00",
        "from": "Jan de Boer <jan@deboerbouw.example>",
        "to": "debiteuren@kabelgoed.example",
        "subject": "Re: herinnering",
        "body": body,
        "ledger": {
            "customer": {"name": "De Boer Bouw", "number": "10233"},
            "invoices": [{"number": "F25-0771", "date": "2025-02-01", "due": "2025-03-03"} | amounts],
        },
        "gold": gold,
    }
    for name, value in changes.items():
        (gold if name in gold else record)[name] = value
    return record
