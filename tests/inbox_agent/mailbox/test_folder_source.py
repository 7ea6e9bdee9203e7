"""What is the folder's own: files that are copied in, half written, unreadable, changed or removed."""

import os
import shutil
import tempfile
import threading
import time
from datetime import date
from pathlib import Path

import pytest

from inbox_agent.domain.errors import MailboxFolderMissing, ReplyRefused
from inbox_agent.mailbox.folder import FolderSource
from inbox_agent.mailbox.source import Departed

MAX_BYTES = 100_000
SETTLED = 0.2


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "post"
    made.mkdir()
    return made


@pytest.fixture
def source(folder: Path) -> FolderSource:
    return FolderSource(folder, MAX_BYTES)


def drop(folder: Path, name: str, content: bytes = b"Subject: x\n\n") -> Path:
    (folder / name).write_bytes(content)
    time.sleep(SETTLED)
    return folder / name


def names(source: FolderSource, cursor: str = "") -> list[str]:
    return [fetched.source_key.rpartition(":")[0] for fetched in source.fetch_since(cursor)]


def last_cursor(source: FolderSource) -> str:
    return list(source.fetch_since(""))[-1].cursor


def test_only_mail_files_of_the_folder_itself(folder, source):
    for other in (".hidden.eml", "notes.txt", "half.eml.part", "~lock.eml", "eml"):
        drop(folder, other)
    (folder / "sent").mkdir()
    (folder / "map.eml").mkdir()
    (folder / "link.eml").symlink_to(drop(folder / "sent", "reply.eml"))
    drop(folder, "GROOT.EML")
    drop(folder, "klein.eml")
    assert names(source) == ["GROOT.EML", "klein.eml"]


def test_files_with_old_times_are_new_all_the_same(folder, source, tmp_path):
    drop(folder, "een.eml")
    cursor = last_cursor(source)
    old = tmp_path / "old.eml"
    old.write_bytes(b"Subject: oud\n\n")
    os.utime(old, (1_000_000_000, 1_000_000_000))
    shutil.copy2(old, folder / "gekopieerd.eml")
    old.rename(folder / "verplaatst.eml")
    time.sleep(SETTLED)
    found = list(source.fetch_since(cursor))
    assert sorted(fetched.source_key.partition(":")[0] for fetched in found) == ["gekopieerd.eml", "verplaatst.eml"]
    assert {fetched.received_at.year for fetched in found} == {2001}


def test_a_file_with_a_future_time_comes_once_it_is_quiet(folder, source):
    os.utime(drop(folder, "straks.eml"), (4_000_000_000, 4_000_000_000))
    source.wait(30.0, threading.Event())
    assert names(source) == ["straks.eml"]


def test_files_from_before_the_start_date_are_left_alone(folder):
    """The older of a file's two times counts: that of its content, unless somebody set it to the future."""
    os.utime(drop(folder, "oud.eml"), (1_000_000_000, 1_000_000_000))
    drop(folder, "nieuw.eml")
    source = FolderSource(folder, MAX_BYTES, start_on=date(2001, 9, 10))
    assert names(source) == ["nieuw.eml"]
    assert [one.source_key.partition(":")[0] for one in source.list_since(date(2000, 1, 1))] == ["nieuw.eml"]
    assert len(names(FolderSource(folder, MAX_BYTES, start_on=date(2001, 9, 9)))) == 2


def test_a_changed_file_is_a_new_mail(folder, source):
    drop(folder, "een.eml", b"Subject: een\n\n")
    (first,) = source.fetch_since("")
    drop(folder, "een.eml", b"Subject: twee\n\n")
    second, gone = source.fetch_since(first.cursor)
    assert (second.raw, second.source_key != first.source_key) == (b"Subject: twee\n\n", True)
    assert gone == Departed(first.source_key, second.cursor)
    drop(folder, "een.eml", b"Subject: een\n\n")
    third, gone = source.fetch_since(second.cursor)
    assert (third.source_key, gone.source_key) == (first.source_key, second.source_key)


def test_a_file_being_written_waits(folder, source):
    with (folder / "lang.eml").open("wb") as writing:
        for _ in range(5):
            writing.write(b"Subject: x\n")
            writing.flush()
            assert names(source) == []
            time.sleep(0.05)
    source.wait(30.0, threading.Event())
    assert [fetched.raw for fetched in source.fetch_since("")] == [b"Subject: x\n" * 5]


def test_what_was_offered_is_not_read_again(folder, source):
    drop(folder, "een.eml")
    cursor = last_cursor(source)
    before = (folder / "een.eml").stat().st_atime_ns
    os.utime(folder, None)
    assert names(source, cursor) == []
    assert (folder / "een.eml").stat().st_atime_ns == before


def test_another_worker_s_cursor_makes_no_file_come_twice(folder, source):
    other = FolderSource(folder, MAX_BYTES)
    drop(folder, "een.eml")
    drop(folder, "twee.eml")
    theirs = last_cursor(other)
    assert names(source, theirs) == ["een.eml", "twee.eml"]
    assert names(source, theirs) == []


def test_what_a_caller_failed_to_keep_comes_again_also_with_another_worker_s_cursor(folder, source):
    other = FolderSource(folder, MAX_BYTES)
    drop(folder, "een.eml")
    drop(folder, "twee.eml")
    fetching = source.fetch_since(last_cursor(other))
    next(fetching)
    next(fetching)
    fetching.close()
    assert names(source, last_cursor(other)) == ["twee.eml"]


def test_removed_files_departed_once_and_are_forgotten(folder, source):
    drop(folder, "een.eml")
    cursor = last_cursor(source)
    (folder / "een.eml").unlink()
    assert names(source, cursor) == ["een.eml"]
    assert names(source, cursor) == []
    assert source._offered == {}


@pytest.mark.skipif(os.getuid() != 0, reason="root becomes somebody else to be refused; anybody else uses chmod below")
def test_an_unreadable_file_is_parked_and_the_others_go_on_as_root():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        _unreadable(folder, as_nobody=True)


@pytest.mark.skipif(os.getuid() == 0, reason="root may read everything; see the test above")
def test_an_unreadable_file_is_parked_and_the_others_go_on(folder):
    _unreadable(folder, as_nobody=False)


def _unreadable(folder: Path, as_nobody: bool) -> None:
    drop(folder, "dicht.eml").chmod(0)
    drop(folder, "open.eml")
    source = FolderSource(folder, MAX_BYTES)
    try:
        if as_nobody:
            os.seteuid(65534)
        (readable,) = source.fetch_since("")
        assert readable.problem == ""
        source.wait(30.0, threading.Event())
        (parked,) = source.fetch_since(readable.cursor)
        assert (parked.raw, parked.source_key.startswith("dicht.eml:")) == (b"", True)
        assert "cannot be read" in parked.problem
        assert list(source.fetch_since(parked.cursor)) == []
    finally:
        if as_nobody:
            os.seteuid(0)
    (folder / "dicht.eml").chmod(0o644)
    time.sleep(SETTLED)
    at_last, unreadable = source.fetch_since(parked.cursor)
    assert (at_last.raw != b"", unreadable) == (True, Departed(parked.source_key, at_last.cursor))


def test_a_missing_folder_says_what_to_do(tmp_path):
    missing = FolderSource(tmp_path / "nergens", MAX_BYTES)
    for call in (lambda: list(missing.fetch_since("")), missing.check, lambda: missing.wait(1, threading.Event())):
        with pytest.raises(MailboxFolderMissing, match=r"There is no folder .*nergens.* Create it"):
            call()


def test_a_reply_that_cannot_be_written_is_refused(folder, source):
    (folder / "sent").write_text("not a folder")
    with pytest.raises(ReplyRefused, match="could not be written"):
        source.put_reply(b"x", "<a@b>", "a@b.nl", ("c@d.nl",))
    assert not source.has_reply("<a@b>")


def test_the_same_reply_twice_is_one_file_and_leaves_no_rest(folder, source):
    for _ in range(2):
        source.put_reply(b"x", "<a@b>", "a@b.nl", ("c@d.nl",))
    assert len(list((folder / "sent").iterdir())) == 1


def test_a_file_name_that_is_no_utf_8_stops_nothing(tmp_path: Path) -> None:
    """Its key can be stored, and the mails behind it come in."""
    with open(os.fsencode(tmp_path) + b"/\xff1.eml", "wb") as file:
        file.write(b"Subject: 1\n\nhallo")
    (tmp_path / "2.eml").write_bytes(b"Subject: 2\n\nhallo")
    time.sleep(0.3)
    keys = [fetched.source_key for fetched in FolderSource(tmp_path, 1000).fetch_since("")]
    assert sorted(key.partition(":")[0] for key in keys) == ["2.eml", "?1.eml"]
