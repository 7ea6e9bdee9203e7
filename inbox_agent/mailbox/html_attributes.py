"""What the attributes of an HTML mail's element say: hidden, quoting, a signature's container, a link worth showing."""

import re
from urllib.parse import parse_qs, urlsplit

_MAX_LINK = 300
_HIDDEN_TAGS = frozenset(
    {"head", "title", "script", "style", "template", "noscript", "svg", "object", "select", "iframe"}
)
_SIGNATURES = frozenset(
    {"signature", "gmail_signature", "ms-outlook-mobile-signature", "applemailsignature", "protonmail_signature_block"}
)
"""Ids and classes of the containers into which Outlook, Gmail, Apple Mail and Proton put the signature."""
_HIDDEN_STYLE = re.compile(
    r"display:none|visibility:hidden|mso-hide:all|(?<![\w-])font-size:0(?:px|pt|em|%)?(?![.\d])"
    r"|max-height:0(?![.\d])|(?<![\w-])opacity:0(?![.\d])"
)
_NO_MARGIN = re.compile(r"margin(?:-top)?:0")
_SCHEMES = ("http", "https", "mailto")


def _style(attributes: dict[str, str]) -> str:
    """The style attribute in lower case without blanks, its first 2,000 characters."""
    return re.sub(r"\s+", "", attributes.get("style", "")[:2_000]).lower()


def is_hidden(tag: str, attributes: dict[str, str]) -> bool:
    """Whether an element shows nothing."""
    return tag in _HIDDEN_TAGS or "hidden" in attributes or _HIDDEN_STYLE.search(_style(attributes)) is not None


def is_quote(attributes: dict[str, str]) -> bool:
    """Whether a blockquote quotes; Gmail and Outlook also indent with it, then without border and type."""
    if attributes.get("type", "").lower() == "cite" or "quote" in attributes.get("class", "").lower():
        return True
    style = _style(attributes)
    return "border:none" not in style and "border:0" not in style


def has_no_margin(attributes: dict[str, str]) -> bool:
    """Whether a paragraph stands close to what is above it."""
    return _NO_MARGIN.search(_style(attributes)) is not None


def is_signature(attributes: dict[str, str]) -> bool:
    """Whether an element is where a mail program puts the signature."""
    names = {attributes.get("id", "").lower(), *attributes.get("class", "")[:200].lower().split()}
    return not names.isdisjoint(_SIGNATURES)


def draws_rule(attributes: dict[str, str]) -> bool:
    """Outlook's line above "Van: / Verzonden:": a top border and no other one."""
    style = _style(attributes)
    return "border-top:solid" in style and "border:none" in style


def link(href: str) -> str:
    """An address worth showing, out of its Safe Links wrapping, or ""."""
    try:
        url = urlsplit(href.strip()[:4_000])
        if (url.hostname or "").endswith("safelinks.protection.outlook.com"):
            href = parse_qs(url.query, max_num_fields=50).get("url", [href])[0]
            url = urlsplit(href)
    except ValueError:
        return ""
    href = "".join(href.split())
    if url.scheme.lower() not in _SCHEMES or len(href) > _MAX_LINK:
        return ""
    return href.partition(":")[2].partition("?")[0] if url.scheme.lower() == "mailto" else href


def bare(url: str) -> str:
    """An address as people write it, for comparing."""
    return re.sub(r"^(?:https?://)?(?:www\.)?", "", url.strip().lower()).rstrip("/").replace(" ", "")
