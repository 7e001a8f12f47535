"""charrnn proof: slips of the pen in a text, each with a correction."""

import typer

from charrnn.cli.options import MODEL, json_option, one_thread, options, write_json
from charrnn.cli.reading import file_or_text
from charrnn.config import CorpusConfig


@options(CorpusConfig)
def proof(
    text: str = typer.Argument(
        "-",
        help="A text in quotes, a file or another name that `charrnn train` reads, or - for standard input.",
        metavar="[TEXT|FILE|-]",
    ),
    model: str | None = MODEL,
    fix: bool = typer.Option(False, "--fix", help="Write the text with all corrections made instead."),
    json: bool = json_option("a line for each correction"),
    **given: object,
) -> None:
    """Find slips in a Portuguese text: words that surprise the model and that one small edit repairs.

    A line for each: line, column, the word, what is suggested, and the bits that it saves: the more, the surer.
    """
    from charrnn.errors import UserError

    if fix and json:
        raise UserError("fix-and-json")
    given_text = file_or_text(text, CorpusConfig.picked(given))
    if not given_text:
        raise UserError("no-characters", setting="text")
    from charrnn.storage import registry

    directory = registry.find(model)
    one_thread()
    from charrnn.cli.score import bar
    from charrnn.corpus import clean
    from charrnn.sampling import Sampler, engine_choice
    from charrnn.storage import saved_model
    from charrnn.tools.proofreading import Proofreader, corrected, place_of

    weights, tokenizer = saved_model.read(directory)
    reader = Proofreader(Sampler(weights, tokenizer, engine_choice.choose()).decoder, tokenizer)
    with bar("text" if text == "-" else text[:40]) as progress:
        corrections = reader.read(given_text, progress)
    whole = clean(given_text)
    if fix:
        print(corrected(whole, corrections), end="" if whole.endswith("\n") else "\n")
        return
    for one in corrections:
        line, column = place_of(whole, one.start)
        if json:
            facts = {"line": line, "column": column, "start": one.start, "stop": one.stop}
            write_json({**facts, "word": one.old, "suggestion": one.new, "kind": one.kind, "bits": round(one.bits, 1)})
        else:
            print(f"{line}:{column}: {one.old} → {one.new}  ({one.kind}, {one.bits:.0f} bits)")
