"""The model and the text that `charrnn sample` continues: blends, texts to adapt to, saved states."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from charrnn.cli.options import Given, output
from charrnn.cli.terminal import note
from charrnn.config import ConstraintConfig, SampleConfig, StartConfig
from charrnn.errors import UserError
from charrnn.errors.quantities import with_point
from charrnn.storage import registry

if TYPE_CHECKING:  # they load torch, for which errors in options need not wait
    from charrnn.sampling import Sampler
    from charrnn.sampling.session import Session

Weighted = Sequence[tuple[Path, float]]  # models, each with its weight in the blend


def source(
    model: str | None, prompt: str, engine: str | None, given: Given, keep: bool = False
) -> "tuple[Sampler, Session]":
    """Return the sampler, and the session that it continues, into which the prompt is read.

    Args:
        given: the fields of SampleConfig and StartConfig that the user set.
        keep: whether the text may be saved and continued for as long as the user likes.

    Raises:
        UserError: for what cannot be found, read or combined.
    """
    start = StartConfig.picked(given)
    changed = _check(start)
    others = _blend(start)
    adapt_to = _text(start.adapt_on) if start.adapt_on else ""
    if not start.load_state:
        registry.find(model)

    from charrnn.sampling import engine_choice, session_file
    from charrnn.sampling.filters import with_seed
    from charrnn.sampling.session import Session

    replaced = ConstraintConfig.picked(given) != ConstraintConfig()  # those that were saved
    tell = None if replaced else lambda phrase: note(str(phrase))
    saved = session_file.load(Path(start.load_state), tell) if start.load_state else None
    named = model or (saved.model if saved else None)
    directory = registry.find(named)
    own = session_file.fingerprint(directory) if saved or start.save_state or (keep and not changed) else ""
    if saved and start.load_state:
        session_file.check_model(saved, Path(start.load_state), directory, own)
    wished = SampleConfig.picked({**(saved.config.to_json() if saved else {}), **given})
    chosen = engine_choice.choose(engine or (saved.engine if saved else None))
    sampler = _sampler(directory, start, adapt_to, others, chosen)
    config = with_seed(wished)
    if wished.seed is None and config.temperature > 0:
        note(f"seed {config.seed}")
    lasting = _named(directory, named)
    session = replace(saved or Session(config), config=config, model=lasting, weights=own, engine=chosen)
    if saved:
        session_file.check_states(session, sampler)
        session = session.rewound(sampler, start.rewind)
    return sampler, session.read(sampler, prompt)


def _check(start: StartConfig) -> list[str]:
    """Return the options that change the model as it was saved. Raises UserError where they exclude others."""
    changed = [f"--{name.replace('_', '-')}" for name in ("blend", "adapt_on") if getattr(start, name)]
    changed += ["--weights last"] * (start.weights == "last")
    for name in ("save_state", "load_state"):
        if getattr(start, name) and changed:
            raise UserError("not-one-saved-model", setting=name.replace("_", "-"), found=" and ".join(changed))
    if start.rewind and not start.load_state:
        raise UserError("rewind-alone", setting="rewind", found=start.rewind)
    if start.save_state is not None:
        output("save-state", start.save_state, "state")
    return changed


def _blend(start: StartConfig) -> Weighted:
    """Return the models to mix in, each with its weight."""
    others = [_weighted(text) for text in start.blend]
    weights = [weight for _, weight in others]
    if sum(weights) >= 1:
        raise UserError("blend-weights", setting="blend", found=" + ".join(map(str, weights)))
    return others


def _weighted(text: str) -> tuple[Path, float]:
    name, _, number = text.rpartition(":")
    if meant := with_point(number):
        raise UserError("decimal-comma", setting="blend", meant=f"{name}:{meant}", found=text)
    try:
        weight = float(number)
    except ValueError:
        weight = 0.0
    if not name or not 0 < weight < 1:
        raise UserError("blend-malformed", setting="blend", found=text)
    return registry.find(name), weight


def _text(name: str) -> str:
    from charrnn.corpus import read_file

    return read_file(name, note=note)


def _sampler(directory: Path, start: StartConfig, adapt_to: str, others: Weighted, engine: str) -> "Sampler":
    """Return the model's sampler, once it is adapted to a text and blended with others."""
    from charrnn.sampling import Sampler
    from charrnn.storage import saved_model

    model, tokenizer = saved_model.read(directory, "last" if start.weights == "last" else "best")
    if adapt_to:
        import torch

        from charrnn.model.network import CharRNN
        from charrnn.model.weights import NetworkWeights
        from charrnn.scoring.adaptive import adapted

        ids = torch.from_numpy(tokenizer.encode_array(adapt_to)).long()
        network, bits = adapted(CharRNN.of(model), tokenizer, ids)
        note(f"adapted to {start.adapt_on}: {bits / len(adapt_to):.3f} bits per character")
        model = NetworkWeights.of(network)
    sampler = Sampler(model, tokenizer, engine, note)
    if not others:
        return sampler
    from charrnn.sampling.model_mixture import blended

    samplers = [sampler, *(Sampler(*saved_model.read(name), engine) for name, _ in others)]
    return blended(samplers, [1 - sum(weight for _, weight in others), *(weight for _, weight in others)])


def _named(path: Path, given: str | None) -> str:
    """Return the model's name if it finds the model, else its path. `given`: what found it in `path`."""
    given = given or os.environ.get("CHARRNN_MODEL") or ""
    if given.startswith(registry.HUB):
        return given
    if registry.is_pack(Path(given)):  # what is unpacked in the cache does not last
        return str(Path(given).resolve())
    try:
        found = registry.find(path.name).resolve() == path.resolve()
    except UserError:
        found = False
    return path.name if found else str(path.resolve())
