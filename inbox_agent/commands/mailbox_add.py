"""`inbox-agent mailbox add`: a mailbox, wherever it is; `mailbox set`: how it is worked."""

from pathlib import Path
from typing import Annotated, Any

import typer

from inbox_agent import bootstrap, db
from inbox_agent.commands import mailbox_flags as flags
from inbox_agent.commands.mailbox_options import OAuthGiven, Security, ServerGiven, graph_options, imap_options
from inbox_agent.commands.mailbox_saving import check_names, named, save
from inbox_agent.domain.errors import SettingsError
from inbox_agent.mailbox import registry
from inbox_agent.mailbox.imap_options import Auth
from inbox_agent.records.mailbox import MailboxKind
from inbox_agent.settings import load


def add(
    name: Annotated[str, typer.Argument(help="Short name, for instance `debiteuren`.")],
    address: Annotated[str, typer.Option(help="The mailbox's own e-mail address; replies come from it.")],
    host: Annotated[str | None, typer.Option(help="IMAP server.")] = None,
    user: Annotated[str | None, typer.Option(help="User name; default: the address.")] = None,
    password: Annotated[
        str,
        typer.Option(help="Where the password is kept: `env:NAME`, `file:KEY` or `keyring:NAME`. Never itself."),
    ] = "",
    port: Annotated[int | None, typer.Option(help="IMAP port; default 993, or 143 with starttls.")] = None,
    security: Annotated[Security, typer.Option(help="How the IMAP connection is protected.")] = Security.IMPLICIT,
    auth: Annotated[Auth, typer.Option(help="How IMAP and SMTP are signed in to.")] = Auth.PASSWORD,
    sent_folder: Annotated[str, typer.Option(help="IMAP folder for sent mail; default: as the server says.")] = "",
    ca_file: Annotated[Path | None, typer.Option(help="Certificate authority of your own servers.")] = None,
    smtp_host: Annotated[str | None, typer.Option(help="SMTP server; default: the IMAP host.")] = None,
    smtp_port: Annotated[int | None, typer.Option(help="SMTP port; default 587, or 465 with implicit TLS.")] = None,
    smtp_security: Annotated[Security, typer.Option(help="How the SMTP connection is protected.")] = Security.STARTTLS,
    smtp_user: Annotated[str | None, typer.Option(help="SMTP user; default: as for IMAP. Empty: no sign-in.")] = None,
    path: Annotated[Path | None, typer.Option(help="A folder of .eml files instead of an IMAP server.")] = None,
    graph: Annotated[bool, typer.Option("--graph", help="A mailbox of Microsoft 365 (docs/microsoft365.md).")] = False,
    tenant: Annotated[str, typer.Option(help="Microsoft: the directory's id, or a domain of yours.")] = "",
    client_id: Annotated[str, typer.Option(help="Microsoft and Google: the application's id.")] = "",
    secret: Annotated[
        str, typer.Option(help="Where the application's secret is kept: `env:NAME`, `file:KEY`, `keyring:NAME`.")
    ] = "",
    certificate: Annotated[
        Path | None, typer.Option(help="Instead of a secret: PEM file with the application's certificate and key.")
    ] = None,
    secret_expires_on: Annotated[str, typer.Option(help="Day on which the secret ends; it is warned of before.")] = "",
    service_account: Annotated[Path | None, typer.Option(help="Google: key file of a service account.")] = None,
    account: Annotated[str, typer.Option(help="Microsoft: who signs in by code; nobody else may.")] = "",
    refresh_token: Annotated[
        str, typer.Option(help="Google: where a refresh token is kept. Default: a person signs in.")
    ] = "",
    authority: Annotated[str, typer.Option(help="Sign-in server of another cloud.")] = "",
    base_url: Annotated[str, typer.Option(help="Microsoft Graph of another cloud.")] = "",
    display_name: flags.DisplayName = None,
    team: flags.Teams = None,
    company: flags.Companies = None,
    folder: flags.Folders = None,
    start_on: flags.StartOn = None,
    read_sent: flags.ReadSent = None,
    marking: flags.MarkingFlag = None,
    language: flags.LanguageFlag = None,
    signature_file: flags.SignatureFile = None,
    check: Annotated[bool, typer.Option(help="Sign in once before saving.")] = True,
) -> None:
    """Add a mailbox, or give the one of this name another way in. Credentials stay in the environment or a secrets file."""
    settings = load()
    check_names(name, address)
    shared = flags.Shared(display_name, team, company, folder, start_on, read_sent, marking, language, signature_file)
    oauth = OAuthGiven(
        tenant=tenant,
        client_id=client_id,
        secret=secret,
        certificate=certificate,
        secret_expires_on=secret_expires_on,
        service_account=service_account,
        account=account,
        refresh_token=refresh_token,
        authority=authority,
        ca_file=ca_file,
    )
    options: dict[str, Any]
    if path is not None:
        kind, options = MailboxKind.FOLDER, {"path": str(path.absolute())}
    elif graph:
        kind, options = MailboxKind.GRAPH, graph_options(address, oauth, base_url, ca_file)
    elif host is None:
        raise SettingsError(
            "Say where the mailbox is: --host SERVER for IMAP, --graph for Microsoft 365, or --path FOLDER for a folder of "
            ".eml files."
        )
    else:
        kind = MailboxKind.IMAP
        imap = ServerGiven(host, port, security, user)
        smtp = ServerGiven(smtp_host, smtp_port, smtp_security, smtp_user)
        options = imap_options(name, address, imap, smtp, password, auth, oauth, sent_folder, ca_file)
    options |= shared.options()
    given = shared.given()
    registry.validate(kind, options)
    engine = bootstrap.open_database(settings)
    needs_person = "oauth" in options and oauth.needs_person(Auth.MICROSOFT if graph else auth)
    if check and not needs_person:
        source = registry.open_source(kind, name, options, settings)
        typer.echo(source.check())
        source.close()
    with db.writing(engine) as session:
        save(session, name, address, kind, options, given)
    after = f"Sign in for it now: inbox-agent mailbox sign-in {name}" if needs_person else _SOON
    typer.echo(f"Mailbox {name} is added. {after}")


_SOON = "A running worker opens it within ten seconds."


def set_(
    name: Annotated[str, typer.Argument(help="Name of the mailbox.")],
    display_name: flags.DisplayName = None,
    team: flags.Teams = None,
    company: flags.Companies = None,
    folder: flags.Folders = None,
    start_on: flags.StartOn = None,
    read_sent: flags.ReadSent = None,
    marking: flags.MarkingFlag = None,
    language: flags.LanguageFlag = None,
    signature_file: flags.SignatureFile = None,
) -> None:
    """Change how a mailbox is worked; what is not named stays. A running worker follows at its next look."""
    shared = flags.Shared(display_name, team, company, folder, start_on, read_sent, marking, language, signature_file)
    given = shared.given()
    with db.writing(bootstrap.open_database(load())) as session:
        mailbox = named(session, name)
        options = {**mailbox.options, **shared.options()}
        if "folders" in shared.options():
            options.pop("folder", None)
        registry.validate(mailbox.kind, options)
        save(session, name, mailbox.address, mailbox.kind, options, given)
    typer.echo(f"Mailbox {name} is changed.")
