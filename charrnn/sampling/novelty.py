"""Find what a generated text has copied: every longest run that it shares with given texts, and where.

`Spans`, all runs of one length in a text as a compact set, also serve the constraint that forbids copying.
"""

import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from charrnn.errors import UserError

Hashes = NDArray[np.uint64]

LEAST = 20  # characters of a run that is worth telling; shorter ones are shared by chance
_BASE = np.uint64(0x9E3779B97F4A7C15)
_STIR = np.uint64(0xBF58476D1CE4E5B9)


def windows(text: str, size: int) -> Hashes:
    """Return (n − size + 1,): a hash of each run of `size` characters. Empty if the text is shorter.

    A run's hash is its characters' as the digits of a number (mod 2^64), so that runs are joined in one step, and all
    runs of a length are found in as many steps as its logarithm.
    """
    run, length = _digits(text), 1  # of all runs of `length`, a power of two
    factor = np.array([_BASE])  # to the power of `length`
    if len(run) < size:
        return run[:0]
    whole, covered = np.zeros_like(run), 0  # of all runs of `covered`
    while True:
        if size & length:
            covered += length
            count = len(run) + length - covered
            whole = whole[:count] * factor + run[covered - length :][:count]
        if covered == size:
            return whole
        run = run[:-length] * factor + run[length:]
        length, factor = 2 * length, factor * factor


def _digits(text: str) -> Hashes:
    """Return (n,): a hash of each character."""
    digits = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.uint64)
    for factor in (_BASE, _STIR):
        digits += np.uint64(1)
        digits *= factor
        digits ^= digits >> np.uint64(31)
    return digits


@dataclass(frozen=True)
class Spans:
    """The runs of `size` characters of some texts, 8 bytes each.

    Membership is by hash: all runs are found, and one in 10^12 others of a text of millions of characters.
    """

    size: int
    hashes: Hashes  # (n,), sorted, each once

    @classmethod
    def of(cls, texts: Iterable[str], size: int) -> Self:
        """Collect the runs of `texts`."""
        if size < 1:
            raise UserError("below-one", setting="spans", found=size)
        hashes = np.concatenate([np.zeros(0, np.uint64), *(windows(text, size) for text in texts)])
        hashes.sort()  # a tenth of the time of np.unique
        return cls(size, hashes[np.diff(hashes, prepend=~hashes[:1]) != 0])

    def __len__(self) -> int:
        return len(self.hashes)

    def hold(self, begun: str, characters: str) -> NDArray[np.bool_]:
        """Return (n,): whether `begun`, of `size` − 1 characters, and each of `characters` make a run."""
        assert len(begun) == self.size - 1
        runs = _digits(characters)
        if begun:
            runs = windows(begun, len(begun)) * _BASE + runs
        return self.has(runs)

    def has(self, hashes: Hashes) -> NDArray[np.bool_]:
        """Return (n,): which of `hashes` (n,), made by `windows`, are those of a run."""
        if not len(self.hashes):
            return np.zeros(len(hashes), dtype=bool)
        places = np.minimum(np.searchsorted(self.hashes, hashes), len(self.hashes) - 1)
        found: NDArray[np.bool_] = self.hashes[places] == hashes
        return found


@functools.lru_cache(maxsize=2)
def spans_of(names: tuple[str, ...], size: int) -> tuple[Spans, tuple[str, ...]]:
    """Return the spans of works by their names, and the notes of reading them.

    Raises UserError if one cannot be read.
    """
    from charrnn.corpus import open_works

    notes: list[str] = []
    return Spans.of(("".join(work.text()) for work in open_works(names, note=notes.append)), size), tuple(notes)


@dataclass(frozen=True)
class SharedRun:
    """A run of the text that a source has too, and that is part of no longer such run."""

    start: int  # in the text, in characters
    stop: int
    text: str
    name: str  # of a source that has it,
    offset: int  # at which character, counted from 0,
    line: int  # and in which line, counted from 1


@dataclass(frozen=True)
class Novelty:
    """All runs that a text shares with the sources, the longest first."""

    characters: int  # of the text
    copied: int  # of them in a match
    least: int  # characters of a match
    matches: tuple[SharedRun, ...]

    @property
    def share(self) -> float:
        """The share of the text that is in a match: 0 to 1."""
        return self.copied / max(1, self.characters)


def novelty(text: str, sources: Iterable[tuple[str, str]], least: int = LEAST) -> Novelty:
    """Compare `text` with `sources`, each a name and a text. Exact: hashes only choose what is looked at.

    Takes a second for each ten million characters of sources, and more for what they share with the text. Raises
    UserError if `least` is below 1.
    """
    if least < 1:
        raise UserError("below-one", setting="least", found=least)
    automaton, seeds, works = _Automaton(text), Spans.of([text], least), list(sources)
    for number, (_, work) in enumerate(works):
        for start, stop in _shared(seeds, work):
            automaton.read(work, start, stop, number)
    matches = []
    for start, stop, (number, end) in automaton.longest():
        if stop - start >= least:
            name, work = works[number]
            offset = end - (stop - start)
            matches.append(SharedRun(start, stop, text[start:stop], name, offset, 1 + work.count("\n", 0, offset)))
    copied = np.zeros(len(text), dtype=bool)
    for match in matches:
        copied[match.start : match.stop] = True
    matches.sort(key=lambda match: (match.start - match.stop, match.start))
    return Novelty(len(text), int(copied.sum()), least, tuple(matches))


def _shared(seeds: Spans, work: str) -> Iterator[tuple[int, int]]:
    """Yield the stretches (start, stop) of `work` in which each run of `seeds.size` characters is a seed."""
    found = np.concatenate([[False], seeds.has(windows(work, seeds.size)), [False]])
    edges = np.flatnonzero(found[1:] != found[:-1]).reshape(-1, 2)
    yield from ((start, stop + seeds.size - 1) for start, stop in edges.tolist())


class _Automaton:
    """The suffix automaton of a text (Blumer et al., 1985): a state stands for all runs that end at the same places.

    Those of a state are the ends of its longest one, down to one more than the longest of its link.
    """

    def __init__(self, text: str) -> None:
        self.next: list[dict[str, int]] = [{}]
        self.link, self.length = [-1], [0]
        self.ends = [last := 0]  # the state of each beginning of the text
        for character in text:
            self.ends.append(last := self._extended(last, character))
        self.seen = [0] * len(self.link)  # characters of the state's longest run that was read,
        self.place = [(0, 0)] * len(self.link)  # and in which work, up to which character

    def _extended(self, last: int, character: str) -> int:
        new = self._state({}, self.length[last] + 1, 0)
        while last >= 0 and character not in self.next[last]:
            self.next[last][character] = new
            last = self.link[last]
        if last < 0:
            return new
        found = self.next[last][character]
        if self.length[found] != self.length[last] + 1:  # its shorter runs now end at one more place: part them
            whole, found = found, self._state(dict(self.next[found]), self.length[last] + 1, self.link[found])
            self.link[whole] = found
            while last >= 0 and self.next[last].get(character) == whole:
                self.next[last][character] = found
                last = self.link[last]
        self.link[new] = found
        return new

    def _state(self, following: dict[str, int], length: int, link: int) -> int:
        self.next.append(following)
        self.length.append(length)
        self.link.append(link)
        return len(self.link) - 1

    def read(self, work: str, start: int, stop: int, number: int) -> None:
        """Note the longest run of the text that ends at each of these places of a work."""
        state = length = 0
        for place in range(start, stop):
            character = work[place]
            while state and character not in self.next[state]:
                state = self.link[state]
                length = self.length[state]
            if character in self.next[state]:
                state, length = self.next[state][character], length + 1
                if length > self.seen[state]:
                    self.seen[state], self.place[state] = length, (number, place + 1)

    def longest(self) -> Iterator[tuple[int, int, tuple[int, int]]]:
        """Yield each longest run of the text that was read: start, stop, and the place of its end."""
        order = sorted(range(1, len(self.link)), key=self.length.__getitem__)
        for state in reversed(order):  # what ends a run that was read was read
            link = self.link[state]
            if self.seen[state] and self.seen[link] < self.length[link]:
                self.seen[link], self.place[link] = self.length[link], self.place[state]
        for state in order:  # of a state that was not read, the longest end that was
            if not self.seen[state]:
                link = self.link[state]
                self.seen[state], self.place[state] = self.seen[link], self.place[link]
        for end, state in enumerate(self.ends):
            length = self.seen[state]
            following = self.ends[end + 1] if end + 1 < len(self.ends) else 0
            if length and self.seen[following] <= length:
                yield end - length, end, self.place[state]
