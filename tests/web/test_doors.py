"""Who gets in, and what is refused at the door: sign-in, sessions, forged requests, headers."""

import re

import pytest

PASSWORD = "een-lang-wachtwoord"

PAGES = ("/queue", "/queue?view=done", "/mailboxes", "/help")


def sign_in(browser, email="sanne@office.example", password=PASSWORD, next="/queue", **headers):
    return browser.post("/sign-in", data={"email": email, "password": password, "next": next}, headers=headers)


def test_signing_in_opens_a_session_and_goes_where_it_was_asked(browse) -> None:
    browser = browse()
    answer = browser.get("/mails/7?view=mine")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=%2Fmails%2F7%3Fview%3Dmine"
    answer = sign_in(browser, next="/mailboxes")
    assert (answer.status_code, answer.headers["location"]) == (303, "/mailboxes")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert browser.get("/mailboxes").status_code == 200


def test_secure_cookies_are_bound_to_this_host(browse) -> None:
    cookie = sign_in(browse(secure_cookies=True)).headers["set-cookie"]
    assert cookie.startswith("__Host-session=")
    assert "Secure" in cookie


def test_a_wrong_password_shows_the_form_again(browse) -> None:
    answer = sign_in(browse(), password="verkeerd")
    assert answer.status_code == 401
    assert "E-mailadres of wachtwoord klopt niet." in answer.text
    assert 'value="sanne@office.example"' in answer.text
    assert "verkeerd" not in answer.text


def test_guessing_is_slowed_down(browse) -> None:
    browser = browse()
    for _ in range(5):
        assert sign_in(browser, password="verkeerd").status_code == 401
    answer = sign_in(browser)
    assert answer.status_code == 429
    assert "Wacht 15 minuten" in answer.text


def test_signing_in_never_leads_elsewhere(browse) -> None:
    assert sign_in(browse(), next="https://evil.example/").headers["location"] == "/queue"
    assert sign_in(browse(), next="//evil.example/").headers["location"] == "/queue"


def test_signing_out_ends_the_session(browse) -> None:
    browser = browse("sanne@office.example")
    assert browser.post("/sign-out", data={"csrf_token": browser.csrf}).status_code == 303
    assert browser.get("/queue").status_code == 303


@pytest.mark.parametrize(
    "headers",
    [{"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "https://evil.example"}],
)
def test_another_sites_page_cannot_sign_in_or_decide(browse, office, headers) -> None:
    assert sign_in(browse(), **headers).status_code == 403
    mail = office.mail()
    browser = browse("sanne@office.example")
    data = {"csrf_token": browser.csrf, "version": 1, "action": "quiet"}
    assert browser.post(f"/mails/{mail}/approve", data=data, headers=headers).status_code == 403
    assert office.stored(mail).decided_at is None


def writes(browser):
    def routes(router):
        for route in router.routes:
            inner = getattr(route, "routes", None) or getattr(getattr(route, "original_router", None), "routes", None)
            if inner and not getattr(route, "methods", None):
                yield from routes(type("Router", (), {"routes": inner}))
            elif set(getattr(route, "methods", None) or ()) - {"GET", "HEAD"}:
                yield re.sub(r"\{\w+\}", "1", route.path)

    return sorted(set(routes(browser.app.router)))


def test_every_change_needs_the_sessions_token(browse, office) -> None:
    office.mail()
    browser = browse("lena@office.example")
    # Microsoft's service has no session: its door believes a secret of its own (test_notifications.py).
    paths = [path for path in writes(browser) if path not in {"/sign-in", "/notifications/graph"}]
    assert len(paths) >= 11
    for path in paths:
        assert browser.post(path, data={"version": 1, "action": "quiet", "language": "en"}).status_code == 403, path
        wrong = browser.post(path, data={"csrf_token": "x"}, headers={"x-csrf-token": "wrong"})
        assert wrong.status_code in {403, 422}, path
    assert office.stored(1).decided_at is None


def test_an_expired_session_keeps_what_is_typed(browse) -> None:
    browser = browse()
    poll = browser.get("/queue/changes?version=x", headers={"hx-request": "true", "hx-target": "queue-list"})
    assert poll.status_code == 401
    assert poll.headers["hx-retarget"] == "#notices"
    assert "hx-redirect" not in poll.headers
    step = browser.get(
        "/mails/1", headers={"hx-request": "true", "hx-current-url": "http://testserver/mails/4?view=mine"}
    )
    assert step.headers["hx-redirect"] == "/sign-in?next=%2Fmails%2F4%3Fview%3Dmine"


def inline(html: str) -> list[str]:
    return re.findall(r"<script(?![^>]*\ssrc=)[^>]*>|<style[\s>]|\sstyle=|\son\w+=|javascript:", html)


@pytest.mark.parametrize("email", ["sanne@office.example", "lena@office.example"])
def test_no_page_has_inline_script_or_style(browse, office, email) -> None:
    office.mail(draft="Beste Piet,")
    browser = browse(email)
    for path in (*PAGES, "/mails/1", "/mails/99", "/sign-in"):
        answer = browser.get(path)
        assert inline(answer.text) == [], path
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"


def test_static_files_are_kept_by_their_hash(browse) -> None:
    browser = browse()
    for address in re.findall(r'(?:src|href)="(/static/[^"]+)"', browser.get("/sign-in").text):
        answer = browser.get(address)
        assert answer.status_code == 200, address
        assert "immutable" in answer.headers["cache-control"]


def test_what_nobody_foresaw_is_a_calm_page(browse, office, monkeypatch) -> None:
    mail = office.mail()
    browser = browse("sanne@office.example")

    def fails(*_: object) -> None:
        raise RuntimeError("geheim uit een mail")

    monkeypatch.setattr("web.pages.mail.showing.mail_page", fails)
    answer = browser.get(f"/mails/{mail}")
    assert answer.status_code == 500
    assert "Kenmerk:" in answer.text
    assert "geheim" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_unknown_addresses_and_documentation(browse) -> None:
    browser = browse("sanne@office.example")
    for path in ("/nergens", "/docs", "/openapi.json", "/redoc", "/static/../app.py"):
        assert browser.get(path).status_code == 404, path


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_a_body_that_no_page_of_ours_sends_is_not_kept_in_memory(browse, kind) -> None:
    """Neither a long one nor one that does not say how long it is; nobody is signed in."""
    browser = browse()
    chunk = b"email=" + b"a" * 100_000
    sent = 0

    def endless():
        nonlocal sent
        for _ in range(500):
            sent += len(chunk)
            yield chunk

    assert browser.post("/sign-in", content=chunk * 20, headers={"content-type": kind}).status_code == 413
    assert browser.post("/sign-in", content=endless(), headers={"content-type": kind}).status_code == 413
