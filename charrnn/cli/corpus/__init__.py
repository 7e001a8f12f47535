"""charrnn corpus: examine texts before training, repair them, fetch public-domain works. Read `check.py` first."""

import typer

from charrnn.cli.corpus.check import check
from charrnn.cli.corpus.clean import clean
from charrnn.cli.corpus.fetch import fetch, list_works

cli = typer.Typer(
    help="Examine texts before training on them, repair them, fetch public-domain works.",
    no_args_is_help=True,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
cli.command("check")(check)
cli.command("clean")(clean)
cli.command("list")(list_works)
cli.command("fetch")(fetch)
