"""Each way in which a mail server fails is one sentence that says what to do."""

import dataclasses
import socket
import threading
import time

import pytest

from inbox_agent.bench.dovecot import Dovecot
from inbox_agent.domain.errors import (
    MailboxCertificateRefused,
    MailboxSignInRefused,
    MailboxUnreachable,
    SettingsError,
)
from inbox_agent.mailbox.imap import ImapSource
from inbox_agent.mailbox.security import Security


def failing(settings, **others: object) -> ImapSource:
    return ImapSource(dataclasses.replace(settings, **others))


def test_wrong_password(imap_settings):
    with pytest.raises(MailboxSignInRefused) as refused:
        failing(imap_settings, password="fout").check()
    assert refused.value.sentence == (
        "The mail server 127.0.0.1 refused the user name or password of mailbox debiteuren. "
        f"Check the user name {imap_settings.user} and the password in env:DEBITEUREN_PASSWORD, and try again."
    )


def test_closed_port(imap_settings):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(MailboxUnreachable, match=f"Nothing listens on port {port} of 127.0.0.1"):
        list(failing(imap_settings, port=port).fetch_since(""))


def test_unknown_host(imap_settings):
    with pytest.raises(MailboxUnreachable, match=r"There is no host nohost\.invalid"):
        failing(imap_settings, host="nohost.invalid", security=Security.IMPLICIT).check()


@pytest.mark.parametrize("greeting", [b"", b"* OK here\r\n"])
def test_a_server_that_does_not_answer(imap_settings, greeting):
    """It accepts the connection, perhaps greets, and says no more."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        held = []

        def serve() -> None:
            connection, _ = listening.accept()
            connection.sendall(greeting)
            held.append(connection)

        threading.Thread(target=serve, daemon=True).start()
        silent = failing(imap_settings, port=listening.getsockname()[1], timeout=0.5, connect_timeout=0.5)
        with pytest.raises(MailboxUnreachable, match="did not answer in time"):
            silent.check()
        for connection in held:
            connection.close()


def test_a_server_that_turns_everybody_away(imap_settings):
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            connection.sendall(b"* BYE Too many connections\r\n")
            connection.close()

        threading.Thread(target=serve, daemon=True).start()
        with pytest.raises(MailboxUnreachable, match="Too many connections"):
            failing(imap_settings, port=listening.getsockname()[1]).check()


def over_tls(server: Dovecot, settings, **others: object) -> ImapSource:
    given = {"host": "localhost", "port": server.tls_port, "security": Security.IMPLICIT, "ca_file": server.certificate}
    return failing(settings, **{**given, **others})


@pytest.mark.parametrize("security", [Security.IMPLICIT, Security.STARTTLS])
def test_expired_certificate(tmp_path, imap_settings, security):
    with Dovecot.start(tmp_path, {"a": "b"}, tls=True, expired=True) as server:
        port = server.tls_port if security is Security.IMPLICIT else server.port
        with pytest.raises(MailboxCertificateRefused, match=r"localhost .* has expired"):
            over_tls(server, imap_settings, security=security, port=port).check()


def test_certificate_for_another_host(tmp_path, imap_settings):
    with (
        Dovecot.start(tmp_path, {"a": "b"}, tls=True, certificate_host="mail.example.org") as server,
        pytest.raises(MailboxCertificateRefused, match="is for another host name"),
    ):
        over_tls(server, imap_settings).check()


def test_self_signed_certificate(dovecot, imap_settings):
    with pytest.raises(MailboxCertificateRefused, match=r"is self-signed.*ca_file"):
        over_tls(dovecot, imap_settings, ca_file=None).check()


def test_a_certificate_file_that_is_none(tmp_path, dovecot, imap_settings):
    with pytest.raises(SettingsError, match="ca_file"):
        over_tls(dovecot, imap_settings, ca_file=tmp_path / "nowhere.pem").check()
    (tmp_path / "empty.pem").write_text("no certificate")
    with pytest.raises(SettingsError, match="ca_file"):
        over_tls(dovecot, imap_settings, ca_file=tmp_path / "empty.pem").check()


def test_tls_on_a_port_that_speaks_plain(dovecot, imap_settings):
    with pytest.raises(MailboxUnreachable, match=r"does not speak TLS on port .*starttls"):
        over_tls(dovecot, imap_settings, port=dovecot.port).check()


def test_no_plain_text_over_a_network(imap_settings):
    with pytest.raises(SettingsError, match="unencrypted"):
        failing(imap_settings, host="imap.example.org", security=Security.NONE)


def test_after_a_failure_the_next_call_connects_again(dovecot, imap_settings, append, mail):
    source = ImapSource(imap_settings)
    append(mail("een"))
    assert len(list(source.fetch_since(""))) == 1
    source._connection._client.socket().shutdown(socket.SHUT_RDWR)
    with pytest.raises(MailboxUnreachable, match="was lost"):
        source.has_reply("<a@b>")
    assert not source.has_reply("<a@b>")
    source.close()


def test_a_connection_found_closed_after_a_pause_is_no_failure(imap_settings, append, mail, monkeypatch):
    source = ImapSource(imap_settings)
    append(mail("een"))
    assert len(list(source.fetch_since(""))) == 1
    source._connection._client.socket().shutdown(socket.SHUT_RDWR)
    source._connection._used_at = time.monotonic() - 60
    assert len(list(source.fetch_since(""))) == 1
    source.close()
