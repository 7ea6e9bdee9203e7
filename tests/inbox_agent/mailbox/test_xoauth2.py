"""Signing in with tokens: IMAP on a real Dovecot that asks the authority about each token, SMTP on a real sink."""

import logging
import socket
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from factories.authority import SECRET, Authority, Sanne, an_authority

from inbox_agent.bench.dovecot import Dovecot, DovecotMissing
from inbox_agent.bench.smtp_sink import SmtpSink
from inbox_agent.domain.errors import MailboxSignInRefused, MailboxUnreachable, ReplyRefused
from inbox_agent.mailbox import registry, smtp
from inbox_agent.mailbox.imap import ImapSource
from inbox_agent.mailbox.server import Server
from inbox_agent.mailbox.sign_in_refusal import sign_in_refused
from inbox_agent.settings import Settings, load

USER = "debiteuren"
REPLY = b"From: debiteuren@x\r\nTo: klant@example.org\r\nMessage-ID: <a@x>\r\n\r\nDank u\r\n"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    with an_authority(tmp_path_factory.mktemp("authority")) as started:
        yield started


@pytest.fixture(scope="module")
def server(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dovecot]:
    try:
        started = Dovecot.start(
            tmp_path_factory.mktemp("dovecot"), {USER: "a-password"}, introspection=authority.introspection
        )
    except DovecotMissing as missing:
        pytest.skip(missing.sentence)
    with started:
        yield started


@pytest.fixture
def sink(authority: Authority) -> Iterator[SmtpSink]:
    with SmtpSink.start(takes_token=authority.takes) as started:
        yield started


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("CLIENT_SECRET", SECRET)
    return load(data_dir=tmp_path)


@pytest.fixture
def options(authority: Authority, server: Dovecot, sink: SmtpSink) -> Iterator[dict[str, Any]]:
    """The row of a mailbox that an application opens."""
    yield {
        "host": "127.0.0.1",
        "port": server.port,
        "security": "none",
        "user": USER,
        "auth": "oauth_microsoft",
        "oauth": authority.options(secret="env:CLIENT_SECRET"),
        "smtp": {"host": "127.0.0.1", "port": sink.port, "security": "none", "user": USER},
    }
    authority.user, authority.error, authority.lasts = USER, None, 3600
    authority.forms.clear()


@pytest.fixture
def source(options: dict[str, Any], settings: Settings) -> Iterator[ImapSource]:
    opened = registry.open_source("imap", USER, options, settings)
    assert isinstance(opened, ImapSource)
    yield opened
    opened.close()


def test_a_mailbox_is_read_and_answered_with_one_token(
    source: ImapSource, sink: SmtpSink, authority: Authority, server: Dovecot
) -> None:
    server.deliver(USER, b"Subject: factuur\r\n\r\nHallo\r\n")
    assert b"factuur" in next(one for one in source.fetch_since("") if hasattr(one, "raw")).raw
    source.put_reply(REPLY, "<a@x>", "debiteuren@x", ("klant@example.org",))
    assert len(sink.messages) == 1
    assert source.has_reply("<a@x>")
    assert len(authority.forms) == 1
    assert "accepted the sign-in" in source.check()


def test_a_token_that_ends_in_mid_session_is_renewed(source: ImapSource, sink: SmtpSink, authority: Authority) -> None:
    authority.lasts = 290
    source.check()
    authority.revoke()
    source._connection.drop()
    source.check()
    source.put_reply(REPLY, "<b@x>", "debiteuren@x", ("klant@example.org",))
    assert len(sink.messages) == 1


def test_a_token_that_was_revoked_early_is_replaced_once(
    source: ImapSource, sink: SmtpSink, authority: Authority
) -> None:
    source.check()
    authority.revoke()
    source._connection.drop()
    source.check()
    authority.revoke()
    source.put_reply(REPLY, "<c@x>", "debiteuren@x", ("klant@example.org",))
    assert len(sink.messages) == 1
    assert len(authority.forms) == 3


def test_a_mailbox_that_the_token_does_not_open(source: ImapSource, sink: SmtpSink, authority: Authority) -> None:
    authority.user = "somebody"
    with pytest.raises(
        MailboxSignInRefused, match=r"mail server 127\.0\.0\.1 refused the token of mailbox debiteuren, a new"
    ):
        source.check()
    assert len(authority.forms) == 2
    with pytest.raises(ReplyRefused, match=r"refused the token.*The reply was not sent\."):
        source.put_reply(REPLY, "<d@x>", "debiteuren@x", ("klant@example.org",))
    assert sink.messages == []


def test_a_sign_in_that_ended_is_told_as_what_it_is(source: ImapSource, authority: Authority) -> None:
    source.check()
    authority.revoke()
    authority.error = ("invalid_client", "AADSTS7000222: The provided client secret keys are expired.")
    source._connection.drop()
    with pytest.raises(MailboxSignInRefused, match="client secret of mailbox debiteuren has expired"):
        source.check()
    with pytest.raises(ReplyRefused, match=r"has expired.*was not sent"):
        source.put_reply(REPLY, "<e@x>", "debiteuren@x", ("klant@example.org",))


def test_the_sign_in_of_a_person_opens_the_shared_mailbox(
    options: dict[str, Any], settings: Settings, authority: Authority
) -> None:
    options["oauth"] = authority.options()
    registry.open_sign_in("imap", USER, options, settings).sign_in(Sanne())
    source = registry.open_source("imap", USER, options, settings)
    assert source.check()
    assert source.sign_in_expires_at() is not None
    source.close()


def test_sending_that_is_switched_off_says_what_to_run(
    source: ImapSource, sink: SmtpSink, authority: Authority
) -> None:
    authority.revoke()
    sink.takes_token = lambda user, token: False
    sink.refusal = "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant."
    with pytest.raises(ReplyRefused, match="Set-CASMailbox -Identity debiteuren -SmtpClientAuthenticationDisabled"):
        source.put_reply(REPLY, "<f@x>", "debiteuren@x", ("klant@example.org",))


def test_sending_as_a_mailbox_without_the_right_to_says_what_to_grant(source: ImapSource, sink: SmtpSink) -> None:
    sink.verdict = "554 5.2.252 SendAsDenied; debiteuren@x not allowed to send as archief@x; STOREDRV"
    with pytest.raises(ReplyRefused, match=r"does not let debiteuren send as archief@x\. Have an administrator grant"):
        source.put_reply(REPLY, "<h@x>", "archief@x", ("klant@example.org",))


def test_a_server_that_is_not_well_costs_no_new_token(source: ImapSource, sink: SmtpSink, authority: Authority) -> None:
    sink.takes_token = lambda user, token: False
    sink.refusal = "454 4.7.0 Temporary authentication failure"
    with pytest.raises(MailboxUnreachable, match="It is tried again"):
        smtp.check(source._settings.smtp)
    assert len(authority.forms) == 1


def test_servers_without_tokens_say_so(
    source: ImapSource, options: dict[str, Any], settings: Settings, dovecot: Dovecot
) -> None:
    with SmtpSink.start(user=USER, password="x") as old:
        tokens = source._settings.smtp.tokens
        with pytest.raises(MailboxSignInRefused, match="offers no sign-in with tokens"):
            smtp.check(old.settings(tokens=tokens))
    elsewhere = registry.open_source("imap", USER, {**options, "port": dovecot.port}, settings)
    with pytest.raises(MailboxSignInRefused, match="offers no sign-in with tokens"):
        elsewhere.check()


def test_tokens_stay_out_of_logs(source: ImapSource, authority: Authority, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    source.check()
    authority.user = "somebody"
    with pytest.raises(ReplyRefused) as refused:
        source.put_reply(REPLY, "<g@x>", "debiteuren@x", ("klant@example.org",))
    shown = caplog.text + repr(source._settings) + str(refused.value) + repr(source._connection._client)
    assert [one for one in {SECRET, *authority.tokens} if one in shown] == []


@pytest.mark.parametrize(
    ("words", "host", "with_tokens", "told"),
    [
        ("Application-specific password required", "imap.gmail.com", False, "app password"),
        ("[ALERT] IMAP access is disabled for your domain.", "imap.gmail.com", True, "IMAP is switched off"),
        ("LOGIN failed.", "outlook.office365.com", False, "takes none any more"),
        ("AUTHENTICATE failed.", "outlook.office365.com", True, "IMAP.AccessAsApp"),
        ("Invalid credentials", "imap.example.org", False, "env:PASSWORD"),
    ],
)
def test_what_big_providers_mean(words: str, host: str, with_tokens: bool, told: str) -> None:
    server = Server("mail server", host, 993, "debiteuren", "debiteuren@x", "env:PASSWORD", with_tokens)
    assert told in sign_in_refused(words, server).sentence


def like_exchange(listener: socket.socket) -> None:
    """Takes any token, then opens nothing with it, as Exchange Online does without full access to the mailbox."""
    connection, _ = listener.accept()
    with connection, connection.makefile("rwb") as lines:

        def say(words: bytes) -> None:
            lines.write(words + b"\r\n")
            lines.flush()

        say(b"* OK The Microsoft Exchange IMAP4 service is ready.")
        for line in lines:
            tag, command = line.split()[:2]
            if command == b"CAPABILITY":
                say(b"* CAPABILITY IMAP4rev1 AUTH=XOAUTH2")
                say(tag + b" OK CAPABILITY completed.")
            elif command == b"AUTHENTICATE":
                say(b"+ ")
                lines.readline()
                say(tag + b" OK AUTHENTICATE completed.")
            else:
                say(tag + b" BAD User is authenticated but not connected.")


def test_a_mailbox_that_is_not_connected_asks_for_full_access(options: dict[str, Any], settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=like_exchange, args=(listener,))
        thread.start()
        opened = registry.open_source("imap", USER, {**options, "port": listener.getsockname()[1]}, settings)
        with pytest.raises(MailboxSignInRefused, match="Add-MailboxPermission -AccessRights FullAccess"):
            opened.check()
        thread.join()
