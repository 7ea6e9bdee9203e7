"""The difference between what the machine read and what a controller approved: the signal that training learns from."""

from collections.abc import Iterable, Sequence
from typing import Any

from inbox_agent.domain.draft import Draft
from inbox_agent.domain.errors import NotAllowed
from inbox_agent.domain.taxonomy import INTENTS, Intent, RecordType
from inbox_agent.review.views import Approval


def changes(
    shown: tuple[Intent, ...],
    approved: tuple[Intent, ...] | None,
    rejected: Iterable[tuple[RecordType, int, Intent]],
    draft: Draft | None,
    subject: str,
    reply: str | None,
    amended: Sequence[dict[str, Any]] = (),
) -> dict[str, Any]:
    """What the controller changed; empty when everything was approved as proposed.

    `intents` {before, after} as lists of labels, when `approved` (None: as shown) differs from what was `shown`;
    `records` lists the rejected ones as {record_type, act_index, intent}, and the `amended` ones as `amendments.amend` gives them;
    `subject` and `body` {before, after}, None for "no draft" and "no reply"; line ends and outer blank space do not count.
    """
    found: dict[str, Any] = {}
    if approved is not None and set(approved) != set(shown):
        found["intents"] = {"before": [*shown], "after": [*approved]}
    records = [
        {"record_type": record_type, "act_index": act_index, "intent": intent}
        for record_type, act_index, intent in rejected
    ]
    if records or amended:
        found["records"] = {
            **({"rejected": records} if records else {}),
            **({"amended": [*amended]} if amended else {}),
        }
    proposed = draft.body if draft else None
    if plain(proposed) != plain(reply):
        found["body"] = {"before": proposed, "after": reply}
    if draft and reply is not None and plain(draft.subject) != plain(subject):
        found["subject"] = {"before": draft.subject, "after": subject}
    return found


def with_addition(found: dict[str, Any], added: dict[str, Any]) -> dict[str, Any]:
    """The changes, with a record that nobody proposed, as `amendments.add` gives it."""
    return {**found, "records": {**found.get("records", {}), "added": [added]}}


def intents_with(approval: Approval, shown: tuple[Intent, ...]) -> tuple[Intent, ...] | None:
    """The intents that were approved (None: as shown). Whoever adds a record says that the mail has its intent, so that one
    replaces what only stands alone."""
    if approval.addition is None:
        return approval.intents
    is_dispute = approval.addition.record_type is RecordType.DISPUTE
    added = Intent.DISPUTE if is_dispute else Intent.PROMISE_TO_PAY
    told = {intent for intent in (approval.intents or shown) if not INTENTS[intent].stands_alone}
    return tuple(intent for intent in Intent if intent in told | {added})


def with_recipients(
    found: dict[str, Any], proposed: tuple[str, ...], chosen: tuple[str, ...], checked: tuple[str, ...]
) -> dict[str, Any]:
    """What was changed, with the recipients {before, after} where they differ, and the unfamiliar addresses that the controller
    says to have checked."""
    if proposed != chosen:
        found = {**found, "recipients": {"before": [*proposed], "after": [*chosen]}}
    return {**found, "checked": [*checked]} if checked else found


def plain(text: str | None) -> str | None:
    """As it is compared and sent: line ends of this product, no NUL (a database refuses it), no blank space around."""
    return None if text is None else text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").strip()


def check_intents(intents: tuple[Intent, ...]) -> None:
    """A set of intents that a mail can have (guide, "Intents"). Raises `NotAllowed` with what is wrong."""
    if not intents:
        raise NotAllowed("A mail has at least one intent. Choose one.")
    if len(set(intents)) < len(intents):
        raise NotAllowed("An intent was chosen twice.")
    for intent in intents:
        if INTENTS[intent].stands_alone and len(intents) > 1:
            raise NotAllowed(
                f"The intent {intent.value.replace('_', ' ')} stands alone: take the others away, or this one."
            )
