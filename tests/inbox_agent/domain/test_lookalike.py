"""Domains made to be taken for another one, and those that only happen to be near."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_agent.domain.lookalike import imitated_keys, imitates, registered
from inbox_agent.ledger.keys import word_list

WORDS = word_list("domain_words")


@pytest.mark.parametrize(
    ("domain", "known"),
    [
        ("veenkarnp.nl", "veenkamp.nl"),
        ("veenk4mp.nl", "veenkamp.nl"),
        ("veenkamp.com", "veenkamp.nl"),
        ("veen-kamp.nl", "veenkamp.nl"),
        ("veenkamp-facturen.nl", "veenkamp.nl"),
        ("veenkampbetalingen.com", "veenkamp.nl"),
        ("xn--venkamp-7gg.nl", "veenkamp.nl"),
        ("halverrnaan.example", "halvermaan.example"),
        ("ha1vermaan.example", "halvermaan.example"),
        ("havlermaan.example", "halvermaan.example"),
        ("halvermaann.example", "halvermaan.example"),
        ("mail.halverman.example", "halvermaan.example"),
        ("veenkamp.co.uk", "veenkamp.nl"),
    ],
)
def test_what_imitates(domain: str, known: str) -> None:
    assert imitates(domain, known, WORDS)


@pytest.mark.parametrize(
    ("domain", "known"),
    [
        ("veenkamp.nl", "veenkamp.nl"),
        ("facturen.veenkamp.nl", "veenkamp.nl"),
        ("veenkamp.nl", "facturen.veenkamp.nl"),
        ("veenkamp-transport.nl", "veenkamp.nl"),
        ("jansen.nl", "janssen.nl"),
        ("abn.nl", "abm.nl"),
        ("bouw-nl.nl", "bouw.nl"),
        ("tervoort.nl", "veenkamp.nl"),
        ("nl", "veenkamp.nl"),
        ("", ""),
    ],
)
def test_what_does_not(domain: str, known: str) -> None:
    assert not imitates(domain, known, WORDS)


@pytest.mark.parametrize(
    ("domain", "expected"),
    [("mail.veenkamp.co.uk", "veenkamp.co.uk"), ("a.b.veenkamp.nl.", "veenkamp.nl"), ("co.uk", "co.uk"), ("", "")],
)
def test_what_was_registered(domain: str, expected: str) -> None:
    assert registered(domain) == expected


@given(st.text(max_size=80))
def test_no_domain_hurts(domain: str) -> None:
    assert len(imitated_keys(domain, WORDS)) < 5_000
