"""AllowedTokens: the one rule for legal next tokens, which sampling, scoring and every other reader of logits share.

A next token is legal if and only if it continues the tokens so far to a prefix of the canonical spelling of some text:
valid UTF-8 (no stray or overlong bytes, no surrogates), and bytes only for characters that the vocabulary lacks. So
each text has exactly one spelling, and with illegal tokens masked, the probabilities of all texts of one length sum to
one.
"""

import bisect
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from charrnn.data.tokenizer import CharTokenizer

if TYPE_CHECKING:
    from torch import Tensor

REACH = 3  # an unfinished UTF-8 sequence is at most three bytes long
_LENGTHS = ((0x80, 1), (0xC2, 0), (0xE0, 2), (0xF0, 3), (0xF5, 4))  # (below this lead byte, sequence length)


def sequence_length(lead: int) -> int:
    """Return the length of the UTF-8 sequence that a lead byte starts; 0 if it starts none."""
    for bound, length in _LENGTHS:
        if lead < bound:
            return length
    return 0


def code_points(prefix: bytes) -> range:
    """Return the code points whose UTF-8 form begins with `prefix`, including surrogates."""
    length = sequence_length(prefix[0])
    missing = length - len(prefix)
    if missing < 0 or any(not 0x80 <= byte < 0xC0 for byte in prefix[1:]):
        return range(0)
    value = prefix[0] if length == 1 else prefix[0] & (0x7F >> length)
    for byte in prefix[1:]:
        value = value << 6 | byte & 0x3F
    smallest = {1: 0, 2: 0x80, 3: 0x800, 4: 0x10000}[length]  # anything below is an overlong form
    start = max(value << 6 * missing, smallest)
    return range(start, max(start, min((value + 1) << 6 * missing, 0x110000)))


class AllowedTokens:
    """The rule of legal next tokens for one vocabulary."""

    def __init__(self, tokenizer: CharTokenizer) -> None:
        self.first_byte = tokenizer.first_byte
        self._known = sorted(map(ord, tokenizer.characters))
        self._masks: dict[bytes, NDArray[np.bool_]] = {}

    def spellable(self, prefix: bytes) -> bool:
        """Return whether a character outside the vocabulary has a UTF-8 form that begins with `prefix`."""
        points = code_points(prefix)
        taken = self._known_within(points) + len(range(max(points.start, 0xD800), min(points.stop, 0xE000)))
        return len(points) > taken

    def _known_within(self, points: range) -> int:
        return bisect.bisect_left(self._known, points.stop) - bisect.bisect_left(self._known, points.start)

    def mask(self, pending: bytes) -> NDArray[np.bool_]:
        """Return which tokens may follow the unfinished sequence `pending` (b"" between characters): (v,)."""
        if pending not in self._masks:
            of_bytes = [self.spellable(pending + bytes([byte])) for byte in range(256)]
            self._masks[pending] = np.array([not pending] * self.first_byte + of_bytes)
        return self._masks[pending]

    def after(self, recent: Iterable[list[int]]) -> NDArray[np.bool_]:
        """Return which tokens (b, v) may follow the last ids of each of b texts."""
        return np.stack([self.mask(self.pending(last)) for last in recent])

    def pending(self, last: list[int]) -> bytes:
        """Return the unfinished byte sequence at the end of the ids `last`, of which the last three matter."""
        for back in range(1, min(REACH, len(last)) + 1):
            tail = [token - self.first_byte for token in last[-back:]]
            if tail[0] < 0:
                break
            if tail[0] >= 0xC2:  # the lead byte: all after it were continuation bytes, or it would not be last
                return bytes(tail) if sequence_length(tail[0]) > back else b""
            if tail[0] < 0x80:
                break
        return b""

    def constrain(self, logits: "Tensor", recent: "Tensor", tokens: "Tensor | None" = None) -> "Tensor":
        """Return the logits with illegal tokens set to −inf.

        Args:
            logits: (b, t, v), where step j predicts the token after `tokens[:, j]`; without `tokens`, (b, v).
            recent: (b, 3), the ids before `tokens`, −1 where there are none.
            tokens: (b, t); default: `logits` follow `recent`.
        """
        import torch

        def forbid(logits: "Tensor", pending: bytes) -> "Tensor":
            return logits.masked_fill(~torch.from_numpy(self.mask(pending)).to(logits.device), -torch.inf)

        if tokens is None:
            return self.constrain(logits.unsqueeze(1), recent[:, :-1], recent[:, -1:]).squeeze(1)
        history = torch.cat([recent, tokens], dim=1)
        legal = forbid(logits, b"")
        # Characters spelled by bytes are rare, so the masks of unfinished ones are set one by one.
        before = history.shape[1] - tokens.shape[1]
        for row, column in (history[:, before:] >= self.first_byte).nonzero().tolist():
            end = before + column + 1
            pending = self.pending(history[row, max(0, end - REACH) : end].tolist())
            legal[row, column] = forbid(logits[row, column], pending)
        return legal

    def starts_character(self, tokens: "Tensor") -> "Tensor":
        """Return where characters begin in canonical ids (bool, same shape): all but continuation bytes."""
        byte = tokens - self.first_byte
        return (byte < 0x80) | (byte >= 0xC0)
