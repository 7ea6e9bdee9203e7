"""The SASL mechanism XOAUTH2: https://developers.google.com/workspace/gmail/imap/xoauth2-protocol; Microsoft's is the same.

A server that refuses a token first sends why, as JSON, and waits for an empty answer before it says no.
"""

from collections.abc import Callable

from inbox_agent.mailbox.oauth import TokenSource


def initial_response(user: str, token: str) -> bytes:
    """What the client says first, not yet in base64. `user` is the mailbox that is opened, also where the token is another's."""
    return f"user={user}\x01auth=Bearer {token}\x01\x01".encode()


def with_token(tokens: TokenSource, attempt: Callable[[str], None], is_refusal: Callable[[Exception], bool]) -> None:
    """Has `attempt` try the present token, and once a new one when that was refused: it may have been revoked early."""
    try:
        attempt(tokens.token())
    except Exception as error:
        if not is_refusal(error):
            raise
        attempt(tokens.token(force=True))
