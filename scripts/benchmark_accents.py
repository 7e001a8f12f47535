"""Measure how many words get their accents back, beside the most frequent form of each word.

    python scripts/benchmark_accents.py NAME... [--rounds 5] [--model machado-lstm]

The arguments are names of `charrnn corpus list`, files, folders or archives; `archive.tar.xz:part` takes the works of
an archive whose names have this part. Each text loses its accents first. Printed: words; the share that is right; that
of the baseline, which takes the most frequent form that the lexicon has; the share of the baseline's errors that are
gone; right and baseline among the words of several forms; characters per second (median). Words are compared in today's
spelling (idéia = ideia) and, in brackets, as they are printed. --model: a second reading of words in doubt.
"""

import argparse
import re
import statistics
import time
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from train_accents import today

from charrnn import corpus
from charrnn.corpus.accent_model import bare, shipped
from charrnn.sampling import Sampler, engine_choice
from charrnn.storage import registry, saved_model
from charrnn.tools import diacritics
from charrnn.tools.reading_ahead import ReadingAhead

WORD = re.compile(r"[^\W\d_]+")


def texts(names: list[str]) -> Iterator[tuple[str, str]]:
    for name in names:
        archive, _, part = name.partition(".xz:")
        for work in corpus.open_works([f"{archive}.xz" if part else name]):
            if part in work.name:
                yield Path(work.name).stem, unicodedata.normalize("NFC", "".join(work.text()))


def compare(text: str, rounds: int, reread: diacritics.Reread | None) -> tuple[list[str], Counter[tuple[str, str]]]:
    """Return a line of the table, and the errors: what is right, and what came."""
    typed, times = "".join(map(bare, text)), []
    for _ in range(rounds):
        began = time.perf_counter()
        found = diacritics.restored(typed, reread=reread)
        times.append(time.perf_counter() - began)
    model = shipped()
    lexicon = model.lexicon
    printed = [word.lower() for word in WORD.findall(text)]
    came = [word.lower() for word in WORD.findall(diacritics.applied(typed, found))]
    usual = [lexicon.get(one, [model.by_ending(one)])[0] for one in map(bare, printed)]
    right = [today(one) == today(other) for one, other in zip(printed, came, strict=True)]
    usual_right = [today(one) == today(other) for one, other in zip(printed, usual, strict=True)]
    several = [place for place, word in enumerate(printed) if len(lexicon.get(bare(word), ())) > 1]
    exact = sum(map(str.__eq__, printed, came)) / len(printed)
    row = [
        f"{len(printed):,}", f"{sum(right) / len(right):.2%} ({exact:.2%})", f"{sum(usual_right) / len(right):.2%}",
        f"{1 - right.count(False) / usual_right.count(False):.0%}",
        f"{sum(right[place] for place in several) / len(several):.2%}",
        f"{sum(usual_right[place] for place in several) / len(several):.2%}",
        f"{len(text) / statistics.median(times):,.0f}",
    ]  # fmt: skip
    return row, Counter(
        pair for pair, is_right in zip(zip(printed, came, strict=True), right, strict=True) if not is_right
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="+")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--errors", type=int, default=0, help="list so many of the most frequent errors")
    parser.add_argument("--model")
    arguments = parser.parse_args()
    reread = None
    if arguments.model:
        weights, tokenizer = saved_model.read(registry.find(arguments.model))
        reread = ReadingAhead(Sampler(weights, tokenizer, engine_choice.choose()).decoder, tokenizer).reread
    diacritics.restored("A irma nao esta.")  # reads the model
    print("| text | words | right | baseline | errors gone | of several forms | baseline | characters/s |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for name, text in texts(arguments.names):
        row, errors = compare(text, arguments.rounds, reread)
        print("|", " | ".join([name, *row]), "|", flush=True)
        for (right, came), count in errors.most_common(arguments.errors):
            print(f"    {count} × {came} for {right}")


if __name__ == "__main__":
    main()
