"""Servers that lack what others have, or refuse it; how decided mail is marked; what a mailbox at rest costs."""

import dataclasses

import pytest
from factories.imap_proxy import imap_proxy
from factories.posts import FOLDER, append, signed_in

from inbox_agent.domain.errors import MailboxUnreachable
from inbox_agent.mailbox.imap import ImapSource
from inbox_agent.mailbox.imap_replies import HANDLED
from inbox_agent.mailbox.options import Marking, Scope


def flags(settings, folder: str) -> set[bytes]:
    with signed_in(settings) as client:
        client.select_folder(folder, readonly=True)
        return {flag for one in client.get_flags(client.search()).values() for flag in one} - {b"\\Recent"}


@pytest.mark.parametrize(
    ("marking", "marks"), [(Marking.LABEL, {HANDLED.encode()}), (Marking.READ, {b"\\Seen"}), (Marking.NONE, set())]
)
def test_a_decided_mail_is_marked_as_the_options_say(imap_settings, mail, marking, marks):
    append(imap_settings, mail("een"))
    source = ImapSource(dataclasses.replace(imap_settings, scope=Scope((FOLDER,), marking=marking)))
    (one,) = source.fetch_since("")
    source.mark_handled(one.source_key)
    assert flags(imap_settings, FOLDER) == marks
    assert f"decided mail {'is not marked' if not marks else ''}" in source.check()
    source.close()


def test_a_server_that_keeps_no_keywords_is_not_asked_to(pymap_settings, mail):
    folder = pymap_settings.scope.folders[0]
    append(pymap_settings, mail("een"), folder)
    source = ImapSource(pymap_settings)
    (one,) = source.fetch_since("")
    source.mark_handled(one.source_key)
    assert flags(pymap_settings, folder) == set()
    told = source.check()
    assert "decided mail stays unmarked, since the server keeps no keywords (the option marking can be `read`)" in told
    assert "moved and deleted mail is found by counting (no QRESYNC)" in told
    assert f"replies are filed in {pymap_settings.sent_folder} (known by its name)" in told
    source.close()
    source = ImapSource(
        dataclasses.replace(pymap_settings, scope=dataclasses.replace(pymap_settings.scope, marking=Marking.READ))
    )
    source.mark_handled(one.source_key)
    assert flags(pymap_settings, folder) == {b"\\Seen"}
    source.close()


def test_a_folder_that_cannot_be_written_is_read_and_left_unmarked(imap_settings, dovecot, mail):
    append(imap_settings, mail("een"))
    with imap_proxy(dovecot.host, dovecot.port) as proxy:
        proxy.refused = {"SELECT", "UID STORE"}
        source = ImapSource(dataclasses.replace(imap_settings, port=proxy.port))
        (one,) = source.fetch_since("")
        source.mark_handled(one.source_key)
        assert "decided mail stays unmarked: The mail server" in source.check()
        proxy.refused = {"UID STORE"}
        source.mark_handled(one.source_key)
        source.close()
    assert flags(imap_settings, FOLDER) == set()


def test_sent_is_found_by_its_name_where_no_folder_is_flagged(pymap_settings, mail):
    """No SPECIAL-USE (RFC 6154), and no option: the folder is made at the first reply, and read from then on."""
    settings = dataclasses.replace(pymap_settings, sent_folder="")
    source = ImapSource(settings)
    source.put_reply(mail("antwoord"), "<antwoord@example.org>", "a@b.nl", ("c@d.nl",))
    assert source.has_reply("<antwoord@example.org>")
    assert [(one.folder, one.is_sent) for one in source.fetch_since("")] == [("Sent", True)]
    with signed_in(settings) as client:
        client.delete_folder("Sent")
    source.close()


@pytest.mark.parametrize("worse", ["refused", "hidden", "cut"])
def test_without_idle_mail_is_seen_at_the_next_poll(imap_settings, dovecot, mail, stopped, worse):
    """The server refuses IDLE, does not know it, or drops the connection at it."""
    with imap_proxy(dovecot.host, dovecot.port) as proxy:
        setattr(proxy, worse, (b" IDLE",) if worse == "hidden" else {"IDLE"})
        source = ImapSource(dataclasses.replace(imap_settings, port=proxy.port))
        assert list(source.fetch_since("")) == []
        source.wait(0.2, stopped(20.0))
        append(imap_settings, mail("een"))
        stop = stopped(20.0)
        source.wait(60.0, stop)
        assert not stop.is_set()
        assert [one.raw for one in source.fetch_since("")] == [mail("een")]
        source.close()


@pytest.mark.parametrize("hidden", [(), (b" QRESYNC", b" UIDPLUS", b" MOVE", b" SPECIAL-USE", b" NAMESPACE")])
def test_a_mailbox_at_rest_costs_few_commands(imap_settings, dovecot, mail, hidden, stopped):
    """A poll of two folders and Sent: each looked at when fetching and before waiting, one IDLE; nothing listed or searched."""
    with signed_in(imap_settings) as client:
        client.create_folder("Facturen")
    append(imap_settings, mail("een"))
    with imap_proxy(dovecot.host, dovecot.port) as proxy:
        proxy.hidden = hidden
        source = ImapSource(dataclasses.replace(imap_settings, port=proxy.port, scope=Scope((FOLDER, "Facturen"))))
        (one,) = source.fetch_since("")
        source.wait(0.0, stopped(20.0))
        for _ in range(2):
            proxy.asked.clear()
            source.wait(0.05, stopped(20.0))
            assert list(source.fetch_since(one.cursor)) == []
            words = [command.split()[0] for command in proxy.asked if command != "IDLE"]
            assert sorted(words) == ["EXAMINE", "EXAMINE", "STATUS", "STATUS", "STATUS", "STATUS"]
        source.close()


def test_a_connection_that_breaks_before_a_folder_is_open_loses_nothing(imap_settings, dovecot, mail):
    """Cut at each kind of command in turn, as a bad network does: the same mails come, none twice after its cursor."""
    for number in range(3):
        append(imap_settings, mail(f"nr-{number}"))
    with imap_proxy(dovecot.host, dovecot.port) as proxy:
        settings = dataclasses.replace(imap_settings, port=proxy.port)
        taken, cursor = [], ""
        for command in ("LIST", "EXAMINE", "STATUS", "UID SEARCH", "UID FETCH", "UID FETCH 1,2,3 (BODY", ""):
            proxy.cut = {command} if command else set()
            source = ImapSource(settings)
            try:
                for one in source.fetch_since(cursor):
                    taken.append(one.raw)
                    cursor = one.cursor
            except MailboxUnreachable:
                pass
            source.close()
    assert taken == [mail(f"nr-{number}") for number in range(3)]


def test_a_server_that_refuses_what_it_offers_is_read_all_the_same(imap_settings, dovecot, mail):
    """STATUS, ENABLE and NAMESPACE: each has another way round."""
    append(imap_settings, mail("een"))
    append(imap_settings, mail("twee"), "Sent")
    with imap_proxy(dovecot.host, dovecot.port) as proxy:
        proxy.refused = {"STATUS", "ENABLE", "NAMESPACE"}
        source = ImapSource(dataclasses.replace(imap_settings, port=proxy.port))
        found = list(source.fetch_since(""))
        assert [one.raw for one in found] == [mail("een"), mail("twee")]
        append(imap_settings, mail("drie"), "Sent")
        assert [one.raw for one in source.fetch_since(found[-1].cursor)] == [mail("drie")]
        source.close()
