"""Whether a reply through Microsoft Graph left once, in its conversation, to the approved people and nobody else."""

from email.message import EmailMessage
from email.policy import SMTP

import pytest
from factories.graph_mailbox import settings_of

from inbox_agent.bench.graph_box import Fault
from inbox_agent.domain.errors import ReplyRefused, ReplyUncertain
from inbox_agent.mailbox.graph import GraphSource
from inbox_agent.mailbox.graph_reply import STAMP

MESSAGE_ID = "<antwoord-1@halvermaan.example>"


def reply(size: int = 0, message_id: str = MESSAGE_ID) -> bytes:
    """A reply to two people, with an attachment of `size` bytes."""
    message = EmailMessage(policy=SMTP)
    message["From"] = "Debiteuren <debiteuren@halvermaan.example>"
    message["To"] = "Klant Één <klant@example.org>"
    message["Cc"] = "chef@example.org"
    message["Subject"] = "Re: Factuur één"
    message["Message-ID"] = message_id
    message["X-Inbox-Agent"] = message_id
    message.set_content("Goed.\n")
    if size:
        message.add_attachment(b"%PDF" + b"x" * (size - 4), maintype="application", subtype="pdf", filename="stand.pdf")
    return message.as_bytes()


@pytest.fixture
def box(graph):
    return graph.box()


@pytest.fixture
def source(graph, box):
    made = GraphSource(settings_of(graph, box, timeout=10.0))
    made._client._sleep = lambda seconds: None
    yield made
    made.close()


def put(source, raw=b"", answers="", recipients=("klant@example.org", "chef@example.org"), message_id=MESSAGE_ID):
    source.put_reply(raw or reply(), message_id, "debiteuren@halvermaan.example", recipients, answers)


def drafts(box):
    return [item for item in box.listed() if item.is_draft]


def test_a_reply_lies_in_the_conversation_and_among_the_sent_mail(box, source, mail):
    question = box.deliver(mail("vraag"))
    put(source, answers=question.item_id)
    (sent,) = box.sent
    assert sent.raw == reply()
    assert (sent.conversation_id, sent.folder_id) == (question.conversation_id, box.folder("sentitems"))
    assert (sent.to, sent.cc, sent.bcc) == (["klant@example.org"], ["chef@example.org"], [])
    assert sent.subject == "Re: Factuur één"
    assert drafts(box) == []


@pytest.mark.parametrize("keeps", [True, False])
def test_it_is_found_whatever_message_id_the_service_writes(box, source, keeps):
    box.keeps_message_id = keeps
    put(source)
    (sent,) = box.sent
    assert sent.message_id == MESSAGE_ID
    assert source.has_reply(MESSAGE_ID)
    sent.message_id = "<other@EXAMPLE.prod.outlook.example>"
    assert source.has_reply(MESSAGE_ID.strip("<>"))


def test_only_the_approved_people_get_it_whoever_the_mail_names(box, source):
    put(source, recipients=("KLANT@example.org", "stil@example.org"))
    assert (box.sent[0].to, box.sent[0].cc, box.sent[0].bcc) == (["klant@example.org"], [], ["stil@example.org"])


@pytest.mark.parametrize("answers", ["", "geen sleutel", "gone"])
def test_without_the_answered_mail_it_still_leaves(box, source, mail, answers):
    if answers == "gone":
        gone = box.deliver(mail("weg"))
        box.remove(gone)
        answers = gone.item_id
    put(source, answers=answers)
    assert [item.raw for item in box.sent] == [reply()]


def test_what_left_is_never_sent_again(box, source):
    put(source)
    put(source)
    assert len(box.sent) == 1


def test_a_draft_that_a_crash_left_complete_is_the_one_that_is_sent(box, source):
    box.faults.append(Fault("POST", "/send", 503))
    with pytest.raises(ReplyUncertain):
        put(source)
    (left,) = drafts(box)
    put(source)
    assert [item.item_id for item in box.sent] == [left.item_id]
    assert drafts(box) == []


def test_a_draft_that_a_crash_left_unfinished_is_made_anew(box, source):
    left = box.draft(reply(), None)
    left.message_id = MESSAGE_ID
    put(source)
    assert [item.item_id for item in box.sent] != [left.item_id]
    assert (len(box.sent), drafts(box)) == (1, [])


def test_a_draft_that_was_made_and_never_stamped_is_made_anew(box, source, mail):
    """The service made it, gave it a Message-ID of its own, and its answer was lost."""
    question = box.deliver(mail("vraag"))
    colleagues = box.draft(reply(message_id="<van-een-collega@halvermaan.example>"), question)
    box.faults.append(Fault("POST", "/createReply", 504, accepted=True))
    with pytest.raises(ReplyRefused):
        put(source, answers=question.item_id)
    assert len(drafts(box)) == 2
    put(source, answers=question.item_id)
    assert (len(box.sent), drafts(box)) == (1, [colleagues])


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_an_error_after_the_service_took_it_is_looked_up(box, source, status):
    box.faults.append(Fault("POST", "/send", status, accepted=True))
    put(source)
    assert len(box.sent) == 1
    assert source.has_reply(MESSAGE_ID)


def test_an_error_after_the_service_took_it_with_sent_mail_that_shows_late_is_uncertain(box, source):
    box.sent_lag = 30
    box.faults.append(Fault("POST", "/send", 503, accepted=True))
    with pytest.raises(ReplyUncertain, match="Nobody knows whether the reply left"):
        put(source)
    assert not source.has_reply(MESSAGE_ID)
    while not box.listed(box.folder("sentitems")):
        source.has_reply(MESSAGE_ID)
    assert source.has_reply(MESSAGE_ID)
    put(source)
    assert len(box.sent) == 1


def test_sent_mail_that_shows_a_little_late_is_waited_for(box, source):
    box.sent_lag = 4
    box.faults.append(Fault("POST", "/send", 503, accepted=True))
    put(source)
    assert len(box.sent) == 1


def test_a_service_that_keeps_its_own_message_id_sends_all_the_same(box, source):
    box.faults.append(Fault("PATCH", "/messages/", 400, "ErrorInvalidPropertySet"))
    put(source)
    (sent,) = box.sent
    assert sent.message_id != MESSAGE_ID
    assert source.has_reply(MESSAGE_ID)
    put(source)
    assert len(box.sent) == 1


def test_no_answer_to_the_sending_is_uncertain_and_is_not_repeated(box, source):
    box.faults.append(Fault("POST", "/send", 503, times=5))
    with pytest.raises(ReplyUncertain):
        put(source)
    assert sum(path.endswith("/send") for _, path in box.requests) == 1


def test_throttled_sending_is_sent_when_it_may(box, source):
    box.faults.append(Fault("POST", "/send", 429, retry_after="2", times=2))
    put(source)
    assert len(box.sent) == 1


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("ErrorSendAsDenied", "grant Send As"),
        ("ErrorAccessDenied", "administrator must grant it access"),
        ("ErrorExceededMessageLimit", "as many mails as Microsoft 365 allows"),
        ("ErrorMessageSizeExceeded", "larger than Microsoft 365 allows"),
    ],
)
def test_a_refused_sending_left_nothing_behind(box, source, code, sentence):
    box.faults.append(Fault("POST", "/send", 403, code))
    with pytest.raises(ReplyRefused, match=f"{sentence}.*Nothing was sent"):
        put(source)
    assert (box.sent, drafts(box)) == ([], [])


@pytest.mark.parametrize(
    "fault", [Fault("POST", "/messages", 503), Fault("PATCH", "/messages/", 403, "ErrorAccessDenied")]
)
def test_what_fails_before_the_sending_is_a_refusal(box, source, fault):
    box.faults.append(fault)
    with pytest.raises(ReplyRefused, match="Nothing was sent"):
        put(source)
    assert (box.sent, drafts(box)) == ([], [])


@pytest.mark.parametrize("size", [3_200_000, 9_000_000])
def test_large_attachments_go_on_their_own(box, source, mail, size):
    question = box.deliver(mail("vraag"))
    put(source, raw=reply(size), answers=question.item_id)
    (sent,) = box.sent
    assert [(name, len(content)) for name, content in sent.attachments.items()] == [("stand.pdf", size)]
    assert sent.attachments["stand.pdf"].startswith(b"%PDF")
    assert b"Goed." in sent.raw
    assert sent.conversation_id == question.conversation_id


def test_two_small_attachments_of_a_large_reply(box, source):
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Message-ID"] = "d@halvermaan.example", "klant@example.org", MESSAGE_ID
    message.set_content("Goed.\n")
    for name in ("een.pdf", "twee.pdf"):
        message.add_attachment(b"y" * 1_500_000, maintype="application", subtype="pdf", filename=name)
    put(source, raw=message.as_bytes())
    assert {name: len(content) for name, content in box.sent[0].attachments.items()} == {
        "een.pdf": 1_500_000,
        "twee.pdf": 1_500_000,
    }


def test_the_stamp_is_written_last(box, source):
    put(source, raw=reply(3_200_000))
    writes = [(method, path.split("/")[-1]) for method, path in box.requests if method in ("POST", "PATCH")]
    assert [name for _, name in writes][:2] == ["messages", "createUploadSession"]
    assert (writes[2][0], writes[3][1]) == ("PATCH", "send")
    assert box.sent[0].properties == {STAMP: MESSAGE_ID}


def test_a_quote_in_a_message_id_asks_for_nothing_else(box, source):
    odd = "<o'neil''x@halvermaan.example>"
    assert not source.has_reply(odd)
    put(source, raw=reply(message_id=odd), message_id=odd)
    assert source.has_reply(odd)
