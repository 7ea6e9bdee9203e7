"""`mailbox add`, `set`, `audit` and `status` on a real folder and database, as an administrator and a monitor run them."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from factories.pipeline import raw_mail
from sqlmodel import Session, select
from typer.testing import CliRunner, Result

from inbox_agent import bootstrap, db
from inbox_agent.commands.mailbox import app
from inbox_agent.domain.errors import InboxAgentError, NotFound, SettingsError
from inbox_agent.records.mail import StoredMail
from inbox_agent.records.mailbox import DifferenceKind, Mailbox, MailboxDifference
from inbox_agent.records.people import MailboxTeam, Team


@pytest.fixture
def folder(engine: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of two mails; commands use the test's engine, which is closed when it ends."""
    monkeypatch.setattr(bootstrap, "open_database", lambda _settings: engine)
    monkeypatch.setenv("INBOX_AGENT_DATA_DIR", str(tmp_path))
    place = tmp_path / "box"
    place.mkdir()
    for number in range(2):
        (place / f"{number}.eml").write_bytes(raw_mail(Message_ID=f"<{number}@boer.example>"))
    return place


def run(*arguments: str) -> Result:
    """The command, its error raised."""
    result = CliRunner().invoke(app, arguments)
    if isinstance(result.exception, InboxAgentError):
        raise result.exception
    return result


def add(folder: Path, *more: str) -> Result:
    return run("add", "box", "--address", "box@h.example", "--path", str(folder), *more)


def audit() -> Result:
    """The comparison, once both files count as written: a fresh one is let alone for a moment."""
    while "2 mails on the server" not in (result := run("audit", "box")).output:
        assert result.exit_code == 0, result.output
    return result


def the_mailbox(session: Session) -> Mailbox:
    return session.exec(select(Mailbox)).one()


def test_every_setting_of_a_mailbox(engine: sa.Engine, folder: Path, tmp_path: Path) -> None:
    signature = tmp_path / "signature.txt"
    signature.write_text("Debiteurenbeheer\nHalvermaan BV\n")
    assert add(
        folder, "--team", "Debiteuren", "--team", "Juridisch", "--folder", "INBOX", "--folder", "Facturen",
        "--start-on", "2026-11-01", "--marking", "read", "--no-read-sent", "--language", "fr",
        "--signature-file", str(signature),
    ).exit_code == 0  # fmt: skip
    with db.reading(engine) as session:
        mailbox = the_mailbox(session)
        assert mailbox.options == {
            "path": str(folder), "folders": ["INBOX", "Facturen"], "start_on": "2026-11-01", "marking": "read",
            "read_sent": False,
        }  # fmt: skip
        assert (mailbox.language, mailbox.signature) == ("fr", "Debiteurenbeheer\nHalvermaan BV")
        teams = select(Team.name).join(MailboxTeam).order_by(Team.name)
        assert session.exec(teams).all() == ["Debiteuren", "Juridisch"]


def test_what_is_set_later_leaves_the_rest(engine: sa.Engine, folder: Path) -> None:
    add(folder, "--language", "fr", "--team", "Juridisch", "--marking", "read")
    assert run("set", "box", "--start-on", "2026-11-02", "--language", "mail").exit_code == 0
    with db.reading(engine) as session:
        mailbox = the_mailbox(session)
        assert (mailbox.language, mailbox.options["start_on"], mailbox.options["marking"]) == ("", "2026-11-02", "read")
        assert session.exec(select(Team.name).join(MailboxTeam)).all() == ["Juridisch"]
    with pytest.raises(NotFound, match="no mailbox other"):
        run("set", "other", "--language", "nl")
    with pytest.raises(SettingsError, match="cannot be read"):
        run("set", "box", "--signature-file", str(folder / "nowhere.txt"))


def test_an_audit_on_request_takes_in_what_is_there(engine: sa.Engine, folder: Path) -> None:
    add(folder)
    assert audit().exit_code == 0
    with db.reading(engine) as session:
        assert len(session.exec(select(StoredMail)).all()) == 2
        assert the_mailbox(session).audited_at is not None


def test_the_status_of_a_mailbox_that_is_well(engine: sa.Engine, folder: Path) -> None:
    add(folder)
    audit()
    with db.writing(engine) as session:
        the_mailbox(session).polled_at = db.now()
    result = run("status", "box")
    assert result.exit_code == 0, result.output
    assert "fetched 2 = triaged 0 + parked 0 + ignored 0 + being read 2" in result.output
    (figures,) = json.loads(run("status", "--json").output)
    assert (figures["balanced"], figures["days"][0]["on_server"], figures["alarms"]) == (True, 2, [])
    with pytest.raises(NotFound, match="no mailbox other"):
        run("status", "other")


def test_a_monitor_learns_by_the_exit_code(engine: sa.Engine, folder: Path) -> None:
    """Not read for eleven minutes; then a missing mail; then a sign-in that ends in six days."""
    add(folder)
    with db.writing(engine) as session:
        the_mailbox(session).polled_at = db.now() - timedelta(minutes=11)
    result = run("status")
    assert (result.exit_code, "Nobody reads this mailbox" in result.output) == (1, True)
    with db.writing(engine) as session:
        mailbox = the_mailbox(session)
        mailbox.polled_at = db.now()
        session.add(
            MailboxDifference(mailbox_id=mailbox.id, day=db.now().date(), kind=DifferenceKind.MISSING, source_key="1:9",
                              message_id="<9@boer.example>", noticed_at=db.now())
        )  # fmt: skip
    result = run("status")
    assert result.exit_code == 1
    assert "<9@boer.example>" in result.output
    with db.writing(engine) as session:
        session.execute(sa.delete(MailboxDifference))
        the_mailbox(session).sign_in_expires_at = db.now() + timedelta(days=6)
    result = run("status")
    assert (result.exit_code, "inbox-agent mailbox sign-in box" in result.output) == (1, True)
