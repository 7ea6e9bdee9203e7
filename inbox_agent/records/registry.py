"""Every table and every record type, in one list: the schema, and which act becomes what."""

from collections.abc import Callable

from sqlmodel import SQLModel

from inbox_agent.domain.taxonomy import RecordType
from inbox_agent.records import (
    dispute,
    mail,
    mailbox,
    model_version,
    people,
    promise,
    raw_mail,
    reply,
    task,
    triage,
    worker,
)
from inbox_agent.records.proposal import AboutInvoice, Proposal

Propose = Callable[..., Proposal]

RECORD_TYPES: dict[RecordType, tuple[type[Proposal], type[AboutInvoice], Propose]] = {
    RecordType.DISPUTE: (dispute.Dispute, dispute.DisputeInvoice, dispute.propose),
    RecordType.PROMISE: (promise.Promise, promise.PromiseInvoice, promise.propose),
    RecordType.TASK: (task.Task, task.TaskInvoice, task.propose),
}
"""Record type -> its table, its invoice table, and how an act proposes it."""

TABLES: tuple[type[SQLModel], ...] = (
    people.Team, people.Controller, people.TeamMember, people.MailboxTeam, people.SignIn, people.SignInAttempt,
    mailbox.Mailbox, mailbox.MailboxCompany, mailbox.MailboxDay, mailbox.MailboxDifference, mailbox.MailboxSubscription,
    raw_mail.RawMail, raw_mail.RawPiece,
    mail.Thread, mail.StoredMail, mail.MailContent, mail.MailReference, mail.ThreadInvoice, mail.ThreadMove,
    triage.TriageRow, triage.Review,
    dispute.Dispute, dispute.DisputeInvoice, promise.Promise, promise.PromiseInvoice, task.Task, task.TaskInvoice,
    reply.OutgoingReply, reply.ReplyAttachment, worker.WorkerSlot,
    model_version.ModelVersion, model_version.ModelPiece, model_version.ModelPromotion,
)  # fmt: skip
"""Importing this module puts every table of the product (with `ledger.tables`) into `SQLModel.metadata`."""
