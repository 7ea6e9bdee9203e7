"""Names and numbers as an index compares them: without what people write differently."""

import re
import unicodedata
from functools import cache
from importlib.resources import files

from inbox_agent.domain.lookalike import label_key

_LONGEST_DOMAIN_KEY, _LONGEST_NAME_KEY = 80, 200


def name_key(name: str) -> str:
    """A company's or person's name: letters and digits only, lower case, no accents, no legal form ("B.V.", "GmbH").

    "Oldenkamp & Zn. Bouw B.V." and "OLDENKAMP EN ZN BOUW" have one key.
    """
    plain = unicodedata.normalize("NFKD", name.casefold()).replace("&", " en ").replace("+", " en ")
    words = re.findall(r"[^\W_]+", "".join(one for one in plain if not unicodedata.combining(one) and one not in ".'’"))
    kept = [word for word in words if word not in word_list("legal_forms")]
    return "".join("en" if word in ("and", "und", "et") else word for word in kept)[:_LONGEST_NAME_KEY]


def number_key(number: str) -> str:
    """A VAT number or IBAN: letters and digits only, in capitals."""
    return "".join(one for one in number.upper() if one.isascii() and one.isalnum())


def domain_key(domain: str) -> str:
    """What a reader takes a domain for."""
    return label_key(domain)[:_LONGEST_DOMAIN_KEY]


@cache
def word_list(name: str) -> frozenset[str]:
    """The lines of a list beside this module: `freemail`, `legal_forms`, `domain_words`, `customer_number_words`."""
    lines = (files("inbox_agent.ledger") / f"{name}.txt").read_text("utf-8").splitlines()
    return frozenset(line.strip() for line in lines if line.strip() and not line.startswith("#"))
