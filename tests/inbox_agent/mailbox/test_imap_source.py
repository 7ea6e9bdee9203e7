"""What is IMAP's own: UIDs, flags, push, the Sent folder, lost connections. Against a real Dovecot."""

import dataclasses
import socket
import threading
import time
from contextlib import suppress

import pytest

from inbox_agent.bench.dovecot import Dovecot
from inbox_agent.bench.smtp_sink import SmtpSink
from inbox_agent.domain.errors import MailboxFolderMissing, MailboxUnreachable, ReplyRefused
from inbox_agent.mailbox import imap_idle, imap_reader, imap_search
from inbox_agent.mailbox.imap import ImapSource
from inbox_agent.mailbox.imap_connection import ImapSettings
from inbox_agent.mailbox.imap_replies import HANDLED
from inbox_agent.mailbox.options import Scope
from inbox_agent.mailbox.security import Security

FOLDER = "Debiteuren"


@pytest.fixture
def source(imap_settings):
    made = ImapSource(imap_settings)
    yield made
    made.close()


def raws(source: ImapSource, cursor: str = "") -> list[bytes]:
    return [fetched.raw for fetched in source.fetch_since(cursor)]


def flags(client) -> dict[int, set[bytes]]:
    return {uid: set(found) - {b"\\Recent"} for uid, found in client.get_flags(client.search()).items()}


def test_reading_leaves_no_trace(source, imap_settings, mail, append, other):
    append(mail("een"))
    assert len(raws(source)) == 1
    with other() as client:
        client.select_folder(FOLDER)
        assert flags(client) == {1: set()}


def test_handled_is_a_keyword_and_not_read(source, imap_settings, mail, append, other):
    append(mail("een"))
    append(mail("twee"))
    first, _ = source.fetch_since("")
    source.mark_handled(first.source_key)
    source.mark_handled(first.source_key)
    with other() as client:
        client.select_folder(FOLDER)
        assert flags(client) == {1: {HANDLED.encode()}, 2: set()}


def test_a_new_uidvalidity_starts_again_and_old_keys_mark_nothing(source, imap_settings, mail, append, other):
    append(mail("oud"))
    (old,) = source.fetch_since("")
    source.close()
    with other() as client:
        client.delete_folder(FOLDER)
        client.create_folder(FOLDER)
    append(mail("nieuw"))
    (new,) = source.fetch_since(old.cursor)
    assert new.raw == mail("nieuw")
    assert new.source_key.split(":")[0] != old.source_key.split(":")[0]
    source.mark_handled(old.source_key)
    with other() as client:
        client.select_folder(FOLDER)
        assert flags(client) == {1: set()}


def test_a_folder_replaced_in_the_middle_of_a_fetch_ends_it(source, imap_settings, mail, append, other, monkeypatch):
    monkeypatch.setattr(imap_reader, "_AT_ONCE", 10)
    append(mail("een"))
    append(mail("twee"))
    fetching = source.fetch_since("")
    first = next(fetching)
    source.close()
    with other() as client:
        client.delete_folder(FOLDER)
        client.create_folder(FOLDER)
    append(mail("nieuw"))
    append(mail("nieuwer"))
    assert list(fetching) == []
    assert raws(source, first.cursor) == [mail("nieuw"), mail("nieuwer")]


def test_a_mail_expunged_in_the_middle_of_a_fetch_is_skipped(source, imap_settings, mail, append, other, monkeypatch):
    monkeypatch.setattr(imap_reader, "_AT_ONCE", 10)
    for number in range(4):
        append(mail(f"nr-{number}"))
    fetching = source.fetch_since("")
    assert next(fetching).raw == mail("nr-0")
    with other() as client:
        client.select_folder(FOLDER)
        client.delete_messages([2, 3])
        client.expunge()
    assert [(fetched.raw, fetched.problem) for fetched in fetching] == [(mail("nr-3"), "")]


def test_the_last_mail_is_not_offered_again_by_the_star_range(source, mail, append):
    append(mail("een"))
    (one,) = source.fetch_since("")
    validity = one.source_key.split(":")[0]
    assert raws(source, f"{validity}:1") == []


def test_uids_that_begin_again_are_no_reason_to_skip_mail(source, mail, append):
    """A restored backup: UIDVALIDITY as it was, UIDNEXT below what was read already. Keys differ from those of before."""
    append(mail("een"))
    (one,) = source.fetch_since("")
    validity = one.source_key.split(":")[0]
    (again,) = source.fetch_since(f"{validity}:999")
    assert (again.raw, again.source_key, again.supersedes) == (mail("een"), f"{validity}.1:1", (f"{validity}:",))
    append(mail("twee"))
    (two,) = source.fetch_since(again.cursor)
    assert (two.source_key, two.supersedes) == (f"{validity}.1:2", ())
    assert {found.source_key for found in source.list_since(two.received_at.date())} == {
        again.source_key,
        two.source_key,
    }
    assert [found.raw for found in source.fetch_keys([two.source_key, one.source_key])] == [mail("twee")]


def test_uids_are_searched_in_ranges_in_a_huge_folder(source, imap_settings, mail, append, monkeypatch):
    monkeypatch.setattr(imap_search, "_AT_ONCE", 2)
    monkeypatch.setattr(imap_reader, "_MEASURED_AT_ONCE", 3)
    sent = [mail(f"nr-{number}") for number in range(7)]
    for raw in sent:
        append(raw)
    found = list(source.fetch_since(""))
    assert [fetched.raw for fetched in found] == sent
    assert raws(source, found[2].cursor) == sent[3:]


def test_a_connection_cut_in_the_middle_of_a_fetch_is_made_again(source, mail, append, monkeypatch):
    monkeypatch.setattr(imap_reader, "_AT_ONCE", 10)
    for number in range(3):
        append(mail(f"nr-{number}"))
    fetching = source.fetch_since("")
    found = [next(fetching).raw]
    source._connection._client.socket().shutdown(socket.SHUT_RDWR)
    found += [fetched.raw for fetched in fetching]
    assert found == [mail(f"nr-{number}") for number in range(3)]


def test_a_mail_that_the_server_does_not_deliver_is_parked_and_the_rest_goes_on(
    source, dovecot, imap_settings, mail, append
):
    for number in range(3):
        append(mail(f"nr-{number}"))
    assert len(raws(source)) == 3
    source.close()
    maildir = dovecot.mail / imap_settings.user / "Maildir"
    (broken,) = [path for path in maildir.rglob("*/*,*") if b"Subject: nr-1" in path.read_bytes()]
    broken.chmod(0)
    first, second, third = source.fetch_since("")
    assert [first.raw, second.raw, third.raw] == [mail("nr-0"), b"", mail("nr-2")]
    assert [bool(first.problem), bool(second.problem), bool(third.problem)] == [False, True, False]
    broken.chmod(0o600)
    assert raws(source, first.cursor) == [mail("nr-1"), mail("nr-2")]


def test_a_restarted_server_is_one_failure_at_most(dovecot_alone, mail):
    server, settings = dovecot_alone
    source = ImapSource(settings)
    server.deliver(settings.user, mail("een"))
    (first,) = source.fetch_since("")
    server.restart()
    with suppress(MailboxUnreachable, StopIteration):
        next(source.fetch_since(first.cursor))
    server.deliver(settings.user, mail("twee"))
    assert [b"twee" in fetched.raw for fetched in source.fetch_since(first.cursor)] == [True]
    source.close()


def test_a_server_that_stops_while_we_wait_is_unreachable(dovecot_alone):
    server, settings = dovecot_alone
    source = ImapSource(settings)
    assert raws(source) == []
    threading.Timer(0.5, server.stop).start()
    with pytest.raises(MailboxUnreachable):
        source.wait(60.0, threading.Event())
    source.close()


def test_a_server_that_restarts_while_we_wait_ends_the_waiting(dovecot_alone):
    server, settings = dovecot_alone
    source = ImapSource(settings)
    assert raws(source) == []
    threading.Timer(0.5, server.restart).start()
    begun = time.monotonic()
    with suppress(MailboxUnreachable):  # it may just be between its two lives
        source.wait(60.0, threading.Event())
    assert time.monotonic() - begun < 30
    time.sleep(0.5)
    source.wait(0.2, threading.Event())
    source.close()


def test_idle_is_renewed_and_still_hears(source, mail, append, monkeypatch):
    monkeypatch.setattr(imap_idle, "_RENEWED", 0.3)
    assert raws(source) == []
    threading.Timer(1.5, append, [mail("nieuw")]).start()
    source.wait(60.0, threading.Event())
    assert raws(source) == [mail("nieuw")]


def test_without_idle_waiting_is_sleeping(source, mail, append, monkeypatch):
    source._idle_refused = True
    assert raws(source) == []
    source.wait(0.3, threading.Event())
    stop = threading.Event()
    threading.Timer(0.3, stop.set).start()
    source.wait(60.0, stop)


def test_flags_changed_by_others_do_not_end_the_waiting(source, imap_settings, mail, append, other):
    append(mail("een"))
    assert len(raws(source)) == 1

    def read_it() -> None:
        with other() as client:
            client.select_folder(FOLDER)
            client.add_flags([1], [b"\\Seen"])

    threading.Timer(0.3, read_it).start()
    begun = time.monotonic()
    source.wait(2.0, threading.Event())
    assert time.monotonic() - begun >= 2.0


def test_push_over_tls(dovecot_alone, mail):
    server, settings = dovecot_alone
    source = ImapSource(
        dataclasses.replace(
            settings, host="localhost", port=server.tls_port, security=Security.IMPLICIT, ca_file=server.certificate
        )
    )
    assert raws(source) == []
    threading.Timer(0.5, server.deliver, [settings.user, mail("nieuw")]).start()
    source.wait(60.0, threading.Event())
    assert len(raws(source)) == 1
    source.close()


def test_starttls(dovecot_alone, mail):
    server, settings = dovecot_alone
    server.deliver(settings.user, mail("een"))
    source = ImapSource(
        dataclasses.replace(settings, host="localhost", security=Security.STARTTLS, ca_file=server.certificate)
    )
    assert len(raws(source)) == 1
    assert source._connection._client._starttls_done
    source.close()


def test_a_folder_that_is_not_there_lists_those_that_are(imap_settings):
    source = ImapSource(dataclasses.replace(imap_settings, scope=Scope(("Facturen",))))
    with pytest.raises(MailboxFolderMissing, match=r"no folder Facturen .* There are: .*Debiteuren.*INBOX"):
        source.check()
    source.close()


def test_a_folder_with_accents(imap_settings, other, mail):
    with other() as client:
        client.create_folder("Rekeningen/Société")
        client.append("Rekeningen/Société", mail("een"))
    source = ImapSource(dataclasses.replace(imap_settings, scope=Scope(("Rekeningen/Société",))))
    assert raws(source) == [mail("een")]
    source.close()


@pytest.mark.parametrize("name", ["Sent Items", "Verzonden items", "INBOX/Sent"])
def test_sent_is_found_by_its_usual_names(tmp_path, sink, name):
    with Dovecot.start(tmp_path, {"a": "b"}, sent="") as server:
        settings = ImapSettings(server.host, server.port, "a", sink.settings(), "b", security=Security.NONE)
        source = ImapSource(settings)
        with source._connection.client() as client:
            client.create_folder(name)
            assert source._account.sent(client) == name
        source.close()


def test_sent_is_made_when_there_is_none(tmp_path, sink):
    with Dovecot.start(tmp_path, {"a": "b"}, sent="") as server:
        source = ImapSource(ImapSettings(server.host, server.port, "a", sink.settings(), "b", security=Security.NONE))
        assert "will be made" in source.check()
        assert not source.has_reply("<a@b>")
        source.put_reply(b"Message-ID: <a@b>\n\nx\n", "<a@b>", "a@b.nl", ("c@d.nl",))
        assert source.has_reply("<a@b>")
        source.close()


def test_a_reply_is_filed_as_read_and_not_twice_when_the_server_files_too(source, imap_settings, other):
    raw = b"Message-ID: <a@b>\nSubject: Re\n\nx\n"
    with other() as client:
        client.append("Sent", raw)
    source.put_reply(raw, "<a@b>", "a@b.nl", ("c@d.nl",))
    source.put_reply(raw.replace(b"a@b", b"b@b"), "<b@b>", "a@b.nl", ("c@d.nl",))
    with other() as client:
        client.select_folder("Sent")
        assert flags(client) == {1: set(), 2: {b"\\Seen"}}
        assert client.fetch([2], ["BODY.PEEK[]"])[2][b"BODY[]"] == b"Message-ID: <b@b>\r\nSubject: Re\r\n\r\nx\r\n"


def test_a_reply_that_left_but_cannot_be_filed_is_no_failure(imap_settings, sink: SmtpSink, capsys):
    source = ImapSource(dataclasses.replace(imap_settings, sent_folder="Nergens"))
    source.put_reply(b"Message-ID: <a@b>\n\nx\n", "<a@b>", "a@b.nl", ("c@d.nl",))
    assert len(sink.messages) == 1
    assert "reply_not_filed" in capsys.readouterr().out
    source.close()


def test_a_reply_refused_is_not_filed(source, sink: SmtpSink):
    sink.refused = {"c@d.nl"}
    with pytest.raises(ReplyRefused):
        source.put_reply(b"Message-ID: <a@b>\n\nx\n", "<a@b>", "a@b.nl", ("c@d.nl",))
    assert not source.has_reply("<a@b>")


def test_check_says_what_it_found(source, mail, append):
    append(mail("een"))
    assert source.check() == (
        "127.0.0.1: folder Debiteuren holds 1 mails; sent mail is read from Sent, which holds 0 mails; "
        "replies are filed in Sent (named by the server); new mail is pushed (IDLE); "
        "moved and deleted mail is told (QRESYNC); with UIDPLUS; decided mail gets the keyword $InboxAgentHandled; "
        "outgoing mail server 127.0.0.1 answers."
    )


def test_the_password_shows_in_no_representation(imap_settings, source):
    assert imap_settings.password not in repr(imap_settings) + repr(imap_settings.smtp) + repr(source)
