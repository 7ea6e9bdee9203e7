"""Domains that are made to be taken for another one: other letters of the same shape, digits, an added word, another ending.

Compared is the label that a company registers ("veenkamp" of mail.veenkamp.co.uk), folded to what a reader sees.
"""

import unicodedata
from collections.abc import Iterable

_SHAPES = str.maketrans(
    "0123456789|іїӏıìíîïаеорсухѕјԁһкмтвнгαεινορτυχ",
    "olzeasbtbgl" + "lll" + "lllll" + "aeopcyxsjdhkmtbhraelvoptyx",
)
"""Digits and letters of other scripts -> the Latin letter that they are taken for (Unicode TR 39, the usual ones)."""
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"))
_SECOND_LEVEL = frozenset({"co", "com", "org", "net", "ac", "gov", "edu", "ltd", "plc", "or", "gv"})
_LETTERS = "abcdefghjklmnopqrstuvwxyz"
_SHORTEST, _SHORTEST_WITH_WORD, _SHORTEST_MISTYPED = 4, 5, 8
"""Letters of a label from which it can be imitated at all, by an added word, and by one letter: shorter ones meet by chance."""
_LONGEST = 40


def registered(domain: str) -> str:
    """The part of a domain that somebody registered: "veenkamp.co.uk" of "mail.veenkamp.co.uk". Lower case."""
    labels = [label for label in domain.lower().strip(".").split(".") if label]
    long = len(labels) > 2 and labels[-2] in _SECOND_LEVEL and len(labels[-1]) == 2
    return ".".join(labels[-3:] if long else labels[-2:])


def label_key(domain: str) -> str:
    """What a reader takes the registered label for: Latin letters only; "" when the domain has none."""
    label = registered(domain).partition(".")[0]
    return _folded(_decoded(label)) if len(label) <= _LONGEST * 2 else ""


def imitated_keys(domain: str, words: Iterable[str]) -> frozenset[str]:
    """The keys that a domain may have which `domain` is taken for. `words` are what is usually added ("facturen", "bv").

    Its own key; without an added word; and, for labels of eight letters and more, with one letter changed, added, left
    out, or two exchanged. Empty for labels under four letters.
    """
    key = label_key(domain)
    if not _SHORTEST <= len(key) <= _LONGEST:
        return frozenset()
    found = {key}
    for word in map(_folded, words):
        found |= {
            rest
            for rest in (key.removeprefix(word), key.removesuffix(word))
            if rest != key and len(rest) >= _SHORTEST_WITH_WORD
        }
    if len(key) >= _SHORTEST_MISTYPED:
        found |= _one_off(key)
    return frozenset(found)


def imitates(domain: str, other: str, words: Iterable[str]) -> bool:
    """Whether `domain` may be taken for `other` without being part of it. A subdomain is no imitation."""
    if registered(domain) == registered(other):
        return False
    return label_key(other) in imitated_keys(domain, words)


def _decoded(label: str) -> str:
    """Punycode (RFC 3492) as what a mail program shows."""
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except (UnicodeError, OverflowError):
        return label


def _folded(label: str) -> str:
    plain = unicodedata.normalize("NFKD", label.casefold()).translate(_SHAPES).replace("i", "l")
    letters = "".join(character for character in plain if character.isalpha() and not unicodedata.combining(character))
    for pair, letter in _PAIRS:
        letters = letters.replace(pair, letter)
    return letters


def _one_off(key: str) -> set[str]:
    cuts = [(key[:place], key[place:]) for place in range(len(key) + 1)]
    left_out = {head + tail[1:] for head, tail in cuts if tail}
    exchanged = {head + tail[1] + tail[0] + tail[2:] for head, tail in cuts if len(tail) > 1}
    changed = {head + letter + tail[1:] for head, tail in cuts if tail for letter in _LETTERS}
    added = {head + letter + tail for head, tail in cuts for letter in _LETTERS}
    return left_out | exchanged | changed | added
