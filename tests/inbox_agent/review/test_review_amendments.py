"""A proposed record is corrected before it is approved: the record changes, the reading stays, the label learns."""

import json
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from factories.ledgers import a_company, a_customer
from factories.mails import NOW, a_mailbox, a_triaged_mail
from factories.people import a_viewer

from inbox_agent import db
from inbox_agent.commands.labels import collect
from inbox_agent.domain.errors import Conflict, InboxAgentError, NotAllowed
from inbox_agent.domain.money import Money
from inbox_agent.domain.taxonomy import DisputeReason, Intent, RecordType
from inbox_agent.durable import Queue
from inbox_agent.records.mail import StoredMail
from inbox_agent.review import decide, proposals
from inbox_agent.review.views import Amendment, Approval, ProposedRecord


class Desk:
    """One mail with a dispute and a promise about invoice 26700001, and the controller who decides on it."""

    def __init__(self, engine: sa.Engine, queue: Queue) -> None:
        self.engine, self.queue = engine, queue
        with db.writing(engine) as session:
            mailbox = a_mailbox(session)
            self.sanne = a_viewer(session, "Sanne", "A", mailbox.id or 0)
            company = a_company(session)
            customer = a_customer(session, company, "10014", invoices=("26700001", "26700002"))
            a_customer(session, company, "10015", invoices=("26799999",))
            row = a_triaged_mail(session, mailbox, Intent.DISPUTE, Intent.PROMISE_TO_PAY, customer=customer, draft=None)
            self.mail_id = row.id or 0
        self.keys = {record.record_type: (record.record_type, record.record_id) for record in self.records()}

    def records(self) -> tuple[ProposedRecord, ...]:
        with db.reading(self.engine) as session:
            return proposals.proposed_records(session, self.mail_id)

    def approve(self, *amendments: Amendment, accepted: tuple[RecordType, ...] = tuple(RecordType)) -> None:
        keys = tuple(key for kind, key in self.keys.items() if kind in accepted)
        with db.writing(self.engine) as session:
            version = session.get_one(StoredMail, self.mail_id).version
            approval = Approval(version, keys, amendments=amendments)
            decide.approve(session, self.sanne, self.mail_id, approval, self.queue, NOW)

    def refuses(self, amendment: Amendment) -> InboxAgentError:
        before = self.records()
        with pytest.raises(InboxAgentError) as refused:
            self.approve(amendment)
        assert self.records() == before
        return refused.value

    def label(self) -> dict[str, Any]:
        (line,), _ = collect(self.engine, None, True)
        return json.loads(line)


@pytest.fixture
def desk(engine: sa.Engine, queue_door: Queue) -> Desk:
    return Desk(engine, queue_door)


def test_what_was_corrected_is_confirmed_and_becomes_the_label(desk: Desk) -> None:
    promise = Amendment(desk.keys[RecordType.PROMISE], ("26700002",), Money.parse("1250.00"), on_date=date(2026, 12, 4))
    dispute = Amendment(desk.keys[RecordType.DISPUTE], ("26700001", "26700002"), None, reason=DisputeReason.QUALITY)
    desk.approve(promise, dispute)
    kept = {record.record_type: record for record in desk.records()}
    assert kept[RecordType.PROMISE].invoices == ("26700002",)
    assert kept[RecordType.PROMISE].amount == Money(125_000)
    assert kept[RecordType.PROMISE].on_date == date(2026, 12, 4)
    assert kept[RecordType.DISPUTE].invoices == ("26700001", "26700002")
    assert kept[RecordType.DISPUTE].reason is DisputeReason.QUALITY
    assert {record.state.value for record in kept.values()} == {"confirmed"}
    line = desk.label()
    acts = {act["intent"]: act for act in line["gold"]["acts"]}
    assert acts["promise_to_pay"]["date"] == "2026-12-04"
    assert (acts["promise_to_pay"]["amount"], acts["promise_to_pay"]["currency"]) == ("1250.00", "EUR")
    assert acts["promise_to_pay"]["invoices"] == ["26700002"]
    assert acts["dispute"]["reason"] == "quality"
    assert line["provenance"]["changed"] == ["acts"]


def test_fields_that_were_left_as_they_are_change_nothing(desk: Desk) -> None:
    untouched = [
        Amendment((one.record_type, one.record_id), one.invoices, one.amount, one.on_date, one.reason)
        for one in desk.records()
    ]
    desk.approve(*untouched)
    assert desk.label()["provenance"]["changed"] == []


def test_a_rejected_record_is_not_corrected(desk: Desk) -> None:
    before = {one.record_type: one for one in desk.records()}
    desk.approve(Amendment(desk.keys[RecordType.DISPUTE], ("26700002",), None), accepted=(RecordType.PROMISE,))
    after = {one.record_type: one for one in desk.records()}
    assert after[RecordType.DISPUTE].invoices == before[RecordType.DISPUTE].invoices
    assert after[RecordType.DISPUTE].state.value == "rejected"


@pytest.mark.parametrize("number", ["26799999", "no such"])
def test_only_the_customers_own_invoices(desk: Desk, number: str) -> None:
    error = desk.refuses(Amendment(desk.keys[RecordType.DISPUTE], (number,), None))
    assert isinstance(error, NotAllowed)
    assert number in error.sentence


def test_an_amount_is_more_than_zero(desk: Desk) -> None:
    desk.refuses(Amendment(desk.keys[RecordType.PROMISE], ("26700001",), Money(-100)))


def test_a_decided_record_cannot_be_corrected(desk: Desk) -> None:
    desk.approve()
    with db.writing(desk.engine) as session:
        decide.reopen(session, desk.sanne, desk.mail_id, session.get_one(StoredMail, desk.mail_id).version, NOW)
    desk.approve(Amendment(desk.keys[RecordType.PROMISE], (), None))
    with pytest.raises(Conflict):
        desk.approve(Amendment(desk.keys[RecordType.PROMISE], ("26700001",), None))
