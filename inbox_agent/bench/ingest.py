"""Ingest bench: real Dovecot, real worker, sample mails made distinct, times taken at APPEND and at the triaged row."""

import os
import platform
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from imapclient import IMAPClient
from sqlmodel import col, func, select

from inbox_agent import db, schema
from inbox_agent.bench.dovecot import Dovecot
from inbox_agent.commands.demo import ADDRESS, FIXTURES
from inbox_agent.commands.mailbox_saving import Given, save
from inbox_agent.domain.errors import InboxAgentError
from inbox_agent.ledger import importer
from inbox_agent.records.mail import MailState, StoredMail
from inbox_agent.records.mailbox import MailboxKind

USER, PASSWORD = "bench", "bench-password"
_GIVE_UP_SECONDS = 900


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Message-ID -> when APPEND had returned."""

    at: dict[str, datetime]
    began: float


def run(mails: int, paced: int, database_url: str) -> Iterator[str]:
    """Yields the lines of the report. Raises `InboxAgentError` when Dovecot is missing or the worker stops."""
    with tempfile.TemporaryDirectory(prefix="inbox-agent-bench-") as name:
        folder = Path(name)
        with Dovecot.start(folder / "dovecot", users={USER: PASSWORD}) as dovecot:
            environment = {
                **os.environ,
                "INBOX_AGENT_DATA_DIR": str(folder / "data"),
                "INBOX_AGENT_DATABASE_URL": database_url,
                "INBOX_AGENT_LOG_LEVEL": "warning",
                "INBOX_AGENT_BENCH_PASSWORD": PASSWORD,
            }
            engine = _database(folder, database_url, dovecot.port)
            worker = subprocess.Popen([sys.executable, "-m", "inbox_agent", "worker"], env=environment)
            try:
                yield from _measure(engine, worker, dovecot.port, mails, paced)
            finally:
                worker.terminate()
                worker.wait(timeout=30)
                engine.dispose()


def _measure(engine: sa.Engine, worker: "subprocess.Popen[bytes]", port: int, mails: int, paced: int) -> Iterator[str]:
    yield f"machine      {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {engine.dialect.name}"
    warm = _append(port, _samples(10, "warm"), 0)
    _wait(engine, worker, len(warm.at))
    burst = _append(port, _samples(mails, "burst"), 0)
    appended = time.monotonic() - burst.began
    _wait(engine, worker, len(warm.at) + len(burst.at))
    seconds = time.monotonic() - burst.began
    rate = mails / seconds
    yield f"burst        {mails} mails in {seconds:.1f} s from first APPEND to last triaged row: {rate:.1f} mails/s"
    yield f"             (APPEND alone took {appended:.1f} s)"
    one_by_one = _append(port, _samples(paced, "paced"), 2 / rate)
    _wait(engine, worker, len(warm.at) + len(burst.at) + len(one_by_one.at))
    yield f"latency      {_quantiles(engine, one_by_one)} from arrival to visible with its reading, {paced} mails at half that rate"
    yield f"             {_quantiles(engine, burst)} for the mails of the burst"
    yield f"peak memory  {_peak_megabytes(worker.pid):.0f} MB (worker); this bench {_own_peak_megabytes():.0f} MB"
    yield f"triage       {_triage_median(engine) * 1000:.1f} ms a mail, median, reading and drafting"


def _database(folder: Path, url: str, port: int) -> sa.Engine:
    engine = db.create_engine(url or f"sqlite:///{folder / 'data' / 'inbox-agent.db'}")
    schema.upgrade(engine)
    options = {
        "host": "127.0.0.1",
        "port": port,
        "security": "none",
        "user": USER,
        "password": "env:INBOX_AGENT_BENCH_PASSWORD",
        "folder": "INBOX",
        "sent_folder": "",
        "ca_file": "",
        "smtp": {"host": "127.0.0.1", "port": 9, "security": "none", "user": "", "password": ""},
    }
    with db.writing(engine) as session:
        importer.import_tree(session, FIXTURES / "ledgers", db.now())
        save(session, "bench", ADDRESS, MailboxKind.IMAP, options, Given(teams=("Bench",)))
    return engine


def _samples(count: int, series: str) -> list[tuple[str, bytes]]:
    """`count` sample mails, made distinct by their Message-ID."""
    raws = [path.read_bytes() for path in sorted((FIXTURES / "mails").glob("*/*.eml"))]
    samples = []
    for number in range(count):
        message_id = f"<{series}-{number}@bench.example>"
        raw = re.sub(rb"(?im)^message-id:.*(\r?\n[ \t].*)*\r?\n", b"", raws[number % len(raws)], count=1)
        samples.append((message_id, f"Message-ID: {message_id}\r\n".encode() + raw))
    return samples


def _append(port: int, samples: list[tuple[str, bytes]], pause: float) -> Arrivals:
    at: dict[str, datetime] = {}
    with IMAPClient("127.0.0.1", port=port, ssl=False) as client:
        client.login(USER, PASSWORD)
        began = time.monotonic()
        for number, (message_id, raw) in enumerate(samples):
            if pause:
                time.sleep(max(0.0, began + number * pause - time.monotonic()))
            client.append("INBOX", raw)
            at[message_id] = datetime.now(UTC)
    return Arrivals(at, began)


def _wait(engine: sa.Engine, worker: "subprocess.Popen[bytes]", wanted: int) -> None:
    deadline = time.monotonic() + _GIVE_UP_SECONDS
    while True:
        with db.reading(engine) as session:
            done = session.exec(select(func.count()).where(StoredMail.state != MailState.FETCHED)).one()
        if done >= wanted:
            return
        if worker.poll() is not None:
            raise InboxAgentError("The worker stopped; the reason is printed above.")
        if time.monotonic() > deadline:
            raise InboxAgentError(f"Only {done} of {wanted} mails were read in {_GIVE_UP_SECONDS} seconds.")
        time.sleep(0.1)


def _quantiles(engine: sa.Engine, arrivals: Arrivals) -> str:
    with db.reading(engine) as session:
        rows = session.exec(
            select(StoredMail.message_id, StoredMail.triaged_at).where(col(StoredMail.triaged_at).is_not(None))
        ).all()
    waits = sorted(
        (triaged - arrivals.at[message_id]).total_seconds()
        for message_id, triaged in rows
        if triaged is not None and message_id in arrivals.at
    )
    cuts = statistics.quantiles(waits, n=20)
    return f"p50 {cuts[9]:.2f} s, p95 {cuts[18]:.2f} s"


def _triage_median(engine: sa.Engine) -> float:
    from inbox_agent.records.triage import TriageRow

    with db.reading(engine) as session:
        return statistics.median(session.exec(select(TriageRow.seconds)).all())


def _peak_megabytes(process: int) -> float:
    status = Path(f"/proc/{process}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found.group(1)) / 1024 if found else float("nan")


def _own_peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
