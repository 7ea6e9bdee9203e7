"""Each message is stored once and enqueued once, with the cursor, or not at all; nothing stops the batch."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from factories.pipeline import NOW, ListSource, a_mailbox_row, raw_mail
from sqlmodel import Session, select

from inbox_agent import db
from inbox_agent.durable import Queue
from inbox_agent.mailbox.mime import parse
from inbox_agent.mailbox.source import Fetched
from inbox_agent.pipeline.intake import Intake
from inbox_agent.records.mail import MailState, StoredMail, content_of
from inbox_agent.records.mailbox import Mailbox
from inbox_agent.records.raw_mail import RawStore


@pytest.fixture
def intake(engine: sa.Engine) -> Intake:
    return Intake(engine, Queue(engine), RawStore(), parse)


def rows(engine: sa.Engine) -> list[StoredMail]:
    with db.reading(engine) as session:
        return list(session.exec(select(StoredMail).order_by(StoredMail.id)))


def workflows(engine: sa.Engine) -> list[str]:
    table = "workflow_status" if engine.dialect.name == "sqlite" else "dbos.workflow_status"
    with engine.connect() as connection:
        return sorted(connection.execute(sa.text(f"SELECT workflow_uuid FROM {table}")).scalars())


def test_every_mail_is_stored_with_its_bytes_and_one_workflow(engine: sa.Engine, intake: Intake) -> None:
    source = ListSource([raw_mail(Message_ID=f"<{n}@boer.example>") for n in range(3)])
    mailbox_id = a_mailbox_row(engine)
    assert intake.take(mailbox_id, source) == 3
    stored = rows(engine)
    assert [row.message_id for row in stored] == ["<0@boer.example>", "<1@boer.example>", "<2@boer.example>"]
    assert workflows(engine) == [f"triage_mail:{row.id}:1" for row in stored]
    with db.reading(engine) as session:
        assert [RawStore().get(session, row.raw_sha256) for row in stored] == source.raws
        assert session.get_one(Mailbox, mailbox_id).cursor == "3"
        assert content_of(session, stored[0].id).text.strip() == "Graag een kopie van 26700001."


def test_a_second_look_finds_nothing_new(engine: sa.Engine, intake: Intake) -> None:
    mailbox_id = a_mailbox_row(engine)
    source = ListSource([raw_mail(Message_ID="<1@boer.example>")])
    assert (intake.take(mailbox_id, source), intake.take(mailbox_id, source)) == (1, 0)
    assert intake.store(mailbox_id, next(source.fetch_since("0"))) is False
    assert len(rows(engine)) == len(workflows(engine)) == 1


def test_nothing_is_kept_when_the_workflow_cannot_be_enqueued(engine: sa.Engine) -> None:
    """Mail, workflow and cursor are one transaction."""

    class Broken(Queue):
        def triage(self, session: Session, mail_id: int, attempt: int = 1) -> None:
            raise RuntimeError("no queue")

    mailbox_id = a_mailbox_row(engine)
    broken = Intake(engine, Broken(engine), RawStore(), parse)
    with pytest.raises(RuntimeError):
        broken.take(mailbox_id, ListSource([raw_mail()]))
    assert rows(engine) == []
    with db.reading(engine) as session:
        assert session.get_one(Mailbox, mailbox_id).cursor == ""


def test_two_different_mails_with_one_message_id_both_survive(engine: sa.Engine, intake: Intake) -> None:
    source = ListSource(
        [raw_mail("een", Message_ID="<same@x.example>"), raw_mail("twee", Message_ID="<same@x.example>")]
    )
    intake.take(a_mailbox_row(engine), source)
    assert [row.state for row in rows(engine)] == [MailState.FETCHED, MailState.FETCHED]


def test_the_same_bytes_again_are_ignored_with_the_reason(engine: sa.Engine, intake: Intake) -> None:
    source = ListSource([raw_mail(), raw_mail()])
    intake.take(a_mailbox_row(engine), source)
    first, second = rows(engine)
    assert (second.state, second.state_reason) == (
        MailState.IGNORED,
        f"The same message as mail {first.id}, byte for byte.",
    )


def test_the_mailbox_own_mail_is_ignored(engine: sa.Engine, intake: Intake) -> None:
    intake.take(a_mailbox_row(engine), ListSource([raw_mail(sender="Debiteuren <DEBITEUREN@halvermaan.example>")]))
    assert rows(engine)[0].state is MailState.IGNORED


def test_a_mail_that_breaks_the_parser_is_parked_and_the_next_comes_in(engine: sa.Engine) -> None:
    def break_at_bad(raw: bytes, *, received_at):
        if b"bad" in raw:
            raise ZeroDivisionError
        return parse(raw, received_at=received_at)

    source = ListSource([raw_mail("bad"), raw_mail("good")])
    Intake(engine, Queue(engine), RawStore(), break_at_bad).take(a_mailbox_row(engine), source)
    bad, good = rows(engine)
    assert (bad.state, good.state) == (MailState.PARKED, MailState.FETCHED)
    assert "ZeroDivisionError" in bad.state_reason
    assert len(workflows(engine)) == 1


def test_a_message_that_could_not_be_fetched_is_parked_with_the_reason(engine: sa.Engine, intake: Intake) -> None:
    intake.store(a_mailbox_row(engine), Fetched("1:1", b"", NOW, "1", problem="The mail is 80 MB; the limit is 60 MB."))
    assert (rows(engine)[0].state, rows(engine)[0].state_reason) == (
        MailState.PARKED,
        "The mail is 80 MB; the limit is 60 MB.",
    )


def test_fetched_is_the_sum_of_all_states(engine: sa.Engine, intake: Intake) -> None:
    mailbox_id = a_mailbox_row(engine)
    intake.take(mailbox_id, ListSource([raw_mail(), raw_mail(), b"", b"\x00\xff" * 50, raw_mail("x")]))
    with db.reading(engine) as session:
        assert session.get_one(Mailbox, mailbox_id).fetched_count == len(rows(engine)) == 5


@pytest.mark.parametrize("header", ["x" * 5000, "é" * 3000, "=?utf-8?q?" + "=00" * 200 + "?="])
def test_headers_longer_than_any_column_are_cut(engine: sa.Engine, intake: Intake, header: str) -> None:
    raw = raw_mail(Message_ID=f"<{header}@x>", References=f"<{header}>", sender=f"{header}@x.example", Subject=header)
    intake.take(a_mailbox_row(engine), ListSource([raw]))
    assert rows(engine)[0].state in (MailState.FETCHED, MailState.PARKED)


def test_a_form_that_writes_in_our_name_for_a_customer_is_the_customers(engine: sa.Engine, intake: Intake) -> None:
    mailbox_id = a_mailbox_row(engine)
    ours = "debiteuren@halvermaan.example"
    source = ListSource(
        [
            raw_mail(sender=ours, Reply_To="jan@boer.example"),
            raw_mail(sender=ours, Reply_To=f"Debiteuren <{ours}>"),
            raw_mail(sender=ours.upper()),
        ]
    )
    intake.take(mailbox_id, source)
    assert [row.state for row in rows(engine)] == [MailState.FETCHED, MailState.IGNORED, MailState.IGNORED]


def test_two_workers_that_take_in_one_mailbox_store_each_mail_once(engine: sa.Engine, intake: Intake) -> None:
    """And two mailboxes that get the very same bytes at the same moment both keep them."""
    boxes = [a_mailbox_row(engine, "een"), a_mailbox_row(engine, "twee")]
    raws = [raw_mail(Message_ID=f"<{n}@boer.example>", text="x" * 5000) for n in range(20)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda box: intake.take(box, ListSource(raws)), boxes * 2))
    stored = rows(engine)
    assert Counter(row.mailbox_id for row in stored) == dict.fromkeys(boxes, 20)
    with db.reading(engine) as session:
        assert [session.get_one(Mailbox, box).fetched_count for box in boxes] == [20, 20]
