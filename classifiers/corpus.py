"""The training corpus: records of the annotation guide read from JSONL, and how they are split.

A record's split hangs on its conversation alone, by hash, so that new mail never moves old mail. `TRAIN_ONLY` files are
training mail whatever their hash.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from inbox_agent.domain.errors import CorpusError
from inbox_agent.domain.guide import Gold, read_gold, read_record
from inbox_agent.domain.ledger import Ledger
from inbox_agent.domain.mail import Mail

FOLDER = Path(__file__).parent.parent / "fixtures" / "corpus"

TRAIN_ONLY = frozenset(
    {"automatic", "de", "en-europe", "en-west", "fr", "nl-corporate", "nl-public", "nl-trades"}
    | {"nl-plain", "nl-mixed", "en-plain", "de-plain", "fr-plain"}
    | {"nl-sober", "en-sober", "de-sober", "fr-sober"}
    | {"nl-terse", "en-terse", "de-terse", "fr-terse"}
)
"""Files that nothing is measured on: the phrases were tuned on the first ones; the last were written against errors on dev."""

DEV_PERCENT = 18
TEST_PERCENT = 18

_REPLY_MARKS = re.compile(r"(?:(?:re|fw|fwd|aw|wg|tr|antw|doorst|sv)\s*:\s*)+", re.IGNORECASE)


class Split(StrEnum):
    """What a record is for."""

    TRAIN = "train"
    DEV = "dev"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Record:
    """One labelled mail. `file` is the stem of its file, `source` the record as written there."""

    id: str
    mail: Mail
    ledger: Ledger
    gold: Gold
    file: str
    source: dict[str, Any]

    @property
    def conversation(self) -> str:
        """What mails of one conversation share: the customer and the subject without reply marks."""
        customer = self.ledger.customer.number if self.ledger.customer else self.mail.sender.domain
        return f"{customer}|{_REPLY_MARKS.sub('', self.mail.subject).strip().lower()}"

    @property
    def split(self) -> Split:
        """Train, dev or test, by conversation."""
        if self.file in TRAIN_ONLY:
            return Split.TRAIN
        place = int.from_bytes(hashlib.sha256(self.conversation.encode()).digest()[:4]) % 100
        if place < TEST_PERCENT:
            return Split.TEST
        return Split.DEV if place < TEST_PERCENT + DEV_PERCENT else Split.TRAIN


def read(paths: Iterable[Path]) -> Iterator[Record]:
    """The records of JSONL files, in order. Raises `CorpusError` that names file, line and field."""
    for path in paths:
        try:
            with path.open(encoding="utf-8") as lines:
                for number, line in enumerate(lines, 1):
                    if line.strip():
                        yield _record(path, number, line)
        except (OSError, UnicodeDecodeError) as error:
            raise CorpusError(f"The corpus file {path} cannot be read ({error}).") from error


def shipped(folder: Path = FOLDER) -> list[Record]:
    """All records that come with the product, files in the order of their names. Raises `CorpusError`."""
    records = list(read(sorted(folder.glob("*.jsonl"))))
    if not records:
        raise CorpusError(f"There are no corpus files in {folder}. Train from a checkout of the repository.")
    return records


def fingerprint(records: Iterable[Record]) -> str:
    """Hash of the records' content, whatever their order or the layout of their lines (hex, SHA-256)."""
    lines = sorted(json.dumps(record.source, sort_keys=True, ensure_ascii=False) for record in records)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _record(path: Path, number: int, line: str) -> Record:
    try:
        source = json.loads(line)
        id, mail, ledger = read_record(source)
        return Record(id, mail, ledger, read_gold(source), path.stem, source)
    except ValueError as error:
        raise CorpusError(f"{path}, line {number}: {error}") from error
