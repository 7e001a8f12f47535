"""TrainingText: a training part and a held-out part, as token ids on disk.

A text is read, cleaned, divided and tokenized once, piece by piece, so that memory stays bounded. It is cached under a
hash of all that it depends on, so that the next run on the same text starts at once.
"""

import glob
import hashlib
import json
import re
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Self, TypedDict

import numpy as np
from numpy.typing import NDArray

from charrnn import paths
from charrnn.config import CorpusConfig
from charrnn.corpus import fingerprints
from charrnn.corpus.archives import unpack
from charrnn.corpus.doctor import repairable
from charrnn.corpus.documents import Note, files, reading, silent, with_column
from charrnn.corpus.repairs import chosen
from charrnn.corpus.works import Span, Spool, works_in
from charrnn.data.stream import MINIMUM
from charrnn.data.tokenizer import CharTokenizer, Ids
from charrnn.errors import UserError

HELD_OUT = 0.05  # share of the text that is held out, unless another text is
MOST_HELD_OUT = 250_000  # characters: more take long to score and hardly make the score more certain
EXAMINED = 1_000_000  # characters, at the beginnings of works, that are searched for faults: half a second
VERSION = 5  # of the files in the cache
DAY = 86400.0  # seconds
KEEP = 30 * DAY  # seconds after its last use that a text stays in the cache
INDEX = "index.json"
NAME = "[0-9a-f]{32}"  # of a text in the cache


class PartIndex(TypedDict):
    """The entry of a part in the index of a text in the cache."""

    characters: int
    works: list[str]
    starts: list[int]
    tokens: int


@dataclass(frozen=True)
class SplitPart:
    """The training part or the held-out part of a text."""

    ids: Ids  # (n,), memory-mapped
    characters: int
    works: tuple[str, ...]  # names
    starts: tuple[int, ...]  # index in ids at which each work begins
    passages: NDArray[np.uint64]  # sketch of its fingerprints

    @classmethod
    def read(cls, path: Path, index: PartIndex, tokenizer: CharTokenizer) -> Self:
        ids = tokenizer.read_ids(path)
        if len(ids) != index["tokens"]:
            raise ValueError(path)
        sketch = path.with_suffix(".npy")  # which an earlier version did not write
        passages = np.load(sketch, allow_pickle=False) if sketch.exists() else fingerprints.sketch([])
        return cls(ids, index["characters"], tuple(index["works"]), tuple(index["starts"]), passages)


class Opened(NamedTuple):
    """The files of a source, each with the name that is shown for it."""

    train: list[tuple[str, Path]]
    valid: list[tuple[str, Path]]


class SourceJson(TypedDict):
    """A Source in JSON."""

    names: list[str]
    valid: str | None
    corpus: dict[str, object]
    window: int
    known: str


@dataclass(frozen=True)
class Source:
    """The origin of a text and the rules of its division: with the files' bytes, all that its tokens depend on."""

    names: tuple[str, ...]  # as given: files (absolute), folders, works of the catalogue, "-"
    valid: str | None  # likewise, of the held-out text; None: a part of the same text
    corpus: CorpusConfig
    window: int  # the held-out part is at least as long, if that is at most a tenth of the text
    known: str  # characters that the vocabulary has whatever the text

    @classmethod
    def of(
        cls,
        names: Sequence[str | Path],
        valid: str | Path | None = None,
        corpus: CorpusConfig | None = None,
        window: int = MINIMUM,
        known: str = "",
    ) -> Self:
        lasting = tuple(_lasting(name) for name in names)
        return cls(lasting, None if valid is None else _lasting(valid), corpus or CorpusConfig(), window, known)

    def open(self, note: Note = silent) -> "Opened":
        """Find the files; pipes are copied, so that they can be read again. Raises UserError for a missing file."""
        return Opened(files(self.names, note), [] if self.valid is None else files([self.valid], note))

    @classmethod
    def from_json(cls, values: SourceJson) -> Self:
        corpus = CorpusConfig.from_json(values["corpus"])
        return cls(tuple(values["names"]), values["valid"], corpus, values["window"], values["known"])


def _lasting(name: str | Path) -> str:
    """Return a name that means the same in another working directory."""
    text = str(name)
    table, column = with_column(text)
    if column and Path(table).is_file():
        return f"{Path(table).resolve()}:{column}"
    if text not in ("", "-") and Path(text).exists():
        return str(Path(text).resolve())
    return str(Path(text).absolute()) if text != "-" and glob.has_magic(text) else text


@dataclass(frozen=True)
class TrainingText:
    """A divided, tokenized text in the cache."""

    key: str  # its name there
    source: Source
    train: SplitPart
    valid: SplitPart
    tokenizer: CharTokenizer
    sha256: str  # of the clean text, both parts
    tail: bool  # whether the held-out part is the end of the text, not whole works
    notes: tuple[str, ...]  # what a user should know of it

    @classmethod
    def prepare(cls, source: Source, note: Note = silent, opened: Opened | None = None) -> Self:
        """Read a text, or find it in the cache.

        note: is told what is left out or decided; opened: the source's files, if they are known. Raises UserError if
        something cannot be read or the text is too short to train on.
        """
        notes: list[str] = []

        def remember(line: str) -> None:
            notes.append(line)
            note(line)

        found, found_valid = opened or source.open(note)
        key = _key(source, [*found, ("", Path()), *found_valid])
        if (cached := cls.cached(key, source)) is not None:
            for line in cached.notes:
                note(line)
            return cached
        root = _root()
        with paths.writing():
            root.mkdir(mode=0o700, parents=True, exist_ok=True)  # the texts may be private
            _forget_unused(root)
        with paths.writing(), tempfile.TemporaryDirectory(prefix=".new-", dir=root) as temporary:
            folder = Path(temporary, "text")
            folder.mkdir()
            spools = []
            for name, group in (("train", found), ("valid", found_valid)):
                spool = Spool(Path(temporary, name))
                unpacked = (document for shown, path in group for document in unpack(shown, path, remember))
                spool.fill(works_in(unpacked, source.corpus.encoding, remember), source.corpus.repairs, remember)
                spools.append(spool)
            _build(folder, source, spools[0], spools[1] if found_valid else None, notes, remember)
            if _key(source, [*found, ("", Path()), *found_valid]) != key:
                raise UserError("text-changed-while-read", names=", ".join(shown for shown, _ in found[:3]))
            with suppress(OSError):  # another process was sooner
                paths.replace_folder(folder, root / key)
        prepared = cls.cached(key, source)
        if prepared is None:
            raise UserError("tokens-damaged", folder=root / key)
        return prepared

    @classmethod
    def cached(cls, key: str, source: Source) -> Self | None:
        """Return the text of that name, or None if the cache lacks it."""
        folder = _root() / key
        try:
            if not re.fullmatch(NAME, key):  # from a checkpoint, perhaps a stranger's
                raise ValueError(key)
            index = json.loads((folder / INDEX).read_text(encoding="utf-8"))
            with suppress(OSError):  # of another user, who lets others read only
                (folder / INDEX).touch()  # its last use
            tokenizer = CharTokenizer(index["alphabet"])
            train, valid = (
                SplitPart.read(folder / f"{name}.ids", index[name], tokenizer) for name in ("train", "valid")
            )
        except (OSError, EOFError, ValueError, KeyError, TypeError):  # missing or damaged: it is made again
            return None
        return cls(key, source, train, valid, tokenizer, index["sha256"], index["tail"], tuple(index["notes"]))


def _root() -> Path:
    return paths.root() / "tokens"


def _key(source: Source, found: Sequence[tuple[str, Path]]) -> str:
    """Return a hash of everything that the tokens depend on."""
    rules = [VERSION, HELD_OUT, MOST_HELD_OUT, source.corpus.to_json(), source.window, source.known]
    digest = hashlib.sha256(json.dumps(rules).encode())
    for shown, path in found:
        digest.update(f"\0{shown}\0".encode())
        if path.is_file():
            with reading(shown), path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:32]


def _forget_unused(root: Path) -> None:
    """Remove texts long unused, and what killed processes left; never a folder of anyone else."""
    for folder in root.iterdir():
        keep = KEEP if re.fullmatch(NAME, folder.name) else DAY if folder.name.startswith(".new-") else None
        with suppress(OSError):
            used = (folder / INDEX if (folder / INDEX).exists() else folder).stat().st_mtime
            if keep is not None and time.time() - used > keep:
                shutil.rmtree(folder)


def _build(folder: Path, source: Source, text: Spool, valid: Spool | None, notes: list[str], note: Note) -> None:
    """Divide the spooled text, fit the vocabulary, write the tokens, and finally the index."""
    if valid is None:
        learned, held, tail = divide(text, source.window)
        held_spool = text
    else:
        learned, held, tail, held_spool = text.spans, valid.spans, False, valid
    characters = sum(span.characters for span in learned)
    if characters < MINIMUM:
        needed, found = (MINIMUM, characters) if valid is not None else (2 * MINIMUM, text.characters)
        raise UserError("text-too-short-to-train", least=needed, found=found)
    for spool in {id(spool): spool for spool in (text, held_spool)}.values():
        if spool.changes:
            made = ", ".join(f"{name} {count:,}" for name, count in spool.changes.items() if count)
            note(f"repairs made: {made or 'none was needed'}")
    if line := _suggestion([text] if valid is None else [text, valid], source.corpus.repairs):
        note(line)
    for name, passages in zip(("train", "valid"), _sketches(text, learned, held_spool, held, note), strict=True):
        np.save(folder / f"{name}.npy", passages)
    fitted = CharTokenizer.fit(piece for span in learned for piece in text.text(span))
    tokenizer = CharTokenizer(source.known + fitted.characters)
    digest = hashlib.sha256()
    parts: dict[str, PartIndex] = {}
    for name, spool, spans in (("train", text, learned), ("valid", held_spool, held)):
        starts = tokenizer.write_ids(folder / f"{name}.ids", (spool.text(span) for span in spans))
        for span in spans:
            digest.update(f"{span.sha256}:{span.stop - span.start}\n".encode())
        digest.update(b"\0")
        count = sum(span.characters for span in spans)
        parts[name] = {
            "characters": count,
            "works": [span.name for span in spans],
            "starts": starts[:-1],
            "tokens": starts[-1],
        }
    whole = {"alphabet": tokenizer.characters, "sha256": digest.hexdigest(), "tail": tail, "notes": notes}
    (folder / INDEX).write_text(json.dumps({**parts, **whole}, ensure_ascii=False), encoding="utf-8")


def _suggestion(spools: Sequence[Spool], made: Sequence[str]) -> str | None:
    """Return a line that names the faults at the beginnings of works and the `--clean` that repairs them; or None."""
    works = [(spool, span) for spool in spools for span in spool.spans]
    each, names, repairs = max(EXAMINED // len(works), EXAMINED // 50), dict[str, None](), list(made)
    for spool, span in works[: EXAMINED // each]:
        for fault in repairable(next(spool.text(span))[:each]):
            names[fault.name] = None
            repairs.append(fault.repair or "")
    if not names:
        return None
    return (
        f"the text has faults ({', '.join(names)}): --clean {','.join(chosen(repairs))} repairs them, "
        "and `charrnn corpus check` shows them"
    )


def divide(text: Spool, window: int = MINIMUM) -> tuple[list[Span], list[Span], bool]:
    """Return the training part, the held-out part, and whether the latter is the end of the text.

    About 5 % are held out, at least a window if that is at most a tenth of the text, at most MOST_HELD_OUT characters.
    If some works are small enough, whole works are held out, of which the training part has no copy; their choice
    depends on their hashes only, not on order or names. Else the end of the text is held out.
    """
    whole = text.characters
    size = min(max(MINIMUM, round(HELD_OUT * whole), min(window, whole // 10)), MOST_HELD_OUT)
    copies = Counter(span.sha256 for span in text.spans)
    held: set[int] = set()
    total = 0
    for index, span in sorted(enumerate(text.spans), key=lambda item: item[1].sha256):
        if total < 0.75 * size and total + span.characters <= 1.25 * size and copies[span.sha256] == 1:
            held.add(index)
            total += span.characters
    if total >= 0.5 * size:
        learned = [span for index, span in enumerate(text.spans) if index not in held]
        return learned, [text.spans[index] for index in sorted(held)], False
    return *text.cut(min(size, whole)), True


def _sketches(
    text: Spool, learned: Sequence[Span], held_spool: Spool, held: Sequence[Span], note: Note
) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Return sketches of both parts, and report held-out works that also occur in the training part."""
    prints = [fingerprints.of_pieces(held_spool.text(span)) for span in held]
    wanted = np.unique(np.concatenate(prints))
    met, sketch = [], fingerprints.sketch([])
    for span in learned:
        for piece in text.text(span):
            found = fingerprints.of(piece)
            sketch = fingerprints.sketch([sketch, found])
            met.append(np.unique(found[np.isin(found, wanted)]))
    seen = np.unique(np.concatenate(met))
    copies = {span.sha256 for span in learned} if text is not held_spool else set()
    for span, found in zip(held, prints, strict=True):
        share = 1.0 if span.sha256 in copies else np.isin(found, seen).mean() if len(found) else 0.0
        if share >= fingerprints.NOTABLE:
            note(f"{span.name}: {share:.0%} of this held-out text also occurs in the training text")
    return sketch, fingerprints.sketch(prints)
