"""The network as an ONNX graph, written by hand from base and delta: a worker needs neither torch nor transformers.

The graph takes the rows of the word table instead of token ids, so that the table stays on disk, mapped.
Matrix products of the encoder are quantised to int8 as the worker loads them (dynamic, per channel); the heads stay fp32.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifiers.labels import STRONGEST, TONE_ORDER

Weights = dict[str, NDArray[Any]]

INPUTS = ("word", "sections", "present")
OUTPUTS = ("labels", "tone", "reply", "attention", "tokens", "pooled")

_OPSET = 17
_HEADS = "heads."


class _Graph:
    """Nodes and initialisers being gathered."""

    def __init__(self) -> None:
        from onnx import helper, numpy_helper

        self._helper, self._numpy = helper, numpy_helper
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self._count = 0

    def constant(self, value: NDArray[Any] | list[int] | float, kind: Any = np.float32, name: str = "") -> str:
        name = name or self._name("c")
        self.constants.append(self._numpy.from_array(np.array(value, dtype=kind, order="C"), name))
        return name

    def add(
        self, kind: str, inputs: list[str], outputs: int | str = 1, domain: str = "", name: str = "", **attributes: Any
    ) -> Any:
        made = [outputs] if isinstance(outputs, str) else [self._name("t") for _ in range(outputs)]
        self.nodes.append(
            self._helper.make_node(kind, inputs, made, name=name or self._name("n"), domain=domain, **attributes)
        )
        return made[0] if len(made) == 1 else made

    def _name(self, kind: str) -> str:
        self._count += 1
        return f"{kind}{self._count}"


def build(weights: Weights, heads: int, epsilon: float, path: Path, quantise: bool = True) -> None:
    """Writes the graph. `weights` has BertModel's names under `base.`, and `section.weight` and `heads.*` beside them."""
    import onnx
    from onnx import TensorProto, helper

    graph = _Graph()
    frozen = _network(graph, {name: value.astype(np.float32) for name, value in weights.items()}, heads, epsilon)
    hidden = weights["section.weight"].shape[1]
    labels = weights["heads.bias"].shape[0]
    batch_and_tokens = ["B", "T"]
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "inbox-agent",
            [
                helper.make_tensor_value_info("word", TensorProto.FLOAT, [*batch_and_tokens, hidden]),
                helper.make_tensor_value_info("sections", TensorProto.INT64, batch_and_tokens),
                helper.make_tensor_value_info("present", TensorProto.INT32, batch_and_tokens),
            ],
            [
                helper.make_tensor_value_info("labels", TensorProto.FLOAT, ["B", labels]),
                helper.make_tensor_value_info("tone", TensorProto.FLOAT, ["B", len(TONE_ORDER)]),
                helper.make_tensor_value_info("reply", TensorProto.FLOAT, ["B"]),
                helper.make_tensor_value_info("attention", TensorProto.FLOAT, ["B", labels, "T"]),
                helper.make_tensor_value_info("tokens", TensorProto.FLOAT, ["B", "T", labels]),
                helper.make_tensor_value_info("pooled", TensorProto.FLOAT, ["B", hidden]),
            ],
            graph.constants,
        ),
        opset_imports=[helper.make_opsetid("", _OPSET), helper.make_opsetid("com.microsoft", 1)],
        ir_version=9,
    )
    if not quantise:
        onnx.save(model, str(path))
        return
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(
        model,
        path,
        op_types_to_quantize=["MatMul"],
        nodes_to_exclude=frozen,
        per_channel=True,
        weight_type=QuantType.QInt8,
        extra_options={"DefaultTensorType": TensorProto.FLOAT},
    )


def _network(graph: _Graph, weights: Weights, heads: int, epsilon: float) -> list[str]:
    """All nodes; returns the names of those that must stay fp32."""
    hidden = weights["section.weight"].shape[1]

    def normalised(states: str, prefix: str) -> str:
        scale, shift = graph.constant(weights[f"{prefix}.weight"]), graph.constant(weights[f"{prefix}.bias"])
        return str(graph.add("LayerNormalization", [states, scale, shift], axis=-1, epsilon=epsilon))

    def dense(states: str, prefix: str) -> str:
        product = graph.add("MatMul", [states, graph.constant(weights[f"{prefix}.weight"].T)])
        return str(graph.add("Add", [product, graph.constant(weights[f"{prefix}.bias"])]))

    tokens = graph.add("Gather", [graph.add("Shape", ["word"]), graph.constant([1], np.int64)])
    places = graph.add(
        "Slice",
        [
            graph.constant(
                weights["base.embeddings.position_embeddings.weight"]
                + weights["base.embeddings.token_type_embeddings.weight"][0]
            ),
            graph.constant([0], np.int64),
            tokens,
            graph.constant([0], np.int64),
        ],
    )
    states = normalised(graph.add("Add", ["word", places]), "base.embeddings.LayerNorm")
    section = graph.add("Gather", [graph.constant(weights["section.weight"]), "sections"])
    layer, start = 0, int(weights["section.layer"].item())
    while f"base.encoder.layer.{layer}.output.dense.weight" in weights:
        if layer == start:
            states = graph.add("Add", [states, section])
        prefix = f"base.encoder.layer.{layer}"
        own = f"{prefix}.attention.self"
        parts = [
            graph.add("MatMul", [states, graph.constant(weights[f"{own}.{part}.weight"].T)])
            for part in ("query", "key", "value")
        ]
        bias = graph.constant(np.concatenate([weights[f"{own}.{part}.bias"] for part in ("query", "key", "value")]))
        attended = graph.add("MultiHeadAttention", [*parts, bias, "present"], domain="com.microsoft", num_heads=heads)
        states = normalised(
            graph.add("Add", [states, dense(attended, f"{prefix}.attention.output.dense")]),
            f"{prefix}.attention.output.LayerNorm",
        )
        inner = graph.add("Gelu", [dense(states, f"{prefix}.intermediate.dense")], domain="com.microsoft")
        states = normalised(
            graph.add("Add", [states, dense(inner, f"{prefix}.output.dense")]), f"{prefix}.output.LayerNorm"
        )
        layer += 1
    return _reading(graph, weights, states, hidden)


def _reading(graph: _Graph, weights: Weights, states: str, hidden: int) -> list[str]:
    """The heads, as `network.Heads`."""
    names: list[str] = []

    def product(left: str, right: str, output: int | str = 1) -> str:
        names.append(f"head{len(names)}")
        return str(graph.add("MatMul", [left, right], output, name=names[-1]))

    def head(name: str) -> str:
        return graph.constant(weights[f"{_HEADS}{name}"])

    present = graph.add("Cast", ["present"], to=1)
    one, context = graph.constant(1.0), graph.constant(2, np.int64)
    said = graph.add("Mul", [present, graph.add("Cast", [graph.add("Less", ["sections", context])], to=1)])
    text = graph.add(
        "Mul", [present, graph.add("Cast", [graph.add("Equal", ["sections", graph.constant(1, np.int64)])], to=1)]
    )
    key = graph.add("Add", [product(states, graph.constant(weights["heads.key.weight"].T)), head("key.bias")])
    score = product(key, graph.constant(weights["heads.query"].T * 4 / hidden**0.5))
    closed = graph.add("Mul", [graph.add("Sub", [one, said]), graph.constant(-1e4)])
    score = graph.add("Add", [score, graph.add("Unsqueeze", [closed, graph.constant([2], np.int64)])])
    attention = graph.add("Softmax", [graph.add("Transpose", [score], perm=[0, 2, 1])], "attention", axis=-1)
    attended = product(attention, states)
    axis1 = graph.constant([1], np.int64)
    length = graph.add("Max", [graph.add("ReduceSum", [text, axis1], keepdims=1), one])
    share = graph.add("Unsqueeze", [graph.add("Div", [text, length]), axis1])
    pooled = graph.add("Squeeze", [product(share, states), axis1], "pooled")
    read = graph.add(
        "ReduceSum", [graph.add("Mul", [attended, head("read")]), graph.constant([2], np.int64)], keepdims=0
    )
    whole = product(pooled, graph.constant(weights["heads.whole.weight"].T))
    tokens = graph.add(
        "Add", [product(states, graph.constant(weights["heads.token.weight"].T)), head("token.bias")], "tokens"
    )
    lifted = graph.add("Unsqueeze", [said, graph.constant([2], np.int64)])
    silent = graph.add("Mul", [graph.add("Sub", [one, lifted]), graph.constant(-10.0)])
    heard = graph.add("Add", [graph.add("Mul", [tokens, lifted]), silent])
    best, _ = graph.add("TopK", [heard, graph.constant([STRONGEST], np.int64)], 2, axis=1)
    strongest = graph.add("Mul", [graph.add("ReduceMean", [best], axes=[1], keepdims=0), head("gate")])
    sums = graph.add("Add", [graph.add("Add", [read, whole]), strongest])
    graph.add("Add", [sums, head("bias")], "labels")
    first = graph.add("Gather", [states, graph.constant(0, np.int64)], axis=1)
    manner = product(graph.add("Concat", [first, pooled], axis=-1), graph.constant(weights["heads.manner.weight"].T))
    manner = graph.add("Add", [manner, head("manner.bias")])
    tones = len(TONE_ORDER)
    graph.add("Slice", [manner, graph.constant([0], np.int64), graph.constant([tones], np.int64), axis1], "tone")
    last = graph.add("Slice", [manner, graph.constant([tones], np.int64), graph.constant([tones + 1], np.int64), axis1])
    graph.add("Squeeze", [last, axis1], "reply")
    return names
