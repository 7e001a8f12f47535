"""Find passages that are not Portuguese, and their languages.

A text is cut into lines, and long lines into pieces of some hundred characters. Each piece votes for languages by its
function words, which may belong to several. A passage is a run of pieces of at least SHORTEST characters in which
another language clearly beats Portuguese, and in which the character model of Portuguese needs many bits. Verse, names
and old spellings stay Portuguese, as they lack the words of another language.
"""

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

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

BIT = 0.05  # weight, in words, of a bit more or less than STRANGE
CLEAR = 0.1  # lead over Portuguese as a share of a passage's words, at least
PIECE = 400  # characters after which a long line is cut at the next space
SWITCH = 2.0  # cost, in words, of a change of language: a quoted phrase or a name is no passage

# The words that make up about half of a text in each language; for Portuguese also in spellings of former centuries.
WORDS = {
    "Portuguese": (
        "a o as os e é d de do da dos das em no na nos nas n num numa ao aos à às á ás que se não com por para pelo "
        "pela pelos pelas um uma uns umas mas como mais ou já nem me te lhe lhes vos eu tu ele ela eles elas nós "
        "vós você vocês seu sua seus suas meu minha meus minhas teu tua nosso nossa este esta estes estas esse essa "
        "esses essas isto isso aquele aquela aqueles aquelas aquilo deste desta desse dessa daquele daquela neste "
        "nesta nesse nessa naquele naquela foi era ser são está estava tinha ter há ha havia porque quando onde "
        "quem qual muito muita muitos muitas bem só também ainda até sem sobre entre depois antes tudo todo toda "
        "todos todas nada outro outra outros outras mesmo mesma assim então agora aqui ali lá cá sim pois tão tanto "
        "tem têm disse foram ai ah oh vai vou pode fazer ia sempre nunca logo quanto cada contra ante hum huma huns "
        "humas he elle ella elles ellas nelle nella delle della delles dellas aquelle aquella aquelles aquellas "
        "daquelle daquella naquelle naquella êle êles êste êsse dêle nêle dêste nêste pera mui muy muyto assi nam "
        "naõ saõ sam mim si comigo consigo senhor senhora dom"
    ),
    "Spanish": (
        "el la los las lo un una unos unas y e o u de del a al en con por para sin sobre entre hasta desde que qué "
        "se no ni sí si su sus mi mis tu tus me te le les nos os yo él ella ellos ellas usted ustedes nosotros es "
        "era son fue fueron ha han había haber hay ser está están estaba muy más menos pero como cómo cuando cuándo "
        "donde dónde porque pues ya aun aún también tan tanto todo toda todos todas este esta esto estos estas ese "
        "esa eso esos esas aquel aquella aquellos aquellas otro otra otros otras mismo misma bien así después antes "
        "entonces ahora aquí allí nada quien quién cual cada uno dos hombre dijo tiene tienen tenía puede hacer "
        "cosa mucho muchos mucha"
    ),
    "French": (
        "le la les l un une des du de d à au aux en dans par pour sur sous avec sans chez et ou où ni mais donc car "
        "que qu qui quoi dont ce c cet cette ces cela ça ceci se s ne n pas plus point jamais rien je j tu il elle "
        "on nous vous ils elles me m te t lui leur leurs y son sa ses mon ma mes ton ta tes notre nos votre vos est "
        "es suis sont été était étaient être a ai as ont avait avaient avoir fut fait faire dit si comme quand tout "
        "toute tous toutes même bien très aussi encore alors après avant entre vers ici là peu trop tant deux homme "
        "sommes êtes"
    ),
    "English": (
        "the a an and or but of to in on at by for with from into upon about as than that this these those which "
        "who whom whose what when where why how if then so not no nor is are was were be been being am have has had "
        "do does did will would shall should can could may might must i you he she it we they me him her us them my "
        "your his its our their there here all any some such one other more most only very out up down over under "
        "between after before said s t"
    ),
    "Italian": (
        "il lo la i gli le l un uno una di del dello della dei degli delle dell d a al allo alla ai agli alle all "
        "da dal dalla dai dalle in nel nella nei nelle nell con su sul sulla sui sulle per tra fra e ed o od ma se "
        "che chi cui non più come quando dove perché anche ancora già poi così io tu egli lui lei noi voi essi loro "
        "mi ti ci vi si me te ne li mio mia miei tuo tua suo sua suoi sue nostro vostro questo questa questi queste "
        "quello quella quelli quel è era erano sono sei siamo fu essere ha ho hai hanno aveva avere fatto fare "
        "tutto tutta tutti tutte ogni molto bene ben mai niente nulla cosa disse quanto uomo dopo prima sempre"
    ),
    "German": (
        "der die das den dem des ein eine einer eines einem einen und oder aber sondern denn in im an am auf aus "
        "bei mit nach seit von vom vor zu zum zur für durch über unter um gegen ohne zwischen ist sind war waren "
        "sein bin bist hat habe haben hatte hatten wird werden wurde wurden nicht kein keine nichts nur auch noch "
        "schon so wie als dass daß wenn weil ob da dann hier ich du er sie es wir ihr mich dich sich mir dir ihm "
        "ihn uns euch ihnen mein meine dein seine seiner ihre ihren unser dieser diese dieses wer was wo alle alles "
        "man mehr sehr kann können muss will soll"
    ),
    "Latin": (
        "et ac atque aut vel sed at nec neque non ne ut si nisi quod quia cum dum enim autem ergo igitur nam tamen "
        "quoque etiam iam in ad ab a ex e de per pro sine sub super inter ante post contra apud est sunt erat erant "
        "esse fuit sit sint eram ero erit fui qui quae quem quam quos quas cuius cui quo qua quibus quorum quid "
        "quis hic haec hoc huius hunc hanc his ille illa illud illi illum is ea id eius eum eam ei eis eo eos eorum "
        "ipse ipsa ipsum idem se sibi suum suam suis ego me mihi tu te tibi nos nobis vos vobis noster nostra "
        "nostri nostrum meum meus tuum tuus tua omnia omnis omnes omnibus deus dei deo deum dominus domini domine"
    ),
}
PORTUGUESE, *LANGUAGES = WORDS


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
