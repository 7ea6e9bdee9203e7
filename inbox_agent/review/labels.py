"""Labels to train on: what a person decided about a mail, against the reading that it was shown, as guide records.

An approval and a team lead's re-classification are judgements on the reading; a dismissal is none, and an approval that was
taken back holds no longer. What a person did not touch stands as it was read.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from typing import Any

from sqlmodel import Session, col, select

from inbox_agent.domain import guide
from inbox_agent.domain.guide_record import record
from inbox_agent.domain.mail import Mail
from inbox_agent.domain.taxonomy import Intent
from inbox_agent.domain.triage import Triage
from inbox_agent.records.mail import MailContent
from inbox_agent.records.triage import Review, TriageRow
from inbox_agent.review.views import DecisionKind

_AT_ONCE = 100
"""Mails that stand in memory together."""

_JUDGING = (DecisionKind.APPROVED, DecisionKind.RECLASSIFIED)
_TAKEN_BACK = (DecisionKind.REOPENED, DecisionKind.WITHDRAWN, DecisionKind.RETURNED)


class LabelKind(StrEnum):
    """What became of a decided mail. Only the first two have a record."""

    CHANGED = "changed"
    UNCHANGED = "approved as read"
    ERASED = "erased"
    UNREAD = "never read by the machine"


@dataclass(frozen=True, slots=True)
class Label:
    """One decided mail. `record` has the guide's keys and `provenance`: whose decision it is, on which reading."""

    kind: LabelKind
    record: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What people made of one reading. `intents` None: as read; `rejected` are act indexes; `reply` None: nobody said.

    `amended` are the fields of acts, by their index, as the controller corrected them (guide, "Acts"; None: not stated).

    `review` is the decision that the label is dated by.
    """

    review: Review
    intents: tuple[Intent, ...] | None
    rejected: frozenset[int]
    requires_reply: bool | None
    amended: dict[int, dict[str, Any]] = field(default_factory=dict)


def decided(session: Session, since: datetime | None = None) -> Iterator[Label]:
    """Every mail that a person judged (at `since` or later), in the order of the mails' ids. Three queries a hundred mails."""
    judged = select(Review.mail_id).where(col(Review.decision).in_(_JUDGING)).distinct().order_by(col(Review.mail_id))
    mail_ids = session.exec(judged).all()
    for start in range(0, len(mail_ids), _AT_ONCE):
        yield from _labels(session, mail_ids[start : start + _AT_ONCE], since)


def judgement(reviews: Sequence[Review]) -> Judgement | None:
    """What a mail's reviews, oldest first, come to; None: no judgement stands.

    Intents stand as a person last set them, as on the pages; records and the reply as the standing approval left them.
    """
    intents: tuple[Intent, ...] | None = None
    approval: Review | None = None
    last: Review | None = None
    corrected: Review | None = None
    for review in reviews:
        after = review.changes.get("intents", {}).get("after")
        if after:
            intents = tuple(Intent(label) for label in after if label in set(Intent))
        if review.decision == DecisionKind.APPROVED:
            approval = last = review
        elif review.decision == DecisionKind.RECLASSIFIED:
            corrected = last = review
        elif review.decision in _TAKEN_BACK:
            approval, last = None, corrected
    if last is None:
        return None
    found = approval.changes if approval else {}
    rejected = found.get("records", {}).get("rejected", ())
    amended = {row["act_index"]: row["after"] for row in found.get("records", {}).get("amended", ())}
    return Judgement(
        last, intents, frozenset(row["act_index"] for row in rejected), _answered(found.get("body", {})), amended
    )


def label(mail_id: int, mail: Mail, triage: Triage, judged: Judgement, model_version: str) -> Label:
    """The record: the reading, corrected. `changed` in its provenance names the keys of the gold that a person changed.

    Acts of a removed intent and of a rejected record are left out. An added intent has no act: nobody said where it stands.
    """
    read = guide.reading(f"mail-{mail_id}", triage)
    intents = [intent.value for intent in judged.intents] if judged.intents else read["intents"]
    acts = [
        _amended(act, judged.amended.get(index, {}))
        for index, act in enumerate(read["acts"])
        if index not in judged.rejected
    ]
    gold = {
        "intents": intents,
        "acts": [act for act in acts if act["intent"] in intents],
        "entities": read["entities"],
        "reply_text": read["reply_text"],
        "tone": read["tone"],
        "requires_reply": read["requires_reply"] if judged.requires_reply is None else judged.requires_reply,
    }
    differs = {
        "intents": set(intents) != set(read["intents"]),
        "acts": acts != read["acts"],
        "requires_reply": gold["requires_reply"] != read["requires_reply"],
    }
    changed = [name for name, is_other in differs.items() if is_other]
    review = judged.review
    provenance = {
        "mail_id": mail_id,
        "triage_id": review.triage_id,
        "review_id": review.id,
        "controller_id": review.controller_id,
        "decided_at": review.decided_at.isoformat(),
        "model_version": model_version,
        "changed": changed,
    }
    made = record(read["id"], mail, triage.ledger, triage.text.language, gold) | {"provenance": provenance}
    return Label(LabelKind.CHANGED if changed else LabelKind.UNCHANGED, made)


def _amended(act: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """The act with its corrected fields; what is not stated any more is left out, as the guide writes it."""
    corrected = {**act, **after}
    if after.get("amount", "") is None:
        corrected.pop("currency", None)
    return {name: value for name, value in corrected.items() if value is not None}


def _labels(session: Session, mail_ids: Sequence[int], since: datetime | None) -> Iterator[Label]:
    reviews = select(Review).where(col(Review.mail_id).in_(mail_ids)).order_by(col(Review.mail_id), col(Review.id))
    by_mail = groupby(session.exec(reviews).all(), key=lambda review: review.mail_id)
    judgements = {mail_id: judgement(list(rows)) for mail_id, rows in by_mail}
    triages = {row.id: row for row in session.exec(select(TriageRow).where(col(TriageRow.mail_id).in_(mail_ids)))}
    contents = session.exec(select(MailContent).where(col(MailContent.mail_id).in_(mail_ids)))
    mails = {row.mail_id: row.read() for row in contents}
    for mail_id, judged in judgements.items():
        if judged is None or (since is not None and judged.review.decided_at < since):
            continue
        row = triages.get(judged.review.triage_id)
        triage, mail = row.read() if row else None, mails.get(mail_id)
        if row is None:
            yield Label(LabelKind.UNREAD)
        elif triage is None or mail is None:
            yield Label(LabelKind.ERASED)
        else:
            yield label(mail_id, mail, triage, judged, row.model_version)


def _answered(body: dict[str, Any]) -> bool | None:
    """Whether the person answered where no reply was proposed, or sent none of the one that was; None: neither."""
    if "before" not in body or (body["before"] is None) == (body["after"] is None):
        return None
    return body["after"] is not None
