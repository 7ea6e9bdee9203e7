"""What every `MailSource` keeps to. A new source gets a line in the fixture `post`."""

import threading
import time
from datetime import timedelta

import pytest

from inbox_agent.mailbox.source import Departed, Fetched, MailSource

MESSAGE_ID = "<antwoord-1@halvermaan.example>"
REPLY = (
    b"From: debiteuren@halvermaan.example\r\nMessage-ID: " + MESSAGE_ID.encode() + b"\r\nSubject: Re\r\n\r\nGoed.\r\n"
)


def raws(source: MailSource, cursor: str = "") -> list[bytes]:
    return [fetched.raw for fetched in source.fetch_since(cursor)]


def reply(source: MailSource) -> None:
    source.put_reply(REPLY, MESSAGE_ID, "debiteuren@halvermaan.example", ("klant@example.org",))


def test_an_empty_mailbox(post):
    assert raws(post.source()) == []


def test_mail_comes_whole_and_in_order_of_arrival(post, mail):
    sent = [mail(f"nr-{number}") for number in range(5)]
    for raw in sent:
        post.deliver(raw)
    found = list(post.source().fetch_since(""))
    assert [fetched.raw for fetched in found] == sent
    assert all(fetched.received_at.utcoffset().total_seconds() == 0 for fetched in found)
    assert all(not fetched.problem for fetched in found)


def test_every_cursor_resumes_after_its_mail(post, mail):
    for number in range(4):
        post.deliver(mail(f"nr-{number}"))
    source = post.source()
    found = list(source.fetch_since(""))
    for at, fetched in enumerate(found):
        assert raws(source, fetched.cursor) == [later.raw for later in found[at + 1 :]]


def test_only_what_is_new_after_the_last_cursor(post, mail):
    post.deliver(mail("oud"))
    source = post.source()
    (old,) = source.fetch_since("")
    assert raws(source, old.cursor) == []
    post.deliver(mail("nieuw"))
    assert raws(source, old.cursor) == [mail("nieuw")]


def test_a_fetch_left_halfway_offers_the_rest_again(post, mail):
    for number in range(3):
        post.deliver(mail(f"nr-{number}"))
    source = post.source()
    first = next(source.fetch_since(""))
    assert raws(source, first.cursor) == [mail("nr-1"), mail("nr-2")]


def test_a_source_serves_other_calls_in_the_middle_of_a_fetch(post, mail):
    for number in range(3):
        post.deliver(mail(f"nr-{number}"))
    source = post.source()
    found = []
    for fetched in source.fetch_since(""):
        found.append(fetched.raw)
        source.mark_handled(fetched.source_key)
        assert not source.has_reply(MESSAGE_ID)
    assert found == [mail(f"nr-{number}") for number in range(3)]


def test_keys_are_the_same_in_another_process(post, mail):
    for number in range(3):
        post.deliver(mail(f"nr-{number}"))
    one, other = post.source(), post.source()
    keys = [fetched.source_key for fetched in one.fetch_since("")]
    assert [fetched.source_key for fetched in other.fetch_since("")] == keys
    assert len(set(keys)) == 3


def test_another_process_goes_on_from_the_cursor(post, mail):
    post.deliver(mail("oud"))
    (old,) = post.source().fetch_since("")
    post.deliver(mail("nieuw"))
    again = post.source()
    found = list(again.fetch_since(old.cursor))
    assert {fetched.source_key for fetched in found} - {old.source_key} == {found[-1].source_key}
    assert found[-1].raw == mail("nieuw")
    assert raws(again, found[-1].cursor) == []


def test_two_mails_alike_have_two_keys(post, mail):
    post.deliver(mail("zelfde"))
    post.deliver(mail("zelfde"))
    assert len({fetched.source_key for fetched in post.source().fetch_since("")}) == 2


def test_a_mail_too_large_is_offered_with_its_headers_and_a_problem(post, mail):
    post.deliver(mail("klein"))
    post.deliver(mail("groot", size=400_000))
    post.deliver(mail("na-groot"))
    small, large, after = post.source().fetch_since("")
    assert (small.problem, after.problem, after.raw) == ("", "", mail("na-groot"))
    assert "MB" in large.problem
    assert b"Subject: groot" in large.raw
    assert len(large.raw) < 1000


def test_a_nonsense_cursor_is_the_beginning(post, mail):
    post.deliver(mail("een"))
    assert raws(post.source(), "what:is this?") == [mail("een")]


def test_wait_returns_on_new_mail(post, mail):
    post.deliver(mail("oud"))
    source = post.source()
    cursor = list(source.fetch_since(""))[-1].cursor
    threading.Timer(0.5, post.deliver, [mail("nieuw")]).start()
    begun = time.monotonic()
    source.wait(60.0, threading.Event())
    assert time.monotonic() - begun < 30
    assert raws(source, cursor) == [mail("nieuw")]


def test_wait_returns_at_once_for_what_came_between_fetch_and_wait(post, mail):
    post.deliver(mail("oud"))
    source = post.source()
    cursor = list(source.fetch_since(""))[-1].cursor
    post.deliver(mail("tussendoor"))
    begun = time.monotonic()
    source.wait(60.0, threading.Event())
    assert time.monotonic() - begun < 30
    assert raws(source, cursor) == [mail("tussendoor")]


def test_wait_ends_by_itself(post):
    source = post.source()
    assert raws(source) == []
    source.wait(0.6, threading.Event())
    assert raws(source) == []


def test_wait_ends_soon_after_stop(post):
    source, stop = post.source(), threading.Event()
    assert raws(source) == []
    threading.Timer(0.5, stop.set).start()
    begun = time.monotonic()
    source.wait(120.0, stop)
    assert time.monotonic() - begun < 30


def test_a_reply_leaves_once_and_is_found(post):
    source = post.source()
    assert not source.has_reply(MESSAGE_ID)
    reply(source)
    assert post.outgoing() == [REPLY]
    assert source.has_reply(MESSAGE_ID)
    assert post.source().has_reply(MESSAGE_ID.strip("<>"))
    assert not source.has_reply("<antwoord-11@halvermaan.example>")


def test_replies_do_not_come_back_as_mail(post, mail):
    post.deliver(mail("een"))
    source = post.source()
    reply(source)
    assert [fetched.raw for fetched in source.fetch_since("") if not fetched.is_sent] == [mail("een")]


def test_marking_handled_changes_nothing_for_fetching(post, mail):
    post.deliver(mail("een"))
    source = post.source()
    (one,) = source.fetch_since("")
    source.mark_handled(one.source_key)
    source.mark_handled("1:99999")
    source.mark_handled("")
    (again,) = post.source().fetch_since("")
    assert again.source_key == one.source_key


def test_check_is_one_line(post, mail):
    post.deliver(mail("een"))
    line = post.source().check()
    assert "1 mails" in line
    assert "\n" not in line


@pytest.mark.parametrize("times", [1, 2])
def test_closing_is_not_the_end(post, mail, times):
    post.deliver(mail("een"))
    source = post.source()
    for _ in range(times):
        source.close()
    assert raws(source) == [mail("een")]


def keys(source: MailSource, cursor: str = "") -> dict[bytes, str]:
    """Of all that arrives after `cursor`."""
    return {found.raw: found.source_key for found in source.fetch_since(cursor) if isinstance(found, Fetched)}


def test_a_deleted_mail_departs_once(post, mail):
    """What came before and after it is not told again."""
    for subject in ("een", "twee", "drie"):
        post.deliver(mail(subject))
    source = post.source()
    found = list(source.fetch_since(""))
    post.delete(mail("twee"))
    (gone,) = source.fetch_since(found[-1].cursor)
    assert isinstance(gone, Departed)
    assert gone.source_key == found[1].source_key
    assert list(source.fetch_since(gone.cursor)) == []


def test_a_departure_that_was_not_stored_is_told_again(post, mail):
    post.deliver(mail("een"))
    source = post.source()
    (one,) = source.fetch_since("")
    post.delete(mail("een"))
    fetching = source.fetch_since(one.cursor)
    next(fetching)
    fetching.close()
    assert [gone.source_key for gone in source.fetch_since(one.cursor)] == [one.source_key]


def test_a_moved_mail_is_in_its_new_place_before_it_is_gone_from_the_old_one(post, mail):
    if post.move is None:
        pytest.skip("this kind has one folder")
    for subject in ("blijft", "verhuist"):
        post.deliver(mail(subject))
    source = post.source()
    before = list(source.fetch_since(""))
    post.move(mail("verhuist"))
    arrived, *gone = source.fetch_since(before[-1].cursor)
    assert isinstance(arrived, Fetched)
    assert (arrived.raw, arrived.folder != before[-1].folder) == (mail("verhuist"), True)
    # A kind whose keys outlive a move has nothing that is gone.
    assert [one.source_key for one in gone] == [before[-1].source_key] * (arrived.source_key != before[-1].source_key)
    assert list(source.fetch_since((gone or [arrived])[-1].cursor)) == []


def test_what_a_colleague_sends_is_told_as_sent(post, mail):
    if post.send is None:
        pytest.skip("this kind has no sent mail")
    post.deliver(mail("vraag"))
    post.send(mail("antwoord"))
    assert {found.raw: found.is_sent for found in post.source().fetch_since("")} == {
        mail("vraag"): False,
        mail("antwoord"): True,
    }


def test_what_is_listed_is_what_is_fetched(post, mail):
    for subject in ("een", "twee"):
        post.deliver(mail(subject))
    if post.send is not None:
        post.send(mail("drie"))
    source = post.source()
    found = list(source.fetch_since(""))
    day = min(one.received_at for one in found).date()
    listed = {one.source_key: (one.folder, one.received_at, one.message_id) for one in source.list_since(day)}
    assert listed == {
        one.source_key: (one.folder, one.received_at, one.raw.split(b"Message-ID: ")[1].split(b"\r\n")[0].decode())
        for one in found
    }
    assert list(source.list_since(day + timedelta(days=2))) == []


def test_mails_are_fetched_by_their_keys(post, mail):
    for subject in ("een", "twee", "drie"):
        post.deliver(mail(subject))
    of = keys(post.source())
    source = post.source()
    asked = [of[mail("drie")], of[mail("een")], "1:99999", "", "@Nergens:1:2"]
    found = list(source.fetch_keys(asked))
    assert sorted(one.raw for one in found) == sorted((mail("drie"), mail("een")))
    assert {one.cursor for one in found} == {""}
    post.delete(mail("een"))
    assert [one.raw for one in source.fetch_keys(asked)] == [mail("drie")]


def test_a_mailbox_at_rest_offers_nothing_again(post, mail):
    post.deliver(mail("een"))
    source = post.source()
    (one,) = source.fetch_since("")
    for _ in range(3):
        source.wait(0.0, threading.Event())
        assert list(source.fetch_since(one.cursor)) == []
