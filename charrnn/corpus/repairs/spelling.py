"""Bring the Portuguese of 1840 to 1911 into the spelling of Brazil today: pharmacia, d'elle and vel-o become farmácia,
dele and vê-lo.

What a word may be is known to `charrnn.corpus.old_spelling`. Here are words that apostrophes and hyphens join, and the
choice among several forms by the words around: by a few phrases, and the network that puts accents back.
"""

import re
from bisect import bisect
from collections import Counter
from functools import lru_cache

from charrnn.corpus import accent_model, language, old_spelling
from charrnn.corpus.accent_model import bare, enclitic
from charrnn.corpus.old_spelling import FormChances, agreeing, candidates, certain, frequent, pairs
from charrnn.corpus.repairs import Edit

PHRASES = tuple((re.compile(pattern, re.IGNORECASE | re.MULTILINE), new) for pattern, new in (
    (r"\b(?:por|para|de) (traz)\b", "trás"), (r"(?<!\w)(e['’])(?!\w)", "é"), (r"\b(porque)(?=\s?\?)", "por quê"),
    (r"(?:^(?-i:(?=S))|[,;:.!?—–] |\b(?:e|que|como|mas|ou) )(si)\b(?! mesm| pr[óo]pri)", "se"),
    (r"(?:^|[.!?…—–] )(?-i:(?=P))(porque)\b(?=\s[^.!?;:\n]*\?)", "por que"),
    (r"\b(?:o|por|para|de) (que)(?=\s?[?!])", "quê"),
))  # fmt: skip
CLITICS = re.compile("me|te|se|lhes?|[nv]os|l?[oa]s?|n[oa]|nas|[mt][oa]|lh[oa]")
ENDINGS = "hei>ei ás>ás has>ás hás>ás ha>á há>á hemos>emos heis>eis hão>ão hia>ia hiam>iam hião>iam"  # after dir-lhe-
JOINTS = tuple((re.compile(pattern, re.IGNORECASE), new) for pattern, new in (
    (r"^([dn])['’](?=(?:h?ell[ea]s?|el[ea]s?|a?quell?[ea]s?|aquill?o|[eê]s[st][ea]s?|ist?o|isso|h?u(?:ma?s?|ns)|outr.+|algu.+"
     r"|aqui|ah?[ií]|all?i|al[eé]m|onde|antes|avante|aqu[eé]m|entre|acolá|ante|[oa]s?)$)", r"\1"),
    (r"(^|-)([mt]|lh)['’]([oa]s?)$", r"\1\2\3"), (r"-n['’]([oa]s?)$", r"-n\1"), ("^(h.{1,4})-de$", r"\1 de"),
    ("^(ante)-h(?=ontem$)", r"\1"),
))  # fmt: skip
L_AFTER_VERB = re.compile("^(.*[aeiouáéêíóôú])(?:l-|(?<=[áéêíóô])-l)([oa]s?)(?=-|$)", re.IGNORECASE)
TOKEN = re.compile("[eE]['’](?!\\w)|[^\\W\\d_]+(?:['’-][^\\W\\d_]+)*")


def find_spelling(text: str) -> list[Edit]:
    """Return the edits of a Portuguese text in the spelling before 1911; passages in other languages stay.

    Each takes letters away that today's words lack, or puts an accent, or makes a word more frequent.
    """
    if "spelling-1911" not in dict(language.spellings(Counter(TOKEN.findall(text)))):
        return []
    foreign = language.foreign(text)
    if language.language_of(text, foreign) != language.PORTUGUESE:
        return []
    edits = [Edit(start, start + len(word), new) for start, word, new in modernised(text) if word != new]
    return [edit for edit in edits if not any(one.start <= edit.start < one.stop for one in foreign)]


def modernised(text: str) -> list[tuple[int, str, str]]:
    """Return each word of a text with its place and today's spelling."""
    matches = list(TOKEN.finditer(text))
    phrases = {match.start(1): new for pattern, new in PHRASES for match in pattern.finditer(text)}
    words = [match[0] for match in matches]
    found: list[str] = []
    doubtful: dict[int, FormChances] = {}
    for number, match in enumerate(matches):
        forms = today(words[number], _most(text, match.start(), words[number]))
        if new := phrases.get(match.start()):
            forms = {_cased(new, words[number]): 1.0}
        if len(forms) > 1:
            doubtful[number] = forms
        found.append(max(forms, key=lambda form: forms[form]))
    _decide_futures(text, matches, found)
    _read_around(text, matches, found, doubtful)
    return [(match.start(), match[0], new) for match, new in zip(matches, found, strict=True)]


def _most(text: str, start: int, word: str) -> float:
    """Return the highest cost of a change of a word there: names change least."""
    if word[0].islower() or (len(word) > 1 and word.isupper()):
        return old_spelling.MOST
    return (
        old_spelling.MOST_NAME if re.search(r"[\w,;] $", text[max(0, start - 2) : start]) else old_spelling.MOST_FIRST
    )


def _decide_futures(text: str, matches: list[re.Match[str]], found: list[str]) -> None:
    """Change virão to viram where its line, or the whole text, writes -ão for -am."""
    ends = [place for place, sign in enumerate(text) if sign == "\n"]
    lines = [bisect(ends, match.start()) for match in matches]
    old = {number for number, new in enumerate(found) if "ão" in matches[number][0] and re.search("am(?=-|$)", new)}
    old_lines = {lines[number] for number in old}
    everywhere = len(old) > sum(match[0].endswith("am") for match in matches)
    for number, new in enumerate(found):
        verb, hyphen, clitic = new.partition("-")
        past = verb[:-2] + "am" if verb.endswith("rão") else ""
        likely = frequent(past) >= frequent(verb) and (everywhere or lines[number] in old_lines)
        if frequent(past) and (likely or re.search("[áêí]rão(?=-|$)", matches[number][0])):
            found[number] = past + hyphen + clitic


def _read_around(text: str, matches: list[re.Match[str]], found: list[str], doubtful: dict[int, FormChances]) -> None:
    """Choose among the forms of each doubtful word by the words around it."""
    if not doubtful:
        return
    tokens, place, last = [], {}, 0
    for number, match in enumerate(matches):
        tokens += accent_model.TOKEN.findall(text[last : match.start()])
        place[number], last = len(tokens), match.end()
        tokens += accent_model.TOKEN.findall(bare(found[number].lower()))
    names = [tuple(form.lower() for form in forms) for forms in doubtful.values()]
    at = [place[number] for number in doubtful]
    rows = accent_model.chances(tokens, at, names, accent_model.shipped())
    for (number, forms), row in zip(doubtful.items(), rows, strict=True):
        found[number] = max(zip(forms, row, strict=True), key=lambda pair: forms[pair[0]] * pair[1])[0]


@lru_cache(maxsize=100_000)
def today(word: str, most: float) -> FormChances:
    """Return the forms of a word, which may have hyphens and apostrophes. most: cost of a change."""
    for pattern, new in JOINTS:
        word = pattern.sub(new, word)
    if match := L_AFTER_VERB.match(word):
        tail = [pairs(ENDINGS).get(part, part) for part in word[match.start(2) :].split("-")]
        return {"-".join([_cased(_stem(match[1].lower()), word), "l" + tail[0], *tail[1:]]): 1.0}
    parts = re.split("(['’ -])", word)
    if CLITICS.fullmatch(word) or word[-1] in "'’":
        return {word: 1.0}
    if len(parts) == 1:
        return {_cased(form, word): chance for form, chance in agreeing(word.lower(), most).items()}
    for number in range(0, len(parts), 2):
        part, after_hyphen = parts[number], number > 0 and parts[number - 1] == "-"
        if after_hyphen and number > 2 and part in pairs(ENDINGS):
            parts[number] = pairs(ENDINGS)[part]
        elif len(part) > 1 and part != "vo" and not (after_hyphen and CLITICS.fullmatch(part)):
            forms = agreeing(part.lower(), most)
            best = max(forms, key=lambda form: forms[form]) if "-" in parts else next(iter(forms))
            parts[number] = _cased(best, part)
    return {"".join(parts): 1.0}


def _stem(verb: str) -> str:
    """Return what is left of a verb before -lo: vê for ve(r), fá for fa(z)."""
    if verb in ("no", "vo", "ei") or (len(verb) > 3 and verb.endswith("mo")):
        return verb
    best = max((candidates(old_spelling.without_accents(verb) + ending, 3.0)[:1] for ending in "rsz"), default=())
    return enclitic(best[0][1][:-1] if best else certain(old_spelling.without_accents(verb)))


def _cased(form: str, word: str) -> str:
    """Return a form with the capitals of a word."""
    letters = [letter for letter in word if letter.isalpha()]
    if len(letters) > 1 and all(letter.isupper() for letter in letters):
        return form.upper()
    return form[0].upper() + form[1:] if word[0].isupper() else form
