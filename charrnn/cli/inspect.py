"""charrnn inspect: a text as a model sees it, character by character."""

import json as json_format
import sys
from typing import TYPE_CHECKING, Any

import typer

from charrnn.cli.options import JSON, MODEL

if TYPE_CHECKING:
    from charrnn.lens import Trace
    from charrnn.tokenizer import CharTokenizer

HARDEST = 20
SHADES = ((1, "green"), (3, "default"), (6, "yellow"), (float("inf"), "bold red"))  # up to so many bits
CONTEXT = 24  # characters shown before a hard place


def inspect(
    text: str = typer.Argument("-", help="The text, or - for standard input.", metavar="[TEXT|-]"),
    model: str | None = MODEL,
    json: bool = JSON,
) -> None:
    """Show how much each character of a text surprises a model, and what it expected at the hardest places."""
    from charrnn import registry
    from charrnn.errors import UserError

    given = sys.stdin.read() if text == "-" else text
    if not given:
        raise UserError("text: expected at least one character, found none")
    registry.find(model)
    from charrnn.checkpoint import load
    from charrnn.lens import trace

    network, tokenizer = load(model)
    found = trace(network, tokenizer, given)
    if json:
        for row in rows(found, tokenizer):
            print(json_format.dumps(row, ensure_ascii=False))
        return
    show(found, tokenizer)


def rows(found: "Trace", tokenizer: "CharTokenizer") -> list[dict[str, Any]]:
    """What `--json` writes: a line for each character."""
    return [
        {
            "character": character,
            "bits": round(float(found.surprisal[place]), 4),
            "entropy": round(float(found.entropy[place]), 4),
            "known": not bool(found.unknown[place]),
            "expected": expected(found, tokenizer, place, 5),
        }
        for place, character in enumerate(found.text)
    ]


def expected(found: "Trace", tokenizer: "CharTokenizer", place: int, count: int) -> list[tuple[str, float]]:
    """The likeliest tokens before a character came, and their probabilities."""
    tokens, chances = found.candidates.tokens[place, :count], found.candidates.chances[place, :count]
    return [(tokenizer.token_text(int(t)), round(float(p), 4)) for t, p in zip(tokens, chances, strict=True)]


def show(found: "Trace", tokenizer: "CharTokenizer") -> None:
    """The text in colours, its score, and the hardest places."""
    from rich.console import Console
    from rich.text import Text

    console, coloured = Console(highlight=False), Text()
    for character, bits in zip(found.text, found.surprisal.tolist(), strict=True):
        coloured.append(character, style=next(shade for most, shade in SHADES if bits <= most))
    console.print(coloured)
    console.print(f"\n{found.bits_per_character:.4f} bits per character (model {found.model})")
    console.print("green: at most 1 bit · plain: 3 · yellow: 6 · red: more\n")
    for place in found.hardest(HARDEST).tolist():
        before = found.text[max(0, place - CONTEXT) : place]
        guesses = " ".join(f"{token!r} {chance:.0%}" for token, chance in expected(found, tokenizer, place, 4))
        came = f"{before[-CONTEXT:]!r} then {found.text[place]!r}"
        console.print(f"{found.surprisal[place]:5.1f} bits  {came}; expected {guesses}", soft_wrap=True, markup=False)
