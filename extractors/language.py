"""Which language the sender writes, from small function-word profiles; works on mails of two words."""

import re

from extractors.tables import read_table
from inbox_agent.domain.taxonomy import Language

DEFAULT = Language.NL
"""What is assumed when nothing speaks: the product's home market."""

MAX_WORDS = 400
"""Words read of each text; more does not change the answer."""

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")


class LanguageProfiles:
    """The word profiles of all languages. A word that several languages share counts for each a part of one."""

    def __init__(self) -> None:
        words = {language: set(str(read_table(language, "words")["words"]).split()) for language in Language}
        shared: dict[str, int] = {}
        for profile in words.values():
            for word in profile:
                shared[word] = shared.get(word, 0) + 1
        self._weights = {
            language: {word: 1 / shared[word] ** 2 for word in profile} for language, profile in words.items()
        }

    def scores(self, text: str) -> dict[Language, float]:
        """How much of each language speaks from the text, 0 for none."""
        words = [match.group().lower().replace("’", "'") for match in _WORD.finditer(text[: MAX_WORDS * 30])][
            :MAX_WORDS
        ]
        return {language: sum(weights.get(word, 0.0) for word in words) for language, weights in self._weights.items()}

    def detect(self, *texts: str) -> Language:
        """The language of the first text that speaks clearly; later texts break what earlier ones left open.

        Texts come in order of trust: new text, subject, whole body (guide, "Language").
        """
        total = dict.fromkeys(Language, 0.0)
        for text in texts:
            for language, score in self.scores(text).items():
                total[language] += score
            best, second = sorted(total.values(), reverse=True)[:2]
            if best > 0 and best > second * 1.05:
                return max(Language, key=lambda language: total[language])
        best_language = max(Language, key=lambda language: total[language])
        return best_language if total[best_language] > 0 else DEFAULT
