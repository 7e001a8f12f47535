"""Forms of words that were written without accents: a lexicon, two rules, and a network that reads the words around.

Most words have one form; the lexicon names the others. Of several forms, the network scores each:

    score(form) = Σ_c wide[hash(c, form)] + wide[hash(c, shape)] + o · (U[form] + V[shape]),   o = W₂ relu(W₁ x)

with contexts c of up to three words or endings around, and x the vectors of the words and endings around. The shape of
a form is where its accents are and its last letters, so that a rare verb is read like a frequent one. Words are known
by their hashes, so the model needs no vocabulary. `scripts/train_accents.py` makes its file.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from charrnn.corpus.lexicon import today

FILE = Path(__file__).with_name("accents.npz")
TOKEN = re.compile(r"[^\W\d_]+|\d+|[^\w\s]|\n\n")
MOST = 3  # forms of a word
REACH = 5  # words before and after that x holds
BATCH = 2_048  # words scored at once
MORE = {"às": 1.5}  # added to a form's score: writing of today has it more often than the works (às 19h, às sextas)
SIZES = {"wide": 21, "words": 15, "endings": 12, "forms": 14, "shapes": 12}  # log2 of the rows of each table
WORD, ENDING, SHORT, START = range(4)  # what is hashed of a word: all of it, its last 3 or 2 letters, its first 4
CONTEXTS: tuple[tuple[tuple[int, int], ...], ...] = (  # what of which word
    (),
    ((WORD, -1),), ((WORD, 1),), ((WORD, -2),), ((WORD, 2),), ((WORD, -3),), ((WORD, 3),),
    ((WORD, -1), (WORD, 1)), ((WORD, -2), (WORD, -1)), ((WORD, 1), (WORD, 2)),
    ((ENDING, -1),), ((ENDING, 1),), ((SHORT, -1), (SHORT, 1)), ((WORD, -1), (SHORT, 1)), ((SHORT, -1), (WORD, 1)),
    ((SHORT, 1), (SHORT, 2)), ((SHORT, 2),), ((SHORT, -2),), ((SHORT, -2), (WORD, -1), (ENDING, 1)),
    ((START, -1),), ((START, 1),), ((START, -1), (SHORT, 1)), ((START, -2), (WORD, -1)),
    ((WORD, -3), (WORD, -2), (WORD, -1)), ((START, -2), (WORD, -1), (ENDING, 1)), ((START, -1), (WORD, 1)),
    ((WORD, 1), (WORD, 2), (WORD, 3)), ((START, -1), (START, 1)),
)  # fmt: skip

Hashes = NDArray[np.uint32]
Floats = NDArray[np.float32]


@cache
def bare(word: str) -> str:
    """Return a word without accents and cedillas."""
    if word.isascii():
        return word
    return "".join(sign for sign in unicodedata.normalize("NFD", word) if not unicodedata.combining(sign))


def brazilian(word: str) -> str:
    """Return a word with the closed e and o that Brazil writes before m and n: gênero, quilômetro, tênis."""
    return re.sub("é(?=[mn][aeiouáéíóú])", "ê", re.sub("ó(?=[mn][aeiouáéíóú])", "ô", word))


def accents(word: str) -> tuple[tuple[int, str], ...]:
    """Return where a word has accents, each as letters from the end and a combining character."""
    found, place = [], 0
    for sign in reversed(unicodedata.normalize("NFD", word)):
        if unicodedata.combining(sign):
            found.append((place, sign))
        else:
            place += 1
    return tuple(found)


def enclitic(verb: str) -> str:
    """Return the form of a verb before -lo, -la, -los, -las, which has lost its r, s or z: fazê, pô, amá, distribuí."""
    if verb[-1] in "aeo":
        return verb[:-1] + {"a": "á", "e": "ê", "o": "ô"}[verb[-1]]
    return verb[:-1] + "í" if re.search("(?<![gq])[aeou]i$", verb) else verb


def mix(left: Hashes, right: Hashes) -> Hashes:
    """Return a hash of pairs of hashes, of any shapes that numpy broadcasts."""
    mixed: Hashes = (left * np.uint32(0x9E3779B1)) ^ ((right + np.uint32(0x7F4A7C15)) * np.uint32(0x85EBCA6B))
    mixed ^= mixed >> np.uint32(15)
    mixed *= np.uint32(0x2C1B3C6D)
    return mixed


def hashes(words: Sequence[str]) -> Hashes:
    """Return what is hashed of words, (4, n)."""
    parts = [[word, "s3" + word[-3:], "s2" + word[-2:], "p4" + word[:4]] for word in words]
    return np.array([[crc32(part.encode()) for part in one] for one in parts], np.uint32).reshape(-1, 4).T


def form_hashes(form: str) -> tuple[int, int]:
    """Return the hashes of a form and of its shape."""
    shape = "".join(f"{sign}{place}" for place, sign in accents(form)) + bare(form)[-2:]
    return crc32(f"f{form}".encode()), crc32(f"c{shape}".encode())


@dataclass(frozen=True)
class TableRows:
    """Words of a text whose forms are scored: all that the network reads, as rows of its tables."""

    wide: NDArray[np.int64]  # (n, MOST, 2 × contexts)
    words: NDArray[np.int64]  # (n, 2 × REACH + 1), the word itself last
    endings: NDArray[np.int64]  # likewise
    forms: NDArray[np.int64]  # (n, MOST)
    shapes: NDArray[np.int64]  # likewise


def look_up(
    tokens: NDArray[np.int32], known: Hashes, at: NDArray[np.int64], forms: Hashes, shapes: Hashes
) -> TableRows:
    """Return the rows that the network reads.

    Args:
        tokens: the text as numbers of words, with REACH more at either end, (t,).
        known: what is hashed of these words, (4, words).
        at: places in `tokens`, (n,).
        forms, shapes: the hashes of the forms at these places, (n, MOST).
    """
    contexts = np.empty((len(at), len(CONTEXTS)), np.uint32)
    for number, context in enumerate(CONTEXTS):
        mixed = np.full(len(at), number * 7919 + 1, np.uint32)
        for part, offset in context:
            mixed = mix(mixed, known[part][tokens[at + offset]])
        contexts[:, number] = mixed
    both = [mix(contexts[:, None], one[:, :, None]) for one in (forms, shapes)]
    around = tokens[at[:, None] + np.array([*range(-REACH, 0), *range(1, REACH + 1), 0])]
    rows = {
        "wide": np.concatenate(both, 2), "words": known[WORD][around], "endings": known[ENDING][around],
        "forms": forms, "shapes": shapes,
    }  # fmt: skip
    return TableRows(**{name: (row & np.uint32((1 << SIZES[name]) - 1)).astype(np.int64) for name, row in rows.items()})


class AccentModel:
    """The lexicon, the endings and the network of a file."""

    def __init__(self, path: Path = FILE) -> None:
        with np.load(path, allow_pickle=False) as arrays:
            self.arrays = {name: arrays[name] for name in arrays.files}

    @cached_property
    def lexicon(self) -> dict[str, tuple[str, ...]]:
        """The forms of each bare word, the most frequent first, where they are not what its ending says.

        Of several forms of today, as of *Jéssica*, the first is taken, or what older works have (*metro*, not *metrô*).
        """
        lines = [line.split(" ") for line in self._text("lexicon_text")]
        known = {bare(forms[0]): tuple(forms) if len(forms) > 1 else (brazilian(forms[0]),) for forms in lines}
        of_today: dict[str, list[str]] = {}
        for word in map(brazilian, today()):
            of_today.setdefault(bare(word), []).append(word)
        return known | {
            plain: (forms[0],) for plain, forms in of_today.items() if plain not in known or len(set(forms)) == 1
        }

    @cached_property
    def endings(self) -> dict[str, str]:
        """The form of each ending, for words that are not in the lexicon."""
        return {bare(ending): brazilian(ending) for ending in self._text("endings_text")}

    def _text(self, name: str) -> list[str]:
        text: str = self.arrays[name].tobytes().decode("utf-8")
        return text.split("\n")

    def by_ending(self, word: str) -> str:
        """Return the form of a bare word by the longest ending that is known."""
        for length in range(min(7, len(word) - 1), 1, -1) if len(word) > 3 else ():
            if ending := self.endings.get(word[-length:]):
                return word[:-length] + ending
        return word

    def scores(self, places: TableRows) -> Floats:
        """Return the score of each form, (n, MOST)."""
        table = self._tables
        x = np.concatenate([table["words"][places.words], table["endings"][places.endings]], 2)
        hidden = np.maximum(x.reshape(len(x), -1) @ table["hidden"].T + table["hidden_bias"], 0)
        output = hidden @ table["output"].T + table["output_bias"]
        vectors = table["forms"][places.forms] + table["shapes"][places.shapes]
        wide = self.arrays["wide"][places.wide].sum(2, dtype=np.int32) * self.arrays["wide_scale"]
        scores: Floats = wide + (vectors @ output[:, :, None])[:, :, 0]
        return scores

    @cached_property
    def _tables(self) -> dict[str, Floats]:
        names = [name for name in self.arrays if f"{name}_scale" in self.arrays and name != "wide"]
        scaled = {name: self.arrays[name] * self.arrays[f"{name}_scale"] for name in names}
        return scaled | {name: self.arrays[name].astype(np.float32) for name in ("hidden_bias", "output_bias")}


@cache
def shipped() -> AccentModel:
    """Return the model that ships with the package."""
    return AccentModel()


def chances(
    tokens: Sequence[str], places: Sequence[int], forms: Sequence[tuple[str, ...]], model: AccentModel
) -> list[tuple[float, ...]]:
    """Return the probabilities of the forms at each of the places."""
    numbers = {"": 0}
    text = np.array([numbers.setdefault(token, len(numbers)) for token in ["", *tokens, ""]], np.int32)
    padded = np.pad(text[1:-1], REACH)
    known = hashes(list(numbers))
    found: list[tuple[float, ...]] = [(1.0,)] * len(places)
    several = [number for number, one in enumerate(forms) if len(one) > 1]
    hashed = {one: [form_hashes(form) for form in one] for one in {forms[number] for number in several}}
    for first in range(0, len(several), BATCH):
        batch = several[first : first + BATCH]
        table = np.zeros((2, len(batch), MOST), np.uint32)
        for row, number in enumerate(batch):
            table[:, row, : len(forms[number])] = np.array(hashed[forms[number]], np.uint32).T
        at = np.array([places[number] + REACH for number in batch])
        scores = model.scores(look_up(padded, known, at, *table))
        for number, row in zip(batch, scores.astype(np.float64), strict=True):
            row = row[: len(forms[number])] + [MORE.get(form, 0.0) for form in forms[number]]
            powers = np.exp(row - row.max())
            found[number] = tuple((powers / powers.sum()).tolist())
    return found
