"""The check of requests itself: what Microsoft's description does not know is refused, what its pages add is let through."""

import pytest
from factories.graph_contract import GraphContract

from inbox_agent.bench.graph_wire import Asked

HEADERS = {"prefer": 'IdType="ImmutableId"', "content-type": "application/json"}
contract = GraphContract()
pytestmark = pytest.mark.skipif(
    not contract.is_there, reason="Microsoft's description does not lie beside the checkout"
)


def ask(method: str, path: str, body: bytes = b"", headers: dict[str, str] = HEADERS, **query: str) -> None:
    named = {f"${name}": value for name, value in query.items()}
    contract(Asked(method, f"/v1.0/{path}", named, headers, body))


@pytest.mark.parametrize(
    ("request_", "complaint"),
    [
        ({"method": "GET", "path": "users/x/message"}, "there is no"),
        ({"method": "PUT", "path": "users/x/messages/1"}, "knows no PUT"),
        ({"method": "GET", "path": "users/x/messages", "select": "id,nonsense"}, "nonsense"),
        ({"method": "GET", "path": "users/x/messages/1", "filter": "a"}, "no query option"),
        ({"method": "PATCH", "path": "users/x/messages/1", "body": b'{"isread": true}'}, "has no isread"),
        ({"method": "PATCH", "path": "users/x/messages/1", "body": b'{"isRead": "yes"}'}, "no boolean"),
        ({"method": "POST", "path": "users/x/messages/1/send", "body": b"{}"}, "no body here"),
        (
            {"method": "POST", "path": "subscriptions", "body": b'{"expirationDateTime": "2026-11-24T10:00:00"}'},
            "expirationDate",
        ),
        ({"method": "GET", "path": "users/x/messages/1", "headers": {}}, "immutable"),
    ],
)
def test_refused(request_, complaint):
    with pytest.raises(AssertionError, match=complaint):
        ask(**request_)


def test_let_through():
    ask("GET", "users/x/mailFolders('y')/messages/delta", skiptoken="z")
    ask("GET", "users/x/messages/1/$value")
    ask("POST", "users/x/messages/1/createReply", b"UkU=", HEADERS | {"content-type": "text/plain"})
    ask("PATCH", "users/x/messages/1", b'{"singleValueExtendedProperties": [{"id": "a", "value": "b"}]}')
