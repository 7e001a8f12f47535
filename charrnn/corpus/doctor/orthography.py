"""Tell a text's spelling: of before 1911, until 1971 or until 2009; of Portugal or of Brazil.

Only words in small letters count, as names keep old spellings: Thereza, Raphael, Müller. One word proves nothing: a
spelling is reported from a certain share of the words on.
"""

import re
from collections import Counter
from collections.abc import Iterator

from charrnn.corpus.doctor.report import Example, Finding, Places
from charrnn.corpus.repairs.hyphens import Words

EXAMPLES = 6  # words in the sentence
FEWEST = 5  # words of a spelling, at least
CLEARLY = 5  # words of one country's spelling per word of the other's, at least, to decide for it

ETYMOLOGICAL = re.compile(
    r"(?:d|n|aqu|daqu|naqu)?ell[ea]s?"  # elle, della, aquelles
    r"|\w*(?:ph[aeiouyáéíóúâêôlr]|rh[ey]|[b-df-hj-np-tv-z]y[b-df-hj-np-tv-z])\w*"  # pharmacia, rhetorica, lyrio
    r"|\w*(?:theatr|thesour|thron[oa]|method|cathol|cathedr|sympath|apath|athe[uni]|mathem|orthog)\w*"
    r"|\w*(?:cc[aeou]|ff[aeilor]|ll[aeiou]|mm[aeiou]|nn[aeiou]|pp[aeilor]|tt[aeor]|dd[ei]|gg[er]|bb[ao])\w*"
    r"(?:ão|ões|ar|er|ir|ad[ao]s?|id[ao]s?|ou|eu|iu|ava|ia|dade|mente|ente|[aoe]s?|al|el|em|am)"  # attenção, bella
    r"|\w*(?:script|fruct|sanct|prompt|somn[oa]|damn[oa]|solemn|column|alumn|assign|extinct|assumpt)\w*"
    r"|chr[iy]\w+|he|huma?s?|hia|sciencia\w*|mui|quasi|egreja|edade"
)
ACCENTED = re.compile(
    r"(?:d|n|aqu|daqu|naqu)?êl[ea]s?|[dn]?ês[st][ea]s?|sôbre|tôd[ao]s?|govêrnos?|êrros?|fôrças?|bôcas?|pôrtos?|nôvo|môç[ao]s?"
    r"|rôstos?|almôço|\w+[àèìòù]\w*(?:mente|zinh[oa]s?)"
)
BEFORE_2009 = re.compile(
    r"\w*[gq]ü[eéêií]\w*|\w+(?:éi|ói)(?:[ao]s?|c[ao]s?|de)|v[ôo]os?|enjôos?|(?:cr|l|v|d|rel|prev)êem"
)
PORTUGAL = re.compile(
    r"\w*[éó][mn](?!ente)[aeiou]\w*|\w{2,}ámos"  # género, económico, falámos
    r"|(?:re|ex|tran)?acç(?:ão|ões)|(?:in)?act(?:os?|iv\w+|ual\w*|uais|or|ores|riz)|direc[çt]\w+|objec[çt]\w+|projec[çt]\w+"
    r"|exact\w+|óptim\w+|bapti\w+|adopt\w+|factos?|colec[çt]\w+|protec[çt]\w+|correc[çt]\w+|contactos?"
    r"|dezasseis|dezassete|dezanove|registos?|connosco|húmid\w+|bebés?|súbdit\w+|comboios?|autocarros?|telemóve\w+"
)
BRAZIL = re.compile(
    r"\w*[êô][mn](?!e[ao]s?$)[aeiou]\w*"  # gênero, econômico; not fêmea
    r"|dezesseis|dezessete|dezenove|registros?|conosco|úmid\w+|bebês?|súdit\w+|ônibus|caminhão"
)


def spellings(words: Words, places: Places) -> Iterator[Finding]:
    """Yield what the words of a text tell about its spelling."""
    forms: Counter[str] = Counter()
    for form, count in words.forms.items():
        for part in form.split("-"):
            if part[0].islower():
                forms[part] += count
    total = forms.total()

    def enough(name: str, pattern: re.Pattern[str], share: float, sentence: str) -> Iterator[Finding]:
        found = _matching(pattern, forms)
        if found.total() >= max(FEWEST, share * total):
            yield _finding(name, found, sentence, places)

    sentence = "The spelling is that before the reforms of 1911 (Portugal) and 1943 (Brazil)"
    old = list(enough("spelling-1911", ETYMOLOGICAL, 0.005, sentence))
    yield from old
    yield from enough("spelling-1971", ACCENTED, 0.001, "Accents are those in use until 1971")
    if old:  # in such a text, accents and consonants tell nothing about later reforms
        return
    yield from enough("spelling-2009", BEFORE_2009, 0.0002, "Accents and tremas are those in use until 2009")
    yield from _variety(_matching(PORTUGAL, forms), _matching(BRAZIL, forms), places)


def _variety(portugal: Counter[str], brazil: Counter[str], places: Places) -> Iterator[Finding]:
    most, least = max(portugal.total(), brazil.total()), min(portugal.total(), brazil.total())
    if most < FEWEST:
        return
    if most >= CLEARLY * least:
        country, found = ("Portugal", portugal) if portugal.total() == most else ("Brazil", brazil)
        yield _finding("variety", found, f"Words are spelled as in {country}", places)
    else:
        both = f"{portugal.total():,} words are spelled as in Portugal, {brazil.total():,} as in Brazil"
        yield _finding("variety", portugal + brazil, both, places)


def _matching(pattern: re.Pattern[str], forms: Counter[str]) -> Counter[str]:
    return Counter({form: count for form, count in forms.items() if pattern.fullmatch(form)})


def _finding(name: str, found: Counter[str], sentence: str, places: Places) -> Finding:
    """Return a note with the most frequent of the words, each at its first place."""
    common = [form for form, _ in found.most_common(EXAMPLES)]
    named = ", ".join(f"{form} ({found[form]:,})" for form in common)
    return Finding(
        name, "note", found.total(), f"{sentence}: {named}.", tuple(_example(form, places) for form in common[:3])
    )


def _example(form: str, places: Places) -> Example:
    match = re.search(rf"(?<!\w){form}(?!\w)", places.text)
    assert match is not None
    return places.around(*match.span())
