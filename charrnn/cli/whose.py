"""charrnn whose: which of several models a text is likeliest from."""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import typer

from charrnn.cli.options import json_option, one_thread, options, write_json
from charrnn.cli.reading import file_or_text
from charrnn.config import CorpusConfig

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from charrnn.tools.authorship import Attribution, Reader


@options(CorpusConfig)
def whose(
    text: str = typer.Argument(
        ...,
        help="A text in quotes, a file or another name that `charrnn train` reads, or - for standard input.",
        metavar="TEXT|FILE|-",
    ),
    more: list[str] = typer.Argument(None, help="Models, at least two, as `--model` takes them.", metavar="MODEL..."),
    models: list[str] = typer.Option(None, "--models", help="May stand before them.", metavar="MODEL"),
    json: bool = json_option("a line for each model"),
    **given: object,
) -> None:
    """Tell which of several models a text is likeliest from, and by which passages.

    Example: charrnn whose carta.txt --models models/eca models/machado

    With models of one author each, it is a guess at whose text it is, if it is one of theirs.
    """
    from charrnn.errors import UserError
    from charrnn.storage import registry
    from charrnn.tools.authorship import attribute

    names = [*(models or []), *(more or [])]
    if len({*names}) < len(names):
        raise UserError("author-twice")
    given_text = file_or_text(text, CorpusConfig.picked(given))
    directories = {name: registry.find(name) for name in names}
    one_thread()
    found = attribute(given_text, {name: _reader(directory) for name, directory in directories.items()})
    rows = [
        Row(name, round(float(chance), 6), round(float(bits), 2), round(float(bits) / len(found.text), 4))
        for name, chance, bits in zip(found.models, found.probabilities(), found.bits, strict=True)
    ]
    if json:
        for number, row in enumerate(rows):
            write_json({**row._asdict(), "passages": _passages(found, number)})
        return
    for row in sorted(rows, key=lambda row: -row.probability):
        print(f"{row.probability:6.1%}  {row.bits_per_character:.4f} bits per character  {row.model}")
    print("These probabilities hold if the text is from one of the models; it need not be.")
    for number, name in enumerate(found.models):
        for one in _passages(found, number):
            print(f"\nfor {name}, {one['line']}:{one['column']}, {one['bits']} bits: {one['text']}")


class Row(NamedTuple):
    """The result for one model; the field names are those that `--json` writes."""

    model: str
    probability: float
    bits: float
    bits_per_character: float


def _reader(directory: Path) -> "Reader":
    """Return what reads a text by a model, which is in memory only meanwhile."""

    def read(text: str) -> "NDArray[np.float64]":
        from charrnn.cli.score import bar
        from charrnn.sampling import Sampler, engine_choice
        from charrnn.scoring.bits import costs
        from charrnn.storage import saved_model

        model, tokenizer = saved_model.read(directory)
        with bar(model.name) as progress:
            decoder = Sampler(model, tokenizer, engine_choice.choose()).decoder
            return costs(decoder, tokenizer, text, 1, progress).surprisal

    return read


def _passages(found: "Attribution", number: int) -> list[dict[str, object]]:
    """Return the fields that `--json` writes for the passages that speak most for a model."""
    from charrnn.tools.proofreading import place_of

    rows = []
    for one in found.testimonies(number):
        line, column = place_of(found.text, one.start)
        text = " ".join(found.text[one.start : one.stop].split())
        rows.append({"line": line, "column": column, "text": text, "bits": round(one.bits, 2)})
    return rows
