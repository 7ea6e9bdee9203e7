"""How well mail is read: pairs of labels and readings in, figures with intervals out. `report` makes the page."""

from classifiers.evaluation.pairs import Labels, Pair, Reading
from classifiers.evaluation.scores import Scores, evaluate

__all__ = ["Labels", "Pair", "Reading", "Scores", "evaluate"]
