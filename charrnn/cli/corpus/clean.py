"""charrnn corpus clean: texts after named repairs, as UTF-8 files, with a record of what was done."""

import hashlib
import itertools
import json
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Any

import typer

from charrnn.cli.corpus.check import ENCODING, note
from charrnn.cli.outputs import output_folder
from charrnn.errors import UserError

if TYPE_CHECKING:
    from charrnn.corpus.documents import Document
    from charrnn.corpus.works import Work

RECORD = "record.json"
PLAIN = {".txt", ".text", ".md", ".markdown"}  # endings that a text keeps; any other becomes .txt


def _list(wanted: bool) -> None:
    if wanted:
        from charrnn.corpus.repairs import DEFAULT, REPAIRS

        for name, repair in REPAIRS.items():
            print(f"{name:13} {repair.help}{' (by default)' * (name in DEFAULT)}")
        raise typer.Exit


def clean(
    files: list[str] = typer.Argument(
        ..., help="Texts: files, folders, globs, archives, `-`, or names of `charrnn corpus list`.", metavar="FILE..."
    ),
    out: Path = typer.Option(..., "--out", "-o", help="Write the texts and record.json here.", metavar="DIR"),
    fix: list[str] = typer.Option(
        [],
        "--fix",
        help="Repairs beside the default ones, comma-separated (see --repairs); `all` for all.",
        metavar="LIST",
    ),
    unwrap: bool = typer.Option(False, "--unwrap", help="Join hard-wrapped lines: adds unwrap to the repairs."),
    encoding: str | None = ENCODING,
    overwrite: bool = typer.Option(False, "--overwrite", help="Replace texts that are in DIR already."),
    list_repairs: bool = typer.Option(
        False, "--repairs", callback=_list, is_eager=True, help="List the repairs, in the order they are made in."
    ),
) -> None:
    """Repair texts and write them as UTF-8, with a record of what changed. The sources stay as they are."""
    from charrnn.corpus.documents import files as files_of
    from charrnn.corpus.documents import unpack
    from charrnn.corpus.repairs import chosen
    from charrnn.corpus.works import works_in

    output_folder("--out", out)
    given = [name.strip() for names in fix for name in names.split(",") if name.strip()]
    repairs = chosen(["default", *given, *["unwrap"] * unwrap])
    sources = files_of(files, note)
    kept = {path.resolve() for _, path in sources}
    documents: Iterator[Document] = (document for shown, path in sources for document in unpack(shown, path, note))
    out.mkdir(parents=True, exist_ok=True)
    record = _read_record(out)
    taken: set[str] = {RECORD}
    try:
        for work in works_in(documents, encoding, note):
            target = out / _name(work, taken)
            if target.resolve() in kept:
                raise UserError("target-is-source", path=target)
            if target.exists() and not overwrite:
                raise UserError("target-exists", path=target)
            entry = _clean(work, target, repairs)
            record[target.name] = entry
            print(f"{target}: {_told(entry)}", flush=True)
    finally:  # also of what was done before an error
        _write_record(out, record)


def _clean(work: "Work", target: Path, repairs: tuple[str, ...]) -> dict[str, Any]:
    """Write a work, in bounded memory, and say what was done to it."""
    changes = Counter(dict.fromkeys(repairs, 0))
    changes["bom"] += work.encoding.bom  # decoding took it off
    before, after = hashlib.sha256(), hashlib.sha256()
    with work.document.open() as stream:
        while data := stream.read(2**20):
            before.update(data)
    characters = size = 0
    with _replacing(target) as file:
        for piece in work.text(repairs, changes):
            data = piece.encode("utf-8", "surrogatepass")
            file.write(data)
            after.update(data)
            characters += len(piece)
            size += len(data)
    return {
        "source": work.name,
        "format": work.format,
        "encoding": str(work.encoding),
        "before": {"sha256": before.hexdigest(), "bytes": work.bytes},
        "after": {"sha256": after.hexdigest(), "bytes": size, "characters": characters},
        "repairs": dict(changes),
    }


def _told(entry: dict[str, Any]) -> str:
    made = ", ".join(f"{name} {count:,}" for name, count in entry["repairs"].items() if count)
    return f"{entry['after']['characters']:,} characters; {made or 'nothing to repair'}"


def _name(work: "Work", taken: set[str]) -> str:
    """A safe file name, like the work's own, that is not `taken` yet, whatever the case; takes it."""
    *folders, last = PurePosixPath(work.name.replace("\\", "/")).parts or ("text",)
    stem, ending = os.path.splitext(re.sub(r"\.(?:gz|xz|bz2)$", "", last, flags=re.IGNORECASE))  # noqa: PTH122
    if ending.lower() not in PLAIN:
        ending = ".txt"
    firsts = [_safe(stem), *(_safe(f"{folder}-{stem}") for folder in folders[-1:])]
    stems = itertools.chain(firsts, (f"{firsts[0]}-{number}" for number in itertools.count(2)))
    name = next(name for name in (f"{stem}{ending}" for stem in stems) if name.casefold() not in taken)
    taken.add(name.casefold())
    return name


def _safe(stem: str) -> str:
    """Letters, digits, . _ and - only, which every file system can hold."""
    return re.sub(r"[^\w.-]+", "-", unicodedata.normalize("NFC", stem)).strip("-.")[:50] or "text"


def _read_record(out: Path) -> dict[str, Any]:
    """What was recorded before, but for texts that are gone."""
    try:
        entries = json.loads((out / RECORD).read_text(encoding="utf-8"))["files"]
        return {name: entry for name, entry in entries.items() if (out / name).exists()}
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UserError("not-a-record", path=out / RECORD) from None


def _write_record(out: Path, record: dict[str, Any]) -> None:
    with _replacing(out / RECORD) as file:
        file.write((json.dumps({"files": record}, ensure_ascii=False, indent=2) + "\n").encode())


@contextmanager
def _replacing(path: Path) -> Iterator[IO[bytes]]:
    """A file that takes its place under its name when it is complete, and else vanishes."""
    temporary = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        with temporary.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
