"""HTML mail as text."""

import pytest

from inbox_agent.mailbox.html_text import html_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Beste&nbsp;Jan,</p><p>twee<br>regels</p>", "Beste\u00a0Jan,\n\ntwee\nregels"),
        ("<div>een</div><div>&nbsp;</div><div>twee</div>", "een\n\ntwee"),
        (
            "<table><tr><th>Factuur<th>Bedrag</tr><tr><td><p>2026</p><td><b>€ 1,00</b></table>",
            "Factuur\tBedrag\n2026\t€ 1,00",
        ),
        ("<table><tr><td>a</td><td></td><td>c</td><td></td></tr></table>", "a\t\tc"),
        ("<table><tr><td><img></td><td>Jan<br>Tel 1</td></tr></table>", "Jan\nTel 1"),
        ("<ul><li>een</li><li><p>twee</p></li></ul><ol><li>a<li>b</ol>", "- een\n- twee\n1. a\n2. b"),
        ('<a href="https://x.nl/1">factuur</a>', "factuur <https://x.nl/1>"),
        ('<a href="https://www.x.nl/">x.nl</a>', "x.nl"),
        ('<a href="mailto:jan@x.nl?subject=a">Jan</a>', "Jan <jan@x.nl>"),
        ('<a href="#top">top</a> <a href="javascript:x()">klik</a> <a href="http://[">x</a>', "top klik x"),
        (
            '<a href="https://e.safelinks.protection.outlook.com/?url=https%3A%2F%2Fy.nl%2F1">y</a>',
            "y <https://y.nl/1>",
        ),
        ("<style>p{}</style><script>x()</script><title>t</title>zichtbaar", "zichtbaar"),
        ('<div style="display: none">preheader</div><span style="mso-hide:all">x</span>zichtbaar', "zichtbaar"),
        ('<p style="font-size:0.9em">klein</p>', "klein"),
        ("Hij schreef:<blockquote>een<br><br>twee<blockquote>diep</blockquote></blockquote>", None),
        ('<blockquote style="border:none">ingesprongen</blockquote>', "ingesprongen"),
        ("<pre>a  b\n c</pre>", "a  b\n c"),
        ("<![if !mso]>x<![endif]><!--[if mso]>y<![endif]--><o:p>z</o:p>", "xz"),
        ("<![foo[x]]>tekst", "tekst"),
        ("", ""),
        ("<meta charset=iso-8859-1>é €", "é €"),
    ],
)
def test_html(html: str, text: str | None) -> None:
    expected = "Hij schreef:\n>\n> een\n>\n> twee\n> >\n> > diep" if text is None else text
    assert html_text(html) == expected


def test_outlook_history_keeps_its_lines_and_its_rule() -> None:
    html = (
        '<div><p class=MsoNormal>Akkoord</p><div><div style="border:none;border-top:solid #E1E1E1 1.0pt">'
        "<p class=MsoNormal><b>Van:</b> Piet<br><b>Verzonden:</b> maandag<br><b>Aan:</b> Jan</p></div></div></div>"
    )
    assert html_text(html) == f"Akkoord\n\n{'_' * 32}\n\nVan: Piet\nVerzonden: maandag\nAan: Jan"


@pytest.mark.parametrize(
    "piece",
    [
        "<div>",
        "<table><tr><td>a<br>b",
        "<blockquote>x",
        "<!--",
        "<a ",
        "</",
        "&#",
        "<a href='http://x'>z",
        "<b><p>",
        "<![CDATA[",
    ],
)
def test_bombs_come_back_bounded(piece: str) -> None:
    assert len(html_text(piece * 20_000)) < 1_000_000
