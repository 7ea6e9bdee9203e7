"""`python -m classifiers compare`: what each way of training reaches on dev, as a table for README.md.

Beside the settings files: TF-IDF with logistic regression, and the frozen base (mean of its states, by
sentence-transformers) with logistic regression. Slow: each settings file is a whole training run.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from classifiers import configuration, corpus, sample, training
from classifiers.baselines import TfIdf, chosen_of
from classifiers.corpus import Split
from classifiers.encoder import base
from classifiers.evaluation import Pair, Reading, evaluate
from classifiers.evaluation.pairs import labels_of_sample
from classifiers.labels import INTENT_ORDER
from classifiers.sample import Sample

Row = tuple[str, float, float, float, float]
"""What was trained, micro-F1, macro-F1, exact sets, minutes."""


def main(arguments: Sequence[str]) -> int:
    """Prints a row as soon as it is known."""
    parser = argparse.ArgumentParser(prog="python -m classifiers compare", description=__doc__)
    parser.add_argument("configs", type=Path, nargs="*", help="settings files (.toml) to train and compare")
    given = parser.parse_args(arguments)
    records = corpus.shipped()
    train, dev = ([sample.of(one) for one in records if one.split is part] for part in (Split.TRAIN, Split.DEV))
    print(f"| on dev ({len(dev)} mails), trained on {len(train)} | micro-F1 | macro-F1 | exact set | minutes |")
    print("|---|--:|--:|--:|--:|")
    for row in (_tfidf(train, dev), _frozen(train, dev)):
        _show(row)
    for path in given.configs:
        started = time.monotonic()
        network, _ = training.fit(configuration.read(path), train, dev, lambda text: print(text, file=sys.stderr))
        figures = training.quick(training.outputs_of(network, dev), dev)
        _show((path.stem, *figures[:3], (time.monotonic() - started) / 60))
    return 0


def _show(row: Row) -> None:
    name, micro, macro, exact, minutes = row
    print(f"| {name} | {micro:.3f} | {macro:.3f} | {exact:.3f} | {minutes:.0f} |", flush=True)


def _tfidf(train: Sequence[Sample], dev: Sequence[Sample]) -> Row:
    started = time.monotonic()
    model = TfIdf().fit(train)
    return _scored("TF-IDF, logistic regression", model.probabilities(dev), dev, started)


def _frozen(train: Sequence[Sample], dev: Sequence[Sample]) -> Row:
    """The base as it is, without any training of its own."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier

    from classifiers.making import targets

    started = time.monotonic()
    words = Transformer(str(base.folder()))
    encoder = SentenceTransformer(modules=[words, Pooling(words.get_embedding_dimension())], device="cpu")
    seen = [
        encoder.encode([f"query: {one.subject}\n{one.text}" for one in part], batch_size=16) for part in (train, dev)
    ]
    heads = OneVsRestClassifier(LogisticRegression(C=30, max_iter=2000, class_weight="balanced"))
    heads.fit(seen[0], targets(train)[:, : len(INTENT_ORDER)])
    return _scored("frozen encoder, logistic regression", heads.predict_proba(seen[1]), dev, started)


def _scored(
    name: str, probabilities: Sequence[Sequence[float]] | np.ndarray, dev: Sequence[Sample], started: float
) -> Row:
    pairs = [
        Pair(labels_of_sample(one), Reading(chosen_of([float(value) for value in row]), 0.5))
        for row, one in zip(probabilities, dev, strict=True)
    ]
    scores = evaluate(pairs, resamples=0)
    return (
        name,
        scores.micro.value or 0.0,
        scores.macro.value or 0.0,
        scores.exact.value or 0.0,
        (time.monotonic() - started) / 60,
    )
