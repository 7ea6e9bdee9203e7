"""The difference between reading and approval, from its inputs alone."""

import pytest

from inbox_agent.domain.draft import Draft
from inbox_agent.domain.errors import NotAllowed
from inbox_agent.domain.taxonomy import Intent, Language, RecordType
from inbox_agent.review.corrections import changes, check_intents

DRAFT = Draft(Language.NL, "Re: Factuur", "Beste Jan,\n\nGroet")
DISPUTE, PROMISE = Intent.DISPUTE, Intent.PROMISE_TO_PAY


def test_approved_as_proposed_is_no_difference() -> None:
    assert changes((DISPUTE,), None, (), DRAFT, " Re: Factuur", "Beste Jan,\r\n\r\nGroet\r\n") == {}
    assert changes((DISPUTE, PROMISE), (PROMISE, DISPUTE), (), None, "", None) == {}


def test_each_difference_has_before_and_after() -> None:
    rejected = [(RecordType.DISPUTE, 0, DISPUTE)]
    assert changes((DISPUTE,), (PROMISE,), rejected, DRAFT, "Re: anders", "Nieuw") == {
        "intents": {"before": ["dispute"], "after": ["promise_to_pay"]},
        "records": {"rejected": [{"record_type": "dispute", "act_index": 0, "intent": "dispute"}]},
        "body": {"before": DRAFT.body, "after": "Nieuw"},
        "subject": {"before": "Re: Factuur", "after": "Re: anders"},
    }


def test_a_draft_not_sent_and_a_reply_without_draft_count() -> None:
    assert changes((DISPUTE,), None, (), DRAFT, "", None) == {"body": {"before": DRAFT.body, "after": None}}
    assert changes((DISPUTE,), None, (), None, "Re", "Dag") == {"body": {"before": None, "after": "Dag"}}


@pytest.mark.parametrize(
    "intents", [(), (DISPUTE, DISPUTE), (DISPUTE, Intent.ACKNOWLEDGEMENT), (Intent.UNRELATED, PROMISE)]
)
def test_intents_that_cannot_be(intents: tuple[Intent, ...]) -> None:
    with pytest.raises(NotAllowed):
        check_intents(intents)


@pytest.mark.parametrize("intents", [(DISPUTE,), (DISPUTE, PROMISE), (Intent.OUT_OF_OFFICE,)])
def test_intents_that_can_be(intents: tuple[Intent, ...]) -> None:
    check_intents(intents)
