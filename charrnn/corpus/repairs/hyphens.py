r"""Join words broken at line ends: `pala-\nvra`, or `pala¬\nvra`, is `palavra`, but `fazê-\nlo` is `fazê-lo`.

A hyphen that is repeated on the next line belongs to the word: `confundir-\n-se`. Else the form that the text has
elsewhere wins. If it has neither, rules of Portuguese decide: clitic pronouns after verbs (`disse-lhe`, `amá-la`),
pronouns inside verbs (`dir-se-ia`), a few prefixes (`bem-`, `além-`); then the lexicon, where both parts are words that
are far commoner than the whole (`meia-noite`), and the character model of Portuguese. The remaining cases follow the
majority of the text's own, which matters if a converter has joined the others already.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache

from charrnn.corpus import lexicon
from charrnn.corpus.repairs import Edit, disjoint

SOFT_HYPHEN = "\xad"
# Quantifiers are bounded everywhere: a line of 200 MB must not cost the square of its length.
LINE_END = re.compile(r"[-¬](?<=[^\W\d_].)[ \t]{0,8}\n[ \t]{0,8}-?(?=[^\W\d_])")
TURN = re.compile(r"(?:^|[^-\s])[ \t]{0,8}\n[ \t]{0,8}-[^\W\d_]")  # of dialogue, with a hyphen for a dash
SOFT = re.compile(r"\xad+(?:(?<=[^\W\d_]\xad)[ \t]{0,8}\n[ \t]{0,8}(?=[^\W\d_]))?")
WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
REST = re.compile(r"(\S{0,60})([ \t]{1,8}(?!\n))?")  # of a broken word, with its punctuation
LEFT = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*\Z")
HEADWORD = re.compile(r"(?:^|[.!?…]|\n)[ \t]{0,8}\n[^\W\d_]{1,12}\Z")  # alone on its line: `sub-` in a dictionary


class Words:
    """The number of times that each word occurs in a text, without case; counted at the first use.

    parts: of broken words, which are not counted.
    """

    def __init__(self, text: str, parts: Iterable[str] = ()) -> None:
        self._text, self._parts = text, Counter(map(str.lower, parts))

    def without(self, parts: Iterable[str]) -> "Words":
        """Return the same counts without these parts of broken words."""
        fewer = Words(self._text, parts)
        fewer.__dict__["_counts"] = self._counts
        return fewer

    @cached_property
    def forms(self) -> Counter[str]:
        """The words as written, each with its number of occurrences."""
        return Counter(WORD.findall(self._text))

    @cached_property
    def _counts(self) -> Counter[str]:
        counts: Counter[str] = Counter()
        for form, count in self.forms.items():
            counts[form.lower()] += count
        return counts

    def __iter__(self) -> Iterator[str]:
        return iter(self._counts)

    def __getitem__(self, word: str) -> int:
        word = word.lower()
        return max(0, self._counts[word] - self._parts[word])


@lru_cache(maxsize=1)  # the doctor asks several times about one text
def words_of(text: str) -> Words:
    """Return the words of a text."""
    return Words(text)


def find_hyphens(text: str) -> list[Edit]:
    """Return the joins of broken words, on the first of their two lines. Each leaves one line fewer with a hyphen."""
    found = LINE_END.finditer(text)
    breaks = [match for match in found if not HEADWORD.search(text[max(0, match.start() - 24) : match.start()])]
    if not breaks:
        return []
    if TURN.search(text):  # `-Não, Ana-\n-Espere!` has turns, unlike `Trás-os-\n-Montes`
        breaks = [match for match in breaks if match[0][-1] != "-" or not text[match.end()].isupper()]
    sides = [_sides(text, match) for match in breaks]
    words = words_of(text).without(part for side in sides for part in side)
    repeated = [match[0][-1] == "-" for match in breaks]
    decided = [again or decide(left, right, words) for again, (left, right) in zip(repeated, sides, strict=True)]
    kept = sum(decision is True for decision in decided)
    usual = kept > sum(decision is False for decision in decided) and not any(repeated)  # else it would be repeated
    edits = [
        _edit(text, match, "-" if (usual if decision is None else decision) else "")
        for match, decision in zip(breaks, decided, strict=True)
    ]
    return disjoint(edits)


def find_soft_hyphens(text: str) -> list[Edit]:
    """Return the removals of soft hyphens (U+00AD); a word that one divides at a line end is joined.

    Some converters write every hyphen so: where only a hyphen makes sense (`disse-lhe`), it becomes one, and wherever
    nothing decides if most do. Each edit leaves fewer soft hyphens.
    """
    if SOFT_HYPHEN not in text:
        return []
    marks = list(SOFT.finditer(text))
    sides = [_sides(text, match) for match in marks]
    words = words_of(text).without(part for side in sides for part in side)
    decided = [decide(left, right, words) if left and right else False for left, right in sides]
    usual = 2 * sum(decision is True for decision in decided) > len(marks)
    edits = []
    for match, decision in zip(marks, decided, strict=True):
        hyphen = "-" if (usual if decision is None else decision) else ""
        count = match[0].count(SOFT_HYPHEN)
        if "\n" in match[0]:
            edits.append(_edit(text, match, hyphen)._replace(faults=count))
        else:
            edits.append(Edit(match.start(), match.end(), hyphen, count))
    return disjoint(edits)


def _sides(text: str, match: "re.Match[str]") -> tuple[str, str]:
    """Return the parts of a word before and after a break."""
    left = LEFT.search(text[max(0, match.start() - 60) : match.start()])
    right = WORD.match(text, match.end(), match.end() + 60)
    return left[0] if left else "", right[0] if right else ""


def _edit(text: str, match: "re.Match[str]", hyphen: str) -> Edit:
    """Return the edit that joins the word at `match`, and moves the line end after it and its punctuation."""
    rest = REST.match(text, match.end())
    assert rest is not None
    return Edit(match.start(), rest.end(), hyphen + rest[1] + ("\n" if rest[2] else ""))


def decide(left: str, right: str, words: Words) -> bool | None:
    """Return whether the hyphen between `left` and `right` belongs to the word; None if nothing decides it."""
    whole, hyphened = words[left + right], words[f"{left}-{right}"]
    if whole != hyphened:
        return hyphened > whole
    if right[0].isupper() and not left.isupper():
        return True  # Sainte-Beuve, Trás-os-Montes
    left, right = left.lower(), right.lower()
    last = left.rpartition("-")[2]
    if left[-1] == right[0] == "a":
        return True  # no word has aa
    if (last in CLITICS and "-" in left and right in CLITICS | ENDINGS) or MESOCLISIS.fullmatch(right):
        return True
    if left in PREFIXES or (left in PREFIXES_BEFORE_VOWELS and right[0] in VOWELS):
        return True
    if right not in CLITICS | ENDINGS and _is_compound(last, right.partition("-")[0]):
        return True
    known = _takes_clitic(last, right, words) if right in CLITICS else None
    if known is None:
        saved = _bits(left + right) - _bits(f"{left}-{right}")
        return True if saved > (SAVED_BY_PRONOUN if right in CLITICS and len(last) > 3 else SAVED) else None
    return known


def _is_compound(left: str, right: str) -> bool:
    """Return whether two parts are much commoner than the word that they would make, by the lexicon."""
    classes = lexicon.frequencies()
    joined = classes.get(left + right, -COMMONER)
    commoner = 1 if left == "ex" else COMMONER  # ex-presidente, but not ex-celente
    return min(classes.get(left, -1), classes.get(right, -1)) >= max(COMMON, joined + commoner)


def _bits(word: str) -> float:
    """Return the bits of a word by the character model of Portuguese."""
    from charrnn.corpus.portuguese import surprisals

    return float(surprisals(f" {word} ")[1:].sum())


def _takes_clitic(verb: str, clitic: str, words: Words) -> bool | None:
    """Return whether `verb-clitic` is likelier than a word of that ending (`fra-se`, `confor-me`, `me-nos`)."""
    if clitic in ("lo", "la", "los", "las"):
        return verb.endswith(("á", "ê", "ô", "í")) or None
    if clitic in ("no", "na"):
        return (len(verb) > 3 and verb.endswith(("am", "em", "ão", "õe"))) or None
    if clitic in ("o", "a"):
        return True  # a typesetter leaves no single letter on a new line
    if clitic == "se" and verb.endswith("s"):
        return verb.endswith("pôs")  # fos-se, dis-se: the two halves of a double consonant
    if verb in SHORT_VERBS:
        return True
    if len(verb) < 4 or (clitic in ("os", "as") and verb.endswith("ei")):  # idei-as, passei-os
        return None
    if SURE_VERB.search(verb):
        return True
    if clitic in ("me", "te", "se", "lhe", "lhes", "nos", "vos") and words[verb]:
        return True
    return True if clitic in ("se", "lhe", "lhes") and LIKELY_VERB.search(verb) else None


def find_lost_hyphens(text: str) -> list[Edit]:
    """Return the hyphens that a converter dropped before pronouns: `disselhe` becomes `disse-lhe`.

    Only the text itself can tell: it must have the form with the hyphen, and OFTEN times as often. Each edit leaves
    fewer words without one.
    """
    words = words_of(text)
    lost = {word: place for word in words if (place := _lost_in(word, words))}
    forms = [(form, lost[form.lower()]) for form in words.forms if form.lower() in lost]
    return sorted(Edit(start + place, start + place, "-") for form, place in forms for start in _places(form, text))


def _places(form: str, text: str) -> Iterator[int]:
    """Yield the places of a word, but not as a part of another."""
    start = text.find(form)
    while start >= 0:
        stop = start + len(form)
        before, after = text[max(0, start - 1) : start], text[stop : stop + 1]
        if not (before.isalpha() or after.isalpha() or "-" in (before, after)):
            yield start
        start = text.find(form, stop)


def _lost_in(word: str, words: Words) -> int:
    """Return the place in `word` where a hyphen was lost; 0 if none was."""
    if not word.endswith(_LOST_CLITICS):
        return 0
    for clitic in _LOST_CLITICS:
        verb = word.removesuffix(clitic)
        if verb == word or len(verb) < 3:
            continue
        if not clitic.startswith("lhe") and (verb.endswith("s") or (len(verb) == 3 and verb.endswith("r"))):
            continue  # lembraste, verme, corte
        if words[f"{verb}-{clitic}"] >= OFTEN * words[word]:
            return len(verb)
    return 0


OFTEN = 3  # occurrences of the form with the hyphen, at least, and so many times those without
_LOST_CLITICS = ("lhes", "lhe", "nos", "vos", "los", "las", "lo", "la", "me", "te", "se")
# Classes of the lexicon, each four times as frequent as the last: of both parts, and by how many above the whole; and
# bits that the form with the hyphen must save. With these, 1 in 550 words broken at a syllable keeps a hyphen, and 7 in
# 8 real hyphens stay, those before pronouns and those of compounds, before the text's own words are considered.
COMMON, COMMONER = 2, 4
SAVED, SAVED_BY_PRONOUN = 3.0, 0.0
VOWELS = set("aeiouáéíóúâêôàãõ")
PREFIXES = {"além", "aquém", "recém", "vice"}
PREFIXES_BEFORE_VOWELS = {"bem", "mal"}  # bem-aventurança, mal-estar
_CLITICS = "me te se lhe lhes nos vos o a os as lo la los las no na lho lha lhos lhas"
CLITICS = set(_CLITICS.split())
_ENDINGS = "ei ás á emos eis ão ia ias íamos íeis iam hei has ha hemos heis hão hia hias hiam"  # also in old spelling
ENDINGS = set(_ENDINGS.split())
MESOCLISIS = re.compile(f"(?:{'|'.join(sorted(CLITICS))})-(?:{'|'.join(sorted(ENDINGS))})")
# Endings of verbs before a clitic; other words have them never or hardly ever (`estandar-te`, `italia-nos`).
SURE_VERB = re.compile(r"(?:ou|iu|eu|ei|avam?|ávamos|[aei]ram|[aei]rão|[aei]rá|[aei]ndo)$")
LIKELY_VERB = re.compile(r"(?:[aei]r|iam?|[aei]sse|[aei]ra)$")
_SHORT_VERBS = (
    "dar ver ler ir vir ter ser rir pôr dei deu dou dá dê dão dás vi viu vê li leu lê ri riu fiz fez faz foi fui pôs "
    "pus põe vai vou diz diga quis traz era há hei são sou é"
)
SHORT_VERBS = set(_SHORT_VERBS.split())
