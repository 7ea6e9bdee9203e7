"""Who reads mail in `bench classify`: the classifiers of the program, and two that are there to be compared with."""

import pickle
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from classifiers import registry
from classifiers.baselines import TfIdf
from classifiers.encoder import base
from classifiers.sample import Sample
from inbox_agent.bench.fresh import Contestant
from inbox_agent.bench.sample_mails import ReadMail
from inbox_agent.domain.mail import Mail
from inbox_agent.domain.steps import IntentClassifier
from inbox_agent.domain.taxonomy import Intent, Tone
from inbox_agent.domain.text import MailText
from inbox_agent.domain.triage import Classification, IntentScore

THREADS = 2
TOGETHER = 32
"""Mails that the pipeline reads in one go, as the fine-tuned classifier."""


class Classifier(IntentClassifier, Protocol):
    """An `IntentClassifier` that reads several mails in one go."""

    def classify_all(self, mails: Sequence[ReadMail]) -> list[Classification]: ...


def load(contestant: Contestant, source: str) -> tuple[Classifier, float]:
    """The classifier, and the seconds that loading it took.

    `source`: the fine-tuned one's name or file, or the file that `keep` wrote. Raises `ModelError`, and `ImportError` when
    a package is not installed.
    """
    began = time.monotonic()
    classifier: Classifier
    match contestant:
        case Contestant.TF_IDF:
            classifier = _Regressions(Path(source))
        case Contestant.TRANSFORMERS:
            classifier = _Pipeline(base.folder())
        case _:
            named = registry.load(source or contestant.value)
            classifier = named if hasattr(named, "classify_all") else _OneByOne(named)  # type: ignore[assignment]
    return classifier, time.monotonic() - began


def keep(learnt: TfIdf, path: Path) -> None:
    """Keeps what TF-IDF learnt, so that a fresh process need not learn again.

    A pickle, as scikit-learn has nothing else: written and read within one run, in a folder of its own.
    """
    path.write_bytes(pickle.dumps(learnt))


class _OneByOne:
    """A classifier that has no way to read several mails in one go."""

    def __init__(self, classifier: IntentClassifier) -> None:
        self._classifier = classifier
        self.version = classifier.version

    def classify(self, mail: Mail, text: MailText) -> Classification:
        return self._classifier.classify(mail, text)

    def classify_all(self, mails: Sequence[ReadMail]) -> list[Classification]:
        return [self._classifier.classify(mail, text) for mail, text in mails]


class _Regressions:
    """The baseline of evaluations. Tone and reply are not read."""

    def __init__(self, kept: Path) -> None:
        self._learnt: TfIdf = pickle.loads(kept.read_bytes())
        self.version = self._learnt.version

    def classify(self, mail: Mail, text: MailText) -> Classification:
        return self.classify_all([(mail, text)])[0]

    def classify_all(self, mails: Sequence[ReadMail]) -> list[Classification]:
        none: frozenset[Any] = frozenset()
        samples = [
            Sample("", text.language, mail.subject, text.reply_text, "", (), none, none, Tone.NEUTRAL, False)
            for mail, text in mails
        ]
        return [
            Classification(
                tuple(IntentScore(intent, one.confidence) for intent in sorted(one.intents)),
                Tone.NEUTRAL,
                False,
                one.confidence,
                self.version,
            )
            for one in self._learnt.read(samples)
        ]


class _Pipeline:
    """A feature-extraction pipeline of `transformers` over the base, on torch: what the encoder alone costs.

    It reads no intent; every mail is said to be an other query, so that the later steps have something to go by.
    """

    version = "multilingual-e5-small"

    def __init__(self, folder: Path) -> None:
        import torch
        from transformers import AutoTokenizer, BertModel, pipeline
        from transformers.utils import logging

        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        torch.set_num_threads(THREADS)
        self._pipeline: Any = pipeline(
            "feature-extraction",
            model=BertModel.from_pretrained(folder, add_pooling_layer=False, dtype=torch.float32),
            tokenizer=AutoTokenizer.from_pretrained(folder),
            tokenize_kwargs={"truncation": True},
            return_tensors=True,
            device="cpu",
        )

    def classify(self, mail: Mail, text: MailText) -> Classification:
        return self.classify_all([(mail, text)])[0]

    def classify_all(self, mails: Sequence[ReadMail]) -> list[Classification]:
        said = [f"query: {mail.subject}\n{text.reply_text}" for mail, text in mails]
        score = IntentScore(Intent.OTHER_QUERY, 0.0)
        return [
            Classification((score,), Tone.NEUTRAL, False, 0.0, self.version)
            for _ in self._pipeline(said, batch_size=TOGETHER)
        ]
