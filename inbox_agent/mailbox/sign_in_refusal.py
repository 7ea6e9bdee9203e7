"""Why a mail server did not let a mailbox in, told from its words, and what a person has to do."""

import re

from inbox_agent.domain.errors import MailboxSignInRefused
from inbox_agent.mailbox.server import Server

NOT_CONNECTED = "User is authenticated but not connected"
"""Exchange Online: the token is right, and does not open this mailbox. It comes with the first command after the sign-in."""

_SMTP_OFF = re.compile(r"SmtpClientAuthentication is disabled", re.IGNORECASE)
"""Exchange Online, 535 5.7.139: https://aka.ms/smtp_auth_disabled."""
_NO_PASSWORDS = re.compile(r"basic authentication is disabled", re.IGNORECASE)
_APP_PASSWORD = re.compile(r"application-specific password", re.IGNORECASE)
"""Google, 534 5.7.9, and as an alert in IMAP: https://support.google.com/mail/?p=InvalidSecondFactor."""
_IMAP_OFF = re.compile(r"IMAP access is disabled|not enabled for IMAP", re.IGNORECASE)
_MICROSOFT = re.compile(r"(^|\.)(outlook|office365|office)\.(com|us|cn|de)$|^partner\.outlook\.cn$", re.IGNORECASE)


def sign_in_refused(words: str, server: Server) -> MailboxSignInRefused:
    """The sentence for a refused sign-in; `words` are the server's own."""
    mailbox, user = server.mailbox, server.user
    if _SMTP_OFF.search(words):
        return MailboxSignInRefused(
            f"Exchange Online does not let mailbox {mailbox} send by SMTP. Have an administrator run: "
            f"Set-CASMailbox -Identity {user} -SmtpClientAuthenticationDisabled $false"
        )
    if NOT_CONNECTED in words:
        return MailboxSignInRefused(
            f"Exchange Online accepted the sign-in of mailbox {mailbox}, but does not open {user} with it. Have an administrator "
            "give the application, or whoever signed in, full access to it (Add-MailboxPermission -AccessRights FullAccess) and "
            "switch IMAP on for it (Set-CASMailbox -ImapEnabled $true)."
        )
    if _APP_PASSWORD.search(words):
        return MailboxSignInRefused(
            f"Google takes no ordinary password for mailbox {mailbox}. Make an app password for {user}, or set the option auth to "
            "oauth_google."
        )
    if _IMAP_OFF.search(words):
        return MailboxSignInRefused(
            f"IMAP is switched off for mailbox {mailbox}. Have it switched on for {user} by the server's administrator."
        )
    if not server.with_tokens and (_NO_PASSWORDS.search(words) or _MICROSOFT.search(server.host)):
        return MailboxSignInRefused(
            f"Exchange Online refused the password of mailbox {mailbox}: it takes none any more, only tokens. Set the option auth "
            "to oauth_microsoft, or add the mailbox with the kind graph."
        )
    if not server.with_tokens:
        where = server.password_from or "the settings"
        return MailboxSignInRefused(
            f"The {server} refused the user name or password of mailbox {mailbox}. "
            f"Check the user name {user} and the password in {where}, and try again."
        )
    if _MICROSOFT.search(server.host):
        return MailboxSignInRefused(
            f"Exchange Online refused the token of mailbox {mailbox}, a new one too. Check that {user} is the mailbox's address; "
            "that an administrator consented to IMAP.AccessAsApp and SMTP.SendAsApp (for a person: IMAP.AccessAsUser.All and "
            "SMTP.Send); and that the application, or the person, has full access to the mailbox."
        )
    return MailboxSignInRefused(
        f"The {server} refused the token of mailbox {mailbox}, a new one too. Check that {user} is the mailbox's address, and that "
        "whoever signed in may open it."
    )


def no_tokens(server: Server) -> MailboxSignInRefused:
    """The server does not offer XOAUTH2."""
    return MailboxSignInRefused(
        f"The {server} offers no sign-in with tokens (XOAUTH2; mailbox {server.mailbox}). Check the host, or set the option auth "
        "to password."
    )
