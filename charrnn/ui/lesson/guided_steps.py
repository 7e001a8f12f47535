"""The steps of the lesson as HTML, and what the browser needs to draw them: one small network at all ages and instants.

The network is the one of the tab Memory, trained on the same word with the same seed; here it is seen at several steps
of its training, too, and without its memory.
"""

import functools
import json
from html import escape
from typing import TYPE_CHECKING, TypedDict

from charrnn.html.writing import symbol
from charrnn.ui.memory.tiny_network import checked_word
from charrnn.ui.texts import TEXTS, Language, number, say

if TYPE_CHECKING:
    from charrnn.lens.tiny_elman import Instant, SmallNetwork

STEPS = 7  # the last shows the real network
REAL = "machado-lstm"  # that network: shipped, and without counts, so that its S comes from H only
DECIMALS = 4  # of the numbers that are computed from the weights

Rows = list[list[float]]


class Reading(TypedDict):
    """A small network's numbers at t instants: it has h hidden neurons and one for each of v letters."""

    hidden: Rows  # H_t, (t, h)
    output: Rows  # S_t, (t, v)
    bits: list[float]  # (t,): what the next letter costs


class Age(Reading):
    """A network after some steps of training. Its weights are rounded as they are shown."""

    step: int
    W: Rows  # (h, v)
    U: Rows  # (h, h)
    b: list[float]  # (h,)
    V: Rows  # (v, h)


class Sent(TypedDict):
    """All that the browser draws."""

    word: str
    alphabet: list[str]  # v visible letters
    read: list[int]  # (t,): which letter comes in
    next: list[int]  # (t,): which comes then
    ages: list[Age]  # from the untrained network to the trained one
    cut: Reading  # the trained one with M = 0
    pair: list[int]  # two instants with the same letter but another one next; or none


@functools.lru_cache(maxsize=64)
def sent(word: str) -> Sent:
    """Return the lesson's numbers for a word. Raises UserError if that is empty or too long to draw."""
    from charrnn.lens.tiny_elman import history

    word = checked_word(word)
    ages = list(history(word))
    network = ages[-1][1]
    instants = network.follow(word)
    letters = [[network.alphabet.index(letter) for letter in (now.character, now.target)] for now in instants]
    return {
        "word": word,
        "alphabet": [symbol(letter) for letter in network.alphabet],
        "read": [read for read, _ in letters],
        "next": [target for _, target in letters],
        "ages": [_age(step, young, young.follow(word)) for step, young in ages],
        "cut": _reading(network.follow(word, remembers=False)),
        "pair": telling(letters),
    }


def telling(letters: list[list[int]]) -> list[int]:
    """Return two instants with the same letter and another one next, the first and the last such; or none."""
    pairs = [
        [one, other]
        for one, (read, target) in enumerate(letters)
        for other, (again, then) in enumerate(letters)
        if one < other and read == again and target != then
    ]
    return max(pairs, key=lambda pair: pair[1] - pair[0], default=[])


def _age(step: int, network: "SmallNetwork", instants: "list[Instant]") -> Age:
    return {
        "step": step,
        "W": network.input_weight.tolist(),
        "U": network.memory_weight.tolist(),
        "b": network.bias.tolist(),
        "V": network.output_weight.tolist(),
        **_reading(instants),
    }


def _reading(instants: "list[Instant]") -> Reading:
    return {
        "hidden": [now.hidden.round(DECIMALS).tolist() for now in instants],
        "output": [now.output.round(DECIMALS).tolist() for now in instants],
        "bits": [round(now.surprisal, DECIMALS) for now in instants],
    }


def page(word: str, language: Language) -> str:
    """Return the lesson on a word: the way through its steps, the drawing's place, and each step's words."""
    from charrnn.lens.tiny_elman import least_without_memory

    found = sent(word)
    facts = {"model": REAL, "word": found["word"], "least": number(language, least_without_memory(found["word"]), 2)}
    facts["letter"] = found["alphabet"][found["read"][found["pair"][0]]] if found["pair"] else ""
    varied = "_pair" if found["pair"] else "_none"  # what ends the key of a text that only such words have

    def told(key: str) -> str:
        return say(language, key + varied if key + varied in TEXTS else key, **facts)

    about = f"<p class='line'>{escape(told('lesson_about'))}</p>"
    heads, tails = "", ""
    for step in range(1, STEPS + 1):
        key = f"lesson_{step}"
        place = say(language, "lesson_place" if step < STEPS else "lesson_last", step=step, steps=STEPS - 1)
        heads += (
            f'<div data-of="{step}"><p class="place">{escape(place)}</p><h2>{escape(say(language, key))}</h2>'
            f"{about * (step == 1)}{_line('do', told(f'{key}_do'), language)}{_control(step, found, language)}</div>"
        )
        answer = f"<summary>{escape(say(language, 'lesson_answer'))}</summary><p>{escape(told(f'{key}_answer'))}</p>"
        tails += f'<div data-of="{step}">{_line("ask", told(f"{key}_ask"), language)}<details>{answer}</details></div>'
    see = '<div class="seen" aria-live="polite">' + _line("see", "", language) + '<div class="shown"></div></div>'
    label = escape(say(language, "lesson_letters"))
    return (
        f'<section class="lesson" data-sent="{escape(json.dumps(found, ensure_ascii=False))}" '
        f'data-words="{escape(json.dumps(_words(language), ensure_ascii=False))}">{_way(language)}'
        f'<div class="lesson-body"><div class="head">{heads}</div>'
        f'<div class="picture"><div class="word" role="group" aria-label="{label}"></div><svg class="net" role="img">'
        f'</svg><p class="colours">{escape(say(language, "lesson_colours"))}</p></div>'
        f'<div class="tail">{see}{tails}</div></div>{_ends(language)}</section>'
    )


def _line(kind: str, text: str, language: Language) -> str:
    """Return a line that says what to do, to see or to ask; the browser writes what there is to see."""
    return f'<p class="line {kind}"><b>{escape(say(language, f"lesson_{kind}"))}</b> <span>{escape(text)}</span></p>'


def _control(step: int, found: Sent, language: Language) -> str:
    """Return what the class acts with, where that is not the word itself."""

    def button(action: str, text: str, more: str = "") -> str:
        return f'<button type="button" data-do="{action}"{more}>{text}</button>'

    if step == 2:
        neurons = range(len(found["ages"][0]["b"]))
        buttons = "".join(button(f"neuron-{one}", f"H[{one + 1}]") for one in neurons)
    elif step == 3:
        buttons = button("forth", escape(say(language, "lesson_3_button")), ' class="main"')
    elif step == 4:
        told = [escape(say(language, "lesson_4_button", time=one + 1)) for one in found["pair"]]
        buttons = "".join(button(f"instant-{one}", text) for one, text in zip(found["pair"], told, strict=True))
    elif step == 5:
        buttons = button("cut", escape(say(language, "lesson_5_button")), ' class="main" aria-pressed="false"')
    elif step == 6:
        slider = f'<input type="range" min="0" max="{len(found["ages"]) - 1}" value="0" step="1"'
        slider += f' aria-label="{escape(say(language, "lesson_6_slider"))}">'
        play = escape(say(language, "lesson_6_play"))
        buttons = button("play", "▶", f' class="main" aria-label="{play}" title="{play}"') + slider
    elif step == STEPS:
        text = escape(say(language, "lesson_7_button", word=found["word"]))
        buttons = button("read", text, ' class="main"')
    else:
        buttons = ""
    return f'<div class="controls">{buttons}</div>' if buttons else ""


def _way(language: Language) -> str:
    """Return a dot for each step."""
    dots = ""
    for step in range(1, STEPS + 1):
        title = escape(say(language, f"lesson_{step}"))
        dots += f'<li><button type="button" data-step="{step}" aria-label="{step}. {title}" title="{title}">'
        dots += f"{step if step < STEPS else '★'}</button></li>"
    return f'<nav class="way" aria-label="{escape(say(language, "lesson_steps"))}"><ol>{dots}</ol></nav>'


def _ends(language: Language) -> str:
    back, forth = (escape(say(language, f"lesson_{way}")) for way in ("back", "next"))
    return (
        f'<div class="ends"><button type="button" data-do="before">◀ {back}</button>'
        f'<a class="here" href="?tab=lesson">{escape(say(language, "lesson_link"))}</a>'
        f'<button type="button" data-do="after" class="main">{forth} ▶</button></div>'
    )


FILLED = (
    "tile", "drawn", "waits", "1_see", "1_sign", "2_see", "2_constant", "2_sum", "3_button", "3_again", "3_see",
    "3_first", "4_see", "5_see",
    "5_see_cut", "5_little", "5_button", "5_join", "5_with", "5_without", "5_bits", "6_see",
    "6_untrained", "6_curve", "6_step",
    "6_play", "6_pause", "7_see", "copied",
)  # fmt: skip


def _words(language: Language) -> dict[str, str]:
    """Return the texts that the browser fills."""
    return {key: TEXTS[f"lesson_{key}"][0 if language == "pt" else 1] for key in FILLED}
