"""Training: samples in, a network out, chosen by its exact sets and F1 on dev."""

import copy
import math
import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import BertModel

from classifiers import artifact, augment, batches, losses
from classifiers.calibration import sigmoid
from classifiers.configuration import Configuration
from classifiers.encoder import base
from classifiers.evaluation import Pair, Reading, evaluate
from classifiers.evaluation.pairs import labels_of_sample
from classifiers.labels import INTENT_ORDER, REASON_ORDER, choose, mapping
from classifiers.network import Network
from classifiers.reader import Output
from classifiers.sample import Sample
from inbox_agent.domain.errors import ModelError

Progress = Callable[[str], None]

HALF = dict.fromkeys(INTENT_ORDER, 0.5)


def fit(
    configuration: Configuration, train: Sequence[Sample], dev: Sequence[Sample], progress: Progress
) -> tuple[Network, Tokenizer]:
    """Trains until the epochs or the patience end; gives the network with the weights that were best on dev."""
    torch.manual_seed(configuration.seed)
    rng = random.Random(configuration.seed)
    folder = base.folder(configuration.base)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    bert = BertModel.from_pretrained(
        folder,
        dtype=torch.float32,
        add_pooling_layer=False,
        hidden_dropout_prob=configuration.dropout,
        attention_probs_dropout_prob=0.0,  # lets torch use its fast attention
    )
    network = Network(bert, configuration.frozen, configuration.dropout)
    if configuration.start:
        _begin(network, configuration.start)
    network.to(device)
    average = copy.deepcopy(network).eval() if configuration.average else network
    fixed = [batches.encode(tokenizer, sample) for sample in dev]
    plain = [batches.encode(tokenizer, sample) for sample in train]
    positive = losses.balance(torch.stack([row.labels for row in plain])).to(device)
    steps = sum(1 for _ in batches.batches(plain, configuration.tokens, range(len(plain)))) * configuration.epochs
    optimiser = torch.optim.AdamW(_groups(network, configuration), weight_decay=0.01, fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _rate(step, steps))
    lower = [] if configuration.augment else _lower(network, plain, configuration.tokens)
    best, best_state, waited, step = -1.0, {}, 0, 0
    for epoch in range(configuration.epochs):
        started, seen = time.monotonic(), 0.0
        rows = plain
        if configuration.augment:
            varied = [
                augment.varied(sample, train, rng) if rng.random() < configuration.augment else sample
                for sample in train
            ]
            rows = [batches.encode(tokenizer, sample) for sample in varied]
        order = list(range(len(rows)))
        rng.shuffle(order)
        groups = list(batches.batches(rows, configuration.tokens, order))
        rng.shuffle(groups)
        network.train()
        for group in groups:
            batch = batches.collate([rows[position] for position in group])
            batch = batches.Batch(*(getattr(batch, name).to(device) for name in batch.__dataclass_fields__))
            with torch.autocast(device.type, dtype=torch.bfloat16):
                cached = _padded([lower[position] for position in group], device) if lower else None
                outputs = network(batch.ids, batch.sections, cached)
            value = losses.loss(outputs, batch, positive, configuration.weights)
            optimiser.zero_grad()
            value.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            step += 1
            seen += value.item()
            if average is not network:
                _follow(average, network, min(configuration.average, (1 + step) / (10 + step)))
        scores = quick(predict(average, fixed, configuration.tokens), dev)
        progress(
            f"epoch {epoch + 1}/{configuration.epochs}: loss {seen / len(groups):.3f}, dev micro {scores[0]:.3f} "
            f"macro {scores[1]:.3f} exact {scores[2]:.3f} reasons {scores[3]:.3f} ({time.monotonic() - started:.0f} s)"
        )
        waited += 1
        if sum(scores) > best:
            best, waited = sum(scores), 0
            best_state = {name: value.clone() for name, value in average.state_dict().items()}
        if waited >= configuration.patience:
            break
    network.load_state_dict(best_state)
    return network.eval(), tokenizer


def _lower(network: Network, rows: Sequence[batches.Encoded], tokens: int) -> list[Tensor]:
    """The states below the first trained layer of every row, kept while the rows stay the same (fp16, on the CPU)."""
    network.eval()
    device = next(network.parameters()).device
    states: dict[int, Tensor] = {}
    for group in batches.batches(rows, 2 * tokens, range(len(rows))):
        batch = batches.collate([rows[position] for position in group])
        with torch.autocast(device.type, dtype=torch.bfloat16):
            found = network.lower(batch.ids.to(device))
        for number, position in enumerate(group):
            states[position] = found[number, : len(rows[position].view)].half().cpu()
    return [states[position] for position in range(len(rows))]


def _padded(states: Sequence[Tensor], device: torch.device) -> Tensor:
    return nn.utils.rnn.pad_sequence(list(states), batch_first=True).float().to(device)


def predict(network: Network, rows: Sequence[batches.Encoded], tokens: int = 4096) -> list[Output]:
    """What the network says, in the order of the rows."""
    network.eval()
    device = next(network.parameters()).device
    found: dict[int, Output] = {}
    with torch.inference_mode():
        for group in batches.batches(rows, tokens, range(len(rows))):
            batch = batches.collate([rows[position] for position in group])
            with torch.autocast(device.type, dtype=torch.bfloat16):
                said = network(batch.ids.to(device), batch.sections.to(device))
            for number, position in enumerate(group):
                parts = (said.labels, said.tone, said.reply, said.tokens, said.pooled)
                labels, tone, reply, token, pooled = (part[number].float().cpu().numpy() for part in parts)
                found[position] = Output(labels, tone, float(reply), token, pooled)
    return [found[position] for position in range(len(rows))]


def outputs_of(network: Network, samples: Sequence[Sample]) -> list[Output]:
    """The same for samples, with the network's own base."""
    tokenizer = Tokenizer.from_file(str(Path(str(network.base.config.name_or_path)) / "tokenizer.json"))
    return predict(network, [batches.encode(tokenizer, one) for one in samples])


def changed(network: Network) -> dict[str, NDArray[Any]]:
    """What training changed, under the names that `graph` reads: a model's tensors."""
    kept = {
        name: value.detach().float().cpu().numpy()
        for name, value in network.state_dict().items()
        if not name.startswith("base.") or _layer(name) >= network.frozen
    }
    return {**kept, "section.layer": np.array([network.frozen], dtype=np.int64)}


def _begin(network: Network, start: str) -> None:
    """Takes the weights of a model file. Raises `ModelError` when it is not one, or of another shape."""
    path = artifact.SHIPPED if start == "shipped" else Path(start)
    tensors = {name: torch.from_numpy(value.astype(np.float32)) for name, value in artifact.read(path)[1].items()}
    if int(tensors["section.layer"].item() if "section.layer" in tensors else -1) != network.frozen:
        raise ModelError(
            f"The model {path.name} was trained from another layer. Set frozen as in its card, and try again."
        )
    own = network.state_dict()
    wrong = [name for name in own if name in tensors and tensors[name].shape != own[name].shape]
    if wrong:
        raise ModelError(f"The model {path.name} cannot be continued: it has another shape ({', '.join(wrong[:3])}).")
    network.load_state_dict({name: tensors.get(name, value) for name, value in own.items()})


def _layer(name: str) -> int:
    """The number of the layer that a tensor belongs to; -1 for the embeddings."""
    return int(name.split(".")[3]) if name.startswith("base.encoder.layer.") else -1


def quick(outputs: Sequence[Output], samples: Sequence[Sample]) -> tuple[float, float, float, float]:
    """Micro-F1, macro-F1, exact sets and the likeliest reason's accuracy at threshold one half: to choose an epoch by."""
    pairs = []
    for output, one in zip(outputs, samples, strict=True):
        chosen, _ = choose(mapping(sigmoid(output.labels.astype(np.float64))), HALF)
        likeliest = REASON_ORDER[int(output.labels[len(INTENT_ORDER) :].argmax())]
        pairs.append(Pair(labels_of_sample(one), Reading(frozenset(chosen), 0.5, frozenset({likeliest}))))
    scores = evaluate(pairs, resamples=0)
    first = [
        one.reading.reasons & set(one.labels.reasons) for one in pairs if one.labels.reasons and one.reading.reasons
    ]
    return (
        scores.micro.value or 0.0,
        scores.macro.value or 0.0,
        scores.exact.value or 0.0,
        float(np.mean([bool(hit) for hit in first])) if first else 1.0,
    )


def _groups(network: Network, configuration: Configuration) -> list[dict[str, object]]:
    layers = network.base.encoder.layer
    groups: list[dict[str, object]] = [
        {"params": [*network.heads.parameters(), *network.section.parameters()], "lr": configuration.head_rate}
    ]
    for number in range(configuration.frozen, len(layers)):
        rate = configuration.rate * configuration.decay ** (len(layers) - 1 - number)
        groups.append({"params": list(layers[number].parameters()), "lr": rate})
    return groups


def _rate(step: int, steps: int) -> float:
    """Warm-up over a tenth of the steps, then a cosine to nothing."""
    warm = max(1, steps // 10)
    return step / warm if step < warm else 0.5 * (1 + math.cos(math.pi * min(1, (step - warm) / max(1, steps - warm))))


def _follow(average: nn.Module, network: nn.Module, decay: float) -> None:
    with torch.no_grad():
        for mean, value in zip(average.parameters(), network.parameters(), strict=True):
            if value.requires_grad:
                mean.lerp_(value, 1 - decay)
