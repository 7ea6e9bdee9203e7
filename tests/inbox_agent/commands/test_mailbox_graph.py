"""`inbox-agent mailbox add --graph` and `check`: from the command line to a service and an authority that really answer."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from factories.authority import CLIENT_ID, SECRET, TENANT, Authority, an_authority
from factories.graph_mailbox import graph_service
from sqlmodel import select
from typer.testing import CliRunner

from inbox_agent import db, schema
from inbox_agent.bench.graph_box import Fault
from inbox_agent.bench.graph_service import GraphService
from inbox_agent.commands.mailbox import app
from inbox_agent.records.mailbox import Mailbox
from inbox_agent.settings import load


@pytest.fixture(scope="module")
def service() -> Iterator[GraphService]:
    with graph_service() as started:
        yield started


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    with an_authority(tmp_path_factory.mktemp("authority")) as started:
        yield started


@pytest.fixture
def say(service, authority, tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch):
    """Runs a command of `inbox-agent mailbox` on a house of its own."""
    (tmp_path / "inbox-agent.db").write_bytes(sqlite_template.read_bytes())
    monkeypatch.setenv("INBOX_AGENT_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("GRAPH_TEST_SECRET", SECRET)
    schema.require_current(db.create_engine(load().database))
    return lambda *arguments: CliRunner().invoke(app, [str(one) for one in arguments])


def adding(service: GraphService, authority: Authority, address: str, *more: object) -> tuple[object, ...]:
    return (
        "add", "debiteuren", "--graph", "--address", address, "--tenant", TENANT, "--client-id", CLIENT_ID,
        "--authority", authority.url, "--ca-file", authority.certificate, "--base-url", service.base_url, *more,
    )  # fmt: skip


def kept() -> Mailbox:
    with db.reading(db.create_engine(load().database)) as session:
        return session.exec(select(Mailbox)).one()


def test_an_application_is_added_and_checked(service, authority, say):
    box = service.box()
    box.add_folder("Betwist", "inbox")
    more = ("--secret", "env:GRAPH_TEST_SECRET", "--secret-expires-on", "2099-01-31", "--folder", "Inbox/Betwist")
    added = say(*adding(service, authority, box.address, *more))
    assert added.exit_code == 0, added.output
    assert "Postvak IN/Betwist: 0 mails" in added.output
    assert (kept().kind, kept().options["folders"]) == ("graph", ["Inbox/Betwist"])
    assert SECRET not in str(kept().options)
    checked = say("check", "debiteuren", "--dry-run-write")
    assert checked.exit_code == 0, checked.output
    assert "ok   A draft could be made" in checked.output
    assert "ok   The sign-in ends on 2099-01-31" in checked.output


def test_the_check_ends_with_2_where_an_administrator_has_to_act(service, authority, say):
    box = service.box()
    say(*adding(service, authority, box.address, "--secret", "env:GRAPH_TEST_SECRET"))
    box.faults.append(Fault("GET", "/mailFolders/", 403, "ErrorAccessDenied", times=9))
    checked = say("check", "debiteuren")
    assert checked.exit_code == 2
    assert "ACT  Microsoft 365 does not let the application open mailbox" in checked.output


def test_a_mailbox_for_which_a_person_signs_in_is_kept_first(service, authority, say):
    added = say(*adding(service, authority, service.box().address))
    assert added.exit_code == 0, added.output
    assert "Sign in for it now: inbox-agent mailbox sign-in debiteuren" in added.output
    checked = say("check", "debiteuren")
    assert checked.exit_code == 2
    assert "ACT " in checked.output
    assert "sign-in debiteuren" in checked.output
