"""Change notifications: asked for once, renewed, asked for anew, taken back; and never in the way of mail."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from factories.graph_mailbox import Recorded, settings_of

from inbox_agent.mailbox import graph_subscriptions
from inbox_agent.mailbox.graph import GraphSource
from inbox_agent.mailbox.graph_subscriptions import digest, resource


class _Listening(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        token = parse_qs(urlsplit(self.path).query).get("validationToken", [""])[0].encode()
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(500 if "deaf" in self.path else 200 if token else 202)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(token)))
        self.end_headers()
        self.wfile.write(token)

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture(scope="module")
def listening() -> Iterator[str]:
    """Pages that answer the validation as they should."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Listening)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/notifications/graph"
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture
def box(graph):
    graph.subscriptions.clear()
    return graph.box()


@pytest.fixture
def look(graph, box, listening):
    """One look at the subscriptions by a new source, as after a restart."""
    memory = Recorded()

    def keep_up(**fields):
        source = GraphSource(settings_of(graph, box, **({"notify_url": listening} | fields)), memory)
        source.wait(0.0, threading.Event())
        source.close()
        return memory

    keep_up.memory = memory
    return keep_up


def test_one_for_each_folder_asked_for_once(graph, box, look, listening):
    memory = look()
    look()
    assert sorted(one["resource"] for one in graph.subscriptions.values()) == [
        resource(box.address, box.folder("inbox")),
        resource(box.address, box.folder("sentitems")),
    ]
    for one in memory.subscriptions():
        asked = graph.subscriptions[one.subscription_id]
        assert one.client_state_hash == digest(asked["clientState"])
        assert len(asked["clientState"]) > 60
        assert asked["notificationUrl"] == asked["lifecycleNotificationUrl"] == listening
        assert timedelta(days=1) < one.expires_at - datetime.now(UTC) < timedelta(days=3)


def test_each_has_a_secret_of_its_own(graph, look):
    look()
    assert len({one["clientState"] for one in graph.subscriptions.values()}) == 2


def test_one_that_ends_soon_is_renewed(graph, look):
    memory = look()
    before = graph.subscriptions.copy()
    for key, one in memory.asked_for.items():
        memory.asked_for[key] = type(one)(key, one.resource, one.client_state_hash, datetime.now(UTC))
        graph.subscriptions[key]["expirationDateTime"] = "2026-01-01T00:00:00Z"
    look()
    assert graph.subscriptions.keys() == before.keys()
    assert all(one["expirationDateTime"] > "2026-06" for one in graph.subscriptions.values())
    assert all(one.expires_at > datetime.now(UTC) + timedelta(days=1) for one in memory.subscriptions())


def test_one_that_the_service_dropped_is_asked_for_anew(graph, look):
    memory = look()
    old = set(memory.asked_for)
    graph.subscriptions.clear()
    look()
    assert set(memory.asked_for) == set(graph.subscriptions)
    assert not old & set(memory.asked_for)


def test_after_the_pages_moved_it_leads_to_the_new_address(graph, look, listening):
    look()
    moved = listening.replace("127.0.0.1", "localhost")
    memory = look(notify_url=moved)
    assert {one["notificationUrl"] for one in graph.subscriptions.values()} == {moved}
    assert set(memory.asked_for) == set(graph.subscriptions)


def test_without_an_address_they_are_taken_back(graph, look):
    look()
    assert look(notify_url="").asked_for == {}
    assert graph.subscriptions == {}


def test_pages_that_do_not_answer_stop_no_mail(graph, box, look, mail, listening):
    box.deliver(mail("een"))
    memory = look(notify_url=f"{listening}/deaf")
    assert memory.asked_for == {}
    source = GraphSource(settings_of(graph, box, notify_url=f"{listening}/deaf"), memory)
    assert [one.raw for one in source.fetch_since("")] == [mail("een")]
    source.close()


def test_a_worker_looks_once_a_minute_at_most(graph, box, listening):
    memory = Recorded()
    source = GraphSource(settings_of(graph, box, notify_url=listening), memory)
    source.wait(0.0, threading.Event())
    graph.subscriptions.clear()
    source.wait(0.0, threading.Event())
    source.close()
    assert graph.subscriptions == {}
    assert graph_subscriptions._LOOK == 60.0
