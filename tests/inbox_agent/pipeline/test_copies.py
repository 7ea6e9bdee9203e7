"""One mail never becomes two: moved, renumbered, delivered to two addresses, and stored by two workers at once. Different mails
stay different."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from threading import Barrier

import pytest
import sqlalchemy as sa
from factories.pipeline import NOW, a_mailbox_row, raw_mail
from sqlmodel import Session, select

from inbox_agent import db
from inbox_agent.domain.errors import NotFound
from inbox_agent.durable import Queue
from inbox_agent.mailbox.mime import parse
from inbox_agent.mailbox.source import Departed, Fetched
from inbox_agent.pipeline.copies import release_copies
from inbox_agent.pipeline.intake import Intake
from inbox_agent.records.mail import MailState, StoredMail
from inbox_agent.records.mailbox import Mailbox
from inbox_agent.records.people import MailboxTeam, Team
from inbox_agent.records.raw_mail import RawStore

ONE = raw_mail(Message_ID="<1@boer.example>", Date="Tue, 24 Nov 2026 09:00:00 +0100")


@dataclass
class Post:
    """The intake of one or two mailboxes; `came` and `went` are events of theirs, with a cursor that counts."""

    engine: sa.Engine
    intake: Intake
    cursors: count = field(default_factory=lambda: count(1))

    def came(self, mailbox_id: int, key: str, raw: bytes = ONE, **fields: object) -> bool:
        cursor = str(fields.pop("cursor", next(self.cursors)))
        return self.intake.store(mailbox_id, Fetched(key, raw, NOW, cursor, **fields))  # type: ignore[arg-type]

    def went(self, mailbox_id: int, key: str) -> str:
        cursor = str(next(self.cursors))
        self.intake.depart(mailbox_id, Departed(key, cursor))
        return cursor

    def rows(self) -> list[StoredMail]:
        with db.reading(self.engine) as session:
            return list(session.exec(select(StoredMail).order_by(StoredMail.id)))

    def mailbox(self, mailbox_id: int) -> Mailbox:
        with db.reading(self.engine) as session:
            return session.get_one(Mailbox, mailbox_id)


@pytest.fixture
def post(engine: sa.Engine) -> Post:
    return Post(engine, Intake(engine, Queue(engine), RawStore(), parse))


@pytest.fixture
def box(engine: sa.Engine) -> int:
    return a_mailbox_row(engine)


def share(engine: sa.Engine, **teams: tuple[int, ...]) -> None:
    """Which team sees which mailboxes."""
    with db.writing(engine) as session:
        for name, mailbox_ids in teams.items():
            team = Team(name=name)
            session.add(team)
            session.flush()
            session.add_all(MailboxTeam(mailbox_id=one, team_id=team.id) for one in mailbox_ids)


def by_way_of(server: str, raw: bytes = ONE) -> bytes:
    """The same mail as another server delivered it."""
    return f"Received: from {server}; Tue, 24 Nov 2026 09:00:02 +0100\r\n".encode() + raw


@pytest.mark.parametrize("departs_first", [True, False])
def test_a_moved_mail_keeps_its_row_whichever_is_noticed_first(post: Post, box: int, departs_first: bool) -> None:
    post.came(box, "1:1", folder="INBOX")
    if departs_first:
        post.went(box, "1:1")
        assert post.came(box, "@Klanten:7:1", folder="Klanten") is False
    else:
        post.came(box, "@Klanten:7:1", folder="Klanten")
        post.went(box, "1:1")
    (row,) = post.rows()
    assert (row.source_key, row.folder, row.gone_at, row.state) == ("@Klanten:7:1", "Klanten", None, MailState.FETCHED)
    assert post.mailbox(box).fetched_count == 1
    assert post.mailbox(box).cursor == "3"


def test_a_mail_copied_into_another_folder_is_one_mail_and_a_copy(post: Post, box: int) -> None:
    post.came(box, "1:1", folder="INBOX")
    post.came(box, "@Klanten:7:1", folder="Klanten")
    first, second = post.rows()
    assert (second.state, second.copy_of) == (MailState.IGNORED, first.id)
    assert second.state_reason == f"The same message as mail {first.id}, byte for byte."
    assert post.mailbox(box).fetched_count == 2


def test_a_departed_mail_says_so_until_it_is_back(post: Post, box: int) -> None:
    post.came(box, "1:1")
    cursor = post.went(box, "1:1")
    (row,) = post.rows()
    assert (row.gone_at is not None, row.state, post.mailbox(box).cursor) == (True, MailState.FETCHED, cursor)
    assert post.came(box, "1:1", folder="Teruggezet") is False
    (row,) = post.rows()
    assert (row.gone_at, row.folder) == (None, "Teruggezet")


def test_what_was_never_taken_in_departs_and_only_the_cursor_moves(post: Post, box: int) -> None:
    assert post.mailbox(box).cursor != post.went(box, "1:99") == post.mailbox(box).cursor
    assert post.rows() == []


def test_new_keys_of_a_whole_folder_double_nothing(post: Post, box: int) -> None:
    """UIDVALIDITY changed: 1:n became 2:n, in another order; two identical messages stay two, and a too large one is known."""
    twice = raw_mail("Twee keer", Message_ID="<2@boer.example>")
    for number, raw in enumerate([ONE, twice, twice], 1):
        post.came(box, f"1:{number}", raw)
    post.came(box, "1:4", b"", problem="This mail is 80 MB; mails over 50 MB are not read.")
    before = [(row.id, row.state) for row in post.rows()]
    for number, raw in enumerate([twice, ONE, twice], 1):
        assert post.came(box, f"2:{number}", raw, supersedes=("1:",)) is False
    post.came(box, "2:4", b"", problem="This mail is 80 MB; mails over 50 MB are not read.", supersedes=("1:",))
    assert [(row.id, row.state) for row in post.rows()] == before
    assert sorted(row.source_key for row in post.rows()) == ["2:1", "2:2", "2:3", "2:4"]
    assert post.mailbox(box).fetched_count == 4
    assert post.came(box, "2:5", raw_mail("Nieuw"), supersedes=("1:",)) is True


def test_an_erased_original_does_not_come_back_with_a_new_key(post: Post, engine: sa.Engine, box: int) -> None:
    post.came(box, "1:1")
    (row,) = post.rows()
    with db.writing(engine) as session:
        RawStore().erase(session, row.raw_sha256, NOW)
    assert post.came(box, "2:1", supersedes=("1:",)) is False
    with db.reading(engine) as session, pytest.raises(NotFound):
        RawStore().get(session, row.raw_sha256)


def test_a_prefix_with_wildcards_of_the_database_is_a_prefix(post: Post, box: int) -> None:
    post.came(box, "@a_b:1:1")
    assert post.came(box, "@a_b:2:1", supersedes=("@a_b:1:",)) is False
    post.came(box, "@aXb:1:1", raw_mail("x"))
    assert post.came(box, "@a_b:3:9", raw_mail("x"), supersedes=("@a_b:",)) is True


def test_messages_asked_for_by_key_move_no_cursor(post: Post, box: int) -> None:
    post.came(box, "1:5", cursor="5")
    post.came(box, "1:3", raw_mail("Gemist"), cursor="")
    post.came(box, "1:5", cursor="")
    assert post.mailbox(box).cursor == "5"
    assert len(post.rows()) == 2


def test_two_different_mails_with_one_message_id_both_survive(post: Post, box: int) -> None:
    post.came(box, "1:1")
    post.went(box, "1:1")
    post.came(box, "1:2", raw_mail("Iets heel anders", Message_ID="<1@boer.example>"))
    assert [row.state for row in post.rows()] == [MailState.FETCHED] * 2


def test_one_mail_delivered_twice_by_an_alias_is_read_once(post: Post, box: int) -> None:
    post.came(box, "1:1", by_way_of("mx1"))
    post.came(box, "1:2", by_way_of("mx2"))
    first, second = post.rows()
    assert (second.state, second.copy_of) == (MailState.IGNORED, first.id)
    assert second.state_reason == f"The same message as mail {first.id}, delivered once more."


def test_a_form_without_message_id_that_sends_the_same_words_twice_means_two_mails(post: Post, box: int) -> None:
    words = raw_mail("Bel mij terug")
    post.came(box, "1:1", by_way_of("a", words))
    post.came(box, "1:2", by_way_of("b", words))
    assert [row.state for row in post.rows()] == [MailState.FETCHED] * 2


def test_one_mail_to_two_addresses_of_one_team_is_read_once(post: Post, engine: sa.Engine, box: int) -> None:
    other = a_mailbox_row(engine, "facturen")
    share(engine, desk=(box, other), lead=(box,))
    post.came(box, "1:1", by_way_of("a"))
    post.came(other, "1:1", by_way_of("b"))
    first, second = post.rows()
    assert (first.state, second.state, second.copy_of) == (MailState.FETCHED, MailState.IGNORED, first.id)
    assert second.state_reason == f"The same message as mail {first.id}, which came to debiteuren@halvermaan.example."
    assert [post.mailbox(one).fetched_count for one in (box, other)] == [1, 1]


@pytest.mark.parametrize(
    "teams",
    [
        {"desk": (1,), "others": (2,)},
        {"desk": (1, 2), "others": (2,)},
        {"desk": (1,)},
    ],
)
def test_a_team_that_does_not_see_the_first_keeps_its_own(post: Post, engine: sa.Engine, teams: dict) -> None:
    ids = [a_mailbox_row(engine, name) for name in ("een", "twee")]
    share(engine, **{name: tuple(ids[one - 1] for one in numbers) for name, numbers in teams.items()})
    post.came(ids[0], "1:1", by_way_of("a"))
    post.came(ids[1], "1:1", by_way_of("b"))
    assert [row.state for row in post.rows()] == [MailState.FETCHED] * 2


def change(engine: sa.Engine, table: type, key: object, **columns: object) -> None:
    with db.writing(engine) as session:
        row = session.get_one(table, key)
        for name, value in columns.items():
            setattr(row, name, value)


def test_a_paused_or_ignored_first_stands_for_nobody(post: Post, engine: sa.Engine) -> None:
    ids = [a_mailbox_row(engine, name) for name in ("een", "twee", "drie")]
    share(engine, desk=tuple(ids))
    post.came(ids[0], "1:1", by_way_of("a"))
    change(engine, Mailbox, ids[0], active=False)
    post.came(ids[1], "1:1", by_way_of("b"))
    assert [row.state for row in post.rows()] == [MailState.FETCHED] * 2
    change(engine, StoredMail, post.rows()[1].id, state=MailState.IGNORED)
    post.came(ids[2], "1:1", by_way_of("c"))
    assert post.rows()[2].state is MailState.FETCHED


@pytest.mark.parametrize("happens", ["paused", "unshared", "moved", "nothing"])
def test_a_copy_whose_first_no_longer_stands_for_it_is_read_after_all(
    post: Post, engine: sa.Engine, box: int, happens: str
) -> None:
    other = a_mailbox_row(engine, "facturen")
    share(engine, desk=(box, other))
    post.came(box, "1:1", by_way_of("a"))
    post.came(other, "1:1", by_way_of("b"))
    if happens == "paused":
        change(engine, Mailbox, box, active=False)
    if happens == "moved":
        post.went(box, "1:1")
    if happens == "unshared":
        share(engine, elsewhere=(other,))
    release_copies(engine, Queue(engine), NOW)
    release_copies(engine, Queue(engine), NOW)
    first, second = post.rows()
    expected = MailState.IGNORED if happens == "nothing" else MailState.FETCHED
    assert (second.state, second.copy_of) == (expected, first.id if happens == "nothing" else None)
    assert first.state is (MailState.IGNORED if happens == "moved" else MailState.FETCHED)
    if happens == "moved":
        assert first.copy_of == second.id
        assert first.state_reason == f"Moved to facturen@halvermaan.example, where it is mail {second.id}."


def test_a_mail_that_was_decided_needs_no_second_look(post: Post, engine: sa.Engine, box: int) -> None:
    other = a_mailbox_row(engine, "facturen")
    share(engine, desk=(box, other))
    post.came(box, "1:1", by_way_of("a"))
    change(engine, StoredMail, post.rows()[0].id, decided_at=NOW)
    post.came(other, "1:1", by_way_of("b"))
    post.went(box, "1:1")
    release_copies(engine, Queue(engine), NOW)
    assert post.rows()[1].state is MailState.IGNORED


def test_two_mailboxes_that_store_one_mail_at_the_same_moment_show_it_once(
    post: Post, engine: sa.Engine, box: int
) -> None:
    """Neither twice nor never, ten times over."""
    other = a_mailbox_row(engine, "facturen")
    share(engine, desk=(box, other))
    for number in range(10):
        raw = raw_mail(f"mail {number}", Message_ID=f"<{number}@boer.example>")
        barrier = Barrier(2)

        def store(mailbox_id: int, raw: bytes = raw, barrier: Barrier = barrier, number: int = number) -> bool:
            barrier.wait()
            return post.came(mailbox_id, f"1:{number}", by_way_of(f"mx{mailbox_id}", raw))

        with ThreadPoolExecutor(2) as pool:
            assert list(pool.map(store, (box, other))) == [True, True]
    states = [row.state for row in post.rows()]
    assert (states.count(MailState.FETCHED), states.count(MailState.IGNORED)) == (10, 10)


def test_a_row_of_an_older_release_learns_where_its_mail_lies(post: Post, engine: sa.Engine, box: int) -> None:
    post.came(box, "1:1")
    with Session(engine) as session:
        assert session.exec(select(StoredMail.folder)).one() == ""
    post.came(box, "1:1", folder="INBOX")
    assert post.rows()[0].folder == "INBOX"
