"""HTTP with Microsoft Graph: what is waited for, what is refused, and which sentence a person gets."""

import json
import socket
import ssl
import threading

import pytest
from factories.graph_mailbox import Tokens

from inbox_agent.bench.certificate import make_certificate
from inbox_agent.domain.errors import MailboxCertificateRefused, MailboxUnreachable
from inbox_agent.mailbox.graph_client import GraphClient, NoAnswerError, _pause
from inbox_agent.mailbox.graph_failure import GraphRefusal, refusal
from inbox_agent.mailbox.graph_settings import GraphSettings


def client(base_url: str, **fields) -> GraphClient:
    return GraphClient(GraphSettings("debiteuren", "d@halvermaan.example", Tokens(), base_url=base_url, **fields))


@pytest.fixture
def answering():
    """A port that gives every connection the same bytes and hangs up; what it was sent is kept."""
    started = []

    def start(answer: bytes) -> tuple[str, list[bytes]]:
        listening = socket.create_server(("127.0.0.1", 0))
        started.append(listening)
        asked: list[bytes] = []

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    asked.append(connection.recv(65536))
                    connection.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        return f"http://127.0.0.1:{listening.getsockname()[1]}/v1.0", asked

    yield start
    for listening in started:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()


def http(body: bytes, status: str = "200 OK") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body


def test_every_request_asks_for_immutable_ids_with_the_token(answering):
    url, asked = answering(http(b"{}"))
    with_client = client(url)
    with_client.get(with_client.user("messages"), {"$top": "1"}, ("odata.maxpagesize=2",))
    with_client.close()
    assert b'prefer: IdType="ImmutableId", odata.maxpagesize=2' in asked[0].replace(b"Prefer:", b"prefer:")
    assert b"Bearer token-1" in asked[0]
    assert asked[0].startswith(b"GET /v1.0/users/d@halvermaan.example/messages?")


@pytest.mark.parametrize("body", [b"<html>proxy</html>", b"[1]", b'"text"', b"[" * 100_000])
def test_what_is_no_json_object_is_no_answer(answering, body):
    url, _ = answering(http(body))
    with pytest.raises(MailboxUnreachable, match="no JSON object"):
        client(url).get(f"{url}/x")


def test_an_answer_without_end_is_cut_off(answering, monkeypatch):
    monkeypatch.setattr("inbox_agent.mailbox.graph_client._MOST_JSON", 1000)
    url, _ = answering(http(b'{"value": "' + b"x" * 5000 + b'"}'))
    with pytest.raises(MailboxUnreachable, match="no JSON object"):
        client(url).get(f"{url}/x")


def test_a_redirect_is_not_followed(answering):
    elsewhere, asked_there = answering(http(b"{}"))
    url, _ = answering(
        f"HTTP/1.1 302 Found\r\nLocation: {elsewhere}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()
    )
    with pytest.raises(GraphRefusal, match="status 302"):
        client(url).get(f"{url}/x")
    assert asked_there == []


def test_a_next_link_that_leads_elsewhere_is_not_followed(answering):
    url, asked = answering(http(json.dumps({"value": [1], "@odata.nextLink": "https://evil.example/v1.0/x"}).encode()))
    pages = client(url).pages(f"{url}/x", {})
    assert next(pages)["value"] == [1]
    with pytest.raises(MailboxUnreachable, match="leads elsewhere"):
        next(pages)
    assert len(asked) == 1


@pytest.mark.parametrize(
    "link",
    ["https://graph.microsoft.com.evil.example/v1.0/x", "https://graph.microsoft.com@evil.example/v1.0/x", "", None, 5],
)
def test_links_that_only_look_alike(link):
    assert not client("https://graph.microsoft.com/v1.0").leads_home(link)


def test_nobody_listens():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/v1.0"
    with pytest.raises(MailboxUnreachable, match="Nothing listens on port") as caught:
        client(url).post(f"{url}/x", once=True)
    assert not isinstance(caught.value, NoAnswerError)  # certainly nothing was done


def test_hanging_up_after_the_request_leaves_open_what_was_done(answering):
    url, _ = answering(b"")
    with pytest.raises(NoAnswerError):
        client(url).post(f"{url}/x", once=True)
    with pytest.raises(MailboxUnreachable):
        client(url).get(f"{url}/x")


def test_no_answer_in_time():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/v1.0"
        with pytest.raises(NoAnswerError, match="no clear answer"):
            client(url, timeout=0.2).post(f"{url}/x", once=True)


def test_an_unknown_certificate(tmp_path):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*make_certificate(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            try:
                context.wrap_socket(connection, server_side=True).close()
            except OSError:
                connection.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        url = f"https://127.0.0.1:{listening.getsockname()[1]}/v1.0"
        with pytest.raises(MailboxCertificateRefused, match="ca_file"):
            client(url).get(f"{url}/x")
        thread.join(5)


@pytest.mark.parametrize(
    ("header", "attempt", "seconds"),
    [("7", 0, 7.0), ("0", 3, 0.0), ("-5", 0, 0.0), ("nan", 2, 4.0), ("inf", 1, 2.0), ("", 0, 1.0), ("", 3, 8.0)],
)
def test_how_long_to_wait(header, attempt, seconds):
    assert _pause(header, attempt) == seconds


def test_how_long_to_wait_until_a_day_gone_by():
    assert _pause("Wed, 21 Oct 2015 07:28:00 GMT", 0) == 0.0


@pytest.mark.parametrize(
    ("status", "code", "message", "sentence"),
    [
        (403, "ErrorAccessDenied", "Access is denied.", "does not let the application open mailbox d@x.example"),
        (403, "ErrorAccessDenied", "Access to OData is disabled: [RAOP] : Blocked by tenant configured AppOnly AccessPolicy settings.", "application access policy"),
        (403, "ErrorAccessDenied", "Access to OData is disabled.", "application access policy"),
        (403, "anything", "", "An administrator must grant it access"),
        (404, "MailboxNotEnabledForRESTAPI", "REST API is not yet supported for this mailbox.", "server of your own"),
        (404, "ErrorInvalidUser", "", "knows no mailbox d@x.example"),
        (403, "ErrorSendOnBehalfDenied", "", "neither as d@x.example nor on its behalf"),
        (507, "ErrorQuotaExceeded", "", "is full"),
        (400, "ErrorInvalidRecipients", "", "Correct the addresses"),
        (400, "Surprise", "Something\n  odd.", "refused a request for mailbox d@x.example: Something odd. Run"),
    ],
)  # fmt: skip
def test_sentences(status, code, message, sentence):
    error = refusal(status, json.dumps({"error": {"code": code, "message": message}}).encode(), "d@x.example")
    assert sentence in error.sentence
    assert (error.http_status, error.code) == (status, code)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"error": 5}', b'{"error": {"message": null}}'])
def test_a_refusal_without_words(body):
    assert "Microsoft 365 refused a request" in refusal(418, body, "d@x.example").sentence


def test_the_token_is_in_no_repr_and_no_sentence():
    assert "token" not in repr(GraphSettings("debiteuren", "d@x.example", Tokens())).replace("TokenSource", "").lower()
