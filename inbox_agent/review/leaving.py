"""Somebody leaves the team: they are out at once, and what was theirs waits for everybody again."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from inbox_agent.domain.errors import NotFound
from inbox_agent.records.mail import StoredMail, Thread
from inbox_agent.records.people import Controller, SignIn


def deactivate(session: Session, email: str, now: datetime) -> int:
    """Ends the person's sessions and gives their threads back to the team; returns how many open mails these have.

    What they decided keeps their name. Raises `NotFound` when nobody has this e-mail address.
    """
    address = email.strip().lower()
    person = session.exec(select(Controller).where(Controller.email == address).with_for_update()).first()
    if person is None:
        raise NotFound(f"Nobody signs in as {address}. `inbox-agent controller list` names everybody.")
    person.active = False
    session.add(person)
    session.execute(sa.delete(SignIn).where(col(SignIn.controller_id) == person.id))
    theirs = list(session.exec(select(Thread.id).where(Thread.assigned_to == person.id)))
    waiting = sa.and_(col(StoredMail.thread_id).in_(theirs), col(StoredMail.decided_at).is_(None))
    open_mails = session.scalar(sa.select(sa.func.count()).where(waiting)) or 0
    session.execute(sa.update(StoredMail).where(waiting).values(changed_at=now))
    session.execute(
        sa.update(Thread).where(col(Thread.assigned_to) == person.id).values(assigned_to=None, changed_at=now)
    )
    return open_mails
