"""Short runs on the quatrains, and what is compared of two of them."""

import textwrap
from dataclasses import replace
from pathlib import Path

import torch
from safetensors.torch import load_file
from support import QUATRAINS, quick

from charrnn.config import ModelConfig
from charrnn.data.dataset import SplitPart
from charrnn.training.run import Run

SHAPE = ModelConfig(embed=8, hidden=16, counts="none")
JOINED = replace(SHAPE, counts="joined")


def start(out: Path, shape: ModelConfig = SHAPE, **changes: object) -> Run:
    return Run.start([QUATRAINS], out, shape=shape, config=quick(**changes))


def text_of(run: Run, part: SplitPart) -> str:
    return run.tokenizer.decode(part.ids.tolist())


def printed_at_a_margin() -> str:
    return textwrap.fill(" ".join(QUATRAINS.read_text(encoding="utf-8").lower().split()), 60)


def read_in(run: Run, number: int) -> torch.Tensor:
    """What the lanes read in a pass over the text."""
    stream = run.trainer.stream
    return torch.cat([stream.window(number * stream.windows + count).inputs for count in range(stream.windows)], dim=1)


def without_times(run: Run) -> list[dict[str, object]]:
    return [{k: v for k, v in line.items() if k not in ("seconds", "chars_per_second")} for line in run.metrics()]


def assert_same_runs(whole: Run, resumed: Run) -> None:
    assert without_times(whole) == without_times(resumed)
    for file in ("model.safetensors", "training/state.safetensors"):
        left, right = (load_file(run.out / file) for run in (whole, resumed))
        assert left.keys() == right.keys()
        assert all(torch.equal(left[name], right[name]) for name in left), file
    assert whole.final_bpc == resumed.final_bpc
