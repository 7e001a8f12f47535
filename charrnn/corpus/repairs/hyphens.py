r"""Words that are broken at line ends: `pala-\nvra` is `palavra`, but `fazê-\nlo` is `fazê-lo`.

The text itself knows best: the form that it holds elsewhere wins. Where it holds neither, Portuguese decides: clitic
pronouns after verbs (`disse-lhe`, `amá-la`), pronouns inside verbs (`dir-se-ia`), a few prefixes (`bem-`, `além-`).
The character model of Portuguese has the next word. What is left is done as most of the text's own cases are, which
matters where a converter already joined the others.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cached_property

from charrnn.corpus.repairs.edits import Edit, disjoint, settle

SOFT_HYPHEN = "\xad"
# Quantifiers are bounded everywhere: a line of 200 MB must not cost the square of its length.
LINE_END = re.compile(r"-(?<=[^\W\d_]-)[ \t]{0,8}\n[ \t]{0,8}(?=[^\W\d_])")
SOFT = re.compile(r"\xad+(?:(?<=[^\W\d_]\xad)[ \t]{0,8}\n[ \t]{0,8}(?=[^\W\d_]))?")
WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
REST = re.compile(r"(\S{0,60})([ \t]{1,8}(?!\n))?")  # of a broken word, with what sticks to it
LEFT = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*\Z")


class Words:
    """How often each word stands in a text, whatever its case; counted when first asked.

    parts: of broken words, which are no words.
    """

    def __init__(self, text: str, parts: Iterable[str] = ()) -> None:
        self._text, self._parts = text, Counter(map(str.lower, parts))

    def without(self, parts: Iterable[str]) -> "Words":
        """The same, counted once, but for parts of broken words."""
        fewer = Words(self._text, parts)
        fewer.__dict__["_counts"] = self._counts
        return fewer

    @cached_property
    def forms(self) -> Counter[str]:
        """The words as they are written, and how often each stands there."""
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


def hyphens(text: str) -> tuple[str, int]:
    """Words that are broken at line ends stand whole, on the first of their two lines."""
    return settle(find, text)


def soft_hyphens(text: str) -> tuple[str, int]:
    """Without soft hyphens (U+00AD). A word that one parts at a line end is joined.

    Some converters write every hyphen so: where only a hyphen makes sense (`disse-lhe`), one takes its place.
    """
    return settle(find_soft, text)


def find(text: str, words: Words | None = None) -> list[Edit]:
    """Broken words. Each edit leaves one line fewer that ends in a hyphen. words: of `text`, if counted already."""
    breaks = list(LINE_END.finditer(text))
    if not breaks:
        return []
    sides = [_sides(text, match) for match in breaks]
    words = (words or Words(text)).without(part for side in sides for part in side)
    decided = [decide(left, right, words) for left, right in sides]
    kept = sum(decision is True for decision in decided)
    usual = kept > sum(decision is False for decision in decided)
    edits = [
        _edit(text, match, "-" if (usual if decision is None else decision) else "")
        for match, decision in zip(breaks, decided, strict=True)
    ]
    return disjoint(edits)


def find_soft(text: str) -> list[Edit]:
    """Soft hyphens. Each edit leaves fewer of them."""
    if SOFT_HYPHEN not in text:
        return []
    marks = list(SOFT.finditer(text))
    sides = [_sides(text, match) for match in marks]
    words = Words(text).without(part for side in sides for part in side)
    edits = []
    for match, (left, right) in zip(marks, sides, strict=True):
        hyphen = "-" if left and right and decide(left, right, words) else ""
        count = match[0].count(SOFT_HYPHEN)
        if "\n" in match[0]:
            edits.append(_edit(text, match, hyphen)._replace(faults=count))
        else:
            edits.append(Edit(match.start(), match.end(), hyphen, count))
    return disjoint(edits)


def _sides(text: str, match: "re.Match[str]") -> tuple[str, str]:
    """The parts of a word before and behind a break."""
    left = LEFT.search(text[max(0, match.start() - 60) : match.start()])
    right = WORD.match(text, match.end(), match.end() + 60)
    return left[0] if left else "", right[0] if right else ""


def _edit(text: str, match: "re.Match[str]", hyphen: str) -> Edit:
    """Join the word at `match`. The line end moves behind it, with the punctuation that sticks to it."""
    rest = REST.match(text, match.end())
    assert rest is not None
    return Edit(match.start(), rest.end(), hyphen + rest[1] + ("\n" if rest[2] else ""))


def decide(left: str, right: str, words: Words) -> bool | None:
    """Whether the hyphen between `left` and `right` belongs to the word. None: nothing speaks for or against it."""
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
    known = _takes_clitic(last, right, words) if right in CLITICS else None
    if known is None:
        saved = _bits(left + right) - _bits(f"{left}-{right}")
        return True if saved > (SAVED_BY_PRONOUN if right in CLITICS and len(last) > 3 else SAVED) else None
    return known


def _bits(word: str) -> float:
    """How strange a word is by the character model of Portuguese."""
    from charrnn.corpus.portuguese import surprisals

    return float(surprisals(f" {word} ")[1:].sum())


def _takes_clitic(verb: str, clitic: str, words: Words) -> bool | None:
    """Whether `verb-clitic` is likelier than a word that happens to end so (`fra-se`, `confor-me`, `me-nos`)."""
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


# Bits that the form with the hyphen must save to be believed. Of words broken at a syllable, 1 in 700 is then left with
# a hyphen; of hyphens that were there 4 in 5 stay, before what the text itself holds is asked.
SAVED, SAVED_BY_PRONOUN = 3.0, 0.0
VOWELS = set("aeiouáéíóúâêôàãõ")
PREFIXES = {"além", "aquém", "recém", "vice"}
PREFIXES_BEFORE_VOWELS = {"bem", "mal"}  # bem-aventurança, mal-estar
_CLITICS = "me te se lhe lhes nos vos o a os as lo la los las no na lho lha lhos lhas"
CLITICS = set(_CLITICS.split())
_ENDINGS = "ei ás á emos eis ão ia ias íamos íeis iam hei has ha hemos heis hão hia hias hiam"  # also as of old
ENDINGS = set(_ENDINGS.split())
MESOCLISIS = re.compile(f"(?:{'|'.join(sorted(CLITICS))})-(?:{'|'.join(sorted(ENDINGS))})")
# Endings that verbs have before a clitic, and other words never or hardly ever (`estandar-te`, `italia-nos`).
SURE_VERB = re.compile(r"(?:ou|iu|eu|ei|avam?|ávamos|[aei]ram|[aei]rão|[aei]rá|[aei]ndo)$")
LIKELY_VERB = re.compile(r"(?:[aei]r|iam?|[aei]sse|[aei]ra)$")
_SHORT_VERBS = (
    "dar ver ler ir vir ter ser rir pôr dei deu dou dá dê dão dás vi viu vê li leu lê ri riu fiz fez faz foi fui pôs "
    "pus põe vai vou diz diga quis traz era há hei são sou é"
)
SHORT_VERBS = set(_SHORT_VERBS.split())
