"""A controller's morning in a real browser: sign in, see new mail arrive, read, edit, approve by keyboard, see it leave."""

import re
import shutil
import time
import urllib.request
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from factories.world import World
from playwright.sync_api import Page, expect, sync_playwright
from sqlmodel import select

from inbox_agent import db
from inbox_agent.bench.program import Program
from inbox_agent.commands.check import free_port
from inbox_agent.ledger import importer
from inbox_agent.ledger.tables import CompanyRow
from inbox_agent.records.mailbox import Mailbox, MailboxCompany

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium")
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run", "--disable-quic",
)  # fmt: skip

MAIL = (
    "From: Marloes Veenkamp <{sender}>\r\nTo: debiteuren@halvermaan.example\r\nSubject: {subject}\r\n"
    "Message-ID: <{key}@klant.example>\r\nDate: Tue, 24 Nov 2026 09:00:00 +0100\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
)


@pytest.fixture
def site(world: World) -> Iterator[str]:
    """Worker and pages on the sample ledger; gives the address of the pages."""
    with db.writing(world.engine) as session:
        importer.import_tree(session, ROOT / "fixtures/ledgers", db.now())
        mailbox = session.exec(select(Mailbox)).one()
        for position, company in enumerate(session.exec(select(CompanyRow)).all()):
            session.add(MailboxCompany(mailbox_id=mailbox.id, company_id=company.id, position=position))
    port = free_port()
    world.environment |= {"INBOX_AGENT_PORT": str(port), "INBOX_AGENT_HOLD_SECONDS": "8"}
    worker = world.start_worker()
    pages = Program(world.environment, "serve")
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).close()
                break
            except OSError:
                assert time.monotonic() < deadline
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        world.stop(pages)
        world.stop(worker)


@pytest.fixture
def page(site: str) -> Iterator[Page]:
    """A signed-in controller's page; fails when the browser reports a script error or a CSP violation."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed. Run: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        page = browser.new_context(viewport={"width": 1440, "height": 900}, locale="nl-NL").new_page()
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.goto(site)
        page.fill("input[name=email]", World.PERSON)
        page.fill("input[name=password]", World.PERSON_PASSWORD)
        page.keyboard.press("Enter")
        expect(page.locator("#queue-search")).to_be_attached()
        yield page
        browser.close()
        assert complaints == []


def deliver(world: World, key: str, subject: str, text: str, sender: str = "marloes@klant.example") -> None:
    world.dovecot.deliver(World.USER, MAIL.format(key=key, subject=subject, text=text, sender=sender).encode())


def test_mail_arrives_is_approved_by_keyboard_and_leaves(world: World, page: Page) -> None:
    expect(page.locator("ul.rows li")).to_have_count(0)
    deliver(
        world,
        "copy",
        "Kopie graag",
        "Goedemorgen,\n\nKunt u mij een kopie van factuur 26700941 sturen?\n\nGroet,\nMarloes",
    )
    row = page.locator("ul.rows li", has_text="Kopie graag")
    expect(row).to_be_visible(timeout=10_000)  # by itself, without a reload
    expect(row.locator(".chip").first).to_be_visible(timeout=10_000)

    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("mark").first).to_contain_text("kopie")
    draft = page.locator("textarea[name=body]")
    expect(draft).not_to_have_value("")
    page.keyboard.press("e")
    expect(draft).to_be_focused()
    page.keyboard.press("Control+End")
    page.keyboard.type("\nTot ziens!")
    page.locator("input[name=checked]").check()  # nobody of the customer wrote from klant.example before
    page.keyboard.press("Control+Enter")
    expect(page.locator("#hold")).to_contain_text("marloes@klant.example vertrekt over")
    page.keyboard.press("z")
    expect(draft).to_have_value(re.compile("Tot ziens!$"))
    page.locator("input[name=checked]").check()
    page.wait_for_timeout(600)  # what is pressed sooner after a change counts as the second press of a double click
    page.keyboard.press("Control+Enter")

    expect(page.locator("ul.rows li", has_text="Kopie graag")).to_have_count(0, timeout=10_000)
    deadline = time.monotonic() + 40
    while not world.smtp_received() and time.monotonic() < deadline:
        page.wait_for_timeout(100)
    sent = message_from_bytes(world.smtp_received()[0], _class=EmailMessage, policy=policy.default)
    assert sent["In-Reply-To"] == "<copy@klant.example>"
    body = sent.get_body(("plain",))
    assert body is not None
    assert "Tot ziens!" in body.get_content()
    assert "> Kunt u mij een kopie van factuur 26700941 sturen?" in body.get_content()
    page.click("#tab-done")
    done = page.locator("ul.rows li", has_text="Kopie graag")
    expect(done).to_be_visible()
    done.locator("a").click()
    expect(page.locator("#mail")).to_contain_text("Antwoord verzonden", timeout=10_000)


def test_typing_survives_new_mail(world: World, page: Page) -> None:
    """The queue refreshes itself around the draft that somebody is typing."""
    deliver(world, "one", "Eerste", "Kunt u mij een kopie van factuur 26700941 sturen?")
    page.locator("ul.rows li", has_text="Eerste").locator("a").click(timeout=10_000)
    draft = page.locator("textarea[name=body]")
    draft.fill("Half getypt")
    deliver(world, "two", "Tweede", "Graag een overzicht van alle openstaande facturen.")
    expect(page.locator("ul.rows li", has_text="Tweede")).to_be_visible(timeout=10_000)
    expect(draft).to_have_value("Half getypt")
    expect(draft).to_be_focused()


def test_the_ledgers_verdict_stands_beside_each_field(world: World, page: Page) -> None:
    """4 186,60 euro is open on 26700941; 26700590 is another customer's. The answer must not tell whose."""
    text = "Goedemiddag,\n\nFactuur 26700941 betalen wij vrijdag: 4.000,00 euro. Factuur 26700590 kennen wij niet."
    deliver(world, "verdict", "Betaling", text, "m.dekker@veenkamp-installatie.example")
    row = page.locator("ul.rows li", has_text="Betaling")
    expect(row.locator(".chip").first).to_be_visible(timeout=60_000)  # by then it was read
    row.locator("a").click()
    acts = page.locator("section.acts")
    expect(acts.get_by_text("€ 186,60 minder dan de € 4.186,60 in de administratie").first).to_be_visible()
    expect(acts.locator(".verdict", has_text="open").first.get_by_role("img", name="Klopt")).to_be_visible()
    expect(acts).to_contain_text("van een andere klant: Brasserie De Zoute Bries V.O.F.")
    expect(page.locator("textarea[name=body]")).not_to_have_value(re.compile("Zoute Bries"))


def test_hostile_mail_does_nothing(world: World, page: Page) -> None:
    text = (
        "<script>document.title='hacked'</script><img src=x onerror=alert(1)> Kopie van factuur 26700941 graag? {{7*7}}"
    )
    deliver(world, "evil", "<script>alert(1)</script>", text)
    page.locator("ul.rows li").first.locator("a").click(timeout=10_000)
    expect(page.locator("#mail")).to_contain_text("onerror=alert(1)")
    expect(page.locator("#mail")).to_contain_text("{{7*7}}")
    assert page.title() != "hacked"


@pytest.mark.parametrize("width", [1440, 900, 420])
def test_nothing_overflows(world: World, page: Page, width: int) -> None:
    deliver(world, "wide", "Breed " + "x" * 200, "Kopie van factuur 26700941?\n" + "y" * 500)
    page.set_viewport_size({"width": width, "height": 800})
    page.reload()
    page.locator("ul.rows li").first.locator("a").click(timeout=10_000)
    expect(page.locator("#mail")).to_contain_text("yyyy")
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0
