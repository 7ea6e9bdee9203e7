"""Why Google refused a sign-in, told from its error (RFC 6749, 5.2), and what a person has to do."""

from collections.abc import Mapping
from typing import Any

from inbox_agent.domain.errors import MailboxSignInRefused

SENTENCES: Mapping[str, str] = {
    "invalid_grant": (
        "Google ended the sign-in of mailbox {mailbox}: it was revoked, the password was changed, or the application is still in "
        "testing, where it ends after seven days. Sign in again: inbox-agent mailbox sign-in {mailbox}"
    ),
    "invalid_client": (
        "Google refused the client secret of mailbox {mailbox}. Check the option oauth.client_id and the secret that oauth.secret "
        "points to."
    ),
    "deleted_client": (
        "The application of mailbox {mailbox} was deleted at Google. Make a new one of the type Desktop app, and correct "
        "oauth.client_id and oauth.secret."
    ),
    "unauthorized_client": (
        "The service account of mailbox {mailbox} may not act for this domain. Have an administrator of Google Workspace add its "
        "client id under Domain-wide delegation, with the scope https://mail.google.com/."
    ),
    "access_denied": (
        "The sign-in for mailbox {mailbox} was declined in the browser. Start it again: inbox-agent mailbox sign-in {mailbox}"
    ),
    "admin_policy_enforced": (
        "A rule of Google Workspace does not let the application of mailbox {mailbox} in. Have an administrator allow it under API "
        "controls."
    ),
}
"""What each error asks of a person."""

_MOST_WORDS = 300


def refusal(answer: Mapping[str, Any], mailbox: str) -> MailboxSignInRefused:
    """The error for an answer of the token endpoint."""
    name = str(answer.get("error", ""))
    if sentence := SENTENCES.get(name):
        return MailboxSignInRefused(sentence.format(mailbox=mailbox))
    words = " ".join(f"{name} {answer.get('error_description', '')}".split())[:_MOST_WORDS].rstrip(". ")
    return MailboxSignInRefused(
        f"Google refused the sign-in of mailbox {mailbox} ({words or 'no reason given'}). "
        "Show this to the administrator of Google Workspace."
    )
