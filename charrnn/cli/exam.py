"""charrnn exam: what models know of Portuguese grammar."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import typer

from charrnn.cli.options import json_option, one_thread, write_json

if TYPE_CHECKING:
    from charrnn.scoring.grammar import ExamAnswer


def exam(
    models: list[str] = typer.Argument(
        None,
        help="Directories, names, `last`, FILE.charrnn or hf:USER/NAME; default: $CHARRNN_MODEL or the shipped one.",
        metavar="[MODEL...]",
    ),
    faults: bool = typer.Option(False, "--faults", help="Also list the pairs that a model got wrong."),
    json: bool = json_option("a line for each model"),
) -> None:
    """Examine models in Portuguese grammar: in how many pairs of sentences is the right one likelier to them?

    The sentences of a pair differ in one place. A coin is right in half of the pairs. The counts of a model are also
    examined alone, so that what the network adds is seen.
    """
    from charrnn.scoring import grammar

    one_thread()
    names: Sequence[str | None] = models or [None]
    found = dict(answer for name in names for answer in _answers(name))
    if json:
        for name, answers in found.items():
            missed = [[answer.pair.right, answer.pair.wrong] for answer in answers if not answer.is_right]
            write_json({"model": name, "right": grammar.marks(answers), "missed": missed})
        return
    table = {name: grammar.marks(answers) for name, answers in found.items()}
    for number, name in enumerate(table, 1):
        print(f"{number}  {name}")
    print(f"\n{'':12}" + "".join(f"{number:>7}" for number in range(1, len(table) + 1)) + "   coin")
    for category in next(iter(table.values())):
        print(f"{category:12}" + "".join(f"{right[category]:7.0%}" for right in table.values()) + "    50%")
    if faults:
        _print_faults(found)


def _answers(name: str | None) -> "Iterator[tuple[str, list[ExamAnswer]]]":
    """Yield what a model answers, and what its counts do, each with a name."""
    from charrnn.cli.score import bar
    from charrnn.sampling import Sampler, engine_choice
    from charrnn.scoring import grammar
    from charrnn.storage import registry, saved_model

    model, tokenizer = saved_model.read(registry.find(name))
    decoder = Sampler(model, tokenizer, engine_choice.choose()).decoder
    with bar(model.name) as progress:
        yield model.name, grammar.examine(decoder, tokenizer, progress)
    if model.config.counts == "joined":
        alone = grammar.CountsAlone(decoder, len(tokenizer.characters))
        with bar(shown := f"{model.name}, counts alone") as progress:
            yield shown, grammar.examine(alone, tokenizer, progress)


def _print_faults(found: "dict[str, list[ExamAnswer]]") -> None:
    for name, answers in found.items():
        print(f"\n{name} got wrong:")
        for answer in answers:
            if not answer.is_right:
                print(f"  {answer.pair.wrong}  (right: {answer.pair.right}  {answer.lead:+.1f} bits)")
