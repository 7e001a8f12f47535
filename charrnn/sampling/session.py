"""Session: a text so far as a value and a file, with all that is needed to continue it as if it had never stopped.

`charrnn sample --save-state`, its /save and the page write the same file, and each continues what another has written.

A token depends on the state before it, the seed and its position, and filters look back at a bounded part of the text.
So this is what is kept, as it was after the last character that was given out: whatever was drawn beyond, to see
whether a stop text comes, is drawn again. That character is whole, so no byte of another is pending.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
import torch

from charrnn.config import ConstraintConfig, SampleConfig
from charrnn.corpus import clean
from charrnn.errors import UserError
from charrnn.model import RecurrentState
from charrnn.model.network import PLACES
from charrnn.sampling.constraints import Constraint
from charrnn.sampling.sampler import HISTORY, Sampler, Step
from charrnn.storage.checkpoint import COUNTS, WEIGHTS, read_tensors, write_tensors

REWIND = 1000  # characters that can be taken back
SPACING = 100  # characters from one kept state to the next
FORMAT = 2  # 1 has no constraints
MOST_BYTES = 2**28  # of a file
MARKS = 64  # in a file, at most
FREE = ConstraintConfig()


@dataclass(frozen=True)
class Mark:
    """A state on the way, and how many characters had been written when it was passed."""

    written: int
    state: RecurrentState


@dataclass(frozen=True)
class Session:
    """A text so far, and how it goes on. Never changed in place."""

    state: RecurrentState  # after the last character
    config: SampleConfig  # with its seed
    text: str = ""  # its last HISTORY + REWIND characters
    position: int = 0  # tokens drawn
    written: int = 0  # characters drawn since something was read, the end of `text`
    marks: tuple[Mark, ...] = ()  # for each multiple of SPACING written, as far back as REWIND; the oldest first
    model: str = ""  # how the model is found
    weights: str = ""  # their hash; without it, it cannot be saved
    engine: str = ""  # with what it was drawn: others differ by roundings
    wishes: ConstraintConfig = FREE  # the constraints it is written under

    @classmethod
    def begin(
        cls, sampler: Sampler, config: SampleConfig, model: str = "", weights: str = "", engine: str = ""
    ) -> Self:
        """The empty text. config: with its seed."""
        state = sampler.read("")
        return cls(state, config, marks=(Mark(0, state),), model=model, weights=weights, engine=engine)

    def read(self, sampler: Sampler, text: str) -> Self:
        """With `text` (made NFC) at its end. Raises UserError for a lone surrogate."""
        text = clean(text)
        if not text:
            return self
        # The newline of the empty text and what follows it are read at once, as `Sampler.read` does.
        state = sampler.read(text, self.state if self.text else None)
        return replace(self, state=state, text=_end(self.text + text), written=0, marks=(Mark(0, state),))

    def steps(self, sampler: Sampler, constraints: Sequence[Constraint] = ()) -> Iterator[Step]:
        """What follows, by its settings. Constraints are not kept: they see the text so far, and are given again."""
        return sampler.steps(
            self.state, self.config, self.text, self.position, constraints=constraints, written=self.written
        )

    def branches(
        self, sampler: Sampler, seeds: Sequence[int], constraints: Sequence[Constraint] = ()
    ) -> list[str]:  # fmt: skip
        """What follows for each of these seeds."""
        return sampler.branches(self.state, self.config, seeds, self.text, self.position, constraints, self.written)

    def after(self, steps: Sequence[Step]) -> Self:
        """When these steps were taken."""
        if not steps:
            return self
        text, last, written = "".join(step.text for step in steps), steps[-1], self.written + len(steps)
        marks = [*self.marks, *(
            Mark(number, step.state) for number, step in enumerate(steps, self.written + 1) if number % SPACING == 0
        )]  # fmt: skip
        far = sum(mark.written <= written - REWIND for mark in marks)
        return replace(
            self, state=last.state, text=_end(self.text + text), position=last.position, written=written,
            marks=tuple(marks[max(0, far - 1) :]),
        )  # fmt: skip

    def rewound(self, sampler: Sampler, count: int) -> Self:
        """As it was `count` characters ago, bit for bit. Raises UserError if that is further back than is kept."""
        most = min(REWIND, self.written - self.marks[0].written)
        if not 0 <= count <= most:
            raise UserError("rewind-too-far", setting="rewind", most=most, found=count)
        if count == 0:
            return self
        written, size = self.written - count, len(self.text)
        marks = tuple(mark for mark in self.marks if mark.written <= written)
        again = self.text[size - (self.written - marks[-1].written) : size - count]
        state, decoder = sampler.decoder.from_model(marks[-1].state), sampler.decoder
        for token in sampler.tokenizer.encode(again):  # one by one, as they were drawn: roundings depend on it
            state = decoder.read(np.array([token]), state)
        dropped = len(sampler.tokenizer.encode_array(self.text[size - count :]))
        return replace(
            self, state=decoder.to_model(state), text=self.text[: size - count], position=self.position - dropped,
            written=written, marks=marks,
        )  # fmt: skip

    def with_text(self, text: str) -> Self:
        """Return it with `text`, of which the end is kept."""
        return replace(self, text=_end(text))

    def save(self, path: Path) -> None:
        """As one safetensors file, written whole or not at all. Raises UserError for what it cannot go on from."""
        if not self.weights:
            raise UserError("state-of-changed-model", path=path)
        values = {
            "text": self.text, "position": self.position, "written": self.written, "model": self.model,
            "weights": self.weights, "engine": self.engine, "config": self.config.to_json(),
            "wishes": self.wishes.to_json(),
            "marks": [mark.written for mark in self.marks], "format": FORMAT,
        }  # fmt: skip
        states = {"state": self.state} | {f"mark{number}": mark.state for number, mark in enumerate(self.marks)}
        tensors = {
            f"{name}.{part}": tensor.detach().cpu().clone()
            for name, state in states.items()
            for part, tensor in state.tensors().items()
        }
        write_tensors(path, tensors, {"charrnn": json.dumps(values)})

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read back what `save` wrote. Raises UserError if it is missing, damaged or something else.

        Whether the states are those of a model, `going_on` checks.
        """
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
            config, wishes = SampleConfig.from_json(values.pop("config")), values.pop("wishes", {})
            document = cls(
                state=state("state"), marks=marks, config=config, wishes=ConstraintConfig.from_json(wishes), **values
            )
            sound = document._is_sound()
        except (KeyError, IndexError, ValueError, TypeError, AttributeError):
            sound = False
        except UserError as error:
            if error.code == "state-newer":
                raise
            sound = False
        if not sound:
            raise UserError("state-not-a-state", path=path)
        return document

    def _is_sound(self) -> bool:
        """Return whether the values that a file gave have their types and limits."""
        self.text.encode("utf-8")
        places = [0, *(mark.written for mark in self.marks), self.written, self.position]
        return (
            all(type(value) is str for value in (self.text, self.model, self.weights, self.engine))
            and all(type(place) is int and place < 2**62 for place in places)
            and places == sorted(places)
            and 0 < len(self.marks) <= MARKS
            and len(self.text) <= HISTORY + REWIND
            and self.config.seed is not None
        )

    def check(self, path: Path, weights: str, name: str) -> None:
        """Raises UserError if another model wrote it. path: of the document; weights, name: of the model at hand."""
        if weights != self.weights:
            raise UserError(
                "state-other-model", path=path, model=self.model, expected=self.weights[:12], name=name,
                found=weights[:12],
            )  # fmt: skip

    def going_on(self, sampler: Sampler, config: SampleConfig, model: str, engine: str) -> Self:
        """Return it with these settings, to be continued by the model that wrote it.

        Raises UserError for states that this model cannot have.
        """
        if not all(_is_state_of(state, sampler) for state in (self.state, *(mark.state for mark in self.marks))):
            raise UserError("state-other-shape", path="load-state", model=self.model)
        return replace(self, config=config, model=model, engine=engine)


class Recorder:
    """Follows a text that is written: its `document` is always that of the last character given out."""

    def __init__(self, document: Session) -> None:
        self._kept: tuple[Session, list[Step]] = document, []  # one value, as a signal may come at any moment

    def follow(self, steps: Iterable[Step]) -> Iterator[str]:
        """The characters of these steps."""
        for step in steps:
            self._kept[1].append(step)
            if len(self._kept[1]) >= SPACING:
                _ = self.document  # so that the states between the marks need not be kept
            yield step.text

    @property
    def document(self) -> Session:
        document, steps = self._kept
        self._kept = document.after(steps), []
        return self._kept[0]


def fingerprint(directory: Path) -> str:
    """The hash of a saved model: of its weights, and of its counts if it has such."""
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
    if model.counts is None or not sound:
        return sound
    from charrnn.ngram.contexts import CLASS, CLASSES_SEEN  # loads numba, which a network alone does not need

    place, classes = float(state.expected[0, -1]), state.reading[0, CLASS : CLASS + CLASSES_SEEN]
    known = int(classes.min()) >= 0 and int(classes.max()) <= model.counts.reader.words.count + 2
    return known and place.is_integer() and 0 <= place < PLACES


def _end(text: str) -> str:
    return text[-(HISTORY + REWIND) :]
