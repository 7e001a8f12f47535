"""Quality and speed on a large text in two spellings: ELTeC-por, 36 MB, every tenth novel kept out.

    CHARRNN_CORPORA=DIR python scripts/benchmark_large.py [--minutes 60] [--seed 1] [--out DIR] [--adapt]

The works are had as `charrnn train eltec-por` has them. The bits per character of the novels that were kept out are
told for each, and together by spelling: before the reforms of 1911 and 1943, or after, as `charrnn corpus check` tells.
"""

import argparse
import json
from collections import defaultdict
from pathlib import Path

from benchmark_quality import charrnn

from charrnn.corpus import open_works
from charrnn.corpus.doctor import examine_work

COLLECTION = "eltec-por"
EVERY = 10


def spelling(work: object) -> str:
    found = {finding.name for finding in examine_work(work).findings}  # type: ignore[arg-type]
    return "old spelling" if "spelling-1911" in found else "modern spelling"


def lay_out(folder: Path) -> dict[Path, str]:
    """Write the works into `folder`/train and /valid; the spelling of those kept out."""
    kept: dict[Path, str] = {}
    for part in ("train", "valid"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    for number, work in enumerate(open_works([COLLECTION])):
        held = number % EVERY == EVERY // 2
        path = folder / ("valid" if held else "train") / f"{number:03d}.txt"
        path.write_text("".join(work.text()), encoding="utf-8")
        if held:
            kept[path] = spelling(work)
            print(f"kept out: {work.name}, {kept[path]}", flush=True)
    return kept


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("runs/large"))
    parser.add_argument("--adapt", action="store_true", help="score adaptively, too")
    arguments = parser.parse_args()
    kept = lay_out(arguments.out)
    model = arguments.out / f"model-{arguments.minutes:g}min"
    charrnn(
        "train", arguments.out / "train", "--valid", arguments.out / "valid", "--minutes", arguments.minutes,
        "--seed", arguments.seed, "--out", model, "--overwrite",
    )  # fmt: skip
    rows = [json.loads(line) for line in (model / "metrics.jsonl").read_text(encoding="utf-8").splitlines()]
    speeds = [row["chars_per_second"] for row in rows if "chars_per_second" in row]
    print(f"training: {speeds[-1] if speeds else 0:,.0f} characters/s")
    for kind, options in (("static", []), ("adaptive", ["--adapt"])) if arguments.adapt else (("static", []),):
        bits: dict[str, float] = defaultdict(float)
        sizes: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for path, spelled in kept.items():
            score = json.loads(charrnn("score", path, "--model", model, "--json", *options))
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
