"""charrnn inspect: a text as a model sees it, character by character."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from charrnn import paths
from charrnn.cli.options import MODEL, json_option, one_thread, options, output, write_json
from charrnn.cli.reading import file_or_text
from charrnn.cli.terminal import note
from charrnn.config import CorpusConfig, ReportConfig

if TYPE_CHECKING:
    from charrnn.data.tokenizer import CharTokenizer
    from charrnn.scoring.bits import Costs

HARDEST = 20
SHADES = ((1, "green"), (3, "default"), (6, "yellow"), (float("inf"), "bold red"))  # up to so many bits
CONTEXT = 24  # characters shown before a hard place


@options(ReportConfig, CorpusConfig)
def inspect(
    text: str = typer.Argument(
        "-",
        help="A text in quotes, a file or another name that `charrnn train` reads, or - for standard input.",
        metavar="[TEXT|FILE|-]",
    ),
    model: str | None = MODEL,
    json: bool = json_option("a line for each character"),
    **given: object,
) -> None:
    """Show how much each character of a text surprises a model, and what it expected where it was most surprised.

    With --out, write a report for a lesson instead, which also shows what the model remembers.
    """
    from charrnn.errors import UserError
    from charrnn.storage import registry

    wanted = ReportConfig.picked(given)
    if wanted.out:
        output("out", wanted.out, "html", replaced=False)
    if wanted.out and json:
        raise UserError("page-and-json", setting="out")
    reading = CorpusConfig.picked(given)
    given_text = file_or_text(text, reading)
    if not given_text:
        raise UserError("no-characters", setting="text")
    directory = registry.find(model)
    if wanted.out:
        from charrnn.html.lesson import report
        from charrnn.storage.checkpoint import load

        network, tokenizer = load(model)
        page = report(network, tokenizer, given_text, "pt" if wanted.language == "pt" else "en")
        out = Path(wanted.out)
        (paths.write if out.is_file() else Path.write_bytes)(out, page.encode())
        note(f"{wanted.out}: {len(page.encode()) / 1e6:.1f} MB")
        return
    one_thread()
    from charrnn.sampling import Sampler, engine_choice
    from charrnn.scoring.bits import costs
    from charrnn.storage import saved_model

    weights, tokenizer = saved_model.read(directory)
    found = costs(Sampler(weights, tokenizer, engine_choice.choose()).decoder, tokenizer, given_text)
    if json:
        for row in rows(found, tokenizer):
            write_json(row)
        return
    show(found, tokenizer, weights.name)


def rows(found: "Costs", tokenizer: "CharTokenizer") -> list[dict[str, object]]:
    """Return the fields that `--json` writes for each character."""
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


def expected(found: "Costs", tokenizer: "CharTokenizer", place: int, count: int) -> list[tuple[str, float]]:
    """Return the likeliest tokens at a character's place, with their probabilities."""
    tokens, chances = found.tokens[place, :count], found.chances[place, :count]
    return [(tokenizer.token_text(int(t)), round(float(p), 4)) for t, p in zip(tokens, chances, strict=True)]


def show(found: "Costs", tokenizer: "CharTokenizer", model: str) -> None:
    """Print the text in colours, its score, and the characters that were hardest to predict."""
    from rich.text import Text

    from charrnn.cli.console import Console

    console, coloured = Console(stderr=False), Text()
    for character, bits in zip(found.text, found.surprisal.tolist(), strict=True):
        coloured.append(character, style=next(shade for most, shade in SHADES if bits <= most))
    if console.is_terminal:
        console.print(coloured)
    else:
        console.tell(found.text)
    console.tell(f"\n{found.surprisal.mean():.4f} bits per character (model {model})")
    console.tell("green: at most 1 bit · plain: 3 · yellow: 6 · red: more\n")
    for place in found.hardest(HARDEST):
        before = found.text[max(0, place - CONTEXT) : place]
        guesses = " ".join(f"{token!r} {chance:.0%}" for token, chance in expected(found, tokenizer, place, 4))
        came = f"{before[-CONTEXT:]!r} then {found.text[place]!r}"
        console.tell(f"{found.surprisal[place]:5.1f} bits  {came}; expected {guesses}")
