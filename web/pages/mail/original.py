"""A mail's own HTML, made harmless for a sandboxed frame: no script, no form, no link, nothing loaded from anywhere."""

import base64
import re
from collections.abc import Callable

import nh3
from markupsafe import escape

PICTURES = {"image/png", "image/jpeg", "image/gif", "image/webp"}
LARGEST_PICTURE = 500_000
"""Bytes of one inline picture that is shown in its place."""

_MOST_TAGS = 30_000
"""More than any newsletter has; what is nested deeper takes an HTML parser seconds (each block looks at all around it)."""

_MOST_COPIES = 1_000_000
"""Formatting tags times all tags. A parser repeats every open <font> in every new paragraph (WHATWG HTML, 13.2.4.3), so
that a mail of 30 kB can become a document of gigabytes."""

_FORMATTING = re.compile(r"<(/?)(?:a|b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)(?=[\s/>])", re.IGNORECASE)
"""The tags that a parser repeats."""


def _words(text: str) -> set[str]:
    return set(text.split())


_TAGS = _words(
    "a abbr address b bdi bdo big blockquote br caption center cite code col colgroup dd del details dfn div dl dt em "
    "figcaption figure font h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp small span strike strong sub "
    "summary sup table tbody td tfoot th thead tr tt u ul var wbr"
)
_ATTRIBUTES = {
    "*": {"style", "align", "valign", "dir", "lang", "title"},
    "img": {"src", "alt", "width", "height"},
    "table": {"width", "border", "cellpadding", "cellspacing", "bgcolor"},
    "tr": {"bgcolor", "height"},
    "td": {"width", "height", "bgcolor", "colspan", "rowspan", "nowrap"},
    "th": {"width", "height", "bgcolor", "colspan", "rowspan", "nowrap"},
    "col": {"width", "span"},
    "font": {"color", "face", "size"},
    "ol": {"start", "type"},
    "ul": {"type"},
}
_STYLES = _words(
    "background-color border border-bottom border-collapse border-color border-left border-radius border-right "
    "border-spacing border-style border-top border-width color direction font font-family font-size font-style "
    "font-weight height letter-spacing line-height list-style-type margin margin-bottom margin-left margin-right "
    "margin-top max-width padding padding-bottom padding-left padding-right padding-top text-align text-decoration "
    "text-indent text-transform vertical-align white-space width word-break word-wrap"
)
"""No property that can load something, cover something, or leave the frame."""

Picture = Callable[[str], tuple[str, bytes] | None]
"""Content-ID without brackets -> content type and bytes of that inline picture, or None."""


def is_too_large(html: str) -> bool:
    """Whether it has more tags than are laid out."""
    return html.count("<") > _MOST_TAGS


def harmless(html: str, picture: Picture) -> str:
    """A whole document to show in the frame. Links lose their target; pictures stay only when the mail carries them.

    Not for HTML that `is_too_large`. Where formatting tags could multiply they become plain ones: the text stays.
    """
    opened = sum(1 for slash in _FORMATTING.findall(html) if not slash)
    if opened * html.count("<") > _MOST_COPIES:
        html = _FORMATTING.sub(r"<\1span", html)

    def keep(tag: str, attribute: str, value: str) -> str | None:
        if tag == "img" and attribute == "src":
            return _source(value, picture)
        if attribute == "style":
            return None if "url(" in value.lower().replace(" ", "") or "\\" in value else value
        return value

    body = nh3.clean(
        html,
        tags=_TAGS,
        clean_content_tags={"script", "style", "title", "template", "noscript", "iframe", "object", "svg", "math"},
        attributes=_ATTRIBUTES,
        attribute_filter=keep,
        strip_comments=True,
        link_rel=None,
        url_schemes={"cid", "data"},
        filter_style_properties=_STYLES,
    )
    return _DOCUMENT.replace("BODY", body)


def nothing(sentence: str) -> str:
    """A document that only says why there is nothing to show."""
    return _DOCUMENT.replace("BODY", f"<p>{escape(sentence)}</p>")


def _source(value: str, picture: Picture) -> str | None:
    scheme, _, rest = value.strip().partition(":")
    if scheme.lower() == "cid":
        found = picture(rest.strip("<> "))
        if found and found[0] in PICTURES and len(found[1]) <= LARGEST_PICTURE:
            return f"data:{found[0]};base64,{base64.b64encode(found[1]).decode()}"
        return None
    kind = rest.partition(";")[0].strip().lower()
    return value if scheme.lower() == "data" and kind in PICTURES and len(rest) <= 2 * LARGEST_PICTURE else None


_DOCUMENT = """<!doctype html>
<html><head><meta charset="utf-8"><title>Mail</title><style>
html{background:#fff;color:#1c2128}
body{margin:0;padding:16px;font:14px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
img{max-width:100%;height:auto}table{max-width:100%}
</style></head><body>BODY</body></html>"""
