"""Slips of the pen: places of a text where a model is surprised and one small edit of a word repairs that.

A word is examined if the lexicon lacks it, if it repeats the word before, or if a character of it costs SURPRISING
bits. Every attested word that is one edit away is a candidate; those that begin to differ with the likeliest character
are read together with the AHEAD characters after them. The bits that the best one saves must exceed a threshold, which
is high for an attested word. All thresholds were tuned on a text of their own (docs/benchmarks.md).
"""

import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from charrnn.corpus.language import PORTUGUESE, foreign, language_of
from charrnn.corpus.lexicon import LETTERS, frequencies, plain, today
from charrnn.corpus.repairs import Edit
from charrnn.corpus.repairs import apply as apply_edits
from charrnn.data.tokenizer import CharTokenizer
from charrnn.errors import UserError
from charrnn.scoring.bits import Predictor, Progress, costs

AHEAD = 40  # characters after an edit that are read with it
SURPRISING = 8.0  # bits of a character
MOST, FARTHEST = 6, 8.0  # candidates that are read; bits by which the first changed character may cost more
NEAR, FINALISTS = 8, 2  # characters after an edit that are read first, with all candidates; those read further
ATTESTED, UNATTESTED, ACCENT, DOUBLED = 12.0, 8.0, 2.0, 2.0  # bits that an edit must save more than
FREQUENT, RARE, USUAL = 2.0, 2.0, 4  # bits more, for each class of an attested word, and for each class below the usual
NAME = 8.0  # bits more, for an unknown word with a capital within a sentence
UNEXPECTED = 8.0  # bits more, for an attested word of today, which surprises a model of old books wherever it stands
ACRONYM = 4  # letters up to which an unknown word in capitals is an acronym
REPEATED = 4.0  # bits more, for each doubling of the number of times that the word occurs: slips are rare
LONGEST = 3_000_000  # characters, for which an idle core needs about an hour
SAMPLE = 20_000  # characters by which the language is recognised
SINGLE = set("aàeéoóh")  # words of one letter
WORD = re.compile(r"[^\W\d_]+")
VARIANTS = str.maketrans("éóü", "êôu")  # of Portugal, and of before 1990
WITHIN = re.compile(r"[\w,;)][ -]$")  # what stands before a word within a sentence
S = TypeVar("S")


@dataclass(frozen=True)
class Correction:
    """An edit of `text[start:stop]`, which is `old`, to `new`."""

    start: int
    stop: int
    old: str
    new: str
    kind: str  # of the slip: a key of `edits`, or "doubled"
    bits: float  # that it saves, over itself and the AHEAD characters after it


class Candidate(NamedTuple):
    """A correction that has not been read. excess: bits by which its first changed character costs more."""

    start: int
    stop: int
    new: str
    kind: str
    least: float  # bits that it must save
    excess: float


def corrected(text: str, corrections: list[Correction]) -> str:
    """Return a text with these of its corrections made."""
    return apply_edits(text, (Edit(one.start, one.stop, one.new) for one in corrections))


def edits(word: str) -> dict[str, str]:
    """Return what the writer of a word may have meant, and by which slip it became that word.

    Capitals stay where they are. A word in two parts is one with the space between them missing.
    """
    found: dict[str, str] = {}
    capitals = len(word) > 1 and word.isupper()
    starts = word[:1].isupper() and not capitals

    def add(new: str, kind: str) -> None:
        new = new.upper() if capitals else new[:1].upper() + new[1:].lower() if starts else new
        if new != word:
            found.setdefault(new, kind)

    for place, letter in enumerate(word):
        before, after = word[:place], word[place + 1 :]
        add(before + after[:1] + letter + after[1:], "transposition")
        add(before + after, "insertion")
        for other in LETTERS:
            add(before + other + after, "accent" if plain(other) == plain(letter) else "substitution")
    for place in range(len(word) + 1):
        before, after = word[:place], word[place:]
        for other in LETTERS:
            add(before + other + after, "deletion")
        if before and after:
            found.setdefault(f"{before} {after}", "space")
    return found


class Proofreader(Generic[S]):
    """Reads texts with one model's decoder."""

    def __init__(self, decoder: Predictor[S], tokenizer: CharTokenizer) -> None:
        self.decoder, self.tokenizer = decoder, tokenizer
        self.lexicon, self.today = frequencies(), frozenset(today())
        self.ids = {character: number for number, character in enumerate(tokenizer.characters)}

    def read(self, text: str, progress: Progress | None = None) -> list[Correction]:
        """Return the corrections of a text, in order and disjoint; their places are those of `clean(text)`.

        progress: is told the share that is done. Raises UserError for a text that is empty, too long or not Portuguese.
        """
        if len(text) > LONGEST:
            raise UserError("proof-too-long", found=len(text), most=LONGEST)
        sample = text[:SAMPLE]
        if language_of(sample, foreign(sample)) != PORTUGUESE:
            raise UserError("proof-other-language")
        tell = progress or (lambda share: None)
        cost = costs(self.decoder, self.tokenizer, text, 1, lambda share: tell(share / 2))
        found: list[Correction] = []
        for one in self._corrections(cost.text, cost.surprisal):
            if found and one.start < found[-1].stop:
                one = max(found.pop(), one, key=lambda either: either.bits)
            found.append(one)
            tell(0.5 + one.stop / len(cost.text) / 2)
        tell(1.0)
        return found

    def _corrections(self, text: str, bits: NDArray[np.float64]) -> Iterator[Correction]:
        """Yield the best correction of each word that has one. bits: of each character."""
        words = list(WORD.finditer(text))
        often = Counter(word[0].lower() for word in words)
        state, at = self.decoder.read(self.tokenizer.encode_array("\n"), self.decoder.start()), 0
        for before, word in zip([None, *words], words, strict=False):
            candidates: list[Candidate] = []
            start, stop = word.span()
            is_doubled = before is not None and text[before.start() : start].lower() == word[0].lower() + " "
            if is_doubled and before is not None:
                start = before.start()
                candidates.append(Candidate(start, stop, before[0], "doubled", DOUBLED, 0.0))
            if self._is_no_slip(word[0]):
                continue
            is_attested = word[0].lower() in self.lexicon
            if not (is_doubled or not is_attested or bits[start : stop + 2].max() > SURPRISING):
                continue
            state, at = self.decoder.read(self.tokenizer.encode_array(text[at:start]), state), start
            if not is_doubled:
                repeated = REPEATED * math.log2(often[word[0].lower()])
                candidates = self._candidates(text, bits, word.span(), state, repeated)
            yield from self._best(text, bits, candidates, state)

    def _candidates(
        self, text: str, bits: NDArray[np.float64], span: tuple[int, int], state: S, repeated: float
    ) -> list[Candidate]:
        """Return the likeliest candidates for a word, judged by the first character that they change.

        state: before the word. repeated: bits that a correction must save because the word is no rare one.
        """
        start, stop = span
        word = text[start:stop]
        own = self.lexicon.get(word.lower())
        is_name = word.istitle() and bool(WITHIN.search(text[max(0, start - 3) : start]))
        if any(character not in self.ids for character in word):
            return []
        expected = self._bits(word + " ", state)
        found = []
        for new, kind in edits(word).items():
            if not self._is_attested(new) or _is_variant(word, new):
                continue
            same = next((place for place, both in enumerate(zip(word, new, strict=False)) if both[0] != both[1]), -1)
            place = same if same >= 0 else min(len(word), len(new))
            first = self.ids.get(new[place] if place < len(new) else text[stop : stop + 1])
            if first is None:
                continue
            if own is not None:
                least = ATTESTED + FREQUENT * own + UNEXPECTED * (word.lower() in self.today)
            elif plain(new) == word.lower():  # an accent is lost, in all likelihood
                least = ACCENT
            else:
                least = UNATTESTED + RARE * max(0, USUAL - self._frequency(new)) + NAME * is_name
            excess = float(expected[place, first] - (bits[start + place] if start + place < len(bits) else 0.0))
            found.append(Candidate(start, stop, new, kind, repeated + least, excess))
        found = [one for one in found if one.excess <= FARTHEST]
        return sorted(found, key=lambda one: one.excess - self._frequency(one.new))[:MOST]

    def _best(
        self, text: str, bits: NDArray[np.float64], candidates: list[Candidate], state: S
    ) -> Iterator[Correction]:
        """Yield the candidate that saves the most bits above its threshold, if one does."""
        if len(candidates) > FINALISTS:
            margins = {one: self._saved(text, bits, one, state, NEAR) - one.least for one in candidates}
            candidates = sorted(candidates, key=margins.__getitem__, reverse=True)[:FINALISTS]
        saved = [(self._saved(text, bits, one, state, AHEAD), one) for one in candidates]
        gain, best = max(saved, key=lambda pair: pair[0] - pair[1].least, default=(0.0, None))
        if best is not None and gain > best.least:
            yield Correction(best.start, best.stop, text[best.start : best.stop], best.new, best.kind, gain)

    def _saved(self, text: str, bits: NDArray[np.float64], one: Candidate, state: S, ahead: int) -> float:
        """Return the bits that a candidate saves over itself and so many characters after it."""
        tail = text[one.stop : one.stop + ahead]
        ids = self.tokenizer.encode_array(one.new + tail)
        new = self._bits(one.new + tail, state)[np.arange(len(ids)), ids].sum()
        return float(bits[one.start : one.stop + len(tail)].sum() - new)

    def _bits(self, text: str, state: S) -> NDArray[np.float64]:
        """Return the bits (t, v) that each token would cost in the place of each of a text's."""
        logits = self.decoder.logits(self.tokenizer.encode_array(text), state)
        logits = logits - logits.max(axis=1, keepdims=True)
        found: NDArray[np.float64] = (np.log(np.exp(logits).sum(axis=1, keepdims=True)) - logits) / math.log(2)
        return found

    def _is_no_slip(self, word: str) -> bool:
        """Return whether a word is a past form of Portugal, *cantámos*, or an acronym that the lexicon lacks."""
        small = word.lower()
        is_past = small.endswith("ámos") and small[:-4] + "amos" in self.lexicon
        return is_past or (word.isupper() and len(word) <= ACRONYM and small not in self.lexicon)

    def _is_attested(self, words: str) -> bool:
        parts = words.lower().split(" ")
        return all(part in self.lexicon and (len(part) > 1 or part in SINGLE) for part in parts)

    def _frequency(self, words: str) -> int:
        return min(self.lexicon[part] for part in words.lower().split(" "))


def _is_variant(word: str, other: str) -> bool:
    """Return whether two words differ only as spellings do: António, Antônio; idéia, ideia."""
    one, two = (re.sub("[éê]i(?=a)", "ei", text.lower().translate(VARIANTS)) for text in (word, other))
    return one == two


def place_of(text: str, at: int) -> tuple[int, int]:
    """Return the line and the column of a character, both from 1."""
    line = text.count("\n", 0, at)
    return line + 1, at - text.rfind("\n", 0, at)
