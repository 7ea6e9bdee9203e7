"""What is written to an IMAP account: replies filed in Sent, and marks on the mails that were decided or answered."""

import imaplib
from collections.abc import Callable

import structlog
from imapclient import ANSWERED, SEEN

from inbox_agent.domain.errors import MailboxError, MailboxFolderRefused
from inbox_agent.mailbox import smtp
from inbox_agent.mailbox.imap_account import ImapAccount
from inbox_agent.mailbox.imap_connection import ImapConnection
from inbox_agent.mailbox.imap_position import Place
from inbox_agent.mailbox.imap_search import find_message
from inbox_agent.mailbox.options import Marking

HANDLED = "$InboxAgentHandled"
"""Keyword (RFC 3501, 2.3.2) of a mail that was decided."""

_MARKS = {Marking.LABEL: HANDLED.encode("ascii"), Marking.READ: SEEN, Marking.NONE: b""}

log = structlog.get_logger(__name__)


class ImapReplies:
    """For one thread at a time, as its connection."""

    def __init__(self, connection: ImapConnection, account: ImapAccount) -> None:
        self._connection = connection
        self._account = account
        self._settings = connection.settings

    def file(self, raw: bytes, message_id: str, answered: Callable[[], Place]) -> None:
        """Files a reply that left in Sent, unless the server did, and flags what it answers \\Answered, unless nothing is to
        be marked. Raises nothing, whatever happens: to raise would invite a second sending."""
        try:
            with self._connection.client() as client:
                folder = self._account.sent(client) or self._account.make_sent(client)
                self._account.open(client, folder)
                if not find_message(client, message_id):
                    client.append(folder, smtp.wire(raw), flags=(SEEN,))
            if self._settings.scope.marking is not Marking.NONE and (place := answered()).uid:
                self._flag(place, ANSWERED)
        except Exception as error:
            log.warning(
                "reply_not_filed",
                mailbox=self._settings.mailbox,
                message_id=message_id,
                reason=error.sentence if isinstance(error, MailboxError) else type(error).__name__,
                exc_info=error,
            )

    def has(self, message_id: str) -> bool:
        """Whether Sent holds a mail with this Message-ID (angle brackets or not)."""
        with self._connection.client() as client:
            folder = self._account.sent(client)
            if not folder:
                return False
            self._account.open(client, folder)
            return bool(find_message(client, message_id))

    def mark_handled(self, place: Place) -> None:
        """Marks it as the options say; nothing where the server keeps no such mark, or the mail is gone."""
        if place.uid and (mark := _MARKS[self._settings.scope.marking]):
            self._flag(place, mark)

    def _flag(self, place: Place, flag: bytes) -> None:
        try:
            with self._connection.client() as client:
                state = self._account.open(client, place.folder, readonly=False)
                kept = flag in state.permanent_flags or (b"\\*" in state.permanent_flags and not flag.startswith(b"\\"))
                if state.mark.uid_validity != place.validity or not kept:
                    return
                try:
                    client.add_flags([place.uid], [flag], silent=True)
                except imaplib.IMAP4.abort:
                    raise
                except imaplib.IMAP4.error as error:
                    log.debug("not_marked", mailbox=self._settings.mailbox, uid=place.uid, reason=str(error))
        except MailboxFolderRefused as error:
            log.debug("not_marked", mailbox=self._settings.mailbox, uid=place.uid, reason=error.sentence)
