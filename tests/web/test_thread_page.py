"""The thread on a mail's page: what colleagues sent in the mail program, what may be the same case, joining, splitting, undoing;
ignored mail in a list with its reasons; and where else a mail came."""

from datetime import timedelta

import pytest

from inbox_agent import db
from inbox_agent.domain.mail import Address
from inbox_agent.domain.recognition import Acquaintance
from inbox_agent.domain.taxonomy import Intent
from inbox_agent.records.mail import MailState, StoredMail, Thread
from inbox_agent.review.states import ReplyState

SANNE = "sanne@office.example"
LENA = "lena@office.example"
OURS = Address("debiteuren@office.example", "Debiteuren")


def change(office, mail_id: int, **columns: object) -> None:
    with db.writing(office.engine) as session:
        row = session.get_one(StoredMail, mail_id)
        for name, value in columns.items():
            setattr(row, name, value)


def sent(office, thread: int | None, minutes: int = 5) -> int:
    """What a colleague sent in the mail program."""
    mail = office.mail("Wij kijken ernaar.", sender=OURS, subject="Re: Factuur", state=MailState.IGNORED, thread=thread,
                       state_reason="Sent from this mailbox in the mail program.", age=timedelta(minutes=minutes))  # fmt: skip
    change(office, mail, is_sent=True)
    return mail


def post(browser, path: str, **fields: object):
    return browser.post(path, data={"csrf_token": browser.csrf} | fields)


def test_the_thread_says_who_wrote_where_and_how_our_replies_fare(browse, office) -> None:
    first = office.mail(age=timedelta(hours=2))
    thread = office.stored(first).thread_id
    office.reply(first, ReplyState.UNCERTAIN)
    sent(office, thread)
    mail = office.mail(thread=thread, age=timedelta(minutes=1))
    page = browse(LENA).get(f"/mails/{mail}")
    entries = page.context["shown"].detail.case.entries
    assert [(one.who, one.ours, one.in_mail_program, one.state) for one in entries] == [
        ("Piet Veenkamp", False, False, None),
        ("Debiteuren", True, True, None),
        ("Sanne de Wit", True, False, ReplyState.UNCERTAIN),
    ]
    assert "sent in the mail program" in page.text
    assert "Unsure whether the reply was sent" in page.text


def test_an_answer_in_the_mail_program_closes_the_draft_until_somebody_says_it_was_none(browse, office) -> None:
    mail = office.mail(draft="Beste Piet, wij zoeken het uit.", intents=[Intent.DISPUTE])
    answer = sent(office, office.stored(mail).thread_id)
    change(office, mail, answered_by_mail_id=answer)
    browser = browse(LENA)
    page = browser.get(f"/mails/{mail}")
    assert "A colleague answered in the mail program:" in page.text
    assert "wij zoeken het uit" not in page.text
    assert page.context["shown"].is_open
    row = next(one for one in browser.get("/queue").context["listing"].page.rows if one.mail_id == mail)
    assert (row.is_answered, row.has_draft) == (True, False)
    assert post(browser, f"/mails/{mail}/reopen", version=office.stored(mail).version).status_code == 303
    assert "wij zoeken het uit" in browser.get(f"/mails/{mail}").text


def test_a_mail_that_the_answer_decided_says_so_and_can_be_reopened(browse, office) -> None:
    mail = office.mail(intents=[Intent.ACKNOWLEDGEMENT])
    answer = sent(office, office.stored(mail).thread_id)
    change(office, mail, answered_by_mail_id=answer, decided_at=office.now)
    browser = browse(LENA)
    assert "Answered in the mail program" in browser.get(f"/mails/{mail}").text
    post(browser, f"/mails/{mail}/reopen", version=office.stored(mail).version)
    assert (office.stored(mail).decided_at, office.stored(mail).answered_by_mail_id) == (None, None)


def test_a_possible_case_is_joined_and_taken_back_from_either_side(browse, office) -> None:
    old = office.mail(subject="Levering Zwolle", age=timedelta(days=2))
    mail = office.mail(subject="Nog eens Zwolle", possibly_same_as=office.stored(old).thread_id)
    browser = browse(LENA)
    for one, other in ((mail, old), (old, mail)):
        page = browser.get(f"/mails/{one}")
        assert [case.mail_id for case in page.context["shown"].detail.case.possible] == [other]
        assert "Join the threads" in page.text
    assert post(browser, f"/mails/{mail}/join", other=old).headers["location"] == f"/mails/{mail}"
    assert office.stored(mail).thread_id == office.stored(old).thread_id
    joined = browser.get(f"/mails/{mail}")
    change_id = joined.context["shown"].detail.case.change.move_id
    assert "Lena Bos joined this thread" in joined.text
    assert post(browser, f"/mails/{mail}/threads/{change_id}/undo").status_code == 303
    assert office.stored(mail).thread_id != office.stored(old).thread_id
    again = post(browser, f"/mails/{mail}/threads/{change_id}/undo")
    assert again.status_code == 409
    assert "A colleague took this back already." in again.text


def test_two_customers_need_a_tick(browse, office) -> None:
    with db.writing(office.engine) as session:
        office.customer(session, 2, "D10002", "Smit Transport BV")
    old = office.mail(customer=2, sender=Address("ap@smit.example"))
    mail = office.mail(possibly_same_as=office.stored(old).thread_id)
    browser = browse(SANNE)
    page = browser.get(f"/mails/{mail}")
    assert "Smit Transport BV" in page.text
    assert "toch is het één dossier" in page.text
    refused = post(browser, f"/mails/{mail}/join", other=old)
    assert refused.status_code == 403
    assert "van twee klanten" in refused.text
    assert post(browser, f"/mails/{mail}/join", other=old, different_customers="1").status_code == 303


def test_a_thread_is_split_where_the_mail_stands(browse, office) -> None:
    first = office.mail(age=timedelta(hours=3))
    thread = office.stored(first).thread_id
    second = office.mail("Over iets anders", thread=thread, age=timedelta(hours=1))
    browser = browse(LENA)
    assert "Split from here" not in browser.get(f"/mails/{first}").text
    assert "Split from here" in browser.get(f"/mails/{second}").text
    assert post(browser, f"/mails/{second}/split").status_code == 303
    assert office.stored(first).thread_id == thread != office.stored(second).thread_id
    assert post(browser, f"/mails/{first}/split").status_code == 403


@pytest.mark.parametrize("path", ["join", "split", "threads/1/undo"])
def test_moving_threads_asks_for_the_session_and_the_team(browse, office, path: str) -> None:
    mail = office.mail(mailbox=2)
    browser = browse(SANNE)
    assert post(browser, f"/mails/{mail}/{path}", other=mail).status_code == 404
    assert browser.post(f"/mails/{mail}/{path}", data={"other": mail}).status_code == 403


def test_ignored_mail_is_a_list_with_its_reasons_and_is_read_when_asked(browse, office) -> None:
    ignored = office.mail(state=MailState.IGNORED, state_reason="Sent by this mailbox itself.", thread=None)
    own = sent(office, None)
    browser = browse(LENA)
    page = browser.get("/queue", params={"view": "ignored"})
    assert {row.mail_id for row in page.context["listing"].page.rows} == {ignored, own}
    assert "Sent by this mailbox itself." in page.text
    assert "Read it all the same" in browser.get(f"/mails/{ignored}").text
    assert "Read it all the same" not in browser.get(f"/mails/{own}").text
    assert post(browser, f"/mails/{ignored}/retry").status_code == 303
    assert office.stored(ignored).state is MailState.FETCHED
    assert post(browser, f"/mails/{own}/retry").status_code == 409


def test_a_mail_to_two_addresses_names_the_other_one(browse, office) -> None:
    """Also where the viewer cannot see the other mailbox: two teams must not both answer."""
    mail, other = office.mail(), office.mail(mailbox=2)
    for one in (mail, other):
        change(office, one, content_sha256="a" * 64)
    browser = browse(LENA)
    assert "also to</" not in browser.get(f"/mails/{mail}").text
    assert "<bdi>elders@office.example</bdi>" in browser.get(f"/mails/{mail}").text
    assert "also to elders@office.example" in browser.get("/queue").text


def test_a_copy_leads_to_the_mail_that_is_read_for_it(browse, office) -> None:
    first = office.mail()
    copy = office.mail(state=MailState.IGNORED, state_reason=f"The same message as mail {first}, byte for byte.")
    change(office, copy, copy_of=first)
    text = browse(SANNE).get(f"/mails/{copy}").text
    assert f"Hetzelfde bericht als mail {first}, byte voor byte" in text
    assert f'href="/mails/{first}"' in text


def test_a_departed_mail_and_a_forwarded_one_say_so(browse, office) -> None:
    colleague = Acquaintance(is_ours=True, writer="ap@veenkamp.example")
    mail = office.mail(sender=Address("verkoop@office.example", "Kees Verkoop"), acquaintance=colleague)
    change(office, mail, gone_at=office.now, folder="INBOX/Klanten")
    text = browse(LENA).get(f"/mails/{mail}").text
    assert "this mail lies no longer where it was" in text
    assert "INBOX/Klanten" in text
    assert "ap@veenkamp.example</bdi> · forwarded by <bdi>Kees Verkoop" in text


def test_the_number_of_queries_does_not_grow_with_the_thread(browse, office) -> None:
    with db.writing(office.engine) as session:
        assert session.get(Thread, 1) is None
    first = office.mail(age=timedelta(hours=30))
    thread = office.stored(first).thread_id
    for number in range(12):
        office.mail(thread=thread, age=timedelta(hours=number + 1))
    page = browse(LENA).get(f"/mails/{first}")
    assert len(page.context["shown"].detail.case.entries) == 12
