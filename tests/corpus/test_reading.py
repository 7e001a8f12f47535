"""Whatever files, folders and archives a person has go in whole, or are refused with an explanation."""

import gzip
import io
import tarfile
import time
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from corpus_support import PACKINGS, TEXT, zipped
from hypothesis import given
from hypothesis import strategies as st

from charrnn.cli import main
from charrnn.corpus import clean, open_works, read_file
from charrnn.corpus.archives import documents
from charrnn.corpus.works import sections
from charrnn.errors import UserError


def test_an_e_book_is_read_in_the_order_of_its_chapters_without_its_pictures(tmp_path: Path) -> None:
    bodies = {n: f"<p>Capítulo {n}</p>" for n in (10, 2, 1)} | {0: "<img src='capa.jpg'/>", 3: "<nav>Índice</nav>"}
    with zipfile.ZipFile(tmp_path / "livro.epub", "w") as book:
        book.writestr("mimetype", "application/epub+zip")
        book.writestr("META-INF/container.xml", '<container><rootfile full-path="OEBPS/a.opf"/></container>')
        items = "".join(f'<item id="i{n}" href="c{n}.xhtml"/>' for n in [*bodies, 11])
        order = "".join(f'<itemref idref="i{n}"/>' for n in [*sorted(bodies), 11])
        book.writestr("OEBPS/a.opf", f"<package><manifest>{items}</manifest><spine>{order}</spine></package>")
        for n, body in bodies.items():
            page = f"<html><head><title>x</title></head><body>{body}</body></html>"
            book.writestr(f"OEBPS/c{n}.xhtml", page)
    told: list[str] = []
    assert read_file(tmp_path / "livro.epub", note=told.append) == "Capítulo 1\n\nCapítulo 2\n\nCapítulo 10\n"
    assert told[0].endswith("lacks 1 of its 6 chapters, such as OEBPS/c11.xhtml")
    assert [line.rpartition("/c")[2] for line in told if "no text in it" in line] == [
        f"{n}.xhtml: left out, there is no text in it" for n in (0, 3)
    ]
    with pytest.raises(SystemExit) as ended:
        main(["corpus", "clean", str(tmp_path / "livro.epub"), "--out", str(tmp_path / "limpo")])
    assert not ended.value.code
    assert {path.name for path in (tmp_path / "limpo").iterdir()} == {"c1.txt", "c2.txt", "c10.txt", "record.json"}


def test_a_clean_e_book_keeps_its_order_under_names_that_hide_it(tmp_path: Path) -> None:
    """What encrypts fonts alone does no harm; encrypted chapters are refused by name."""
    chapters = ["prologo", *(f"cap{n}" for n in range(1, 11)), "epilogo"]
    for encrypted in ("f.otf", "cap2.xhtml"):
        with zipfile.ZipFile(tmp_path / "livro.epub", "w") as book:
            book.writestr("META-INF/container.xml", '<container><rootfile full-path="a.opf"/></container>')
            book.writestr("META-INF/encryption.xml", f'<x><CipherReference URI="{encrypted}"/></x>')
            items = "".join(f'<item id="{name}" href="{name}.xhtml"/>' for name in chapters)
            order = "".join(f'<itemref idref="{name}"/>' for name in chapters)
            book.writestr("a.opf", f"<package><manifest>{items}</manifest><spine>{order}</spine></package>")
            for name in chapters:
                book.writestr(f"{name}.xhtml", f"<html><body>{name}</body></html>")
        with pytest.raises(SystemExit) as ended:
            main(["corpus", "clean", str(tmp_path / "livro.epub"), "--out", str(tmp_path / encrypted)])
        assert ended.value.code == (2 if encrypted.startswith("cap") else 0)
    assert (tmp_path / "f.otf" / "01-prologo.txt").exists()
    assert read_file(tmp_path / "f.otf").split() == chapters
    with pytest.raises(UserError, match="encrypted chapters"):
        read_file(tmp_path / "livro.epub")


@pytest.mark.parametrize(
    "listing", ["", "<container>", '<a full-path="x.opf"/>', '<a full-path="vazio.txt"/>', " " * 10**7]
)
def test_an_e_book_without_a_list_of_its_chapters_is_read_by_their_names(tmp_path: Path, listing: str) -> None:
    with zipfile.ZipFile(tmp_path / "livro.epub", "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("META-INF/container.xml", listing)
        book.writestr("b.txt", "Fim.\n")
        book.writestr("a.txt", "Começo.\n")
        book.writestr("vazio.txt", "")
    told: list[str] = []
    assert read_file(tmp_path / "livro.epub", note=told.append) == "Começo.\n\nFim.\n"
    assert "order of its chapters" in told[0]


def test_folders_globs_archives_and_what_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "b" / "c").mkdir(parents=True)
    for name in ("b/2.txt", "b/c/3.md", "1.txt", ".oculto.txt"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    (tmp_path / "b" / "capa.jpg").write_bytes(b"\xff\xd8")
    (tmp_path / "b" / "vazio.txt").touch()
    (tmp_path / "b" / "z.zip").write_bytes(zipped(b"no arquivo"))
    told: list[str] = []
    works = list(open_works([tmp_path / "b", tmp_path / "*.txt"], note=told.append))
    shown = [work.name.removeprefix(f"{tmp_path}/") for work in works]
    assert shown == ["b/2.txt", "b/z.zip/livro/texto.txt", "b/c/3.md", "1.txt"]
    assert [line.split(": ")[1] for line in told] == [
        "left out 2 that are empty or no texts by their names (capa.jpg, vazio.txt)"
    ]
    for name, expected in (("nada.txt", "a file, a folder or a name of"), ("*.pdf", "files of that pattern")):
        with pytest.raises(UserError, match=f"expected {expected}"):
            list(documents([tmp_path / name]))
    with pytest.raises(UserError, match="expected a name, found an empty one"):
        list(documents([""]))
    (tmp_path / "vazia").mkdir()
    with pytest.raises(UserError, match="expected a folder with texts"):
        list(documents([tmp_path / "vazia"]))


def test_links_patterns_and_repetitions(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "1.txt").write_text("um", encoding="utf-8")
    (tmp_path / "a" / "b" / "2.txt").write_text("dois", encoding="utf-8")
    (tmp_path / "a" / "nada.txt").symlink_to(tmp_path / "nowhere")
    (tmp_path / "laço.txt").symlink_to(tmp_path / "laço.txt")
    (tmp_path / "outra.txt").symlink_to(tmp_path / "a" / "1.txt")
    for names in (["a/**"], ["a"], ["a", "a/b", "outra.txt"]):
        assert sorted("".join(w.text()) for w in open_works([tmp_path / name for name in names])) == ["dois", "um"]
    for name in ("a/nada.txt", "laço.txt"):
        with pytest.raises(UserError, match="found a link to nothing"):
            read_file(tmp_path / name)


@pytest.mark.parametrize("mark", ["\u0301", "\u0301\u0327"])
def test_towers_of_accents_are_refused_at_once(tmp_path: Path, mark: str) -> None:
    (tmp_path / "a.txt").write_text("a" + mark * 200_000, encoding="utf-8")
    began = time.perf_counter()
    with pytest.raises(UserError, match="combining marks in a row at character 1"):
        read_file(tmp_path / "a.txt")
    assert time.perf_counter() - began < 2


@pytest.mark.parametrize("unit", [" ", "字", "가", "\u0903", "a\u0301"])
def test_texts_that_can_hardly_be_cut_take_linear_time(unit: str) -> None:
    pieces = [unit * 10_000] * 1000
    began = time.perf_counter()
    assert sum(map(len, sections(pieces, 10_000))) == 10_000_000 * len(unit)
    assert time.perf_counter() - began < 5


def test_standard_input_and_pipes_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stdin:
        buffer = io.BytesIO(gzip.compress(TEXT.encode()))

    monkeypatch.setattr("sys.stdin", Stdin)
    (work,) = open_works(["-"])
    assert work.name == "standard input"
    assert "".join(work.text()) == "".join(work.text()) == TEXT  # twice, too


def test_a_temporary_copy_goes_with_its_work(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("charrnn.corpus.archives.IN_MEMORY", 10)
    path = tmp_path / "longo.txt.gz"
    path.write_bytes(gzip.compress(TEXT.encode()))
    (document,) = documents([path])
    copy = document.source
    assert isinstance(copy, Path)
    assert copy.read_bytes() == TEXT.encode()
    name = Path(str(copy))
    del document, copy
    assert not name.exists()


@given(st.lists(st.text(alphabet="ab\n\r \u0301\u0327é가\u11a8", max_size=30), max_size=8), st.integers(2, 12))
def test_sections_clean_like_the_whole(pieces: list[str], size: int) -> None:
    whole = "".join(pieces)
    cut = list(sections(pieces, size))
    assert "".join(cut) == whole
    assert "".join(clean(section) for section in cut) == clean(whole)


def test_sections_are_bounded() -> None:
    prose = ["Uma frase e outra. " * 10] * 1000
    assert max(map(len, sections(prose, 1000))) <= 2000
    assert max(map(len, sections(["linha\n" * 40_000], 1000))) <= 2000


@pytest.mark.parametrize("packing", [packing for packing in PACKINGS if packing not in (".txt", ".tar")])
def test_truncated_files_are_refused(tmp_path: Path, packing: str) -> None:
    data = PACKINGS[packing]("".join(f"linha número {n}\n" for n in range(5000)).encode())
    path = tmp_path / f"cortado{packing}"
    for share in (0.3, 0.9):
        path.write_bytes(data[: int(len(data) * share)])
        with pytest.raises(UserError, match=r"expected a whole packed file, found it .*damaged"):
            read_file(path)


@pytest.mark.parametrize("packing", [".txt.gz", ".txt.xz", ".txt.bz2", ".zip", ".tar.xz"])
def test_bombs_are_refused_early(tmp_path: Path, packing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("charrnn.corpus.archives.FREE", 2**22)
    path = tmp_path / f"bomba{packing}"
    path.write_bytes(PACKINGS[packing](b"a" * 2**26))
    tracemalloc.start()
    with pytest.raises(UserError, match=r"bytes that unpack to more than [\d,]+"):
        read_file(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2**25 + 2**23


@pytest.mark.parametrize("packing", ["zip", "tar"])
@pytest.mark.parametrize("name", ["../fora.txt", "/etc/fora.txt", "a/../../fora.txt", "..\\fora.txt"])
def test_names_that_lead_outside_are_refused(tmp_path: Path, packing: str, name: str) -> None:
    path = tmp_path / f"mau.{packing}"
    if packing == "zip":
        path.write_bytes(zipped(b"texto", name))
    else:
        with tarfile.open(path, "w") as archive:
            info = tarfile.TarInfo(name)
            info.size = 5
            archive.addfile(info, io.BytesIO(b"texto"))
    with pytest.raises(UserError, match="found one that leads outside"):
        read_file(path)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_links_and_devices_in_an_archive_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "segredo.txt").write_text("segredo", encoding="utf-8")
    with tarfile.open(tmp_path / "liga.tar", "w") as archive:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE):
            info = tarfile.TarInfo("texto.txt")
            info.type, info.linkname = kind, str(tmp_path / "segredo.txt")
            archive.addfile(info)
    with pytest.raises(UserError, match="expected an archive with texts"):
        read_file(tmp_path / "liga.tar")


def test_an_encrypted_zip_is_told(tmp_path: Path) -> None:
    data = bytearray(zipped(b"texto secreto", method=zipfile.ZIP_STORED))
    for header, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.index(header) + offset] |= 1  # the flag that says: encrypted
    (tmp_path / "a.zip").write_bytes(bytes(data))
    with pytest.raises(
        UserError, match=r"expected a file that can be unpacked here, found one that asks for a password"
    ):
        read_file(tmp_path / "a.zip")


@pytest.mark.slow
def test_a_line_of_200_mb_is_read_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "linha.txt"
    with path.open("w", encoding="utf-8") as file:
        for number in range(2000):
            file.write(f"parte {number} não acaba, " * 4500)
    assert path.stat().st_size > 200e6
    tracemalloc.start()
    began = time.perf_counter()
    (work,) = open_works([path])
    assert sum(map(len, work.text())) > 190e6
    assert time.perf_counter() - began < 30
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 200e6


@pytest.mark.slow
def test_ten_thousand_files_are_read_one_at_a_time(tmp_path: Path) -> None:
    for number in range(10_000):
        (tmp_path / f"{number:05}.txt").write_text(f"Texto número {number}, não mais que isso.\n", encoding="utf-8")
    began = time.perf_counter()
    assert sum(len("".join(work.text())) for work in open_works([tmp_path])) > 300_000
    assert time.perf_counter() - began < 30
