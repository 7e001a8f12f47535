"""What stands on the page, as a value: generating and continuing are iterators of Drafts that grow.

The page, the status line and Continue are functions of the Draft that was shown last. No gradio here.
"""

import dataclasses
import functools
import shlex
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, NamedTuple

from charrnn import checkpoint, registry
from charrnn.config import SampleConfig
from charrnn.corpus import clean
from charrnn.errors import UserError
from charrnn.model import RecurrentState
from charrnn.sample import Sampler, engines
from charrnn.sample.sampler import with_seed

FRAME = 1 / 25  # seconds between two drafts: one per character would only slow the writing down

Ending = Literal["writing", "length", "stop", "stopped"]


class Version(NamedTuple):
    """A model as it was at one moment: training may replace the weights of a directory."""

    path: Path
    modified: int


@dataclass(frozen=True)
class Draft:
    """A text, and all that is needed to go on from it. Never changed in place."""

    model: Version
    prompt: str
    state: RecurrentState  # after the last character of `text`
    config: SampleConfig  # of the latest run, with its seed
    repeat: SampleConfig  # repeats the first run
    text: str = ""  # what the model wrote after the prompt, over all runs
    written: int = 0  # characters of the latest run
    seconds: float = 0.0
    ending: Ending = "writing"
    continued: bool = False


def choices(models: Path) -> dict[str, registry.Entry]:
    """The models by name. One trained here hides a shipped one of its name, as it does in `registry.find`."""
    return {entry.name: entry for entry in registry.models(models)}


def preselected(models: Path) -> str | None:
    """The model that `charrnn sample` takes by default; else the first there is."""
    names = {entry.path.resolve(): name for name, entry in choices(models).items()}
    try:
        default = names.get(registry.find(trained=models).resolve())
    except UserError:
        default = None
    return default or next(iter(names.values()), None)


def version(path: Path) -> Version:
    weights = path / checkpoint.WEIGHTS
    return Version(path, weights.stat().st_mtime_ns if weights.exists() else 0)


def sampler(model: Version) -> Sampler:
    """The model, loaded once. It holds no state, so all visitors share it."""
    return _sampler(model, engines.choose())


@functools.lru_cache(maxsize=3)
def _sampler(model: Version, engine: str) -> Sampler:
    return Sampler(*checkpoint.load(model.path), engine)


def begin(model: Version, prompt: str, config: SampleConfig) -> Iterator[Draft]:
    """Write what follows `prompt`."""
    prompt, config = clean(prompt), with_seed(config)
    state = sampler(model).read(prompt)
    return _write(Draft(model, prompt, state, config, repeat=config))


def go_on(draft: Draft, config: SampleConfig) -> Iterator[Draft]:
    """Write on from where `draft` ends, with the next seed; the prompt is not read again."""
    assert draft.config.seed is not None  # `begin` has drawn one
    config = replace(config, seed=(draft.config.seed + 1) % 2**63)
    return _write(replace(draft, config=config, continued=True))


def _write(before: Draft) -> Iterator[Draft]:
    """Drafts that grow, about 25 each second; the last one says why it ended."""
    yield replace(before, ending="writing", written=0, seconds=0.0)
    text, state = "", before.state
    began = shown = time.perf_counter()

    def draft(ending: Ending) -> Draft:
        changes = {"text": before.text + text, "state": state, "written": len(text), "ending": ending}
        return replace(before, seconds=time.perf_counter() - began, **changes)  # type: ignore[arg-type]

    step = None
    for step in sampler(before.model).steps(before.state, before.config, before.prompt + before.text):
        text += step.text
        if time.perf_counter() - shown >= FRAME:
            state = step.state
            yield draft("writing")
            shown = time.perf_counter()
    state = before.state if step is None else step.state
    yield draft("length" if len(text) >= before.config.length else "stop")


def stopped(draft: Draft) -> Draft:
    """`draft` when its writing was broken off. What was written by then is what its command repeats."""
    if draft.ending != "writing":
        return draft
    repeat = draft.repeat if draft.continued else replace(draft.repeat, length=draft.written)
    return replace(draft, ending="stopped", repeat=repeat)


def command(draft: Draft) -> str:
    """The command line, quoted for a shell, that writes the first run's text again."""
    words = ["charrnn", "sample", "--model", _named(draft.model.path)]
    if draft.prompt:
        words += ["--prompt", draft.prompt]
    for field in dataclasses.fields(SampleConfig):
        value = getattr(draft.repeat, field.name)
        if value != field.default:
            for one in value if isinstance(value, tuple) else (value,):
                words += [f"--{field.name.replace('_', '-')}", str(one)]
    return shlex.join(words)


def _named(path: Path) -> str:
    """The model's name if the command line finds it by that, else its path."""
    try:
        return path.name if registry.find(path.name).resolve() == path.resolve() else str(path)
    except UserError:
        return str(path)
