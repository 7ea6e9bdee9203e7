"""A mail's own HTML in the frame: the input stands in the test."""

import pytest
from starlette.datastructures import Headers

from web.pages.mail.original import harmless, is_too_large
from web.rendering import visible
from web.security import MAIL_POLICY, is_same_origin, local_path, shown_path

PIXEL = b"\x89PNG"


def body(html: str, **pictures: bytes) -> str:
    found = {name: ("image/png", content) for name, content in pictures.items()}
    return harmless(html, found.get).partition("<body>")[2].partition("</body>")[0]


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        "<svg onload=alert(1)><script>alert(1)</script></svg>",
        "<img src=x onerror=alert(1)>",
        '<a href="javascript:alert(1)">x</a>',
        '<a href="https://evil.example">x</a>',
        '<form action="https://evil.example"><input name=a><button>ok</button></form>',
        '<iframe src="https://evil.example"></iframe>',
        '<meta http-equiv="refresh" content="0;url=https://evil.example">',
        '<base href="https://evil.example/">',
        '<link rel=stylesheet href="https://evil.example/x.css">',
        "<style>@import url(https://evil.example/x.css)</style>",
        '<div style="background:url(https://evil.example/x.gif)">x</div>',
        '<div style="background-color:url(https://evil.example/x.gif)">x</div>',
        '<div style="position:fixed;top:0">x</div>',
        '<img src="https://evil.example/x.gif">',
        '<img src="//evil.example/x.gif">',
        '<img srcset="https://evil.example/x.gif 2x" src="data:text/html,<script>1</script>">',
        '<img src="data:image/svg+xml;base64,PHN2Zz4=">',
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
        '<td background="https://evil.example/x.gif">x</td>',
        '<object data="https://evil.example"></object><embed src="https://evil.example">',
    ],
)
def test_nothing_active_and_nothing_loaded(html: str) -> None:
    clean = body(html).lower()
    for word in ("script", "evil.example", "onerror", "onload", "javascript", "<form", "<input", "<iframe", "fixed", "src=",
                 "href=", "<base", "<meta", "<link", "svg"):  # fmt: skip
        assert word not in clean


def test_layout_stays() -> None:
    clean = body('<table width="100"><tr><td style="color:red">Factuur <b>1</b></td></tr></table>')
    assert '<td style="color:red">Factuur <b>1</b></td>' in clean


def test_a_carried_picture_is_shown_and_a_missing_one_is_not() -> None:
    assert 'src="data:image/png;base64,iVBORw=="' in body('<img src="cid:logo@x">', **{"logo@x": PIXEL})
    assert "src" not in body('<img src="cid:other@x">', **{"logo@x": PIXEL})
    assert "src" not in body('<img src="cid:logo@x">', **{"logo@x": b"x" * 600_000})


def test_the_frame_may_do_nothing() -> None:
    assert "sandbox" in MAIL_POLICY
    assert "allow-" not in MAIL_POLICY
    assert "default-src 'none'" in MAIL_POLICY


def test_text_is_shown_in_its_logical_order() -> None:
    assert visible("factuur\u202efdp.exe\u2066\x00\x1b[31m") == "factuurfdp.exe��[31m"
    assert visible("regel 1\n\tregel 2 שלום") == "regel 1\n\tregel 2 שלום"


@pytest.mark.parametrize(
    ("path", "safe"),
    [
        ("/mails/3?view=mine", "/mails/3?view=mine"),
        ("https://evil.example/", "/queue"),
        ("//evil.example", "/queue"),
        ("/\\evil.example", "/queue"),
        ("/\tqueue", "/queue"),
        ("javascript:alert(1)", "/queue"),
        ("", "/queue"),
    ],
)
def test_next_stays_on_this_site(path: str, safe: str) -> None:
    assert local_path(path) == safe


def test_formatting_that_would_multiply_is_flattened_and_the_text_stays() -> None:
    """34 kB become 67 MB otherwise, and 300 kB more memory than there is: each paragraph repeats every open <font>."""
    bomb = "<p>" + "".join(f"<font color=c{number}>" for number in range(1600)) + "<p>Factuur" * 1600
    clean = body(bomb)
    assert len(clean) < 3 * len(bomb)
    assert clean.count("Factuur") == 1600


def test_more_tags_than_a_newsletter_has_are_not_laid_out() -> None:
    assert is_too_large("<div>" * 50_000)
    assert not is_too_large("<td>1</td>" * 10_000)


@pytest.mark.parametrize("address", ["http://[", "//[", "/queue?next=http://["])
def test_an_address_that_is_none_is_no_fault_of_ours(address: str) -> None:
    assert local_path(address) in ("/queue", address)
    assert not is_same_origin(Headers({"origin": address, "host": "inbox.example"}))
    assert shown_path(Headers({"hx-current-url": "http://["})) == ("", "")
