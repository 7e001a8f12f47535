"""Simple models' bits per character of a held-out text after a training text, to compare a score with.

All models are static: they learn from the training part only. The n-gram models give every Unicode string a
probability: one symbol besides the training part's characters, the escape, means any other character, and choosing it
costs log2 of their number. So the probabilities of all characters sum to one after any text.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ORDER = 6
"""Characters of context; on 4 MB of one author, more gain little."""

TRAIN = 2**22
VALID = 2**19
XZ = 2**20
"""`measure` reads the last TRAIN characters of the training part (xz: the last XZ) and the first VALID held out."""

SHORTEST, LEARNED, HELD_OUT = 2000, 2_000_000, 0.1
"""`of_text` needs SHORTEST characters, learns from at most LEARNED and predicts the share HELD_OUT."""

CHARACTERS = 0x110000  # code points of Unicode


@dataclass(frozen=True)
class Baselines:
    """Bits per character of the held-out part, and the numbers of characters."""

    unigram: float
    ngram: float
    xz: float
    order: int
    train_characters: int
    xz_train_characters: int
    valid_characters: int
    unknown_characters: int  # of valid_characters: those that the training part lacks


def measure(train: str, valid: str) -> Baselines:
    """Return all baselines of one split, in seconds for any length (see TRAIN, VALID and XZ)."""
    train, recent, valid = train[-TRAIN:], train[-XZ:], valid[:VALID]
    model = Ngram(train, ORDER)
    return Baselines(
        unigram=unigram(train, valid),
        ngram=_mean(model.surprisals(valid)),
        xz=xz(recent, valid),
        order=model.order,
        train_characters=len(train),
        xz_train_characters=len(recent),
        valid_characters=len(valid),
        unknown_characters=int(np.count_nonzero(model.encode(valid) == model.escape)),
    )


def of_text(text: str) -> Baselines | None:
    """Return the baselines of a text's last tenth after the rest; None if it is shorter than SHORTEST."""
    if len(text) < SHORTEST:
        return None
    cut = round(len(text) * (1 - HELD_OUT))
    return measure(text[max(0, cut - LEARNED) : cut], text[cut:])


def unigram(train: str, valid: str) -> float:
    """Return the bits per character by the characters' frequencies alone."""
    return ngram(train, valid, order=0)


def ngram(train: str, valid: str, order: int = ORDER) -> float:
    """Return the bits per character by an interpolated modified Kneser-Ney model of `order` characters of context."""
    return _mean(Ngram(train, order).surprisals(valid))


def xz(train: str, valid: str) -> float:
    """Return the bits per character that `valid` adds to `train` compressed by xz at its strongest."""
    import lzma
    from concurrent.futures import ThreadPoolExecutor

    options = [{"id": lzma.FILTER_LZMA2, "preset": 9, "dict_size": 2**26}]
    texts = [train.encode("utf-8", "surrogatepass"), (train + valid).encode("utf-8", "surrogatepass")]
    with ThreadPoolExecutor() as pool:  # uses two cores
        alone, together = pool.map(lambda text: len(lzma.compress(text, lzma.FORMAT_RAW, filters=options)), texts)
    return 8 * (together - alone) / max(len(valid), 1)


def _mean(bits: NDArray[np.float64]) -> float:
    return float(bits.mean()) if len(bits) else 0.0


class _Level:
    """Discounted probabilities after contexts of one length.

    keys: (g,) sorted, unique, g > 0: a context, then in the lowest `width` bits a symbol; counts: (g,).
    """

    def __init__(self, keys: NDArray[np.uint64], counts: NDArray[np.int64], width: int) -> None:
        contexts = keys >> np.uint64(width)
        starts = np.concatenate(([0], np.flatnonzero(contexts[1:] != contexts[:-1]) + 1))
        discounts = _discounts(counts)[np.minimum(counts, 3)]
        totals = np.add.reduceat(counts, starts)
        self.keys, self.contexts = keys, contexts[starts]
        self.shares = (counts - discounts) / np.repeat(totals, np.diff(starts, append=len(keys)))
        """(g,): the discounted share of each symbol."""
        self.rest = np.add.reduceat(discounts, starts) / totals
        """(contexts,): the share left for shorter contexts."""


def _discounts(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the discounts of counts 0, 1, 2 and more, by how many counts are 1 to 4 (Chen and Goodman, 1998)."""
    ones, twos, threes, fours = (int(np.count_nonzero(counts == count)) for count in (1, 2, 3, 4))
    if not (ones and twos and threes and fours):  # too little text
        return np.array([0.0, 0.5, 1.0, 1.5])
    base = ones / (ones + 2 * twos)
    found = [1 - 2 * base * twos / ones, 2 - 3 * base * threes / twos, 3 - 4 * base * fours / threes]
    return np.array([0.0, *np.clip(found, 0.1, (1, 2, 3))])  # above 0, so that nothing is impossible


class Ngram:
    """An interpolated modified Kneser-Ney model of characters.

    A symbol is a number: 0 precedes the text, then come the training part's characters, and the escape is the last. A
    context has the symbols before a character, the nearest in the highest bits. So contexts with the same ending are
    neighbours in sorted order, and looking up sorted contexts passes through each table once.
    """

    def __init__(self, train: str, order: int) -> None:
        """order: characters of context; fewer if so many symbols of this alphabet do not fit 64 bits."""
        self.alphabet = np.unique(_codes(train))
        self.escape = len(self.alphabet) + 1
        self.width = self.escape.bit_length()
        self.order = min(order, 64 // self.width - 1)
        self.levels: list[_Level] = []
        if not train:
            return
        keys, counts = np.unique(self._keys(self.encode(train), self.order), return_counts=True)
        self.levels.append(_Level(keys, counts, self.width))
        while len(self.levels) <= self.order:
            # A shorter context counts the different symbols before it and its follower (Kneser and Ney, 1995).
            keys, counts = np.unique(self._shorten(keys), return_counts=True)
            self.levels.append(_Level(keys, counts, self.width))

    def encode(self, text: str) -> NDArray[np.uint64]:
        """Return the symbols of a text, (n,)."""
        codes = _codes(text)
        places = np.searchsorted(self.alphabet, codes)
        known = np.append(self.alphabet, CHARACTERS)[places] == codes
        return np.where(known, places + 1, self.escape).astype(np.uint64)

    def surprisals(self, text: str) -> NDArray[np.float64]:
        """Return −log2 of each character's probability after those before it, (n,); finite for every string."""
        symbols = self.encode(text)
        keys = self._keys(symbols, self.order)
        ranks = np.argsort(keys)
        keys = keys[ranks]
        probability, weight = np.zeros(len(keys)), np.ones(len(keys))
        for level in self.levels:
            place, found = _find(level.keys, keys)
            probability[found] += weight[found] * level.shares[place]
            place, found = _find(level.contexts, keys >> np.uint64(self.width))
            weight[found] *= level.rest[place]
            keys = self._shorten(keys)
        probability += weight / self.escape  # uniform over the characters and the escape
        bits = np.empty(len(keys))
        bits[ranks] = -np.log2(probability)
        bits[symbols == self.escape] += np.log2(CHARACTERS - len(self.alphabet))
        return bits

    def _keys(self, symbols: NDArray[np.uint64], order: int) -> NDArray[np.uint64]:
        """Return each symbol with its context of `order` symbols, (n,)."""
        padded = np.concatenate((np.zeros(order, dtype=np.uint64), symbols))
        keys = symbols.copy()
        for distance in range(1, order + 1):
            shift = np.uint64(self.width * (order + 1 - distance))
            keys |= padded[order - distance : len(padded) - distance] << shift
        return keys

    def _shorten(self, keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
        """Return the keys without the farthest symbol of each context."""
        width = np.uint64(self.width)
        return (keys >> width >> width << width) | (keys & np.uint64(2**self.width - 1))


def _codes(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")


def _find(table: NDArray[np.uint64], keys: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the places in a sorted table of the keys that are in it, and which ones are, (n,)."""
    places = np.minimum(np.searchsorted(table, keys), len(table) - 1)
    found = table[places] == keys
    return places[found], found
