"""Acts: one for each thing said, about ledger rows, with amount, date and evidence (guide, "Acts").

For each place where the classifier saw an intent, the invoices, amount and date are looked for in its clause, then in its
sentence, then in what came before, then in subject and quoted text. Places that say the same become one act.
"""


from extractors import remittance
from extractors.act_dates import ActDates, MailDates
from extractors.amounts import AmountMention, find_amounts
from extractors.dates import Dates
from extractors.entities import Entities
from extractors.joining import ABOUT_INVOICES, tidy
from extractors.linking import Linker
from extractors.nlp import Sentences
from extractors.places import Places
from extractors.reasons import Reasons
from extractors.segments import Said, new_sentences, said, source_of
from extractors.units import Units
from inbox_agent.domain.act import Act, Evidence, InvoiceLink, LinkReason, Source
from inbox_agent.domain.ledger import Ledger
from inbox_agent.domain.mail import Mail
from inbox_agent.domain.money import Money
from inbox_agent.domain.taxonomy import DisputeReason, Intent
from inbox_agent.domain.text import MailText
from inbox_agent.domain.triage import Classification, Extraction, ReasonScore

_NAMES_INVOICES = ABOUT_INVOICES | {Intent.OTHER_QUERY, Intent.INSOLVENCY_LEGAL}
_SILENT = frozenset({Intent.ACKNOWLEDGEMENT, Intent.UNRELATED})
"""Intents for which no act is made: nothing follows from them."""


class Acts:
    """The `ActExtractor`. Loads its data when made; keeps nothing between mails."""

    def __init__(self) -> None:
        self._sentences = Sentences()
        self._dates = Dates()
        self._act_dates = ActDates(self._dates)
        self._linker = Linker()
        self._entities = Entities()
        self._reasons = Reasons()
        self._units, self._places = Units(), Places()

    def extract(self, mail: Mail, text: MailText, classification: Classification, ledger: Ledger) -> Extraction:
        """The acts of the classified intents, in the order of the mail, and the entities. Never raises."""
        reading = _Reading(self, mail, text, ledger, classification.reasons)
        units = self._units.cut(mail.text, reading.sentences)
        named = [
            {link.number for link in self._linker.explicit(mail.text, unit.start, unit.end, ledger)} for unit in units
        ]
        places = said(mail, self._places.find(mail, units, named, classification), reading.sentences)
        dates = self._act_dates.of(mail, text, ledger, places)
        acts = [reading.act(place, dates) for place in places if place.intent not in _SILENT]
        if Intent.PAYMENT_NOTIFICATION in classification.labels:
            advice = remittance.read(mail, text, ledger, self._linker, self._dates, month_first=reading.month_first)
            acts = advice.joined(acts)
        return Extraction(tuple(tidy(acts)), self._entities.find(mail, text, ledger))


class _Reading:
    """One mail being read: what every act of it shares."""

    def __init__(self, tools: Acts, mail: Mail, text: MailText, ledger: Ledger, told: tuple[ReasonScore, ...]) -> None:
        self._tools, self._mail, self._text, self._ledger, self._told = tools, mail, text, ledger, told
        self.sentences = new_sentences(text, tools._sentences, text.language)
        self._context = tools._linker.context(mail, text, ledger)
        currencies = {row.amount.currency for row in ledger.invoices}
        self._currency = next((row.amount.currency for row in ledger.invoices), "EUR")
        self.month_first = currencies == {"USD"}
        self._used: list[str] = []
        self._known = {row.open for row in ledger.invoices} | {row.amount for row in ledger.invoices}
        self._named = list(
            dict.fromkeys(
                link.number
                for start, end in self.sentences
                for link in tools._linker.explicit(mail.text, start, end, ledger)
            )
        )

    def act(self, place: Said, dates: MailDates) -> Act:
        """The act said at one place."""
        links = self._links(place)
        reason = self._reason(place) if place.intent is Intent.DISPUTE else None
        if reason is DisputeReason.DUPLICATE:
            links = self._tools._linker.second(
                source_of(self._mail, place.evidence), *place.sentence, links, self._ledger
            )
        self._used += [link.number for link in links if link.number not in self._used]
        return Act(
            place.intent,
            place.evidence,
            links,
            reason,
            self._amount(place, links),
            dates.day_of(place, links),
        )

    def _links(self, place: Said) -> tuple[InvoiceLink, ...]:
        if place.intent not in _NAMES_INVOICES:
            return ()
        source, linker = source_of(self._mail, place.evidence), self._tools._linker
        language = self._text.language
        spans = ((place.evidence.start, place.evidence.end), place.clause, place.sentence)
        for start, end in spans:
            links = linker.explicit(source, start, end, self._ledger) or self._relative(source, start, end)
            if links:
                return links
            if place.intent in ABOUT_INVOICES and (
                links := linker.described(source, start, end, self._ledger, language)
            ):
                return links
        if place.intent not in ABOUT_INVOICES:
            return ()
        return self._antecedent(place) or self._context

    def _relative(self, source: str, start: int, end: int) -> tuple[InvoiceLink, ...]:
        """Rows meant by "both" or "the others", seen from what else the mail names."""
        linker, language = self._tools._linker, self._text.language
        among = [link.number for link in self._context]
        return linker.both(
            source, start, end, self._ledger, language, (self._used, self._named, among)
        ) or linker.others(source, start, end, self._ledger, language, [*self._named, *self._used], among)

    def _antecedent(self, place: Said) -> tuple[InvoiceLink, ...]:
        """What "it" means: the invoices of the nearest sentence before, else of the nearest after."""
        linker = self._tools._linker
        before = [span for span in self.sentences if span[1] <= place.sentence[0]][::-1]
        after = [span for span in self.sentences if span[0] >= place.sentence[1]]
        for start, end in (before[:3] + after[:1]) if place.evidence.source is Source.BODY else ():
            links = linker.explicit(self._mail.text, start, end, self._ledger)
            if links := links or linker.described(self._mail.text, start, end, self._ledger, self._text.language):
                return links
        return ()

    def _amount(self, place: Said, links: tuple[InvoiceLink, ...]) -> Money | None:
        if place.intent not in ABOUT_INVOICES:
            return None
        source = source_of(self._mail, place.evidence)
        numbers = {link.mention for link in links if link.reason is not LinkReason.AMOUNT}
        mentions = [
            mention
            for mention in find_amounts(source, *place.clause, self._currency, self._known)
            if mention.sure or mention.amount in self._known or place.intent is not Intent.DISPUTE
            if not any(
                number
                and number in source[max(0, mention.start - 12) : mention.end + 12]
                and source[mention.start : mention.end] in number
                for number in numbers
            )
        ]
        if not mentions:
            return None
        if place.intent is Intent.PAYMENT_PLAN_REQUEST:
            return max(mention.amount for mention in mentions)
        return _nearest(mentions, place.evidence).amount

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


def _nearest(mentions: list[AmountMention], evidence: Evidence) -> AmountMention:
    return min(mentions, key=lambda mention: max(evidence.start - mention.end, mention.start - evidence.end, 0))
