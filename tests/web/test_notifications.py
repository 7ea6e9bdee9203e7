"""The door for change notifications: open to everybody, believed only with the secret, always answered the same."""

import hashlib
from datetime import timedelta

import pytest
from sqlmodel import select

from inbox_agent import db
from inbox_agent.records.mailbox import Mailbox, MailboxSubscription

URL = "/notifications/graph"
SECRET = "het-geheim-van-deze-aanvraag"


@pytest.fixture
def subscribed(office):
    with db.writing(office.engine) as session:
        session.add(
            MailboxSubscription(
                subscription_id="abo-1",
                mailbox_id=1,
                resource="users/debiteuren@office.example/mailFolders/AAMk=/messages",
                client_state_hash=hashlib.sha256(SECRET.encode()).hexdigest(),
                expires_at=office.now + timedelta(days=2),
            )
        )
    return office


def told(**fields):
    return {"value": [{"subscriptionId": "abo-1", "clientState": SECRET, "changeType": "created"} | fields]}


def noticed(office):
    with db.reading(office.engine) as session:
        return dict(session.exec(select(Mailbox.name, Mailbox.notified_at)).all())


def kept(office):
    with db.reading(office.engine) as session:
        return {row.subscription_id: row.expires_at for row in session.exec(select(MailboxSubscription))}


def test_a_validation_token_is_repeated_as_plain_text(browse):
    token = "Validation: Testing client application reachability for subscription Request-Id: 54c4-8"
    answer = browse().post(URL, params={"validationToken": token})
    assert (answer.status_code, answer.text) == (200, token)
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_validation_token_can_carry_no_markup(browse):
    answer = browse().post(URL, params={"validationToken": "<script>alert(1)</script>"})
    assert "<" not in answer.text
    assert browse().post(URL, params={"validationToken": "x" * 5000}).status_code == 422


def test_a_notification_with_its_secret_is_noted_for_its_mailbox_only(browse, subscribed):
    answer = browse().post(URL, json=told())
    assert (answer.status_code, answer.content) == (202, b"")
    assert noticed(subscribed) == {"debiteuren": subscribed.now, "elders": None}


@pytest.mark.parametrize(
    "fields",
    [
        {"clientState": "geraden"},
        {"clientState": None},
        {"clientState": ""},
        {"clientState": "é\x00"},
        {"subscriptionId": "abo-1\x00"},
        {"subscriptionId": "abo-2"},
        {"subscriptionId": "x" * 10_000},
        {"clientState": hashlib.sha256(SECRET.encode()).hexdigest()},
        {"clientState": "geraden", "lifecycleEvent": "subscriptionRemoved"},
    ],
)
def test_without_its_secret_it_gets_the_same_answer_and_nothing_happens(browse, subscribed, fields):
    answer = browse().post(URL, json=told(**fields))
    assert (answer.status_code, answer.content) == (202, b"")
    assert noticed(subscribed)["debiteuren"] is None
    assert list(kept(subscribed)) == ["abo-1"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"value": 5}',
        b'{"value": [5]}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"value": [{}]}',
        b'{"value": [{"subscriptionId": "\\ud800"}]}',
    ],
)
def test_nonsense_is_accepted_and_forgotten(browse, subscribed, body):
    assert browse().post(URL, content=body).status_code == 202
    assert noticed(subscribed)["debiteuren"] is None


def test_a_body_that_is_too_large_is_not_read_to_its_end(browse, subscribed):
    assert browse().post(URL, content=b" " * 300_000).status_code == 413


def test_what_wants_authorising_again_counts_as_about_to_end(browse, subscribed):
    browse().post(URL, json=told(lifecycleEvent="reauthorizationRequired"))
    assert kept(subscribed) == {"abo-1": subscribed.now}
    assert noticed(subscribed)["debiteuren"] == subscribed.now


def test_what_the_service_removed_is_forgotten(browse, subscribed):
    browse().post(URL, json=told(lifecycleEvent="subscriptionRemoved"))
    assert kept(subscribed) == {}
    assert noticed(subscribed)["debiteuren"] == subscribed.now


def test_missed_ones_make_the_worker_look(browse, subscribed):
    browse().post(URL, json=told(lifecycleEvent="missed"))
    assert list(kept(subscribed)) == ["abo-1"]
    assert noticed(subscribed)["debiteuren"] == subscribed.now


def test_many_at_once(browse, subscribed):
    both = {"value": [told(clientState="geraden")["value"][0], *told()["value"] * 500]}
    assert browse().post(URL, json=both).status_code == 202
    assert noticed(subscribed)["debiteuren"] == subscribed.now


def test_it_can_only_be_told_not_read(browse):
    assert browse().get(URL).status_code == 405
