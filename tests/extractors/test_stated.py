"""What a mail states is read once and looked up by span; what is cut by a span's end is not in it."""

from datetime import UTC, date, datetime

import pytest

from extractors.dates import Dates
from extractors.ledger_values import values_of
from extractors.reading import Reading
from extractors.stated import Stated
from inbox_agent.domain.act import Evidence, Source
from inbox_agent.domain.ledger import Invoice, Ledger
from inbox_agent.domain.mail import Address, Attachment, Mail
from inbox_agent.domain.money import Money

RECEIVED = datetime(2025, 3, 12, 9, tzinfo=UTC)
DATES, READING = Dates(), Reading()
DAY = date(2025, 2, 10)


def row(number: str, amount: str, open_: str, issued_on: date = DAY) -> Invoice:
    return Invoice(number, issued_on, DAY, Money.parse(amount), Money.parse(open_))


LEDGER = Ledger(
    invoices=(row("1", "1187.00", "1187.00"), row("2", "310.00", "95.40"), row("3", "310.00", "0.00", date(2025, 1, 2)))
)


def stated(body: str, subject: str = "", attached: str = "") -> Stated:
    attachments = (Attachment("a.txt", "text/plain", 15, 1, attached),) if attached else ()
    mail = Mail(RECEIVED, RECEIVED.date(), Address("jan@deboer.nl"), subject, body, attachments=attachments)
    return Stated(mail, READING.read(mail), LEDGER, DATES)


@pytest.mark.parametrize(
    ("words", "days", "amounts"),
    [
        ("De 1187 gaat op 14 maart weg", ["2025-03-14"], ["1187.00"]),
        ("op 14 maart weg, de € 95,40", ["2025-03-14"], ["95.40"]),
        ("De 1187 gaat op 14", [], ["1187.00"]),
        ("de € 9", [], []),
    ],
)
def test_spans_of_one_body(words: str, days: list[str], amounts: list[str]) -> None:
    body = "De 1187 gaat op 14 maart weg, de € 95,40 later."
    found, start = stated(body), body.index(words)
    evidence, end = Evidence(words, start, start + len(words)), start + len(words)
    assert [str(one.ahead) for one in found.days_in(evidence, start, end)] == days
    assert [str(one.amount) for one in found.amounts_in(evidence, start, end)] == amounts


@pytest.mark.parametrize(("source", "number"), [(Source.SUBJECT, -1), (Source.ATTACHMENT, 0)])
def test_subject_and_attachment_have_their_own(source: Source, number: int) -> None:
    found = stated("Zie onder.", "14 maart, € 310", "14 maart, € 310")
    evidence = Evidence("14 maart, € 310", 0, 15, source, number)
    assert [one.ahead for one in found.days_in(evidence, 0, 15)] == [date(2025, 3, 14)]
    assert [str(one.amount) for one in found.amounts_in(evidence, 0, 15)] == ["310.00"]


def test_what_the_rows_are_worth_and_when_they_are_of() -> None:
    values = values_of(LEDGER)
    assert values is values_of(LEDGER)
    assert Money.parse("95.40") in values
    assert Money.parse("-95.40") not in values
    assert values.worth(Money.parse("-310.00")) == [1, 2]
    assert values.worth(Money.parse("310.00", "USD")) == []
    assert list(values.alike()) == [[1, 2]]
    assert values.issued[date(2025, 1, 2)] == [2]
    assert [one.number for one in values.rows(["3", "1", "9"])] == ["1", "3"]
