"""Danger signs of a mail: those of its header (`domain.danger`), and what it says about bank accounts.

A customer who says that *our* account changed was deceived or is about to pay somebody else; one who says that *theirs*
did may not be the customer. Questions count like statements: somebody told them. Words are data, `lang/<code>/danger.toml`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from extractors.accounts import ibans
from extractors.tables import read_lists
from inbox_agent.domain.danger import ACCOUNT_KINDS, DangerKind, DangerSign, sender_signs
from inbox_agent.domain.ledger import Ledger
from inbox_agent.domain.mail import Automatic, Mail
from inbox_agent.domain.taxonomy import Intent
from inbox_agent.domain.text import MailText, PartKind
from inbox_agent.domain.triage import Classification, Extraction

_MOST_READ, _MOST_ATTACHED = 20_000, 5_000
"""Characters read of the body and of each attachment."""
_LONGEST_SENTENCE, _LONGEST_QUOTE, _NEAR, _MOST_SIGNS = 600, 200, 60, 12
_SPLIT = re.compile(r"(?<=[.!?;])\s+|\n\s*\n|\n(?=[ \t]*[-*•>])")
_REPLIED = re.compile(r"\s*(?:re|aw|antw|sv|r[ée]p)\s*(?:\[\d+\])?\s*:", re.IGNORECASE)
_AN_IBAN = "\x00"
"""Stands for an account number in the text that the patterns read."""


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence with its account numbers taken out; `ibans` are theirs and those of a bare number that follows."""

    text: str
    quote: str
    ibans: tuple[str, ...]


class Watch:
    """`DangerWatch`. `authserv_id` is the name that our mail server writes in Authentication-Results; "": take the topmost."""

    def __init__(self, authserv_id: str = "") -> None:
        self._authserv_id = authserv_id
        words = {name: "|".join(read_lists("danger", name)) for name in _LISTS}
        account = rf"(?:\b(?:{words['account']})\b|{_AN_IBAN})"
        between = r"(?:[^\W\d]+[ ,]+){0,3}"
        self._account = _compiled(account)
        self._changed = _compiled(
            rf"{account}.{{0,{_NEAR}}}?\b(?:{words['change']})\b|\b(?:{words['change']})\b.{{0,{_NEAR}}}?{account}"
            rf"|\b(?:{words['new']})\s+(?:\w+\s+)?(?:{words['account']})\b|\b(?:{words['account']})\s+(?:{words['new']})\b"
            rf"|\b(?:{words['switched_bank']})"
        )
        self._yours = _compiled(rf"\b(?:{words['yours']})\s+{between}(?:{words['account']})\b")
        self._ours = _compiled(rf"\b(?:{words['ours']})\s+{between}(?:{words['account']})\b")
        self._you = _compiled(rf"\b(?:{words['you']})\b")
        self._our = _compiled(rf"\b(?:{words['ours']})\b")
        self._never = _compiled(rf"\b(?:{words['never']})\b")
        self._refund = _compiled(rf"\b(?:{words['refund']})\b")
        self._paid_to = _compiled(words["paid_to"].replace("{iban}", _AN_IBAN))

    def signs(
        self, mail: Mail, text: MailText, classification: Classification, extraction: Extraction, ledger: Ledger
    ) -> tuple[DangerSign, ...]:
        """All signs, the gravest first; at most twelve."""
        known = ledger.acquaintance
        own = frozenset(_bare(iban) for iban in ledger.company.ibans) if ledger.company else frozenset()
        theirs = frozenset(map(_bare, known.ibans))
        is_notice = mail.automatic in (Automatic.OUT_OF_OFFICE, Automatic.DELIVERY_FAILURE)
        own_words = () if is_notice else tuple(_own_words(mail, text, known.is_ours))
        found = [
            *(sign for one in own_words for sign in self._said(one, own, theirs)),
            *(sign for one in _others_words(mail, text, known.is_ours) for sign in self._told(one, own, theirs)),
        ]
        strange = [iban for one in own_words for iban in one.ibans if iban not in own]
        if Intent.BANK_DETAILS in classification.labels:
            told_of = {sign.value for sign in found} | theirs
            found += [DangerSign(DangerKind.UNKNOWN_ACCOUNT, iban) for iban in strange if iban not in told_of]
        if (strange or found) and not (known.is_known or known.seen_before or known.is_ours):
            found.append(DangerSign(DangerKind.NEW_WITH_ACCOUNT, mail.sender.email))
        about_accounts = any(sign.kind in ACCOUNT_KINDS for sign in found)
        found += sender_signs(mail, known, self._authserv_id, about_accounts)
        order = tuple(DangerKind)
        bare = {sign.kind for sign in found if sign.value}
        first = {(sign.kind, sign.value): sign for sign in reversed(found) if sign.value or sign.kind not in bare}
        return tuple(sorted(first.values(), key=lambda sign: order.index(sign.kind)))[:_MOST_SIGNS]

    def _said(self, one: _Sentence, own: frozenset[str], theirs: frozenset[str]) -> Iterator[DangerSign]:
        """What the writer's own sentence says about accounts."""
        strange = next((iban for iban in one.ibans if iban not in own), "")
        if self._is_change(one.text) and not (one.ibans and not strange):
            ours = not self._ours.search(one.text) and (self._yours.search(one.text) or self._speaks_to_us(one.text))
            kind = DangerKind.OUR_ACCOUNT_CHANGED if ours else DangerKind.THEIR_ACCOUNT_CHANGED
            yield DangerSign(kind, strange, quote=one.quote)
            return
        unknown = strange if strange not in theirs else ""
        if not unknown:
            return
        is_theirs, is_refund = self._ours.search(one.text), self._refund.search(one.text)
        to_us = self._paid_to.search(one.text) or self._yours.search(one.text)
        if own and to_us and not (is_theirs or is_refund):
            yield DangerSign(DangerKind.NOT_OUR_ACCOUNT, unknown, quote=one.quote)
        elif is_refund or (theirs and is_theirs):
            yield DangerSign(DangerKind.UNKNOWN_ACCOUNT, unknown, quote=one.quote)

    def _told(self, one: _Sentence, own: frozenset[str], theirs: frozenset[str]) -> Iterator[DangerSign]:
        """What a quoted, forwarded or attached text says: a change to an account that is neither ours nor the customer's."""
        strange = next((iban for iban in one.ibans if iban not in own and iban not in theirs), "")
        if own and strange and self._is_change(one.text):
            yield DangerSign(DangerKind.OUR_ACCOUNT_CHANGED, strange, quote=one.quote)

    def _is_change(self, text: str) -> bool:
        return bool(self._account.search(text) or "bank" in text.lower()) and bool(
            self._changed.search(text) and not self._never.search(text)
        )

    def _speaks_to_us(self, text: str) -> bool:
        """ "Klopt het dat u een nieuw rekeningnummer heeft?": the account of who is spoken to, unless their own is named too."""
        return bool(self._you.search(text) and not self._our.search(text) and "?" in text)


_LISTS = ("account", "change", "switched_bank", "new", "yours", "you", "ours", "never", "refund", "paid_to")


def _own_words(mail: Mail, text: MailText, passed_on: bool) -> Iterator[_Sentence]:
    """Subject and new text; of a mail that a colleague passed on, the forwarded one."""
    kinds = {PartKind.NEW, PartKind.FORWARD} if passed_on else {PartKind.NEW}
    if not _REPLIED.match(mail.subject):  # else the words are ours
        yield from _sentences(mail.subject)
    for part in text.parts:
        if part.kind in kinds:
            yield from _sentences(text.source[part.start : part.end][:_MOST_READ])


def _others_words(mail: Mail, text: MailText, passed_on: bool) -> Iterator[_Sentence]:
    kinds = {PartKind.QUOTE} if passed_on else {PartKind.QUOTE, PartKind.FORWARD}
    for part in text.parts:
        if part.kind in kinds:
            yield from _sentences(text.source[part.start : part.end][:_MOST_READ])
    for attachment in mail.attachments:
        yield from _sentences(attachment.text[:_MOST_ATTACHED])


def _sentences(text: str) -> Iterator[_Sentence]:
    """Sentences that may matter. A number on a line of its own belongs to the sentence before it."""
    pieces = [piece for piece in _SPLIT.split(text) if piece and piece.strip()]
    for place, piece in enumerate(pieces):
        piece = piece[:_LONGEST_SENTENCE]
        masked, found = _masked(piece)
        if not found and place + 1 < len(pieces):
            following, more = _masked(pieces[place + 1][:_LONGEST_SENTENCE])
            if more and len(following.strip()) <= _NEAR:
                masked, found = f"{masked} {following}", more
        yield _Sentence(" ".join(masked.split()), " ".join(piece.split())[:_LONGEST_QUOTE], found)


def _masked(text: str) -> tuple[str, tuple[str, ...]]:
    kept, found, at = [], [], 0
    for start, end, value in ibans(text):
        if start >= at:
            kept += [text[at:start], _AN_IBAN]
            found.append(value)
            at = end
    return "".join(kept) + text[at:], tuple(found)


def _bare(iban: str) -> str:
    return "".join(one for one in iban.upper() if one.isalnum())


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)
