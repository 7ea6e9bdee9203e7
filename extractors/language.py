"""Which language the sender writes, from small function-word profiles; works on mails of two words."""

import re
from functools import lru_cache

from extractors.tables import read_table
from inbox_agent.domain.taxonomy import Language

DEFAULT = Language.NL
"""What is assumed when nothing speaks: the product's home market."""

MAX_WORDS = 400
"""Words read of each text; more does not change the answer."""

_LOOK = 0.25
"""What a word counts that only looks like one of a language, beside 1 for a word that it alone has."""

_REMEMBERED = 40_000
"""Words of which it is kept what they look like: the words of mail recur."""

_WORD = re.compile(r"(?<![\w@./-])[^\W\d_]+(?:['’][^\W\d_]+)?(?![\w@]|[./-]\w)")
"""A word, but no piece of an address, a number or a file name."""


class LanguageProfiles:
    """The word profiles of all languages. A word that several languages share counts for each a part of one."""

    def __init__(self) -> None:
        tables = {language: read_table(language, "words") for language in Language}
        words = {language: set(f"{table['words']} {table['frequent']}".split()) for language, table in tables.items()}
        shared: dict[str, int] = {}
        for profile in words.values():
            for word in profile:
                shared[word] = shared.get(word, 0) + 1
        self._weights = {
            language: {word: 1 / shared[word] ** 2 for word in profile} for language, profile in words.items()
        }
        self._looks = {language: re.compile("|".join(table["looks"])) for language, table in tables.items()}
        self._known = frozenset(shared)
        self._looks_like = lru_cache(maxsize=_REMEMBERED)(self._has_looks)

    def scores(self, text: str) -> dict[Language, float]:
        """How much of each language speaks from the text, 0 for none."""
        words = [match.group().lower().replace("’", "'") for match in _WORD.finditer(text[: MAX_WORDS * 30])][
            :MAX_WORDS
        ]
        unknown = [word for word in words if word not in self._known and len(word) > 3]
        return {
            language: sum(weights.get(word, 0.0) for word in words)
            + _LOOK * sum(self._looks_like(word, language) for word in unknown)
            for language, weights in self._weights.items()
        }

    def _has_looks(self, word: str, language: Language) -> bool:
        return self._looks[language].fullmatch(word) is not None

    def told(self, *texts: str) -> tuple[Language, bool]:
        """The language of the first text that speaks clearly, and True; else the likeliest or `DEFAULT`, and False.

        Later texts break what earlier ones left open.
        Texts come in order of trust: new text, subject, whole body (guide, "Language").
        """
        total = dict.fromkeys(Language, 0.0)
        for text in texts:
            for language, score in self.scores(text).items():
                total[language] += score
            best, second = sorted(total.values(), reverse=True)[:2]
            if best > 0 and best > second * 1.05:
                return max(Language, key=lambda language: total[language]), True
        likeliest = max(Language, key=lambda language: total[language])
        return (likeliest if total[likeliest] > 0 else DEFAULT), False
