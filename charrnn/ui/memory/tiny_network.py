"""The small network of the tab Memory as HTML: trained on one word on request, and shown at each of its instants."""

import functools
from html import escape
from typing import TYPE_CHECKING

from charrnn.errors import UserError
from charrnn.html.writing import variable
from charrnn.ui.texts import Language, number, say

if TYPE_CHECKING:  # loads numpy, for which the page does not wait
    from charrnn.lens.tiny_elman import Instant, SmallNetwork

WORD = "banana"
PACES = {"slow": 1600, "medium": 700, "fast": 160}  # milliseconds from one instant to the next
USUAL = "medium"
LONGEST = 12  # characters: each distinct one adds two neurons to the drawing


def checked_word(word: str) -> str:
    """Return the word in normal form. Raises UserError if it is empty or too long to draw."""
    from charrnn.corpus import clean

    word = clean(word)
    if not 1 <= len(word) <= LONGEST:
        raise UserError("word-of-other-length", limit=LONGEST, found=len(word))
    return word


@functools.lru_cache(maxsize=64)
def taught(word: str) -> "SmallNetwork":
    """Return a network trained on `word`. Raises UserError if that is empty or too long to draw."""
    from charrnn.lens.tiny_elman import learn

    return learn(checked_word(word))


def shown(word: str, language: Language) -> str:
    """Return all instants at which the network reads `word`; the browser shows one at a time."""
    network = taught(word)
    instants = network.follow(word)
    from charrnn.html import figure, number_tables

    frames = "".join(_frame(network, now, time, language) for time, now in enumerate(instants, 1))
    bits = number(language, network.bits_per_character(word), 2)
    told = say(language, "small_taught", word=word, neurons=len(network.bias), bits=bits)
    return (
        f'<section class="player small" data-instants="{len(instants)}"><p>{escape(told)}</p>{player(language)}'
        f'<div class="frames">{frames}</div>'
        f'<p class="said" aria-live="polite"></p>'
        f"<details><summary>{escape(say(language, 'small_unrolled'))}</summary>"
        f'<div class="lens-wide">{figure.unrolled(network, instants, language)}</div></details>'
        f"<details><summary>{escape(say(language, 'small_weights'))}</summary>"
        f"{number_tables.weights(network, language)}</details>"
        "</section>"
    )


def _frame(network: "SmallNetwork", now: "Instant", time: int, language: Language) -> str:
    """Return an instant: its drawing, its numbers, and how they are computed."""
    from charrnn.html import figure
    from charrnn.html.writing import percent, visible

    best = int(now.output.argmax())
    letters = {
        "letter": visible(now.character), "best": visible(network.alphabet[best]),
        "chance": percent(language, float(now.output[best])), "target": visible(now.target),
        "bits": number(language, now.surprisal, 2),
    }  # fmt: skip
    told = say(language, "small_told", time=time, **letters)
    # Each drawing has its own arrow heads: shared ones would vanish with the drawing that defines them.
    drawn = figure.instant(network, now, time, language).replace("lens-arrow", f"lens-arrow-{time}")
    return (
        f'<div class="frame" data-told="{told}"{" hidden" * (time > 1)}>'
        f"<div>{drawn}</div>"
        f'<div class="beside"><p>{told}</p>{_numbers(network, now, time, language)}'
        f"{_sums(network, now, language)}</div></div>"
    )


def _numbers(network: "SmallNetwork", now: "Instant", time: int, language: Language) -> str:
    """X, M, H and S of an instant as rows."""
    from charrnn.html.writing import number as signed
    from charrnn.html.writing import percent, visible

    def cells(values: list[str], *, head: bool = False) -> str:
        return "".join(f"<th scope='col'>{value}</th>" if head else f"<td>{value}</td>" for value in values)

    letters = [visible(letter) for letter in network.alphabet]
    x, s = variable("X", str(time)), variable("S", str(time))
    before = f" = {variable('H', str(time - 1))}" if time > 1 else ""
    memory = cells([signed(language, value, 2) for value in now.memory.tolist()])
    hidden = cells([signed(language, value, 2) for value in now.hidden.tolist()])
    units = cells([str(unit) for unit in range(1, len(now.hidden) + 1)], head=True)
    first = (
        f'<tr class="note"><td></td><td colspan="{len(now.hidden)}">{escape(say(language, "small_first"))}</td></tr>'
    )
    return (
        f"<div class='lens-wide'><table><thead><tr><td></td>{cells(letters, head=True)}</tr></thead><tbody>"
        f"<tr><th scope='row'>{x}</th>{cells([number(language, value) for value in now.x.tolist()])}</tr>"
        f"<tr><th scope='row'>{s}</th>{cells([percent(language, value) for value in now.output.tolist()])}</tr>"
        "</tbody></table></div>"
        f"<div class='lens-wide'><table><thead><tr><td></td>{units}</tr></thead><tbody>"
        f"<tr><th scope='row'>{variable('M', str(time))}{before}</th>{memory}</tr>{first if time == 1 else ''}"
        f"<tr><th scope='row'>{variable('H', str(time))}</th>{hidden}</tr></tbody></table></div>"
    )


def _sums(network: "SmallNetwork", now: "Instant", language: Language) -> str:
    """Return the equations, and each hidden neuron's value as a sum to check by hand."""
    from charrnn.html import number_tables

    h, x, m = variable("H", "t"), variable("X", "t"), variable("M", "t")
    equations = (
        f"{h} = tanh(<i>W</i> {x} + <i>U</i> {m} + <i>b</i>)",
        f"{variable('S', 't')} = softmax(<i>V</i> {h} + <i>c</i>)",
        f"{m} = {variable('H', 't−1')}",
    )
    by_hand = "".join(
        f"<p>{number_tables.worked(network, now, language, neuron)}</p>" for neuron in range(len(now.hidden))
    )
    return (
        f"<p class='equation'>{'<br>'.join(equations)}</p><p>{escape(say(language, 'small_equations'))}</p>"
        f"<details class='by-hand'><summary>{escape(say(language, 'small_by_hand'))}</summary>{by_hand}</details>"
    )


def player(language: Language) -> str:
    """Return the buttons that play, pause, step and slide through instants; scripts/player.js answers them."""

    def button(action: str, sign: str, more: str = "") -> str:
        name = escape(say(language, f"instants_{action}"))
        return f'<button type="button" data-go="{action}" aria-label="{name}" title="{name}"{more}>{sign}</button>'

    paces = "".join(
        f'<option value="{pace}"{" selected" * (name == USUAL)}>{escape(say(language, f"pace_{name}"))}</option>'
        for name, pace in PACES.items()
    )
    pause = escape(say(language, "instants_pause"))
    return (
        f'<div class="transport" role="group" aria-label="{escape(say(language, "instants"))}">'
        + button("first", "|◀")
        + button("back", "◀")
        + button("play", "▶", f' class="play" data-pause="{pause}"')
        + button("forth", "▶|")
        + f'<input type="range" min="0" value="0" step="1" aria-label="{escape(say(language, "instants_slider"))}">'
        + '<output class="count"></output>'
        + f'<select aria-label="{escape(say(language, "instants_pace"))}">{paces}</select></div>'
    )
