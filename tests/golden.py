"""Record what refactoring must not change, or compare with the record: weights, samples, scores and clean texts.

    python tests/golden.py --write FILE [--only weights,samples,scores,corpora]
    python tests/golden.py --check FILE [--only weights,samples,scores,corpora]

`--check` prints one line for each value that differs, and exits with 1 if any does. The script uses the command line,
the public names of the package and the files that commands write, and no internal module; everything runs in one
thread. Floating point depends on the processor and on the version of PyTorch, so record and check on the same machine.
Only the section `corpora` is the same everywhere; `tests/golden.json` holds it.
"""

import argparse
import hashlib
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nasty_texts

ROOT = Path(__file__).resolve().parent.parent
CORPORA = ROOT / "corpora"
STORIES = (CORPORA / "contos.txt").read_text(encoding="utf-8")
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
USER_SETTINGS = ("CHARRNN_MODEL", "CHARRNN_ENGINE", "CHARRNN_CORPORA")  # removed from the environment of commands

SHIPPED = ("machado", "romances", "machado-lstm")
ENGINES = ("eager", "f32", "int8")
CELLS = ("elman", "gru", "lstm")
SENTENCE = "— Capitu era Capitu — disse-lhe o Żądło, 1899.\n"  # Ż, ą, ł are in no vocabulary

TRAINING = 24_000  # characters of the training text; 60 steps read it more than twice
ADAPTIVE = 8_000  # characters scored adaptively, which is slow
NASTY = 9_000  # characters from which the nasty texts are made
SHOWN = 60  # characters stored beside the hash of a text, for people

Record = dict[str, Any]


def run(folder: Path, *arguments: object) -> str:
    """Run a charrnn command in `folder` and return its output. Raises CalledProcessError unless it exits with 0."""
    settings = {**ONE_THREAD, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "CHARRNN_CACHE": str(folder / ".cache")}
    environment = {name: value for name, value in os.environ.items() if name not in USER_SETTINGS} | settings
    command = [sys.executable, "-m", "charrnn", *map(str, arguments)]
    ended = subprocess.run(command, cwd=folder, env=environment, capture_output=True, encoding="utf-8")
    ended.check_returncode()
    return ended.stdout


def lines_of(output: str) -> list[str]:
    """Return the lines of a command's output. (`splitlines` would also cut at U+2028, which JSON strings may hold.)"""
    return output.removesuffix("\n").split("\n")


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


def shown(text: str) -> str:
    """Return the hash of a text and its beginning."""
    return f"{digest(text.encode())} {text[:SHOWN]}"


def rounded(value: Any, digits: int) -> Any:
    """Return a JSON value with all its numbers rounded."""
    if isinstance(value, dict):
        return {name: rounded(item, digits) for name, item in value.items()}
    if isinstance(value, list):
        return [rounded(item, digits) for item in value]
    return round(value, digits) if isinstance(value, float) and math.isfinite(value) else value


# Weights


def weights(folder: Path) -> Record:
    """Train a network of each kind for 60 steps, and fine-tune two shipped models for 30."""
    text = STORIES[:TRAINING]
    wrapped = "\n".join(nasty_texts.wrapped(text.split("\n"), 64))
    for name, content in {"text": text, "wrapped": wrapped, "other": STORIES[-TRAINING:]}.items():
        (folder / f"{name}.txt").write_text(content, encoding="utf-8", newline="")
    small = ["--hidden", 48, "--embed", 16, "--steps", 60, "--from", "scratch"]
    runs: dict[str, list[object]] = {
        f"{cell}, counts {counts}, members {members}": [
            "text.txt", *small, "--cell", cell, "--counts", counts, "--members", members,
        ]
        for cell in CELLS for counts in ("joined", "none") for members in (1, 2)
    }  # fmt: skip
    runs |= {
        "two layers": ["text.txt", *small, "--layers", 2, "--dropout", 0.2],
        "lines that end at a margin": ["wrapped.txt", *small],
        "two works": ["text.txt", "other.txt", *small, "--at-work-end", "reset", "--valid", "wrapped.txt"],
        "from machado-lstm": ["text.txt", "--from", "machado-lstm", "--steps", 30],
        "from machado": ["text.txt", "--from", "machado", "--steps", 30],
    }
    return {name: _trained(folder, name, options) for name, options in runs.items()}


def _trained(folder: Path, name: str, options: list[object]) -> Record:
    out = folder / name.replace(" ", "-")
    fixed = ["--threads", 1, "--seed", 1, "--device", "cpu", "--precision", "f32", "--evaluations", 1]
    evaluation, end = map(json.loads, lines_of(run(folder, "train", *options, *fixed, "--out", out, "--json")))
    files = {file.relative_to(out).as_posix(): tensors(file) for file in sorted(out.rglob("*.safetensors"))}
    return {
        "bits per character": round(end["bits_per_character"], 6),
        "sample": shown(evaluation["sample"]),
        "config.json": json.loads((out / "config.json").read_text(encoding="utf-8")),
        "tokenizer.json": digest((out / "tokenizer.json").read_bytes()),
        **files,
    }


def tensors(file: Path) -> Record:
    """Return two hashes of a safetensors file: one of names and values; one of values alone, which renaming keeps."""
    from safetensors import deserialize

    found = sorted(
        (name, f"{tensor['dtype']} {tensor['shape']} {digest(bytes(tensor['data']))}")
        for name, tensor in deserialize(file.read_bytes())
    )
    values = sorted(value for _, value in found)
    return {
        "tensors": len(found),
        "names and values": digest(repr(found).encode()),
        "values": digest(repr(values).encode()),
    }


# Samples


def samples(folder: Path) -> Record:
    """Sample 2,000 characters from each shipped model with each engine, and shorter texts with other options."""
    quatrains, stories = CORPORA / "quadras.txt", CORPORA / "contos.txt"
    runs: dict[str, list[object]] = {
        f"{model}, {engine}": ["--model", model, "--engine", engine, "--length", 2000]
        for model in SHIPPED for engine in ENGINES
    }  # fmt: skip
    filters = [
        "--top-k", 40, "--top-p", 0.95, "--min-p", 0.01, "--typical", 0.9, "--repetition-penalty", 1.1,
        "--no-repeat", 12, "--bias", "e=-0.5", "--stop", "xyz", "--temperature", 1.1, "--length", 600,
    ]  # fmt: skip
    form = [
        "--acrostic", "MAR", "--line-length", 36, "--without", "u", "--start", "Manhã", "--contain", "casa",
        "--most-copied", 12, "--training", stories, "--novelty", stories, "--length", 200,
    ]  # fmt: skip
    runs |= {f"filters, {engine}": [*filters, "--engine", engine] for engine in ("eager", "f32")}
    runs |= {
        "a stop text": ["--stop", ". ", "--engine", "f32"],
        "the likeliest": ["--temperature", 0, "--length", 300, "--end", "sentence", "--engine", "f32"],
        "three at once": ["--samples", 3, "--length", 200, "--model", "machado-lstm", "--engine", "f32"],
        "a form": [*form, "--engine", "f32"],
        "few characters": ["--only", "amor e\n", "--length", 200, "--model", "machado-lstm", "--engine", "eager"],
        "a blend": ["--blend", "romances:0.3", "--model", "machado-lstm", "--length", 300, "--engine", "f32"],
        "adapted": ["--adapt-on", quatrains, "--model", "machado-lstm", "--length", 300, "--engine", "eager"],
        "saved": ["--save-state", "state", "--length", 300, "--engine", "f32"],
        "continued": ["--load-state", "state", "--rewind", 50, "--length", 300],
        "continued with other settings": ["--load-state", "state", "--length", 300, "--seed", 8, "--engine", "int8"],
    }
    record = {}
    for name, options in runs.items():
        given = options if "--load-state" in options else [*options, "--seed", 7, "--prompt", "Naquela manhã "]
        record[name] = shown(run(folder, "sample", *given))
    return record


# Scores


def scores(folder: Path) -> Record:
    """Score the stories, statically and adaptively; inspect a sentence; use the public names of the package."""
    beginning = folder / "beginning.txt"
    beginning.write_text(STORIES[:ADAPTIVE], encoding="utf-8", newline="")
    record: Record = {}
    for model in SHIPPED:
        record[f"{model}, static"] = _scored(folder, CORPORA / "contos.txt", "--model", model)
        record[f"{model}, inspected"] = lines_of(run(folder, "inspect", SENTENCE, "--json", "--model", model))
        record[f"{model}, public names"] = _used(model)
    for model in ("machado", "machado-lstm"):
        record[f"{model}, adaptive"] = _scored(folder, beginning, "--model", model, "--adapt")
    return record


def _scored(folder: Path, *arguments: object) -> Any:
    return rounded(json.loads(run(folder, "score", *arguments, "--json")), 6)


def _used(name: str) -> Record:
    """Return what the example of docs/python.md computes, for SENTENCE."""
    import torch

    import charrnn

    torch.set_num_threads(1)
    model, tokenizer = charrnn.load(name)
    tokens = torch.tensor([tokenizer.encode(SENTENCE)])
    with torch.no_grad():
        logits, _ = model(tokens, model.initial_state(batch=1))
    config = charrnn.SampleConfig(length=80, temperature=0.7, seed=1)
    return {
        "tokens": tokens[0].tolist(),
        "logits": f"{list(logits.shape)} {digest(logits.numpy().tobytes())}",
        "text": "".join(charrnn.Sampler(model, tokenizer).stream("Era uma vez", config)),
        "bits per character": round(charrnn.score(model, tokenizer, SENTENCE).bits_per_character, 6),
    }


# Corpora


def corpora(folder: Path) -> Record:
    """Clean nasty texts, with the default repairs and with all, and examine them."""
    good = STORIES[:NASTY]
    readable, refused = nasty_texts.readable(good), nasty_texts.refused(good)
    for name, content in (readable | refused).items():
        (folder / name).write_bytes(content)
    record: Record = {}
    ways = [("as it is", list(readable), []), ("repaired", list(readable), ["--fix", "all"])]
    ways += [("as it is", [name], []) for name in refused]
    ways += [("with an option", [name], options) for name, options in nasty_texts.OPTIONS.items()]
    for way, names, options in ways:
        for name, cleaned in _cleaned(folder, names, options).items():
            record.setdefault(name, {})[way] = cleaned
    for line in _reports(folder, [*readable, *refused]):
        record.setdefault(line.pop("name"), {})["report"] = line
    return record


def _cleaned(folder: Path, names: list[str], options: list[str]) -> Record:
    """Return what `corpus clean` makes of each source, or "refused" if it exits with an error."""
    with tempfile.TemporaryDirectory(dir=folder) as out:
        try:
            run(folder, "corpus", "clean", *names, "--out", out, *options)
        except subprocess.CalledProcessError as error:
            return dict.fromkeys(names, f"refused, exit code {error.returncode}")
        files = json.loads(Path(out, "record.json").read_text(encoding="utf-8"))["files"]
        return {
            about["source"]: {
                "text": shown(Path(out, name).read_text(encoding="utf-8")),
                "file": name,
                "read as": f"{about['format']} in {about['encoding']}",
                "repairs": {name: count for name, count in about["repairs"].items() if count},
            }
            for name, about in files.items()
        }


def _reports(folder: Path, names: list[str]) -> Iterator[Record]:
    """Yield the report of `corpus check` on each file, without its prose and without baselines, which `scores` has."""
    try:
        lines = run(folder, "corpus", "check", *names, "--json")
    except subprocess.CalledProcessError as error:  # some files cannot be read
        lines = error.stdout
    for report in map(json.loads, lines_of(lines)):
        if "error" in report:
            yield {"name": report["name"], "refused": True}
            continue
        del report["baselines"]
        for finding in report["findings"]:
            del finding["sentence"]
            finding["examples"] = ["{line}:{column} {text} → {becomes}".format(**each) for each in finding["examples"]]
        report["alphabet"] = digest(json.dumps(report["alphabet"]).encode())
        yield rounded(report, 4)


# Recording and comparing

SECTIONS: dict[str, Callable[[Path], Record]] = {
    "corpora": corpora, "scores": scores, "samples": samples, "weights": weights,
}  # fmt: skip


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the path and the value of each leaf of a record."""
    if isinstance(value, dict | list) and value:
        for name, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(item, f"{path}/{name}" if path else str(name))
    else:
        yield path, value


def differences(before: Record, after: Record) -> Iterator[str]:
    """Yield one line for each leaf that differs."""
    old, new = dict(leaves(before)), dict(leaves(after))
    for path in dict.fromkeys([*old, *new]):
        was, now = (
            json.dumps(values[path], ensure_ascii=False) if path in values else "nothing" for values in (old, new)
        )
        if was != now:
            yield f"{path}: was {was}, is {now}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--write", type=Path, metavar="FILE", help="record the sections; FILE keeps its others")
    action.add_argument("--check", type=Path, metavar="FILE", help="compare the sections with FILE")
    parser.add_argument("--only", default=",".join(SECTIONS), help="sections, comma-separated; default: all")
    given = parser.parse_args()
    chosen = given.only.split(",")
    file: Path = given.write or given.check
    recorded: Record = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    if unknown := [name for name in chosen if name not in SECTIONS]:
        parser.error(f"--only must be some of {', '.join(SECTIONS)}; got {unknown[0]!r}")
    if missing := [name for name in chosen if given.check and name not in recorded]:
        parser.error(f"{file} has no section {missing[0]!r}; record it with --write {file} --only {missing[0]}")
    os.environ.update(ONE_THREAD)  # before this process imports torch
    sys.path.insert(0, str(ROOT))

    failed = False
    for name in chosen:
        began, worked = time.perf_counter(), sum(os.times()[:4])
        try:
            with tempfile.TemporaryDirectory() as folder:
                found = SECTIONS[name](Path(folder).resolve())
        except subprocess.CalledProcessError as error:
            command = " ".join(error.cmd[2:])
            print(f"{name}: `{command}` failed with {error.returncode}: {error.stderr.strip()}", file=sys.stderr)
            failed = True
            continue
        lines = list(differences({name: recorded[name]}, {name: found})) if given.check else []
        for line in lines:
            print(line, flush=True)
        failed = failed or bool(lines)
        recorded[name] = found
        result = f"{len(lines)} differ" if lines else "all equal" if given.check else "recorded"
        seconds, worked = time.perf_counter() - began, sum(os.times()[:4]) - worked
        size = len(list(leaves(found)))
        print(f"{name}: {size} values, {result}; {seconds:.0f} s ({worked:.0f} s CPU)", file=sys.stderr, flush=True)
    if given.write:
        file.write_text(json.dumps(recorded, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    sys.exit(failed)


if __name__ == "__main__":
    main()
