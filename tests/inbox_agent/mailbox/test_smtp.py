"""Whether a reply left, did not leave, or may have: against a server that refuses, delays and hangs up on command."""

import socket
import ssl
import threading

import pytest

from inbox_agent.bench.certificate import make_certificate
from inbox_agent.bench.smtp_sink import Mishap, SmtpSink
from inbox_agent.domain.errors import (
    MailboxCertificateRefused,
    MailboxSignInRefused,
    MailboxUnreachable,
    ReplyRefused,
    ReplyUncertain,
    SettingsError,
)
from inbox_agent.mailbox import smtp
from inbox_agent.mailbox.security import Security

RAW = b"From: debiteuren@halvermaan.example\nSubject: Re\n\n.een punt\nGoed.\n"
SENDER = "debiteuren@halvermaan.example"


def send(sink: SmtpSink, *recipients: str, raw: bytes = RAW, sender: str = SENDER, **settings: object) -> None:
    smtp.send(sink.settings(**settings), raw, sender, recipients or ("klant@example.org",))


def test_line_ends_and_leading_dots_survive(sink):
    send(sink)
    (received,) = sink.messages
    assert received.raw == RAW.replace(b"\n", b"\r\n")
    assert (received.sender, received.recipients) == (SENDER, ("klant@example.org",))


@pytest.mark.parametrize("raw", [b"a\nb", b"a\rb", b"a\r\nb\r\n"])
def test_the_wire_has_only_crlf(raw):
    assert smtp.wire(raw) == b"a\r\nb\r\n"


def test_one_refused_recipient_stops_it_for_all(sink):
    sink.refused = {"weg@example.org"}
    with pytest.raises(ReplyRefused, match=r"weg@example.org \(550 .*Nothing was sent to anybody"):
        send(sink, "klant@example.org", "weg@example.org")
    assert sink.messages == []
    sink.refused = set()
    send(sink, "klant@example.org", "weg@example.org")
    assert len(sink.messages) == 1


@pytest.mark.parametrize("verdict", ["451 4.3.0 Later please", "554 5.7.1 Spam"])
def test_a_refusal_after_the_last_byte_is_a_refusal(sink, verdict):
    sink.verdict = verdict
    with pytest.raises(ReplyRefused, match=verdict[:3]):
        send(sink)
    assert sink.messages == []


def test_hanging_up_before_data_is_a_refusal(sink):
    sink.mishap = Mishap.BEFORE_DATA
    with pytest.raises(ReplyRefused, match="lost"):
        send(sink)


def test_hanging_up_after_the_last_byte_is_uncertain(sink):
    sink.mishap = Mishap.AFTER_DATA
    with pytest.raises(ReplyUncertain, match="may or may not have left"):
        send(sink)
    assert len(sink.messages) == 1


def test_no_verdict_in_time_is_uncertain(sink):
    sink.mishap = Mishap.HANG
    with pytest.raises(ReplyUncertain):
        send(sink, acceptance_timeout=0.5)


def test_hanging_up_in_the_middle_of_the_reply_is_a_refusal():
    """A server that takes DATA and goes away before the final dot can have come."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection, connection.makefile("rb") as lines:
                connection.sendall(b"220 here\r\n")
                for line in lines:
                    if line.startswith(b"DATA"):
                        connection.sendall(b"354 go\r\n")
                        connection.recv(1000)
                        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
                        return
                    connection.sendall(b"250 ok\r\n")

        thread = threading.Thread(target=serve)
        thread.start()
        settings = smtp.SmtpSettings("127.0.0.1", listening.getsockname()[1], Security.NONE, timeout=10)
        with pytest.raises(ReplyRefused):
            smtp.send(settings, b"Subject: x\r\n\r\n" + b"y" * 70_000_000, SENDER, ("klant@example.org",))
        thread.join()


def test_wrong_password(sink):
    with SmtpSink.start(user="debiteuren", password="goed") as asking:
        send(asking)
        with pytest.raises(ReplyRefused, match=r"refused the user name or password .* env:X.*The reply was not sent"):
            send(asking, password="fout", password_from="env:X")
        with pytest.raises(MailboxSignInRefused):
            smtp.check(asking.settings(password="fout"))
        assert "accepted the sign-in" in smtp.check(asking.settings())
    assert len(asking.messages) == 1


def test_a_password_with_accents():
    with SmtpSink.start(user="één", password="geheim-é") as asking:
        send(asking)
        with pytest.raises(ReplyRefused, match="refused the user name or password"):
            send(asking, password="ö")


def test_nothing_listens(sink):
    settings = sink.settings()
    sink.stop()
    with pytest.raises(ReplyRefused, match=r"Nothing listens on port .* The reply was not sent"):
        smtp.send(settings, RAW, SENDER, ("klant@example.org",))
    with pytest.raises(MailboxUnreachable, match="Nothing listens"):
        smtp.check(settings)


def test_accented_domains_are_translated_and_accented_names_need_smtputf8(sink):
    send(sink, "inkoop@müller.example", "rené@example.org")
    assert sink.messages[0].recipients == ("inkoop@xn--mller-kva.example", "rené@example.org")
    with SmtpSink.start(utf8=False) as plain:
        send(plain, "inkoop@müller.example")
        with pytest.raises(ReplyRefused, match="accented letters before the @"):
            send(plain, "rené@example.org")


@pytest.mark.parametrize("address", ["", "geen-adres", "a@b.nl\r\nRCPT TO:<c@d.nl>", "@b.nl", "a@", "a@b..nl"])
def test_what_is_no_address_is_refused(sink, address):
    with pytest.raises(ReplyRefused):
        send(sink, "klant@example.org", address)
    with pytest.raises(ReplyRefused):
        send(sink, sender=address)
    assert sink.messages == []


def test_nobody_to_send_to(sink):
    with pytest.raises(ReplyRefused, match="no recipient"):
        smtp.send(sink.settings(), RAW, SENDER, ())


def tls_sink(folder, **certificate: object) -> tuple[SmtpSink, object]:
    made, key = make_certificate(folder, **certificate)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(made, key)
    return SmtpSink.start(tls=server), made


def test_starttls(tmp_path):
    sink, ca_file = tls_sink(tmp_path)
    with sink:
        send(sink, host="localhost", security=Security.STARTTLS, ca_file=ca_file)
    assert len(sink.messages) == 1


def test_starttls_with_an_expired_certificate(tmp_path):
    sink, ca_file = tls_sink(tmp_path, expired=True)
    with sink:
        settings = sink.settings(host="localhost", security=Security.STARTTLS, ca_file=ca_file)
        with pytest.raises(MailboxCertificateRefused, match="expired"):
            smtp.check(settings)
        with pytest.raises(ReplyRefused, match=r"expired.*The reply was not sent"):
            smtp.send(settings, RAW, SENDER, ("klant@example.org",))


def test_no_encryption_offered_means_nothing_is_sent(sink):
    with pytest.raises(ReplyRefused, match="offers no STARTTLS"):
        send(sink, security=Security.STARTTLS)


def test_no_plain_text_over_a_network():
    with pytest.raises(SettingsError, match="unencrypted"):
        smtp.SmtpSettings("smtp.example.org", 25, Security.NONE)
