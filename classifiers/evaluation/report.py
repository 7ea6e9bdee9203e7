"""An evaluation as one HTML page that needs no other file, and `metrics.json` beside it. Mail text is hostile: all is escaped."""

import json
from collections.abc import Iterator
from pathlib import Path

import jinja2
from markupsafe import Markup

from classifiers.evaluation import plots
from classifiers.evaluation.facts import FACTS
from classifiers.evaluation.run import Run
from classifiers.evaluation.scores import Measure, Scores
from classifiers.evaluation.shown import shown

FOLDER = Path(__file__).parent / "page"

MEASURES: dict[str, str] = {
    "micro": "intents, micro-F1",
    "macro": "intents, macro-F1",
    "exact": "exact set of intents",
    "reason_acts": "dispute reason, per act",
    "reason_mails": "dispute reasons, exact set",
    "tone": "tone",
    "requires_reply": "requires a reply",
    "reply_text": "new text, exact",
    "ece": "calibration error (ECE)",
    "coverage": "coverage at 98 % precision",
}
"""The figures with an interval, as the tables name them."""

MOST_CONFUSIONS = 25
"""Confusion pairs that the page lists; `metrics.json` has all."""


def measures(scores: Scores) -> Iterator[tuple[str, Measure]]:
    """The figures with an interval, named."""
    for name, title in MEASURES.items():
        yield title, getattr(scores, name)


def page(run: Run) -> str:
    """The HTML page of an evaluation: no script, no other file, nothing fetched."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_harmless,
    )
    environment.filters["figure"] = figure
    style = Markup((FOLDER / "style.css").read_text(encoding="utf-8"))  # our own file
    return environment.get_template("page.html").render(
        run=run, style=style, titles=MEASURES, fact_titles=FACTS, plots=plots, most_confusions=MOST_CONFUSIONS
    )


def write(run: Run, folder: Path) -> None:
    """Writes `index.html` and `metrics.json` into `folder`, which is made. Raises `OSError`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "index.html").write_text(page(run), encoding="utf-8")
    (folder / "metrics.json").write_text(as_json(run), encoding="utf-8")


def as_json(run: Run) -> str:
    """The run as JSON in ASCII, so that no terminal takes a mail's characters for commands."""
    return json.dumps(run.as_json(), indent=1, sort_keys=True) + "\n"


def figure(value: float | None, places: int = 2) -> str:
    """A figure as people read it; a dash where there is none."""
    return "–" if value is None else f"{value:.{places}f}"


def _harmless(value: object) -> object:
    return shown(value) if isinstance(value, str) and not isinstance(value, Markup) else value
