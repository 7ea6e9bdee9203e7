"""The quoted mail below a reply. Each mail is written in the test."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from inbox_agent.domain.mail import Address, Mail
from inbox_agent.domain.quoting import parts, quoted
from inbox_agent.domain.taxonomy import Language

AT = datetime(2026, 3, 3, 8, 5, tzinfo=UTC).astimezone(ZoneInfo("Europe/Amsterdam"))


def a_mail(text: str, name: str = "Jan de Boer") -> Mail:
    return Mail(received_at=AT, received_on=AT.date(), sender=Address("jan@boer.example", name), text=text)


@pytest.mark.parametrize(
    ("language", "line"),
    [
        (Language.NL, "Op 3 maart 2026 om 09:05 schreef Jan de Boer <jan@boer.example>:"),
        (Language.EN, "On 3 March 2026 at 09:05, Jan de Boer <jan@boer.example> wrote:"),
        (Language.DE, "Am 3. März 2026 um 09:05 schrieb Jan de Boer <jan@boer.example>:"),
        (Language.FR, "Le 3 mars 2026 à 09:05, Jan de Boer <jan@boer.example> a écrit :"),
    ],
)
def test_the_line_above_is_in_the_replys_language(language: Language, line: str) -> None:
    assert quoted(a_mail("Dag"), language, AT) == f"{line}\n> Dag"


def test_every_line_is_marked_and_comes_back_as_it_was() -> None:
    quote = quoted(a_mail("Dag,\r\n\r\n> eerder\r\n  20261001   1.248,00 \r\n"), Language.NL, AT)
    assert quote.split("\n")[1:] == ["> Dag,", ">", "> > eerder", ">   20261001   1.248,00"]
    assert parts(quote)[1] == ("Dag,", "", "> eerder", "  20261001   1.248,00")


def test_what_no_mail_program_takes_is_left_out() -> None:
    assert quoted(a_mail("a\x00b\x1b[31m\ud800c\x85d", "Jan\r\nBcc: x@y"), Language.NL, AT).split("\n") == [
        "Op 3 maart 2026 om 09:05 schreef Jan Bcc: x@y <jan@boer.example>:",
        "> ab[31m?c",
        "> d",
    ]


def test_a_long_mail_is_cut_between_characters_and_says_so() -> None:
    quote = quoted(a_mail("x" + "é" * 40_000), Language.EN, AT)
    assert quote.endswith("é\n> [shortened]")
    assert 49_900 < len(quote.encode()) < 50_200


def test_a_mail_without_text_is_not_quoted() -> None:
    assert quoted(a_mail(" \n\x00"), Language.NL, AT) == ""
