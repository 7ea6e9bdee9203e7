"""Making a model: train, measure as it will run (int8), calibrate on dev, and write one file with its card."""

import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifiers import artifact, configuration, corpus, neighbours, sample
from classifiers.calibration import Calibration, fit
from classifiers.corpus import Record, Split
from classifiers.encoder import base
from classifiers.encoder.view import views
from classifiers.evaluation import Pair, Reading, evaluate
from classifiers.evaluation.pairs import labels_of_sample
from classifiers.labels import (
    INTENT_ORDER,
    LABEL_ORDER,
    REASON_FROM,
    REASON_ORDER,
    TONE_ORDER,
    choose,
    columns,
    mapping,
)
from classifiers.reader import Output, Reader
from classifiers.sample import Sample

Progress = Callable[[str], None]

LIMITS = (
    "Trained on mail that was written for training; real mail of other houses is read less well.",
    "Reads Dutch, English, German and French; other languages get a reading of low confidence.",
    "Reads the first 1,152 tokens of new text.",
    "Tone and irony are read less surely than intents; amounts, dates and invoices are not read by this model.",
)


def train(config: Path, extra: Sequence[Record], out: Path, progress: Progress) -> dict[str, Any]:
    """Trains on the shipped train split and `extra` records; writes the model to `out` and gives its card.

    Raises `ModelError` and `CorpusError`.
    """
    from classifiers import training

    settings = configuration.read(config)
    records = corpus.shipped()
    split = {part: [record for record in records if record.split is part] for part in Split}
    private = frozenset(f"{record.file}/{record.id}" for record in extra)
    learnt = [sample.of(record) for record in [*split[Split.TRAIN], *extra]]
    dev, test = ([sample.of(record) for record in split[part]] for part in (Split.DEV, Split.TEST))
    progress(f"training on {len(learnt)} mails, {len(dev)} to choose by")
    network, _ = training.fit(settings, learnt, dev, progress)
    folder = base.folder(settings.base)
    tensors = training.changed(network)
    card: dict[str, Any] = {
        "name": "inbox-agent intents",
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "base": {"source": settings.base, "sha256": base.fingerprint(folder)},
        "settings": settings.model_dump(mode="json"),
        "packages": {name: version(name) for name in ("torch", "transformers", "onnxruntime", "numpy")},
        "data": {part.value: {"mails": len(split[part]), "sha256": corpus.fingerprint(split[part])} for part in Split}
        | {"extra": {"mails": len(extra), "sha256": corpus.fingerprint(extra)}},
        "limits": list(LIMITS),
    }
    progress("calibrating on dev, as int8")
    with tempfile.TemporaryDirectory(prefix="inbox-agent-model-") as name:
        plain = Path(name) / "plain.safetensors"
        plain.write_bytes(artifact.pack(tensors, card))
        reader = Reader(plain, card, threads=2)
        outputs = outputs_of(reader, dev)
        calibration = fit(_logits(outputs), targets(dev))
        card["calibration"] = calibration.as_json()
        card["dev"] = scores(calibration, outputs, dev)
        card["test"] = scores(calibration, outputs_of(reader, test), test)
        card["dev_fp32"] = scores(calibration, training.outputs_of(network, dev), dev)
        progress(f"dev, int8: {card['dev']}; the same in bf16 torch: {card['dev_fp32']}")
        pooled = np.stack([output.pooled for output in outputs_of(reader, learnt)])
        reader.forget()
    card["neighbours"] = neighbours.rows(learnt, private)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(artifact.pack({**tensors, neighbours.VECTORS: pooled}, card))
    return artifact.read_card(out)


def outputs_of(reader: Reader, samples: Sequence[Sample]) -> list[Output]:
    """What the network says of each sample's first window."""
    windows = [next(views(reader.tokenizer, one.subject, one.text, one.context)) for one in samples]
    return reader.read(windows)


def scores(calibration: Calibration, outputs: Sequence[Output], samples: Sequence[Sample]) -> dict[str, float | None]:
    """The figures of the card, over these mails with their new text as labelled."""
    pairs = []
    for output, one in zip(outputs, samples, strict=True):
        probability = calibration.probabilities(output.labels.astype(np.float64))
        of_intent = mapping(probability)
        chosen, likelihood = choose(of_intent, calibration.thresholds)
        reasons = probability[len(INTENT_ORDER) :]
        reading = Reading(
            frozenset(chosen),
            calibration.certainty(of_intent, chosen, likelihood),
            frozenset(
                {REASON_ORDER[n] for n in range(len(reasons)) if reasons[n] >= REASON_FROM}
                or {REASON_ORDER[int(reasons.argmax())]}
            ),
            TONE_ORDER[int(output.tone.argmax())],
            output.reply > 0,
        )
        pairs.append(Pair(labels_of_sample(one), reading))
    result = evaluate(pairs, resamples=0)
    names = ("micro", "macro", "exact", "reason_acts", "reason_mails", "tone", "requires_reply", "ece", "coverage")
    return {"mails": len(pairs)} | {
        name: None if (value := getattr(result, name).value) is None else round(value, 4) for name in names
    }


def targets(samples: Sequence[Sample]) -> NDArray[np.float64]:
    """The labels of samples (N, LABELS)."""
    said = np.zeros((len(samples), len(LABEL_ORDER)))
    for number, one in enumerate(samples):
        said[number, columns(one.intents, one.reasons)] = 1
    return said


def _logits(outputs: Sequence[Output]) -> NDArray[np.float64]:
    return np.stack([output.labels for output in outputs]).astype(np.float64)
