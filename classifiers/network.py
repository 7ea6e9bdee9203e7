"""The network: the base encoder, and heads that read a mail by label-wise attention and point at the words.

A token head says for every token of subject and new text how strongly it says each label (intents, then dispute reasons),
taught by the corpus' evidence. Each label also has a query that attends over those tokens, taught by the evidence too. The
mail's logit is read from what the label attends to, from its strongest tokens, and from the mean of the new text. Tone and the wish for a reply are read from the mean.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from transformers import BertModel

from classifiers.encoder.view import Section
from classifiers.labels import LABEL_ORDER, STRONGEST, TONE_ORDER

LABELS = len(LABEL_ORDER)


@dataclass(frozen=True, slots=True)
class Outputs:
    """For a batch of B mails of T tokens: mail logits (B, LABELS), tone logits (B, 4), reply logits (B),
    attention (B, LABELS, T), token logits (B, T, LABELS), and the pooled vector (B, hidden)."""

    labels: Tensor
    tone: Tensor
    reply: Tensor
    attention: Tensor
    tokens: Tensor
    pooled: Tensor


class Heads(nn.Module):
    """Everything after the encoder."""

    def __init__(self, hidden: int, dropout: float) -> None:
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        self.key = nn.Linear(hidden, hidden)
        self.query = nn.Parameter(torch.randn(LABELS, hidden) * 0.05)
        self.read = nn.Parameter(torch.randn(LABELS, hidden) * 0.02)
        self.bias = nn.Parameter(torch.full((LABELS,), -1.0))
        self.whole = nn.Linear(hidden, LABELS, bias=False)
        self.token = nn.Linear(hidden, LABELS)
        self.gate = nn.Parameter(torch.full((LABELS,), 0.5))
        self.manner = nn.Linear(2 * hidden, len(TONE_ORDER) + 1)
        nn.init.constant_(self.token.bias, -3.0)

    def forward(self, states: Tensor, said: Tensor, text: Tensor) -> Outputs:
        """`states` (B, T, hidden); `said` and `text` (B, T) mark tokens of subject or new text, and of new text."""
        states = self.dropout(states)
        score = self.key(states) @ self.query.T / states.shape[-1] ** 0.5 * 4
        score = score.masked_fill(~said[..., None], -1e4)
        attention = score.softmax(dim=1).transpose(1, 2)
        attended = attention @ states
        share = text / text.sum(dim=1, keepdim=True).clamp(min=1)
        pooled = (share[..., None] * states).sum(dim=1)
        tokens = self.token(states)
        strongest = tokens.masked_fill(~said[..., None], -10.0).topk(STRONGEST, dim=1).values.mean(1)
        manner = self.manner(torch.cat([states[:, 0], pooled], dim=-1))
        return Outputs(
            labels=(attended * self.read).sum(-1) + self.whole(pooled) + self.gate * strongest + self.bias,
            tone=manner[:, :-1],
            reply=manner[:, -1],
            attention=attention,
            tokens=tokens,
            pooled=pooled,
        )


class Network(nn.Module):
    """Encoder and heads. Layers below `frozen` keep the base's weights and pass no gradient."""

    def __init__(self, base: BertModel, frozen: int, dropout: float = 0.1) -> None:
        super().__init__()
        self.base = base
        self.frozen = frozen
        hidden = base.config.hidden_size
        self.section = nn.Embedding(len(Section), hidden)
        nn.init.zeros_(self.section.weight)
        self.heads = Heads(hidden, dropout)
        base.embeddings.requires_grad_(False)
        for layer in base.encoder.layer[:frozen]:
            layer.requires_grad_(False)

    def train(self, mode: bool = True) -> "Network":
        """As in torch; what is frozen reads without dropout."""
        super().train(mode)
        self.base.embeddings.eval()
        for layer in self.base.encoder.layer[: self.frozen]:
            layer.eval()
        return self

    def lower(self, ids: Tensor) -> Tensor:
        """States below the first trained layer, without gradient; a mail's own, whatever the batch."""
        with torch.no_grad():
            states: Tensor = self.base.embeddings(input_ids=ids)
            mask = _additive(self._present(ids), states.dtype)
            for layer in self.base.encoder.layer[: self.frozen]:
                states = _first(layer(states, attention_mask=mask))
        return states

    def forward(self, ids: Tensor, sections: Tensor, lower: Tensor | None = None) -> Outputs:
        """`ids`, `sections` (B, T), padded; `lower` are cached states of `lower(ids)`."""
        present = self._present(ids)
        states = (self.lower(ids) if lower is None else lower) + self.section(sections)
        mask = _additive(present, states.dtype)
        for layer in self.base.encoder.layer[self.frozen :]:
            states = _first(layer(states, attention_mask=mask))
        said = present & (sections != Section.CONTEXT)
        text = present & (sections == Section.TEXT)
        outputs: Outputs = self.heads(states.float(), said, text.float())
        return outputs

    def _present(self, ids: Tensor) -> Tensor:
        return ids.ne(int(self.base.config.pad_token_id or 0))


def _additive(present: Tensor, dtype: torch.dtype) -> Tensor:
    return torch.zeros_like(present, dtype=dtype).masked_fill(~present, -1e4)[:, None, None, :]


def _first(output: Tensor | tuple[Tensor, ...]) -> Tensor:
    return output if isinstance(output, Tensor) else output[0]
