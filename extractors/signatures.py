"""Lines that say who writes: a name, initials, a function, a firm, contact details."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from extractors.tables import alternatives, read_lists, read_table
from inbox_agent.domain.mail import Address
from inbox_agent.domain.taxonomy import Language

_LONGEST = 90
"""Characters of a line beyond which it is a sentence."""

_TOKEN = re.compile(r"[^\W\d_]+(?:['’.-][^\W\d_]+)*\.?|[&+]")
_WORD = re.compile(r"[^\W\d_]{2,}")
_NAME_PART = re.compile(r"[^\W\d_]+")
_INITIALS = re.compile(r"/?(?:[A-ZÀ-Ž]\.? ?-?){1,4}$|[a-z]{1,3}\.?$")
_FREEMAIL = re.compile(r"gmail|hotmail|outlook|yahoo|icloud|proton|gmx|web|live|example|mail|post|com|net|org|info")
_FIRM = re.compile(
    r"(?<!\w)(?:b\.?v\.?b?\.?a?|n\.?v|v\.?o\.?f|gmbh|mbh|ag|kg|ohg|e\.?\s?k|e\.?\s?v|eg|ug|se|ltd|limited|llc|llp|inc|corp|plc|co|s\.?a\.?r\.?l|sarl"
    r"|s\.?a\.?s|sas|s\.?a|sprl|srl|s\.?r\.?l|s\.?p\.?a|s\.?r\.?o|a/?s|aps|ab|oy|pty|pte|sp\. ?z ?o\.? ?o|cvba|vzw)\.?(?!\w)",
    re.IGNORECASE,
)
_CONTACT = re.compile(
    r"(?:(?:tel|telefoon|telefon|t|m|f|fax|mob|mobile?|mobiel|phone|ph|gsm|kvk|btw|vat|siret|tva|ust-?id)\.?\s?(?:nr|no)?\.?\s?[:.]?\s?[+(]?\d"
    r"|(?:e|e-?mail|mail|w|web|internet|url)\.?\s?:\s?\S{1,80}[@.]\w|(?:iban|bic|swift)\b|\(?\+\d{2}[\d ()./-]{6,}|0\d{1,4}[ /-][\d ./-]{5,}"
    r"|(?:https?://|www\.)\S+|\[?(?:cid:|image\d|logo\b)|\[[^\[\]]{1,60}\.(?:png|jpe?g|gif)\]$|[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{1,60}$)",
    re.IGNORECASE,
)
_MONEY = re.compile(r"[€$£]\s?\d|\d\s?[€$£]|\d[.,]\d\d(?!\d)")
_NICKNAME = re.compile(r"[a-zà-ž]{3,12}(?: x+)?$")
_FOLDED = str.maketrans(
    {
        "ä": "ae",
        "ö": "oe",
        "ü": "ue",
        "ß": "ss",
        "é": "e",
        "è": "e",
        "ê": "e",
        "ë": "e",
        "ç": "c",
        "ï": "i",
        "î": "i",
        "ô": "o",
        "á": "a",
        "à": "a",
        "â": "a",
    }
)
_SPLIT = re.compile(r"\s[|·•–—/*-]+\s|\s?[|·•]\s?|,\s|\s?\(|\s//\s")
_PIPES = re.compile(r"\s[|·•]\s")


@dataclass(frozen=True, slots=True)
class Sender:
    """The words of the sender's header: `person` of name and mailbox, `firm` of name and domain; `initials` of the name."""

    person: frozenset[str]
    firm: frozenset[str]
    initials: str

    @classmethod
    def of(cls, address: Address) -> "Sender":
        """What the sender's lines may repeat of the header."""
        local, _, domain = address.email[:300].partition("@")
        name = _words(address.name[:300])
        person = frozenset([*name, *_words(local)])
        site = [word for word in _words(domain.rpartition(".")[0]) if len(word) > 3 and not _FREEMAIL.fullmatch(word)]
        return cls(person, frozenset([*person, *site]), "".join(word[0] for word in name))


def _words(text: str) -> list[str]:
    return [folded(word) for word in _WORD.findall(text)]


def folded(word: str) -> str:
    """A word as an address spells it: lower case, without umlauts and accents."""
    return word.lower().rstrip(".").translate(_FOLDED)


class Signatures:
    """Recognises the lines of a signature in all languages."""

    def __init__(self) -> None:
        self._roles = re.compile(rf"(?<!\w)(?:{alternatives('reading', 'roles')})(?!\w)", re.IGNORECASE)
        self._particles = frozenset(read_lists("reading", "particles"))
        self._common = frozenset(
            word for language in Language for word in str(read_table(language, "words")["words"]).split()
        )

    def is_name(self, text: str, sender: Sender) -> bool:
        """Whether a line is a name and no more than a function or firm beside it: the sender's, or capitalised words."""
        text = text.removeprefix("/").strip()
        if not text or len(text) > _LONGEST or text[-1] in "?!:;,":
            return False
        if self.is_sender(text, sender):
            return True
        if ":" in text or text.startswith("["):
            return False
        pieces = [piece.strip(" ()") for piece in _SPLIT.split(text) if piece.strip(" ()")]
        return bool(pieces) and self._is_plain_name(pieces[0]) and self._may_follow(pieces[1:], text)

    def is_sender(self, text: str, sender: Sender) -> bool:
        """Whether a line is the sender's own name as the header has it, in full, in part or by initials."""
        text = text.removeprefix("/").strip()
        if not text or len(text) > _LONGEST or text[-1] in "?!:;":
            return False
        pieces = [piece.strip(" ()") for piece in _SPLIT.split(text) if piece.strip(" ()")]
        if not pieces:
            return False
        tokens = [folded(token) for token in _NAME_PART.findall(pieces[0])]
        named = [token for token in tokens if token not in self._particles] or tokens[:1]
        if not named or len(named) > 5 or any(char.isdigit() or char == ":" for char in pieces[0]):
            return False
        letters = "".join(named)
        if len(letters) <= 3 and letters in (sender.initials, sender.initials[:1], sender.initials[: len(letters)]):
            return len(pieces) == 1 or self._may_follow(pieces[1:], text)
        known = sum(_known(token, sender, alone=len(named) == 1 and len(pieces) == 1) for token in named)
        return known > 0 and known * 2 >= len(named) - (len(named) > 2) and self._may_follow(pieces[1:], text)

    def is_identity(self, text: str, sender: Sender) -> bool:
        """Whether a line only says who or where somebody is: function, firm, address, phone, site."""
        if not text or len(text) > 160 or text.endswith(("?", "!", ":")):
            return False
        if _CONTACT.match(text):
            return len(text.split()) <= 14
        if _MONEY.search(text):
            return False
        pieces = [piece for piece in _PIPES.split(text) if piece.strip()]
        if len(pieces) > 1 and all(len(piece.split()) <= 7 for piece in pieces):
            return True
        words = text.split()
        if len(words) > 10 or (text.endswith(".") and not (_FIRM.search(words[-1]) or self._roles.search(words[-1]))):
            return False
        written = [token for token in _TOKEN.findall(text) if token.lower() not in self._particles]
        if not written or any(self._is_everyday(token) for token in written):
            return False
        capital = sum(token[0].isupper() for token in written)
        if _FIRM.search(text) or self._roles.search(text):
            return capital * 2 >= len(written) or len(written) <= 3
        known = sum(folded(token) in sender.firm for token in written)
        return known > 0 and capital * 3 >= len(written) * 2

    def is_nickname(self, text: str) -> bool:
        """Whether a line is one small word that no language uses every day."""
        return bool(_NICKNAME.match(text)) and not self._is_everyday(text.partition(" ")[0])

    def is_said(self, text: str) -> bool:
        """Whether a line holds a word of which sentences are made."""
        return any(self._is_everyday(token) for token in _TOKEN.findall(text))

    def _is_everyday(self, word: str) -> bool:
        lower = word.lower().rstrip(".")
        return lower in self._common and not self._roles.fullmatch(lower)

    def _is_plain_name(self, text: str) -> bool:
        """One to four capitalised words or initials, none of them an everyday word."""
        tokens = text.split()
        if not 1 <= len(tokens) <= 4 or any(char.isdigit() for char in text):
            return False
        if len(text) <= 6 and re.fullmatch(r"(?:[A-ZÀ-Ž]\.? ?){1,3}", text):
            return True
        capital = 0
        for token in tokens:
            bare = token.strip(".,()\"'")
            if bare.lower() in self._particles:
                continue
            if not bare[:1].isupper() or not re.fullmatch(r"[\w.'’-]{1,20}", bare) or self._is_everyday(bare):
                return False
            capital += 1
        return capital > 0 and (len(tokens[-1]) < 6 or not text.endswith("."))

    def _may_follow(self, pieces: Sequence[str], text: str) -> bool:
        """Whether what stands beside a name can be a function or a firm."""
        if len(pieces) > 4 or len(text.split()) > 10:
            return False
        for piece in pieces:
            tokens = [token for token in _TOKEN.findall(piece) if token.lower() not in self._particles]
            if len(tokens) > 6 or piece.endswith(("?", "!")) or (piece.endswith(".") and len(piece.split()[-1]) > 6):
                return False
            if any(self._is_everyday(token) for token in tokens) and not self._roles.search(piece):
                return False
        return True


def _known(token: str, sender: Sender, *, alone: bool) -> bool:
    """Whether a word is one of the header's, also shortened as friends do (Mick for Mickaël, alone on its line Di for Diane)."""
    least = 2 if alone else 3
    return token in sender.person or (
        least <= len(token) <= 5
        and any(len(word) > len(token) and word.startswith(token[:3]) for word in sender.person)
    )
