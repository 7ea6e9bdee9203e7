"""What went wrong with a mail server, as one sentence that says what to do. Network and protocol exceptions end here."""

import imaplib
import re
import smtplib
import socket
import ssl

from imapclient.exceptions import LoginError, ProtocolError

from inbox_agent.domain.errors import (
    MailboxCertificateRefused,
    MailboxError,
    MailboxFolderMissing,
    MailboxFolderRefused,
    MailboxUnreachable,
)
from inbox_agent.mailbox.server import Server
from inbox_agent.mailbox.sign_in_refusal import NOT_CONNECTED, sign_in_refused

NETWORK = (OSError, imaplib.IMAP4.error, smtplib.SMTPException, EOFError)
"""Everything that a conversation with a mail server may raise (`socket`, `ssl` and time-outs are `OSError`)."""

_LOST = (
    imaplib.IMAP4.abort,
    smtplib.SMTPServerDisconnected,
    ssl.SSLEOFError,
    ssl.SSLZeroReturnError,
    EOFError,
    ConnectionError,
)

_EXPIRED, _NOT_YET, _SELF_SIGNED, _SELF_SIGNED_CHAIN, _NO_ISSUER, _NO_ISSUER_AT_ALL = 10, 9, 18, 19, 20, 21
_WRONG_NAME, _WRONG_ADDRESS = 62, 64
"""OpenSSL's X509_V_ERR_* numbers, as in `ssl.SSLCertVerificationError.verify_code`."""

_UNAVAILABLE = re.compile(r"\[(UNAVAILABLE|INUSE|SERVERBUG|LIMIT)\]", re.IGNORECASE)
"""RFC 5530: the server is not well; it does not say that the password is wrong."""

_MOST_WORDS = 300
"""Characters of a server's own words that a sentence repeats."""


def explain(error: Exception, server: Server) -> MailboxError:
    """The `MailboxError` with its sentence for any of `NETWORK`; one that is a `MailboxError` already stays as it is."""
    if isinstance(error, MailboxError):
        return error
    if isinstance(error, ssl.SSLCertVerificationError):
        return _certificate(error, server)
    if isinstance(error, smtplib.SMTPAuthenticationError):
        words = _text(error.smtp_error)
        return sign_in_refused(words, server) if is_refusal(error) else _unavailable(words, server)
    if isinstance(error, LoginError):
        if isinstance(error.__context__, imaplib.IMAP4.abort):
            return _lost(server)
        return sign_in_refused(str(error), server) if is_refusal(error) else _unavailable(str(error), server)
    if isinstance(error, imaplib.IMAP4.error) and NOT_CONNECTED in str(error):
        return sign_in_refused(str(error), server)
    if isinstance(error, ProtocolError):
        # Its message quotes the answer, and with it a mail.
        return MailboxUnreachable(
            f"The {server} answered something that is no IMAP (mailbox {server.mailbox}). "
            "It is tried again; ask its administrator when it stays so."
        )
    if isinstance(error, _LOST):
        return _refused_connection(server) if isinstance(error, ConnectionRefusedError) else _lost(server)
    if isinstance(error, TimeoutError):
        return MailboxUnreachable(
            f"The {server} (port {server.port}) of mailbox {server.mailbox} did not answer in time. "
            "Check host, port and firewall; it is tried again."
        )
    if isinstance(error, socket.gaierror):
        return MailboxUnreachable(
            f"There is no host {server.host} (mailbox {server.mailbox}). Check the spelling of the host and the name server."
        )
    if isinstance(error, ssl.SSLError):
        return MailboxUnreachable(
            f"The {server} does not speak TLS on port {server.port} (mailbox {server.mailbox}). "
            "Check port and security: `implicit` is usual on 993 and 465, `starttls` on 143 and 587."
        )
    if isinstance(error, smtplib.SMTPResponseException):
        return _unavailable(f"{error.smtp_code} {_text(error.smtp_error)}", server)
    if isinstance(error, OSError) and not isinstance(error, smtplib.SMTPException):
        return MailboxUnreachable(
            f"The {server} (port {server.port}) of mailbox {server.mailbox} cannot be reached "
            f"({error.strerror or error}). Check host, port and network."
        )
    return _unavailable(str(error), server)


def is_refusal(error: Exception) -> bool:
    """Whether the server said that this user, password or token does not let in; False when it merely is not well."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return not 400 <= error.smtp_code < 500
    if isinstance(error, LoginError):
        return not isinstance(error.__context__, imaplib.IMAP4.abort) and not _UNAVAILABLE.search(str(error))
    return False


def cause(error: BaseException) -> Exception:
    """What the socket or TLS raised below an HTTP client's own exception; else a plain lost connection."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        one = waiting.pop(0)
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, (ssl.SSLError, socket.gaierror, ConnectionError, TimeoutError)):
            return one
        # urllib3 keeps the cause in its arguments and in `reason`.
        waiting += [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]
    if "timeout" in type(error).__name__.lower():
        return TimeoutError()
    return ConnectionResetError()


def no_encryption(server: Server) -> MailboxError:
    """STARTTLS was asked for and the server does not offer it."""
    return MailboxUnreachable(
        f"The {server} offers no STARTTLS on port {server.port} (mailbox {server.mailbox}), and nothing is sent unencrypted. "
        "Set security to `implicit` with the port for it (993, 465), or ask the administrator."
    )


def folder_missing(folder: str, there: list[str], server: Server) -> MailboxFolderMissing:
    """The configured folder is not among `there`, which the sentence lists (the first twenty)."""
    listed = ", ".join(sorted(there)[:20]) + (", …" if len(there) > 20 else "") or "–"
    return MailboxFolderMissing(
        f"There is no folder {folder} in mailbox {server.mailbox} on {server.host}. "
        f"There are: {listed}. Correct the option folders or sent_folder."
    )


def folder_refused(folder: str, words: str, server: Server) -> MailboxFolderRefused:
    """The folder is there, but the server does not let it be read or written; `words` are its reason."""
    return MailboxFolderRefused(
        f"The {server} refuses the folder {folder} of mailbox {server.mailbox}: {_text(words)[:_MOST_WORDS].rstrip('.')}. "
        "Give its account the rights to that folder, or take it out of the options."
    )


def _certificate(error: ssl.SSLCertVerificationError, server: Server) -> MailboxError:
    code, mailbox = error.verify_code, server.mailbox
    if code == _EXPIRED:
        return MailboxCertificateRefused(
            f"The certificate of the {server} (mailbox {mailbox}) has expired. Have it renewed by the server's administrator."
        )
    if code == _NOT_YET:
        return MailboxCertificateRefused(
            f"The certificate of the {server} (mailbox {mailbox}) is not valid yet. Check the clock of this machine."
        )
    if code in (_WRONG_NAME, _WRONG_ADDRESS):
        return MailboxCertificateRefused(
            f"The certificate of the {server} (mailbox {mailbox}) is for another host name. "
            "Use the name that is in the certificate as host."
        )
    if code == _SELF_SIGNED:
        return MailboxCertificateRefused(
            f"The certificate of the {server} (mailbox {mailbox}) is self-signed. "
            "If it is meant to be, put it in a file and name that in the option ca_file."
        )
    if code in (_SELF_SIGNED_CHAIN, _NO_ISSUER, _NO_ISSUER_AT_ALL):
        return MailboxCertificateRefused(
            f"The certificate of the {server} (mailbox {mailbox}) comes from an unknown authority. "
            "If it is your own, name its certificate file in the option ca_file."
        )
    return MailboxCertificateRefused(
        f"The certificate of the {server} (mailbox {mailbox}) is not accepted ({error.verify_message}). "
        "Ask the server's administrator."
    )


def _refused_connection(server: Server) -> MailboxError:
    return MailboxUnreachable(
        f"Nothing listens on port {server.port} of {server.host} (mailbox {server.mailbox}). "
        f"Check host and port, and whether the {server.title} runs."
    )


def _lost(server: Server) -> MailboxError:
    return MailboxUnreachable(
        f"The connection with the {server} (mailbox {server.mailbox}) was lost. It is made again at the next attempt."
    )


def _unavailable(words: str, server: Server) -> MailboxError:
    return MailboxUnreachable(
        f"The {server} refused to go on with mailbox {server.mailbox}: {words.strip()[:_MOST_WORDS].rstrip('.')}. "
        "It is tried again; ask its administrator when it stays so."
    )


def _text(answer: bytes | str) -> str:
    """A server's words in one line."""
    words = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return " ".join(words.split())
