"""The file of a Session: `charrnn sample --save-state`, its /save and the page write it; each continues the others'.

It may come from anyone: `load` checks its values, `check_states` whether a model can have its states.
"""

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np

from charrnn import paths
from charrnn.config import ConstraintConfig, SampleConfig
from charrnn.errors import Phrase, UserError, cause
from charrnn.model.state import Arrays, RecurrentState
from charrnn.model.weights import NetworkWeights
from charrnn.sampling.filters import HISTORY
from charrnn.sampling.sampler import Sampler
from charrnn.sampling.session import REWIND, Mark, Session
from charrnn.storage.counts_file import COUNTS, PACKED
from charrnn.storage.saved_model import WEIGHTS
from charrnn.storage.tensor_file import read_arrays, write_arrays

FORMAT = 3  # 1 has no constraints, and 2 names them otherwise
MOST_BYTES = 2**28  # of a file
MOST_MARKS = 64  # in a file
MOST_STOPS = 1000  # stop texts of a file: each costs time for every character
LONGEST_NAME = 4096  # characters of a model's name or path
GREATEST = 2.0**24  # magnitude of a number in a state: a memory that each character adds 1 to stays below
T = TypeVar("T")


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
    name = session.model.encode("utf-8", "replace").decode()  # a folder's may be any bytes
    values = {
        "text": session.text, "position": session.position, "written": session.written,
        "model": name, "weights": session.weights, "engine": session.engine,
        "config": session.config.to_json(), "constraints": constraints.to_json(),
        "marks": [mark.written for mark in marks], "format": FORMAT,
    }  # fmt: skip
    states = {"state": session.state} | {f"mark{number}": mark.state for number, mark in enumerate(marks)}
    arrays = {
        f"{name}.{part}": array for name, state in states.items() for part, array in state.arrays().tensors().items()
    }
    write_arrays(path, arrays, {"charrnn": json.dumps(values)})


def load(path: Path, tell: Callable[[Phrase], object] | None = None) -> Session:
    """Return what `save` wrote, without constraints that name files: only who runs charrnn chooses what it opens.

    tell: is told of such a constraint. Raises UserError if the file is missing, damaged or something else.
    """
    try:
        with paths.opened(path) as file:
            size = os.fstat(file.fileno()).st_size
    except OSError as error:
        raise UserError("system-refused", name=path, cause=cause(error)) from None
    if size > MOST_BYTES:
        raise UserError("state-too-large", path=path, most=MOST_BYTES, found=size)
    arrays, metadata = read_arrays(path)
    try:
        values = json.loads(metadata["charrnn"])
        version = _taken(values, "format", int)
        if version <= FORMAT:
            session = _session(version, values, arrays)
            if tell and (most := session.constraints.most_copied) is not None:
                tell(Phrase("state-names-files", most=most))
            own = replace(session.constraints, start="", contain=(), novelty=(), most_copied=None, training=())
            return replace(session, constraints=own)
    except (LookupError, ValueError, TypeError, AttributeError, OSError, RecursionError, UserError):
        raise UserError("state-not-a-state", path=path) from None
    raise UserError("state-newer", path=path, format=FORMAT, found=version)


def _session(version: int, values: dict[str, object], arrays: dict[str, Arrays]) -> Session:
    """Return the session of a file's values and arrays. Raises any of several errors where they cannot be."""
    config = SampleConfig.from_json(_taken(values, "config", dict))
    rules = _taken({"wishes": {}, **values}, "constraints" if version == FORMAT else "wishes", dict)
    text, model, weights, engine = (_taken(values, name, str) for name in ("text", "model", "weights", "engine"))
    places, written = _taken(values, "marks", list), _taken(values, "written", int)
    position = _taken(values, "position", int)
    order = [0, *places, written, position]
    text.encode("utf-8")  # which raises for a lone surrogate
    sound = (
        all(type(place) is int and place < 2**62 for place in order) and order == sorted(order)
        and 0 < len(places) <= MOST_MARKS and written - places[0] <= len(text) <= HISTORY + REWIND
        and config.seed is not None and len(config.stop) <= MOST_STOPS
        and all(name.isprintable() and len(name) <= LONGEST_NAME for name in (model, weights, engine))
        and not model.startswith(("//", "\\\\"))  # on Windows, a name of another machine, which would get a password
    )  # fmt: skip
    constraints = ConstraintConfig.from_json(rules)
    if not sound:
        raise ValueError(values)
    groups: dict[str, dict[str, Arrays]] = {}
    for name, array in arrays.items():
        group, _, part = name.partition(".")
        groups.setdefault(group, {})[part] = array
    state, *marked = (
        RecurrentState.from_tensors(groups[name]) for name in ("state", *(f"mark{n}" for n in range(len(places))))
    )
    return Session(
        config, constraints, text, state, position, written,
        tuple(map(Mark, places, marked)), model=model, weights=weights, engine=engine,
    )  # fmt: skip


def _taken(values: dict[str, object], name: str, kind: type[T]) -> T:
    """Return a value of a type. Raises KeyError or TypeError if there is none."""
    value = values[name]
    if not isinstance(value, kind) or isinstance(value, bool):
        raise TypeError(name)
    return value


def check_model(session: Session, path: Path, directory: Path, weights: str) -> None:
    """Raise UserError if another model wrote it.

    path: of the file; directory, weights: of the model at hand, and its fingerprint, "" if it was changed.
    """
    known = session.weights == weights or (weights and session.weights == fingerprint(directory, packed=False))
    if not known:
        raise UserError(
            "state-other-model", path=path, model=session.model, expected=session.weights[:12], name=directory.name,
            found=weights[:12],
        )  # fmt: skip


def check_states(session: Session, sampler: Sampler) -> None:
    """Raise UserError for states that a model cannot have."""
    states = (session.state, *(mark.state for mark in session.marks))
    if not all(state is not None and _is_state_of(state.arrays(), sampler) for state in states):
        raise UserError("state-other-shape", path="load-state", model=session.model)


def fingerprint(directory: Path, *, packed: bool = True) -> str:
    """Return the hash of a saved model: of its weights, and of its counts if it has any.

    packed: whether counts that ship compressed belong to it; formats 1 and 2 left them out. Raises UserError for a file
    that cannot be read.
    """
    digest = hashlib.sha256()
    counts = COUNTS if (directory / COUNTS).exists() or not packed else PACKED
    for path in (directory / WEIGHTS, directory / counts):
        try:
            with paths.opened(path) as file:
                while part := file.read(2**20):
                    digest.update(part)
        except FileNotFoundError:  # a model without counts
            continue
        except OSError as error:
            raise UserError("system-refused", name=path, cause=cause(error)) from None
    return digest.hexdigest()


def _is_state_of(state: RecurrentState[Arrays], sampler: Sampler) -> bool:
    """Return whether a state may be the model's: its shapes, and what is used as an index or must be finite."""
    model = sampler.model if isinstance(sampler.model, NetworkWeights) else NetworkWeights.of(sampler.model)
    given, empty = state.tensors(), model.initial_state().tensors()
    if {name: (one.shape, one.dtype) for name, one in given.items()} != {
        name: (one.shape, one.dtype) for name, one in empty.items()
    }:
        return False
    carried = [one for name, one in given.items() if name.startswith("layers")]
    sound = all(bool((np.abs(one) <= GREATEST).all()) for one in (*carried, state.expected))
    sound = sound and int(state.recent.min()) >= -1 and int(state.recent.max()) < sampler.tokenizer.vocab_size
    sound = sound and not sampler.allowed.pending(state.recent[0].tolist())  # a session's last character is whole
    return sound and (model.counts is None or model.counts.accepts(state.reading, state.expected))
