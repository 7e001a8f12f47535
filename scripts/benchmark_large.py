"""Measure quality and speed on a large text in two spellings: ELTeC-por, 36 MB, every tenth novel held out.

    CHARRNN_CORPORA=DIR python scripts/benchmark_large.py [--minutes 60] [--seed 1] [--out DIR] [--adapt]
    … --passes 1 --lanes 32 --clean quotes,dashes,spelling -- --hidden 768 --counts-size 30    as `romances` was trained
    … --clean quotes,dashes -- --hidden 768     repairs of all texts; options after -- go to `charrnn train`
    … --model romances --clean quotes,dashes    no training: only score this model

The works are those of `charrnn train eltec-por`. Held-out novels are scored one by one, and together by spelling: from
before the reforms of 1911 and 1943, or after, as `charrnn corpus check` finds. Modern novels are fewer. The works are
ordered so that each lane reads modern ones last: then the network, and the counts of so long a text, know modern
spelling best.

The shipped `romances` did not begin from scratch (its card tells), but with options: --from MODEL --lr 0.002. Then:
scripts/ship_model.py --counts-size 24.
"""

import argparse
import json
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

from charrnn import TrainConfig
from charrnn.corpus import open_works
from charrnn.corpus.doctor import examine_work
from charrnn.corpus.repairs import DEFAULT, repair

COLLECTION = "eltec-por"
EVERY = 10
LANES = 16
OLD, MODERN = "old spelling", "modern spelling"


def charrnn(*arguments: object) -> str:
    command = [sys.executable, "-m", "charrnn", *map(str, arguments)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout


class Novel(NamedTuple):
    """A novel, or a part of one."""

    name: str
    text: str


def spelling(work: object) -> str:
    found = {finding.name for finding in examine_work(work).findings}  # type: ignore[arg-type]
    return OLD if "spelling-1911" in found else MODERN


def lay_out(folder: Path, clean: list[str], lanes: int) -> dict[Path, str]:
    """Write the works into `folder`/train and /valid; return the spelling of those kept out."""
    kept: dict[Path, str] = {}
    for part in ("train", "valid"):
        shutil.rmtree(folder / part, ignore_errors=True)
        (folder / part).mkdir(parents=True)
    learned: dict[str, list[Novel]] = {OLD: [], MODERN: []}
    for number, work in enumerate(open_works([COLLECTION])):
        text, spelled = repair("".join(work.text()), [*DEFAULT, *clean])[0], spelling(work)
        if number % EVERY == EVERY // 2:
            path = folder / "valid" / f"{number:03d}.txt"
            path.write_text(text, encoding="utf-8")
            kept[path] = spelled
            print(f"kept out: {work.name}, {spelled}", flush=True)
        else:
            learned[spelled].append(Novel(work.name.rpartition(":")[2], text))
    write(in_order(*learned.values(), lanes), folder / "train")
    return kept


def write(novels: list[Novel], folder: Path) -> None:
    for number, (name, text) in enumerate(novels):
        (folder / f"{number:03d}-{name}.txt").write_text(text, encoding="utf-8")


def in_order(old: list[Novel], modern: list[Novel], lanes: int) -> list[Novel]:
    """The novels in equally long stretches, one for each lane, in each of which the modern ones come last."""
    stretches = zip(dealt(old, lanes), dealt(modern, lanes), strict=True)
    return [novel for ours, theirs in stretches for novel in (*ours, *theirs)]


def dealt(novels: list[Novel], lanes: int) -> list[list[Novel]]:
    """The novels in `lanes` stretches of equal length; those that reach beyond one are cut at the end of a line.

    So a novel may come in several parts, which are files, and works, of their own.
    """
    share = -(-sum(len(novel.text) for novel in novels) // lanes)
    stretches: list[list[Novel]] = [[] for _ in range(lanes)]
    read = 0
    for name, text in novels:
        begin = 0
        while begin < len(text):
            stretch = read // share
            full = begin + (stretch + 1) * share - read
            end = text.find("\n", full - 1) + 1 if full < len(text) else 0
            piece = text[begin : end or len(text)]
            stretches[stretch].append(Novel(name, piece))
            begin, read = begin + len(piece), read + len(piece)
    return stretches


def train(arguments: argparse.Namespace) -> Path:
    budget: tuple[object, ...] = ("--minutes", arguments.minutes)
    model: Path = arguments.out / f"model-{arguments.minutes:g}min"
    if arguments.passes:
        characters = sum(len(path.read_text(encoding="utf-8")) for path in (arguments.out / "train").glob("*.txt"))
        budget = ("--steps", arguments.passes * characters // (arguments.lanes * TrainConfig().window))
        model = arguments.out / "romances"
    charrnn(
        "train", arguments.out / "train", "--valid", arguments.out / "valid", "--from", "scratch",
        "--batch", arguments.lanes, *budget, "--seed", arguments.seed,
        "--out", model, "--overwrite", *arguments.options,
    )  # fmt: skip
    rows = [json.loads(line) for line in (model / "metrics.jsonl").read_text(encoding="utf-8").splitlines()]
    speeds = [row["chars_per_second"] for row in rows if "chars_per_second" in row]
    print(f"training: {speeds[-1] if speeds else 0:,.0f} characters/s")
    return model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--passes", type=int, help="over all novels, instead of --minutes")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--lanes", type=int, default=LANES)
    parser.add_argument("--out", type=Path, default=Path("runs/large"))
    parser.add_argument("--model", help="only score this one, which never saw the novels kept out")
    parser.add_argument("--adapt", action="store_true", help="score adaptively, too")
    parser.add_argument("--scored", type=int, help="characters of each novel, from its beginning; default: all")
    parser.add_argument("--clean", default="", help="repairs to make in all texts, comma-separated")
    parser.add_argument("options", nargs="*", help="for `charrnn train`, after --")
    arguments = parser.parse_args()
    clean = [name for name in arguments.clean.split(",") if name]
    kept = lay_out(arguments.out, clean, arguments.lanes)
    model = arguments.model or train(arguments)
    scored = arguments.out / "scored.txt"
    for kind, options in (("static", []), ("adaptive", ["--adapt"])) if arguments.adapt else (("static", []),):
        bits: dict[str, float] = defaultdict(float)
        sizes: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for path, spelled in kept.items():
            scored.write_text(path.read_text(encoding="utf-8")[: arguments.scored], encoding="utf-8")
            score = json.loads(charrnn("score", scored, "--model", model, "--json", *options))
            print(f"{path.name}: {score['bits_per_character']:.4f} {kind}, {spelled}", flush=True)
            for group in (spelled, "all"):
                bits[group] += score["bits_per_character"] * score["characters"]
                sizes[group][0] += score["characters"]
                sizes[group][1] += score["bytes"]
        for group, total in bits.items():
            characters, bytes_ = sizes[group]
            print(f"{group}: {total / characters:.4f} bits per character {kind}, {total / bytes_:.4f} per byte, "
                  f"{characters:,} characters")  # fmt: skip


if __name__ == "__main__":
    main()
