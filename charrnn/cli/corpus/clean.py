"""charrnn corpus clean: repair texts and write them as UTF-8 files, with a record of the changes."""

import hashlib
import itertools
import json
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Annotated

import typer

from charrnn import paths
from charrnn.cli.corpus.check import ENCODING
from charrnn.cli.options import output_folder
from charrnn.cli.terminal import note
from charrnn.errors import UserError

if TYPE_CHECKING:
    from charrnn.corpus.documents import Document
    from charrnn.corpus.works import Work

Record = dict[str, dict[str, object]]  # of each text that was written, by the name of its file

RECORD = "record.json"
PLAIN = {".txt", ".text", ".md", ".markdown"}  # endings that a text keeps; any other becomes .txt


def _list(*, wanted: bool) -> None:
    if wanted:
        from charrnn.corpus.repairs import DEFAULT, REPAIRS

        for name, repair in REPAIRS.items():
            print(f"{name:13} {repair.help[1]}{' (by default)' * (name in DEFAULT)}")
        raise typer.Exit


def clean(
    files: list[str] = typer.Argument(
        ..., help="Texts: files, folders, globs, archives, `-`, or names of `charrnn corpus list`.", metavar="FILE..."
    ),
    out: Path = typer.Option(..., "--out", "-o", help="Write the texts and record.json here.", metavar="DIR"),
    fix: list[str] = typer.Option(
        [],
        "--fix",
        help="Add these repairs to the default ones, comma-separated (see --repairs); `all` for all.",
        metavar="LIST",
    ),
    encoding: str | None = ENCODING,
    *,
    unwrap: Annotated[
        bool, typer.Option("--unwrap", help="Join hard-wrapped lines: adds unwrap to the repairs.")
    ] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace texts that are already in DIR.")] = False,
    list_repairs: Annotated[
        bool,
        typer.Option(
            "--repairs",
            callback=_list,
            is_eager=True,
            help="List the repairs, in the order in which they run.",
        ),
    ] = False,
) -> None:
    """Repair texts and write them as UTF-8, with a record of the changes. The sources stay as they are."""
    from charrnn.corpus.archives import unpack
    from charrnn.corpus.documents import files as files_of
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
            _clean(work, target, repairs, record)
    finally:  # also after an error, for the texts before it
        if record:
            _write_record(out, _read_record(out) | record)  # another process may have written here meanwhile


def _clean(work: "Work", target: Path, repairs: tuple[str, ...], record: Record) -> None:
    """Write a work, in bounded memory; record and print what changed."""
    changes = Counter(dict.fromkeys(repairs, 0))
    changes["bom"] += work.encoding.bom  # decoding took it off
    before, after = hashlib.sha256(), hashlib.sha256()
    with work.document.open() as stream:
        while data := stream.read(2**20):
            before.update(data)
    characters = size = 0
    with paths.replacing(target) as file:
        for piece in work.text(repairs, changes):
            data = piece.encode("utf-8", "surrogatepass")
            file.write(data)
            after.update(data)
            characters += len(piece)
            size += len(data)
    record[target.name] = {
        "source": work.name,
        "format": work.format,
        "encoding": str(work.encoding),
        "before": {"sha256": before.hexdigest(), "bytes": work.bytes},
        "after": {"sha256": after.hexdigest(), "bytes": size, "characters": characters},
        "repairs": dict(changes),
    }
    made = ", ".join(f"{name} {count:,}" for name, count in changes.items() if count)
    print(f"{target}: {characters:,} characters; {made or 'nothing to repair'}", flush=True)


def _name(work: "Work", taken: set[str]) -> str:
    """Return a safe file name, like the work's own, that is not in `taken`, whatever the case; add it there."""
    *folders, last = PurePosixPath(work.name.replace("\\", "/")).parts or ("text",)
    stem, ending = os.path.splitext(re.sub(r"\.(?:gz|xz|bz2)$", "", last, flags=re.IGNORECASE))  # noqa: PTH122
    if ending.lower() not in PLAIN:
        ending = ".txt"
    stem = work.document.number + stem
    firsts = [_safe(stem), *(_safe(f"{folder}-{stem}") for folder in folders[-1:])]
    stems = itertools.chain(firsts, (f"{firsts[0]}-{number}" for number in itertools.count(2)))
    name = next(name for name in (f"{stem}{ending}" for stem in stems) if name.casefold() not in taken)
    taken.add(name.casefold())
    return name


def _safe(stem: str) -> str:
    """Return a stem of letters, digits, . _ and - only, which every file system allows."""
    return re.sub(r"[^\w.-]+", "-", unicodedata.normalize("NFC", stem)).strip("-.")[:50] or "text"


def _read_record(out: Path) -> Record:
    """Return the earlier record, without texts that are gone."""
    try:
        entries = json.loads((out / RECORD).read_text(encoding="utf-8"))["files"]
        return {name: entry for name, entry in entries.items() if (out / name).exists()}
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UserError("not-a-record", path=out / RECORD) from None


def _write_record(out: Path, record: Record) -> None:
    with paths.replacing(out / RECORD) as file:
        file.write((json.dumps({"files": record}, ensure_ascii=False, indent=2) + "\n").encode())
