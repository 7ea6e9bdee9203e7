"""Who a reply goes to, in a table: (from, reply-to, automatic) -> addresses, or the words of the refusal."""

import pytest
from factories.mails import a_mail

from inbox_agent.domain.errors import NotAllowed
from inbox_agent.domain.mail import Address, Automatic
from inbox_agent.review.recipients import is_nobody, recipients

OWN = "Debiteuren@halvermaan.example"


@pytest.mark.parametrize(
    ("sender", "reply_to", "expected"),
    [
        ("jan@boer.example", (), ("jan@boer.example",)),
        ("robot@boer.example", ("ap@boer.example", "jan@boer.example"), ("ap@boer.example", "jan@boer.example")),
        ("Jan@Boer.example", ("jan@boer.example", "JAN@boer.example"), ("JAN@boer.example",)),
        ("jan@boer.example", ("debiteuren@halvermaan.example", "jan@boer.example"), ("jan@boer.example",)),
        ("no-reply@boer.example", ("ap@boer.example",), ("ap@boer.example",)),
    ],
)
def test_addresses(sender: str, reply_to: tuple[str, ...], expected: tuple[str, ...]) -> None:
    mail = a_mail(sender=Address(sender), reply_to=tuple(Address(one) for one in reply_to))
    assert recipients(mail, OWN) == expected


@pytest.mark.parametrize(
    ("sender", "reply_to", "words"),
    [
        ("debiteuren@halvermaan.example", (), "this mailbox itself"),
        ("", (), "no address"),
        ("jan@boer", (), "no address"),
        ("jan@boer.example\r\nBcc: all@x.example", (), "no address"),
        ("jän@boer.example", (), "no address"),
        ("noreply@boer.example", (), "no-reply address"),
        ("jan@boer.example", tuple(f"a{n}@boer.example" for n in range(11)), "at most 10"),
    ],
)
def test_refusals(sender: str, reply_to: tuple[str, ...], words: str) -> None:
    mail = a_mail(sender=Address(sender), reply_to=tuple(Address(one) for one in reply_to))
    with pytest.raises(NotAllowed, match=words):
        recipients(mail, OWN)


@pytest.mark.parametrize("automatic", list(Automatic))
def test_automatic_mail_never_gets_a_reply(automatic: Automatic) -> None:
    with pytest.raises(NotAllowed, match="automatically"):
        recipients(a_mail(automatic=automatic), OWN)


@pytest.mark.parametrize(
    ("email", "nobody"),
    [
        ("no-reply@x.example", True),
        ("NoReply@x.example", True),
        ("do_not_reply@x.example", True),
        ("ne-pas-repondre@x.example", True),
        ("ar.noreply@x.example", True),
        ("no-reply-billing@x.example", True),
        ("bounces+17@x.example", True),
        ("MAILER-DAEMON@x.example", True),
        ("jan.noordhof@x.example", False),
        ("reply@x.example", False),
        ("facturen@x.example", False),
    ],
)
def test_addresses_that_nobody_reads(email: str, nobody: bool) -> None:
    assert is_nobody(email) is nobody
