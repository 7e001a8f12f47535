"""Where a text ends: at a stop text, or with a line, a sentence or a paragraph. Pure functions of texts."""

FARTHEST = 2000  # characters past the length that the end of a sentence, line or paragraph is waited for
WIDEST = 120  # characters of a printed line, at most: a longer one is a paragraph

_CLOSING = "\"'”’»)]}*_"  # may stand between the end of a sentence and the space after it
_TITLES = {"d", "dr", "dra", "sr", "sra", "srs", "sras", "exmo", "exma", "ilmo", "ilma", "s", "st", "sto", "sta", "v",
           "ex", "exa", "pe", "cap", "fl", "pág", "p", "n", "nº", "mr", "mrs", "etc"}  # fmt: skip


def stop_at(text: str, stops: tuple[str, ...]) -> int | None:
    """Where the longest of `stops` that `text` ends with begins; None if there is none."""
    return min((len(text) - len(stop) for stop in stops if text.endswith(stop)), default=None)


def held_back(text: str, stops: tuple[str, ...]) -> int:
    """Length of the longest end of `text` that may still begin one of `stops`."""
    return max((_overlap(text, stop) for stop in stops), default=0)


def _overlap(text: str, stop: str) -> int:
    return next((n for n in range(min(len(text), len(stop) - 1), 0, -1) if text.endswith(stop[:n])), 0)


def ends(text: str, end: str) -> bool:
    """Whether `text` ends with what follows a line, a sentence or a paragraph: a space or line end, not part of it."""
    if end == "line":
        return text.endswith("\n")
    if end == "paragraph":
        return text.endswith("\n\n") or _ends_long_line(text)
    if end == "sentence":
        return text[-1:].isspace() and _closes(text[:-1])
    return False


def _ends_long_line(text: str) -> bool:
    return text.endswith("\n") and len(text) - 1 - (text.rfind("\n", 0, -1) + 1) > WIDEST


def _closes(text: str) -> bool:
    """Whether a sentence ends with `text`: . ! ? or …, and not one of an abbreviation."""
    bare = text.rstrip(_CLOSING)
    if not bare or bare[-1] not in ".!?…":
        return False
    if bare[-1] != "." or bare.endswith(".."):
        return True
    words = bare[:-1].split()
    word = words[-1].strip("(\"'“‘«—–-") if words else ""
    return not (word.casefold() in _TITLES or (len(word) == 1 and word.isupper()))


def trailing(text: str, end: str) -> int:
    """How many characters at the end of such a text belong to what follows."""
    return 2 if end == "paragraph" and text.endswith("\n\n") else 1
