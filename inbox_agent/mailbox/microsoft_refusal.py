"""Why Microsoft refused a sign-in, told from its error code, and what a person has to do.

The codes are those of https://learn.microsoft.com/entra/identity-platform/reference-error-codes.
"""

import re
from collections.abc import Mapping
from typing import Any

from inbox_agent.domain.errors import MailboxError, MailboxSignInRefused, MailboxUnreachable

SENTENCES: Mapping[str, str] = {
    "AADSTS7000215": (
        "Microsoft refused the client secret of mailbox {mailbox} ({code}). Give the secret's value, not its id, as it was "
        "shown when it was made; or make a new one in the app registration."
    ),
    "AADSTS7000222": (
        "The client secret of mailbox {mailbox} has expired ({code}). Make a new one in the app registration at Microsoft, "
        "put its value where the old one is kept, and start the worker again."
    ),
    "AADSTS700027": (
        "Microsoft refused the certificate of mailbox {mailbox} ({code}): it has expired, or is not the one in the app "
        "registration. Upload the present one there, under Certificates & secrets."
    ),
    "AADSTS700016": (
        "Microsoft does not know the application of mailbox {mailbox} in this tenant ({code}). Check the options oauth.client_id "
        "and oauth.tenant."
    ),
    "AADSTS90002": (
        "Microsoft does not know the tenant of mailbox {mailbox} ({code}). Correct the option oauth.tenant: the directory's id, "
        "or a domain of yours."
    ),
    "AADSTS500011": (
        "The tenant of mailbox {mailbox} does not have the service that is asked for ({code}): Exchange Online is not set up "
        "there, or oauth.tenant is another organisation's. Check the option oauth.tenant."
    ),
    "AADSTS65001": (
        "Nobody has consented to what the application of mailbox {mailbox} asks for ({code}). Have an administrator grant consent "
        "under API permissions of the app registration."
    ),
    "AADSTS50105": (
        "Whoever signed in for mailbox {mailbox} is not assigned to the application ({code}). Have an administrator assign that "
        "account under Enterprise applications."
    ),
    "AADSTS7000218": (
        "The application of mailbox {mailbox} may not be signed in to with a code ({code}). Switch on Allow public client flows "
        "in its app registration, or give it a secret or a certificate."
    ),
    "AADSTS700082": (
        "The sign-in of mailbox {mailbox} ended because it was not used for 90 days ({code}). Sign in again: "
        "inbox-agent mailbox sign-in {mailbox}"
    ),
    "AADSTS70008": (
        "The sign-in of mailbox {mailbox} has expired ({code}). Sign in again: inbox-agent mailbox sign-in {mailbox}"
    ),
    "AADSTS50173": (
        "The sign-in of mailbox {mailbox} was revoked, as by a new password ({code}). Sign in again: "
        "inbox-agent mailbox sign-in {mailbox}"
    ),
    "AADSTS50076": (
        "Microsoft asks for a second factor for mailbox {mailbox} ({code}). Sign in again, with it: "
        "inbox-agent mailbox sign-in {mailbox}"
    ),
    "AADSTS50079": (
        "Microsoft asks the account of mailbox {mailbox} to set up a second factor ({code}). Set it up, then sign in again: "
        "inbox-agent mailbox sign-in {mailbox}"
    ),
    "AADSTS50078": (
        "The second factor of mailbox {mailbox} has to be shown again ({code}). Sign in again: inbox-agent mailbox sign-in {mailbox}"
    ),
    "AADSTS50057": (
        "The account that reads mailbox {mailbox} is disabled ({code}). Have an administrator enable it, or sign in with another: "
        "inbox-agent mailbox sign-in {mailbox}"
    ),
    "AADSTS50034": (
        "The account that reads mailbox {mailbox} does not exist in this tenant ({code}). Check the options oauth.account and "
        "oauth.tenant."
    ),
    "AADSTS53003": (
        "A rule of Conditional Access blocks the sign-in of mailbox {mailbox} ({code}). Have an administrator let this "
        "application through, or this machine's network."
    ),
    "AADSTS530036": (
        "A rule of Conditional Access forbids sign-in with a code for mailbox {mailbox} ({code}). Have an administrator allow "
        "the device code flow for it, or give the application a secret or a certificate."
    ),
    "authorization_declined": (
        "The sign-in for mailbox {mailbox} was declined in the browser. Start it again: inbox-agent mailbox sign-in {mailbox}"
    ),
    "expired_token": (
        "Nobody signed in for mailbox {mailbox} before the code ran out. Start it again: inbox-agent mailbox sign-in {mailbox}"
    ),
}
"""What each code asks of a person."""

_SAME = {"AADSTS900023": "AADSTS90002", "AADSTS70043": "AADSTS70008", "AADSTS50089": "AADSTS70008", "AADSTS50132": "AADSTS50173",
         "AADSTS50133": "AADSTS50173", "AADSTS70016": "expired_token", "AADSTS70019": "expired_token", "AADSTS70020": "expired_token",
         "code_expired": "expired_token", "authorization_pending": "expired_token", "access_denied": "authorization_declined",
         "AADSTS700030": "AADSTS700027", "AADSTS700024": "AADSTS700027", "AADSTS530035": "AADSTS53003",
         "AADSTS53000": "AADSTS53003", "AADSTS53001": "AADSTS53003"}  # fmt: skip
"""Codes that ask for the same of a person."""

_BUSY = {"temporarily_unavailable", "server_error", "AADSTS90033", "AADSTS50196", "AADSTS90006", "AADSTS90024"}
_CODE = re.compile(r"\bAADSTS\d{4,9}\b")
_MOST_WORDS = 300


def refusal(answer: Mapping[str, Any], mailbox: str) -> MailboxError:
    """The error for an answer of the token endpoint (RFC 6749, 5.2): `error`, `error_description`."""
    name, words = str(answer.get("error", "")), str(answer.get("error_description", ""))
    found = _CODE.search(words)
    for code in ((found[0],) if found else ()) + (name,):
        if code in _BUSY:
            return busy(mailbox)
        if sentence := SENTENCES.get(_SAME.get(code, code)):
            # The code that Microsoft gave is what an administrator looks up.
            return MailboxSignInRefused(sentence.format(mailbox=mailbox, code=code))
    first_line = " ".join(words.partition("Trace ID")[0].split())[:_MOST_WORDS].rstrip(". ")
    return MailboxSignInRefused(
        f"Microsoft refused the sign-in of mailbox {mailbox} ({first_line or name or 'no reason given'}). "
        "Show this to the administrator of Microsoft 365."
    )


def busy(mailbox: str) -> MailboxUnreachable:
    """The sign-in server is not well; the sign-in itself is not refused."""
    return MailboxUnreachable(
        f"Microsoft's sign-in does not work right now (mailbox {mailbox}). It is tried again; nothing has to be done."
    )
