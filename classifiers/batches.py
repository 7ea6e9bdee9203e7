"""Samples as tensors: token ids, targets of the mail heads, and which tokens are evidence of which label."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from tokenizers import Tokenizer
from torch import Tensor

from classifiers.encoder.tokenizer import PAD
from classifiers.encoder.view import Section, View, views
from classifiers.labels import LABEL_ORDER, TONE_ORDER, columns
from classifiers.sample import Sample


@dataclass(frozen=True, slots=True)
class Encoded:
    """One sample: its first window, targets (LABELS,), the tone's index, the wish for a reply, evidence (T, LABELS)."""

    view: View
    labels: Tensor
    tone: int
    reply: float
    evidence: Tensor


@dataclass(frozen=True, slots=True)
class Batch:
    """B samples padded to T tokens."""

    ids: Tensor
    sections: Tensor
    labels: Tensor
    tone: Tensor
    reply: Tensor
    evidence: Tensor


def encode(tokenizer: Tokenizer, sample: Sample) -> Encoded:
    """The first window of a sample with its targets; labels said only beyond it stay targets of the mail heads."""
    view = next(views(tokenizer, sample.subject, sample.text, sample.context))
    labels = torch.zeros(len(LABEL_ORDER))
    labels[columns(sample.intents, sample.reasons)] = 1
    evidence = torch.zeros(len(view), len(LABEL_ORDER))
    for span in sample.spans:
        section = Section.SUBJECT if span.in_subject else Section.TEXT
        inside = [
            position
            for position, (where, (start, end)) in enumerate(zip(view.sections, view.offsets, strict=True))
            if where is section and start < span.end and span.start < end
        ]
        for column in columns([span.intent], [span.reason] if span.reason else []):
            evidence[inside, column] = 1
    return Encoded(view, labels, TONE_ORDER.index(sample.tone), float(sample.requires_reply), evidence)


def batches(encoded: Sequence[Encoded], tokens: int, order: Sequence[int]) -> Iterator[list[int]]:
    """Positions grouped so that a padded batch holds at most `tokens`; `order` says which comes first within a length."""
    by_length = sorted(order, key=lambda position: len(encoded[position].view) // 16)
    batch: list[int] = []
    for position in by_length:
        longest = max(len(encoded[other].view) for other in [*batch, position])
        if batch and longest * (len(batch) + 1) > tokens:
            yield batch
            batch = []
        batch.append(position)
    if batch:
        yield batch


def collate(rows: Sequence[Encoded]) -> Batch:
    """One padded batch."""
    longest = max(len(row.view) for row in rows)
    ids = torch.full((len(rows), longest), PAD)
    sections = torch.full((len(rows), longest), int(Section.CONTEXT))
    evidence = torch.zeros(len(rows), longest, len(LABEL_ORDER))
    for number, row in enumerate(rows):
        length = len(row.view)
        ids[number, :length] = torch.tensor(row.view.ids)
        sections[number, :length] = torch.tensor([int(section) for section in row.view.sections])
        evidence[number, :length] = row.evidence
    return Batch(
        ids,
        sections,
        torch.stack([row.labels for row in rows]),
        torch.tensor([row.tone for row in rows]),
        torch.tensor([row.reply for row in rows]),
        evidence,
    )
