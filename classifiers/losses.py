"""What training minimises: the mail's labels, tone and reply, where attention lies, and what each token says."""

import torch
from torch import Tensor
from torch.nn import functional

from classifiers.batches import Batch
from classifiers.configuration import LossWeights
from classifiers.labels import INTENT_ORDER
from classifiers.network import Outputs

_INTENTS = len(INTENT_ORDER)
_DISPUTE = 0


def balance(labels: Tensor) -> Tensor:
    """Weight of a positive per label from the training labels (N, LABELS): square root of the odds, between 1 and 5."""
    positive = labels.sum(0).clamp(min=1)
    return ((len(labels) - positive) / positive).sqrt().clamp(1, 5)


def loss(outputs: Outputs, batch: Batch, positive: Tensor, weights: LossWeights) -> Tensor:
    """The weighted sum, a mean per mail."""
    each = functional.binary_cross_entropy_with_logits(
        outputs.labels, batch.labels, pos_weight=positive, reduction="none"
    )
    disputed = 0.25 + 0.75 * batch.labels[:, _DISPUTE, None]  # reasons matter where there is a dispute
    total = each[:, :_INTENTS].sum(1).mean() + weights.reasons * (each[:, _INTENTS:] * disputed).sum(1).mean()
    total = total + weights.tone * functional.cross_entropy(outputs.tone, batch.tone)
    total = total + weights.reply * functional.binary_cross_entropy_with_logits(outputs.reply, batch.reply)
    if weights.attention:
        total = total + weights.attention * _attention(outputs.attention, batch.evidence)
    if weights.evidence:
        total = total + weights.evidence * _evidence(outputs.tokens, batch)
    if weights.why:
        total = total + weights.why * _why(outputs.tokens, batch.evidence)
    return total


def _attention(attention: Tensor, evidence: Tensor) -> Tensor:
    """Minus the logarithm of the attention that lies on evidence, over the labels that have some."""
    marked = evidence.transpose(1, 2)
    has = marked.sum(-1) > 0
    mass = (attention * marked).sum(-1).clamp(min=1e-4)
    return -(mass.log() * has).sum() / has.sum().clamp(min=1)


def _evidence(tokens: Tensor, batch: Batch) -> Tensor:
    """Cross-entropy of every token and label; a label that the mail has without marked words teaches nothing there."""
    present = batch.ids != 1
    marked = batch.evidence.sum(1) > 0
    known = (marked | (batch.labels == 0))[:, None, :] & present[..., None]
    each = functional.binary_cross_entropy_with_logits(
        tokens, batch.evidence, pos_weight=torch.tensor(3.0), reduction="none"
    )
    return (each * known).sum((1, 2)).div(present.sum(1)).mean()


def _why(tokens: Tensor, evidence: Tensor) -> Tensor:
    """Cross-entropy between the reasons, over the words of disputes that tell just one."""
    reasons = evidence[..., _INTENTS:]
    alone = (evidence[..., _DISPUTE] > 0) & (reasons.sum(-1) == 1)
    if not alone.any():
        return tokens.new_zeros(())
    return functional.cross_entropy(tokens[..., _INTENTS:][alone], reasons[alone].argmax(-1))
