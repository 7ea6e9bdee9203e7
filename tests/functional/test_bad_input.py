"""What goes wrong outside: one clear sentence with what to do, exit code 2, nothing half-written, the others served."""

import os
import shutil
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest
from factories.world import World
from sqlmodel import select

from inbox_agent import db
from inbox_agent.bench.dovecot import Dovecot
from inbox_agent.bench.program import call
from inbox_agent.commands.mailbox_saving import save
from inbox_agent.ledger.tables import CompanyRow
from inbox_agent.records.mail import MailState, StoredMail
from inbox_agent.records.mailbox import Mailbox, MailboxKind

ROOT = Path(__file__).parents[2]


def inbox_agent(world: World, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Runs the command as a user would."""
    return call({**world.environment, **environment}, *arguments)


def refused(done: "subprocess.CompletedProcess[str]", *words: str) -> None:
    """Exit code 2 and one sentence that has the words; never a traceback."""
    assert done.returncode == 2, (done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    for word in words:
        assert word.lower() in done.stderr.lower(), done.stderr


def add_mailbox(world: World, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    common = ("mailbox", "add", "tweede", "--address", "tweede@halvermaan.example", "--password", "env:SECOND_PASSWORD")
    return inbox_agent(world, *common, *arguments, **{"SECOND_PASSWORD": World.PASSWORD, **environment})


def mailbox_names(world: World) -> list[str]:
    with db.reading(world.engine) as session:
        return [mailbox.name for mailbox in session.exec(select(Mailbox))]


def plain(world: World) -> tuple[str, ...]:
    """Options for the world's Dovecot without TLS."""
    return ("--host", "127.0.0.1", "--port", str(world.imap_port), "--security", "none", "--user", World.USER)


def test_wrong_password(world: World) -> None:
    refused(add_mailbox(world, *plain(world), SECOND_PASSWORD="niet-dit"), "password", "tweede")
    assert mailbox_names(world) == ["debiteuren"]


def test_no_password_in_the_environment(world: World) -> None:
    world.environment.pop("SECOND_PASSWORD", None)
    common = ("mailbox", "add", "x", "--address", "x@h.example", "--password", "env:NOT_SET_ANYWHERE")
    refused(inbox_agent(world, *common, *plain(world)), "NOT_SET_ANYWHERE")


def test_a_secrets_file_that_others_may_read(world: World, tmp_path: Path) -> None:
    secrets = tmp_path / "secrets.toml"
    secrets.write_text('tweede = "x"\n')
    secrets.chmod(0o644)
    common = ("mailbox", "add", "x", "--address", "x@h.example", "--password", "file:tweede")
    done = inbox_agent(world, *common, *plain(world), INBOX_AGENT_SECRETS_FILE=str(secrets))
    refused(done, "chmod 600")


def test_unknown_host(world: World) -> None:
    refused(add_mailbox(world, "--host", "nohost.invalid"), "nohost.invalid")


def test_closed_port(world: World) -> None:
    refused(add_mailbox(world, "--host", "127.0.0.1", "--port", "1", "--security", "none"), "127.0.0.1")


def test_expired_certificate(world: World, tmp_path: Path) -> None:
    with Dovecot.start(tmp_path / "old", {World.USER: World.PASSWORD}, tls=True, expired=True) as server:
        options = ("--host", "localhost", "--port", str(server.tls_port), "--ca-file", str(server.certificate))
        refused(add_mailbox(world, *options, "--user", World.USER), "certificate", "expired")


def test_missing_folder(world: World) -> None:
    refused(add_mailbox(world, *plain(world), "--folder", "Facturen"), "Facturen", "INBOX")


def test_a_folder_mailbox_that_is_not_there(world: World, tmp_path: Path) -> None:
    refused(add_mailbox(world, "--path", str(tmp_path / "nowhere")), "nowhere")


def test_a_broken_ledger_file_is_refused_whole(world: World, tmp_path: Path) -> None:
    folder = tmp_path / "ledger"
    shutil.copytree(ROOT / "fixtures/ledgers/export", folder)
    lines = (folder / "invoices.csv").read_text().splitlines()
    cells = lines[3].split(",")
    lines[3] = ",".join("twelve" if cell.replace(".", "").isdigit() and "." in cell else cell for cell in cells)
    (folder / "invoices.csv").write_text("\n".join(lines) + "\n")
    done = inbox_agent(world, "ledger", "import", str(folder))
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "invoices.csv" in done.stderr
    assert "line 4" in done.stderr
    assert "twelve" in done.stderr
    with db.reading(world.engine) as session:
        assert session.exec(select(CompanyRow)).all() == []


def test_a_ledger_folder_that_is_not_there(world: World, tmp_path: Path) -> None:
    refused(inbox_agent(world, "ledger", "import", str(tmp_path / "nowhere")), "nowhere")


def test_a_locked_database(world: World) -> None:
    path = world.engine.url.database
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        done = inbox_agent(
            world,
            "ledger",
            "import",
            str(ROOT / "fixtures/ledgers"),
            INBOX_AGENT_DATABASE_URL=f"sqlite:///{path}?timeout=1",
        )
    finally:
        holder.execute("ROLLBACK")
        holder.close()
    refused(done, "locked", "try again")


def test_a_full_disk(world: World, tmp_path: Path) -> None:
    """A real full file system, where one may be mounted."""
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(small)], capture_output=True)
    if mounted.returncode:
        pytest.skip("no file system may be mounted here")
    try:
        environment = {"INBOX_AGENT_DATA_DIR": str(small / "data")}
        assert inbox_agent(world, "database", "upgrade", **environment).returncode == 0
        free = os.statvfs(small)
        (small / "ballast").write_bytes(b"x" * max(0, free.f_bavail * free.f_frsize - 20_000))
        done = inbox_agent(world, "ledger", "import", str(ROOT / "fixtures/ledgers"), **environment)
        refused(done, "disk is full", "space")
        (small / "ballast").unlink()
        again = inbox_agent(world, "ledger", "import", str(ROOT / "fixtures/ledgers"), **environment)
        assert again.returncode == 0, again.stderr
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_no_database_yet(world: World, tmp_path: Path) -> None:
    done = inbox_agent(world, "worker", INBOX_AGENT_DATA_DIR=str(tmp_path / "new"))
    refused(done, "inbox-agent database upgrade")


def test_a_port_that_is_taken(world: World) -> None:
    refused(
        inbox_agent(world, "serve", INBOX_AGENT_PORT=str(world.imap_port)), str(world.imap_port), "INBOX_AGENT_PORT"
    )


def test_a_wrong_setting_is_named(world: World) -> None:
    refused(inbox_agent(world, "mailbox", "list", INBOX_AGENT_PORT="many"), "INBOX_AGENT_PORT")


def test_a_database_server_that_does_not_answer(world: World) -> None:
    url = "postgresql://nobody@127.0.0.1:1/nothing"
    refused(inbox_agent(world, "mailbox", "list", INBOX_AGENT_DATABASE_URL=url), "INBOX_AGENT_DATABASE_URL")


def test_one_broken_mailbox_does_not_stop_the_other(world: World) -> None:
    """The second mailbox refuses the password: the first one's mail is read, and the team sees what is wrong."""
    options = dict(_options(world), password="env:WRONG_PASSWORD")
    with db.writing(world.engine) as session:
        save(session, "stuk", "stuk@halvermaan.example", MailboxKind.IMAP, options)
    world.environment["WRONG_PASSWORD"] = "niet-dit"
    world.dovecot.deliver(World.USER, b"From: jan@boer.example\r\nSubject: kopie\r\n\r\nGraag een kopie.\r\n")
    worker = world.start_worker()
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with db.reading(world.engine) as session:
                read = [row.state for row in session.exec(select(StoredMail))]
                broken = session.exec(select(Mailbox).where(Mailbox.name == "stuk")).one()
            if read == [MailState.TRIAGED] and broken.problem:
                break
            time.sleep(0.2)
        assert read == [MailState.TRIAGED]
        assert "password" in broken.problem
        assert broken.problem_since is not None
        assert worker.poll() is None
    finally:
        world.stop(worker)


def _options(world: World) -> dict:
    with db.reading(world.engine) as session:
        return session.exec(select(Mailbox).where(Mailbox.name == "debiteuren")).one().options
