"""Several folders of one IMAP mailbox and its Sent folder: what each owes the others. On a real Dovecot."""

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest
from factories.posts import FOLDER, append, signed_in

from inbox_agent.domain.errors import MailboxFolderMissing, MailboxFolderRefused
from inbox_agent.mailbox.imap import ImapSource
from inbox_agent.mailbox.options import Scope
from inbox_agent.mailbox.source import Departed

SECOND = "Facturen"


@pytest.fixture
def settings(imap_settings):
    """Folders Debiteuren and Facturen."""
    with signed_in(imap_settings) as client:
        client.create_folder(SECOND)
    return dataclasses.replace(imap_settings, scope=Scope((FOLDER, SECOND)))


@pytest.fixture
def opened(settings):
    """Opens sources on the account, of other options if any."""
    sources = []

    def open_source(**scope) -> ImapSource:
        sources.append(ImapSource(dataclasses.replace(settings, scope=dataclasses.replace(settings.scope, **scope))))
        return sources[-1]

    yield open_source
    for source in sources:
        source.close()


def test_each_mail_says_its_folder_and_the_first_folder_s_keys_are_plain(opened, settings, mail):
    append(settings, mail("een"), FOLDER)
    append(settings, mail("twee"), SECOND)
    append(settings, mail("drie"), "Sent")
    one, two, three = opened().fetch_since("")
    assert [found.folder for found in (one, two, three)] == [FOLDER, SECOND, "Sent"]
    assert one.source_key.count(":") == 1
    assert two.source_key.startswith("@Facturen:")
    assert [found.is_sent for found in (one, two, three)] == [False, False, True]


def test_keys_stay_when_folders_are_named_in_another_order(opened, settings, mail):
    append(settings, mail("een"), FOLDER)
    append(settings, mail("twee"), SECOND)
    before = list(opened().fetch_since(""))
    turned = opened(folders=(SECOND, FOLDER))
    assert list(turned.fetch_since(before[-1].cursor)) == []
    append(settings, mail("drie"), FOLDER)
    (new,) = turned.fetch_since(before[-1].cursor)
    assert new.source_key.split(":")[0] == before[0].source_key.split(":")[0]
    assert sorted(one.source_key for one in turned.list_since(new.received_at.date())) == sorted(
        [*(one.source_key for one in before), new.source_key]
    )


def test_a_folder_added_later_is_read_and_the_others_not_again(opened, settings, mail):
    append(settings, mail("een"), FOLDER)
    append(settings, mail("twee"), SECOND)
    (one,) = opened(folders=(FOLDER,)).fetch_since("")
    (two,) = opened().fetch_since(one.cursor)
    assert (two.folder, two.raw) == (SECOND, mail("twee"))


def test_a_row_of_an_earlier_release_goes_on_where_it_was(opened, settings, mail):
    """Its cursor is `uidvalidity:uid` of its one folder, and it never looked into Sent."""
    append(settings, mail("oud"), FOLDER)
    (old,) = opened(folders=(FOLDER,), read_sent=False).fetch_since("")
    now = datetime.now(UTC)
    with signed_in(settings) as client:
        client.append("Sent", mail("lang geleden"), msg_time=now - timedelta(days=20))
        client.append("Sent", mail("pas nog"), msg_time=now - timedelta(days=3))
    append(settings, mail("nieuw"), FOLDER)
    source = opened(folders=(FOLDER,))
    new, sent = source.fetch_since(old.source_key)
    assert (new.raw, sent.raw, sent.is_sent) == (mail("nieuw"), mail("pas nog"), True)
    listed = {one.source_key for one in source.list_since((now - timedelta(days=60)).date())}
    assert listed == {old.source_key, new.source_key, sent.source_key}


def test_sent_is_not_read_when_the_options_say_so(opened, settings, mail):
    append(settings, mail("een"), "Sent")
    source = opened(read_sent=False)
    assert list(source.fetch_since("")) == []
    assert "sent mail is read" not in source.check()


def test_a_missing_folder_is_told_after_the_others_were_read(opened, settings, mail):
    append(settings, mail("een"), FOLDER)
    append(settings, mail("twee"), SECOND)
    source = opened(folders=("Weg", FOLDER, SECOND))
    fetching = source.fetch_since("")
    one, two = next(fetching), next(fetching)
    assert (one.raw, two.raw) == (mail("een"), mail("twee"))
    with pytest.raises(MailboxFolderMissing, match="no folder Weg"):
        next(fetching)
    with pytest.raises(MailboxFolderMissing, match="no folder Weg"):
        list(source.list_since(one.received_at.date()))
    with signed_in(settings) as client:
        client.create_folder("Weg")
    assert list(source.fetch_since(two.cursor)) == []


def test_a_folder_without_rights_is_told_after_the_others_were_read(opened, settings, dovecot, mail):
    append(settings, mail("een"), FOLDER)
    append(settings, mail("twee"), SECOND)
    closed = dovecot.mail / settings.user / "Maildir" / f".{FOLDER}"
    mode = closed.stat().st_mode
    closed.chmod(0)
    source = opened()
    fetching = source.fetch_since("")
    two = next(fetching)
    assert two.raw == mail("twee")
    with pytest.raises(MailboxFolderRefused, match=f"refuses the folder {FOLDER} of mailbox debiteuren: .* rights"):
        next(fetching)
    closed.chmod(mode)
    (one,) = source.fetch_since(two.cursor)
    assert (one.raw, one.source_key[0]) == (mail("een"), "1")


def test_mail_in_another_folder_ends_the_waiting(opened, settings, mail, stopped):
    append(settings, mail("een"), FOLDER)
    source = opened()
    (one,) = source.fetch_since("")
    append(settings, mail("twee"), "Sent")
    stop = stopped(30.0)
    source.wait(60.0, stop)
    assert not stop.is_set()
    (two,) = source.fetch_since(one.cursor)
    assert two.is_sent


def test_a_mail_moved_back_and_forth_is_never_nowhere(opened, settings, mail):
    """Whichever folder is looked at first, its new place is told before it is gone from the old one."""
    append(settings, mail("een"), SECOND)
    source = opened()
    (found,) = source.fetch_since("")
    for target in (FOLDER, SECOND, FOLDER):
        with signed_in(settings) as client:
            client.select_folder(found.folder)
            client.move(client.search(), target)
        arrived, gone = source.fetch_since(found.cursor)
        assert (arrived.raw, arrived.folder) == (mail("een"), target)
        assert gone == Departed(found.source_key, gone.cursor)
        found = dataclasses.replace(arrived, cursor=gone.cursor)


def test_a_reply_flags_what_it_answers(opened, settings, mail):
    append(settings, mail("een"), SECOND)
    source = opened()
    (one,) = source.fetch_since("")
    source.put_reply(mail("antwoord"), "<antwoord@example.org>", "a@b.nl", ("c@d.nl",), answers=one.source_key)
    with signed_in(settings) as client:
        client.select_folder(SECOND)
        assert {b"\\Answered"} == set(client.get_flags([1])[1]) - {b"\\Recent"}
    (sent,) = source.fetch_since(one.cursor)
    assert (sent.is_sent, sent.raw) == (True, mail("antwoord"))
