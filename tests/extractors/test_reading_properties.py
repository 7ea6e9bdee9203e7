"""What holds for any text: parts cover it, offsets slice it, nothing raises, nasty input ends."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.reading import MAX_READ, Reading
from inbox_agent.domain.mail import Address, Mail
from inbox_agent.domain.text import MailText, PartKind

RECEIVED = datetime(2025, 3, 12, 9, tzinfo=UTC)
READING = Reading()

LINES = st.sampled_from(
    [
        "",
        "Van: Piet <piet@klant.nl>",
        "Verzonden: maandag 10 maart 2025 09:00",
        "Onderwerp: x",
        "> Graag betalen",
        ">> ouder",
        ">",
        "> Op ma 10 mrt 2025 om 09:00 schreef Jan <jan@x.nl>:",
        "Op ma 10 mrt 2025 om 09:00 schreef Jan <jan@x.nl>:",
        "On 1 Mar 2025 at 09:00 Jan wrote: pay",
        ">>> DATA",
        '>>> "AR" <ar@x.nl> 1-3-2025 09:00 >>>',
        "---------- Forwarded message ---------",
        "-----Oorspronkelijk bericht-----",
        "________________________________",
        "|---------+------>",
        "10-03-2025 09:00",
        "To",
        "Subject",
        "Is vrijdag betaald.",
        "Groet,",
        "Jan",
        "--",
        "P.S. nog iets",
        "Dit bericht is vertrouwelijk",
        "CAUTION: external sender",
        "## Reply above this line ##",
        "Sent from my iPhone",
        "De Boer Bouw | Zwolle",
    ]
)


def read(text: str, subject: str = "", sender: Address | None = None) -> MailText:
    return READING.read(
        Mail(RECEIVED, RECEIVED.date(), sender or Address("jan@deboerbouw.nl", "Jan de Boer"), subject, text)
    )


def check(text: MailText) -> None:
    assert "".join(text.source[part.start : part.end] for part in text.parts) == text.source
    assert all(part.start < part.end for part in text.parts)
    assert all(part.header is None or part in text.history or part.kind is PartKind.DISCLAIMER for part in text.parts)
    assert all(text.source[part.start : part.end].strip() for part in text.new[1:])


@given(st.text(max_size=400), st.text(max_size=40), st.text(max_size=20), st.text(max_size=20))
def test_any_text_and_any_sender(source: str, subject: str, name: str, email: str) -> None:
    check(read(source, subject, Address(email, name)))


@given(st.lists(LINES, max_size=40), st.sampled_from(["\n", "\r\n"]), st.sampled_from(["", "FW: x", "Re: x"]))
def test_any_order_of_lines(lines: list[str], end: str, subject: str) -> None:
    source = end.join(lines)
    text = read(source, subject)
    check(text)
    assert all(line in source for line in text.reply_text.splitlines())


@given(st.lists(LINES, max_size=12))
def test_what_a_header_says_is_written(lines: list[str]) -> None:
    source = "\n".join(["Is betaald.", "", *lines])
    for part in read(source).history:
        written = " ".join(source[part.start : part.end].split())
        outer = " ".join(source.split())
        if part.header and part.header.sender:
            assert part.header.sender.email in outer
        if part.header:
            assert " ".join(part.header.subject.split()) in outer
        assert written in outer


@given(st.lists(st.sampled_from(["Is betaald.", "De rest volgt vrijdag.", "Graag een kopie."]), min_size=1, max_size=6))
def test_plain_sentences_are_all_new(sentences: list[str]) -> None:
    source = "\n".join(sentences)
    assert read(source).reply_text == source


UNITS = [
    "a", " ", ">", "> ", ">\n", "\n", "\r\n", "\t", "\xa0", "\u200b", "-", "- ", "_ ", "#", "(", "[", "[a", "*", "€1 ", "1,00 ",
    "A\n", "A. ", "Jan\n", "Jan de Boer ", "Van: a\n", "Van:\n", "Van: a\nAan: b\n", "x: ", ":\n", "On 1 ", "wrote:", "a wrote\n",
    "Op 1 jan 2025 om 09:00 schreef\n", "a@", "a@a.", "a.a.", "www.", "12:00 ", "1.1.2025 ", "10-03-2025 09:00\nTo\n", "|-----\n",
    "a | b | ", "a, b, ", "Groet, ", "M.v.g. ", "grüße ", "salutations ", "veuillez ", "dank ", "Alvast bedankt\n", "PS: a\n",
    "Sent from my a\n", "Disclaimer\n", "dit bericht ", "Caution ", "## a ##\n", "ticket ", "+31 6 12 ", "0 0 0 ", "GmbH ",
    "a\n> b\n", "a\n\n> b\n\n", "> > > a\n", "> a\n>> b\n", "> Van: a\n> Aan: b\n\na\n", "____\n\n", ">>> DATA\n",
    "----- Forwarded message -----\n", "On 1 Jan 2025, at 09:00 a wrote: b\n\n", "FW: ", "l'", "qu'",
]  # fmt: skip


@pytest.mark.parametrize("unit", UNITS)
def test_nasty_input_ends(unit: str) -> None:
    """Quadratic work would take minutes here, each text being as long as is read."""
    source = "Hoi\n\n" + unit * (MAX_READ // len(unit))
    text = read(source, unit * 100, Address((unit * 100).replace("\n", ""), unit * 100))
    check(text)


def test_lines_beyond_the_limit_are_kept() -> None:
    text = read("woord\n" * 8_000)
    assert text.parts[-1].kind is PartKind.QUOTE
    assert text.parts[-1].end == len(text.source)
