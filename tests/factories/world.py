"""A whole world for functional tests: Dovecot, an SMTP server, a database, people, and worker processes."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from inbox_agent import db, schema
from inbox_agent.bench.dovecot import Dovecot
from inbox_agent.bench.smtp_sink import SmtpSink
from inbox_agent.commands.mailbox import save
from inbox_agent.records.mailbox import MailboxKind
from inbox_agent.records.people import Role
from inbox_agent.review import access
from inbox_agent.review.views import Viewer


class World:
    """Everything runs on loopback, in one temporary folder; on SQLite there unless `database_url` names another database."""

    USER = "debiteuren"
    PASSWORD = "wachtwoord-van-de-bus"
    PERSON = "sanne@halvermaan.example"
    PERSON_PASSWORD = "een-lang-wachtwoord"

    def __init__(self, folder: Path, dovecot: Dovecot, smtp: SmtpSink, database_url: str = "") -> None:
        self.folder = folder
        self.imap_port = dovecot.port
        self.dovecot = dovecot
        self.smtp_port = smtp.port
        self._smtp = smtp
        self.environment = {
            **os.environ,
            "INBOX_AGENT_DATA_DIR": str(folder / "data"),
            "INBOX_AGENT_DATABASE_URL": database_url,
            "INBOX_AGENT_LOG_LEVEL": "warning",
            "INBOX_AGENT_POLL_SECONDS": "1",
            "WORLD_PASSWORD": self.PASSWORD,
        }
        self.engine = db.create_engine(database_url or f"sqlite:///{folder / 'data' / 'inbox-agent.db'}")
        schema.upgrade(self.engine)
        self.viewer = self._people_and_mailbox()

    def start_worker(self) -> "subprocess.Popen[bytes]":
        """A worker process."""
        return subprocess.Popen([sys.executable, "-m", "inbox_agent", "worker"], env=self.environment)

    def stop(self, process: "subprocess.Popen[bytes]") -> None:
        """Ends a process as a service manager would."""
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def smtp_received(self) -> list[bytes]:
        """What the SMTP server accepted."""
        return [message.raw for message in self._smtp.messages]

    def _people_and_mailbox(self) -> Viewer:
        options = {
            "host": "127.0.0.1",
            "port": self.imap_port,
            "security": "none",
            "user": self.USER,
            "password": "env:WORLD_PASSWORD",
            "folder": "INBOX",
            "sent_folder": "",
            "ca_file": "",
            "smtp": {"host": "127.0.0.1", "port": self._smtp.port, "security": "none", "user": "", "password": ""},
        }
        with db.writing(self.engine) as session:
            save(
                session,
                "debiteuren",
                "debiteuren@halvermaan.example",
                MailboxKind.IMAP,
                options,
                "",
                "Debiteuren",
                None,
            )
            access.add_controller(
                session, self.PERSON, "Sanne", self.PERSON_PASSWORD, Role.CONTROLLER, "nl", ("Debiteuren",), db.now()
            )
        with db.writing(self.engine) as session:
            signed_in = access.sign_in(session, self.PERSON, self.PERSON_PASSWORD, db.now(), 12)
        with db.reading(self.engine) as session:
            viewer = access.viewer(session, signed_in.token, db.now())
        assert viewer is not None
        return viewer


@contextmanager
def a_world(folder: Path, database_url: str = "") -> Iterator[World]:
    """A world that ends with the block."""
    with Dovecot.start(folder / "dovecot", users={World.USER: World.PASSWORD}) as dovecot, SmtpSink.start() as smtp:
        world = World(folder, dovecot, smtp, database_url)
        yield world
        world.engine.dispose()
