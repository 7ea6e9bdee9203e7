"""Authentication-Results as mail servers write them."""

import pytest
from factories.pipeline import NOW

from inbox_agent.domain.mail import Authentication
from inbox_agent.mailbox.mime import parse

POSTFIX = """mx1.halvermaan.example;
\tdkim=pass (2048-bit key; unprotected) header.d=k.example header.b="D0VM";
\tspf=pass (mx1: domain of e@k.example designates 203.0.113.138 as permitted sender) smtp.mailfrom=e@k.example;
\tdmarc=fail (policy=none) header.from=k.example"""
EXCHANGE = """spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=k.example; dkim=fail (body hash did not verify)
 header.d=k.example;dmarc=fail action=quarantine header.from=k.example;compauth=fail reason=000"""
TWO_KEYS = "mx; dkim=fail header.d=a.example; dkim=pass header.d=b.example; spf=softfail smtp.mailfrom=a.example"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (POSTFIX, Authentication("mx1.halvermaan.example", "pass", "pass", "fail")),
        (EXCHANGE, Authentication("", "pass", "fail", "fail")),
        (TWO_KEYS, Authentication("mx", "softfail", "pass", "")),
        ("mx.example 1; none", Authentication("mx.example")),
        ("((((((", Authentication("((((((")),
        ("", Authentication("")),
    ],
)
def test_what_servers_write(value: str, expected: Authentication) -> None:
    raw = f"Authentication-Results: {value}\r\nFrom: a@b.example\r\n\r\nhallo\r\n".encode()
    assert parse(raw, received_at=NOW).authentication == (expected,)


def test_the_topmost_stands_first_and_few_are_kept() -> None:
    head = "".join(f"Authentication-Results: s{number}; spf=pass\r\n" for number in range(9))
    mail = parse(f"{head}From: a@b.example\r\n\r\nhallo\r\n".encode(), received_at=NOW)
    assert [one.server for one in mail.authentication] == ["s0", "s1", "s2", "s3", "s4"]
    assert parse(b"From: a@b.example\r\n\r\nhallo\r\n", received_at=NOW).authentication == ()
