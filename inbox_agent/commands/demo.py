"""`inbox-agent demo`: a sample mailbox, ledger and logins in one folder, worker and pages from one command."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Annotated

import sqlalchemy as sa
import typer
from sqlmodel import func, select

from inbox_agent import db, log, schema
from inbox_agent.commands import check as demo_check
from inbox_agent.commands.mailbox_saving import Given, save
from inbox_agent.commands.models import prepare_all
from inbox_agent.commands.run import check_port, run_web
from inbox_agent.domain.errors import InboxAgentError, SettingsError
from inbox_agent.ledger import importer
from inbox_agent.records.mail import MailState, StoredMail
from inbox_agent.records.mailbox import MailboxKind
from inbox_agent.records.people import Controller, Role
from inbox_agent.review import access
from inbox_agent.settings import Settings, load

FIXTURES = Path(__file__).parents[2] / "fixtures"
ADDRESS = "debiteuren@halvermaan.example"
PEOPLE = (
    ("sanne@halvermaan.example", "Sanne Visser", Role.CONTROLLER, "nl"),
    ("david@halvermaan.example", "David Okafor", Role.TEAM_LEAD, "en"),
)
PASSWORD = "demo-inbox-agent"


def demo(
    folder: Annotated[Path, typer.Option(help="Where the demo keeps its database and mailbox.")] = Path("demo-data"),
    check: Annotated[bool, typer.Option("--check", help="Do the demo without a person, then stop.")] = False,
    port: Annotated[int | None, typer.Option(help="Port of the pages.", show_default="8000")] = None,
) -> None:
    """Serve the review queue with a sample mailbox and ledger: nothing to install, nothing leaves this machine."""
    settings = settings_of(folder, check, port)
    log.configure(settings)
    check_port(settings)
    engine, mailbox_folder = prepare(settings)
    prepare_all()
    with worker_beside():
        if check:
            sys.exit(demo_check.run(settings, engine, mailbox_folder, PEOPLE[0][0], PASSWORD))
        wait_until_read(engine, mailbox_folder)
        typer.echo(
            f"\n  Review queue   http://{settings.host}:{settings.port}\n"
            + "".join(
                f"  Sign in        {email}  (password {PASSWORD}; {role.label})\n" for email, _, role, _ in PEOPLE
            )
            + f"  Mailbox        {mailbox_folder}\n"
            "                 Drop an .eml file there: it appears in the open queue by itself.\n"
            f"  Sent mail      {mailbox_folder / 'sent'}\n"
            "  Stop           Ctrl+C\n"
        )
        run_web(settings)


def settings_of(folder: Path, check: bool, port: int | None) -> Settings:
    """The demo's own settings, put into the environment for the processes that it starts."""
    os.environ["INBOX_AGENT_DATA_DIR"] = str(folder.absolute())
    os.environ["INBOX_AGENT_POLL_SECONDS"] = "1"
    os.environ.setdefault("INBOX_AGENT_LOG_LEVEL", "warning")
    os.environ.pop("INBOX_AGENT_CONFIG", None)
    # Set and not only taken away: an inbox-agent.toml here may name the real database, which must not be filled with samples.
    os.environ |= {"INBOX_AGENT_DATABASE_URL": "", "INBOX_AGENT_RAW_PLACE": "database"}
    os.environ["INBOX_AGENT_SECURE_COOKIES"] = "false"
    if check:
        os.environ["INBOX_AGENT_PORT"] = str(port or demo_check.free_port())
        os.environ["INBOX_AGENT_HOLD_SECONDS"] = "1"
    elif port is not None:
        os.environ["INBOX_AGENT_PORT"] = str(port)
    return load()


def prepare(settings: Settings) -> tuple[sa.Engine, Path]:
    """Database, ledger, people and sample mailbox; what is there already stays. Returns engine and mailbox folder."""
    if not (FIXTURES / "mails").is_dir():
        raise SettingsError(f"The sample mails are missing at {FIXTURES}. Run the demo from a checkout: ./run demo")
    engine = db.create_engine(settings.database)
    schema.upgrade(engine)
    mailbox_folder = settings.data_dir / "mailbox"
    try:
        copy_samples(mailbox_folder)
    except OSError as error:
        raise SettingsError(f"The demo folder {settings.data_dir} cannot be filled: {error.strerror}.") from error
    with db.writing(engine) as session:
        importer.import_tree(session, FIXTURES / "ledgers", db.now())
        options = {"path": str(mailbox_folder.absolute())}
        given = Given("Debiteuren Halvermaan", ("Debiteuren",))
        save(session, "debiteuren", ADDRESS, MailboxKind.FOLDER, options, given)
        for email, name, role, language in PEOPLE:
            if session.exec(select(Controller).where(Controller.email == email)).first() is None:
                access.add_controller(session, email, name, PASSWORD, role, language, ("Debiteuren",), db.now())
    return engine, mailbox_folder


def copy_samples(mailbox_folder: Path) -> None:
    """Copies the sample mails, each under its language, with the time that it was sent as the file's time."""
    mailbox_folder.mkdir(parents=True, exist_ok=True)
    for path in sorted((FIXTURES / "mails").glob("*/*.eml")):
        target = mailbox_folder / f"{path.parent.name}-{path.name}"
        if target.exists():
            continue
        shutil.copyfile(path, target)
        header = next((line for line in path.read_bytes().split(b"\n") if line.lower().startswith(b"date:")), b"")
        try:
            sent = parsedate_to_datetime(header[5:].decode("ascii", "replace").strip()).timestamp()
        except ValueError:
            continue
        os.utime(target, (sent, sent))


@contextmanager
def worker_beside() -> Iterator["subprocess.Popen[bytes]"]:
    """A worker process beside this one, stopped when the block ends."""
    process = subprocess.Popen([sys.executable, "-m", "inbox_agent", "worker"])
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()


def wait_until_read(engine: sa.Engine, mailbox_folder: Path, seconds: float = 180) -> None:
    """Shows how the sample mailbox is read. Raises `InboxAgentError` when that takes unreasonably long."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    wanted = len(list(mailbox_folder.glob("*.eml")))
    deadline = time.monotonic() + seconds
    with Progress(
        TextColumn("Reading the mailbox"), BarColumn(30), MofNCompleteColumn(), console=Console(file=sys.stderr)
    ) as progress:
        bar = progress.add_task("", total=wanted)
        while True:
            with db.reading(engine) as session:
                done = session.exec(select(func.count()).where(StoredMail.state != MailState.FETCHED)).one()
                waiting = session.exec(select(func.count()).where(StoredMail.state == MailState.FETCHED)).one()
            progress.update(bar, completed=min(done, wanted))
            if done >= wanted and not waiting:
                return
            if time.monotonic() > deadline:
                raise InboxAgentError(
                    f"Only {done} of {wanted} sample mails were read in {seconds:.0f} seconds. "
                    "Look at the worker's messages above; delete the demo folder to start afresh."
                )
            time.sleep(0.2)
