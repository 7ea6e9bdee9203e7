"""One sentence that pays several things on different days is several acts; else it stays one."""

from datetime import UTC, date, datetime

import pytest

from extractors.acts import Acts
from extractors.reading import Reading
from inbox_agent.domain.act import Evidence
from inbox_agent.domain.ledger import Invoice, Ledger
from inbox_agent.domain.mail import Address, Mail
from inbox_agent.domain.money import Money
from inbox_agent.domain.taxonomy import Intent, Tone
from inbox_agent.domain.triage import Classification, IntentScore

RECEIVED = datetime(2025, 3, 12, 9, tzinfo=UTC)
DAY = date(2025, 2, 10)
LEDGER = Ledger(
    invoices=tuple(
        Invoice(number, DAY, DAY, Money.parse(amount), Money.parse(amount))
        for number, amount in (("25-0771", "1240.00"), ("25-0802", "310.00"), ("25-0931", "95.40"))
    )
)
ACTS, READING = Acts(), Reading()


@pytest.mark.parametrize(
    ("text", "intent", "acts"),
    [
        (
            "25-0771 betalen we op 20 maart, 25-0802 en 25-0931 volgen op 4 april.",
            Intent.PROMISE_TO_PAY,
            [({"25-0771"}, "2025-03-20"), ({"25-0802", "25-0931"}, "2025-04-04")],
        ),
        (
            "We paid 25-0771 on 3 March, and 25-0802 on 10 March.",
            Intent.PAYMENT_NOTIFICATION,
            [({"25-0771"}, "2025-03-03"), ({"25-0802"}, "2025-03-10")],
        ),
        (
            "25-0771 und 25-0802 zahlen wir am 20. März.",
            Intent.PROMISE_TO_PAY,
            [({"25-0771", "25-0802"}, "2025-03-20")],
        ),
    ],
    ids=["one and two", "paid", "same day"],
)
def test_invoices_on_their_own_days(text: str, intent: Intent, acts: list[tuple[set[str], str]]) -> None:
    mail = Mail(RECEIVED, RECEIVED.date(), Address("jan@deboer.nl"), "", text)
    told = IntentScore(intent, 0.9, (Evidence(text, 0, len(text)),))
    found = ACTS.extract(
        mail, READING.read(mail), Classification((told,), Tone.NEUTRAL, True, 0.9, "test"), LEDGER
    ).acts
    assert [({link.number for link in act.invoices}, str(act.date)) for act in found] == acts
    assert all(text[act.evidence.start : act.evidence.end] == act.evidence.text for act in found)
