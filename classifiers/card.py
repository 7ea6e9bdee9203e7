"""A model's card as a page for people, made from the facts in its file and from nothing else."""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from classifiers import artifact
from classifiers.labels import INTENT_ORDER

_FIGURES = {
    "mails": "mails",
    "micro": "intent micro-F1",
    "macro": "intent macro-F1",
    "exact": "exact set of intents",
    "reason_acts": "dispute reason, by act",
    "reason_mails": "dispute reasons, whole set",
    "tone": "tone",
    "requires_reply": "reply wanted",
    "ece": "ECE",
    "coverage": "coverage at 98 % precision",
}


def markdown(card: Mapping[str, Any], name: str, version: str) -> str:
    """The page. Figures that the card lacks are left out."""
    sides = [
        (title, card[key])
        for key, title in (("test", "test"), ("dev", "dev, int8"), ("dev_fp32", "dev, torch"))
        if card.get(key)
    ]
    calibration = card["calibration"]
    lines = [
        f"# Model card: {name} ({version})",
        "",
        f"Reads the intents, dispute reasons and tone of accounts-receivable mail. Made {card['made_at']}, over "
        f"`{card['base']['source']}` (multilingual-e5-small), by `python -m classifiers train`.",
        "",
        "## Figures",
        "",
        "| measure | " + " | ".join(title for title, _ in sides) + " |",
        "|---|" + "--:|" * len(sides),
        *(
            f"| {label} | " + " | ".join(_figure(side.get(key)) for _, side in sides) + " |"
            for key, label in _FIGURES.items()
        ),
        "",
        "New text as labelled, without the rest of the chain; `inbox-agent evaluate` measures the chain.",
        "",
        "## Data",
        "",
        "| part | mails | SHA-256 of the records |",
        "|---|--:|---|",
        *(f"| {part} | {facts['mails']} | `{facts['sha256'][:16]}…` |" for part, facts in card["data"].items()),
        "",
        "## Thresholds",
        "",
        "| intent | counts from |",
        "|---|--:|",
        *(
            f"| {intent.value} | {threshold:.2f} |"
            for intent, threshold in zip(INTENT_ORDER, calibration["threshold"], strict=True)
        ),
        "",
        "## Settings",
        "",
        *(f"- `{key}`: {value}" for key, value in card["settings"].items()),
        *(f"- {package} {number}" for package, number in card["packages"].items()),
        "",
        "## Limits",
        "",
        *(f"- {limit}" for limit in card["limits"]),
        "",
    ]
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> int:
    """`python -m classifiers card FILE`: prints the page."""
    parser = argparse.ArgumentParser(prog="python -m classifiers card", description=__doc__)
    parser.add_argument("file", type=Path, nargs="?", default=artifact.SHIPPED)
    path = parser.parse_args(arguments).file
    print(markdown(artifact.read_card(path), path.stem, artifact.version(path)))
    return 0


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)
