"""UIDVALIDITY changes: the server gives every mail of a folder a new UID, as after a repair. On a real Dovecot."""

import dataclasses

import pytest
from factories.posts import FOLDER, append, signed_in

from inbox_agent.bench.dovecot import Dovecot
from inbox_agent.mailbox import imap_reader
from inbox_agent.mailbox.imap import ImapSource
from inbox_agent.mailbox.options import Scope
from inbox_agent.mailbox.source import Departed

SECOND = "Facturen"


@pytest.fixture
def settings(imap_settings):
    with signed_in(imap_settings) as client:
        client.create_folder(SECOND)
    return dataclasses.replace(imap_settings, scope=Scope((FOLDER, SECOND)))


@pytest.fixture
def source(settings):
    made = ImapSource(settings)
    yield made
    made.close()


def lose_uids(dovecot: Dovecot, user: str, folder: str) -> None:
    """What a lost or restored index does: the mails stay, their UIDs do not."""
    place = dovecot.mail / user / "Maildir" / f".{folder}"
    for path in [place / "dovecot-uidlist", *place.glob("dovecot.index*")]:
        path.unlink(missing_ok=True)
    for path in (dovecot.mail / user / "Maildir").glob("dovecot.list.index*"):
        path.unlink()


@pytest.mark.parametrize("folder", [FOLDER, SECOND])
def test_every_mail_comes_again_with_a_new_key_and_says_which_keys_it_had(source, settings, dovecot, mail, folder):
    for subject in ("een", "twee"):
        append(settings, mail(subject), folder)
    append(settings, mail("elders"), "Sent")
    before = list(source.fetch_since(""))
    lose_uids(dovecot, settings.user, folder)
    append(settings, mail("nieuw"), folder)
    after = list(source.fetch_since(before[-1].cursor))
    assert sorted(one.raw for one in after) == sorted((mail("een"), mail("twee"), mail("nieuw")))
    assert not {one.source_key for one in after} & {one.source_key for one in before}
    for one in after:
        assert all(old.source_key.startswith(one.supersedes) == (old.folder == folder) for old in before)
        assert one.supersedes
    assert list(source.fetch_since(after[-1].cursor)) == []


def test_a_resync_that_was_interrupted_goes_on_as_one(source, settings, dovecot, mail):
    """Killed in the middle: the cursor remembers whose keys the rest still has; what comes later had none."""
    for number in range(4):
        append(settings, mail(f"nr-{number}"))
    before = list(source.fetch_since(""))
    lose_uids(dovecot, settings.user, FOLDER)
    first = next(source.fetch_since(before[-1].cursor))
    source.close()
    again = ImapSource(settings)
    rest = list(again.fetch_since(first.cursor))
    assert {one.raw for one in (first, *rest)} == {one.raw for one in before}
    assert {one.supersedes for one in (first, *rest)} == {(before[0].source_key.split(":")[0] + ":",)}
    append(settings, mail("later"))
    (later,) = again.fetch_since(rest[-1].cursor)
    assert (later.raw, later.supersedes) == (mail("later"), ())
    again.close()


def test_uids_lost_in_the_middle_of_a_fetch_end_it_for_that_folder_only(source, settings, dovecot, mail, monkeypatch):
    monkeypatch.setattr(imap_reader, "_AT_ONCE", 10)
    for subject in ("een", "twee"):
        append(settings, mail(subject))
    append(settings, mail("elders"), SECOND)
    fetching = source.fetch_since("")
    first = next(fetching)
    source.close()
    lose_uids(dovecot, settings.user, FOLDER)
    rest = list(fetching)
    assert [one.raw for one in rest] == [mail("elders")]
    again = list(source.fetch_since(rest[-1].cursor))
    assert sorted(one.raw for one in again) == sorted((mail("een"), mail("twee")))
    assert all(first.source_key.startswith(one.supersedes) and one.supersedes for one in again)


def test_a_resync_tells_no_departures(source, settings, dovecot, mail):
    """Its mails did not leave; those that left before are found when all that is listed is compared."""
    append(settings, mail("een"))
    append(settings, mail("twee"))
    before = list(source.fetch_since(""))
    with signed_in(settings) as client:
        client.select_folder(FOLDER)
        client.delete_messages([1])
        client.expunge()
    lose_uids(dovecot, settings.user, FOLDER)
    after = list(source.fetch_since(before[-1].cursor))
    assert [one.raw for one in after if not isinstance(one, Departed)] == [mail("twee")]
    assert len(after) == 1
