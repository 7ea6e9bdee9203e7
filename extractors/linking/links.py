"""`Linking`: the ledger rows that each place of a mail is about, each with the reason.

Two looks: each place alone, by its cues; then each beside the others. The weights of both are in `weights.json`, learned from
labelled mail (`learning.py`).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from extractors.linking.choice import Asked, Described, Scorer, hypotheses, shares
from extractors.linking.context import Context
from extractors.linking.cue import Cue
from extractors.linking.cues import Cues
from extractors.linking.numbers import names_unknown
from extractors.linking.phrases import Phrases
from extractors.linking.rows import Rows, bits
from extractors.linking.together import Looked, seen_together
from extractors.segments import Said, source_of
from extractors.stated import Stated
from inbox_agent.domain.act import InvoiceLink, LinkReason
from inbox_agent.domain.errors import ModelError
from inbox_agent.domain.taxonomy import DisputeReason, Intent, Language

WEIGHTS = Path(__file__).parent / "weights.json"

LINKED = frozenset(
    {
        Intent.DISPUTE,
        Intent.PROMISE_TO_PAY,
        Intent.PAYMENT_NOTIFICATION,
        Intent.PAYMENT_PLAN_REQUEST,
        Intent.INVOICE_COPY_REQUEST,
        Intent.STATEMENT_REQUEST,
        Intent.BANK_DETAILS,
        Intent.INSOLVENCY_LEGAL,
        Intent.OTHER_QUERY,
    }
)
"""Intents whose acts may be about invoices."""

BY_NUMBER = (LinkReason.NUMBER, LinkReason.NUMBER_VARIANT, LinkReason.PURCHASE_ORDER)


@dataclass(frozen=True, slots=True)
class Weights:
    """What each feature is worth: of a place `alone`, and of a place `together` with the others."""

    alone: Mapping[str, float]
    together: Mapping[str, float]


def read_weights(path: Path = WEIGHTS) -> Weights:
    """The weights of a file. Raises `ModelError` when it is missing or broken."""
    try:
        tables = json.loads(path.read_text(encoding="utf-8"))
        return Weights(
            *({str(key): float(tables[name][key]) for key in tables[name]} for name in ("alone", "together"))
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"The weights {path} cannot be read ({error}); install the program again.") from error


class Linking:
    """The chooser of rows, loaded when made. Raises `ModelError` when its data are broken."""

    def __init__(self, weights: Weights | None = None) -> None:
        self._weights = weights or read_weights()
        self._alone, self._together = Scorer(self._weights.alone), Scorer(self._weights.together)
        self._phrases = {language: Phrases(language) for language in Language}

    def links(
        self,
        stated: Stated,
        sentences: Sequence[tuple[int, int]],
        places: Sequence[Said],
        reasons: Sequence[DisputeReason | None],
    ) -> list[tuple[InvoiceLink, ...]]:
        """The rows of each place, in the order of the ledger. `reasons` are those of the places that dispute."""
        links: list[tuple[InvoiceLink, ...]] = [()] * len(places)
        about = [n for n, place in enumerate(places) if place.intent in LINKED]
        if not stated.ledger.invoices or not about:
            return links
        linked = [places[n] for n in about]
        context, asked = self.ask(stated, sentences, linked, [reasons[n] for n in about])
        chosen = self.choose(linked, asked, context.rows)
        for n, place, marks in zip(about, asked, chosen, strict=True):
            links[n] = tuple(self._why(place, marks, context))
        return links

    def choose(self, places: Sequence[Said], asked: Sequence[Asked], rows: Rows) -> list[int]:
        """The set of rows that each place is about, after both looks; one place alone needs but the first."""
        looked = self.look(places, asked, rows)
        if len(looked) == 1:
            return [looked[0].best]
        chosen = []
        for n, place in enumerate(looked):
            scores = Described(place.asked, rows).scores(place.sets, self._together)
            for k, held in enumerate(seen_together(looked, n, rows)):
                scores[k] += sum(self._together.of(bundle) * value for bundle, value in held.items())
            chosen.append(place.sets[max(range(len(scores)), key=scores.__getitem__)])
        return chosen

    def ask(
        self,
        stated: Stated,
        sentences: Sequence[tuple[int, int]],
        places: Sequence[Said],
        reasons: Sequence[DisputeReason | None],
    ) -> tuple[Context, list[Asked]]:
        """The mail's context, and for each place what is asked of it."""
        phrases = self._phrases[stated.text.language]
        context = Context(stated, sentences, phrases)
        cues = Cues(context, places)
        asked = []
        for place, reason in zip(places, reasons, strict=True):
            source, clause = source_of(stated.mail, place.evidence), place.clause
            plural, singular = (phrases.find(key, source, *clause) is not None for key in ("plural", "singular"))
            count = phrases.count(source, *clause)
            unknown = names_unknown(source, *clause, context.rows)
            asked.append(Asked(place.intent, reason, tuple(cues.at(place)), plural, singular, count, unknown))
        return context, asked

    def look(self, places: Sequence[Said], asked: Sequence[Asked], rows: Rows) -> list[Looked]:
        """Each place alone: what it may be about, and how likely."""
        looked = []
        for place, question in zip(places, asked, strict=True):
            sets = hypotheses(question, rows)
            scores = Described(question, rows).scores(sets, self._alone)
            looked.append(Looked(place, question, sets, shares(scores)))
        return looked

    def _why(self, asked: Asked, chosen: int, context: Context) -> list[InvoiceLink]:
        """Each chosen row with the cue that speaks most for it: one of exactly these rows (a written
        number before all else), else the smallest that has it."""
        get = self._weights.alone.get

        def trust(cue: Cue) -> tuple[bool, bool, float]:
            return (
                cue.name.startswith("n."),
                bool(cue.mention),
                get(f"{cue.name}=", 0.0) + get(f"{cue.name}={asked.group}", 0.0),
            )

        exact = max((cue for cue in asked.cues if cue.rows == chosen), key=trust, default=None)
        links = []
        for n in bits(chosen):
            holding = [] if exact else [cue for cue in asked.cues if cue.rows >> n & 1]
            small = min(holding, key=lambda cue: (cue.rows.bit_count(), -trust(cue)[1]), default=None)
            best = exact or small
            reason = best.reason if best else LinkReason.OTHERS
            mention = best.mention if best else ""
            if named := next(
                (item for item in context.everywhere if item.rows >> n & 1 and item.link.mention in mention), None
            ):
                mention = named.link.mention
                reason = named.link.reason if reason in BY_NUMBER else reason
            links.append(InvoiceLink(context.rows.items[n].number, reason, mention))
        return links
