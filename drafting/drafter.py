"""The drafting step: a reply from templates, with what vouches for it and what to look at."""

from drafting.cautions import cautions
from drafting.facts import gather
from drafting.guard import check
from drafting.letter import letter
from drafting.subject import reply_subject
from drafting.vouchers import mail_text, stated, vouchers
from inbox_agent.domain.danger import DangerSign
from inbox_agent.domain.draft import Draft
from inbox_agent.domain.ledger import Ledger
from inbox_agent.domain.mail import Mail
from inbox_agent.domain.taxonomy import INTENTS, Intent
from inbox_agent.domain.text import MailText
from inbox_agent.domain.triage import Classification, Extraction
from inbox_agent.domain.verdict import Policy

_AUTOMATIC = {Intent.OUT_OF_OFFICE, Intent.DELIVERY_FAILURE}


def wants_draft(mail: Mail, classification: Classification) -> bool:
    """Whether a reply is to be proposed: a person wrote the mail, it wants one, and it says something to act on.

    Automatic mail never gets a reply (ARCHITECTURE, "Automatic mail first").
    """
    if _AUTOMATIC & set(classification.labels):
        return False
    answerable = any(not INTENTS[intent].stands_alone for intent in classification.labels)
    return mail.automatic is None and classification.requires_reply and answerable


class TemplateDrafter:
    """`ReplyDrafter` from the templates of `drafting/templates`. Keeps no state; `policy` is what the house accepts."""

    def __init__(self, policy: Policy = Policy()) -> None:  # noqa: B008
        self._policy = policy

    def draft(
        self,
        mail: Mail,
        text: MailText,
        classification: Classification,
        extraction: Extraction,
        ledger: Ledger,
        dangers: tuple[DangerSign, ...] = (),
    ) -> Draft | None:
        """A reply in the language of the mail, or None when none is wanted (`wants_draft`)."""
        if not wants_draft(mail, classification):
            return None
        facts = gather(mail, text, classification, extraction, ledger, self._policy, dangers)
        body = letter(facts)
        known = vouchers(facts, ledger)
        unvouched = check(body, [fact.value for fact in known], facts.ibans, mail_text(mail))
        return Draft(
            language=facts.language,
            subject=reply_subject(mail.subject, facts.language),
            body=body,
            facts=stated(body, known),
            warnings=(*unvouched, *cautions(facts)),
        )
