"""The commands as a user types them: what they print, what they keep, and what they must never keep or log."""

import datetime
import json
import os
import subprocess
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from factories.exports import write_export
from factories.world import World
from sqlmodel import SQLModel, func, select

from inbox_agent import db
from inbox_agent.bench.program import Program, call
from inbox_agent.domain.errors import NotFound
from inbox_agent.domain.taxonomy import INTENTS, DisputeReason, EntityKind, Intent, Language, Tone
from inbox_agent.domain.verdict import VerdictField
from inbox_agent.durable import Queue
from inbox_agent.ledger.tables import CustomerRow, InvoiceRow
from inbox_agent.records.mail import MailState, StoredMail
from inbox_agent.records.mailbox import Mailbox
from inbox_agent.records.people import Controller
from inbox_agent.records.raw_mail import RawStore
from inbox_agent.records.reply import OutgoingReply, ReplyState
from inbox_agent.records.triage import TriageRow
from inbox_agent.review import decide
from inbox_agent.review.views import Approval
from inbox_agent.settings import RawPlace

ROOT = Path(__file__).parents[2]
MAILS = ROOT / "fixtures/mails/nl"

Environment = dict[str, str]


@pytest.fixture
def office(tmp_path: Path) -> Environment:
    """Settings of a database on SQLite where nothing is but its tables."""
    environment = {
        **os.environ,
        "INBOX_AGENT_DATA_DIR": str(tmp_path / "data"),
        "INBOX_AGENT_LOG_LEVEL": "warning",
        "INBOX_AGENT_POLL_SECONDS": "1",
    }
    done(environment, "database", "upgrade")
    return environment


def done(environment: Environment, *arguments: object, timeout: int = 120) -> str:
    """What a command prints that is to succeed."""
    finished = call(environment, *arguments, timeout=timeout)
    assert finished.returncode == 0, (finished.stdout, finished.stderr)
    return finished.stdout


def until(holds: Callable[[], object], worker: Program, seconds: float = 60) -> None:
    """Waits for what a worker will have done."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert worker.poll() is None, "the worker ended"
        assert time.monotonic() < deadline, "the worker did not do it in time"
        time.sleep(0.1)


def rows(engine: sa.Engine, *tables: type[SQLModel]) -> list[int]:
    """How many rows each table has."""
    with db.reading(engine) as session:
        return [session.exec(select(func.count()).select_from(table)).one() for table in tables]


def files_with(folder: Path, words: bytes) -> list[str]:
    """The files below a folder that have these bytes, the database's log beside it included."""
    return [path.name for path in folder.rglob("*") if path.is_file() and words in path.read_bytes()]


# mailbox


def add_second(world: World, password: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Adds a second mailbox on the world's servers."""
    options = ("--host", "127.0.0.1", "--port", world.imap_port, "--security", "none", "--user", World.USER)
    outgoing = ("--smtp-port", world.smtp_port, "--smtp-security", "none", "--smtp-user", "")
    named = ("mailbox", "add", "tweede", "--address", "tweede@halvermaan.example", "--password", password)
    return call({**world.environment, **environment}, *named, *options, *outgoing)


def test_a_mailbox_is_signed_in_to_and_its_password_kept_nowhere(world: World) -> None:
    added = add_second(world, "env:SECOND_PASSWORD", SECOND_PASSWORD=World.PASSWORD)
    assert added.returncode == 0, added.stderr
    assert "INBOX" in added.stdout
    assert "Mailbox tweede is added" in added.stdout
    with db.reading(world.engine) as session:
        kept = session.exec(select(Mailbox).where(Mailbox.name == "tweede")).one()
    assert (kept.address, kept.options["password"]) == ("tweede@halvermaan.example", "env:SECOND_PASSWORD")
    assert World.PASSWORD not in added.stdout + added.stderr
    assert files_with(world.folder / "data", b"env:SECOND_PASSWORD") != []
    assert files_with(world.folder / "data", World.PASSWORD.encode()) == []


def test_a_password_from_a_secrets_file_stays_there(world: World, tmp_path: Path) -> None:
    secrets = tmp_path / "secrets.toml"
    secrets.write_text(f'second = "{World.PASSWORD}"\n')
    secrets.chmod(0o600)
    added = add_second(world, "file:second", INBOX_AGENT_SECRETS_FILE=str(secrets))
    assert added.returncode == 0, added.stderr
    assert files_with(world.folder / "data", World.PASSWORD.encode()) == []


def test_a_password_given_in_the_open_is_refused_and_not_repeated(world: World) -> None:
    added = add_second(world, World.PASSWORD)
    assert added.returncode == 2
    assert "env:" in added.stderr
    assert World.PASSWORD not in added.stdout + added.stderr
    assert files_with(world.folder / "data", World.PASSWORD.encode()) == []
    assert rows(world.engine, Mailbox) == [1]


def test_a_mailbox_added_again_is_changed_and_keeps_its_place(world: World) -> None:
    with db.writing(world.engine) as session:
        session.exec(select(Mailbox)).one().cursor = "7:12"
    path = world.folder / "eml"
    path.mkdir()
    done(world.environment, "mailbox", "add", "debiteuren", "--address", "nieuw@halvermaan.example", "--path", path)
    with db.reading(world.engine) as session:
        row = session.exec(select(Mailbox)).one()
    assert (row.address, row.kind, row.options, row.cursor) == (
        "nieuw@halvermaan.example",
        "folder",
        {"path": str(path)},
        "7:12",
    )


def test_mailboxes_are_listed_checked_paused_and_resumed(world: World) -> None:
    def listed() -> str:
        return done(world.environment, "mailbox", "list")

    assert "debiteuren@halvermaan.example" in listed()
    assert "fetched 0  last read never  ready" in listed()
    world.dovecot.deliver(World.USER, b"From: jan@boer.example\r\nSubject: kopie\r\n\r\nGraag een kopie.\r\n")
    assert "folder INBOX holds 1 mails" in done(world.environment, "mailbox", "check", "debiteuren")
    done(world.environment, "mailbox", "pause", "debiteuren")
    assert listed().rstrip().endswith("paused")
    done(world.environment, "mailbox", "pause", "debiteuren", "--resume")
    assert listed().rstrip().endswith("ready")
    assert rows(world.engine, StoredMail) == [0]


@pytest.mark.parametrize("command", ["check", "pause"])
def test_a_mailbox_that_is_not_there(office: Environment, command: str) -> None:
    refused = call(office, "mailbox", command, "nergens")
    assert refused.returncode == 2
    assert "There is no mailbox nergens" in refused.stderr


# ledger


def test_importing_a_ledger_twice_changes_nothing(office: Environment) -> None:
    first = done(office, "ledger", "import", ROOT / "fixtures/ledgers").splitlines()
    second = done(office, "ledger", "import", ROOT / "fixtures/ledgers").splitlines()
    assert [line.partition(":")[0] for line in first] == [line.partition(":")[0] for line in second] == ["HMX", "HMT"]
    for before, after in zip(first, second, strict=True):
        added = before.split()[1]
        assert int(added) > 0
        assert after.partition(": ")[2] == (f"0 added, 0 changed, {added} unchanged, 0 settled, 0 contacts removed")


# triage

KEYS = {"id", "intents", "acts", "entities", "reply_text", "tone", "requires_reply", "language", "confidence",
        "number_verdicts", "customer", "dangers"}  # fmt: skip
ACT_KEYS = {"intent", "reason", "invoices", "amount", "currency", "date", "evidence", "verdicts"}


def valid(line: str) -> dict[str, Any]:
    """The reading, if it has exactly the keys of the guide's gold and beside them, and values that the guide allows."""
    reading: dict[str, Any] = json.loads(line)
    assert set(reading) == KEYS
    intents = [Intent(intent) for intent in reading["intents"]]
    assert intents
    assert len(set(intents)) == len(intents)
    assert len(intents) == 1 or not any(INTENTS[intent].stands_alone for intent in intents), intents
    for act in reading["acts"]:
        assert {"intent", "invoices", "evidence"} <= set(act) <= ACT_KEYS
        assert Intent(act["intent"]) in intents
        assert all(isinstance(number, str) and number for number in act["invoices"])
        assert act["evidence"].strip()
        assert ("amount" in act) is ("currency" in act)
        if "amount" in act:
            assert Decimal(act["amount"]).is_finite()
            assert len(act["currency"]) == 3
        if "date" in act:
            datetime.date.fromisoformat(act["date"])
        fields = [VerdictField(verdict["field"]) for verdict in act["verdicts"]]
        assert fields.count(VerdictField.INVOICE) >= len(act["invoices"])
        assert fields.count(VerdictField.AMOUNT) == ("amount" in act)
        if "reason" in act:
            assert DisputeReason(act["reason"])
            assert act["intent"] == Intent.DISPUTE
    assert set(reading["entities"]) == set(EntityKind)
    assert all(isinstance(value, str) for values in reading["entities"].values() for value in values)
    assert isinstance(reading["reply_text"], str)
    assert Tone(reading["tone"])
    assert Language(reading["language"])
    assert isinstance(reading["requires_reply"], bool)
    assert isinstance(reading["confidence"], float)
    assert 0 <= reading["confidence"] <= 1
    return reading


def test_raw_mails_are_read_one_line_a_mail(office: Environment) -> None:
    done(office, "ledger", "import", ROOT / "fixtures/ledgers")
    files = sorted(MAILS.glob("*.eml"))
    readings = [valid(line) for line in done(office, "triage", *files).splitlines()]
    assert [reading["id"] for reading in readings] == [file.name for file in files]
    assert any(act["invoices"] for reading in readings for act in reading["acts"])


def test_raw_mails_are_read_without_any_database(tmp_path: Path) -> None:
    """And without leaving one behind."""
    environment = {**os.environ, "INBOX_AGENT_DATA_DIR": str(tmp_path / "nowhere")}
    assert valid(done(environment, "triage", MAILS / "story-1-kopie.eml"))["language"] == "nl"
    assert not (tmp_path / "nowhere").exists()


def test_records_of_the_guide_are_read_into_a_file(office: Environment, tmp_path: Path) -> None:
    out = tmp_path / "read.jsonl"
    assert done(office, "triage", MAILS / "gold.jsonl", "--out", out) == ""
    records = [json.loads(line) for line in (MAILS / "gold.jsonl").read_text("utf-8").splitlines()]
    readings = [valid(line) for line in out.read_text("utf-8").splitlines()]
    assert [reading["id"] for reading in readings] == [record["id"] for record in records]
    for record, reading in zip(records, readings, strict=True):
        sources = [record["body"], record.get("subject", ""), *(one["text"] for one in record.get("attachments", []))]
        for act in reading["acts"]:
            assert any(act["evidence"] in source for source in sources), (record["id"], act)


def test_a_broken_mail_is_reported_and_the_others_printed(office: Environment, tmp_path: Path) -> None:
    broken = tmp_path / "leeg.eml"
    broken.write_bytes(b"\r\n")
    read = call(office, "triage", MAILS / "story-1-kopie.eml", broken, MAILS / "gmail-zzp-uitstel.eml")
    ids = [valid(line)["id"] for line in read.stdout.splitlines()]
    assert (read.returncode, ids) == (1, ["story-1-kopie.eml", "gmail-zzp-uitstel.eml"])
    assert read.stderr.splitlines() == [f"{broken}: This mail is empty: the mailbox gave no bytes for it."]


@pytest.mark.parametrize("line", [b'{"id": "2", "received"', b'{"id": "2"}', b"\xff\xfe no utf-8"])
def test_a_broken_record_stops_with_its_line(office: Environment, tmp_path: Path, line: bytes) -> None:
    """What is asked for in a file is then not written at all."""
    records = tmp_path / "records.jsonl"
    good = b'{"id": "1", "received": "2026-11-24T09:00+01:00", "from": "a@b.example", "body": "Graag een kopie."}'
    records.write_bytes(good + b"\n\n" + line + b"\n")
    out = tmp_path / "read.jsonl"
    refused = call(office, "triage", records, "--out", out)
    assert refused.returncode == 2, refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    assert f"{records}, line 3" in refused.stderr
    assert not out.exists()


def test_a_file_that_is_not_there(office: Environment, tmp_path: Path) -> None:
    refused = call(office, "triage", tmp_path / "nergens.eml")
    assert (refused.returncode, refused.stderr.strip()) == (2, f"inbox-agent: There is no file {tmp_path}/nergens.eml.")


# customer

WORDS = "vertrouwelijk-verhaal-van-de-klant"


@pytest.mark.parametrize("place", RawPlace)
def test_erasing_a_customer_removes_what_it_wrote(office: Environment, tmp_path: Path, place: RawPlace) -> None:
    """Mail of customer 10014 is taken in and read by a worker, then erased; mail of 10027 stays."""
    environment = {**office, "INBOX_AGENT_RAW_PLACE": place.value}
    done(environment, "ledger", "import", write_export(tmp_path / "ledger"))
    box = tmp_path / "box"
    box.mkdir()
    for sender in ("jan@boer.example", "accountant@x.example"):
        (box / f"{sender}.eml").write_text(
            f"From: {sender}\nTo: debiteuren@halvermaan.example\nSubject: Kopie\nMessage-ID: <1.{sender}>\n\n"
            f"Graag een kopie van de factuur. {WORDS if 'boer' in sender else 'gewoon'}\n"
        )
    done(environment, "mailbox", "add", "debiteuren", "--address", "debiteuren@halvermaan.example", "--path", box)
    data = Path(environment["INBOX_AGENT_DATA_DIR"])
    engine = db.create_engine(f"sqlite:///{data / 'inbox-agent.db'}")
    worker = Program(environment, "worker")
    try:
        until(lambda: rows(engine, TriageRow) == [2], worker)
    finally:
        worker.terminate()
        worker.wait(timeout=30)
    store = RawStore(data / "raw" if place is RawPlace.FOLDER else None)
    with db.reading(engine) as session:
        shas = {mail.sender_email: mail.raw_sha256 for mail in session.exec(select(StoredMail))}
        assert WORDS.encode() in store.get(session, shas["jan@boer.example"])
    raw_files = len([path for path in (data / "raw").rglob("*") if path.is_file()])
    assert raw_files == (2 if place is RawPlace.FOLDER else 0)

    erased = done(environment, "customer", "erase", "HMT", "10014", "--yes")

    assert erased == "Erased: 1 mails, 1 originals, 0 replies.\n"
    with db.reading(engine) as session:
        with pytest.raises(NotFound):
            store.get(session, shas["jan@boer.example"])
        assert b"gewoon" in store.get(session, shas["accountant@x.example"])
    engine.dispose()
    assert len([path for path in (data / "raw").rglob("*") if path.is_file()]) == raw_files // 2
    assert files_with(data, WORDS.encode()) == []
    assert done(environment, "customer", "erase", "HMT", "10014", "--yes").startswith("Erased: 0 mails, 0 originals")


def test_erasing_asks_first(office: Environment, tmp_path: Path) -> None:
    done(office, "ledger", "import", write_export(tmp_path / "ledger"))
    assert call(office, "customer", "erase", "HMT", "10014").returncode == 1
    assert call(office, "customer", "erase", "HMT", "99999", "--yes").returncode == 2


# demo


def test_the_demo_runs_twice_in_one_folder(tmp_path: Path) -> None:
    """Each run answers one mail; nothing is doubled by the second."""
    folder = tmp_path / "demo"
    tables = (StoredMail, TriageRow, CustomerRow, InvoiceRow, Mailbox, Controller)

    def run() -> list[int]:
        printed = done(dict(os.environ), "demo", "--check", "--folder", folder, timeout=300)
        assert "The demo works" in printed
        engine = db.create_engine(f"sqlite:///{folder / 'inbox-agent.db'}")
        counted = rows(engine, *tables)
        engine.dispose()
        return counted

    first = run()
    assert len(list((folder / "mailbox/sent").glob("*.eml"))) == 1
    assert run() == first
    assert len(list((folder / "mailbox/sent").glob("*.eml"))) == 2
    mails = len(list((ROOT / "fixtures/mails").glob("*/*.eml")))
    assert first[0] == len(list((folder / "mailbox").glob("*.eml"))) == mails
    engine = db.create_engine(f"sqlite:///{folder / 'inbox-agent.db'}")
    with db.reading(engine) as session:
        replies = session.exec(select(OutgoingReply)).all()
    engine.dispose()
    assert [reply.state for reply in replies] == [ReplyState.DELIVERED] * 2
    assert len({reply.mail_id for reply in replies}) == 2


# logs

PRIVATE = ("Zwijgplicht", "onderwerp-geheim", "klant-geheim", "verhaal-geheim", "antwoord-geheim", "bijlage-geheim")
HEAD = "From: Zwijgplicht <klant-geheim@boer.example>\r\nTo: debiteuren@halvermaan.example\r\nMessage-ID: <{}@boer.example>\r\n"
LOGGED = (
    HEAD.format(1) + "Subject: onderwerp-geheim factuur 26700001\r\n\r\nKunt u een kopie sturen? verhaal-geheim\r\n",
    HEAD.format(2)
    + "Subject: onderwerp-geheim\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    "--b\r\nContent-Type: text/html; charset=x-bestaat-niet\r\n\r\n<p>verhaal-geheim<table><tr>\r\n"
    "--b\r\nContent-Type: application/pdf; name=bijlage-geheim.pdf\r\n\r\n%PDF-1.4 bijlage-geheim stuk\r\n"
    "--b\r\nContent-Type: application/vnd.openxmlformats-officedocument.spreadsheetml.sheet; name=bijlage-geheim.xlsx"
    "\r\n\r\nPK bijlage-geheim stuk\r\n--b--\r\n",
    HEAD.format(3)
    + "Subject: =?onderwerp-geheim?b?@@@?=\r\nDate: verhaal-geheim\r\nContent-Transfer-Encoding: base64\r\n\r\nverhaal-geheim\r\n",
    " \r\n",
)
"""A plain mail, one with broken attachments and an unknown charset, one with broken headers, and one with nothing in it."""


def test_the_log_at_its_most_talkative_says_nothing_of_a_mail(world: World, tmp_path: Path) -> None:
    """From the mailbox to the reply that was sent: every line is JSON with ids and counts."""
    world.environment |= {"INBOX_AGENT_LOG_LEVEL": "debug", "INBOX_AGENT_LOG_FORMAT": "json"}
    for raw in LOGGED:
        world.dovecot.deliver(World.USER, raw.encode())
    path = tmp_path / "log"
    worker = Program(world.environment, "worker", err=path)
    try:
        until(lambda: settled(world.engine) == len(LOGGED), worker)
        with db.writing(world.engine) as session:
            mail = session.exec(select(StoredMail).where(StoredMail.message_id == "<1@boer.example>")).one()
            approval = Approval(mail.version, subject="Re: onderwerp-geheim", reply="Beste, antwoord-geheim")
            decide.approve(session, world.viewer, mail.id or 0, approval, Queue(world.engine), db.now())
        until(lambda: world.smtp_received() and marked(world.engine), worker)
    finally:
        world.stop(worker)
    text = path.read_text("utf-8")
    events = [json.loads(line)["event"] for line in text.splitlines()]
    assert {"worker_started", "fetched", "triaged", "reply", "worker_stopped"} <= set(events)
    for words in (*PRIVATE, "boer.example", World.PERSON, World.PASSWORD, World.PERSON_PASSWORD):
        assert words.lower() not in text.lower(), words


def settled(engine: sa.Engine) -> int:
    with db.reading(engine) as session:
        return session.exec(select(func.count()).where(StoredMail.state != MailState.FETCHED)).one()


def marked(engine: sa.Engine) -> bool:
    with db.reading(engine) as session:
        return session.exec(select(func.count()).where(StoredMail.handled_in_mailbox)).one() == 1
