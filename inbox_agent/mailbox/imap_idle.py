"""Waiting for mail in the open folder of an IMAP server: IDLE (RFC 2177), renewed while it lasts."""

import imaplib
import time
from threading import Event
from typing import Any

from imapclient import IMAPClient

_RENEWED = 9 * 60.0
"""Seconds; RFC 2177 says under 29 minutes, but routers forget quiet connections sooner."""
_STOP_LOOK = 0.5


class IdleRefused(Exception):
    """The server offers IDLE, but answers no to it."""


def idle(client: IMAPClient, deadline: float, stop: Event) -> None:
    """Returns when mail came, at `deadline` (monotonic seconds), or soon after `stop` is set. The connection's end is raised.

    Raises `IdleRefused` when the server does not want to.
    """
    while not stop.is_set() and time.monotonic() < deadline:
        try:
            client.idle()
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            # News before the "+" is legal and means that something happened; anything else is a refusal.
            if "* " in str(error):
                raise
            raise IdleRefused(str(error)) from error
        if _round(client, min(deadline, time.monotonic() + _RENEWED), stop):
            return


def _round(client: IMAPClient, until: float, stop: Event) -> bool:
    """One IDLE from "+" to DONE. Whether mail came."""
    arrived = False
    while not arrived and not stop.is_set() and (left := until - time.monotonic()) > 0:
        asked_at = time.monotonic()
        news = client.idle_check(timeout=min(_STOP_LOOK, left))
        arrived = any(map(_is_arrival, news))
        if not news and time.monotonic() - asked_at < min(_STOP_LOOK, left) / 2:
            break  # readable, yet nothing to read: the end of the connection, which DONE then meets
    _, late = client.idle_done()
    return arrived or any(map(_is_arrival, late))


def _is_arrival(news: tuple[Any, ...]) -> bool:
    """Whether an IDLE line such as (3, b"EXISTS") tells of mail; flags, expunges and "still here" do not."""
    if news[0] == b"BYE":
        raise imaplib.IMAP4.abort("the server said goodbye")
    return len(news) > 1 and news[1] in (b"EXISTS", b"RECENT")
