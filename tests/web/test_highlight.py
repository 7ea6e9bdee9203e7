"""Evidence in its text. In the pictures, letters below the text are evidence of act 1 (a), 2 (b), 3 (c)."""

import pytest

from inbox_agent.domain.taxonomy import Language
from inbox_agent.domain.text import MailText, PartKind, TextPart
from web.pages.mail.highlight import LONGEST, Span, parts, segments


def spans(*pictures: str) -> list[Span]:
    return [
        Span(number, picture.index(letter), picture.rindex(letter) + 1)
        for number, (letter, picture) in enumerate(zip("abc", pictures, strict=False), 1)
    ]


def shown(text: str, *pictures: str) -> list[tuple[str, tuple[int, ...], tuple[int, ...]]]:
    return [(segment.text, segment.acts, segment.begins) for segment in segments(text, spans(*pictures))]


def test_plain_text_is_one_segment() -> None:
    assert shown("dank u") == [("dank u", (), ())]


def test_one_act() -> None:
    assert shown(
        "wij betalen morgen alles",
        "    aaaaaaaaaaaaaa      ",
    ) == [("wij ", (), ()), ("betalen morgen", (1,), (1,)), (" alles", (), ())]


def test_nested() -> None:
    assert shown(
        "wij betalen morgen",
        "aaaaaaaaaaaaaaaaaa",
        "    bbbbbbb       ",
    ) == [("wij ", (1,), (1,)), ("betalen", (1, 2), (2,)), (" morgen", (1,), ())]


def test_overlapping() -> None:
    assert shown(
        "een twee drie",
        "aaaaaaaa     ",
        "    bbbbbbbbb",
    ) == [("een ", (1,), (1,)), ("twee", (1, 2), (2,)), (" drie", (2,), ())]


def test_adjacent() -> None:
    assert shown("een twee", "aaaa    ", "    bbbb") == [("een ", (1,), (1,)), ("twee", (2,), (2,))]


def test_same_stretch_for_two_acts() -> None:
    assert shown("een twee", "aaa     ", "bbb     ") == [("een", (1, 2), (1, 2)), (" twee", (), ())]


def test_whole_text() -> None:
    assert shown("alles", "aaaaa") == [("alles", (1,), (1,))]


@pytest.mark.parametrize("wrong", [Span(1, 3, 3), Span(1, 5, 2), Span(1, 90, 99), Span(1, -9, 0)])
def test_offsets_that_cannot_be_are_left_out(wrong: Span) -> None:
    assert [segment.acts for segment in segments("alles", [wrong])] == [()]


def test_evidence_across_a_part_border_is_marked_in_both_parts() -> None:
    source = "Wij betalen.\n\nPiet\n\n> u schreef"
    text = MailText(
        source,
        (
            TextPart(PartKind.NEW, 0, 14),
            TextPart(PartKind.SIGNATURE, 14, 20),
            TextPart(PartKind.QUOTE, 20, len(source)),
        ),
        Language.NL,
    )
    views = parts(text, [Span(1, 4, 16)])
    assert [[(s.text, s.acts) for s in view.segments] for view in views] == [
        [("Wij ", ()), ("betalen.", (1,))],
        [("Pi", (1,)), ("et", ())],
        [("> u schreef", ())],
    ]
    assert [view.folded for view in views] == [False, True, True]
    assert [view.is_proof for view in views] == [True, True, False]


def test_segments_joined_are_the_text() -> None:
    source = "één twee drie € 4,00"
    for start in range(len(source)):
        for end in range(start, len(source) + 1):
            cut = segments(source, [Span(1, start, end), Span(2, end // 2, end)])
            assert "".join(segment.text for segment in cut) == source


def test_a_huge_part_is_cut() -> None:
    source = "x" * (LONGEST + 10)
    (view,) = parts(MailText(source, (TextPart(PartKind.NEW, 0, len(source)),), Language.NL), [])
    assert view.cut
    assert len(view.segments[0].text) == LONGEST


def test_indented_first_line_keeps_its_indentation() -> None:
    source = "\n\n   bedrag   € 4\n\n"
    (view,) = parts(MailText(source, (TextPart(PartKind.NEW, 0, len(source)),), Language.NL), [])
    assert view.segments[0].text == "   bedrag   € 4"
