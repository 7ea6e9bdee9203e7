"""The lines below a controller's own replies."""

from sqlmodel import Session

from inbox_agent.domain.errors import NotAllowed
from inbox_agent.records.people import Controller
from inbox_agent.review.corrections import plain
from inbox_agent.review.views import Viewer

_LONGEST = 2000


def signature_of(session: Session, viewer: Viewer) -> str:
    """As it stands below the next reply; "" when none is set."""
    return session.get_one(Controller, viewer.controller_id).signature


def keep_signature(session: Session, viewer: Viewer, signature: str) -> None:
    """Replies that were approved already keep what they had. Raises `NotAllowed` over 2000 characters."""
    session.get_one(Controller, viewer.controller_id).signature = clean_signature(signature)


def clean_signature(signature: str) -> str:
    """As it is kept. Raises `NotAllowed` over 2000 characters."""
    text = plain(signature) or ""
    if len(text) > _LONGEST:
        raise NotAllowed(f"A signature has at most {_LONGEST} characters; this one has {len(text)}. Shorten it.")
    return text
