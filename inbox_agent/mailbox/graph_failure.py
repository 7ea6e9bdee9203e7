"""What Microsoft Graph answers when it refuses, as one sentence that says what to do. No token and no mail is quoted."""

import json
from dataclasses import dataclass

from inbox_agent.domain.errors import MailboxError

_MOST_WORDS = 300
"""Characters of the service's own words that a sentence repeats."""

_GUIDE = "docs/microsoft365.md says how"

_NOT_ALLOWED = (
    "Microsoft 365 does not let the application open mailbox {mailbox}. An administrator must grant it access to this mailbox "
    f"({_GUIDE}); a change takes up to two hours to work."
)
_NOT_THERE = "Microsoft 365 knows no mailbox {mailbox}. Check the option mailbox; it must be the address of a mailbox in Exchange Online."
_FULL = "Mailbox {mailbox} is full, so Microsoft 365 takes nothing more into it. Make room or have its quota raised."

_SENTENCES: dict[str, str] = {
    "erroraccessdenied": _NOT_ALLOWED,
    "accessdenied": _NOT_ALLOWED,
    "authorization_requestdenied": _NOT_ALLOWED,
    "mailboxnotenabledforrestapi": (
        "Mailbox {mailbox} cannot be reached through Microsoft Graph: it lies on a server of your own, has no licence, or is "
        "switched off. Ask the Exchange administrator to move it to Exchange Online or to switch it on."
    ),
    "errorinvaliduser": _NOT_THERE,
    "errornonexistentmailbox": _NOT_THERE,
    "request_resourcenotfound": _NOT_THERE,
    "resourcenotfound": _NOT_THERE,
    "errorsendasdenied": (
        "Microsoft 365 does not let the application send as {mailbox}. An administrator must grant Send As on this mailbox to the "
        f"account that signed in, or the application role Mail.Send ({_GUIDE})."
    ),
    "errorsendonbehalfdenied": (
        "Microsoft 365 lets the account send neither as {mailbox} nor on its behalf. An administrator must grant Send As on this "
        f"mailbox ({_GUIDE})."
    ),
    "errorquotaexceeded": _FULL,
    "errormailboxstoreunavailable": (
        "The store of mailbox {mailbox} is being moved or repaired by Microsoft 365. It is tried again by itself."
    ),
    "errormessagesizeexceeded": (
        "The message is larger than Microsoft 365 allows for mailbox {mailbox}. Leave an attachment out or have the limit raised."
    ),
    "errorsubmissionquotaexceeded": (
        "Mailbox {mailbox} has sent as many mails as Microsoft 365 allows it in a day. Send it again tomorrow, or ask the "
        "administrator."
    ),
    "errorexceededmessagelimit": (
        "Mailbox {mailbox} has sent as many mails as Microsoft 365 allows it in a day. Send it again tomorrow, or ask the "
        "administrator."
    ),
    "errorinvalidrecipients": (
        "Microsoft 365 takes one of the reply's addresses for none. Correct the addresses and approve it again."
    ),
    "errorinternalservertransienterror": (
        "Microsoft 365 has trouble with mailbox {mailbox} at the moment. It is tried again by itself."
    ),
}
"""By the code in lower case: https://learn.microsoft.com/graph/errors and the Exchange codes that Graph passes on."""

_POLICY = (
    "An application access policy of Exchange Online keeps the application out of mailbox {mailbox}. An administrator must add "
    f"the mailbox to the policy's group ({_GUIDE}); a change takes about an hour to work."
)

_POLICY_WORDS = ("access to odata is disabled", "accesspolicy")
"""How such a policy answers: https://learn.microsoft.com/graph/auth-limit-mailbox-access"""


class GraphRefusal(MailboxError):
    """The service answered, and the answer was no. `http_status` and `code` are the service's."""

    def __init__(self, sentence: str, http_status: int, code: str = "") -> None:
        super().__init__(sentence)
        self.http_status = http_status
        self.code = code

    @property
    def is_gone(self) -> bool:
        """Whether the thing that was asked for is not there (any more), the mailbox itself being fine."""
        return self.http_status == 404 and self.code.lower() in ("", "erroritemnotfound", "errorfoldernotfound")


@dataclass(frozen=True, slots=True)
class Problem:
    """The `error` object of an answer: https://learn.microsoft.com/graph/errors"""

    code: str = ""
    message: str = ""

    @classmethod
    def of(cls, body: bytes) -> "Problem":
        """From the body, whatever it is."""
        try:
            error = json.loads(body)["error"]
            return cls(str(error.get("code", ""))[:100], " ".join(str(error.get("message", "")).split()))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return cls()


def refusal(status: int, body: bytes, mailbox: str) -> GraphRefusal:
    """The error for an answer with this status (400 and above)."""
    problem = Problem.of(body)
    known = _SENTENCES.get(problem.code.lower())
    if any(words in problem.message.lower() for words in _POLICY_WORDS):
        known = _POLICY
    if known is None and status == 403:
        known = _NOT_ALLOWED
    words = problem.message or problem.code or f"status {status}"
    sentence = (
        known.format(mailbox=mailbox)
        if known
        else f"Microsoft 365 refused a request for mailbox {mailbox}: {words[:_MOST_WORDS].rstrip('.')}. "
        "Run `inbox-agent mailbox check` for this mailbox, and ask its administrator when it stays so."
    )
    return GraphRefusal(sentence, status, problem.code)
