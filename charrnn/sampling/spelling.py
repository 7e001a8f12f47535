"""Which tokens spell which characters: one for a character of the vocabulary, UTF-8 bytes for any other."""

import numpy as np
from numpy.typing import NDArray

from charrnn.data.allowed_tokens import code_points
from charrnn.data.tokenizer import CharTokenizer

Mask = NDArray[np.bool_]

CODES = 0x110000  # code points there are
_ESCAPES = "".join(map(chr, range(0xDC80, 0xDD00)))


def parted(text: str) -> tuple[str, bytes]:
    """The whole characters of a text so far, and the bytes that begin its next one: see `escaped`."""
    whole = text.rstrip(_ESCAPES)
    return whole, text[len(whole) :].encode("utf-8", "surrogateescape")


def escaped(pending: bytes) -> str:
    """Bytes of an unfinished character as text: a lone surrogate for each, U+DC80 for 0x80, as Python itself does."""
    return pending.decode("utf-8", "surrogateescape")


class Spelling:
    """The tokens that spell some characters, whichever of these the vocabulary has."""

    def __init__(self, tokenizer: CharTokenizer, wanted: Mask) -> None:
        """wanted: (0x110000,), whether the character of each code point is one of them."""
        known = [ord(character) for character in tokenizer.characters]
        spelled = wanted.copy()
        spelled[known] = spelled[0xD800:0xE000] = False
        self._known, self._spelled = wanted[known], np.flatnonzero(spelled)
        self._masks: dict[bytes, Mask] = {}

    def mask(self, pending: bytes = b"") -> Mask:
        """(v,): which tokens go on, after the unfinished byte sequence `pending`, with one of the characters."""
        if pending not in self._masks:
            ranges = [code_points(pending + bytes([byte])) for byte in range(256)]
            first, last = np.searchsorted(self._spelled, [[points.start, points.stop] for points in ranges]).T
            self._masks[pending] = np.concatenate([self._known & (not pending), first < last])
        return self._masks[pending]
