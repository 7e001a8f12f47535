"""A scored text as HTML: coloured characters with tooltips, a legend, and a table of the hardest places."""

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from charrnn.html.coloured import STEPS, marked
from charrnn.html.writing import symbol
from charrnn.ui.texts import Language, number, percent, say

if TYPE_CHECKING:  # loads torch, for which the page does not wait
    from charrnn.lens import Guess, Marks

GAPS = (-3.0, -1.0, 1.0, 3.0)  # bits more than the other model: below, between and above them
LISTED = 12  # of the hardest places
CONTEXT = 28  # characters shown before a place
SCRIPT = """
const place = (mark) => {
    const told = element.querySelector(".told");
    if (!told || !mark?.matches?.(".marks span")) return;
    element.querySelector(".marks span.here")?.classList.remove("here");
    mark.classList.add("here");
    told.textContent = mark.title;
};
element.addEventListener("pointerover", (event) => place(event.target));
element.addEventListener("click", (event) => place(event.target));
element.addEventListener("keydown", (event) => {
    const step = {ArrowRight: 1, ArrowLeft: -1}[event.key];
    if (!step || !event.target.matches(".marks")) return;
    const marks = [...event.target.querySelectorAll("span")];
    const now = marks.findIndex((mark) => mark.classList.contains("here"));
    place(marks[Math.max(0, Math.min(marks.length - 1, now + step))]);
    event.preventDefault();
});
"""  # what gr.HTML runs once: the listeners stay when the content changes


def surprise(found: "Marks", language: Language) -> str:
    """Return the text coloured by one model's surprisals."""
    levels = [sum(bits > step for step in STEPS) for bits in found.surprisal.tolist()]
    tips = [_tip(found, place, language) for place in range(len(found.text))]
    names = [say(language, "legend_step", bits=number(language, bits)) for bits in STEPS]
    names.append(say(language, "legend_above", bits=number(language, STEPS[-1])))
    rows = [(place, [_bits(found, place, language)], [found]) for place in found.hardest(LISTED)]
    return (
        _legend([(f"s{level}", name) for level, name in enumerate(names)], say(language, "legend_bits"))
        + _text(found.text, [f"s{level}" for level in levels], tips, language)
        + _table(found.text, say(language, "hardest"), [say(language, "column_bits")], rows, language)
    )


def difference(one: "Marks", other: "Marks", language: Language) -> str:
    """Return the text coloured by the difference of two models: blue where the first predicted better, else orange."""
    from charrnn.lens import apart

    gaps = (one.surprisal - other.surprisal).tolist()
    levels = [sum(gap > edge for edge in GAPS) for gap in gaps]
    names = (one.score.model, other.score.model)
    tips = [
        say(
            language, "tip_apart", character=symbol(character), one=names[0], other=names[1],
            bits=_bits(one, place, language), others=_bits(other, place, language),
        )
        for place, character in enumerate(one.text)
    ]  # fmt: skip
    best = [say(language, "legend_one", name=name) for name in names]
    legend = [("d0", best[0]), ("d1", ""), ("d2", say(language, "legend_alike")), ("d3", ""), ("d4", best[1])]
    rows = [(p, [_bits(one, p, language), _bits(other, p, language)], [one, other]) for p in apart(one, other, LISTED)]
    return (
        _legend(legend, "")
        + _text(one.text, [f"d{level}" for level in levels], tips, language)
        + _table(one.text, say(language, "furthest"), list(names), rows, language)
    )


def guesses(found: "Sequence[Guess]", language: Language) -> str:
    """Return predictions as text: “a 62% · e 20% · z <1%”."""
    shown = [percent(language, guess.chance) if guess.chance >= 0.005 else "<1%" for guess in found]
    return " · ".join(f"{symbol(guess.text)}\u00a0{share}" for guess, share in zip(found, shown, strict=True))


def _bits(found: "Marks", place: int, language: Language) -> str:
    return number(language, float(found.surprisal[place]), 1)


def _tip(found: "Marks", place: int, language: Language) -> str:
    tip = say(language, "tip_bits", character=symbol(found.text[place]), bits=_bits(found, place, language))
    if not found.expected:
        return tip
    return f"{tip}; {say(language, 'tip_expected', guesses=guesses(found.expected[place], language))}"


def _text(text: str, classes: Sequence[str], tips: Sequence[str], language: Language) -> str:
    label = escape(say(language, "marks_label"))
    return (
        f'<div class="marks" tabindex="0" role="group" aria-label="{label}">{marked(text, classes, tips)}</div>'
        '<p class="told" aria-live="polite">&nbsp;</p>'
    )


def _legend(items: Sequence[tuple[str, str]], title: str) -> str:
    keys = "".join(f'<li><span class="{kind}">&nbsp;a&nbsp;</span>{escape(name)}</li>' for kind, name in items)
    return f'<ul class="legend">{f"<li>{escape(title)}</li>" if title else ""}{keys}</ul>'


def _table(
    text: str,
    title: str,
    columns: Sequence[str],
    rows: "Sequence[tuple[int, list[str], list[Marks]]]",
    language: Language,
) -> str:
    """Return a table of places in a text: the character there, its bits and the predictions."""
    told = any(found.expected for _, _, marks in rows for found in marks)
    heads = [say(language, "column_place"), *columns, *([say(language, "column_expected")] if told else [])]
    body = ""
    for place, bits, marks in rows:
        before = "".join(map(sign_break, text[max(0, place - CONTEXT) : place]))
        body += f'<tr><td class="where">{escape(before)}<b>{escape(symbol(text[place]))}</b></td>'
        body += "".join(f"<td>{one}</td>" for one in bits)
        if told:
            known = [m for m in marks if m.expected]
            whose = [f"{m.score.model}: " if len(known) > 1 else "" for m in known]
            said = [guesses(m.expected[place], language) for m in known]
            expected = "<br>".join(escape(name + guess) for name, guess in zip(whose, said, strict=True))
            body += f'<td class="expected">{expected}</td>'
        body += "</tr>"
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in heads)
    return (
        f"<h2>{escape(title)}</h2><div class='wide'><table><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table></div>"
    )


def sign_break(character: str) -> str:
    """Return a character as it is, or a visible sign for one that would break the line."""
    return symbol(character) if character in "\n\t" else character
