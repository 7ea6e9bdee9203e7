"""Every error that a person may see. One class per cause; its sentence says what happened and what to do next.

InboxAgentError                      status 500, exit code 2
├── SettingsError                    a setting is missing or wrong
├── DatabaseError                    unreachable, locked, or disk full                 503
├── LedgerError                      an export that cannot be read, or refused rows     422
├── MailboxError                     a mailbox that cannot be used                      502
│   ├── MailboxUnreachable           host, port, DNS, time-out
│   ├── MailboxSignInRefused         wrong password or missing credentials
│   ├── MailboxCertificateRefused    expired or untrusted certificate
│   ├── MailboxFolderMissing         the folder is not there
│   ├── MailboxFolderRefused         the folder is there, but not for this account
│   ├── ReplyRefused                 the server said no before it took the reply
│   └── ReplyUncertain               nobody knows whether the reply left
├── ModelError                       a model that cannot be prepared or loaded          503
├── CorpusError                      labelled mail that cannot be read                  422
├── NotFound                         the row is not there, or not for this controller   404
├── NotAllowed                       signed in, but not entitled                        403
└── Conflict                         somebody else decided first; reload                409
"""


class InboxAgentError(Exception):
    """Base of the tree. `status` is the HTTP status; `sentence` is shown to a person as it is."""

    status = 500
    exit_code = 2

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class SettingsError(InboxAgentError):
    """A setting is missing or wrong."""


class DatabaseError(InboxAgentError):
    """The database cannot be reached, is locked, or the disk is full."""

    status = 503


class LedgerError(InboxAgentError):
    """An ERP export that cannot be read, or rows of it that were refused."""

    status = 422


class MailboxError(InboxAgentError):
    """A mailbox that cannot be used right now; the worker goes on with the others."""

    status = 502


class MailboxUnreachable(MailboxError):
    """Host, port, name resolution or time-out."""


class MailboxSignInRefused(MailboxError):
    """The server refused the credentials, or there are none."""


class MailboxCertificateRefused(MailboxError):
    """The server's certificate is expired, for another host, or from an unknown authority."""


class MailboxFolderMissing(MailboxError):
    """The configured folder does not exist."""


class MailboxFolderRefused(MailboxError):
    """The server does not let one folder be read or written; others may still be."""


class ReplyRefused(MailboxError):
    """The server refused the reply before it accepted any of it: it certainly did not leave."""


class ReplyUncertain(MailboxError):
    """The connection broke after the reply was handed over: it may or may not have left."""


class ModelError(InboxAgentError):
    """A model that cannot be prepared or loaded."""

    status = 503


class CorpusError(InboxAgentError):
    """Labelled mail that cannot be read: which file, line and field."""

    status = 422


class NotFound(InboxAgentError):
    """The thing is not there, or not for this controller."""

    status = 404


class NotAllowed(InboxAgentError):
    """Signed in, but not entitled to this."""

    status = 403


class Conflict(InboxAgentError):
    """Somebody else decided first, or the page was out of date."""

    status = 409
