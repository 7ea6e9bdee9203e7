"""The queue: whole page and pieces, live refresh, filters, and whose mail it shows."""

from datetime import timedelta

from inbox_agent.domain.taxonomy import Intent
from inbox_agent.review.states import MailState, ReplyState
from inbox_agent.review.views import QueueView
from web.pages.queue.address import filter_of, query_of
from web.pages.queue.listing import following

SANNE = "sanne@office.example"


def rows(answer) -> list[int]:
    return [row.mail_id for row in answer.context["listing"].page.rows]


def htmx(target: str, **headers: str) -> dict[str, str]:
    return {"hx-request": "true", "hx-target": target, **headers}


def test_whole_page_or_only_the_list(browse, office) -> None:
    mail = office.mail(subject="Prijs klopt niet")
    browser = browse(SANNE)
    page = browser.get("/queue")
    assert page.template.name == "pages/queue/queue.html"
    assert rows(page) == [mail]
    assert "<!doctype html>" in page.text
    piece = browser.get("/queue", headers=htmx("queue-list"))
    assert piece.template.name == "pages/queue/_list.html"
    assert "<html" not in piece.text
    assert "Prijs klopt niet" in piece.text
    after_going_back = browser.get("/queue", headers={**htmx("queue-list"), "hx-history-restore-request": "true"})
    assert after_going_back.template.name == "pages/queue/queue.html"


def test_the_first_page_is_the_queue(browse) -> None:
    assert browse(SANNE).get("/").headers["location"] == "/queue"


def test_nothing_is_sent_while_nothing_changed(browse, office) -> None:
    first = office.mail()
    browser = browse(SANNE)
    listing = browser.get("/queue").context["listing"]
    query = {"version": listing.stamp, "newest": listing.newest, "mail": first}
    assert browser.get("/queue/changes", params=query).status_code == 204
    office.mail(subject="Net binnen", age=timedelta(0))
    answer = browser.get("/queue/changes", params=query, headers=htmx("queue-list"))
    assert answer.status_code == 200
    assert answer.template.name == "pages/queue/_changes.html"
    assert "Net binnen" in answer.text
    assert "Nieuwe mail van Piet Veenkamp" in answer.text
    assert f'data-mail="{first}"' in answer.text
    assert answer.text.count('aria-current="true"') == 2  # the tab, and the opened row
    query["version"] = answer.context["listing"].stamp
    assert browser.get("/queue/changes", params=query).status_code == 204


def test_ages_move_on_each_minute(browse, office) -> None:
    office.mail()
    browser = browse(SANNE)
    stamp = browser.get("/queue").context["listing"].stamp
    office.now += timedelta(minutes=1)
    assert browser.get("/queue/changes", params={"version": stamp}).status_code == 200


def test_only_the_mailboxes_of_ones_team(browse, office) -> None:
    own, foreign = office.mail(), office.mail(mailbox=2, subject="Geheim van Elders")
    browser = browse(SANNE)
    assert rows(browser.get("/queue")) == [own]
    assert rows(browser.get("/queue?mailbox=2")) == []
    for path in (
        f"/mails/{foreign}",
        f"/mails/{foreign}/html",
        f"/mails/{foreign}/raw",
        f"/mails/{foreign}/attachments/0",
    ):
        answer = browser.get(path)
        assert answer.status_code == 404, path
        assert "Geheim" not in answer.text
    data = {
        "csrf_token": browser.csrf,
        "version": 1,
        "action": "quiet",
        "reason": "x",
        "intent": "dispute",
        "body": "x",
    }
    for action in ("approve", "dismiss", "reopen", "retry", "check"):
        assert browser.post(f"/mails/{foreign}/{action}", data=data).status_code == 404, action
    assert office.stored(foreign).decided_at is None
    assert "Elders" not in browser.get("/mailboxes").text.replace("Iemand Elders", "")


def test_lists_and_filters(browse, office) -> None:
    dispute = office.mail(intents=(Intent.DISPUTE,), subject="Prijs")
    other = office.mail(subject="Kopie", customer=None)
    parked = office.mail(
        state=MailState.PARKED, state_reason="This mail is larger than 60 MB. Read it in the mailbox itself."
    )
    done = office.mail(subject="Klaar")
    office.reply(done, ReplyState.DELIVERED)
    browser = browse(SANNE)
    assert set(rows(browser.get("/queue"))) == {dispute, other, parked}
    assert rows(browser.get("/queue?view=parked")) == [parked]
    assert rows(browser.get("/queue?view=done")) == [done]
    assert rows(browser.get("/queue?intent=dispute")) == [dispute]
    assert rows(browser.get("/queue?search=kopie")) == [other]
    assert rows(browser.get("/queue?search=nergens")) == []
    assert "Geen mail past bij deze zoekopdracht." in browser.get("/queue?search=nergens").text
    assert browser.get("/queue?view=onzin&page=zoveel&mailbox=x&intent=y").status_code == 200


def test_an_address_keeps_its_filter() -> None:
    wanted = filter_of(view="mine", mailbox="2", intent="dispute", search="de  rooij & zn", page="3")
    assert query_of(wanted) == "?view=mine&mailbox=2&intent=dispute&search=de+rooij+%26+zn&page=3"
    assert query_of(wanted, view=QueueView.DONE) == "?view=done&mailbox=2&intent=dispute&search=de+rooij+%26+zn"
    assert query_of(filter_of()) == ""


def test_which_mail_follows(browse, office) -> None:
    ids = [office.mail(age=timedelta(minutes=minutes)) for minutes in (1, 2, 3)]
    page = browse(SANNE).get("/queue").context["listing"].page.rows
    assert following(page, ids[0]) == ids[1]
    assert following(page, ids[2]) == ids[0]
    assert following(page, 999) == ids[0]
    assert following(page[:1], ids[0]) is None


def test_hostile_rows_are_inert(browse, office) -> None:
    from inbox_agent.domain.mail import Address

    office.mail(subject="<script>alert(1)</script>\u202etxt.exe", customer=None,
                sender=Address('x"onmouseover="alert(1)@spam.example', "<img src=x onerror=alert(1)>\u202e"))  # fmt: skip
    text = browse(SANNE).get("/queue").text
    assert "<script>alert" not in text
    assert "<img" not in text
    assert "\u202e" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;txt.exe" in text


def test_the_interface_in_both_languages(browse, office) -> None:
    mail = office.mail(draft="Beste,")
    for email, words in (
        (SANNE, ("Wachtrij", "Klant", "Openstaande posten")),
        ("lena@office.example", ("Queue", "Customer", "Open items")),
    ):
        browser = browse(email)
        text = browser.get(f"/mails/{mail}").text
        assert all(word in text for word in words)
    assert '<html lang="en">' in text
    answer = browser.post("/language", data={"csrf_token": browser.csrf, "language": "nl", "next": "/mailboxes"})
    assert answer.headers["location"] == "/mailboxes"
    assert '<html lang="nl">' in browser.get("/mailboxes").text


def test_a_reply_that_only_a_person_can_settle_is_not_forgotten(browse, office) -> None:
    mail, sent, foreign = office.mail(), office.mail(), office.mail(mailbox=2)
    office.reply(mail, ReplyState.UNCERTAIN)
    office.reply(sent, ReplyState.DELIVERED)
    office.reply(foreign, ReplyState.FAILED)
    answer = browse(SANNE).get("/queue")
    assert rows(answer) == []
    assert [reply.mail_id for reply in answer.context["listing"].unsettled] == [mail]
    assert "Onzeker of het antwoord is verzonden" in answer.text
    assert f'href="/mails/{mail}"' in answer.text
