"""Numbers, counts with their unit and durations, as English and Brazilian Portuguese write them."""

import math
import re
from decimal import Decimal
from typing import Literal

Language = Literal["pt", "en"]

UNITS = {
    "bytes": (("byte", "bytes"), ("byte", "bytes")),
    "characters": (("caractere", "caracteres"), ("character", "characters")),
    "hours": (("hora", "horas"), ("hour", "hours")),
    "minutes": (("minuto", "minutos"), ("minute", "minutes")),
    "seconds": (("segundo", "segundos"), ("second", "seconds")),
    "steps": (("passo", "passos"), ("step", "steps")),
}  # unit: Portuguese singular and plural, English singular and plural
_SIZES = (("hours", 3600), ("minutes", 60), ("seconds", 1))


def number(value: float, language: Language = "en") -> str:
    """Return a number in full, with separators: 16777216 → “16,777,216”, 5.0 → “5”, 1e-05 → “0.00001”."""
    if isinstance(value, float) and not math.isfinite(value):
        return f"{value:g}"
    exact = (Decimal(value) if isinstance(value, int) else Decimal(repr(value))).normalize()
    return separated(format(exact, ".6g" if abs(exact) >= 10**21 else ",f"), language)


def separated(text: str, language: Language) -> str:
    """Return a number that has English separators with those of the language: 1,234.5 → 1.234,5."""
    return text.translate(str.maketrans(",.", ".,")) if language == "pt" else text


def with_point(text: str) -> str:
    """Return a number that is written with a decimal comma, with a point instead; "" for any other text."""
    return text.replace(",", ".") if re.fullmatch(r"[+-]?\d*,\d+", text) else ""


def quantity(count: float, unit: str, language: Language = "en") -> str:
    """Return a count with its unit, one of UNITS, which is plural unless the count is 1."""
    singular, plural = UNITS[unit][language == "en"]
    return f"{number(count, language)} {singular if count == 1 else plural}"


def duration(seconds: float, language: Language = "en") -> str:
    """Return a rounded duration in at most two units: “0.4 seconds”, “1 minute”, “2 hours 5 minutes”."""
    if seconds < 9.95:
        return quantity(round(seconds, 1), "seconds", language)
    whole = round(seconds) if seconds < 3599.5 else 60 * round(seconds / 60)
    parts = []
    for unit, size in _SIZES:
        count, whole = divmod(whole, size)
        if count:
            parts.append(quantity(count, unit, language))
    return (" e " if language == "pt" else " ").join(parts)
