"""Numbers and characters as they are shown, in either language; everything that comes from a text is escaped here."""

import unicodedata
from html import escape

from charrnn.errors.quantities import Language, separated

SYMBOLS = {" ": "␣", "\n": "↵", "\t": "⇥", "\u00a0": "⍽"}  # of whitespace


def number(language: Language, value: float, decimals: int = 0, *, sign: bool = False) -> str:
    """Return 1234.5 as the language writes it, “1.234,5” or “1,234.5”; sign: with a plus, too."""
    text = f"{value:{'+' if sign else ''},.{decimals}f}"
    if not any(digit in text for digit in "123456789"):
        text = text.lstrip("+-")
    return separated(text, language).replace("-", "−")


def percent(language: Language, share: float, decimals: int = 0) -> str:
    """Return 0.25 as “25%”, the only form of a percentage on the page and in the report."""
    return number(language, 100 * share, decimals) + "%"


def symbol(character: str) -> str:
    """Return a visible sign for a character: ␣ for a space, U+0007 for a control, else itself. Not escaped."""
    return SYMBOLS.get(character) or (f"U+{ord(character):04X}" if _hidden(character) else character)


def visible(text: str) -> str:
    """Return a text with a visible sign for each character. Escaped."""
    return escape("".join(map(symbol, text)))


def variable(letter: str, instant: str) -> str:
    """Return the HTML of a variable at an instant, such as X_t. Escaped."""
    return f"<var>{letter}<sub>{escape(instant)}</sub></var>"


def flowing(character: str) -> str:
    """Return a character of running text: ↵ before a line end, U+FFFD for a control. Escaped."""
    if character == "\n":
        return "↵\n"
    return "\ufffd" if _hidden(character) and character != "\t" else escape(character)


def _hidden(character: str) -> bool:
    return len(character) == 1 and (unicodedata.category(character)[0] == "C" or character in "\u2028\u2029")
