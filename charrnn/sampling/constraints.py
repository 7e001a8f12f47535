"""Constraints: pure functions (text so far, logits (v,)) → logits (v,), with −inf for what must not come next.

Any function of that shape is a constraint. Constraints compose: none brings back what another ruled out. The text so
far begins with the prompt, and ends with the bytes of an unfinished character, written as `escaped` writes them.
"""

import functools
from collections.abc import Callable
from unicodedata import combining, normalize

import numpy as np
from numpy.typing import NDArray

from charrnn.config import ConstraintConfig
from charrnn.data.allowed_tokens import code_points
from charrnn.data.tokenizer import CharTokenizer
from charrnn.errors import UserError
from charrnn.sampling.novelty import Spans, spans_of

Logits = NDArray[np.float64]
Mask = NDArray[np.bool_]
Constraint = Callable[[str, Logits], Logits]
"""(text so far, logits (v,)) → logits (v,): −inf for what must not come next."""

VERSE = 40  # characters of an acrostic's line, at most, if nothing else is asked for
WORD = 12  # characters; longer words are rare, so a space that leaves room for less becomes a line end
CODES = 0x110000  # code points there are
_LETTERED = 0x30000  # no character from here on has a base letter or a capital
_ESCAPES = "".join(map(chr, range(0xDC80, 0xDD00)))


def bare(text: str) -> str:
    """Return the small letters of a text without accents: "São" gives "sao"."""
    folded = normalize("NFD", normalize("NFD", text).casefold())
    return "".join(character for character in folded if not combining(character))


def build(tokenizer: CharTokenizer, constraints: ConstraintConfig, begin: int = 0) -> list[Constraint]:
    """Return the constraints of a config, of a text that is drawn from its character `begin` on.

    Raises UserError for constraints that cannot be or contradict each other, and for texts against copying that cannot
    be read.
    """
    refuse_contradictions(constraints, begin)
    built = []
    if constraints.only is not None:
        built.append(only(tokenizer, constraints.only))
    if constraints.without is not None:
        built.append(without(tokenizer, constraints.without, accents=not constraints.keep_accents))
    if constraints.acrostic is not None:
        built.append(acrostic(tokenizer, constraints.acrostic, begin))
    if constraints.line_length is not None or constraints.acrostic is not None:
        built.append(line_length(tokenizer, constraints.line_length or VERSE))
    if constraints.most_copied is not None:  # last, as it gives way to the others
        spans, _ = spans_of(constraints.training, constraints.most_copied + 1)
        built.append(novel(tokenizer, spans, constraints.most_copied))
    return built


def refuse_contradictions(constraints: ConstraintConfig, begin: int = 0) -> None:
    """Raise UserError for constraints that leave no text, naming those that contradict each other."""
    letters = letters_of(constraints.acrostic or "")
    allowed = None if constraints.only is None else set(normalize("NFC", constraints.only))
    if allowed and all(_is_without(constraints, one) for one in allowed):
        raise UserError("only-without-nothing", setting="only")
    if allowed is not None and "\n" not in allowed and (len(letters) > 1 or constraints.line_length):
        raise UserError("only-without-line-end", setting="only")
    for letter in letters:
        variants = [letter] if allowed is None else [one for one in allowed if bare(one)[:1] == letter]
        if all(_is_without(constraints, one) for one in variants) and not (
            allowed is None and constraints.keep_accents
        ):
            raise UserError("acrostic-without-letter", letter=letter.upper())
    for name, text in (("start", constraints.start), *(("contain", word) for word in constraints.contain)):
        for one in normalize("NFC", text):
            if _is_without(constraints, one) or not (allowed is None or one in allowed):
                raise UserError("text-without-letter", setting=name, text=text, letter=one)
    if letters and constraints.start and begin == 0 and bare(constraints.start)[:1] != letters[0]:
        raise UserError("start-off-acrostic", setting="start", found=constraints.start, letter=letters[0].upper())


def _is_without(constraints: ConstraintConfig, character: str) -> bool:
    """Return whether a character is one of a lipogram's letters."""
    if constraints.keep_accents:
        return character.casefold() in {one.casefold() for one in normalize("NFC", constraints.without or "")}
    return not {*bare(constraints.without or "")}.isdisjoint(bare(character))


def only(tokenizer: CharTokenizer, characters: str) -> Constraint:
    """Return the constraint that allows these characters only."""
    if not characters:
        raise UserError("no-characters", setting="only")
    return _spelled(Spelling(tokenizer, _among(characters)))


def without(tokenizer: CharTokenizer, letters: str, *, accents: bool = True) -> Constraint:
    """Return the constraint of a lipogram: none of these letters, small or capital.

    accents: whether the letters are also ruled out under accents.
    """
    if not bare(letters):
        raise UserError("no-letters", setting="without", found=letters)
    if accents:
        banned = _like(frozenset(bare(letters)), whole=True)
    else:
        small = {letter.casefold() for letter in normalize("NFC", letters)}
        banned = _among("".join(character for character in _characters() if character.casefold() in small))
    return _spelled(Spelling(tokenizer, ~banned))


def acrostic(tokenizer: CharTokenizer, word: str, begin: int = 0) -> Constraint:
    """Return the constraint that begins each line with the next letter of `word`, from character `begin` on.

    So no line is empty. A letter is matched by its capital and under any accent; spaces in the word are passed over.
    After the last letter lines are free.
    """
    letters = letters_of(word)
    if not letters:
        raise UserError("no-word", setting="acrostic", found=word)

    @functools.cache  # made when its line comes: a word may have thousands of letters
    def spelling(letter: str) -> Spelling:
        return Spelling(tokenizer, _like(frozenset(letter), whole=False))

    def constraint(text: str, logits: Logits) -> Logits:
        text, pending = parted(text)
        if len(text) < begin or (text and text[-1] != "\n"):
            return logits
        lines = _lines(text, begin)
        return _keep(logits, spelling(letters[lines]).mask(pending)) if lines < len(letters) else logits

    return constraint


def letters_of(word: str) -> str:
    """Return the small letters, without accents and spaces, with which the lines of an acrostic begin."""
    return "".join(bare(word).split())


def completes(text: str, word: str, begin: int) -> bool:
    """Return whether a text that ends with a line end has a line for each letter of an acrostic."""
    return _lines(text, begin) >= len(letters_of(word))


def _lines(text: str, begin: int) -> int:
    """Return how many lines an acrostic has at a line's beginning, of a text drawn from character `begin` on."""
    before = text.count("\n", max(begin - 1, 0), len(text) - 1) if text else 0
    return before + (begin == 0 and text != "")


def line_length(tokenizer: CharTokenizer, most: int) -> Constraint:
    """Return the constraint that keeps lines to `most` characters, and words of up to WORD characters whole.

    A space that leaves less room than a word, or than half a line, becomes a line end: the probability of the space is
    added to that of the line end. A longer word is cut at the margin.
    """
    if most < 1:
        raise UserError("below-one", setting="line-length", found=most)
    space, end = (tokenizer.encode(character)[0] for character in " \n")
    forced = np.arange(tokenizer.vocab_size) == end
    near = most - min(WORD, most // 2)

    def constraint(text: str, logits: Logits) -> Logits:
        text, pending = parted(text)
        length = len(text) - text.rfind("\n") - 1
        if pending or length < near:
            return logits
        if length >= most:
            return _keep(logits, forced)
        if logits[end] == -np.inf:  # ruled out by another constraint
            return logits
        broken = logits.copy()
        broken[end], broken[space] = np.logaddexp(logits[end], logits[space]), -np.inf
        return broken

    return constraint


def novel(tokenizer: CharTokenizer, spans: Spans, most: int) -> Constraint:
    """Return the constraint that copies no run of more than `most` characters from the texts of `spans`.

    spans: of `most` + 1 characters. Runs that begin in the prompt count. A run may continue where nothing else is left,
    so this constraint must be the last of several.
    """
    if most < 1 or spans.size != most + 1:
        raise UserError("spans-of-other-size", setting="most", expected=spans.size - 1, size=spans.size, found=most)

    @functools.cache
    def completing(pending: bytes) -> tuple[NDArray[np.intp], str]:
        """Return the tokens that complete a character, and these characters."""
        ranges = [code_points(pending + bytes([byte])) for byte in range(256)]
        last = [byte for byte, points in enumerate(ranges) if len(points) == 1]
        tokens = [] if pending else list(range(tokenizer.first_byte))
        known = "" if pending else tokenizer.characters
        return (
            np.array([*tokens, *(tokenizer.first_byte + byte for byte in last)], dtype=np.intp),
            known + "".join(chr(ranges[byte].start) for byte in last),
        )

    def constraint(text: str, logits: Logits) -> Logits:
        text, pending = parted(text)
        if len(text) < most:
            return logits
        tokens, characters = completing(pending)
        kept = logits.copy()
        kept[tokens[spans.hold(text[-most:], characters)]] = -np.inf
        return kept if np.isfinite(kept).any() else logits

    return constraint


def parted(text: str) -> tuple[str, bytes]:
    """Split a text so far into its whole characters and the bytes that begin the next one (see `escaped`)."""
    whole = text.rstrip(_ESCAPES)
    return whole, text[len(whole) :].encode("utf-8", "surrogateescape")


def escaped(pending: bytes) -> str:
    """Return bytes of an unfinished character as text: a lone surrogate for each, U+DC80 for 0x80 (PEP 383)."""
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
        """Return (v,): which tokens continue the unfinished byte sequence `pending` towards one of the characters."""
        if pending not in self._masks:
            ranges = [code_points(pending + bytes([byte])) for byte in range(256)]
            first, last = np.searchsorted(self._spelled, [[points.start, points.stop] for points in ranges]).T
            self._masks[pending] = np.concatenate([self._known & (not pending), first < last])
        return self._masks[pending]


def _keep(logits: Logits, kept: Mask) -> Logits:
    return np.where(kept, logits, -np.inf)


def _spelled(spelling: Spelling) -> Constraint:
    return lambda text, logits: _keep(logits, spelling.mask(parted(text)[1]))


def _among(characters: str) -> Mask:
    """Return (0x110000,): which code points are those of `characters` in NFC."""
    found = np.zeros(CODES, dtype=bool)
    found[[ord(character) for character in normalize("NFC", characters)]] = True
    return found


def _like(letters: frozenset[str], *, whole: bool) -> Mask:
    """Return (0x110000,): which characters are one of `letters`, whatever their accents and case.

    whole: also those of several letters that hold one, such as ß.
    """
    found = np.zeros(CODES, dtype=bool)
    found[: len(_bare())] = [not letters.isdisjoint(parts if whole else parts[:1]) for parts in _bare()]
    return found


@functools.cache
def _characters() -> str:
    return "".join(map(chr, range(_LETTERED)))


@functools.cache
def _bare() -> list[str]:
    """Return `bare` of each code point."""
    return [bare(character) for character in _characters()]
