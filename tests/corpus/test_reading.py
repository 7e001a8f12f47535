"""Whatever file a person has goes in whole, or is refused with an explanation."""

import bz2
import gzip
import io
import itertools
import lzma
import re
import tarfile
import time
import tracemalloc
import unicodedata
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charrnn.corpus import clean, decoding, open_works, read_file
from charrnn.corpus.archives import documents
from charrnn.corpus.works import sections
from charrnn.errors import UserError

TEXT = (
    "À tardinha, o avô pôs-se à janela.\n— Não há ninguém na estação? — perguntou a irmã.\n\n"
    "“Três pães, um limão e você”, disse ele; a lição é que o coração não vê.\n"
)


def tarred(data: bytes, packing: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=f"w:{packing}") as archive:
        info = tarfile.TarInfo("livro/texto.txt")
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def zipped(data: bytes, name: str = "livro/texto.txt", method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        archive.writestr(name, data)
    return buffer.getvalue()


PACKINGS: dict[str, Callable[[bytes], bytes]] = {
    ".txt": bytes,
    ".txt.gz": gzip.compress,
    ".txt.xz": lzma.compress,
    ".txt.bz2": bz2.compress,
    ".zip": zipped,
    ".tar": lambda data: tarred(data, ""),
    ".tar.gz": lambda data: tarred(data, "gz"),
    ".tar.xz": lambda data: tarred(data, "xz"),
    ".tar.bz2": lambda data: tarred(data, "bz2"),
}
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
        (b"\x7fELF" + bytes(range(256)), "binary file"),
        (rb"{\rtf1\ansi Ol\'e1}", "found an RTF document"),
        (b"\0" * 5000, "binary file"),
        (b"%PDF-1.4\n" + bytes(range(256)) * 20, "found a PDF"),
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


TEI = """<?xml version="1.0" encoding="{encoding}"?>
<?xml-model href="eltec.rng"?>
<TEI xmlns="http://www.tei-c.org/ns/1.0"><teiHeader><title>Fora</title><p>fora</p></teiHeader>
<text><front><div type="titlepage"><p>TÍTULO</p></div></front><body>
<div type="chapter"><head>I</head>
<p>Um parágrafo   com
 <hi rend="italic">ênfase</hi>,<note><p>uma nota</p></note> e o fim &amp; mais.</p>
<pb n="2"/><p>Outro.</p>
<lg><l>Primeiro verso,</l><l>segundo verso.</l></lg><lg><l>Outra estrofe.</l></lg>
<p>Com <choice><sic>êrro</sic><corr>erro</corr></choice><lb/>e linha.</p></div>
</body></text></TEI>"""
TEI_TEXT = (
    "TÍTULO\n\nI\n\nUm parágrafo com ênfase, e o fim & mais.\n\nOutro.\n\n"
    "Primeiro verso,\nsegundo verso.\n\nOutra estrofe.\n\nCom erro\ne linha.\n"
)


@pytest.mark.parametrize("encoding", ["utf-8", "ISO-8859-1", "windows-1252", "utf-16"])
def test_tei_gives_paragraphs_headings_and_verse(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "livro.xml"
    path.write_bytes(TEI.format(encoding=encoding).encode(encoding))
    assert read_file(path) == TEI_TEXT


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        ("<table><row><cell>um</cell><cell>dois</cell></row></table>", "um\n\ndois"),
        ('<p>pala<lb break="no"/>\n vra e<lb/>linha</p>', "palavra e\nlinha"),
        ("<p>a <app><lem>b</lem><rdg>c</rdg></app> d</p>", "a b d"),
        ("<castItem>um</castItem><castItem>dois</castItem>", "um\n\ndois"),
        ("<p>Jo&atilde;o &mdash; n&#227;o</p>", "João — não"),
    ],
)
@pytest.mark.parametrize("doctype", ["", '<!DOCTYPE TEI SYSTEM "tei.dtd">', "<!DOCTYPE TEI [ %x; ]>"])
def test_no_words_are_glued_and_no_entity_is_lost(tmp_path: Path, inside: str, text: str, doctype: str) -> None:
    path = tmp_path / "livro.xml"
    path.write_text(f'<?xml version="1.0"?>{doctype}<TEI><text>{inside}</text></TEI>', encoding="utf-8")
    assert read_file(path) == text + "\n"
    path.write_text(f"{doctype}<TEI><text><p>a &desconhecida; b</p></text></TEI>", encoding="utf-8")
    with pytest.raises(UserError, match=r"expected .*found &desconhecida;|undefined entity"):
        read_file(path)


@pytest.mark.parametrize("held", [1, 20, 2**20])
def test_tei_is_the_same_however_it_is_cut(monkeypatch: pytest.MonkeyPatch, held: int) -> None:
    from charrnn.corpus import markup

    monkeypatch.setattr(markup, "HELD", held)
    text = TEI.format(encoding="utf-8")
    for size in (1, 7, 100):
        assert "".join(markup.tei("x", (text[i : i + size] for i in range(0, len(text), size)))) == TEI_TEXT


def test_a_paragraph_of_any_length_is_given_out_in_pieces() -> None:
    from charrnn.corpus import markup

    pieces = itertools.chain(["<TEI><text><p>"], itertools.repeat("Não  acaba, \n" * 100, 3000), ["</p></text></TEI>"])
    given = list(markup.tei("x", pieces))
    assert max(map(len, given)) < 2 * markup.HELD
    assert "".join(given) == "Não acaba, " * 299_999 + "Não acaba,\n"


PAGE = """<!DOCTYPE html><html><head><meta charset="{encoding}"><title>Fora</title><style>p {{}}</style></head>
<body><nav>menu</nav><h1>T&iacute;tulo</h1><p>Um   <b>par\u00e1grafo</b>
longo.<script>if (a < b) fora()</script><p>Outro<br>em duas linhas &mdash; fim.</p><pre>  um
  dois</pre></body></html>"""


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1"])
def test_html_gives_its_text_only(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "pagina.html"
    path.write_bytes(PAGE.format(encoding=encoding).encode(encoding))
    assert read_file(path) == "Título\n\nUm parágrafo longo.\n\nOutro\nem duas linhas — fim.\n\num\ndois\n"


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<body>antes<div><nav>menu</div><p>Texto do livro", "antes\n\nTexto do livro"),
        ("<html><head><title>X</title><p>Texto", "Texto"),
        (
            "<body><table><tr><td>João</td><td>Maria</td></table><center>A</center><center>B</center>",
            "João Maria\n\nA\n\nB",
        ),
        ("<body>a<!-- fora -->b<p>c</p>d", "ab\n\nc\n\nd"),
    ],
)
def test_html_with_tags_left_open(tmp_path: Path, page: str, text: str) -> None:
    path = tmp_path / "pagina.html"
    path.write_text(page, encoding="utf-8")
    assert read_file(path) == text + "\n"


@pytest.mark.parametrize("part", ["<a ", "<!--", "</", "<?", "<", "<div>"])
def test_broken_html_takes_no_time(tmp_path: Path, part: str) -> None:
    path = tmp_path / "pagina.html"
    path.write_text("<html><body>fim" + part * 100_000 + "fim", encoding="utf-8")
    began = time.perf_counter()
    read_file(path)
    assert time.perf_counter() - began < 5


@pytest.mark.parametrize("declaration", ["iso-8859-1", "windows-1252", "foo", "utf-8"])
@pytest.mark.parametrize("encoding", ["utf-8", "windows-1252"])
def test_a_declaration_does_not_overrule_the_bytes(tmp_path: Path, declaration: str, encoding: str) -> None:
    text = "Olá, João: não há pão, nem avó à janela.\n"
    path = tmp_path / "texto"
    for name, content in (
        ("a.html", f"<html><meta charset={declaration}><body>{text}</body></html>"),
        ("a.xml", f'<?xml version="1.0" encoding="{declaration}"?><TEI><text><p>{text}</p></text></TEI>'),
    ):
        path = tmp_path / name
        path.write_bytes(content.encode(encoding))
        told: list[str] = []
        assert read_file(path, note=told.append) == text
        assert len(told) == (encoding != "utf-8")


def test_an_e_book_is_read_in_the_order_of_its_chapters(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "livro.epub", "w") as book:
        book.writestr("mimetype", "application/epub+zip")
        book.writestr("META-INF/container.xml", '<container><rootfile full-path="OEBPS/a.opf"/></container>')
        items = "".join(f'<item id="i{n}" href="c{n}.xhtml"/>' for n in (1, 2, 10))
        order = "".join(f'<itemref idref="i{n}"/>' for n in (1, 2, 10))
        book.writestr("OEBPS/a.opf", f"<package><manifest>{items}</manifest><spine>{order}</spine></package>")
        for n in (10, 2, 1):
            book.writestr(
                f"OEBPS/c{n}.xhtml", f"<html><head><title>x</title></head><body><p>Capítulo {n}</p></body></html>"
            )
    assert read_file(tmp_path / "livro.epub") == "Capítulo 1\n\nCapítulo 2\n\nCapítulo 10\n"


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


def test_xml_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "dados.xml"
    path.write_text('<?xml version="1.0"?><rss><item>a</item></rss>', encoding="utf-8")
    with pytest.raises(UserError, match="expected TEI, HTML or plain text, found XML of another kind"):
        read_file(path)


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


# Malformed input: one clear message, in bounded time and memory.


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


@pytest.mark.parametrize(
    ("declaration", "found"),
    [
        ("".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12)), "entity declarations"),
        ('<!ENTITY fora SYSTEM "file:///etc/passwd">', "entity declarations"),
    ],
)
def test_xml_bombs_and_outside_entities_are_refused(tmp_path: Path, declaration: str, found: str) -> None:
    path = tmp_path / "bomba.xml"
    path.write_text(
        f'<?xml version="1.0"?><!DOCTYPE TEI [<!ENTITY l0 "rir">{declaration}]><TEI><text><p>&l11;</p></text></TEI>',
        encoding="utf-8",
    )
    began = time.perf_counter()
    with pytest.raises(UserError, match=found):
        read_file(path)
    assert time.perf_counter() - began < 1


def test_broken_xml_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "quebrado.xml"
    path.write_text("<TEI>\n<text>\n<p>a</b></text></TEI>", encoding="utf-8")
    with pytest.raises(UserError, match="expected well-formed XML, found mismatched tag at line 3"):
        read_file(path)


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
