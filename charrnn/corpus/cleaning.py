"""What every reading of a text changes, and nothing else unasked: its normal form, line ends and byte-order mark."""

import re
import unicodedata

from charrnn.errors import UserError

RETURNS = r"\r+\n|\n\r|\r"
"""A pattern of the line ends that become \\n: one each of CR LF, CR CR LF, LF CR (RISC OS) and CR."""

_RETURNS = re.compile(RETURNS)
MARKS = 1000  # on one letter; no language has more than a few, and normalizing takes quadratic time
_TOO_MANY_MARKS = re.compile(
    f"[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]{{{MARKS}}}"
)


def newlines(text: str) -> tuple[str, int]:
    r"""Turn each \r\n, \r\r\n, \n\r and lone \r into \n."""
    return _RETURNS.subn("\n", text) if "\r" in text else (text, 0)


def clean(text: str) -> str:
    """Return the text in NFC (é is one character), with LF line ends and without a BOM: the only unasked changes."""
    text, _ = newlines(text.lstrip("\ufeff"))
    refuse_marks(text)
    return unicodedata.normalize("NFC", text)


def refuse_marks(text: str) -> None:
    """Raise UserError for a text with MARKS combining marks or more on one letter."""
    if marks := _TOO_MANY_MARKS.search(text):
        raise UserError("too-many-marks", most=MARKS, place=marks.start())
