"""Where the marks of the report's plots stand: values in 0..1 to places in an SVG view box. The template draws them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from classifiers.evaluation.counts import Group
from classifiers.evaluation.reliability import Point
from inbox_agent.domain.taxonomy import Intent

MOST_POINTS = 300
"""Points of a curve that are drawn; more cannot be told apart."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A square plot, small enough to be read at its own size on a phone. The y-axis runs from `floor` to 1."""

    width: int = 340
    height: int = 300
    left: int = 54
    right: int = 328
    top: int = 8
    bottom: int = 256
    floor: float = 0.0

    def x(self, value: float) -> float:
        """Place of a value on the x-axis."""
        return round(self.left + value * (self.right - self.left), 1)

    def y(self, value: float) -> float:
        """Place of a value on the y-axis; what lies below the floor stands on it."""
        share = max(0.0, (value - self.floor) / (1 - self.floor))
        return round(self.bottom - share * (self.bottom - self.top), 1)

    def line(self, points: Iterable[tuple[float, float]]) -> str:
        """The `points` attribute of a polyline through (x, y) values."""
        return " ".join(f"{self.x(x)},{self.y(y)}" for x, y in points)

    @property
    def y_ticks(self) -> tuple[float, ...]:
        """Five values from floor to top."""
        return tuple(round(self.floor + (1 - self.floor) * step / 4, 3) for step in range(5))


@dataclass(frozen=True, slots=True)
class Bar:
    """One intent's F1, `width` of the `FULL` units that a whole bar has; `y` is the top of its row."""

    intent: Intent
    f1: float | None
    support: int
    y: int
    width: float


FULL = 120
ROW = 22
"""Units of height that a bar and its label take."""


def bars(group: Group) -> tuple[Bar, ...]:
    """Bars for the intents that were there or were read, in the order of the guide."""
    there = [(intent, score) for intent, score in group.intents.items() if score.support or score.read]
    return tuple(
        Bar(intent, score.f1, score.support, place * ROW, round(FULL * (score.f1 or 0.0), 1))
        for place, (intent, score) in enumerate(there)
    )


def coverage_frame(curve: Sequence[Point]) -> Frame:
    """A frame whose y-axis begins at the quarter below the lowest precision, so that 0.98 can be told from 1."""
    lowest = min((point.precision for point in curve), default=0.0)
    return Frame(floor=min(0.75, int(lowest * 4) / 4))


def thinned(curve: Sequence[Point]) -> list[tuple[float, float]]:
    """(coverage, precision) of at most about `MOST_POINTS` points, the last one among them."""
    step = -(-len(curve) // MOST_POINTS) or 1
    kept = list(curve[::step]) + ([curve[-1]] if curve and (len(curve) - 1) % step else [])
    return [(point.coverage, point.precision) for point in kept]
