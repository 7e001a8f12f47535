"""A model card: its metadata, which the hub reads, and the facts in its table. No torch needed.

The metadata is YAML between two lines of ---. It is written here as a JSON value for each key, which YAML includes.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from charrnn.storage import registry

MOST_DATASETS = 20  # names of texts in the metadata
_BLOCK = re.compile(r"\A---\n(.*?\n)?---\n", re.DOTALL)
_KEY = re.compile(r"^([\w-]+):", re.MULTILINE)
_HELD_OUT = re.compile(r"^\| held-out score \|.*?\bcharacters(?: of|: )(.*?)[;)|]", re.MULTILINE)
_TRAINED = re.compile(r"^\| trained on \| (?:([\d,]+) characters of )?(.*?) \|$", re.MULTILINE)
SAME_TEXT = "the end of the same text"


@dataclass(frozen=True)
class TextFacts:
    """The training texts and the scored text of a model, as its card names them."""

    texts: tuple[str, ...] = ()  # names of files, without folders
    characters: int | None = None
    held_out: tuple[str, ...] = ()  # likewise
    same: bool = False  # whether the held-out text is the end of the same text

    @property
    def scored(self) -> str:
        """The name of the text that the score is of, or whose end it is of; how many more there are; "" if unknown."""
        names = self.texts if self.same else self.held_out
        return f"{names[0]} + {len(names) - 1}" if len(names) > 1 else "".join(names)


def facts(directory: Path) -> TextFacts:
    """Return what the card in a directory tells; nothing where it has another form."""
    text = registry.card(directory)
    trained, held = _TRAINED.search(text), _HELD_OUT.search(text)
    count = trained[1] if trained else None
    return TextFacts(
        _names(trained[2]) if trained else (),
        int(count.replace(",", "")) if count else None,
        _names(held[1]) if held else (),
        bool(held and SAME_TEXT in held[1]),
    )


def _names(cell: str) -> tuple[str, ...]:
    return tuple(re.findall(r"`([^`]{1,120})`", cell))


def metadata(name: str, score: float | None, of: TextFacts, language: str = "") -> dict[str, object]:
    """Return a card's metadata.

    score: held-out bits per character; language: of the text, a code of ISO 639, if it is known.
    """
    values: dict[str, object] = {"library_name": "charrnn", "pipeline_tag": "text-generation"}
    if language:
        values["language"] = language
    values["tags"] = ["character-level", "recurrent-neural-network"]
    if texts := _slugs(of.texts):
        values["datasets"] = texts
    if score is not None:
        dataset = {"type": "text", "name": SAME_TEXT if of.same else _joined(of.held_out)}
        metric = {"type": "bits_per_character", "name": "Bits per character (static)", "value": round(score, 4)}
        task = {"type": "text-generation", "name": "Text generation"}
        values["model-index"] = [{"name": name, "results": [{"task": task, "dataset": dataset, "metrics": [metric]}]}]
    return values


def _joined(texts: Sequence[str]) -> str:
    return ", ".join(Path(text).name for text in texts[:5]) or "held-out text"


def _slugs(texts: Sequence[str]) -> list[str]:
    """Return names of texts as the hub allows them for datasets."""
    names = (re.sub(r"[^A-Za-z0-9._-]+", "-", Path(text).name.partition(".")[0]).strip("-.") for text in texts)
    return [*dict.fromkeys(filter(None, names))][:MOST_DATASETS]


def with_metadata(text: str, values: Mapping[str, object], replaced: Sequence[str] = ()) -> str:
    """Return a card with these keys in its metadata. Those that it has stay as they are, but for the `replaced`."""
    found = _BLOCK.match(text)
    block = (found[1] or "") if found else ""
    for key in replaced:  # with the lines below it that are indented or listed
        block = re.sub(rf"^{re.escape(key)}:.*\n(?:[ \t-].*\n)*", "", block, flags=re.MULTILINE)
    known = set(_KEY.findall(block))
    added = "".join(f"{key}: {_yaml(value)}\n" for key, value in values.items() if key not in known)
    return f"---\n{block}{added}---\n{text[found.end() :] if found else text}"


def _yaml(value: object) -> str:
    """Return a value in JSON; a plain word needs no quotes, but what YAML could take for something else does."""
    if isinstance(value, str) and re.fullmatch(r"[a-z][a-z_-]{3,}", value) and value not in ("true", "false", "null"):
        return value
    return json.dumps(value, ensure_ascii=False)
