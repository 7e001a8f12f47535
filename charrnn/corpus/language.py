"""Find passages in other languages, and the age and country of the Portuguese spelling.

A text is cut into lines, and long lines into pieces of some hundred characters. Each piece votes for languages by its
function words, which may belong to several. A passage is a run of pieces of at least SHORTEST characters in which
another language clearly beats Portuguese, and in which the character model of Portuguese needs many bits. Verse, names
and old spellings stay Portuguese, as they lack the words of another language.

Only words in small letters tell a spelling, as names keep old ones: Thereza, Raphael, Müller. One word proves nothing:
a spelling is reported from a certain share of the words on.
"""

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from charrnn.corpus import portuguese

SHORTEST = 100
"""Characters of the shortest passage that is reported."""

STRANGE = 3.4
"""Bits per character by the character model; Portuguese has fewer, another language more."""

UNKNOWN = "unknown"
"""The language of passages with more than ILLEGIBLE bits per character: another script, codes."""

ILLEGIBLE = 9.0

MOST = 0.5  # share of a text that makes up its language
SAMPLE = 2**17  # characters by which a text of no known language is recognised
LETTERS, FEW, OTHER = 0.7, 0.15, 5.0
"""What it has: a share of letters, at least; of Portuguese words, less; bits per character, at least."""

BIT = 0.05  # weight, in words, of a bit more or less than STRANGE
CLEAR = 0.1  # lead over Portuguese as a share of a passage's words, at least
PIECE = 400  # characters after which a long line is cut at the next space
SWITCH = 2.0  # cost, in words, of a change of language: a quoted phrase or a name is no passage

# The words that make up about half of a text in each language; for Portuguese also in spellings of former centuries.
WORDS = dict(
    line.split("\t") for line in Path(__file__).with_name("function_words.tsv").read_text(encoding="utf-8").splitlines()
)
PORTUGUESE, *LANGUAGES = WORDS
CODES = {
    "Portuguese": "pt", "Spanish": "es", "French": "fr", "English": "en", "Italian": "it", "German": "de",
    "Latin": "la",
}  # fmt: skip
"""The languages in ISO 639-1."""
IN_PORTUGUESE = {
    "Spanish": "espanhol", "French": "francês", "English": "inglês", "Italian": "italiano", "German": "alemão",
    "Latin": "latim", UNKNOWN: "outra língua",
}  # fmt: skip


@dataclass(frozen=True)
class ForeignPassage:
    """A part of a text, [start, stop) in characters, and its language: one of LANGUAGES or UNKNOWN."""

    start: int
    stop: int
    language: str

    def __len__(self) -> int:
        return self.stop - self.start


def foreign(text: str) -> tuple[ForeignPassage, ...]:
    """Return the passages of at least SHORTEST characters that are not Portuguese, in order.

    This takes some 30 bytes of memory per character: pass long texts in sections.
    """
    if len(text) < SHORTEST:
        return ()
    cuts = np.array([0, *_cuts(text)])
    starts, lengths = cuts[:-1], np.diff(cuts)
    words, hits = _hits(text[start:stop] for start, stop in itertools.pairwise(cuts.tolist()))
    bits = np.add.reduceat(portuguese.surprisals(text), starts)
    scores = np.column_stack((hits, BIT * (bits - ILLEGIBLE * lengths)))  # in words; one column per language
    leads = scores - hits[:, :1]  # on Portuguese
    leads[:, -1] = scores[:, -1]
    scores[:, 1:] += BIT * (bits - STRANGE * lengths)[:, None]
    found = []
    for first, last, state in _runs(scores):
        leading = first + np.flatnonzero(leads[first:last, state] > 0)
        if not len(leading):
            continue
        first, last = int(leading[0]), int(leading[-1]) + 1  # headings and names around it belong to any language
        start, stop = _stripped(text, int(cuts[first]), int(cuts[last]))
        if state == len(WORDS):
            clear = sum(map(len, _WORD.findall(text[start:stop]))) > (stop - start) / 2  # neither rules nor tables
        else:
            clear = leads[first:last, state].sum() >= CLEAR * words[first:last].sum()
        if clear and stop - start >= SHORTEST:
            found.append(ForeignPassage(start, stop, [*WORDS, UNKNOWN][state]))
    return tuple(found)


def code_of(text: str) -> str:
    """Return the ISO 639-1 code of the language of most of a text; "" if it is not one of CODES or is too short."""
    return CODES.get(language_of(text, foreign(text)), "") if len(text) >= SHORTEST else ""


def language_of(text: str, passages: Sequence[ForeignPassage]) -> str:
    """Return the language of most of a text, one of WORDS or UNKNOWN; Portuguese if none has most of it.

    passages: those that `foreign` finds. A text of a language without a list of words is known by what it lacks.
    """
    shares: Counter[str] = Counter()
    for passage in passages:
        shares[passage.language] += len(passage)
    if shares and shares.total() > MOST * len(text):
        return shares.most_common(1)[0][0]
    sample = text[:SAMPLE]
    words = _WORD.findall(sample.lower())
    if len(sample) < SHORTEST or sum(map(len, words)) < LETTERS * len(sample):
        return PORTUGUESE
    known = set(WORDS[PORTUGUESE].split())
    is_portuguese = sum(word in known for word in words) >= FEW * len(words)
    return PORTUGUESE if is_portuguese or portuguese.surprisals(sample).mean() < OTHER else UNKNOWN


def _cuts(text: str) -> Iterator[int]:
    """Yield the ends of the pieces: line ends and, in long lines, spaces or, without spaces, any place."""
    start = 0
    while start < len(text):
        end = text.find("\n", start, start + 2 * PIECE) + 1
        if not end:
            end = text.find(" ", start + PIECE, start + 2 * PIECE) + 1 or min(start + 2 * PIECE, len(text))
        yield end
        start = end


_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")  # fazê-la is no la


def _hits(pieces: Iterable[str]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the number of words in each piece, (p,), and of those in each language, (p, languages)."""
    lists = [set(words.split()) for words in WORDS.values()]
    vocabulary = sorted(set().union(*lists))
    row_of = {word: row for row, word in enumerate(vocabulary)}
    table = np.array([[word in words for words in lists] for word in [*vocabulary, None]])
    rows: list[int] = []
    ends = [0]
    for piece in pieces:
        rows.extend(map(row_of.get, _WORD.findall(piece.lower()), itertools.repeat(len(vocabulary))))
        ends.append(len(rows))
    sums = np.pad(np.cumsum(table[rows], axis=0, dtype=np.int32), ((1, 0), (0, 0)))
    return np.diff(ends).astype(np.float64), np.diff(sums[ends], axis=0).astype(np.float64)


def _runs(scores: NDArray[np.float64]) -> Iterator[tuple[int, int, int]]:
    """Yield (first, last + 1, state) of each run of states other than the first on the best path through scores (p, s).

    The best path has the highest sum, where each change of state costs SWITCH (Viterbi). While the first state leads by
    SWITCH, every path passes through it; so only the parts between such places are computed.
    """
    rivals = np.flatnonzero(scores[:, 1:].max(1) > scores[:, 0])
    piece = 0
    while (following := int(np.searchsorted(rivals, piece))) < len(rivals):
        first = piece = int(rivals[following])
        value = np.full(scores.shape[1], -SWITCH)
        value[0] = 0.0
        back: list[NDArray[np.int64]] = []
        while piece < len(scores):
            changed = value.max() - SWITCH
            back.append(np.where(value >= changed, np.arange(len(value)), value.argmax()))
            value = scores[piece] + np.maximum(value, changed)
            piece += 1
            if value[1:].max() <= value[0] - SWITCH:
                break
        state, path = int(value.argmax()), []
        for origin in reversed(back):
            path.append(state)
            state = int(origin[state])
        place = first
        for state, group in itertools.groupby(reversed(path)):
            length = len(list(group))
            if state:
                yield place, place + length, state
            place += length


def _stripped(text: str, start: int, stop: int) -> tuple[int, int]:
    part = text[start:stop]
    return start + len(part) - len(part.lstrip()), stop - len(part) + len(part.rstrip())


FEWEST = 5  # words of a spelling, at least
CLEARLY = 5  # words of one country's spelling per word of the other's, at least, to decide for it

ETYMOLOGICAL = re.compile(
    r"(?:d|n|aqu|daqu|naqu)?ell[ea]s?"  # elle, della, aquelles
    r"|\w*(?:ph[aeiouyáéíóúâêôlr]|rh[ey]|[b-df-hj-np-tv-z]y[b-df-hj-np-tv-z])\w*"  # pharmacia, rhetorica, lyrio
    r"|\w*(?:theatr|thesour|thron[oa]|method|cathol|cathedr|sympath|apath|athe[uni]|mathem|orthog)\w*"
    r"|\w*(?:cc[aeou]|ff[aeilor]|ll[aeiou]|mm[aeiou]|nn[aeiou]|pp[aeilor]|tt[aeor]|dd[ei]|gg[er]|bb[ao])\w*"
    r"(?:ão|ões|ar|er|ir|ad[ao]s?|id[ao]s?|ou|eu|iu|ava|ia|dade|mente|ente|[aoe]s?|al|el|em|am)"  # attenção, bella
    r"|\w*(?:script|fruct|sanct|prompt|somn[oa]|damn[oa]|solemn|column|alumn|assign|extinct|assumpt)\w*"
    r"|chr[iy]\w+|he|humas?|hia|sciencia\w*|quasi|egreja|edade"
)
ACCENTED = re.compile(
    r"(?:d|n|aqu|daqu|naqu)?êl[ea]s?|[dn]?ês[st][ea]s?|sôbre|tôd[ao]s?|govêrnos?|êrros?|fôrças?|bôcas?|pôrtos?|nôvo|môç[ao]s?"
    r"|rôstos?|almôço|\w+[àèìòù]\w*(?:mente|zinh[oa]s?)"
)
BEFORE_2009 = re.compile(r"\w*[gq]ü[eéêií]\w*|\w+(?:éi|ói)(?:[ao]s?|c[ao]s?|de)|vôos?|enjôos?|(?:cr|l|v|d|rel|prev)êem")
PORTUGAL = re.compile(
    r"\w*[éó][mn](?!ente)[aeiou]\w*|\w{2,}ámos"  # género, económico, falámos
    r"|(?:re|ex|tran)?acç(?:ão|ões)|(?:in)?act(?:os?|iv\w+|ual\w*|uais|or|ores|riz)|direc[çt]\w+|objec[çt]\w+|projec[çt]\w+"
    r"|exact\w+|óptim\w+|bapti\w+|adopt\w+|factos?|colec[çt]\w+|protec[çt]\w+|correc[çt]\w+|contactos?"
    r"|dezasseis|dezassete|dezanove|registos?|connosco|húmid\w+|bebés?|súbdit\w+|autocarros?|telemóve\w+"
)
BRAZIL = re.compile(
    r"\w*[êô][mn](?!e[ao]s?$)[aeiou]\w*"  # gênero, econômico; not fêmea
    r"|dezesseis|dezessete|dezenove|registros?|conosco|úmid\w+|bebês?|súdit\w+|ônibus|caminhão"
)


MODERN = re.compile(
    r"(?:kilo|mega|giga|tera)?bytes?|nylon|hippies?|offline|copyright|copyleft|(?:java)?scripts?|prompts?|office|[ct]offee"
    r"|waffles?|cappuccinos?|commerce|doppler|allegro|paella|tortillas?|villa|mozzarella|ricotta|ciabatta|ghetto"
    r"|terracotta|gamma|(?:smart|head|ear)?phones?|photoshop|indescriptíve(?:l|is)|estômagos?"
)
"""Words of today, or of both countries, that look like those of a spelling."""

AGES = (
    ("spelling-1911", ETYMOLOGICAL, 0.005),
    ("spelling-1971", ACCENTED, 0.001),
    ("spelling-2009", BEFORE_2009, 0.0002),
)  # the doctor's name of a spelling, its words, their share of a text's words from which it is reported


def spellings(forms: Counter[str]) -> Iterator[tuple[str, Counter[str]]]:
    """Yield the spellings of a text, by the doctor's names for them, each with its words.

    forms: the words as written, with their numbers of occurrences.
    """
    small: Counter[str] = Counter()
    for form, count in forms.items():
        for part in form.split("-"):
            if part[0].islower():
                small[part] += count
    total, before_1911 = small.total(), False
    for name, pattern, share in AGES:
        found = _matching(pattern, small)
        if found.total() >= max(FEWEST, share * total):
            before_1911 = before_1911 or name == "spelling-1911"
            yield name, found
        if before_1911 and name == "spelling-1971":
            return  # in such a text, accents and consonants tell nothing about later reforms
    portugal, brazil = _matching(PORTUGAL, small), _matching(BRAZIL, small)
    most, least = max(portugal.total(), brazil.total()), min(portugal.total(), brazil.total())
    if most >= FEWEST and most >= CLEARLY * least:
        if portugal.total() == most:  # that of Brazil is expected
            yield "spelling-portugal", portugal
    elif most >= FEWEST:
        yield "spelling-both", portugal + brazil


def _matching(pattern: re.Pattern[str], forms: Counter[str]) -> Counter[str]:
    return Counter(
        {form: count for form, count in forms.items() if pattern.fullmatch(form) and not MODERN.fullmatch(form)}
    )
