"""How others reach the page: its addresses in words, and as a QR code that a phone reads from a projector."""

from collections.abc import Callable, Sequence
from html import escape
from typing import TYPE_CHECKING

import gradio as gr

from charrnn.ui.assets import script
from charrnn.ui.texts import label
from charrnn.ui.visitors import told

if TYPE_CHECKING:
    import segno

QUIET_ZONE = 4  # modules of white around a code, as its standard asks for
LONGEST = 200  # characters of a query: with more, a projected code is too fine to be read
QUIET: dict[str, object] = {"show_progress": "hidden", "api_visibility": "private"}


def panel(addresses: Sequence[str]) -> None:
    """Lay out the fold with the code of the first address; all are there in words."""
    with gr.Accordion(label("invite"), open=False, elem_id="invite"):
        gr.Markdown(label("invite_help"))
        shown = gr.HTML(_figure(addresses), js_on_load=script("invitation"))
    shown.select(following(addresses), None, shown, queue=False, **QUIET)


def following(addresses: Sequence[str]) -> Callable[[gr.EventData], str]:
    """Return the handler that shows the addresses of the place where the page is, a query such as /?tab=memory."""

    def follow(event: gr.EventData) -> str:
        place = told(event, "place")
        fits = isinstance(place, str) and len(place) <= LONGEST and place.isascii()
        return _figure(addresses, str(place) if fits else "")

    return follow


def class_address(addresses: Sequence[str]) -> str:
    """Return the address that the page's scripts put into links for others, as HTML."""
    return f'<data id="class-address" value="{escape(addresses[0].rstrip("/"))}/"></data>' if addresses else ""


def _figure(addresses: Sequence[str], place: str = "") -> str:
    links = "".join(
        f'<li><a href="{escape(one + place)}">{escape(one)}<span>{escape(place)}</span></a></li>' for one in addresses
    )
    return f"<figure>{svg(addresses[0] + place)}<ul>{links}</ul></figure>"


def svg(address: str) -> str:
    """Return the QR code of an address as an SVG, black on white in every theme, that fills its place."""
    drawn = _code(address).svg_inline(dark="#000", light="#fff", border=QUIET_ZONE, omitsize=True)
    return str(drawn).replace("<svg ", f'<svg role="img" aria-label="{escape(address)}" ', 1)


def printed(address: str) -> str:
    """Return the QR code of an address as lines of text, dark on light in a terminal of any colours."""
    rows = [bytes(row) for row in _code(address).matrix_iter(border=QUIET_ZONE)]
    rows += [bytes(len(rows[0]))] * (len(rows) % 2)
    blocks = {(0, 0): " ", (1, 0): "▀", (0, 1): "▄", (1, 1): "█"}  # two modules on top of each other, each 1 if dark
    halves = zip(rows[::2], rows[1::2], strict=True)
    lines = ["".join(blocks[pair] for pair in zip(upper, lower, strict=True)) for upper, lower in halves]
    return "".join(f"\x1b[30;107m{line}\x1b[0m\n" for line in lines)


def _code(address: str) -> "segno.QRCode":
    import segno  # late: few pages are open to others

    return segno.make(address, error="m", micro=False)
