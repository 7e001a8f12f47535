"""Which characters a text certainly gets, and where it ends: at a stop text, or with a line, sentence or paragraph."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Generic, TypeVar
from unicodedata import normalize

import numpy as np
from numpy.typing import NDArray

from charrnn.config import SampleConfig
from charrnn.data.allowed_tokens import sequence_length
from charrnn.data.tokenizer import CharTokenizer
from charrnn.model.state import AnyState
from charrnn.sampling.constraints import Constraint, escaped
from charrnn.sampling.decoder import Decoder, Generated
from charrnn.sampling.filters import HISTORY, bias_of

S = TypeVar("S")

FARTHEST = 2000  # characters past the length that the end of a sentence, line or paragraph is waited for
WIDEST = 120  # characters of a printed line, at most: a longer one is a paragraph

_CLOSING = "\"'”’»)]}*_"  # may stand between the end of a sentence and the space after it
_TITLES = {"d", "dr", "dra", "sr", "sra", "srs", "sras", "exmo", "exma", "ilmo", "ilma", "s", "st", "sto", "sta", "v",
           "ex", "exa", "pe", "cap", "fl", "pág", "p", "n", "nº", "mr", "mrs", "etc"}  # fmt: skip


@dataclass(frozen=True)
class Step:
    """One generated character (or a part, where words are placed), and where the text stands after it."""

    text: str
    position: int  # tokens drawn so far
    find_state: Callable[[], AnyState]

    @cached_property
    def state(self) -> AnyState:
        """The state to continue from: `Sampler.read` and `steps` take it, any number of times."""
        return self.find_state()


class GrowingText(Generic[S]):
    """A text while it is written: tokens go in, the characters that certainly belong to it come out."""

    def __init__(
        self, decoder: Decoder[S], tokenizer: CharTokenizer, state: AnyState, config: SampleConfig, before: str,
        position: int, constraints: Sequence[Constraint], written: int,
    ) -> None:  # fmt: skip
        assert config.seed is not None  # `with_seed` has drawn one
        self.tokenizer, self.decoder, self.config, self.position = tokenizer, decoder, config, position
        self.state = decoder.from_model(state)
        self.seed, self.constraints = config.seed, constraints
        self.stops = tuple(normalize("NFC", stop) for stop in config.stop)  # as the model's text is
        self.bias = bias_of(config, tokenizer)
        self.whole = before
        self.spelled = bytearray()
        self.held: list[Step] = []  # may be part of a stop text or of what follows the end
        self.begun = self._begun(before[max(0, len(before) - written) :])
        self.given = 0
        self.ended = config.length == 0 and config.end == "length"

    def history(self) -> NDArray[np.int32]:
        """Return the last HISTORY tokens, after −1 where there are fewer."""
        tokens = self.tokenizer.encode_array(self.whole[-HISTORY:])[-HISTORY:]
        if self.spelled:
            tokens = np.concatenate([tokens, np.array(list(self.spelled)) + self.tokenizer.first_byte])[-HISTORY:]
        return np.concatenate([np.full(HISTORY - len(tokens), -1), tokens]).astype(np.int32)

    def missing(self) -> float:
        """Return how many tokens must be drawn at least, if the length alone ends the text; else infinity."""
        return self.config.length - self.given if self.config.end == "length" else math.inf

    def so_far(self) -> str:
        """Return the text with the bytes of an unfinished character."""
        return self.whole + escaped(bytes(self.spelled))

    def take(self, generated: Generated[S], row: int) -> list[Step]:
        """Return the steps that are certain once these tokens are drawn. row: of the text in its batch."""
        steps: list[Step] = []
        count = generated.tokens.shape[1]
        for number, token in enumerate(generated.tokens[row].tolist()):
            character = self._character(token)
            if character is None:
                continue
            position = self.position + number + 1
            step = Step(character, position, partial(self._state, generated, number, row))
            self.whole += character
            if len(self.whole) > 2 * HISTORY and not self.constraints:  # so that a text of any length takes no memory
                self.whole = self.whole[-HISTORY:]
            steps += self._certain(step)
            if self.ended:
                return steps
        self.state, self.position = generated.after(count - 1, row), self.position + count
        return steps

    def _state(self, generated: Generated[S], number: int, row: int) -> AnyState:
        return self.decoder.to_model(generated.after(number, row))

    def _character(self, token: int) -> str | None:
        """Return the character that a token completes; None while bytes of it are missing."""
        if token < self.tokenizer.first_byte:
            return self.tokenizer.token_text(token)
        self.spelled.append(token - self.tokenizer.first_byte)
        if len(self.spelled) < sequence_length(self.spelled[0]):
            return None
        character = self.spelled.decode("utf-8")
        self.spelled.clear()
        return character

    def _certain(self, step: Step) -> list[Step]:
        """Return the steps that certainly belong to the text, now that one more character is known."""
        if not self.stops and self.config.end == "length":  # nothing to wait for
            self.given += 1
            self.ended = self.given >= self.config.length
            return [step]
        self.held.append(step)
        text = self.begun + step.text
        if (found := stop_at(text, self.stops)) is not None:
            self.ended = True
            return self._give(len(self.held) - (len(text) - found))
        self.begun = self._begun(text)
        length, end = self.config.length, self.config.end
        if end == "length":
            if self.given + len(self.held) >= length:
                self.ended = True
                return self._give(length - self.given)
            return self._give(len(self.held) - len(self.begun))
        past = self.given + len(self.held) - length
        if past > 0 and ends(self.whole, end):
            self.ended = True
            return self._give(len(self.held) - trailing(self.whole, end))
        if past >= FARTHEST:
            self.ended = True
            return self._give(len(self.held))
        wait = 1 if end == "paragraph" and step.text == "\n" else 0
        return self._give(len(self.held) - max(len(self.begun), wait))

    def _begun(self, text: str) -> str:
        """Return the longest end of `text` that may begin a stop text."""
        return text[len(text) - held_back(text, self.stops) :]

    def _give(self, count: int) -> list[Step]:
        given, self.held = self.held[: max(count, 0)], self.held[max(count, 0) :]
        self.given += len(given)
        return given


def stop_at(text: str, stops: tuple[str, ...]) -> int | None:
    """Return where the longest of `stops` that `text` ends with begins; None if there is none."""
    return min((len(text) - len(stop) for stop in stops if text.endswith(stop)), default=None)


def held_back(text: str, stops: tuple[str, ...]) -> int:
    """Return the length of the longest end of `text` that may still begin one of `stops`."""
    return max((_overlap(text, stop) for stop in stops), default=0)


def _overlap(text: str, stop: str) -> int:
    return next((n for n in range(min(len(text), len(stop) - 1), 0, -1) if text.endswith(stop[:n])), 0)


def ends(text: str, end: str) -> bool:
    """Return whether `text` ends with the space or line end that follows a line, a sentence or a paragraph."""
    if end == "line":
        return text.endswith("\n")
    if end == "paragraph":
        return text.endswith("\n\n") or _ends_long_line(text)
    if end == "sentence":
        return text[-1:].isspace() and _closes(text[:-1])
    return False


def _ends_long_line(text: str) -> bool:
    return text.endswith("\n") and len(text) - 1 - (text.rfind("\n", 0, -1) + 1) > WIDEST


def _closes(text: str) -> bool:
    """Return whether `text` ends a sentence: with . ! ? or …, and not that of an abbreviation."""
    bare = text.rstrip(_CLOSING)
    if not bare or bare[-1] not in ".!?…":
        return False
    if bare[-1] != "." or bare.endswith(".."):
        return True
    words = bare[:-1].split()
    word = words[-1].strip("(\"'“‘«—–-") if words else ""
    return not (word.casefold() in _TITLES or (len(word) == 1 and word.isupper()))


def trailing(text: str, end: str) -> int:
    """Return how many characters at the end of such a text do not belong to it."""
    return 2 if end == "paragraph" and text.endswith("\n\n") else 1
