"""Tone, the need for a reply, and the guess when no phrase is found: simple rules, written down here.

Tone (guide, "Acts"): angry when a threat or insult stands there, annoyed when displeasure shows, friendly when warmth goes
beyond the set phrases, else neutral. Words are data, in `phrases/manner/words.toml`.
"""

import re
import tomllib
from collections.abc import Collection

from classifiers.patterns import FOLDER
from inbox_agent.domain.errors import ModelError
from inbox_agent.domain.taxonomy import INTENTS, Intent, Tone


class Manner:
    """The rules with their words, loaded when made."""

    def __init__(self) -> None:
        path = FOLDER / "manner" / "words.toml"
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
            self._words = {
                key: re.compile(r"(?<!\w)(?:" + "|".join(table[key]) + ")", re.IGNORECASE)
                for key in ("angry", "annoyed", "friendly", "thanks", "receivable")
            }
        except (OSError, KeyError, tomllib.TOMLDecodeError, re.error) as error:
            raise ModelError(f"The word file {path} cannot be used: {error}.") from error

    def tone(self, text: str, intents: Collection[Intent]) -> Tone:
        """The tone of the new text; machines are neutral."""
        if Intent.DELIVERY_FAILURE in intents:
            return Tone.NEUTRAL
        if self._words["angry"].search(text):
            return Tone.ANGRY
        shouting = len(re.findall(r"\b[A-Z]{4,}\b(?: [A-Z]{3,}\b)+", text)) + text.count("!!") + text.count("??")
        if self._words["annoyed"].search(text) or shouting >= 2:
            return Tone.ANNOYED
        return Tone.FRIENDLY if self._words["friendly"].search(text) else Tone.NEUTRAL

    def requires_reply(self, text: str, intents: Collection[Intent], tone: Tone) -> bool:
        """Whether a controller should answer: an intent that wants a reply, a question, or displeasure."""
        if all(INTENTS[intent].stands_alone for intent in intents):
            return False
        if tone in (Tone.ANNOYED, Tone.ANGRY):
            return True
        quiet = (Intent.PROMISE_TO_PAY, Intent.PAYMENT_NOTIFICATION)
        return "?" in text or any(INTENTS[intent].wants_reply and intent not in quiet for intent in intents)

    def fallback(self, text: str, subject: str) -> Intent:
        """The guess when no phrase is found: short thanks, a question about receivables, else unrelated."""
        if not text.strip() or (len(text) <= 200 and self._words["thanks"].search(text)):
            return Intent.ACKNOWLEDGEMENT
        about = self._words["receivable"].search(text) or self._words["receivable"].search(subject)
        return Intent.OTHER_QUERY if about else Intent.UNRELATED
