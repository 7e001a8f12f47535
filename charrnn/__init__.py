"""charrnn: a character-level recurrent language model for Portuguese.

    model, tokenizer = charrnn.load("machado")
    state = model.initial_state(batch=1)
    logits, state = model(tokens, state)

The names below are the whole public API. Each is imported when it is first used, so that `import charrnn` is instant
and torch loads only for a model.
"""

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.2.0"

_HOME = {
    "CharRNN": "charrnn.model",
    "RecurrentState": "charrnn.model",
    "CharTokenizer": "charrnn.data.tokenizer",
    "ModelConfig": "charrnn.config",
    "TrainConfig": "charrnn.config",
    "SampleConfig": "charrnn.config",
    "UserError": "charrnn.errors",
    "Sampler": "charrnn.sampling",
    "Score": "charrnn.scoring.bits",
    "score": "charrnn.scoring.evaluate",
    "load": "charrnn.storage.checkpoint",
}
__all__ = [  # noqa: RUF022 (in the order a reader meets them)
    "load", "CharRNN", "RecurrentState", "CharTokenizer", "Sampler", "SampleConfig",
    "ModelConfig", "TrainConfig", "score", "Score", "UserError",
]  # fmt: skip

if TYPE_CHECKING:
    from charrnn.config import ModelConfig, SampleConfig, TrainConfig
    from charrnn.data.tokenizer import CharTokenizer
    from charrnn.errors import UserError
    from charrnn.model import CharRNN, RecurrentState
    from charrnn.sampling import Sampler
    from charrnn.scoring.bits import Score
    from charrnn.scoring.evaluate import score
    from charrnn.storage.checkpoint import load


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'charrnn' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
