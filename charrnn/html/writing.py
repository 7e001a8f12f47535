"""Numbers and characters as they are shown, in either language; everything that comes from a text is escaped here."""

import unicodedata
from html import escape

from charrnn.errors.quantities import Language, separated

NAMES = {" ": "␣", "\n": "↵", "\t": "⇥", "\u00a0": "⍽"}  # for what is not seen


def number(language: Language, value: float, decimals: int = 0, sign: bool = False) -> str:
    """1234.5 as each language writes it, 1.234,5 or 1,234.5, with a real minus. sign: with a plus, too."""
    text = f"{value:{'+' if sign else ''},.{decimals}f}"
    if not any(digit in text for digit in "123456789"):
        text = text.lstrip("+-")
    return separated(text, language).replace("-", "−")


def percent(language: Language, share: float, decimals: int = 0) -> str:
    """0.25 as 25 %; in English without the space."""
    return number(language, 100 * share, decimals) + ("\u00a0%" if language == "pt" else "%")


def visible(text: str) -> str:
    """Each character so that it can be seen: a space as ␣, a control by its code point. Escaped."""
    return escape("".join(NAMES.get(c, f"U+{ord(c):04X}" if _hidden(c) else c) for c in text))


def flowing(character: str) -> str:
    """A character within a text, at its natural width: line ends are marked, controls replaced. Escaped."""
    if character == "\n":
        return "↵\n"
    return "\ufffd" if _hidden(character) and character != "\t" else escape(character)


def _hidden(character: str) -> bool:
    return unicodedata.category(character)[0] == "C" or character in "\u2028\u2029"
