"""`inbox-agent demo --check`: the demo without a person, over HTTP, as a browser without scripts would do it."""

import contextlib
import email
import email.policy
import random
import re
import socket
import subprocess
import sys
import time
from collections import Counter
from email.message import EmailMessage
from html import unescape
from pathlib import Path

import httpx
import sqlalchemy as sa
from sqlmodel import col, func, select

from inbox_agent import db
from inbox_agent.domain.errors import InboxAgentError
from inbox_agent.domain.mail import Mail
from inbox_agent.records.mail import MailState, StoredMail, content_of
from inbox_agent.records.reply import OutgoingReply, ReplyState
from inbox_agent.records.triage import TriageRow
from inbox_agent.settings import Settings


class CheckFailed(InboxAgentError):
    """The demo does not do what it should."""

    exit_code = 1


def run(settings: Settings, engine: sa.Engine, mailbox_folder: Path, email_address: str, password: str) -> int:
    """Reads the sample mailbox, approves one reply over HTTP, finds it in the sent folder in the right thread.

    Prints a table of what was triaged. Returns 0. Raises `InboxAgentError` with a plain reason otherwise.
    """
    from inbox_agent.commands.demo import wait_until_read

    wait_until_read(engine, mailbox_folder)
    _print_table(engine)
    _check_sums(engine, mailbox_folder)
    base = f"http://{settings.host}:{settings.port}"
    web = subprocess.Popen([sys.executable, "-m", "inbox_agent", "serve"])
    try:
        with httpx.Client(base_url=base, follow_redirects=True, timeout=20, trust_env=False) as browser:
            _wait_for(browser, web)
            mail_id = _mail_to_answer(engine)
            _sign_in(browser, email_address, password)
            _approve(browser, mail_id)
            _find_in_sent(engine, mail_id, mailbox_folder)
    finally:
        web.terminate()
        web.wait(timeout=20)
    print("The demo works: one reply was approved, and it lies in the sent folder in the right thread.")
    return 0


def free_port() -> int:
    """A port on loopback that nobody uses at the moment; none of those that the system gives away by itself."""
    while True:
        port = random.SystemRandom().randrange(20_000, 32_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def _print_table(engine: sa.Engine) -> None:
    from rich.console import Console
    from rich.table import Table

    with db.reading(engine) as session:
        read = session.exec(
            select(TriageRow, StoredMail).join(StoredMail, col(StoredMail.id) == TriageRow.mail_id)
        ).all()
        others = session.exec(
            select(StoredMail.state, func.count())
            .where(StoredMail.state != MailState.TRIAGED)
            .group_by(StoredMail.state)
        ).all()
    counts: dict[str, Counter[str]] = {}
    for triage, _ in read:
        for intent in triage.intents.split(","):
            row = counts.setdefault(intent, Counter())
            row[triage.language] += 1
            row["draft"] += triage.has_draft
    table = Table(title=f"{len(read)} mails triaged by {read[0][0].model_version}" if read else "No mail was triaged")
    for column in ("intent", "nl", "en", "de", "fr", "mails", "with draft"):
        table.add_column(column, justify="left" if column == "intent" else "right")
    for intent, row in sorted(counts.items()):
        languages = [row[language] for language in ("nl", "en", "de", "fr")]
        table.add_row(intent, *(str(count or "") for count in languages), str(sum(languages)), str(row["draft"] or ""))
    console = Console()
    console.print(table)
    for state, count in others:
        console.print(f"{count} {state}")


def _check_sums(engine: sa.Engine, mailbox_folder: Path) -> None:
    with db.reading(engine) as session:
        stored = session.exec(select(func.count()).select_from(StoredMail)).one()
        keys = session.exec(select(func.count(func.distinct(StoredMail.source_key)))).one()
    files = len(list(mailbox_folder.glob("*.eml")))
    if stored != files or keys != files:
        raise CheckFailed(
            f"{files} files lie in the mailbox, but {stored} mails are stored: something was doubled or lost."
        )


def _wait_for(browser: httpx.Client, web: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if web.poll() is not None:
            raise CheckFailed("The pages stopped at once; the reason is printed above.")
        try:
            if browser.get("/healthz").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise CheckFailed("The pages did not answer within a minute.")


def _mail_to_answer(engine: sa.Engine) -> int:
    with db.reading(engine) as session:
        open_with_draft = (
            select(StoredMail.id)
            .join(TriageRow, col(TriageRow.mail_id) == StoredMail.id)
            .where(
                col(StoredMail.decided_at).is_(None),
                TriageRow.has_draft,
                col(TriageRow.is_dangerous).is_(False),
                StoredMail.message_id != "",
            )
            .order_by(col(StoredMail.received_at))
        )
        mail_id = session.exec(open_with_draft).first()
    if mail_id is None:
        raise CheckFailed("No open mail has a draft any more. Delete the demo folder to start afresh.")
    return mail_id


def _sign_in(browser: httpx.Client, email_address: str, password: str) -> None:
    browser.get("/sign-in")
    answer = browser.post("/sign-in", data={"email": email_address, "password": password})
    if answer.status_code != 200 or answer.url.path.startswith("/sign-in"):
        raise CheckFailed(f"Signing in as {email_address} failed (status {answer.status_code}).")


def _approve(browser: httpx.Client, mail_id: int) -> None:
    """Sends the page's own form back, with the draft as it stands."""
    page = browser.get(f"/mails/{mail_id}")
    form = re.search(r'<form[^>]*action="([^"]*/approve)"[^>]*>(.*?)</form>', page.text, re.DOTALL)
    if page.status_code != 200 or form is None:
        raise CheckFailed(f"The page of mail {mail_id} has no form to approve (status {page.status_code}).")
    fields = _fields(form.group(2)) | {"action": "send"}
    tick = re.search(r'name="checked" value="([^"]*)"', form.group(2))
    if tick:  # as a person does who looked at the address
        fields["checked"] = unescape(tick.group(1))
    answer = browser.post(unescape(form.group(1)), data=fields)
    if answer.status_code != 200:
        raise CheckFailed(f"Approving mail {mail_id} was refused (status {answer.status_code}).")


def _fields(html: str) -> dict[str, str | list[str]]:
    """What a browser would send for the inputs and text areas of a form as it stands."""
    fields: dict[str, str | list[str]] = {}
    for tag in re.findall(r"<input\b[^>]*>", html):
        named = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        unticked = named.get("type") == "checkbox" and not re.search(r"\schecked[\s>]", tag)
        if "name" not in named or unticked or named.get("type") == "file":
            continue
        value = unescape(named.get("value", "on"))
        before = fields.get(named["name"])
        fields[named["name"]] = value if before is None else [*([before] if isinstance(before, str) else before), value]
    for name, value in re.findall(r'<textarea\b[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', html, re.DOTALL):
        fields[name] = unescape(value).removeprefix("\n")
    return fields


def _find_in_sent(engine: sa.Engine, mail_id: int, mailbox_folder: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with db.reading(engine) as session:
            reply = session.exec(select(OutgoingReply).where(OutgoingReply.mail_id == mail_id)).first()
            answered = content_of(session, mail_id)
        if reply is not None and reply.state is ReplyState.DELIVERED:
            assert answered is not None
            _check_thread(reply, answered, mailbox_folder)
            return
        if reply is not None and reply.state in (ReplyState.FAILED, ReplyState.UNCERTAIN):
            raise CheckFailed(f"The reply is {reply.state}: {reply.problem}")
        time.sleep(0.2)
    raise CheckFailed("The approved reply did not leave within a minute.")


def _check_thread(reply: OutgoingReply, answered: Mail, mailbox_folder: Path) -> None:
    sent = [
        email.message_from_bytes(path.read_bytes(), _class=EmailMessage, policy=email.policy.default)
        for path in (mailbox_folder / "sent").glob("*.eml")
    ]
    found = [message for message in sent if message["Message-ID"] == reply.message_id]
    if len(found) != 1:
        raise CheckFailed(f"The reply lies {len(found)} times in the sent folder instead of once.")
    answers, references = (str(found[0][name] or "").split() for name in ("In-Reply-To", "References"))
    if answers != [answered.message_id] or answered.message_id not in references:
        raise CheckFailed("The reply lies in the sent folder, but not in the thread of the mail that it answers.")
