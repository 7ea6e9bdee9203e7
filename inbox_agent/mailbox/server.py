"""The server that a sentence about a failure speaks of."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Server:
    """What a sentence says about a server. `title` is "mail server", "outgoing mail server" or "sign-in server".

    `mailbox` is the mailbox's name; `password_from` is the reference to its password (`env:…`), never the password.
    `with_tokens`: it is signed in to with tokens instead.
    """

    title: str
    host: str
    port: int
    mailbox: str
    user: str = ""
    password_from: str = ""
    with_tokens: bool = False

    def __str__(self) -> str:
        return f"{self.title} {self.host}"
