"""What `charrnn sample` writes with, and from where: models, blends, texts to adapt to, saved states."""

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from charrnn.cli.options import pick
from charrnn.cli.outputs import output
from charrnn.config import SampleConfig, StartConfig
from charrnn.errors import UserError
from charrnn.storage import registry

if TYPE_CHECKING:  # they load torch, which what is wrong with an option need not wait for
    from charrnn.sampling import Sampler
    from charrnn.sampling.session import Session


def source(
    model: str | None, prompt: str, engine: str | None, given: dict[str, Any], samples: int = 1, keep: bool = False
) -> "tuple[Sampler, Session]":
    """The sampler, and the document that the text begins from, with the prompt read.

    given: the fields of SampleConfig and StartConfig that the user set; samples: how many will be drawn; keep: whether
    the text may be gone on with and saved. Raises UserError for what cannot be found, read or combined.
    """
    start = pick(StartConfig, given)
    changed = [f"--{name.replace('_', '-')}" for name in ("blend", "adapt_on") if getattr(start, name)]
    changed += ["--weights last"] * (start.weights == "last")
    for name in ("save_state", "load_state"):
        if getattr(start, name) and changed:
            found = " and ".join(changed)
            raise UserError("not-one-saved-model", setting=name.replace("_", "-"), found=found)
    if start.rewind and not start.load_state:
        raise UserError("rewind-alone", setting="rewind", found=start.rewind)
    if start.save_state:
        output("save-state", start.save_state)
    others = [_weighted(text) for text in start.blend]
    weights = [weight for _, weight in others]
    if sum(weights) >= 1:
        raise UserError("blend-weights", setting="blend", found=" + ".join(map(str, weights)))
    text = _text(start.adapt_on) if start.adapt_on else ""
    if not start.load_state:
        registry.find(model)

    from charrnn.sampling import Sampler, engine_choice
    from charrnn.sampling.sampler import with_seed
    from charrnn.sampling.session import Session, fingerprint
    from charrnn.storage.checkpoint import load

    saved = Session.load(Path(start.load_state)) if start.load_state else None
    directory = registry.find(model or (saved.model if saved else None))
    own = fingerprint(directory) if saved or start.save_state or (keep and not changed) else ""
    if saved and start.load_state:
        saved.check(Path(start.load_state), own, directory.name)
    wished = pick(SampleConfig, {**(saved.config.to_json() if saved else {}), **given})
    characters = None if keep else samples * wished.length
    note = partial(print, file=sys.stderr)
    chosen = engine_choice.choose(engine or (saved.engine if saved else None), characters, note)
    network, tokenizer = load(directory, "last" if start.weights == "last" else "best")
    if text:
        import torch

        from charrnn.scoring.adaptive import adapted

        network, bits = adapted(network, tokenizer, torch.from_numpy(tokenizer.encode_array(text)).long())
        print(f"adapted to {start.adapt_on}: {bits / len(text):.3f} bits per character", file=sys.stderr)
    sampler = Sampler(network, tokenizer, chosen, note)
    if others:
        from charrnn.sampling.model_mixture import blended

        samplers = [sampler, *(Sampler(*load(name), chosen) for name, _ in others)]
        sampler = blended(samplers, [1 - sum(weights), *weights])
    config = with_seed(wished)
    if wished.seed is None and config.temperature > 0:
        print(f"seed {config.seed}", file=sys.stderr)
    if saved is None:
        document = Session.begin(sampler, config, _named(directory), own, chosen)
    else:
        document = saved.going_on(sampler, config, _named(directory), chosen).rewound(sampler, start.rewind)
    return sampler, document.read(sampler, prompt)


def _weighted(text: str) -> tuple[Path, float]:
    """A model to blend in, and its weight."""
    name, _, number = text.rpartition(":")
    try:
        weight = float(number)
    except ValueError:
        weight = 0.0
    if not name or not 0 < weight < 1:
        raise UserError("blend-malformed", setting="blend", found=text)
    return registry.find(name), weight


def _text(name: str) -> str:
    from charrnn.corpus import read_file

    return read_file(name, note=lambda line: print(line, file=sys.stderr))


def _named(path: Path) -> str:
    """How the model is found again: by name, or else by its path."""
    try:
        found = registry.find(path.name).resolve() == path.resolve()
    except UserError:
        found = False
    return path.name if found else str(path.resolve())
