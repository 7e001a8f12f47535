"""The file of a Session: `charrnn sample --save-state`, its /save and the page write it; each continues the others'.

It may come from anyone: `load` checks its values, `check_states` whether a model can have its states.
"""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import torch

from charrnn.config import ConstraintConfig, SampleConfig
from charrnn.errors import UserError
from charrnn.model import RecurrentState
from charrnn.sampling.filters import HISTORY
from charrnn.sampling.sampler import Sampler
from charrnn.sampling.session import REWIND, Mark, Session
from charrnn.storage.checkpoint import COUNTS, WEIGHTS, read_tensors, write_tensors

FORMAT = 3  # 1 has no constraints, and 2 names them otherwise
MOST_BYTES = 2**28  # of a file
MOST_MARKS = 64  # in a file


def save(session: Session, path: Path) -> None:
    """Write a Session that is ready as one safetensors file, whole or not at all.

    Words that were searched places for are written, and are not searched for again. Raises UserError for what cannot be
    continued from a file.
    """
    if not session.weights:
        raise UserError("state-of-changed-model", path=path)
    session = session.within(REWIND)
    assert session.state is not None
    marks = [mark for mark in session.marks if mark.written >= 0][-MOST_MARKS:]
    constraints = replace(session.constraints, start="", contain=(), novelty=())
    values = {
        "text": session.text, "position": session.position, "written": session.written,
        "model": session.model, "weights": session.weights, "engine": session.engine,
        "config": session.config.to_json(), "constraints": constraints.to_json(),
        "marks": [mark.written for mark in marks], "format": FORMAT,
    }  # fmt: skip
    states = {"state": session.state} | {f"mark{number}": mark.state for number, mark in enumerate(marks)}
    tensors = {
        f"{name}.{part}": tensor.detach().cpu().clone()
        for name, state in states.items()
        for part, tensor in state.tensors().items()
    }
    write_tensors(path, tensors, {"charrnn": json.dumps(values)})


def load(path: Path) -> Session:
    """Return what `save` wrote. Raises UserError if it is missing, damaged or something else."""
    if path.is_file() and (size := path.stat().st_size) > MOST_BYTES:
        raise UserError("state-too-large", path=path, most=MOST_BYTES, found=size)
    tensors, metadata = read_tensors(path)

    def state(name: str) -> RecurrentState:
        prefix = f"{name}."
        parts = {part.removeprefix(prefix): tensor for part, tensor in tensors.items() if part.startswith(prefix)}
        return RecurrentState.from_tensors(parts)

    try:
        values = json.loads(metadata["charrnn"])
        if (version := values.pop("format")) not in range(1, FORMAT + 1):
            raise UserError("state-newer", path=path, format=FORMAT, found=version)
        marks = tuple(Mark(written, state(f"mark{n}")) for n, written in enumerate(values.pop("marks")))
        config = SampleConfig.from_json(values.pop("config"))
        constraints = ConstraintConfig.from_json(values.pop("constraints" if version == 3 else "wishes", {}))
        session = Session(config, constraints, state=state("state"), marks=marks, **values)
        sound = _is_sound(session)
    except (KeyError, IndexError, ValueError, TypeError, AttributeError):
        sound = False
    except UserError as error:
        if error.code == "state-newer":
            raise
        sound = False
    if not sound:
        raise UserError("state-not-a-state", path=path)
    return session


def _is_sound(session: Session) -> bool:
    """Return whether the values that a file gave have their types and limits."""
    session.text.encode("utf-8")
    places = [0, *(mark.written for mark in session.marks), session.written, session.position]
    return (
        all(type(value) is str for value in (session.text, session.model, session.weights, session.engine))
        and all(type(place) is int and place < 2**62 for place in places)
        and places == sorted(places)
        and 0 < len(session.marks) <= MOST_MARKS
        and len(session.text) <= HISTORY + REWIND
        and session.config.seed is not None
        and session.reach == REWIND
    )


def check_model(session: Session, path: Path, weights: str, name: str) -> None:
    """Raise UserError if another model wrote it. path: of the file; weights, name: of the model at hand."""
    if weights != session.weights:
        raise UserError(
            "state-other-model", path=path, model=session.model, expected=session.weights[:12], name=name,
            found=weights[:12],
        )  # fmt: skip


def check_states(session: Session, sampler: Sampler) -> None:
    """Raise UserError for states that a model cannot have."""
    states = (session.state, *(mark.state for mark in session.marks))
    if not all(state is not None and _is_state_of(state, sampler) for state in states):
        raise UserError("state-other-shape", path="load-state", model=session.model)


def fingerprint(directory: Path) -> str:
    """Return the hash of a saved model: of its weights, and of its counts if it has any."""
    digest = hashlib.sha256()
    for name in (WEIGHTS, COUNTS):
        path = directory / name
        if path.exists():
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _is_state_of(state: RecurrentState, sampler: Sampler) -> bool:
    """Return whether a state may be the model's: its shapes, and what is used as an index or must be finite."""
    empty, model = sampler.model.initial_state().tensors(), sampler.model
    given = state.tensors()
    if {name: (one.shape, one.dtype) for name, one in given.items()} != {
        name: (one.shape, one.dtype) for name, one in empty.items()
    }:
        return False
    finite = all(bool(torch.isfinite(one).all()) for name, one in given.items() if name.startswith("layers"))
    sound = finite and not bool(state.expected.isnan().any())
    sound = sound and int(state.recent.min()) >= -1 and int(state.recent.max()) < sampler.tokenizer.vocab_size
    return sound and (model.counts is None or model.counts.accepts(state.reading, state.expected))
