"""Compare a model's prose with a human's: known words, repetition, copying. Print samples, too, as Markdown for a card.

    python scripts/measure_prose.py MODEL --training FILE... --held-out FILE... [--clean unwrap,quotes,dashes]

For each temperature, TEXTS texts of LENGTH characters (seeds 1, 2, …) continue a few words. As many passages of the
held-out texts, evenly spaced, are compared with them. `--training` is the model's training text, with the same repairs.
"""

import argparse
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import charrnn
from charrnn import SampleConfig, Sampler
from charrnn.corpus import read_files
from charrnn.sampling.novelty import LEAST, novelty

TEMPERATURES = (0.5, 0.7, 0.9)
TEXTS, LENGTH = 10, 1000
PROMPT = "Naquela manhã"
RUN = 4  # words of a run that counts as repeated when it comes again in the same text
WORD = re.compile(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*")


def words(text: str) -> list[str]:
    return [word.lower() for word in WORD.findall(text)]


def repeated(text: str) -> float:
    """Return the share of runs of RUN words that occurred before."""
    found = words(text)
    runs = list(zip(*(found[start:] for start in range(RUN)), strict=False))
    return 1 - len(set(runs)) / max(1, len(runs))


def passages(text: str) -> Iterator[str]:
    """Yield TEXTS passages of LENGTH characters, evenly spaced, each from the beginning of a paragraph."""
    for number in range(TEXTS):
        start = text.find("\n", number * len(text) // TEXTS) + 1
        yield text[start : start + LENGTH].strip()


def row(name: str, texts: Sequence[str], known: frozenset[str], training: str) -> str:
    found = [word for text in texts for word in words(text)]
    share = sum(word in known for word in found) / len(found)
    copies = [novelty(text, [("training", training)]) for text in texts]
    longest = max((len(match.text) for copy in copies for match in copy.matches), default=0)
    copied = sum(copy.copied for copy in copies) / sum(copy.characters for copy in copies)
    again = sum(map(repeated, texts)) / len(texts)
    return f"| {name} | {share:.1%} | {again:.1%} | {copied:.0%} | {longest} |"


def quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.strip().splitlines())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("--training", nargs="+", type=Path, required=True)
    parser.add_argument("--held-out", nargs="+", type=Path, required=True)
    parser.add_argument("--clean", default="", help="repairs to make in all texts, comma-separated")
    arguments = parser.parse_args()
    fixes = [name for name in arguments.clean.split(",") if name]
    training, held_out = (read_files(names, fixes=fixes) for names in (arguments.training, arguments.held_out))
    sampler, known = Sampler(*charrnn.load(arguments.model)), frozenset(words(training))

    rows, samples = [], []
    for temperature in TEMPERATURES:
        config = SampleConfig(length=LENGTH, temperature=temperature, seed=1)
        texts = sampler.generate_together(PROMPT, config, range(1, TEXTS + 1))
        rows.append(row(f"temperature {temperature:g}", texts, known, training))
        samples.append(f"Temperature {temperature:g}, seed 1:\n\n{quoted(PROMPT + texts[0])}\n")
    rows.append(row("held-out human text", list(passages(held_out)), known, training))

    print("## Its prose\n")
    print(f"{TEXTS} texts of {LENGTH:,} characters each, after “{PROMPT}”; the last row: passages of held-out text.\n")
    print(f"| | words known from training | runs of {RUN} words that come again | copied, in runs of at least {LEAST} "
          "characters | longest copy, characters |")  # fmt: skip
    print("| --- | --- | --- | --- | --- |", *rows, "", *samples, sep="\n")


if __name__ == "__main__":
    main()
