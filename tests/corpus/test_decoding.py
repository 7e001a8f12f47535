"""A file in any usual encoding is read as it was written, or refused with an explanation."""

import io
import itertools
import re
import unicodedata
from pathlib import Path

import pytest
from corpus_support import PACKINGS, TEXT, zipped
from hypothesis import given
from hypothesis import strategies as st

from charrnn.corpus import decoding, open_works, read_file
from charrnn.errors import UserError

READABLE = {
    "utf-8": b"",
    "utf-8 with BOM": b"\xef\xbb\xbf",
    "utf-16-le with BOM": b"\xff\xfe",
    "utf-16-be with BOM": b"\xfe\xff",
    "utf-32-le with BOM": b"\xff\xfe\0\0",
    "utf-32-be with BOM": b"\0\0\xfe\xff",
    "windows-1252": b"",
}


REFUSED = ("cp850", "mac-roman", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")


LINE_ENDS = {"LF": "\n", "CRLF": "\r\n", "CR": "\r"}


FORMS = ("NFC", "NFD")


def encoded(text: str, encoding: str, line_end: str, form: str) -> bytes:
    return unicodedata.normalize(form, text).replace("\n", line_end).encode(encoding.removesuffix(" with BOM"))


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("encoding", READABLE)
def test_every_readable_combination_gives_the_same_text(tmp_path: Path, encoding: str, packing: str) -> None:
    for (name, line_end), form in itertools.product(LINE_ENDS.items(), FORMS):
        if encoding == "windows-1252" and form == "NFD":
            continue  # it has no combining accents
        path = tmp_path / f"{name} {form}{packing}"
        path.write_bytes(PACKINGS[packing](READABLE[encoding] + encoded(TEXT, encoding, line_end, form)))
        (work,) = open_works([path])
        assert "".join(work.text()) == TEXT
        assert str(work.encoding) == encoding
        assert (work.encoding.example is not None) == (encoding == "windows-1252")


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("encoding", REFUSED)
def test_every_other_one_is_explained_and_can_be_chosen(tmp_path: Path, encoding: str, packing: str) -> None:
    text = re.sub("[“”—]", '"', TEXT)  # which cp850 lacks
    for line_end, form in itertools.product(LINE_ENDS.values(), FORMS if encoding.startswith("utf") else ("NFC",)):
        path = tmp_path / f"texto{packing}"
        path.write_bytes(PACKINGS[packing](encoded(text, encoding, line_end, form)))
        with pytest.raises(UserError, match=rf"expected .*found .*--encoding.* {encoding}") as refused:
            read_file(path)
        assert "\n" not in str(refused.value)
        assert read_file(path, encoding=encoding) == text


def test_an_example_shows_the_choice(tmp_path: Path) -> None:
    path = tmp_path / "velho.txt"
    path.write_bytes(b"Primeira linha sem nada.\n" * 3 + "A lição do avô à irmã.\n".encode("latin-1"))
    told: list[str] = []
    read_file(path, note=told.append)
    assert told == [f"{path}: not UTF-8; read as windows-1252 (e.g. «A lição do avô à irmã.»)"]


@pytest.mark.parametrize("word", ["coração", "não", "Café", "AÇÃO", "até"])
def test_a_single_word_is_read(tmp_path: Path, word: str) -> None:
    path = tmp_path / "palavra.txt"
    path.write_bytes(word.encode("latin-1"))
    assert read_file(path) == word


def test_damaged_utf8_is_refused_and_mixed_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "misto.txt"
    path.write_bytes("O coração não vê. ".encode() * 5 + "A razão também não.\n".encode("latin-1"))
    with pytest.raises(UserError, match=r"found other bytes at byte 1.*--encoding: mixed «"):
        read_file(path)
    assert read_file(path, "mixed") == "O coração não vê. " * 5 + "A razão também não.\n"


CUTTABLE = ("utf-8", "utf-8 with BOM", "utf-16-le with BOM", "utf-16-be with BOM")


CUT_TEXT = "À tarde — 𝄞 não."  # characters of one to four bytes


def read_and_notes(path: Path | str, encoding: str | None = None) -> tuple[str, list[str]]:
    notes: list[str] = []
    return read_file(path, encoding, note=notes.append), notes


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("encoding", CUTTABLE)
def test_a_text_is_read_up_to_the_character_in_which_it_ends(tmp_path: Path, encoding: str, packing: str) -> None:
    """Wherever it is cut off; and the user is told in one line, if that is in the middle of a character."""
    name, mark = encoding.removesuffix(" with BOM"), READABLE[encoding]
    path = tmp_path / f"livro{packing}"
    ends = [len(CUT_TEXT[:count].encode(name)) for count in range(len(CUT_TEXT) + 1)]
    for length in range(ends[1], ends[-1] + 1):
        path.write_bytes(PACKINGS[packing](mark + CUT_TEXT.encode(name)[:length]))
        whole = max(end for end in ends if end <= length)
        text, notes = read_and_notes(path)
        assert text == CUT_TEXT[: ends.index(whole)]
        bytes_ = {1: "its last byte is", 2: "its last 2 bytes are", 3: "its last 3 bytes are"}
        expected = f"ends in the middle of a character (is the file cut off?); {bytes_.get(length - whole)} left out"
        assert [line.partition(": ")[2] for line in notes] == [expected] * (whole < length)
        assert read_file(path, name) == text


@pytest.mark.parametrize("chunk", [1, 2, 3, 5])
def test_where_a_file_is_read_in_parts_makes_no_difference_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr("charrnn.corpus.decoding.CHUNK", chunk)
    path = tmp_path / "livro.txt"
    path.write_bytes("À noite, 𝄞".encode()[:-1])
    assert read_and_notes(path)[0] == "À noite, "


@given(st.text("abc é—𝄞\n", min_size=1, max_size=40), st.data())
def test_a_portuguese_beginning_is_never_taken_for_another_encoding(text: str, data: st.DataObject) -> None:
    """Also if its only character beyond ASCII is the one that is cut off."""
    stream = ("a" + text + "é").encode()[: data.draw(st.integers(1, len(text.encode()) + 2))]
    encoding = decoding.detect("livro", io.BytesIO(stream))
    assert encoding.name == "utf-8"
    assert "".join(decoding.decode(io.BytesIO(stream), encoding)) == stream.decode("utf-8", "ignore")


def test_standard_input_may_end_in_the_middle_of_a_character(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO("O coração não".encode()[:-2])))
    text, notes = read_and_notes("-")
    assert text == "O coração n"
    assert notes == [
        "standard input: ends in the middle of a character (is the file cut off?); its last byte is left out"
    ]


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        ("O coração".encode()[:-2] + b" e mais", None),  # not at its end
        ("O coração".encode()[:-2] + b"\xc3", None),  # not one character
        ("O coração".encode() + b"\xff", None),  # not the beginning of a character
        ("O coração".encode() + b"\xed\xa0", None),
        (b"\xff\xfe\0\0" + "O coração".encode("utf-32-le")[:-1], None),
        ("日本語".encode("shift_jis")[:-1], "shift_jis"),
    ],
)
def test_any_other_end_is_refused(tmp_path: Path, data: bytes, encoding: str | None) -> None:
    path = tmp_path / "livro.txt"
    path.write_bytes(data)
    with pytest.raises(UserError, match=r"expected .* text|expected UTF-8"):
        read_file(path, encoding)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"", "found none: it is empty"),
        (b" \n\n", "found none in its"),
        (b"\xef\xbb\xbf", "found none in its"),
        (b"\x89PNG\r\n\x1a\n\0\0" + bytes(range(256)), "found an image"),
        (b"\x7fELF" + bytes(range(256)), "found a program"),
        (b"\0" * 5000, "binary file"),
        (b"%PDF-1.4\n" + bytes(range(256)) * 20, "found it damaged"),
        (zipped(b"<x/>", "[Content_Types].xml"), "an office document"),
        ("Привет, это русский текст о жизни.".encode("cp1251"), "found other bytes"),
        ("日本語の文章です。".encode("shift_jis"), "found other bytes"),
        (b"a\0b and much text around it, " * 1 + b"x" * 500, "NUL"),
    ],
)
def test_what_is_no_portuguese_text_is_refused(tmp_path: Path, data: bytes, found: str) -> None:
    path = tmp_path / "arquivo.txt"
    path.write_bytes(data)
    with pytest.raises(UserError, match=found) as refused:
        read_file(path)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("encoding", ["klingon", "base64", "hex", "unicode_escape", "idna"])
def test_unknown_encodings_are_refused(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.txt").write_text("texto", encoding="utf-8")
    with pytest.raises(UserError, match="encoding: expected a name such as utf-8"):
        read_file(tmp_path / "a.txt", encoding)
