"""A word in the Portuguese spelling of 1840 to 1911, and the forms that it may have in Brazil today.

A word loses its accents, which old printers set by taste, and the letters that are in no word today (CERTAIN). Of the
strings that other rules (POSSIBLE) make of it, the lexicon's most frequent word is taken, a class of frequency less for
each point of cost. A word that the lexicon knows as it stands is changed only for one far more frequent. Its forms with
accents are those that `charrnn accents` knows; the accent that was printed leaves few of them. Unknown words keep all
but what is CERTAIN, and unknown names keep everything.
"""

import re
from functools import cache, lru_cache
from heapq import nsmallest

from charrnn.corpus import accent_model
from charrnn.corpus.accent_model import accents, bare, brazilian
from charrnn.corpus.lexicon import frequencies

FormChances = dict[str, float]
"""The forms that a word may have, each with its chance before the words around are read."""

CERTAIN = """
    ph>f th>t rrh>rr rh>r (?<=.)y>i y(?=.)>i (?<=[aeiouãõ])h(?=[aeiouãõ])> ^sc(?=[ei])>c cqu>qu ([bdfglmnptz])\\1>\\1
    cc(?=[aourlh])>c (?<=[au])cc(?=[ei])>c ^([eo])cc(?=[ei])>\\1c nct>nt mpt>nt mpç>nç ncç>nç gd>d ^hesp>esp aes$>ais
"""
POSSIBLE = {
    0.5: """
        ch(?=[aouãrlõnm])>c ch$>c ch(?=[ei])>qu (?<=[aeioul])[cp](?=[tçc])> c(?=d)> m(?=n)> g(?=[nm])>
        cc(?=[ei])>c ^p(?=[st])> (?<=[aou])e(?=s?$)>i (?<=[ae])o(?=s?$)>u ão$>am an(?=s?$)>ã ãa(?=s?$)>ã ãi>ãe
        oens$>ões aens$>ães aons$>ãos z$>s ^h> m(?=[cdfghjlmnqrstvz])>n (?<=e)x(?=[ctpq])>s
        (?<=[pbdn]r[eo])s(?=[aeiou])>ss ee(?=m$)>e
    """,
    1.0: """
        k(?=[aourl])>c k(?=[ei])>qu b(?=[dst])> (?<=i)o$>u (?<=[ae])o(?=[a-z])>u õ(?=s?$)>om en$>em
        z(?=[aeiouãõmn])>s (?<=[aeiou])s(?=[aeiouãõ])>z (?<=[a-z])h(?=[aeiou])> n(?=[bpm])>m ea(?=s?$)>eia
        eo(?=s?$)>eio e(?=[ao]s?$)>i ei(?=o)>i i(?=eir)>e c(?=ua)>q co(?=en)>qu uo$>u
    """,
    1.5: """
        (?<=.)s(?=c[ei])> (?<=a)e(?=[a-z])>i (?<=[ei])s(?=[ctp])>x (?<=[aeiou])s(?=[aeiou])>ss g(?=[ei])>j
        j(?=[ei])>g ei(?=[aoe])>e
    """,
    2.0: """
        w>v (?<=s)c(?=[ei])> ss(?=[aouã])>ç ss(?=[ei])>c e>i i>e o>u u>o qu(?=[aeio])>c ^em(?=[pb])>im ^in>en
        ch>x
    """,
    2.5: "am$>ão ç>s c(?=[ei])>s ou>oi",
    3.0: """
        om$>ão s$>z ^(?=[aeiou])>h ç(?=[aouã])>ss c(?=[ei])>ss s(?=[aouã])>ç s(?=[ei])>c x(?=[ei])>ch x>ss
        xc(?=[ei])>x (?<=[aeiou])ss(?=[aeiou])>s (?<=[aeiou])r(?=[aeiou])>rr
    """,
    4.0: "gu(?=[ei])>g x>s",
}  # the rules of each cost
MOST, MOST_FIRST, MOST_NAME = 5.0, 3.0, 1.0  # cost of a candidate; of a word that begins a sentence; of a name
LONGEST = 30  # letters of a word that rules change
WAYS = 1_000  # strings that are followed from one letter to the next, at most
STAYS = 4.0  # classes by which another word must be more frequent than a known one
WEIGHT = 1.2  # classes per point of cost
FIXED = """
    á>à ás>às he>é ha>há tao>tão tam>tão nao>não sao>são sam>são hade>há_de hãode>hão_de hasde>hás_de heide>hei_de
    porisso>por_isso poz>pôs pôz>pôs paes>pais póde>pode poude>pôde podera>pudera podéra>pudera teem>têm têem>têm
    poem>põem ai>ai mae>mãe doe>dói roe>rói trahe>trai regimen>regime caracter>caráter noute>noute noutes>noutes
    azas>asas aza>asa machina>máquina machinas>máquinas gaz>gás chale>xale chales>xales ignez>inês zé>zé luiz>luís
    manoel>manuel
"""  # words that the rules would not bring there
BRAZIL = "^humid>umid ^connosc>conosc subtil>sutil ^subdit>sudit"  # of the candidates, which Portugal writes, too
MUTE = re.compile("[cp](?=[tçc])(?!ch|ct|cl|cr)")
SOUNDED = re.compile(
    "rapt|aspect|veredic|recepç|recept|pact|espect(?!ac)|expect|corrup|concep|percep|decep|caracteri|capt(?!iv)|bacter"
    "|(?<![bc])apt|rept|infec|respect|perspec|interse|interru|intact|excepcion|conject|circunspec"
    "|acepç|convic|ficç|fricç|^opç|^oct|nept|inept"
)
BEFORE_2009 = re.compile(
    "éi[ao]|ói[ao]|ôo|êem|ü|[èìòù]|à(?!s?$|quel)|^(?:(?:pár|pêl|pél|pól|vêl|fôrm|sêd|pêr)[aeo]s?|côa|c[óô]r|dês)$"
)  # forms that a lexicon of old books knows
SOFT = str.maketrans("áàâéèêëíìîïóòôúùûü", "aaaeeeeiiiiooouuuu")
OXYTONE = re.compile("[áéóâêô]s?$")
LEFT_OUT, LEFT_OUT_LAST = 0.8, 0.03  # how often old printers leave an accent out; on a last a, e or o
FREQUENT = 8  # class from which a word without accents is never another's


def agreeing(word: str, most: float) -> FormChances:
    """Return the forms of a word in small letters that agree with its accents, with their chances."""
    found = _forms(word, most)
    if len(found) == 1:
        return {found[0]: 1.0}
    if word in found and (not word.isascii() or _class(word) >= FREQUENT):
        return {word: 1.0}
    if word[:5] in ("áquel", "àquel"):
        return {form: 1.0 for form in found if form[0] == "à"}
    found = tuple(form for form in found if form[0] != "à") or found
    if printed := [place for place, mark in accents(word) if mark not in "\u0303\u0327"]:
        same = [form for form in found if [place for place, _ in accents(form)] == printed]
        return dict.fromkeys(same or [form for form in found if without_accents(form) == form] or found, 1.0)
    left_out = {form: LEFT_OUT_LAST if OXYTONE.search(form) else LEFT_OUT for form in found}
    return left_out | {form: 1.0 for form in found if without_accents(form) == form}


def _forms(word: str, most: float) -> tuple[str, ...]:
    """Return the forms that a word in small letters may have, the likeliest first."""
    if word in pairs(FIXED):
        return (pairs(FIXED)[word].replace("_", " "),)
    if (len(word) < 3 and not frequent(word)) or (word == "bahia" and most < MOST):
        return (word,)
    soft = without_accents(re.sub("(?<=[éêáâ])o(?=s?$)", "u", re.sub("âo(?=s?$)", "ão", word)))
    best = candidates(soft, most)
    if not best:
        if most < MOST or word[-1] == "y":
            return (word,)
        rest = certain(word)
        return (accent_model.shipped().by_ending(rest) if rest.isascii() else rest,)
    found = _accented(_in_brazil(best[0][1]))
    if OXYTONE.search(word) and not any(OXYTONE.search(form) for form in found):
        return (certain(word),)
    hiatus = "[aeo][íú]" if re.search("[aeo]h[iu]", word) else "[áéêóôúí]s$" if word[-1] == "z" else ""
    return tuple(form for form in found if re.search(hiatus, form)) or found


def without_accents(word: str) -> str:
    """Return a word without accents, but with ã, õ and ç, which no printer leaves out."""
    return word.translate(SOFT)


@cache
def _known() -> dict[str, str]:
    """Return the most frequent word of the lexicon for what it is without accents."""
    classes = frequencies()
    found: dict[str, str] = {}
    for word, count in classes.items():
        soft = word.translate(SOFT)
        if soft not in found or count > classes[found[soft]]:
            found[soft] = word
    return found


def frequent(word: str) -> int:
    """Return the class of a word, 0 if the lexicon lacks it."""
    return frequencies().get(word.lower(), 0)


def _class(soft: str) -> int:
    """Return the class of the most frequent word that is this without accents."""
    return frequent(_known().get(soft, soft))


@cache
def pairs(rules: str) -> dict[str, str]:
    """Return what each rule of a table, old>new, makes of what."""
    return dict(rule.rsplit(">", 1) for rule in rules.split())


@cache
def _possible() -> list[tuple[re.Pattern[str], str, float]]:
    return [(re.compile(old), new, cost) for cost, rules in POSSIBLE.items() for old, new in pairs(rules).items()]


def certain(word: str) -> str:
    """Return a word without the letters that are in no word today."""
    for pattern, new in pairs(CERTAIN).items():
        word = re.sub(pattern, new, word)
    return word


@lru_cache(maxsize=100_000)
def candidates(soft: str, most: float) -> list[tuple[float, str]]:
    """Return the known words that the rules make of a word without accents, the best first, each with its score."""
    word = certain(soft)
    if len(word) > LONGEST:
        return []
    ways: list[list[tuple[int, str, float]]] = [[(at + 1, word[at], 0.0)] for at in range(len(word))]
    for pattern, new, cost in _possible():
        for match in pattern.finditer(word):
            if match[0]:
                ways[match.start()].append((match.end(), new, cost))
            elif match.start() < len(word):  # a letter is put in
                ways[match.start()].append((match.start() + 1, new + word[match.start()], cost))
    reached: list[dict[str, float]] = [{"": 0.0}, *({} for _ in word)]  # the least cost of each string, by what is read
    for at, here in enumerate(ways):
        for done, spent in nsmallest(WAYS, reached[at].items(), key=lambda way: way[1]):
            for end, new, cost in here:
                if spent + cost <= min(most, reached[end].get(done + new, most)):
                    reached[end][done + new] = spent + cost
    sounded = SOUNDED.search(word)
    known = [
        (one, cost) for one, cost in reached[-1].items()
        if _class(one) > max(cost - 1, 0) and certain(one) == one and (SOUNDED.search(one) or not sounded)
    ]  # fmt: skip
    return sorted(((_class(one) - WEIGHT * cost + STAYS * (one == soft), one) for one, cost in known), reverse=True)


def _in_brazil(soft: str) -> str:
    """Return a word without what only Portugal writes: fato for facto."""
    for pattern, new in pairs(BRAZIL).items():
        soft = re.sub(pattern, new, soft)
    mute = MUTE.sub("", soft)
    return mute if _class(mute) and not SOUNDED.search(soft) else soft


def _accented(soft: str) -> tuple[str, ...]:
    """Return the forms of a word without accents, at most as many as the network reads."""
    model, plain = accent_model.shipped(), bare(soft)
    found = [form for form in model.lexicon.get(plain, (model.by_ending(plain),)) if without_accents(form) == soft]
    valid = [brazilian(form) for form in found or [_known().get(soft, soft)] if not BEFORE_2009.search(form)]
    return tuple(dict.fromkeys(valid))[: accent_model.MOST] or (soft,)
