"""`inbox-agent mailbox status` and `mailbox audit`: the figures of the mailboxes page in a terminal, for people and monitors."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Annotated, Any

import typer
from sqlmodel import col, select

from inbox_agent import bootstrap, db
from inbox_agent.commands.mailbox_saving import named
from inbox_agent.domain.errors import NotFound
from inbox_agent.records.mailbox import DifferenceKind, Mailbox
from inbox_agent.review.alarms import Alarm, AlarmKind, alarms
from inbox_agent.review.differences import Difference
from inbox_agent.review.reconciliation import DAYS, DayRow, Reconciliation, reconciliation
from inbox_agent.settings import Settings, load


def status(
    name: Annotated[str | None, typer.Argument(help="Name of one mailbox; default: all.")] = None,
    days: Annotated[int, typer.Option(min=1, max=30, help="Days that are shown.")] = DAYS,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Per mailbox and day: on the server = triaged + parked + ignored + being read, and every difference.

    Ends with 1 when something differs, is not read, or needs somebody soon: made for cron and monitoring.
    """
    found, wrong = _look(load(), name, days)
    if as_json:
        typer.echo(json.dumps([_as_json(box, wrong) for box in found], default=str, indent=2, ensure_ascii=False))
    else:
        for box in found:
            typer.echo("\n".join((*_lines(box, wrong), "")))
    if wrong or not all(box.balanced for box in found):
        raise typer.Exit(1)


def audit(name: Annotated[str, typer.Argument(help="Name of the mailbox.")]) -> None:
    """Compare everything in a mailbox with what was taken in, now, and fetch what is missing. Ends with 1 when mail is missing.

    A worker does this at its start and every hour; beside a running one it does no harm.
    """
    settings = load()
    engine = bootstrap.open_database(settings)
    with db.reading(engine) as session:
        mailbox = named(session, name)
    outcome = bootstrap.audit(settings, engine, mailbox)
    typer.echo(
        f"{name}: {outcome.on_server} mails on the server, {outcome.fetched} of them were fetched now, "
        f"{outcome.missing} are missing, {outcome.departed} wait here and lie there no longer."
    )
    if outcome.missing:
        typer.echo(f"Which: inbox-agent mailbox status {name}")
        raise typer.Exit(1)


def _look(settings: Settings, name: str | None, days: int) -> tuple[tuple[Reconciliation, ...], tuple[Alarm, ...]]:
    with db.reading(bootstrap.open_database(settings)) as session:
        wanted = select(Mailbox.id) if name is None else select(Mailbox.id).where(col(Mailbox.name) == name)
        ids = [one for one in session.exec(wanted) if one is not None]
        if name is not None and not ids:
            raise NotFound(f"There is no mailbox {name}. `inbox-agent mailbox list` names them.")
        now = db.now()
        return reconciliation(session, ids, now, days), alarms(session, ids, now)


def _lines(box: Reconciliation, wrong: Sequence[Alarm]) -> Iterator[str]:
    given, sums = box.settings, box.mails
    paused = "" if given.active else "  (paused)"
    yield f"{box.mailbox_name}  {given.address}  {given.kind}  team {', '.join(given.teams) or 'none'}{paused}"
    yield f"  last read {_instant(box.polled_at)}, compared {_instant(box.audited_at)}" + (
        f", sign-in valid until {_instant(box.sign_in_expires_at)}" if box.sign_in_expires_at else ""
    )
    yield (
        f"  fetched {box.fetched} = triaged {sums.triaged} + parked {sums.parked} + ignored {sums.ignored} "
        f"+ being read {sums.reading}{'' if not box.lost else f'   DIFFERS by {box.lost}'}"
    )
    yield from (f"  {line}" for line in _table(box.days))
    yield from (f"    ignored: {count} x {reason}" for reason, count in _reasons(box.days))
    yield from (f"  {_difference(one)}" for one in box.differences)
    more = sum(box.counts.values()) - len(box.differences)
    if more > 0:
        yield f"  and {more} more"
    yield from (f"  ACT {_sentence(alarm)}" for alarm in wrong if alarm.mailbox_id == box.mailbox_id)


def _table(days: Sequence[DayRow]) -> Iterator[str]:
    yield f"{'day (UTC)':<10}  {'server':>7} {'triaged':>8} {'parked':>7} {'ignored':>8} {'reading':>8} {'missing':>8} {'moved':>6}"
    for row in days:
        there = "-" if row.on_server is None else row.on_server
        sums = row.mails
        yield (
            f"{row.day!s:<10}  {there:>7} {sums.triaged:>8} {sums.parked:>7} {sums.ignored:>8} {sums.reading:>8} "
            f"{row.missing:>8} {row.gone:>6}"
        )


def _reasons(days: Sequence[DayRow]) -> list[tuple[str, int]]:
    reasons: dict[str, int] = {}
    for row in days:
        for reason, count in row.mails.ignored_by:
            reasons[reason] = reasons.get(reason, 0) + count
    return sorted(reasons.items(), key=lambda one: -one[1])


def _difference(one: Difference) -> str:
    known = one.message_id or one.source_key
    if one.kind is DifferenceKind.MISSING:
        return f"missing here: {one.day} {known} - look it up in the mail program; tried again at each comparison"
    return f"moved or deleted there: {one.day} {known} - decide on mail {one.mail_id} here, or dismiss it"


def _sentence(alarm: Alarm) -> str:
    name = alarm.mailbox_name
    if alarm.kind is AlarmKind.UNREADABLE:
        return f"{alarm.detail} (since {_instant(alarm.since)})"
    if alarm.kind is AlarmKind.STALE:
        return f"Nobody reads this mailbox (last read {_instant(alarm.since)}). Start a worker: inbox-agent worker."
    if alarm.kind is AlarmKind.MISSING:
        return f"{alarm.count} mails could not be taken in. Try again: inbox-agent mailbox audit {name}"
    ends = "ended" if alarm.kind is AlarmKind.EXPIRED else "ends"
    return (
        f"The sign-in {ends} {_instant(alarm.since)}. Renew its secret, or sign in again: "
        f"inbox-agent mailbox sign-in {name}"
    )


def _as_json(box: Reconciliation, wrong: Sequence[Alarm]) -> dict[str, Any]:
    row = asdict(box)
    row["counts"] = {kind.value: count for kind, count in box.counts.items()}
    row["days"] = [asdict(day) | {"missing": day.missing} for day in box.days]
    row["balanced"] = box.balanced
    row["alarms"] = [asdict(alarm) for alarm in wrong if alarm.mailbox_id == box.mailbox_id]
    return row


def _instant(at: Any) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else "never"
