"""What a monitoring system and an administrator see: health, figures, log lines."""

import json
from datetime import timedelta

from structlog.testing import capture_logs

from inbox_agent import db
from inbox_agent.domain.errors import DatabaseError
from inbox_agent.records.mailbox import DifferenceKind, Mailbox, MailboxDifference
from inbox_agent.review.metrics import figures
from inbox_agent.review.states import MailState, ReplyState


def test_health(browse, monkeypatch) -> None:
    browser = browse()
    assert browser.get("/healthz").json() == {"status": "ok"}

    def broken(_: object) -> None:
        raise DatabaseError("The disk is full.")

    monkeypatch.setattr(db, "reading", broken)
    answer = browser.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["problem"] == "The disk is full."


def test_figures(office) -> None:
    office.mail(age=timedelta(minutes=10))
    office.mail(age=timedelta(hours=1))
    office.mail(state=MailState.PARKED, age=timedelta(hours=2))
    office.reply(office.mail(age=timedelta(days=9)), ReplyState.UNCERTAIN)
    with db.reading(office.engine) as session:
        now = figures(session, office.now)
    assert (now.open_mails, now.oldest_open_age) == (3, 7200)
    assert now.replies[ReplyState.UNCERTAIN] == 1
    assert now.replies[ReplyState.DELIVERED] == 0
    box = now.mailboxes[0]
    assert (box.name, box.fetched, box.mails[MailState.TRIAGED], box.mails[MailState.PARKED]) == ("debiteuren", 4, 3, 1)
    assert box.poll_age == 20


def test_figures_of_an_empty_office(office) -> None:
    with db.reading(office.engine) as session:
        assert figures(session, office.now).oldest_open_age == 0


def test_metrics_in_prometheus_format(browse, office) -> None:
    office.mail()
    text = browse().get("/metrics").text
    assert 'inbox_agent_mails_fetched_total{mailbox="debiteuren"} 1.0' in text
    assert 'inbox_agent_mails{mailbox="debiteuren",state="triaged"} 1.0' in text
    assert "inbox_agent_open_mails 1.0" in text
    assert 'inbox_agent_replies{state="failed"} 0.0' in text


def test_metrics_of_how_a_mailbox_is_looked_after(browse, office) -> None:
    with db.writing(office.engine) as session:
        box = session.get_one(Mailbox, 1)
        box.audited_at, box.sign_in_expires_at = office.now - timedelta(minutes=5), office.now + timedelta(days=1)
        session.add(
            MailboxDifference(mailbox_id=1, day=office.now.date(), kind=DifferenceKind.MISSING, source_key="1:9",
                              noticed_at=office.now)
        )  # fmt: skip
    with db.reading(office.engine) as session:
        first, second = figures(session, office.now).mailboxes
    assert (first.audit_age, first.missing, first.sign_in_left) == (300, 1, 86400)
    assert (second.audit_age, second.missing, second.sign_in_left) == (None, 0, None)
    text = browse().get("/metrics").text
    assert 'inbox_agent_mailbox_missing_mails{mailbox="debiteuren"} 1.0' in text
    assert 'inbox_agent_mailbox_audit_age_seconds{mailbox="debiteuren"}' in text
    assert 'inbox_agent_mailbox_sign_in_left_seconds{mailbox="elders"}' not in text


def test_metrics_behind_a_token(browse) -> None:
    from pydantic import SecretStr

    browser = browse(metrics_token=SecretStr("lang-geheim"))
    assert browser.get("/metrics").status_code == 401
    assert browser.get("/metrics", headers={"authorization": "Bearer fout"}).status_code == 401
    assert browser.get("/metrics", headers={"authorization": "Bearer lang-geheim"}).status_code == 200


def test_the_log_names_routes_never_content(browse, office) -> None:
    mail = office.mail("Geheime tekst", subject="Geheim onderwerp")
    browser = browse("sanne@office.example")
    with capture_logs() as lines:
        browser.get(f"/mails/{mail}?search=geheim")
        browser.get("/wp-login.php?geheim=1")
    assert [(line["method"], line["route"], line["status"], line["controller"]) for line in lines] == [
        ("GET", "/mails/{mail_id}", 200, 1),
        ("GET", "(none)", 404, None),
    ]
    assert "eheim" not in json.dumps(lines, default=str)
