"""The door to the durable engine for those who only enqueue: a row and its workflow in one commit.

DBOS keeps its tables in the same database (schema `dbos` on PostgreSQL). The workflows themselves live in `pipeline`.
"""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from dbos import DBOSClient, EnqueueOptions
from sqlmodel import Session

APPLICATION = "inbox-agent"
APPLICATION_VERSION = "1"
"""Pinned: a workflow begun by one release may be finished by the next. Raise it only when the steps' order changes."""

TRIAGE_QUEUE, TRIAGE = "triage", "triage_mail"
DELIVERY_QUEUE, DELIVERY = "delivery", "deliver_reply"
FOLLOW_UP_QUEUE, MARK = "follow_up", "mark_handled"


class Queue:
    """Enqueues workflows inside the caller's transaction: they exist if, and only if, that transaction commits."""

    def __init__(self, engine: sa.Engine) -> None:
        self._client = DBOSClient(system_database_engine=engine, application_name=APPLICATION, lazy=True)

    def triage(self, session: Session, mail_id: int, attempt: int = 1) -> None:
        """A mail is to be read. The same mail and attempt is enqueued once however often it is asked."""
        self._enqueue(session, TRIAGE_QUEUE, TRIAGE, mail_id, f"{TRIAGE}:{mail_id}:{attempt}")

    def deliver(self, session: Session, reply_id: int, attempt: int = 1, delay: timedelta = timedelta(0)) -> None:
        """An approved reply is to be sent, after `delay`; `attempt` above 1 only when a person decided to send it again."""
        workflow_id = f"{DELIVERY}:{reply_id}:{attempt}"
        self._enqueue(session, DELIVERY_QUEUE, DELIVERY, reply_id, workflow_id, delay)

    def is_delivering(self, reply_id: int) -> bool:
        """Whether a workflow that delivers this reply waits or runs. Not inside a transaction: it has its own."""
        found = self._client.list_workflows(
            workflow_id_prefix=f"{DELIVERY}:{reply_id}:",
            status=["ENQUEUED", "DELAYED", "PENDING"],
            limit=1,
            load_input=False,
            load_output=False,
        )
        return bool(found)

    def oldest_waiting(self) -> datetime | None:
        """When the first of the mails that wait to be read was enqueued; None when none waits. Not inside a transaction."""
        found = self._client.list_workflows(
            queue_name=TRIAGE_QUEUE, status="ENQUEUED", limit=1, load_input=False, load_output=False
        )
        return datetime.fromtimestamp(found[0].created_at / 1000, UTC) if found and found[0].created_at else None

    def being_read(self) -> frozenset[int]:
        """The mails that a workflow reads at this moment: a few for each worker. Not inside a transaction."""
        found = self._client.list_workflows(
            queue_name=TRIAGE_QUEUE, status="PENDING", load_input=False, load_output=False
        )
        return frozenset(int(one.workflow_id.split(":")[1]) for one in found)

    def mark_handled(self, session: Session, mail_id: int) -> None:
        """A mail was decided: its mailbox is to show it."""
        self._enqueue(session, FOLLOW_UP_QUEUE, MARK, mail_id, f"{MARK}:{mail_id}")

    def _enqueue(
        self,
        session: Session,
        queue: str,
        workflow: str,
        argument: int,
        workflow_id: str,
        delay: timedelta = timedelta(0),
    ) -> None:
        options: EnqueueOptions = {
            "queue_name": queue,
            "workflow_name": workflow,
            "workflow_id": workflow_id,
            "app_version": APPLICATION_VERSION,
        }
        if delay:
            options["delay_seconds"] = delay.total_seconds()
        self._client.enqueue_in_transaction(session, options, argument)
