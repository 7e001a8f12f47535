"""Play, pause, step and slide: the buttons with which the browser goes through instants that it was sent."""

from html import escape

from charrnn.ui.texts import Language, say

PACES = {"slow": 1600, "medium": 700, "fast": 160}  # milliseconds from one instant to the next
USUAL = "medium"


def controls(language: Language) -> str:
    """The row of buttons; scripts/player.js does what they promise."""

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
