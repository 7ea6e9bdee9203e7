"""A whole world for functional tests: Dovecot, an SMTP server, a database, people, and worker processes."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from inbox_agent import db, schema
from inbox_agent.bench.dovecot import Dovecot
from inbox_agent.bench.program import Program
from inbox_agent.bench.smtp_sink import SmtpSink
from inbox_agent.commands.mailbox_saving import save
from inbox_agent.records.mailbox import MailboxKind
from inbox_agent.records.people import Role
from inbox_agent.review import access
from inbox_agent.review.views import Viewer


class World:
    """Everything runs on loopback, in one temporary folder; on SQLite there unless `database_url` names another database.

    The database was founded by `found`; `token` is the session that it gave.
    """

    USER = "debiteuren"
    PASSWORD = "wachtwoord-van-de-bus"
    PERSON = "sanne@halvermaan.example"
    PERSON_PASSWORD = "een-lang-wachtwoord"

    def __init__(self, folder: Path, dovecot: Dovecot, smtp: SmtpSink, token: str, database_url: str = "") -> None:
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
        self._add_mailbox()
        with db.reading(self.engine) as session:
            viewer = access.viewer(session, token, db.now())
        assert viewer is not None
        self.viewer: Viewer = viewer

    @classmethod
    def found(cls, engine: sa.Engine) -> str:
        """The tables and one person, for worlds to copy; returns the token of the person's session."""
        schema.upgrade(engine)
        with db.writing(engine) as session:
            access.add_controller(
                session, cls.PERSON, "Sanne", cls.PERSON_PASSWORD, Role.CONTROLLER, "nl", ("Debiteuren",), db.now()
            )
            token = access.sign_in(session, cls.PERSON, cls.PERSON_PASSWORD, db.now(), 12).token
        assert token is not None
        return token

    def start_worker(self) -> Program:
        """A worker process."""
        return Program(self.environment, "worker")

    def stop(self, process: Program) -> None:
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

    def _add_mailbox(self) -> None:
        options = {
            "host": "127.0.0.1",
            "port": self.imap_port,
            "security": "none",
            "user": self.USER,
            "password": "env:WORLD_PASSWORD",
            "folder": "INBOX",
            "sent_folder": "",
            "ca_file": "",
            "smtp": {"host": "127.0.0.1", "port": self.smtp_port, "security": "none", "user": "", "password": ""},
        }
        with db.writing(self.engine) as session:
            save(session, "debiteuren", "debiteuren@halvermaan.example", MailboxKind.IMAP, options)


@contextmanager
def a_world(folder: Path, dovecot: Dovecot, token: str, database_url: str = "") -> Iterator[World]:
    """A world that ends with the block; its person's mailbox on the server is empty."""
    shutil.rmtree(dovecot.mail / World.USER, ignore_errors=True)
    with SmtpSink.start() as smtp:
        world = World(folder, dovecot, smtp, token, database_url)
        yield world
        world.engine.dispose()
