"""Bytes → characters: the encoding of a document, and its text piece by piece.

The encoding is UTF-8, or UTF-16 and UTF-32 by their byte order mark. Otherwise it is Windows-1252 (which includes
Latin-1), if the bytes read as Portuguese, and more so than in any other usual encoding. Else the user decides.
"""

import codecs
import io
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import IO

from charrnn.errors import Phrase, UserError

MIXED = "mixed"
"""The name of our own encoding: UTF-8, with invalid bytes read as Windows-1252."""

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins with that one
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
CUTTABLE = ("utf-8", "utf-16", "utf-16-le", "utf-16-be")  # encodings whose texts may end in the middle of a character
LEADS = (b"\xc2", b"\xc3", b"\xe2")
"""First bytes of Portuguese letters in UTF-8. In Windows-1252 they are Â, Ã, â, which hardly end a text."""
WIDE = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
CANDIDATES = ("windows-1252", "cp850", "mac-roman", "iso8859-15", "cp437", "cp860")
NO_CHARSETS = {
    "unicode-escape",
    "raw-unicode-escape",
    "idna",
    "punycode",
    "utf-7",
}  # though Python lists them as encodings
CHUNK = 2**20
SAMPLE = 2**18  # bytes examined to choose an encoding
CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class Encoding:
    """The encoding of a document, and how it was chosen."""

    name: str
    bom: bool = False
    bits: float | None = None  # per character near accents, if the character model of Portuguese decided
    example: str | None = None  # the first line that shows the choice, if one was made
    cut: int = 0  # bytes left out at the end: the beginning of a character

    def __str__(self) -> str:
        return self.name + " with BOM" * self.bom


def detect(name: str, stream: IO[bytes], wanted: str | None = None, declared: str | None = None) -> Encoding:
    """Return the encoding of a stream, which is read to its end; `wanted` overrules all but a BOM of its own kind.

    name: of the document, for messages; declared: the encoding in its markup, used if the bytes are not UTF-8. Raises
    UserError if the bytes are no text, not in the wanted encoding, or in none that is certain.
    """
    head = stream.read(4)
    stream.seek(0)
    marked = next((encoding for mark, encoding in MARKS if head.startswith(mark)), None)
    if wanted is not None:
        given = known(wanted)
        # "utf-16" means: in the byte order of the mark.
        bom = marked is not None and (marked == given or marked.removesuffix("-le").removesuffix("-be") == given)
        encoding = Encoding(marked if bom and marked else given, bom)
    else:
        encoding = Encoding(marked or "utf-8", marked is not None)
    certain = wanted is not None or marked is not None
    ascii_only = True
    try:
        for piece in decode(stream, encoding):
            ascii_only = ascii_only and piece.isascii()
    except UnicodeError as error:
        cut = _cut(encoding, error)
        shortened = replace(encoding, cut=len(cut))
        if cut and (certain or not ascii_only or cut[:1] in LEADS):
            encoding = shortened
        elif certain:
            raise UserError("not-in-encoding", name=name, encoding=encoding, found=_found(error)) from None
        elif declared is not None and known(declared) != "utf-8" and _reads(stream, Encoding(known(declared))):
            stream.seek(0)
            return Encoding(known(declared), example=_example(stream.read(SAMPLE), known(declared)))
        else:
            try:
                return _guess(name, stream, error)
            except UserError:
                if not cut:
                    raise
            encoding = shortened
    if encoding.name == "utf-8":
        stream.seek(0)
        _refuse_binary(name, stream.read(CHUNK))
    return encoding


def known(encoding: str) -> str:
    """Return the usual name of an encoding. Raises UserError if no text encoding has this name."""
    if encoding.lower() == MIXED:
        return MIXED
    try:
        info = codecs.lookup(encoding)
        "".encode(info.name)  # fails for codecs that are not text encodings, such as base64
        if info.name.replace("_", "-") in NO_CHARSETS:
            raise LookupError
    except (LookupError, UnicodeError):
        raise UserError("unknown-encoding", setting="encoding", found=encoding) from None
    return {"cp1252": "windows-1252", "utf-8-sig": "utf-8"}.get(info.name, info.name)


def decode(stream: IO[bytes], encoding: Encoding) -> Iterator[str]:
    """Yield the text in pieces, without its byte order mark and a character that is cut off at its end.

    Raises UnicodeError if it is not in that encoding.
    """
    mixed = encoding.name == MIXED
    decoder = codecs.getincrementaldecoder("utf-8" if mixed else encoding.name)(_AS_WINDOWS if mixed else "strict")
    if encoding.bom:
        stream.read(len(next(mark for mark, name in MARKS if name == encoding.name)))
    read, chunk = 0, b" "
    while chunk:
        chunk = stream.read(CHUNK)
        try:
            piece = decoder.decode(chunk, final=not chunk and not encoding.cut)
        except UnicodeDecodeError as error:
            error.start += read + len(chunk) - len(error.object)  # the decoder had kept bytes of an earlier chunk
            raise
        read += len(chunk)
        if piece:
            yield piece


def _windows(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    # The five bytes that Windows-1252 leaves undefined are read as Latin-1, so that none is lost.
    bad = error.object[error.start : error.end]
    return "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in bad), error.end


_AS_WINDOWS = "charrnn.windows-1252"
codecs.register_error(_AS_WINDOWS, _windows)


def _ends_early(error: UnicodeError) -> bool:
    """Return whether only the rest of the last character is missing."""
    return isinstance(error, UnicodeDecodeError) and error.reason in ("unexpected end of data", "truncated data")


def _cut(encoding: Encoding, error: UnicodeError) -> bytes:
    """Return the beginning of a character at the end of a text; empty if the error is another one."""
    if encoding.name not in CUTTABLE or not _ends_early(error):
        return b""
    assert isinstance(error, UnicodeDecodeError)
    return error.object  # the bytes that the decoder had kept for the next ones


def _found(error: UnicodeError) -> Phrase:
    if not isinstance(error, UnicodeDecodeError):
        return Phrase("decoder-refuses", cause=str(error))
    return Phrase("cut-character") if _ends_early(error) else Phrase("other-bytes", place=error.start)


def _refuse_binary(name: str, data: bytes) -> None:
    """Raise UserError for bytes with many control characters: an image, or UTF-16 or UTF-32 without a mark."""
    from charrnn.corpus import portuguese

    controls = len(CONTROLS.findall(data))
    if controls <= max(1, len(data) // 100):
        return
    for encoding, bits in portuguese.choose(data, WIDE)[:1]:
        if bits < portuguese.PORTUGUESE:
            raise UserError("wide-without-mark", name=name, kind=encoding[:6].upper(), encoding=encoding)
    raise UserError("binary-file", name=name, controls=controls)


def _guess(name: str, stream: IO[bytes], error: UnicodeError) -> Encoding:
    """Return Windows-1252 if it reads as Portuguese, better than any other encoding; else raise UserError."""
    from charrnn.corpus import portuguese

    position = error.start if isinstance(error, UnicodeDecodeError) else 0
    stream.seek(max(0, position - SAMPLE // 16) & ~3)  # a character begins there in UTF-16 and UTF-32 too
    data = stream.read(SAMPLE)
    _refuse_binary(name, data)
    kept = data.decode("utf-8", "ignore").encode("utf-8")
    damaged = sum(byte > 127 for byte in kept) > len(data) - len(kept)  # mostly UTF-8: not another encoding
    ranked = portuguese.choose(data, CANDIDATES)
    best, bits = ranked[0] if ranked else ("", math.inf)
    if not damaged and best == CANDIDATES[0] and bits < portuguese.PORTUGUESE:
        encoding = Encoding(best, bits=bits, example=_example(data, best))
        if _reads(stream, encoding):
            return encoding
    shown = [MIXED] if damaged else [encoding for encoding, bits in ranked[:2] if bits < portuguese.PORTUGUESE]
    shown += [encoding for encoding in _elsewhere(data) if encoding not in shown][:2]
    tried = "; ".join(f"{encoding} «{_example(data, encoding)}»" for encoding in shown) or Phrase("no-other-reading")
    raise UserError("encoding-unclear", name=name, found=_found(error), tried=tried)


def _reads(stream: IO[bytes], encoding: Encoding) -> bool:
    """Return whether all of a stream is in an encoding."""
    stream.seek(0)
    try:
        for _ in decode(stream, encoding):
            pass
    except UnicodeError:
        return False
    return True


def _elsewhere(data: bytes) -> list[str]:
    """Return the guesses of charset-normalizer, best first."""
    from charset_normalizer import from_bytes

    return [match.encoding for match in from_bytes(data[:8192]) if match.encoding not in ("utf_8", "ascii")]


def _example(data: bytes, encoding: str) -> str:
    """Return some words around the first character that is not ASCII."""
    try:
        text = "".join(decode(io.BytesIO(data), Encoding(encoding)))
    except UnicodeError:
        text = data.decode(encoding, "replace")
    found = re.search(r"[^\x00-\x7f]", text)
    middle = found.start() if found else 0
    start = max(text.rfind("\n", 0, middle) + 1, middle - 30)
    return " ".join(text[start : middle + 30].splitlines()[:1]).strip()
