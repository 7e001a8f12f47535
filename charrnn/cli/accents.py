"""charrnn accents: accents put back into Portuguese that was typed without them."""

from typing import TYPE_CHECKING

import typer

from charrnn import paths
from charrnn.cli.options import json_option, one_thread, options, output, write_json
from charrnn.cli.reading import file_or_text
from charrnn.cli.terminal import note
from charrnn.config import CorpusConfig

if TYPE_CHECKING:
    from charrnn.tools.diacritics import Suggestion


@options(CorpusConfig)
def accents(
    text: str = typer.Argument(
        "-",
        help="A text in quotes, a file or another name that `charrnn train` reads, or - for standard input.",
        metavar="[TEXT|FILE|-]",
    ),
    check: bool = typer.Option(
        False, "--check", help="List where a text with accents probably has wrong ones, instead: line, column, word."
    ),
    model: str | None = typer.Option(
        None,
        "--model",
        "-m",
        help="Also let this model, such as machado, read words in doubt again: slower.",
        metavar="MODEL",
    ),
    show: bool = typer.Option(False, "--show", help="Mark each change with its probability: você{99%}."),
    html: str | None = typer.Option(None, "--html", help="Write a page with marked changes.", metavar="FILE"),
    json: bool = json_option("a line for each change"),
    **given: object,
) -> None:
    """Put accents back into Portuguese that was typed without them, and write the text.

    Nothing but accents and cedillas changes; those that the text has are kept. Addresses, names with @ or #, code and
    words with digits are left alone.
    """
    one_thread()
    page = output("html", html, "html") if html else None
    given_text = file_or_text(text, CorpusConfig.picked(given))
    found = suggestions(given_text, model, check=check)
    if page:
        from charrnn.html import suggestions as marked

        paths.write(page, marked.page(given_text, found, "pt", changed=not check).encode())
    elif json or check:
        report(given_text, found, json=json)
    else:
        print_text(given_text, found, show=show)


def suggestions(text: str, model: str | None, *, check: bool) -> "list[Suggestion]":
    """Return what `charrnn accents` suggests for a text. Raises UserError for a text without letters, or too long."""
    from charrnn.tools import diacritics

    if language := diacritics.other_language(text):
        note(f"the text seems to be in {language}: accents are those of Portuguese")
    suggest = diacritics.suspicious if check else diacritics.restored
    if model is None:
        return suggest(text)
    from charrnn.sampling import Sampler, engine_choice
    from charrnn.storage import registry, saved_model
    from charrnn.tools.reading_ahead import ReadingAhead

    weights, tokenizer = saved_model.read(registry.find(model))
    reader = ReadingAhead(Sampler(weights, tokenizer, engine_choice.choose()).decoder, tokenizer)
    return suggest(text, reread=reader.reread)


def print_text(text: str, found: "list[Suggestion]", *, show: bool) -> None:
    """Write a text with its suggestions. show: each with its probability."""
    from dataclasses import replace

    from charrnn.tools import diacritics

    forms = [replace(one, form=f"{one.form}{{{one.probability:.0%}}}") for one in found] if show else found
    changed = diacritics.applied(text, forms)
    print(changed, end="" if changed.endswith("\n") else "\n", flush=True)


def report(text: str, found: "list[Suggestion]", *, json: bool) -> None:
    """Write a line for each suggestion, with its place."""
    line, begin = 1, 0
    for one in found:
        line += text.count("\n", begin, one.start)
        begin = one.start
        column = one.start - text.rfind("\n", 0, one.start)
        if json:
            row = {"line": line, "column": column, "word": one.word, "form": one.form}
            write_json(row | {"probability": round(one.probability, 4)})
        else:
            print(f"{line}:{column}  {one.word} → {one.form}  {one.probability:.0%}", flush=True)
