"""What the pages show: frozen rows, already limited to what the viewer may see. No page sees a table."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from inbox_agent.domain.act import Act
from inbox_agent.domain.ledger import Customer, Invoice
from inbox_agent.domain.mail import Address, Mail
from inbox_agent.domain.money import Money
from inbox_agent.domain.recognition import Certainty
from inbox_agent.domain.taxonomy import INTENTS, DisputeReason, Intent, Language, RecordType
from inbox_agent.domain.triage import Triage
from inbox_agent.domain.verdict import Verdicts
from inbox_agent.records.mail import MailState
from inbox_agent.records.people import Role
from inbox_agent.records.proposal import ProposalState
from inbox_agent.records.reply import ReplyState


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who is signed in. `mailbox_ids` are the mailboxes of this person's teams: the only ones that exist for them."""

    controller_id: int
    name: str
    email: str
    role: Role
    interface_language: str
    mailbox_ids: tuple[int, ...]
    csrf_token: str

    @property
    def is_lead(self) -> bool:
        """Whether re-assigning and re-classifying is allowed."""
        return self.role is Role.TEAM_LEAD


class QueueView(StrEnum):
    """The lists of the queue."""

    OPEN = "open"
    MINE = "mine"
    PARKED = "parked"
    DONE = "done"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """What to list. `search` looks in sender, subject, customer name and number; `intent` keeps mails that have it."""

    view: QueueView = QueueView.OPEN
    mailbox_id: int | None = None
    intent: Intent | None = None
    search: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One mail of the list. `also_in` are the addresses of other mailboxes that got it; `is_answered`: a colleague answered in the
    mail program; `is_gone`: it lies no longer where it was fetched from."""

    mail_id: int
    received_at: datetime
    sender_name: str
    sender_email: str
    subject: str
    customer_name: str
    customer_number: str
    state: MailState
    state_reason: str
    intents: tuple[Intent, ...]
    confidence: float | None
    has_draft: bool
    certainty: Certainty | None
    is_dangerous: bool
    reply_state: ReplyState | None
    assigned_name: str
    mailbox_name: str
    decided_at: datetime | None
    also_in: tuple[str, ...] = ()
    is_answered: bool = False
    is_gone: bool = False

    @property
    def asks_whose(self) -> bool:
        """Whether a person has to say whose mail it is: nobody is filed, and it says something for a customer's account."""
        told = any(not INTENTS[intent].stands_alone for intent in self.intents)
        open_for_it = self.state is MailState.TRIAGED and self.decided_at is None
        return open_for_it and told and not self.customer_number and self.certainty in _NOT_CLEAR


_NOT_CLEAR = (Certainty.AMBIGUOUS, Certainty.UNKNOWN)


@dataclass(frozen=True, slots=True)
class QueuePage:
    """A page of the queue. `version` changes when, and only when, a reload would show something else."""

    rows: tuple[QueueRow, ...]
    total: int
    page: int
    pages: int
    counts: dict[QueueView, int]
    version: str


@dataclass(frozen=True, slots=True)
class ProposedRecord:
    """A record proposed from an act, with the ledger rows that it is about."""

    record_type: RecordType
    record_id: int
    act_index: int
    state: ProposalState
    intent: Intent
    invoices: tuple[str, ...]
    amount: Money | None
    on_date: date | None
    evidence: str
    reason: DisputeReason | None = None


@dataclass(frozen=True, slots=True)
class ReplyFile:
    """A file that goes with a reply. `position` counts from 0; `size` in bytes."""

    position: int
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class ReplyView:
    """The last reply to a mail and where it is now. `quoted` and `signature` stand below `body`.

    `may_have_left`: an earlier attempt to send it had no certain end.
    """

    reply_id: int
    message_id: str
    recipients: tuple[str, ...]
    subject: str
    body: str | None
    state: ReplyState
    problem: str
    approved_by: str
    approved_at: datetime
    delivered_at: datetime | None
    send_after: datetime
    cc: tuple[str, ...] = ()
    signature: str = ""
    quoted: str = ""
    files: tuple[ReplyFile, ...] = ()
    may_have_left: bool = False

    @property
    def came_back(self) -> bool:
        """Whether the mail waits for its controller again, and the reply's text is its draft."""
        return self.state in (ReplyState.WITHDRAWN, ReplyState.RETURNED)


@dataclass(frozen=True, slots=True)
class ThreadEntry:
    """Another mail, or a reply of ours, in the same thread, oldest first. A reply bears the id of the mail that it answers.

    `in_mail_program`: a colleague sent it there. `state` is a reply's. `is_automatic`: no person wrote it.
    """

    mail_id: int | None
    at: datetime
    who: str
    subject: str
    ours: bool
    intents: tuple[Intent, ...]
    in_mail_program: bool = False
    state: ReplyState | None = None
    is_automatic: bool = False


@dataclass(frozen=True, slots=True)
class PossibleCase:
    """A thread that may be the same case: its last mail, and how many it has. `customer_name` is "" where none is known."""

    mail_id: int
    who: str
    subject: str
    at: datetime
    mails: int
    customer_name: str
    other_customer: bool


@dataclass(frozen=True, slots=True)
class ThreadChange:
    """The last time that a person joined this thread with another one (`joined`) or split it; it can be taken back."""

    move_id: int
    joined: bool
    by: str
    at: datetime
    mails: int


@dataclass(frozen=True, slots=True)
class Case:
    """The thread of a mail as its page shows it. `can_split`: an older mail is in it, so that it can begin here."""

    entries: tuple[ThreadEntry, ...] = ()
    possible: tuple[PossibleCase, ...] = ()
    change: ThreadChange | None = None
    can_split: bool = False


@dataclass(frozen=True, slots=True)
class OutsideAnswer:
    """What a colleague sent in the mail program in answer to a mail."""

    mail_id: int
    who: str
    subject: str
    at: datetime


class DecisionKind(StrEnum):
    """What a review says was done. The last approval or dismissal holds, unless the mail was reopened since."""

    APPROVED = "approved"
    DISMISSED = "dismissed"
    REOPENED = "reopened"
    RECLASSIFIED = "reclassified"
    REASSIGNED = "reassigned"
    CUSTOMER_CHOSEN = "customer_chosen"
    RETRIED = "retried"
    RESENT = "resent"
    MARKED_DELIVERED = "marked_delivered"
    WITHDRAWN = "withdrawn"
    RETURNED = "returned"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about the mail, by whom. `decision` is approved or dismissed; or answered: nobody decided here, since
    an answer in the mail program left nothing to decide (`controller_name` is "")."""

    decision: DecisionKind
    reason: str
    controller_name: str
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class Detail:
    """Everything the page of one mail shows. `mail` and `triage` are None once erased; `triage` also while parked.

    `invoices` are the customer's items as the ledger has them *now* (the reading keeps what it saw); `customer` likewise.
    `verdicts` are on the fields of `acts`, against those items. `version` goes back with every decision, so that two controllers cannot decide the same mail.
    `intents` are the reading's, or what a team lead or the approval made of them. `also_in` are the addresses of other mailboxes
    that got the same mail; `copy_of` is the mail that is read for this one, if the viewer may see it. `gone_at`: since when it lies
    no longer where it was fetched from (`folder`). `answer`: a colleague answered in the mail program, which closed the draft.
    `passed_on_from` is who wrote the mail that a colleague passed on.
    """

    mail_id: int
    version: int
    state: MailState
    state_reason: str
    received_at: datetime
    mailbox_name: str
    mailbox_address: str
    assigned_to: int | None
    mail: Mail | None
    triage: Triage | None
    triaged_at: datetime | None
    language: Language | None
    customer: Customer | None
    company_name: str
    invoices: tuple[Invoice, ...]
    records: tuple[ProposedRecord, ...]
    acts: tuple[Act, ...]
    case: Case
    reply: ReplyView | None
    decision: Decision | None
    verdicts: Verdicts
    intents: tuple[Intent, ...] = ()
    also_in: tuple[str, ...] = ()
    copy_of: int | None = None
    folder: str = ""
    gone_at: datetime | None = None
    is_sent: bool = False
    answer: OutsideAnswer | None = None
    passed_on_from: Address | None = None


@dataclass(frozen=True, slots=True)
class Amendment:
    """What a record, named by its type and id, is to say. `invoices` are the ledger's numbers; None: not stated.

    `reason` counts for a dispute only, `on_date` for a promise or a task only.
    """

    key: tuple[RecordType, int]
    invoices: tuple[str, ...]
    amount: Money | None
    on_date: date | None = None
    reason: DisputeReason | None = None

    @property
    def record_type(self) -> RecordType:
        """Of the record."""
        return self.key[0]


@dataclass(frozen=True, slots=True)
class Addition:
    """A dispute or promise that the machine missed. Fields as in `Amendment`."""

    record_type: RecordType
    invoices: tuple[str, ...]
    amount: Money | None
    on_date: date | None = None
    reason: DisputeReason | None = None


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file that a controller adds to a reply, as the browser named it."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Approval:
    """What a controller approves. `accepted` are (record type, record id) to confirm; the others are rejected.

    `amendments` are what accepted records say instead of what was proposed; `addition` is one that nobody proposed.

    `reply` None: nothing is sent. `intents` None: as read; otherwise the controller's correction. `called`: the controller
    says that a known number was called, which danger signs ask for before a reply.

    `to` None: whom the reply is proposed to go to. `checked`: unfamiliar addresses that the controller looked at. `files` go
    with the reply; so do `kept_files`, (reply id, position) of an earlier reply to the mail that was taken back or returned.
    """

    version: int
    accepted: tuple[tuple[RecordType, int], ...] = ()
    subject: str = ""
    reply: str | None = None
    intents: tuple[Intent, ...] | None = None
    called: bool = False
    amendments: tuple[Amendment, ...] = ()
    addition: Addition | None = None
    to: tuple[str, ...] | None = None
    cc: tuple[str, ...] = ()
    checked: tuple[str, ...] = ()
    files: tuple[UploadedFile, ...] = ()
    kept_files: tuple[tuple[int, int], ...] = ()
