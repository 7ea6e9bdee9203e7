"""An audit of a real IMAP server, several folders and Sent included."""

import imaplib
from pathlib import Path

import pytest
import sqlalchemy as sa
from factories.pipeline import a_mailbox_row, raw_mail
from sqlmodel import select

from inbox_agent import bootstrap, db
from inbox_agent.bench.dovecot import Dovecot
from inbox_agent.pipeline.audit import Outcome
from inbox_agent.records.mail import StoredMail
from inbox_agent.records.mailbox import Mailbox, MailboxDifference, MailboxKind
from inbox_agent.review.reconciliation import reconciliation
from inbox_agent.settings import Settings

USER, PASSWORD = "debiteuren", "een-wachtwoord"


def test_folders_and_sent_mail_add_up(engine: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three mails in two folders and one that was sent; a row is lost, a mail is moved away: the audit tells both."""
    monkeypatch.setenv("BOX_PASSWORD", PASSWORD)
    settings = Settings(data_dir=tmp_path)
    with Dovecot.start(tmp_path / "dovecot", users={USER: PASSWORD}) as dovecot:
        client = imaplib.IMAP4("127.0.0.1", dovecot.port)
        client.login(USER, PASSWORD)
        for folder in ("Facturen", "Sent", "Klaar"):
            client.create(folder)
        box = a_mailbox_row(engine)
        options = {
            "host": "127.0.0.1", "port": dovecot.port, "security": "none", "user": USER, "password": "env:BOX_PASSWORD",
            "folders": ["INBOX", "Facturen"], "sent_folder": "Sent",
            "smtp": {"host": "127.0.0.1", "port": 1, "security": "none", "user": ""},
        }  # fmt: skip
        with db.writing(engine) as session:
            mailbox = session.get_one(Mailbox, box)
            mailbox.kind, mailbox.options = MailboxKind.IMAP, options
        assert bootstrap.audit(settings, engine, mailbox) == Outcome(0, 0, 0, 0)
        for number, folder in enumerate(("INBOX", "INBOX", "Facturen", "Sent")):
            client.append(folder, None, None, raw_mail(Message_ID=f"<{number}@boer.example>", Subject=str(number)))
        outcome = bootstrap.audit(settings, engine, mailbox)
        assert (outcome.on_server, outcome.missing, outcome.departed) == (4, 0, 0)
        client.select("INBOX")
        client.copy("1", "Klaar")
        client.store("1", "+FLAGS", "\\Deleted")
        client.expunge()
        client.logout()
        outcome = bootstrap.audit(settings, engine, mailbox)
        assert (outcome.on_server, outcome.missing, outcome.departed) == (3, 0, 1)
    with db.reading(engine) as session:
        assert session.exec(select(MailboxDifference.message_id)).all() == ["<0@boer.example>"]
        assert [row.gone_at is not None for row in session.exec(select(StoredMail).order_by(StoredMail.id))].count(
            True
        ) == 1
        (found,) = reconciliation(session, [box], db.now())
        assert found.balanced
        assert (found.days[0].on_server, found.days[0].gone) == (3, 1)
