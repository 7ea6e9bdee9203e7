"""Who leaves is out at once, and nothing of theirs is left lying."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from factories.mails import NOW, a_mailbox, a_triaged_mail
from factories.people import a_viewer
from sqlmodel import select

from inbox_agent import db
from inbox_agent.domain.errors import NotFound
from inbox_agent.records.mail import StoredMail, Thread
from inbox_agent.records.people import Controller, SignIn
from inbox_agent.review import access, queue
from inbox_agent.review.leaving import deactivate
from inbox_agent.review.views import QueueFilter, QueueView


def test_sessions_end_and_threads_wait_for_the_team_again(engine: sa.Engine) -> None:
    with db.writing(engine) as session:
        mailbox = a_mailbox(session)
        sanne = a_viewer(session, "Sanne", "A", mailbox.id or 0)
        david = a_viewer(session, "David", "A", mailbox.id or 0)
        for viewer in (sanne, david):
            row = a_triaged_mail(session, mailbox)
            session.get_one(Thread, row.thread_id).assigned_to = viewer.controller_id
        session.flush()
        token = SignIn(
            token_hash=access._digest("x"), controller_id=sanne.controller_id, csrf_token="c", created_at=NOW,
            expires_at=NOW.replace(year=2027),
        )  # fmt: skip
        session.add(token)
        session.flush()
        assert access.viewer(session, "x", NOW) is not None
        before = queue.version(session, david)
        assert deactivate(session, " SANNE@halvermaan.example", NOW + timedelta(days=1)) == 1
        assert access.viewer(session, "x", NOW) is None
        assert session.exec(select(SignIn)).all() == []
        assert session.exec(select(Controller.active).order_by(Controller.email)).all() == [True, False]
        assert queue.version(session, david) != before, "a colleague's list must show it"
        counts = queue.queue(session, david, QueueFilter(QueueView.OPEN), NOW).counts
        assert (counts[QueueView.OPEN], counts[QueueView.MINE]) == (2, 1)
        assert {row.decided_by for row in session.exec(select(StoredMail))} == {None}


def test_nobody_of_that_name(engine: sa.Engine) -> None:
    with db.writing(engine) as session, pytest.raises(NotFound, match="Nobody signs in as x@y"):
        deactivate(session, "x@y.example", NOW)
