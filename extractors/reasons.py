"""Why an invoice is contested, by the words around the evidence (guide, "Dispute reasons")."""

import re

from extractors.tables import read_table
from inbox_agent.domain.taxonomy import DisputeReason, Language


class Reasons:
    """The words of all languages by reason, loaded when made."""

    def __init__(self) -> None:
        self._words = {
            language: {
                DisputeReason(name): [re.compile(rf"(?<!\w)(?:{entry})", re.IGNORECASE) for entry in entries]
                for name, entries in read_table(language, "reasons").items()
            }
            for language in Language
        }

    def reason(self, evidence: str, around: str, language: Language) -> DisputeReason:
        """The reason with most words, those in the evidence counting three times; `OTHER` when none speaks."""
        best, most = DisputeReason.OTHER, 0
        for reason, patterns in self._words[language].items():
            score = sum(3 for pattern in patterns if pattern.search(evidence)) + sum(
                1 for pattern in patterns if pattern.search(around)
            )
            if score > most:
                best, most = reason, score
        return best
