"""Rewrapper: a text whose lines end at a margin, printed again on wider or narrower pages.

Which words stand at the ends of lines is an accident of the page. Who reads one edition again and again learns its
accidents by heart; in the next edition they are others.
"""

from functools import lru_cache

import numpy as np

from charrnn.compiled.kernels import Number, kernel, part
from charrnn.data.tokenizer import Ids
from charrnn.ngram.contexts import ContextHasher, Script
from charrnn.ngram.layout.line_layout import LINE, MARGIN, SLOTS, UNIT, Keys, turn

MOST = 2**24  # tokens: a longer text is hardly read twice, and may lie on disk
NARROWER, WIDER = 30 * UNIT, 15 * UNIT  # than the text's own pages, at most
LEAST = 2  # a line ends at the margin only if it goes over more than one part of this many of the page: verse does not


class Rewrapper:
    """`editions(number)` is a pure function: who resumes needs the number only."""

    def __init__(self, ids: Ids, reader: ContextHasher) -> None:
        """ids: (n,), the text; reader: how it is read."""
        self.ids = ids
        self.reader = reader
        self._printed = lru_cache(maxsize=2)(self._print)  # who reads ahead may be in the next edition already

    def __call__(self, number: int) -> Ids:
        """(n,): the text, in which other spaces have become line ends. Number 0 is the text itself."""
        page = self.reader.page
        if number == 0 or page is None or page.margin == 0 or len(self.ids) > MOST:
            return self.ids
        return self._printed(number)

    def _print(self, number: int) -> Ids:
        return printed(self.ids, self.reader, int(np.random.default_rng(number).integers(-NARROWER, WIDER + 1)))


def printed(ids: Ids, reader: ContextHasher, wider: int) -> Ids:
    """A text (n,) as it would be on pages so much wider, in parts of UNIT: of the same length, paragraph by paragraph.

    The reader must know the page.
    """
    result = np.array(ids)
    _print(result, reader.script, wider, np.zeros(SLOTS, dtype=np.uint64))
    return result


@part
def _next_word(ids: Ids, place: Number, script: Script) -> Number:
    """How wide the word is that begins there; 0 if none does."""
    escape = len(script.letter) - 1
    wide: Number = np.int64(0)
    while place < len(ids) and ids[place] != script.space and ids[place] != script.line:
        symbol: Number = min(np.int64(ids[place]), escape)
        wide += script.page.widths[symbol]
        place += 1
    return wide


@kernel
def _print(ids: Ids, script: Script, wider: int, memory: Keys) -> None:
    """Change ids, (n,). memory: (SLOTS,), zeros."""
    letter, lower, space, line, _, page = script
    escape, gap = len(letter) - 1, page.widths[space]
    width: Number = np.int64(0)
    for place in range(len(ids)):
        symbol: Number = min(np.int64(ids[place]), escape)
        before = np.int64(memory[LINE])
        turn(memory, symbol, letter[symbol] and lower[symbol] == symbol, line, space, page)
        if symbol not in (space, line):
            width += page.widths[symbol]
            continue
        margin, word = np.int64(memory[MARGIN]), _next_word(ids, place + 1, script)
        if symbol == line:
            follows: Number = min(np.int64(ids[min(place + 1, len(ids) - 1)]), escape)
            small = letter[follows] and lower[follows] == follows
            wrapped = LEAST * before > margin and (small or before + gap + word > margin)
            if word == 0 or not wrapped:
                width = np.int64(0)
                continue
        if word > 0 and width + gap + word > margin + wider:
            ids[place], width = line, np.int64(0)
        else:
            ids[place], width = space, width + gap
