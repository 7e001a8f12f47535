"""Train the shipped model `machado`: start from `romances`, and learn the prose of Machado de Assis.

    CHARRNN_CORPORA=DIR python scripts/train_machado.py [--minutes 60] [--out DIR] [-- --threads 2]
    … --alone MODEL -- --steps 11000     `machado-lstm`, from a network without counts that has read novels

It reads his crônicas, criticism, miscellany and translations, then the novels and tales of DIR/machado/train, but not
what other measurements need: `UNREAD`, and DIR/machado/valid, which is held out. Tables of contents are left out, lines
are joined to paragraphs, and quotes and dashes unified, so that generated text fits any page. Then:
scripts/ship_model.py --counts-size 23.5.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from charrnn.corpus import open_works

COLLECTIONS = ("machado-cronicas", "machado-critica", "machado-miscelanea", "machado-traducoes")
UNREAD = ("bonsDias", "oliverTwist")  # the accents are measured by these
CLEAN, LANES = "contents,unwrap,quotes,dashes", 32
RATE = 0.0014  # for 32 lanes: between the rates of a short text, which keeps most of what is known, and of a new model
RATE_ALONE = 0.003  # for a network that was stopped before its rate had fallen
SIZE = 27  # MB of counts; ship_model.py keeps 23.5, so that the shipped model stays below 20 MB


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--alone", type=Path, help="the network without counts to start from, instead of `romances`")
    parser.add_argument("--out", type=Path, default=Path("runs/machado"))
    parser.add_argument("options", nargs="*", help="for `charrnn train`, after --")
    arguments = parser.parse_args()
    if "CHARRNN_CORPORA" not in os.environ:
        parser.error("expected the directory of the corpora in CHARRNN_CORPORA, found nothing")
    corpora = Path(os.environ["CHARRNN_CORPORA"]) / "machado"
    others = [work.name for work in open_works(COLLECTIONS) if not work.name.endswith(UNREAD)]
    joined = ("--from", "romances", "--lr", RATE, "--counts-size", SIZE, "--minutes", arguments.minutes)
    alone = ("--from", arguments.alone, "--lr", RATE_ALONE, "--dropout", 0.1)
    command = (
        sys.executable, "-m", "charrnn", "train", *others, *sorted(corpora.glob("train/*.txt")),
        "--valid", *corpora.glob("valid/*.txt"), "--clean", CLEAN,
        "--batch", LANES, *(alone if arguments.alone else joined), "--out", arguments.out, "--overwrite",
        *arguments.options,
    )  # fmt: skip
    subprocess.run([str(part) for part in command], check=True)


if __name__ == "__main__":
    main()
