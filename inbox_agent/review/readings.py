"""What the machine read of a mail, and what people made of its intents since."""

import re

import sqlalchemy as sa
from sqlmodel import Session, col, select

from inbox_agent.domain.taxonomy import Intent
from inbox_agent.records.mail import StoredMail
from inbox_agent.records.triage import Review, TriageRow

_AFTER = col(Review.changes)[("intents", "after")].as_string()
"""The intents that a review set, as JSON text ('["dispute", "other_query"]'), or NULL."""


def latest_triage(session: Session, mail_id: int) -> TriageRow | None:
    """The last reading of the mail."""
    wanted = select(TriageRow).where(TriageRow.mail_id == mail_id).order_by(col(TriageRow.id).desc())
    return session.exec(wanted.limit(1)).first()


def shown_intents(session: Session, mail_id: int, triage: TriageRow | None) -> tuple[Intent, ...]:
    """The intents as a person last set them, else as read."""
    wanted = select(_AFTER).where(Review.mail_id == mail_id, _AFTER.is_not(None)).order_by(col(Review.id).desc())
    corrected = session.exec(wanted.limit(1)).first()
    return labels(corrected or (triage.intents if triage else ""))


def latest_triage_id() -> sa.ScalarSelect[int]:
    """For a query over `StoredMail`: the id of each mail's last reading."""
    return (
        sa.select(sa.func.max(col(TriageRow.id)))
        .where(col(TriageRow.mail_id) == col(StoredMail.id))
        .correlate(StoredMail)
        .scalar_subquery()
    )


def intents_text() -> sa.ColumnElement[str]:
    """For a query over `StoredMail` joined with `TriageRow`: each mail's shown intents, for `labels` and `has_intent`."""
    corrected = (
        sa.select(_AFTER)
        .where(col(Review.mail_id) == col(StoredMail.id), _AFTER.is_not(None))
        .order_by(col(Review.id).desc())
        .limit(1)
        .correlate(StoredMail)
        .scalar_subquery()
    )
    return sa.func.coalesce(corrected, sa.literal('"') + sa.func.replace(col(TriageRow.intents), ",", '","') + '"')


def has_intent(intent: Intent) -> sa.ColumnElement[bool]:
    """For the same query: whether the mail's shown intents have this one."""
    return intents_text().contains(f'"{intent.value}"', autoescape=True)


def labels(text: str | None) -> tuple[Intent, ...]:
    """The intents named in a list of labels, whatever stands between them; labels of later releases are left out."""
    known = {intent.value: intent for intent in Intent}
    return tuple(known[label] for label in re.findall(r"[a-z_]+", text or "") if label in known)
