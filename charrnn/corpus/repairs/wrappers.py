"""Remove what others add to a text: Project Gutenberg's header, licence and credits; the times of chats and subtitles.

    The Project Gutenberg EBook of Dom Casmurro, by Machado de Assis  a header begins
    *** START OF THE PROJECT GUTENBERG EBOOK DOM CASMURRO ***         and ends (since about 2000)
    *END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.04.29.93*END*  (before)
    *****This file should be named 9vlha10.txt or 9vlha10.zip******   (where the licence stands at the end)
    End of the Project Gutenberg EBook of Dom Casmurro                a footer begins
    *** END OF THIS PROJECT GUTENBERG EBOOK DOM CASMURRO ***

A file may hold several ebooks. Chats of WhatsApp and subtitles (SRT, WebVTT):

    [01/01/2024, 01:55:11] Vó Dita: bom dia!     01/01/2024 01:55 - Vó Dita: bom dia!
    [01:55, 01/01/2024] Vó Dita: bom dia!        2024-01-01, 01:55 - Vó Dita: bom dia!
    00:01:02,500 --> 00:01:04,000
    <v Lídia>Que horas são?
"""

import html
import re
from collections.abc import Iterator
from typing import NamedTuple

from charrnn.corpus.repairs import Edit, disjoint

LONGEST = 40_000  # characters of a header or footer; the licence has about 19,000
NOTES = 10_000  # characters of what its transcribers list at the end
FOOTER = 500  # characters of one that does not name Project Gutenberg again

_WORDS = re.compile("gutenberg|small print|free plain vanilla|full licen[sc]e|file should be named", re.I)
_KINDS = {
    "start": re.compile(
        r"\s*(?:\*{1,3}\s*START\s*(?:OF|:).{0,20}GUTENBERG|\*END[\s*]*THE SMALL PRINT"
        r"|\**\s*This file should be named)",
        re.I,
    ),
    "stop": re.compile(
        r"\s*(?:\*{1,3}\s*END\s*OF.{0,20}GUTENBERG"
        r"|End of (?:the |this )?Project Gutenberg(?:['’]s | ?-?tm|,? e-?(?:text|book)|[.\s]*$)"
        r"|\*{3}\s*START:? FULL LICEN[SC]E)",
        re.I,
    ),
    "header": re.compile(r"\s*(?:\**(?:The )?Project Gutenberg(?:['’]s)? |\*\*Welcome To The World of)", re.I),
}
_NOTE = (
    r"[*_\[]?(?:Transcriber['’]s? notes?"
    r"|Notas? d[aeo]s? (?:transcri|digitali|revis|editor(?=\W(?s:.{0,200})erros\stipogr)))"
)
_SIGNED = r"[^\n]{2,60} \((?:jan|fev|mar|abr|mai|jun|jul|ago|set|out|nov|dez)\w{0,6}\.? (?:de )?\d{4}\)\.?"
_PARAGRAPH = r"[^\n]{0,200}(?:\n[^\n]{1,200}){0,12}"
_CREDIT = re.compile(
    r"\s{0,50}(?:Corrected EDITIONS of our e-?texts|VERSIONS based on separate sources"
    r"|(?:This e-?(?:book|text) was )?(?:Produced|Prepared|Transcribed) by|E-?text prepared by"
    rf"|{_NOTE}){_PARAGRAPH}(?:\s{{2,50}}{_SIGNED})?(?=\n\n)",
    re.I,
)
_LAST_NOTE = re.compile(
    rf"\n\s{{0,50}}\n[ \t]*(?:[*_\[#=]{{0,3}}Lista d[aeo]s? (?:erros|corre[cç])[^\n]{{0,60}}\n"
    rf"|{_NOTE}{_PARAGRAPH}\s*\Z)",
    re.I,
)

_REST = re.compile(r"[ \t]*\*{3}[^*\n]+(?:\n[^*\n]+){1,4}\*{3}")
FEWEST = 3  # times of a chat or of subtitles, at least
_DATE = r"(?:\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d{4}[/.-]\d{1,2}[/.-]\d{1,2})"
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2})?(?:\s?[ap]\.?\s?m\.?)?"
_DAY = rf"(?:{_DATE},?\s(?:às\s)?{_CLOCK}|{_CLOCK},?[ \u202f]{_DATE})"  # WhatsApp Web writes the hour first
_MARKS = "[\u200e\u200f\u202a-\u202e]*"
_SHORT_DAY = rf"\[\d{{1,2}}[/.]\d{{1,2}},?\s{_CLOCK}\](?=[ \u202f][^\n:]{{1,60}}: )"  # as copied on Android
_MESSAGE = re.compile(rf"^{_MARKS}(?:\[{_DAY}\]|{_SHORT_DAY}|{_DAY} -)[ \u202f]{_MARKS}", re.M | re.I)
_NO_MESSAGE = re.compile(  # what the program says in place of a message, after the sender's name
    r"(?:[^\n:]{1,60}: )?[\u200e\u200f]*(?:<[^\n<>]*(?:ocult|omit|anexad|attach)[^\n<>]*>|null"
    r"|(?:áudio|imagem|vídeo|figurinha|GIF|documento|contato|mídia|audio|image|video|sticker) (?:ocult|omit)\w*"
    r"|[^\n:]*(?:criptografia de ponta a ponta|end-to-end encrypted)[^\n]*"
    r"|[^\n:]*(?:[Mm]ensagem (?:foi )?apagada|message was deleted)[^\n]*)[ \t]*(?:\n|\Z)"
)
_TIME = r"(?:\d{1,3}:)?\d{1,2}:\d{2}[,.]\d{2,3}"
_TO = r"[ \t]*-->[ \t]*"
# However people and programs write them: 0:0:1,0; 00:00:01:000; 00 : 00 : 01; ->, –>, --&gt;, →.
_HOURS, _PART = r"-?\d{1,3} ?: ?\d{1,2} ?: ?\d{1,2}", r" ?[.,;:] ?\d{1,3}"
_LOOSE_TIME = rf"(?:{_HOURS}(?:{_PART})?|\d{{1,2}}:\d{{2}}[.,;]\d{{1,3}})"
_ARROW = r"[ \t]*(?:[-–—−=]{1,3}(?:>|&gt;)|[→⇒⟶➔➜])[ \t]*"
_LOOSE = (
    rf"{_LOOSE_TIME}{_ARROW}{_LOOSE_TIME}(?:[ \t]+[\w-]+:\S+)*[ \t]*"
    rf"|{_HOURS}{_PART}[ \t]*[-–—,][ \t]*{_HOURS}{_PART}[ \t]*"  # also SBV: 0:00:01.500,0:00:04.000
)
_CUE = re.compile(rf"^(?:[ \t]*\d{{1,5}}[ \t]*\n)?[ \t]*(?:{_TIME}{_TO}{_TIME}[^\n]*|{_LOOSE})(?:\n|\Z)", re.M | re.I)
# In a file of subtitles, a line below a number or an empty line that is nothing but two times.
_ANY_TIME = r"\[?-?\d{1,3}(?: ?[:.hm] ?\d{1,2}){1,2}s?(?: ?[.,;:，] ?\d{1,3})?\]?"
_ANY_CUE = re.compile(
    rf"(?:\A|(?<=\n\n)|^[ \t]*\d{{1,5}}[ \t]*\n)[ \t]*{_ANY_TIME}[ \t]*"
    rf"(?:(?:[^\w\s]|&gt;){{1,4}}[ \t]?[^\w\s]{{0,2}}|to|até|a)?[ \t]*{_ANY_TIME}[ \t]*(?:\n|\Z)",
    re.M,
)
_UNREAD = re.compile(rf"^.*\d(?:{_ARROW}-?\d|[ \t]*-->).*$|^\d{{1,5}}[ \t]*\n.*\d[:.hm]\d.*\d[:.hm]\d.*$", re.M)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]\w{1,30});", re.I)  # of WebVTT
_VTT = re.compile(r"\A\s*WEBVTT[^\n]*\n(?:[^\n]+\n)*\n*")
_NAMED_CUE = re.compile(
    rf"(?<=\n\n)(?!\d{{1,5}}[ \t]*\n)[^\n]{{1,200}}\n(?={_TIME}{_TO})"
)  # of WebVTT: any line may name a cue
_BLOCK = re.compile(r"(?<=\n\n)(?:NOTE|STYLE|REGION)(?:[ \t][^\n]*)?(?:\n[^\n]+)*(?:\n+|\Z)")  # of WebVTT
_CUE_TAG = re.compile(
    r"</?(?:[biuvc]|lang|ruby|rt|font)(?:\.[^\s<>]{1,60})*(?:\s[^<>\n]{0,200})?>|<[\d:.]{9,13}>|\{\\an\d\}"
)  # of WebVTT and SRT: <v Lídia>, <c.yellow>, <00:01:02.500>, {\an8}


def find_stamps(text: str) -> list[Edit]:
    """Return the removals of times before messages, of messages that only name a file, and of subtitles' times.

    Each leaves fewer times.
    """
    edits = []
    for match in _MESSAGE.finditer(text):
        empty = _NO_MESSAGE.match(text, match.end())
        edits.append(Edit(match.start(), empty.end() if empty else match.end(), ""))
    if len(edits) < FEWEST:
        edits = []
    cues = find_cues(text)
    if sum(edit.faults for edit in cues) >= FEWEST:
        edits += cues
    return disjoint(edits)


def find_cues(text: str, *, surely: bool = False) -> list[Edit]:
    """Return the removals of all but the text of subtitles (SRT, WebVTT); of them, the times count as faults.

    surely: whether the text is known to be subtitles, so that times are known in any form.
    """
    forms = (_CUE, _ANY_CUE) if surely else (_CUE,)
    edits = disjoint([Edit(*match.span(), "") for form in forms for match in form.finditer(text)])
    if not edits:
        return []
    patterns = (_VTT, _BLOCK, _NAMED_CUE, _CUE_TAG) if _VTT.match(text) else (_CUE_TAG,)
    edits += [Edit(*match.span(), "", 0) for pattern in patterns for match in pattern.finditer(text)]
    if _BLOCK in patterns:
        edits += [Edit(*match.span(), html.unescape(match[0]), 0) for match in _ENTITY.finditer(text)]
    return disjoint(edits)


def unread_time(text: str) -> str:
    """Return the first line of subtitles that still looks like times; none if there is none."""
    found = _UNREAD.search(text)
    return found[0].rpartition("\n")[2].strip() if found else ""


class _Mark(NamedTuple):
    kind: str
    start: int
    stop: int


def find_gutenberg(text: str) -> list[Edit]:
    """Return the removals of headers, footers and credits. Each leaves fewer lines that mark one."""
    marks = list(_marks(text))
    kept: list[tuple[int, int]] = []
    begin: int | None = 0  # where the book continues; None: outside of books
    for place, mark in enumerate(marks):
        if mark.kind == "start":
            if begin is not None and not _is_header(text, begin, mark.start, marks[:place]):
                kept.append((begin, mark.start))
            begin = _past_credit(text, mark.stop)
        elif begin is not None:
            follower = marks[place + 1].start if place + 1 < len(marks) else len(text)
            if (
                text[mark.start] != "*"
                and follower - mark.stop > FOOTER
                and not _WORDS.search(text, mark.stop, follower)
            ):
                continue  # a sentence that begins so
            kept.append((begin, _before_note(text, begin, mark.start)))
            begin = mark.stop if follower - mark.start > LONGEST else None  # too long for a footer: a stray line
    if begin is not None:
        kept.append((begin, len(text)))
    return _gaps(text, kept) if marks else []


def _marks(text: str) -> Iterator[_Mark]:
    """Yield the marking lines in order; a header's first line only if the end of the header follows."""
    found: list[_Mark] = []
    for word in _WORDS.finditer(text):
        start = text.rfind("\n", max(0, word.start() - 80), word.start()) + 1
        if (not start and word.start() > 80) or (found and start < found[-1].stop):
            continue
        stop = text.find("\n", start, start + 400)
        stop = stop if stop >= 0 else min(start + 400, len(text))
        kind = next((kind for kind, pattern in _KINDS.items() if pattern.match(text, start, stop)), None)
        if kind != "header" and (rest := _REST.match(text, start)):  # a title of several lines
            stop = rest.end()
        if kind:
            found.append(_Mark(kind, start, stop))
    start_after: int | None = None
    checked = []
    for mark in reversed(found):
        if mark.kind != "header":
            start_after = mark.start if mark.kind == "start" else None
        if mark.kind != "header" or (start_after is not None and start_after - mark.start <= LONGEST):
            checked.append(mark)
    return reversed(checked)


def _is_header(text: str, begin: int, stop: int, before: list[_Mark]) -> bool:
    """Return whether `text[begin:stop]`, before a header's last line, is a header and not part of a book."""
    in_a_book = bool(before) and before[-1].kind == "start"
    return stop - begin <= LONGEST and (not in_a_book or "gutenberg" in text[begin:stop].lower())


def _past_credit(text: str, place: int) -> int:
    """Return the place after the producers' credits and the transcribers' notes that may follow a header."""
    while credit := _CREDIT.match(text, place):
        place = credit.end()
    return place


def _before_note(text: str, begin: int, place: int) -> int:
    """Return the place before the transcribers' note, or list of corrected errors, that may end at `place`."""
    note = _LAST_NOTE.search(text, max(begin, place - NOTES), place)
    return note.start() if note else place


def _gaps(text: str, kept: list[tuple[int, int]]) -> list[Edit]:
    """Return the removals of all but the kept spans, with the line ends around them."""
    edits: list[Edit] = []
    last = 0
    for begin, end in [*kept, (len(text), len(text))]:
        if begin > last:
            start, stop = last, begin
            while start > (edits[-1].stop if edits else 0) and text[start - 1].isspace():
                start -= 1
            while stop < len(text) and text[stop] == "\n":
                stop += 1
            new = "" if not start else "\n" if stop == len(text) else "\n\n\n"
            edits.append(Edit(start, stop, new))
        last = end
    return edits
