"""What a run of the fault suite came to: what lies at the far ends, against what the database says."""

from collections import Counter
from dataclasses import dataclass
from email.parser import BytesHeaderParser

from sqlmodel import col, func, select

from inbox_agent import db
from inbox_agent.bench.faults_scene import Scene
from inbox_agent.mailbox.graph_reply import STAMP
from inbox_agent.records.mail import MailState, StoredMail
from inbox_agent.records.mailbox import Mailbox
from inbox_agent.records.reply import OutgoingReply, ReplyState
from inbox_agent.records.triage import TriageRow


@dataclass(frozen=True, slots=True)
class MailTally:
    """Mails by their Message-ID. `lost`: on the server and in no row. `read_twice`: two readings are kept of one mail."""

    on_server: int
    lost: int
    stored_twice: int
    read_twice: int
    unfinished: int
    states: dict[str, int]
    reasons: dict[str, int]
    miscounted: int

    @property
    def broken(self) -> list[str]:
        """The promises that did not hold."""
        return [
            f"{name.replace('_', ' ')}: {count}"
            for name in ("lost", "stored_twice", "read_twice", "unfinished", "miscounted")
            if (count := getattr(self, name))
        ]


@dataclass(frozen=True, slots=True)
class ReplyTally:
    """Replies by their Message-ID. `lost`: said to be delivered, and never arrived. `denied`: arrived, though it is said that
    it certainly did not. `in_sent_twice`: two copies in the sent folder. `uncertain_arrived`: of the uncertain ones, those that did."""

    approved: int
    states: dict[str, int]
    arrived: int
    sent_twice: int
    lost: int
    denied: int
    unfinished: int
    in_sent_twice: int
    uncertain_arrived: int

    @property
    def broken(self) -> list[str]:
        """The promises that did not hold."""
        return [
            f"replies {name.replace('_', ' ')}: {count}"
            for name in ("sent_twice", "lost", "denied", "unfinished", "in_sent_twice")
            if (count := getattr(self, name))
        ]


def of_mail(scene: Scene) -> MailTally:
    """Compares Dovecot's folder, and what was delivered into it, with the mails in the database."""
    return _mail(scene, scene.mailbox_id, scene.message_ids("INBOX"), scene.delivered)


def of_graph_mail(scene: Scene, delivered: list[str]) -> MailTally:
    """The same of the mailbox at Graph."""
    inbox = scene.box.folder("inbox")
    on_server = [one.message_id for one in scene.box.items.values() if one.folder_id == inbox]
    return _mail(scene, scene.graph_mailbox_id, on_server, delivered)


def of_replies(scene: Scene) -> ReplyTally:
    """Compares what the outgoing server took, and the sent folder, with the replies in the database."""
    parser = BytesHeaderParser()
    arrived = Counter(str(parser.parsebytes(one.raw)["Message-ID"]) for one in scene.sink.messages)
    return _replies(scene, scene.mailbox_id, arrived, Counter(scene.message_ids("Sent")))


def of_graph_replies(scene: Scene) -> ReplyTally:
    """Compares what the service sent, by the stamp that every draft of ours bears, with the replies in the database."""
    sent = Counter(one.properties.get(STAMP, "") for one in scene.box.sent)
    return _replies(scene, scene.graph_mailbox_id, sent, sent)


def _mail(scene: Scene, mailbox_id: int, on_server: list[str], delivered: list[str]) -> MailTally:
    of_mailbox = StoredMail.mailbox_id == mailbox_id
    read = (
        select(TriageRow.mail_id, func.count())
        .join(StoredMail, col(StoredMail.id) == TriageRow.mail_id)
        .where(of_mailbox)
        .group_by(col(TriageRow.mail_id))
    )
    with db.reading(scene.engine) as session:
        rows = session.exec(
            select(StoredMail.message_id, StoredMail.state, StoredMail.state_reason).where(of_mailbox)
        ).all()
        readings = session.exec(read).all()
        fetched = session.exec(select(Mailbox.fetched_count).where(Mailbox.id == mailbox_id)).one()
    stored = Counter(message_id for message_id, _, _ in rows)
    return MailTally(
        on_server=len(on_server),
        lost=sum(1 for one in {*on_server, *delivered} if not stored[one]),
        stored_twice=sum(1 for count in stored.values() if count > 1),
        read_twice=sum(1 for _, count in readings if count > 1),
        unfinished=sum(1 for _, state, _ in rows if state is MailState.FETCHED),
        states=dict(Counter(MailState(state).value for _, state, _ in rows)),
        reasons=dict(Counter(reason for _, state, reason in rows if state in (MailState.PARKED, MailState.IGNORED))),
        miscounted=abs(fetched - len(rows)),
    )


def _replies(scene: Scene, mailbox_id: int, arrived: Counter[str], sent: Counter[str]) -> ReplyTally:
    with db.reading(scene.engine) as session:
        replies = session.exec(
            select(OutgoingReply.message_id, OutgoingReply.state).where(OutgoingReply.mailbox_id == mailbox_id)
        ).all()
    certainly_not = (ReplyState.FAILED, ReplyState.RETURNED, ReplyState.WITHDRAWN)
    return ReplyTally(
        approved=len(replies),
        states=dict(Counter(ReplyState(state).value for _, state in replies)),
        arrived=len(arrived),
        sent_twice=sum(1 for count in arrived.values() if count > 1),
        lost=sum(1 for one, state in replies if state is ReplyState.DELIVERED and not arrived[one]),
        denied=sum(1 for one, state in replies if state in certainly_not and arrived[one]),
        unfinished=sum(1 for _, state in replies if state in (ReplyState.APPROVED, ReplyState.DELIVERING)),
        in_sent_twice=sum(1 for count in sent.values() if count > 1),
        uncertain_arrived=sum(1 for one, state in replies if state is ReplyState.UNCERTAIN and arrived[one]),
    )
