"""Signs of the header: what fires, and near misses that must not."""

from datetime import UTC, date, datetime

import pytest

from inbox_agent.domain.danger import asks_for_a_call, failed_checks, named_accounts, sender_signs, trusted
from inbox_agent.domain.mail import Address, Authentication, Automatic, Mail
from inbox_agent.domain.recognition import Acquaintance, Alike


def a_mail(**fields: object) -> Mail:
    known: dict[str, object] = {"sender": Address("jan@boer.nl", "Jan de Boer")}
    return Mail(datetime(2026, 11, 24, tzinfo=UTC), date(2026, 11, 24), **(known | fields))  # type: ignore[arg-type]


def kinds(mail: Mail, about_accounts: bool = False, **known: object) -> list[str]:
    known = {"domains": ("boer.nl", "boer.com"), "own_domains": ("halvermaan.nl",), "freemail": ("gmail.com",)} | known
    return [sign.kind.value for sign in sender_signs(mail, Acquaintance(**known), "", about_accounts)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("sender", "reply_to", "expected"),
    [
        ("jan@boer.nl", "ceo@betalingen.example", ["reply_elsewhere"]),
        ("jan@boer.nl", "jan.boer@gmail.com", ["reply_elsewhere"]),
        ("jan@gmail.com", "jan2@gmail.com", ["reply_elsewhere"]),
        ("jan@gmail.com", "jan@gmail.com", []),
        ("jan@boer.nl", "facturen@boer.nl", []),
        ("jan@mail.boer.nl", "jan@boer.nl", []),
        ("jan@boer.nl", "jan@boer.com", []),
        ("portaal@leverancier.example", "jan@boer.nl", []),
        ("jan@boer.nl", "debiteuren@halvermaan.nl", []),
    ],
)
def test_a_reply_that_goes_elsewhere(sender: str, reply_to: str, expected: list[str]) -> None:
    """Not for the same organisation, a known domain of the customer, or us."""
    assert kinds(a_mail(sender=Address(sender), reply_to=(Address(reply_to),))) == expected


@pytest.mark.parametrize("automatic", [Automatic.BULK, Automatic.SYSTEM])
def test_newsletters_and_robots_reply_where_they_want(automatic: Automatic) -> None:
    assert kinds(a_mail(reply_to=(Address("x@other.example"),), automatic=automatic)) == []


def test_a_known_name_with_another_address() -> None:
    """When the mail is about that contact's customer, or about accounts; never for a known sender."""
    mail = a_mail(sender=Address("jan@gmail.com", "Jan de Boer"))
    stranger: dict[str, object] = {"is_known": False, "namesakes": ("jan@boer.nl",)}
    assert kinds(mail, **stranger) == ["known_name"]
    assert kinds(mail, **stranger, domains=()) == []
    assert kinds(mail, True, **stranger, domains=()) == ["known_name"]
    assert kinds(mail, namesakes=("jan@boer.nl",)) == []


def test_an_address_as_a_name() -> None:
    assert kinds(a_mail(sender=Address("x@evil.example", "jan@boer.nl"))) == ["known_name"]
    assert kinds(a_mail(sender=Address("jan@boer.nl", "jan@boer.nl"))) == []
    assert kinds(a_mail(sender=Address("jan@boer.nl", "Jan @ Boer"))) == []


def test_domains_that_look_like_others() -> None:
    alike = (Alike("ha1vermaan.nl", "halvermaan.nl", is_ours=True), Alike("b0er.nl", "boer.nl"))
    assert kinds(a_mail(), alike=alike) == ["like_our_domain", "like_known_domain"]


@pytest.mark.parametrize(
    ("spf", "dkim", "dmarc", "expected"),
    [
        ("pass", "pass", "pass", ()),
        ("fail", "fail", "pass", ()),
        ("pass", "pass", "fail", ("DMARC",)),
        ("fail", "none", "", ("SPF",)),
        ("fail", "fail", "none", ("SPF", "DKIM")),
        ("fail", "pass", "", ()),
        ("pass", "fail", "", ()),
        ("softfail", "", "", ()),
        ("temperror", "", "temperror", ()),
        ("", "", "", ()),
    ],
)
def test_failed_checks(spf: str, dkim: str, dmarc: str, expected: tuple[str, ...]) -> None:
    assert failed_checks(Authentication("mx", spf, dkim, dmarc)) == expected
    assert failed_checks(None) == ()


def test_only_our_own_servers_word_counts() -> None:
    forged, ours = Authentication("evil.example", dmarc="pass"), Authentication("mx.halvermaan.nl", dmarc="fail")
    assert trusted((ours, forged), "") == ours
    assert trusted((forged, ours), "mx.halvermaan.nl") == ours
    assert trusted((forged,), "MX.halvermaan.nl ") is None
    signs = sender_signs(a_mail(authentication=(ours,)), Acquaintance(), "", False)
    assert [(sign.kind.value, sign.value) for sign in signs] == [("not_authentic", "DMARC")]
    assert not asks_for_a_call(signs)


def test_accounts_in_a_reply() -> None:
    text = "Op NL91 ABNA 0417 1643 00 of nl02rabo0123456780; factuur EX-26-00218, bedrag 1.250,00, tel. 0541 000 700."
    assert named_accounts(text) == ("NL91ABNA0417164300", "NL02RABO0123456780")
