"""What `mailbox check` says of a Microsoft 365 mailbox, and to whom."""

import base64
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from factories.graph_mailbox import Recorded, settings_of

from inbox_agent.bench.graph_box import Fault
from inbox_agent.domain.errors import MailboxSignInRefused
from inbox_agent.mailbox.graph_check import findings
from inbox_agent.mailbox.options import Scope

APPLICATION = {"app_displayname": "Inbox Agent", "tid": "tenant-1"}


@dataclass
class Signed:
    """A token that bears these claims."""

    claims: dict[str, Any] = field(default_factory=dict)
    ends_at: datetime | None = None

    def token(self, force: bool = False) -> str:
        part = base64.urlsafe_b64encode(json.dumps(self.claims).encode()).decode().rstrip("=")
        return f"e30.{part}.signature"

    def expires_at(self) -> datetime | None:
        return self.ends_at


@pytest.fixture
def told(graph):
    """What is found for these claims: (needs somebody, fine, only told) sentences."""
    box = graph.box()

    def find(claims, write=False, faults=(), tokens=None, **fields):
        box.faults = list(faults)
        settings = settings_of(graph, box, tokens=tokens or Signed(claims), **fields)
        found = list(findings(settings, Recorded(), write))
        return tuple(" ".join(one.sentence for one in found if one.fine is fine) for fine in (False, True, None))

    find.box = box
    return find


def test_an_application_with_consent_for_everything_is_told_to_limit_itself(told):
    wrong, fine, rest = told(APPLICATION | {"roles": ["Mail.ReadWrite", "Mail.Send"]})
    assert wrong == ""
    assert "Signed in as application Inbox Agent, tenant tenant-1." in fine
    assert "Postvak IN (0); Verzonden items (0)" in fine
    assert "Changes in Verzonden items are told" in fine
    assert "for every mailbox of the tenant" in rest


def test_an_application_limited_by_role_shows_no_permission_and_is_tried(told):
    wrong, fine, rest = told(APPLICATION, write=True)
    assert wrong == ""
    assert "A draft could be made" in fine
    assert "RBAC for Applications" in rest
    assert f"Test-ServicePrincipalAuthorization -Identity APPLICATION-ID -Resource {told.box.address}" in rest
    assert told.box.listed() == []


def test_an_application_that_may_only_read(told):
    wrong, _, _ = told(APPLICATION | {"roles": ["Mail.Read"]})
    assert "may only read mail. An administrator must give it" in wrong


def test_a_person_without_the_right_to_send(told):
    wrong, fine, _ = told({"upn": "an@halvermaan.example", "scp": "Mail.ReadWrite.Shared openid"})
    assert "Signed in as an@halvermaan.example" in fine
    assert "lacks the delegated permission Mail.Send.Shared" in wrong
    assert "mailbox sign-in debiteuren" in wrong


def test_a_person_with_all_rights(told):
    wrong, fine, _ = told({"upn": "an@halvermaan.example", "scp": "Mail.ReadWrite.Shared Mail.Send.Shared"})
    assert wrong == ""
    assert "Send As on" in fine


def test_no_access_to_the_mailbox_ends_the_walk(told):
    wrong, fine, _ = told(APPLICATION, faults=[Fault("GET", "/mailFolders/", 403, "ErrorAccessDenied", times=9)])
    assert "An administrator must grant it access to this mailbox" in wrong
    assert "can be opened" not in fine


def test_a_draft_that_may_not_be_made(told):
    wrong, _, rest = told(APPLICATION, write=True, faults=[Fault("POST", "/messages", 403, "ErrorAccessDenied")])
    assert "administrator must grant it access" in wrong
    assert "Change notifications are off" in rest


def test_a_missing_folder(told):
    wrong, _, _ = told(APPLICATION, scope=Scope(folders=("Nergens",)))
    assert "There is no folder Nergens" in wrong


def test_a_secret_that_ends_soon(told):
    soon = datetime.now(UTC) + timedelta(days=3)
    wrong, _, _ = told({}, tokens=Signed(APPLICATION, soon))
    assert f"The sign-in ends on {soon.date().isoformat()}" in wrong


def test_a_sign_in_that_is_refused(told):
    class Refused(Signed):
        def token(self, force: bool = False) -> str:
            raise MailboxSignInRefused("The secret is wrong. Make a new one.")

    assert told({}, tokens=Refused()) == ("The secret is wrong. Make a new one.", "", "")


@pytest.mark.parametrize("token", ["opaque", "a.b.c", "..", "e30.bnVsbA.x", "e30.WzFd.x"])
def test_a_token_that_cannot_be_read_is_only_tried(told, token):
    class Opaque(Signed):
        def token(self, force: bool = False) -> str:
            return token

    wrong, fine, rest = told({}, tokens=Opaque())
    assert wrong == ""
    assert "can be opened" in fine
    assert "The token cannot be read" in rest
