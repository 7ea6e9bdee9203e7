"""`python -m classifiers blind`: a random share of the corpus without its labels, for a second person to label.

Drawn per language and file, in mixed order. Ids are hashed, since names of files give labels away; `find` takes both kinds.
"""

import argparse
import hashlib
import json
import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from classifiers.corpus import Record, shipped
from inbox_agent.domain.errors import CorpusError


def main(arguments: Sequence[str]) -> int:
    """Runs the command. Raises `CorpusError`."""
    parser = argparse.ArgumentParser("python -m classifiers blind", description="Writes mail to label again.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--share", type=float, default=0.1, help="part of the corpus, 0 to 1")
    parser.add_argument("--out", type=Path, required=True, help="JSONL file to write")
    options = parser.parse_args(arguments)
    if not 0 < options.share <= 1:
        raise CorpusError("The share must be above 0 and at most 1.")
    chosen = draw(shipped(), options.share, options.seed)
    lines = [json.dumps(unlabelled(record), ensure_ascii=False) for record in chosen]
    options.out.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    print(
        f"{len(chosen)} mails without labels are in {options.out}. Add `gold` to each by the guide, then run `agreement`."
    )
    return 0


def draw(records: Iterable[Record], share: float, seed: int) -> list[Record]:
    """A random share of each language in each file, rounded, in mixed order; the same for the same seed."""
    groups: dict[tuple[str, str], list[Record]] = defaultdict(list)
    for record in records:
        groups[record.gold.language.value, record.file].append(record)
    chance = random.Random(seed)
    chosen = [one for _, group in sorted(groups.items()) for one in chance.sample(group, round(share * len(group)))]
    chance.shuffle(chosen)
    return chosen


def unlabelled(record: Record) -> dict[str, object]:
    """The record as written, without `gold` and under its blind id."""
    return {"id": blind_id(record.id)} | {
        name: value for name, value in record.source.items() if name not in ("id", "gold")
    }


def blind_id(id: str) -> str:
    """A name for a record that says nothing about it."""
    return hashlib.sha256(id.encode()).hexdigest()[:12]
