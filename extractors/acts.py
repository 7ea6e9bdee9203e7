"""Acts: one for each thing said, about ledger rows, with amount, date and evidence (guide, "Acts").

For each place where the classifier saw an intent, the invoices, amount and date are looked for in its clause, then in its
sentence, then in what came before, then in subject and quoted text. Places that say the same become one act.
"""

from collections.abc import Sequence

from extractors import remittance
from extractors.act_amounts import ActAmounts
from extractors.act_dates import ActDates
from extractors.dates import Dates
from extractors.entities import Entities
from extractors.joining import tidy
from extractors.linking import Linker, Linking
from extractors.nlp import Sentences
from extractors.places import Places
from extractors.reasons import Reasons
from extractors.segments import Said, new_sentences, said, source_of
from extractors.splitting import Splitting
from extractors.stated import Stated
from extractors.units import Units
from inbox_agent.domain.act import Act, Evidence
from inbox_agent.domain.ledger import Ledger
from inbox_agent.domain.mail import Mail
from inbox_agent.domain.taxonomy import DisputeReason, Intent
from inbox_agent.domain.text import MailText
from inbox_agent.domain.triage import Classification, Extraction, ReasonScore

_SILENT = frozenset({Intent.ACKNOWLEDGEMENT, Intent.UNRELATED})
"""Intents for which no act is made: nothing follows from them."""


class Acts:
    """The `ActExtractor`. Loads its data when made; keeps nothing between mails."""

    def __init__(self) -> None:
        self._sentences = Sentences()
        self._dates = Dates()
        self._act_dates = ActDates()
        self._act_amounts = ActAmounts()
        self._linker = Linker()
        self._linking = Linking()
        self._entities = Entities()
        self._reasons = Reasons()
        self._units, self._places = Units(), Places()
        self._splitting = Splitting(self._linker)

    def extract(self, mail: Mail, text: MailText, classification: Classification, ledger: Ledger) -> Extraction:
        """The acts of the classified intents, in the order of the mail, and the entities. Never raises."""
        reading = _Reading(self, mail, text, ledger, classification.reasons)
        units = self._units.cut(mail.text, reading.sentences)
        named = [
            {link.number for link in self._linker.explicit(mail.text, unit.start, unit.end, ledger)} for unit in units
        ]
        found = self._places.find(mail, units, named, classification)
        found = self._splitting.split(reading.stated, reading.sentences, found)
        places = said(mail, found, reading.sentences)
        acts = reading.acts([place for place in places if place.intent not in _SILENT])
        if Intent.PAYMENT_NOTIFICATION in classification.labels:
            advice = remittance.read(mail, text, ledger, self._linker, self._dates, month_first=reading.month_first)
            acts = advice.joined(acts)
        return Extraction(tuple(tidy(acts)), self._entities.find(mail, text, ledger))


class _Reading:
    """One mail being read: what every act of it shares."""

    def __init__(self, tools: Acts, mail: Mail, text: MailText, ledger: Ledger, told: tuple[ReasonScore, ...]) -> None:
        self._tools, self._mail, self._text, self._told = tools, mail, text, told
        self.stated = Stated(mail, text, ledger, tools._dates)
        self.sentences = new_sentences(text, tools._sentences, text.language)
        self.month_first = self.stated.values.currencies == {"USD"}

    def acts(self, places: Sequence[Said]) -> list[Act]:
        """The act said at each place. What they are about is chosen together: "the others" hangs on the rest."""
        reasons = [self._reason(place) if place.intent is Intent.DISPUTE else None for place in places]
        dates = self._tools._act_dates.of(self.stated, places)
        amounts = self._tools._act_amounts.of(self.stated, places)
        links = self._tools._linking.links(self.stated, self.sentences, places, reasons)
        return [
            Act(place.intent, place.evidence, rows, reason, amounts.amount_of(place, rows), dates.day_of(place, rows))
            for place, rows, reason in zip(places, links, reasons, strict=True)
        ]

    def _reason(self, place: Said) -> DisputeReason:
        """As the classifier tells it, the one said nearest; where it tells none, by the words around."""
        if self._told:
            return min(self._told, key=lambda score: (_distance(score, place.evidence), -score.probability)).reason
        source = source_of(self._mail, place.evidence)
        return self._tools._reasons.reason(
            place.evidence.text, source[place.sentence[0] : place.sentence[1]], self._text.language
        )


def _distance(score: ReasonScore, evidence: Evidence) -> int:
    """Characters between an act's evidence and the nearest place where the reason is said; far when in another text."""
    apart = [
        max(item.start - evidence.end, evidence.start - item.end, 0)
        for item in score.evidence
        if item.source is evidence.source
    ]
    return min(apart, default=10**9)
