"""`inbox-agent mailbox`: which mailboxes are worked, by whom, and how they fare."""

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlmodel import Session, col, delete, select

from inbox_agent import bootstrap, db
from inbox_agent.commands import mailbox_secret, mailbox_sign_in
from inbox_agent.commands.mailbox_options import OAuthGiven, graph_options
from inbox_agent.domain.errors import NotFound, SettingsError
from inbox_agent.ledger.tables import CompanyRow
from inbox_agent.mailbox import registry
from inbox_agent.pipeline.mailbox_memory import MailboxMemory
from inbox_agent.records.mailbox import Mailbox, MailboxCompany, MailboxKind
from inbox_agent.records.people import MailboxTeam, Team
from inbox_agent.settings import load

app = typer.Typer(help="Shared mailboxes: add, check, list, pause.", no_args_is_help=True)
app.command("sign-in")(mailbox_sign_in.sign_in)
app.command("secret")(mailbox_secret.secret)


class Security(StrEnum):
    """How a connection is protected."""

    IMPLICIT = "implicit"
    STARTTLS = "starttls"
    NONE = "none"


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="Short name, for instance `debiteuren`.")],
    address: Annotated[str, typer.Option(help="The mailbox's own e-mail address; replies come from it.")],
    host: Annotated[str | None, typer.Option(help="IMAP server.")] = None,
    user: Annotated[str | None, typer.Option(help="User name; default: the address.")] = None,
    password: Annotated[
        str,
        typer.Option(help="Where the password is kept: `env:NAME` or `file:KEY` in the secrets file. Never itself."),
    ] = "",
    port: Annotated[int | None, typer.Option(help="IMAP port; default 993, or 143 with starttls.")] = None,
    security: Annotated[Security, typer.Option(help="How the IMAP connection is protected.")] = Security.IMPLICIT,
    folder: Annotated[str, typer.Option(help="IMAP folder to read.")] = "INBOX",
    sent_folder: Annotated[str, typer.Option(help="IMAP folder for sent mail; default: as the server says.")] = "",
    ca_file: Annotated[Path | None, typer.Option(help="Certificate authority of your own server.")] = None,
    smtp_host: Annotated[str | None, typer.Option(help="SMTP server; default: the IMAP host.")] = None,
    smtp_port: Annotated[int | None, typer.Option(help="SMTP port; default 587, or 465 with implicit TLS.")] = None,
    smtp_security: Annotated[Security, typer.Option(help="How the SMTP connection is protected.")] = Security.STARTTLS,
    smtp_user: Annotated[str | None, typer.Option(help="SMTP user; default: as for IMAP. Empty: no sign-in.")] = None,
    path: Annotated[Path | None, typer.Option(help="A folder of .eml files instead of an IMAP server.")] = None,
    graph: Annotated[bool, typer.Option("--graph", help="A mailbox of Microsoft 365 (docs/microsoft365.md).")] = False,
    tenant: Annotated[str, typer.Option(help="Microsoft 365: the directory's id, or a domain of yours.")] = "",
    client_id: Annotated[str, typer.Option(help="Microsoft 365: the application's id.")] = "",
    secret: Annotated[
        str, typer.Option(help="Where the application's secret is kept: `env:NAME`, `file:KEY`, `keyring:NAME`.")
    ] = "",
    certificate: Annotated[
        Path | None, typer.Option(help="Instead of a secret: PEM file with the application's certificate and key.")
    ] = None,
    secret_expires_on: Annotated[str, typer.Option(help="Day on which the secret ends; it is warned of before.")] = "",
    base_url: Annotated[str, typer.Option(help="Microsoft Graph of another cloud.")] = "",
    display_name: Annotated[
        str, typer.Option(help="Name on outgoing mail, for instance `Debiteuren Halvermaan`.")
    ] = "",
    team: Annotated[
        str | None,
        typer.Option(help="The one team that works it; made when new. Default: as before, `Debiteuren` when new."),
    ] = None,
    company: Annotated[
        list[str] | None,
        typer.Option(help="Code of an own company that it serves; repeat. Default: as before, all when new."),
    ] = None,
    check: Annotated[bool, typer.Option(help="Sign in once before saving.")] = True,
) -> None:
    """Add a mailbox, or change the one of this name. Credentials stay in the environment or a secrets file."""
    settings = load()
    _check(name, address)
    options: dict[str, Any]
    after = "A running worker opens it within ten seconds."
    if path is not None:
        kind, options = MailboxKind.FOLDER, {"path": str(path.absolute())}
    elif graph:
        oauth = OAuthGiven(tenant, client_id, secret, certificate, secret_expires_on)
        kind, options = MailboxKind.GRAPH, graph_options(address, oauth, base_url, ca_file)
        check = check and not oauth.needs_person
        if oauth.needs_person:
            after = f"Sign in for it now: inbox-agent mailbox sign-in {name}"
    elif host is None:
        raise SettingsError(
            "Say where the mailbox is: --host SERVER for IMAP, --graph for Microsoft 365, or --path FOLDER for a folder of "
            ".eml files."
        )
    else:
        kind = MailboxKind.IMAP
        reference = password or f"env:INBOX_AGENT_{name.upper().replace('-', '_')}_PASSWORD"
        smtp_name = (user or address) if smtp_user is None else smtp_user
        options = {
            "host": host,
            "port": port or (993 if security is Security.IMPLICIT else 143),
            "security": security.value,
            "user": user or address,
            "password": reference,
            "folder": folder,
            "sent_folder": sent_folder,
            "ca_file": str(ca_file.absolute()) if ca_file else "",
            "smtp": {
                "host": smtp_host or host,
                "port": smtp_port or (465 if smtp_security is Security.IMPLICIT else 587),
                "security": smtp_security.value,
                "user": smtp_name,
                "password": reference if smtp_name else "",
            },
        }
    registry.validate(kind, options)
    engine = bootstrap.open_database(settings)
    if check:
        source = registry.open_source(kind, name, options, settings)
        typer.echo(source.check())
        source.close()
    with db.writing(engine) as session:
        save(session, name, address, kind, options, display_name, team, company)
    typer.echo(f"Mailbox {name} is added. {after}")


def save(
    session: Session,
    name: str,
    address: str,
    kind: MailboxKind,
    options: dict[str, Any],
    display_name: str,
    team: str | None,
    companies: list[str] | None,
) -> Mailbox:
    """Adds or changes the mailbox of this name; where it was read to is kept.

    `team` and `companies` take the place of those that it had; None leaves them. A mailbox that names no company serves
    all of them, those that are imported later as well. Raises `NotFound` for an unknown company.
    """
    mailbox = session.exec(select(Mailbox).where(Mailbox.name == name)).first()
    if mailbox is None:
        mailbox = Mailbox(name=name, address=address, kind=kind, options=options, created_at=db.now())
        team = team or _FIRST_TEAM
    mailbox.address, mailbox.kind, mailbox.options, mailbox.display_name = address, kind, options, display_name
    session.add(mailbox)
    session.flush()
    assert mailbox.id is not None
    if team is not None:
        _give_to(session, mailbox.id, team)
    if companies is not None:
        _serve(session, mailbox.id, companies)
    return mailbox


_FIRST_TEAM = "Debiteuren"


def _give_to(session: Session, mailbox_id: int, team: str) -> None:
    crew = session.exec(select(Team).where(Team.name == team)).first() or Team(name=team)
    session.add(crew)
    session.flush()
    session.exec(delete(MailboxTeam).where(col(MailboxTeam.mailbox_id) == mailbox_id))
    session.add(MailboxTeam(mailbox_id=mailbox_id, team_id=crew.id or 0))


def _serve(session: Session, mailbox_id: int, codes: list[str]) -> None:
    known = {row.code: row.id for row in session.exec(select(CompanyRow))}
    session.exec(delete(MailboxCompany).where(col(MailboxCompany.mailbox_id) == mailbox_id))
    for position, code in enumerate(dict.fromkeys(codes)):
        company_id = known.get(code)
        if company_id is None:
            raise NotFound(f"There is no own company {code}. Import its ledger first: inbox-agent ledger import DIR.")
        session.add(MailboxCompany(mailbox_id=mailbox_id, company_id=company_id, position=position))


def _check(name: str, address: str) -> None:
    """Raises `SettingsError` for a name or address that would fail only later, at the first reply."""
    if not re.fullmatch(r"[\w.-]{1,64}", name):
        raise SettingsError(
            "A mailbox's name has at most 64 letters, digits, dots and hyphens, for instance `debiteuren`."
        )
    if not re.fullmatch(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[^\s@<>]{1,255}", address):
        raise SettingsError(f"{address!r} is no mail address. Write it as in `debiteuren@firma.example`.")


@app.command("list")
def list_() -> None:
    """List the mailboxes: how far they were read, and what is wrong with them."""
    with db.reading(bootstrap.open_database(load())) as session:
        for mailbox in session.exec(select(Mailbox).order_by(col(Mailbox.name))):
            polled = f"{mailbox.polled_at:%Y-%m-%d %H:%M} UTC" if mailbox.polled_at else "never"
            state = mailbox.problem or ("ready" if mailbox.active else "paused")
            typer.echo(
                f"{mailbox.name}  {mailbox.address}  {mailbox.kind}  fetched {mailbox.fetched_count}  last read {polled}  {state}"
            )


@app.command()
def check(
    name: Annotated[str, typer.Argument(help="Name of the mailbox.")],
    dry_run_write: Annotated[
        bool, typer.Option("--dry-run-write", help="Microsoft 365: make a draft and take it away again.")
    ] = False,
) -> None:
    """Sign in, look at the folders, say what somebody has to do. Changes nothing; ends with 2 where somebody has to act."""
    settings = load()
    engine = bootstrap.open_database(settings)
    with db.reading(engine) as session:
        mailbox = _named(session, name)
    memory = MailboxMemory(engine, mailbox.id or 0)
    refused = False
    for finding in registry.examine(mailbox.kind, mailbox.name, mailbox.options, settings, memory, write=dry_run_write):
        refused = refused or finding.fine is False
        typer.echo(f"{_MARKS[finding.fine]} {finding.sentence}")
    if refused:
        raise typer.Exit(2)


_MARKS = {True: "ok  ", False: "ACT ", None: "note"}


@app.command()
def pause(
    name: Annotated[str, typer.Argument(help="Name of the mailbox.")],
    resume: Annotated[bool, typer.Option(help="Work it again.")] = False,
) -> None:
    """Stop taking in mail of a mailbox; what is there stays. A running worker follows at its next look."""
    with db.writing(bootstrap.open_database(load())) as session:
        _named(session, name).active = resume
    typer.echo(f"Mailbox {name} is {'worked again' if resume else 'paused'}.")


def _named(session: Session, name: str) -> Mailbox:
    mailbox = session.exec(select(Mailbox).where(Mailbox.name == name)).first()
    if mailbox is None:
        raise NotFound(f"There is no mailbox {name}. `inbox-agent mailbox list` names them.")
    return mailbox
