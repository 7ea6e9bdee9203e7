"""Mail that leaves a folder: told by servers with QRESYNC, also what left while nobody looked; counted on others."""

import dataclasses

import pytest
from factories.imap_proxy import imap_proxy
from factories.posts import FOLDER, append, imap_post, signed_in

from inbox_agent.mailbox import imap_presence
from inbox_agent.mailbox.imap import ImapSource
from inbox_agent.mailbox.options import Scope
from inbox_agent.mailbox.source import Departed


def expunge(settings, uids: list[int], folder: str = FOLDER) -> None:
    with signed_in(settings) as client:
        client.select_folder(folder)
        client.delete_messages(uids)
        client.expunge()


def departed(source: ImapSource, cursor: str) -> list[str]:
    return [one.source_key for one in source.fetch_since(cursor) if isinstance(one, Departed)]


def test_what_left_while_the_worker_was_down_is_told_by_qresync(imap_settings, mail):
    for number in range(4):
        append(imap_settings, mail(f"nr-{number}"))
    source = ImapSource(imap_settings)
    found = list(source.fetch_since(""))
    source.close()
    expunge(imap_settings, [2, 3])
    again = ImapSource(imap_settings)
    fetching = again.fetch_since(found[-1].cursor)
    first = next(fetching)
    assert first.source_key == found[1].source_key
    fetching.close()
    # Only the last one moves the cursor: a worker killed between the two is told both again.
    assert departed(again, first.cursor) == [found[1].source_key, found[2].source_key]
    assert departed(again, list(again.fetch_since(first.cursor))[-1].cursor) == []
    again.close()


def test_what_was_never_offered_does_not_depart(imap_settings, mail):
    """A mail from before the start date, and one that came and went between two looks."""
    append(imap_settings, mail("een"))
    source = ImapSource(imap_settings)
    (one,) = source.fetch_since("")
    append(imap_settings, mail("twee"))
    expunge(imap_settings, [2])
    assert list(source.fetch_since(one.cursor)) == []
    source.close()


@pytest.mark.parametrize("how", ["cut", "refused"])
def test_a_server_that_fails_at_qresync_is_asked_without(imap_settings, dovecot, mail, how):
    with imap_proxy(dovecot.host, dovecot.port) as proxy:
        source = ImapSource(_through(imap_settings, proxy.port))
        append(imap_settings, mail("een"))
        append(imap_settings, mail("twee"))
        found = list(source.fetch_since(""))
        setattr(proxy, how, {f'EXAMINE "{FOLDER}" (QRESYNC'})
        append(imap_settings, mail("drie"))
        (new,) = source.fetch_since(found[-1].cursor)
        expunge(imap_settings, [1])
        assert departed(source, new.cursor) == [found[0].source_key]
        source.close()


def test_many_that_come_and_go_are_told_apart_by_counting(pymap_settings, sink, mail):
    post = imap_post(pymap_settings, sink)
    for number in range(5):
        post.deliver(mail(f"nr-{number}"))
    source = post.source()
    found = list(source.fetch_since(""))
    of = {one.raw: one.source_key for one in found}
    for number in (1, 3):
        post.delete(mail(f"nr-{number}"))
    for number in (5, 6):
        post.deliver(mail(f"nr-{number}"))
    *new, gone, gone_too = source.fetch_since(found[-1].cursor)
    assert [one.raw for one in new] == [mail("nr-5"), mail("nr-6")]
    assert {gone.source_key, gone_too.source_key} == {of[mail("nr-1")], of[mail("nr-3")]}
    post.delete(mail("nr-6"))
    assert departed(source, gone_too.cursor) == [new[1].source_key]
    post.close()


def test_at_rest_nothing_is_searched_and_an_arrival_compares_nothing(imap_settings, dovecot, mail):
    """On a server without QRESYNC: counting alone says that nothing left."""
    with imap_proxy(dovecot.host, dovecot.port) as proxy:
        proxy.hidden = (b" QRESYNC",)
        source = ImapSource(_through(imap_settings, proxy.port))
        append(imap_settings, mail("een"))
        (one,) = source.fetch_since("")
        proxy.asked.clear()
        for _ in range(3):
            assert list(source.fetch_since(one.cursor)) == []
        assert {command.split()[0] for command in proxy.asked} == {"EXAMINE", "STATUS"}
        proxy.asked.clear()
        append(imap_settings, mail("twee"))
        (two,) = source.fetch_since(one.cursor)
        assert [command for command in proxy.asked if "SEARCH" in command] == ["UID SEARCH UID 2:2"]
        expunge(imap_settings, [1])
        assert departed(source, two.cursor) == [one.source_key]
        source.close()


def test_a_slow_comparison_waits_and_then_tells_all(pymap_settings, sink, mail, monkeypatch):
    """It takes a twentieth of the time at most; what is owed is told at a later look although nothing changes then."""
    post = imap_post(pymap_settings, sink)
    for number in range(3):
        post.deliver(mail(f"nr-{number}"))
    source = post.source()
    found = list(source.fetch_since(""))
    of = {one.raw: one.source_key for one in found}
    monkeypatch.setattr(imap_presence, "_FREE", 0.0)
    monkeypatch.setattr(imap_presence, "_SHARE", 10_000_000)
    post.delete(mail("nr-0"))
    (gone,) = source.fetch_since(found[-1].cursor)
    post.delete(mail("nr-1"))
    assert list(source.fetch_since(gone.cursor)) == []
    source._memories[pymap_settings.scope.folders[0]].presence._not_before = 0.0
    assert departed(source, gone.cursor) == [of[mail("nr-1")]]
    post.close()


def _through(settings, port: int):
    return dataclasses.replace(settings, port=port, scope=Scope((FOLDER,)))


@pytest.mark.parametrize("marked", [b"\\Seen", b"\\Flagged"])
def test_flags_that_others_change_are_nothing_new(imap_settings, mail, marked):
    for number in range(3):
        append(imap_settings, mail(f"nr-{number}"))
    source = ImapSource(imap_settings)
    found = list(source.fetch_since(""))
    with signed_in(imap_settings) as client:
        client.select_folder(FOLDER)
        client.add_flags([1, 2, 3], [marked])
    assert list(source.fetch_since(found[-1].cursor)) == []
    source.close()
