"""Where else is the memory like this? The units that are on throughout a span, and other places where they are.

(The idea is that of LSTMVis: Strobelt et al., "LSTMVis", IEEE TVCG 2018.) As tanh has no preferred sign, a unit is on
with either: at a threshold of 0.5 it is on as +1 from 0.5 upwards, and as −1 from −0.5 downwards.

    selected = on(units(found), 40, 46, threshold=0.5)
    index = Index.build(Path("index"), model, tokenizer, pieces_of_a_corpus)      # once
    for place in index.similar(selected, threshold=0.5): print(index.text(place.start - 20, place.stop + 20))
"""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from charrnn.corpus import clean
from charrnn.data.tokenizer import CharTokenizer
from charrnn.errors import UserError
from charrnn.lens.memory_map import Part, Rows, units
from charrnn.lens.tracing import trace
from charrnn.model import CharRNN

THRESHOLDS = (0.25, 0.5, 0.75)
BLOCK = 2**17  # characters that lie together in the file
READ = 2**13  # characters that are traced at once
FORMAT = 1

Bits = NDArray[np.uint8]


class Unit(NamedTuple):
    """A unit that is on."""

    number: int
    sign: int  # +1 or −1


class SimilarPlace(NamedTuple):
    """A run of characters of the corpus."""

    start: int
    stop: int
    on: int  # how many of the units asked for are on at each of them


def on(rows: Rows, start: int, stop: int, threshold: float, bounded: bool = False) -> list[Unit]:
    """The units that are on at all characters start … stop − 1 of rows (h, t), by number.

    bounded: only those that are off at the character before the span and at the one after it.
    Raises UserError if the span is empty or not within the text.
    """
    if not 0 <= start < stop <= rows.shape[1]:
        raise UserError(f"span: expected characters within 0 to {rows.shape[1]}, found {start} to {stop}")
    found = []
    for sign in (1, -1):
        lit = sign * rows >= threshold
        chosen = lit[:, start:stop].all(axis=1)
        if bounded:
            chosen &= ~lit[:, max(0, start - 1) : start].any(axis=1) & ~lit[:, stop : stop + 1].any(axis=1)
        found += [Unit(number, sign) for number in np.flatnonzero(chosen).tolist()]
    return sorted(found)


def within(
    rows: Rows,
    selected: Sequence[Unit],
    threshold: float,
    count: int = 20,
    length: int = 1,
    besides: tuple[int, int] | None = None,
) -> list[SimilarPlace]:
    """`Index.similar` in a text whose units were rows (h, t), for any threshold and without an index."""
    if not selected:
        raise UserError("units: expected at least one that is on, found none")
    numbers, signs = zip(*selected, strict=True)
    lit = (rows[list(numbers)] * np.array(signs)[:, None] >= threshold).sum(axis=0).astype(np.uint16)
    return _best(lit, len(selected), count, length, besides)


@dataclass(frozen=True)
class _Facts:
    """What index.json holds."""

    format: int
    model: str  # hash of the weights
    part: Part
    layer: int
    units: int
    thresholds: tuple[float, ...]
    characters: int


class Index:
    """A directory that says of every character of a corpus which units were on when it had been read.

    A bit for each character, unit, sign and threshold, in blocks of BLOCK characters: (thresholds, 2, units, BLOCK / 8)
    bytes each, so that a unit's bits of a block are contiguous, and blocks can be appended while the corpus is read.
    """

    def __init__(self, directory: Path) -> None:
        """Raises UserError if there is no index."""
        self.directory = directory
        try:
            values = json.loads((directory / "index.json").read_text(encoding="utf-8"))
            self.facts = _Facts(**{**values, "thresholds": tuple(values["thresholds"])})
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise UserError(f"{directory}: expected an index of a corpus, found {error!r}") from None
        if self.facts.format != FORMAT:
            raise UserError(f"{directory}: expected an index of format {FORMAT}, found format {self.facts.format}")
        shape = (-1, len(self.facts.thresholds), 2, self.facts.units, BLOCK // 8)
        self._bits: Bits = np.memmap(directory / "bits.bin", dtype=np.uint8, mode="r").reshape(shape)
        self._codes = np.memmap(directory / "text.bin", dtype="<u4", mode="r")

    @classmethod
    def build(
        cls,
        directory: Path,
        model: CharRNN,
        tokenizer: CharTokenizer,
        pieces: Iterable[str],
        thresholds: Sequence[float] = THRESHOLDS,
        part: Part = "hidden",
        layer: int = -1,
    ) -> "Index":
        """Read a corpus, piece by piece as one text, and write its index; an earlier one in its place is replaced.

        Raises UserError if there is no text, or if something that is no index is in its place.
        """
        if directory.exists() and not (directory / "index.json").exists():
            raise UserError(f"{directory}: expected a place for an index, found something else")
        directory.parent.mkdir(parents=True, exist_ok=True)
        building = Path(tempfile.mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
        try:
            characters = _write(building, model, tokenizer, pieces, tuple(thresholds), part, layer)
            if not characters:
                raise UserError("text: expected at least one character to index, found none")
            facts = _Facts(FORMAT, digest(model), part, layer, model.config.width, tuple(thresholds), characters)
            (building / "index.json").write_text(json.dumps(asdict(facts)), encoding="utf-8")
            if directory.exists():
                shutil.rmtree(directory)
            building.rename(directory)
        finally:
            shutil.rmtree(building, ignore_errors=True)
        return cls(directory)

    def text(self, start: int, stop: int) -> str:
        """The characters start … stop − 1, as far as there are."""
        return self._codes[max(0, start) : max(0, stop)].tobytes().decode("utf-32-le")

    def is_of(self, model: CharRNN) -> bool:
        return self.facts.model == digest(model)

    def similar(
        self,
        selected: Sequence[Unit],
        threshold: float,
        count: int = 20,
        length: int = 1,
        besides: tuple[int, int] | None = None,
    ) -> list[SimilarPlace]:
        """Where most of these units are on together, the best first: most units, then runs of up to `length`
        characters, then in the order of the text. Places with less than half of the units are none.

        besides: a span (start, stop) of the corpus that is not wanted, as it is the one that was selected.
        Raises UserError for a threshold that the index does not have, or if no units are given.
        """
        if threshold not in self.facts.thresholds:
            known = ", ".join(map(str, self.facts.thresholds))
            raise UserError(f"threshold: expected one of {known}, found {threshold}")
        if not selected:
            raise UserError("units: expected at least one that is on, found none")
        level = self.facts.thresholds.index(threshold)
        lit = np.concatenate([_count(self._rows(block, level, selected)) for block in self._bits])
        return _best(lit[: self.facts.characters], len(selected), count, length, besides)

    @staticmethod
    def _rows(block: Bits, level: int, selected: Sequence[Unit]) -> Iterator[NDArray[np.uint64]]:
        for unit in selected:
            yield block[level, 0 if unit.sign > 0 else 1, unit.number].view(np.uint64)


def digest(model: CharRNN) -> str:
    """A hash of a model's weights."""
    hashed = hashlib.sha256()
    for name, weight in sorted(model.weights().items()):
        hashed.update(name.encode())
        hashed.update(weight.detach().float().cpu().contiguous().numpy().tobytes())
    return hashed.hexdigest()


def _write(
    directory: Path, model: CharRNN, tokenizer: CharTokenizer, pieces: Iterable[str], thresholds: tuple[float, ...],
    part: Part, layer: int,
) -> int:  # fmt: skip
    """Trace the corpus into bits.bin and text.bin; gives the number of its characters. Memory: a block."""
    room = np.zeros((len(thresholds), 2, model.config.width, BLOCK // 8), dtype=np.uint8)
    state, characters, filled = None, 0, 0
    with (directory / "bits.bin").open("wb") as bits, (directory / "text.bin").open("wb") as codes:
        for text in _cut(pieces):
            found = trace(model, tokenizer, text, state)
            state, rows = found.state, units(found, part, layer)
            for level, threshold in enumerate(thresholds):
                for place, sign in enumerate((1, -1)):
                    packed = np.packbits(sign * rows >= threshold, axis=1, bitorder="little")
                    room[level, place, :, filled // 8 : filled // 8 + packed.shape[1]] = packed
            codes.write(found.text.encode("utf-32-le"))
            characters, filled = characters + len(text), filled + len(text)
            if filled == BLOCK:
                bits.write(room.tobytes())
                room[:], filled = 0, 0
        if filled:
            bits.write(room.tobytes())
    return characters


def _cut(pieces: Iterable[str]) -> Iterator[str]:
    """The same text in pieces of READ characters; only the last may be shorter."""
    held = ""
    for piece in pieces:
        held += clean(piece).replace("\ufeff", "")  # which `clean` takes off wherever a piece begins
        while len(held) >= READ:
            yield held[:READ]
            held = held[READ:]
    if held:
        yield held


def _count(rows: Iterable[NDArray[np.uint64]]) -> NDArray[np.uint16]:
    """How many of the rows of bits have a one at each place: sums in binary, a row of bits for each digit."""
    digits: list[NDArray[np.uint64]] = []
    for carry in rows:
        for number, digit in enumerate(digits):
            digits[number], carry = digit ^ carry, digit & carry
            if not carry.any():
                break
        else:
            digits.append(carry)
    sums = np.zeros(BLOCK, dtype=np.uint16)
    for number, digit in enumerate(digits):
        sums += np.unpackbits(digit.view(np.uint8), bitorder="little").astype(np.uint16) << number
    return sums


def _best(
    lit: NDArray[np.uint16], selected: int, count: int, length: int, besides: tuple[int, int] | None
) -> list[SimilarPlace]:
    """The places of `Index.similar`. lit (t,): how many of the `selected` units are on at each; is changed."""
    if besides is not None:
        lit[slice(*besides)] = 0
    places: list[SimilarPlace] = []
    for enough in range(int(lit.max()), (selected - 1) // 2, -1):
        runs = _runs(lit, enough)
        for place in places:  # those that were found already, now perhaps longer
            runs = runs[(runs[:, 0] > place.start) | (runs[:, 1] < place.stop)]
        best = np.argsort(-np.minimum(runs[:, 1] - runs[:, 0], length), kind="stable")[: count - len(places)]
        places += [SimilarPlace(start, stop, enough) for start, stop in runs[best].tolist()]
        if len(places) == count:
            break
    return places


def _runs(lit: NDArray[np.uint16], enough: int) -> NDArray[np.int64]:
    """(n, 2): starts and stops of the runs of places with at least so many."""
    good = np.concatenate([[False], lit >= enough, [False]])
    return np.flatnonzero(good[1:] != good[:-1]).reshape(-1, 2)
