"""Cursors of IMAP mailboxes, keys of their mails, and what a changed start date or UIDVALIDITY does to a position."""

from datetime import date

import pytest

from inbox_agent.mailbox.imap_position import Place, Position, Positions, key_prefix, place

TODAY = date(2026, 11, 24)


def test_a_cursor_reads_back_as_it_was_written():
    positions = Positions("INBOX").moved(
        "INBOX", Position(7, 12, 3, 99, date(2026, 1, 1), date(2026, 1, 1), 2, "5.1", 20)
    )
    positions = positions.moved('Crédit & "Débiteuren"', Position(7, 1))
    assert Positions.read(positions.write(), "Anders") == positions


def test_a_cursor_of_a_mailbox_with_one_folder_still_holds():
    positions = Positions.read("1700:42", "Debiteuren")
    assert (positions.first, positions.folders) == ("Debiteuren", {"Debiteuren": Position(1700, 42, low=1)})


@pytest.mark.parametrize("cursor", ["", "what:is this?", "[]", "{}", '{"first":1,"folders":[]}', '{"first":"a"}', "17"])
def test_nonsense_is_the_beginning(cursor):
    assert Positions.read(cursor, "INBOX") == Positions("INBOX")


@pytest.mark.parametrize("folder", ["INBOX", "Facturen", "a:b:12", "@raar:1"])
def test_a_key_says_where_its_mail_lies(folder):
    for epoch in ("1700", "1700.2"):
        at = place(f"{key_prefix('INBOX', folder, epoch)}42", "INBOX")
        assert (at, at.validity) == (Place(folder, epoch, 42), 1700)


def test_keys_of_the_first_folder_are_what_they_were():
    assert f"{key_prefix('INBOX', 'INBOX', '1700')}42" == "1700:42"


def test_two_folders_with_one_uidvalidity_share_no_key():
    assert len({key_prefix("INBOX", folder, "1") for folder in ("INBOX", "Facturen", "Sent")}) == 3


@pytest.mark.parametrize("key", ["", "x", "1:x", "@a", "@a:b:c", "::"])
def test_what_is_no_key_is_nowhere(key):
    assert place(key, "INBOX").uid == 0


def test_sent_of_a_mailbox_already_read_begins_two_weeks_ago():
    read = Positions("INBOX", {"INBOX": Position(1, 5)})
    assert read.begin("Sent", True, None, TODAY).since == date(2026, 11, 10)
    assert read.begin("Sent", True, date(2026, 11, 20), TODAY).since == date(2026, 11, 20)
    assert read.begin("Sent", True, date(2020, 1, 1), TODAY).since == date(2026, 11, 10)
    assert read.begin("Facturen", False, None, TODAY).since is None
    assert Positions("INBOX").begin("Sent", True, None, TODAY).since is None


def test_an_earlier_start_date_begins_again_and_a_later_one_goes_on():
    position = Position(7, 12, since=date(2026, 6, 1), start_on=date(2026, 6, 1))
    assert position.started(date(2026, 6, 1)) == position
    assert position.started(date(2026, 1, 1)) == Position(7, 0, since=date(2026, 1, 1), start_on=date(2026, 1, 1))
    assert position.started(None) == Position(7, 0)
    later = position.started(date(2026, 9, 1))
    assert (later.uid, later.since) == (12, date(2026, 9, 1))


def test_a_start_date_given_later_does_not_move_where_sent_began():
    sent = Position(7, 12, since=date(2026, 11, 10), start_on=None)
    assert sent.started(date(2026, 1, 1)).since == date(2026, 11, 10)


def test_a_new_uidvalidity_begins_again_and_remembers_the_old_one_for_what_is_there():
    position = Position(7, 12, low=3, modseq=9, since=date(2026, 1, 1), start_on=date(2026, 1, 1))
    new = position.valid(8, 40)
    assert new == Position(8, since=date(2026, 1, 1), start_on=date(2026, 1, 1), was="7", until=40)
    assert new.valid(9, 41).was == "7", "changed again before any mail got its new key"
    assert new.offered(5).valid(9, 41).was == "7 8", "some mails have their new key, the others their first one"
    assert Position().valid(8, 40).was == ""


def test_uids_that_begin_again_under_one_uidvalidity_get_keys_of_their_own():
    """As after a restored backup: UID 3 is another mail than UID 3 was."""
    position = Position(7, 12, low=1)
    assert position.valid(7, 12) == position
    new = position.valid(7, 4)
    assert (new.epoch, new.uid, new.was, new.until) == ("7.1", 0, "7", 4)
    assert new.offered(4).valid(7, 2).epoch == "7.2"
    assert new.offered(4).valid(8, 2).epoch == "8"
