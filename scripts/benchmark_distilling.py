"""Measure what a network alone learns from a teacher, beside one that is trained directly for as long.

    CHARRNN_CORPORA=DIR python scripts/benchmark_distilling.py [--minutes 5] [--characters N] [--weights 0 0.5 …]
    … -- --dropout 0.2         options after -- go to `charrnn train`

DIR holds machado/train/*.txt and machado/valid/*.txt; each network is scored on the first 100,000 characters of the
latter, static. The teacher is `machado`, for its own training text; with --characters N, a model of the middle N
characters that starts from `romances`. Weight 0 trains directly; --written teaches on text that the teacher writes in a
quarter of the time. Minutes are those of one core (process time), so that runs compare on a busy machine.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from charrnn.corpus import read_files
from charrnn.storage import registry
from charrnn.training.distilling import written_by

CLEAN = "unwrap,quotes,dashes"  # as `machado` was trained
SCORED = 100_000  # characters of the validation novel
OF_ONE_CORE = "import time; time.perf_counter = time.process_time; from charrnn.cli import main; main()"


def charrnn(*arguments: object) -> str:
    command = [sys.executable, "-c", OF_ONE_CORE, *map(str, arguments)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--characters", type=int, default=0)
    parser.add_argument("--weights", type=float, nargs="*", default=[0, 0.5])
    parser.add_argument("--written", action="store_true")
    parser.add_argument("--out", type=Path, default=Path("runs/distilling"))
    parser.add_argument("options", nargs="*", help="for `charrnn train`, after --")
    arguments = parser.parse_args()
    if "CHARRNN_CORPORA" not in os.environ:
        parser.error("expected the directory of the corpora in CHARRNN_CORPORA, found nothing")
    corpora, out = Path(os.environ["CHARRNN_CORPORA"]) / "machado", arguments.out
    (valid,) = corpora.glob("valid/*.txt")
    texts, teacher = sorted(corpora.glob("train/*.txt")), registry.SHIPPED / "machado"
    out.mkdir(parents=True, exist_ok=True)
    if arguments.characters:
        whole = read_files(texts)
        middle = (len(whole) - arguments.characters) // 2
        texts, teacher = [out / "part.txt"], out / "teacher"
        texts[0].write_text(whole[middle:][: arguments.characters], encoding="utf-8")
        if not registry.is_model(teacher):
            train(texts, valid, teacher, "--from", "romances", "--minutes", 2)
    report("teacher", teacher, valid)
    ways = [(f"weight {weight:g}", texts, arguments.minutes, weight) for weight in arguments.weights]
    if arguments.written:
        began = time.process_time()
        written = out / "written.txt"
        written.write_text("\n".join(written_by(teacher, 15 * arguments.minutes)), encoding="utf-8")
        ways.append(("written", [written], arguments.minutes - (time.process_time() - began) / 60, 0.5))
    for name, learned, minutes, weight in ways:
        taught = ("--teacher", teacher, "--teacher-weight", weight) if weight else ()
        student = out / name.replace(" ", "-")
        train(
            learned, valid, student, "--counts", "none", "--from", "scratch", "--minutes", f"{minutes:.3f}", *taught,
            *arguments.options,
        )  # fmt: skip
        report(name, student, valid)


def train(texts: list[Path], valid: Path, out: Path, *options: object) -> None:
    given = ("--valid", valid, "--clean", CLEAN, "--threads", 1, "--evaluations", 4, "--out", out, "--overwrite")
    charrnn("train", *texts, *given, *options)


def report(name: str, model: Path, valid: Path) -> None:
    text = read_files([valid], fixes=CLEAN.split(","))[:SCORED]
    with tempfile.TemporaryDirectory() as folder:
        part = Path(folder, valid.name)
        part.write_text(text, encoding="utf-8")
        score = json.loads(charrnn("score", part, "--model", model, "--json"))
    shape = json.loads((model / "config.json").read_text(encoding="utf-8"))
    log = (model / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    steps = max(json.loads(line).get("step", 0) for line in log)
    print(
        f"{name}: {score['bits_per_character']:.4f} bits per character, {shape['layers']} × {shape['hidden']}, "
        f"{steps:,} steps",
        flush=True,
    )


if __name__ == "__main__":
    main()
