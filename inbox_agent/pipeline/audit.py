"""The comparison of a mailbox with what was taken in of it: what is missing is fetched, what still is missing is listed.

Polling follows a position; an audit trusts none. It asks the server for everything that lies there and looks each message up
by its key, so that a mail that was skipped for whatever reason is found again, and a page can prove that none was.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import sqlalchemy as sa
import structlog
from sqlmodel import Session, col

from inbox_agent import db
from inbox_agent.mailbox.source import Listed, MailSource
from inbox_agent.pipeline.comparison import CHUNK, Comparison, chunks, day_of, keep
from inbox_agent.pipeline.intake import Intake
from inbox_agent.records.mail import MailState, StoredMail
from inbox_agent.records.mailbox import Mailbox

log = structlog.get_logger()

REACH = timedelta(days=30)
"""How far back an audit looks."""

_AT_ONCE = 100
"""Messages asked for in one `fetch_keys`."""
_MOST_MISSING = 5_000
"""Messages that one audit fetches; the next one fetches the rest. Holds its memory down whatever the mailbox."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an audit found: messages on the server, those of them that had to be fetched, those that still are missing,
    and mails that still wait here but lie there no longer."""

    on_server: int
    fetched: int
    missing: int
    departed: int


class Audit:
    """Compares one mailbox at a time. Its queries grow with the mailbox by the chunk, never by the row; of the messages that
    are known it remembers an id each."""

    def __init__(self, engine: sa.Engine, intake: Intake) -> None:
        self._engine = engine
        self._intake = intake

    def run(self, mailbox_id: int, source: MailSource, clock: Callable[[], datetime] = db.now) -> Outcome:
        """Compares, fetches what is missing, keeps the result; the previous one goes.

        Raises `MailboxError` or `DatabaseError`; what was fetched until then stays.
        """
        began, fetched = clock(), 0
        with db.reading(self._engine) as session:
            mailbox = session.get_one(Mailbox, mailbox_id)
        span = _Span.of(mailbox, began)
        while True:
            look = self._look(mailbox_id, source, span)
            came = self._fetch(mailbox_id, source, [one.source_key for one in look.unknown])
            fetched += came
            if not look.left_out or not came:
                break
        missing = self._still_missing(mailbox_id, source, look)
        expires_at = source.sign_in_expires_at()
        with db.writing(self._engine) as session:
            # Intake locks this row as well: what is weighed is exactly what was there at the instant of the comparison.
            row = session.get_one(Mailbox, mailbox_id, with_for_update={"key_share": True})
            now = clock()
            found = _weigh(session, mailbox_id, span, look, missing, began)
            keep(session, mailbox_id, found, missing, now)
            row.audited_at, row.sign_in_expires_at = now, expires_at
        outcome = Outcome(found.days.total(), fetched, len(missing) + look.left_out, found.departed_count)
        if outcome.fetched or outcome.missing:
            log.warning("audit_found", mailbox=mailbox.name, fetched=outcome.fetched, missing=outcome.missing)
        return outcome

    def _look(self, mailbox_id: int, source: MailSource, span: "_Span") -> "_Look":
        look = _Look()
        for one in self._unknown(mailbox_id, source.list_since(span.listed_from), look.seen):
            if len(look.unknown) < _MOST_MISSING:
                look.unknown.append(one)
            else:
                look.left_out += 1
        return look

    def _unknown(self, mailbox_id: int, listed: Iterable[Listed], seen: set[int]) -> Iterator[Listed]:
        """Those that were never taken in; the ids of the others go to `seen`."""
        for chunk in chunks(listed, CHUNK):
            with db.reading(self._engine) as session:
                known = _ids(session, mailbox_id, [one.source_key for one in chunk])
            seen.update(known.values())
            yield from (one for one in chunk if one.source_key not in known)

    def _fetch(self, mailbox_id: int, source: MailSource, source_keys: Sequence[str]) -> int:
        """How many of these were new when they came."""
        return sum(
            self._intake.store(mailbox_id, fetched)
            for keys in chunks(source_keys, _AT_ONCE)
            for fetched in source.fetch_keys(keys)
        )

    def _still_missing(self, mailbox_id: int, source: MailSource, look: "_Look") -> list[Listed]:
        """What is listed by a second look as well, and by then still is not here: mail comes and goes while one looks."""
        left = {one.source_key: one for one in self._unknown(mailbox_id, look.unknown, look.seen)}
        if not left:
            return []
        again = source.list_since(min(one.received_at for one in left.values()).astimezone(UTC).date())
        there = [one for one in again if one.source_key in left]
        return list(self._unknown(mailbox_id, there, look.seen))


def _weigh(
    session: Session, mailbox_id: int, span: "_Span", look: "_Look", missing: Sequence[Listed], began: datetime
) -> Comparison:
    """Every stored mail of the span beside what was listed. One that came after the audit began is there."""
    found = Comparison(Counter(dict.fromkeys(span.days(began), 0)))
    found.days.update(day_of(one.received_at) for one in missing if one.received_at >= span.compared_from)
    stored = (
        sa.select(col(StoredMail.id), *_INSTANTS, _WAITS)
        .where(col(StoredMail.mailbox_id) == mailbox_id, col(StoredMail.received_at) >= span.compared_from)
        .execution_options(yield_per=CHUNK)
    )
    for mail_id, received_at, fetched_at, gone_at, waits in session.execute(stored):
        if mail_id in look.seen or (fetched_at >= began and gone_at is None):
            found.days[day_of(received_at)] += 1
            if gone_at is not None:
                found.back.append(mail_id)
            continue
        if gone_at is None:
            found.gone.append(mail_id)
        if waits:
            found.depart(mail_id)
    return found


_INSTANTS = (col(StoredMail.received_at), col(StoredMail.fetched_at), col(StoredMail.gone_at))
_WAITS = sa.and_(col(StoredMail.decided_at).is_(None), col(StoredMail.state) != MailState.IGNORED)


class _Look:
    """What the server lists: ids of what is here already, what is not, and how many more of these there are."""

    def __init__(self) -> None:
        self.seen: set[int] = set()
        self.unknown: list[Listed] = []
        self.left_out = 0


@dataclass(frozen=True, slots=True)
class _Span:
    """From which day on (UTC) a server is asked, and from which instant on mails are compared.

    A mail's own instant may lie up to a day after the server's (`mailbox.mime.parse`): so much more is asked for.
    """

    listed_from: date
    compared_from: datetime

    def days(self, now: datetime) -> list[date]:
        """Every day that is compared, also one without a mail."""
        first, last = day_of(self.compared_from), day_of(now)
        return [first + timedelta(days=number) for number in range((last - first).days + 1)]

    @classmethod
    def of(cls, mailbox: Mailbox, now: datetime) -> "_Span":
        """The last thirty days, not before the mailbox's start date: the option `start_on` that all kinds have."""
        first = (now - REACH).date()
        started = str(mailbox.options.get("start_on") or "")
        if started and date.fromisoformat(started) > first:
            first = date.fromisoformat(started)
            return cls(first, _midnight(first))
        return cls(first, _midnight(first + timedelta(days=1)))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


def _ids(session: Session, mailbox_id: int, source_keys: Sequence[str]) -> dict[str, int]:
    wanted = sa.select(col(StoredMail.source_key), col(StoredMail.id)).where(
        col(StoredMail.mailbox_id) == mailbox_id, col(StoredMail.source_key).in_(source_keys)
    )
    return dict(session.execute(wanted).tuples().all())
