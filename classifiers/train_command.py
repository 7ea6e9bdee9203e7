"""`python -m classifiers train`: a model file out of the corpus and a settings file."""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from classifiers import corpus, making


def main(arguments: Sequence[str]) -> int:
    """Trains and says how it goes on standard error."""
    parser = argparse.ArgumentParser(prog="python -m classifiers train", description=__doc__)
    parser.add_argument("config", type=Path, help="training settings (TOML; an empty file: the shipped model's)")
    parser.add_argument(
        "--extra", type=Path, action="append", default=[], help="more guide records (.jsonl) to learn from"
    )
    parser.add_argument("--out", type=Path, required=True, help="the model file to write (.safetensors)")
    given = parser.parse_args(arguments)
    started = time.monotonic()

    def say(text: str) -> None:
        print(f"[{time.monotonic() - started:6.0f} s] {text}", file=sys.stderr, flush=True)

    making.train(given.config, list(corpus.read(given.extra)), given.out, say)
    say(f"written: {given.out} ({given.out.stat().st_size / 1e6:.1f} MB)")
    return 0
