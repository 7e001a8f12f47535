"""Give charrnn damaged and hostile model files and saved states, and see that it refuses them in one line or works.

    python scripts/fuzz_models.py --mutations 20000 [--first 0] [--keep FOLDER]

A small model is trained, packed and sampled from; then each mutation changes one of its files (bits, bytes, numbers,
shapes, keys, kinds of file) and a worker process loads it, draws from it and scores with it, as a user would. It is a
fault if the worker dies (a crash), needs over 5 s (a hang), raises anything but UserError (a traceback), gives a score
that is not finite, or needs over 1 GB more than before. A mutation is determined by its number: `--first N --mutations
1` repeats one. Ends with exit code 1 if there was a fault.
"""

import argparse
import contextlib
import gzip
import json
import os
import random
import resource
import selectors
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
from safetensors import numpy as safe
from safetensors import safe_open

TEXT = Path(__file__).parent.parent / "corpora" / "quadras.txt"
LONGEST = 5.0  # seconds for one mutation
SLOW = f"fault: over {LONGEST:.0f} s"
STARTING = 300.0  # seconds for a worker to begin: it may have to compile
MOST_MEMORY = 2**30  # bytes above what an unchanged model needs
STATE = "saved.state"  # beside the files of a model
JSON = ("config.json", "tokenizer.json", "generation_config.json", "tokenizer_config.json")
TENSORS = ("model.safetensors", "counts.safetensors", "passages.safetensors", "training/state.safetensors", STATE)
LINES = ("metrics.jsonl", "training/progress.jsonl", "README.md")
EXTREMES = (0, 1, -1, 2, 127, 128, 255, 256, 2**15, 2**16, 2**31 - 1, -(2**31), 2**32, 2**62, 10**9, 1e30, -1e30)
HOSTILE = (
    None, True, False, 0, -1, 0.5, 10**9, 2**63, 10**400, 1e308, float("nan"), float("inf"), "", "x", "é" * 1000,
    "\ud800", "\x00", [], {}, [[]], [None] * 3, {"a": {"b": 1}}, "../../etc/passwd", ["x"] * 10_000,
)  # fmt: skip


# What is changed


def mutate(folder: Path, random_: random.Random) -> str:
    """Change one file of a model; return what was done."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    path = random_.choices(files, [_weight(str(path.relative_to(folder))) for path in files])[0]
    name = str(path.relative_to(folder))
    ways: list[Callable[[Path, random.Random], str]] = [_bytes, _bytes, _kind]
    if name in JSON:
        ways += [_json] * 8
    if name in TENSORS:
        ways += [_tensors] * 12
    if name in LINES:
        ways += [_lines] * 5
    if name.endswith(".gz"):
        ways += [_packed] * 8
    return f"{name}: {random_.choice(ways)(path, random_)}"


def _weight(name: str) -> int:
    """How often a file is chosen, against others: those most that are read first or reach compiled loops."""
    return (
        6 if name.startswith("counts") or name in (STATE, "config.json", "tokenizer.json", "model.safetensors") else 1
    )


def _bytes(path: Path, random_: random.Random) -> str:
    data = bytearray(path.read_bytes())
    way = random_.choice(("flip", "cut", "grow", "zero", "copy", "empty", "head"))
    at, size = random_.randrange(len(data) or 1), random_.choice((1, 2, 8, 64, 1000))
    if way == "flip":
        for _ in range(size):
            if data:
                data[random_.randrange(len(data))] ^= 1 << random_.randrange(8)
    elif way == "cut":
        del data[at:]
    elif way == "grow":
        data[at:at] = random_.randbytes(size)
    elif way == "zero":
        data[at : at + size] = bytes(min(size, len(data) - at))
    elif way == "copy":
        data[at : at + size] = data[:size]
    elif way == "empty":
        data.clear()
    else:  # the header's length, or a first brace
        data[:8] = random_.choice((b"\xff" * 8, bytes(8), (2**40).to_bytes(8, "little"), b"[" * 8))
    path.write_bytes(data)
    return f"bytes {way} {at} {size}"


def _kind(path: Path, random_: random.Random) -> str:
    way = random_.choice(("missing", "folder", "fifo", "device", "loop", "null"))
    path.unlink()
    if way == "folder":
        path.mkdir()
    elif way == "fifo":
        os.mkfifo(path)
    elif way == "device":
        path.symlink_to("/dev/zero")
    elif way == "null":
        path.symlink_to("/dev/null")
    elif way == "loop":
        path.symlink_to(path)
    return f"kind {way}"


def _json(path: Path, random_: random.Random) -> str:
    values = json.loads(path.read_text(encoding="utf-8"))
    if random_.random() < 0.08:
        deep = random_.choice((2_000, 200_000))
        path.write_text("[" * deep + "]" * random_.choice((0, deep)), encoding="utf-8")
        return f"json {deep} deep"
    place, key, trail = values, None, ""
    while isinstance(place, dict | list) and place:
        holder, key = place, random_.choice(list(place) if isinstance(place, dict) else range(len(place)))
        trail += f".{key}"
        place = holder[key]
        if random_.random() < 0.3:
            break
    way = random_.choice(("value", "value", "value", "remove", "number", "key"))
    if key is None:
        values = random_.choice(HOSTILE)
    elif way == "remove":
        del holder[key]
    elif way == "number" and isinstance(place, int | float):
        holder[key] = random_.choice((place * 2, place + 1, -place, place * 1000, place - 1, float(place), str(place)))
    elif way == "key" and isinstance(holder, dict):
        holder[random_.choice(("x", "", "__class__", f"{key}x", "\ud800"))] = holder.pop(key)
    else:
        holder[key] = random_.choice(HOSTILE)
    text = json.dumps(values)
    path.write_text(text, encoding="utf-8")
    _sign(path.parent, random_)
    return f"json {way} {trail} -> {text[:0]}{str(holder.get(key) if isinstance(holder, dict) else '')[:40]!r}"


def _sign(folder: Path, random_: random.Random) -> None:
    """Most often, make the hash in config.json that of the tokenizer as it is now: an attacker can."""
    config = folder / "config.json"
    with contextlib.suppress(Exception):
        from charrnn.data.tokenizer import CharTokenizer

        values = json.loads(config.read_text(encoding="utf-8"))
        digest = CharTokenizer.from_file(folder / "tokenizer.json").sha256
        if values["tokenizer_sha256"] != digest and random_.random() < 0.9:
            config.write_text(json.dumps({**values, "tokenizer_sha256": digest}), encoding="utf-8")


def _tensors(path: Path, random_: random.Random) -> str:
    with safe_open(path, framework="numpy") as file:
        metadata = file.metadata()
    arrays, done = _changed(safe.load_file(path), random_)
    if metadata and random_.random() < 0.15:
        name = random_.choice(list(metadata))
        inner = path.with_suffix(".inner")
        try:
            json.loads(metadata[name])
            inner.write_text(metadata[name], encoding="utf-8")
            done += f"; metadata {_json(inner, random_)}"
            metadata[name] = inner.read_text(encoding="utf-8")
        except ValueError:
            metadata[name] = random_.choice(("", "x", "[" * 100_000, "9" * 5000))
        inner.unlink(missing_ok=True)
    safe.save_file(arrays, path, metadata)
    return done


def _packed(path: Path, random_: random.Random) -> str:
    if random_.random() < 0.05:
        path.write_bytes(gzip.compress(bytes(random_.choice((10**6, 10**9))), 1))
        return "gz of zeros"
    arrays, done = _changed(safe.load(gzip.decompress(path.read_bytes())), random_)
    path.write_bytes(gzip.compress(safe.save(arrays), 1))
    return f"gz {done}"


def _changed(arrays: dict[str, np.ndarray], random_: random.Random) -> tuple[dict[str, np.ndarray], str]:
    """Arrays of which one has other numbers, another shape or kind, or another name."""
    name = random_.choice(sorted(arrays))
    array = arrays[name].copy()
    way = random_.choice(
        ("one", "one", "one", "some", "some", "noise", "fill", "nan", "dtype", "shape", "longer", "shorter", "drop",
         "rename", "add", "shuffle", "scalar")
    )  # fmt: skip
    flat = array.reshape(-1)
    with np.errstate(all="ignore"):
        if way in ("one", "some") and flat.size:
            for _ in range(1 if way == "one" else random_.randrange(1, 50)):
                at, value = random_.randrange(flat.size), random_.choice(EXTREMES)
                flat[at] = np.asarray(flat[at] + value if random_.random() < 0.3 else value).astype(array.dtype)
        elif way == "noise":
            array = np.frombuffer(random_.randbytes(array.nbytes), dtype=array.dtype).reshape(array.shape)
        elif way == "fill":
            array[...] = np.asarray(random_.choice(EXTREMES)).astype(array.dtype)
        elif way == "nan" and array.dtype.kind == "f" and flat.size:
            flat[random_.randrange(flat.size)] = random_.choice((np.nan, np.inf, -np.inf))
        elif way == "dtype":
            kinds = ("i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8", "?")
            array = array.astype(random_.choice(kinds))
        elif way == "shape":
            array = random_.choice((flat, array[None], array.T, flat[: flat.size // 2]))
        elif way == "longer":
            array = np.concatenate([array, array]) if array.ndim else array
        elif way == "shorter":
            array = array[:-1] if array.ndim else array
        elif way == "shuffle" and flat.size:
            array = np.random.default_rng(random_.randrange(2**32)).permutation(array) if array.ndim else array
        elif way == "scalar":
            array = np.asarray(flat[0] if flat.size else 0)
    rest = {key: value for key, value in arrays.items() if key != name}
    if way == "rename":
        rest[f"{name}x"] = array
    elif way == "add":
        rest = {**arrays, "more": array}
    elif way != "drop":
        rest[name] = np.ascontiguousarray(array)
    return rest, f"array {name} {way}"


def _lines(path: Path, random_: random.Random) -> str:
    lines = path.read_bytes().splitlines(keepends=True)
    at = random_.randrange(len(lines) or 1)
    torn = lines[at] if lines else b""
    wrong = b'{"step":"x","date":"x","final_bpc":"abc"}\n'
    other = random_.choice(
        (torn[: len(torn) // 2], b"\xff\xc3\n", b"{}\n", b"null\n", b"[]\n", b"}{\n", b"\x00\n", wrong,
         torn.rstrip() + torn, b"[" * 10**5)
    )  # fmt: skip
    lines[at : at + 1] = [other]
    path.write_bytes(b"".join(lines))
    return f"line {at} {other[:40]!r}"


# What is done with it


def use(folder: Path, engine: str) -> None:
    """Load a model, draw from it, score with it, list it, continue its saved text and read its log."""
    import charrnn
    from charrnn.sampling import session_file
    from charrnn.storage import registry, run_log

    run_log.read(folder)
    registry.models(folder.parent)
    registry.card(folder)
    if not (folder / STATE).exists():  # it was what was changed
        raise charrnn.UserError("system-refused", name=STATE, cause="gone")
    session = session_file.load(folder / STATE)
    model, tokenizer = charrnn.load(folder)
    sampler = charrnn.Sampler(model, tokenizer, engine)
    session_file.check_states(session, sampler)
    "".join(step.text for step in session.steps(sampler))
    sampler.generate("Era uma vez", charrnn.SampleConfig(length=40, seed=1))
    found = charrnn.score(model, tokenizer, "Era uma vez um gato que sabia ler. " * 6)
    if not np.isfinite(found.bits_per_character):
        raise ValueError(f"a score of {found.bits_per_character}")
    charrnn.load(folder, weights="last")


def work(base: Path) -> None:
    """Answer each number read from standard input with a line of JSON: what was done, how it ended."""
    import charrnn

    for engine in ("eager", "f32", "int8"):
        use(base, engine)
    usual = _memory()
    print(json.dumps({"ready": usual}), flush=True)
    for line in sys.stdin:
        random_ = random.Random(int(line))
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place) / "model"
            shutil.copytree(base, folder)
            counts = folder / random_.choice(("counts.safetensors", "counts.safetensors.gz"))
            counts.unlink()
            done, ended = "", "works"
            try:
                done = mutate(folder, random_)
            except Exception as error:  # the mutation itself cannot be
                ended = f"skipped: {error!r}"
            if ended == "works":
                print(json.dumps({"done": done}), flush=True)
                try:
                    use(folder, random_.choice(("eager", "f32", "int8")))
                except charrnn.UserError as error:
                    ended = "refused" if "\n" not in str(error) else f"fault: {error!r}"
                except Exception:
                    ended = f"fault: {traceback.format_exc(limit=-4)}"
            if _memory() > usual + MOST_MEMORY:
                ended, usual = f"fault: {(_memory() - usual) >> 20} MB more", _memory()
        print(json.dumps({"done": done, "ended": ended}), flush=True)


def _memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


# The parent


class Worker:
    """A process that tries mutations; a new one is begun when one has died."""

    def __init__(self, base: Path) -> None:
        self.base, self.process, self.selector = base, None, selectors.DefaultSelector()

    def begin(self) -> None:
        command = [sys.executable, __file__, "--work", str(self.base)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, bufsize=1
        )
        self.selector.register(self.process.stdout, selectors.EVENT_READ)
        assert "ready" in (self.answer(STARTING) or {}), "an unchanged model does not work"

    def answer(self, seconds: float) -> dict[str, str] | None:
        """The next line; None if the worker died. Raises TimeoutError."""
        if not self.selector.select(seconds):
            raise TimeoutError
        line = self.process.stdout.readline()
        return json.loads(line) if line else None

    def end(self) -> None:
        if self.process is not None:
            self.selector.unregister(self.process.stdout)
            self.process.kill()
            self.process.wait()
            self.process = None

    def attempt(self, number: int) -> tuple[str, str]:
        """Return what mutation `number` did and how it ended."""
        if self.process is None:
            self.begin()
        done, until = "", time.monotonic() + LONGEST + 5
        try:
            self.process.stdin.write(f"{number}\n")
            while (found := self.answer(until - time.monotonic())) is not None:
                done, until = found["done"], time.monotonic() + LONGEST
                if "ended" in found:
                    return done, found["ended"]
            ended = f"fault: the worker died with {self.process.wait()}"
        except TimeoutError:
            ended = SLOW
        self.end()
        return done, ended


def base_model(folder: Path) -> Path:
    """Train, pack and sample from a small model; return its directory."""
    directory = folder / "base"
    charrnn_ = [sys.executable, "-m", "charrnn"]
    shape = ["--hidden", "24", "--embed", "8", "--layers", "1", "--batch", "4", "--window", "16", "--threads", "1"]
    train = ["train", str(TEXT), "--from", "scratch", "--steps", "30", "--out", str(directory), *shape]
    subprocess.run([*charrnn_, *train], check=True, capture_output=True)
    sample = ["sample", "--model", str(directory), "--length", "60", "--seed", "1", "--engine", "eager"]
    subprocess.run([*charrnn_, *sample, "--save-state", str(directory / STATE)], check=True, capture_output=True)
    packed = gzip.compress((directory / "counts.safetensors").read_bytes(), 1)
    (directory / "counts.safetensors.gz").write_bytes(packed)
    return directory


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mutations", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0, help="number of the first mutation")
    parser.add_argument("--keep", type=Path, help="folder for the base model, made once and used again")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after this time")
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.work:
        work(given.work)
        return 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.keep or Path(temporary)
        base = folder / "base" if (folder / "base" / STATE).exists() else base_model(folder)
        worker, ended_so, began = Worker(base), Counter[str](), time.monotonic()
        for number in range(given.first, given.first + given.mutations):
            done, ended = worker.attempt(number)
            if ended == SLOW:  # perhaps by other programs: a hang is one again
                done, ended = worker.attempt(number)
            kind, _, detail = ended.partition(": ")
            ended_so[kind] += 1
            if kind == "fault":
                print(f"{number} {done}\n    {detail.rstrip()}", flush=True)
            if time.monotonic() - began > given.seconds:
                break
        worker.end()
    print(f"{ended_so.total():,} mutations in {time.monotonic() - began:.0f} s: {dict(ended_so)}")
    return int(ended_so["fault"] > 0)


if __name__ == "__main__":
    sys.exit(main())
