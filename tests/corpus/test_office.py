"""Documents of office programs, RTF and PDF are read as their text; what is none is refused with what to do."""

import json
import zipfile
from pathlib import Path

import pytest
from support import STORIES

from charrnn.corpus import open_works, read_file
from charrnn.errors import UserError

TEXT = STORIES.read_text(encoding="utf-8")[:1500].rpartition("\n")[0].strip() + "\n"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
ODT = b"application/vnd.oasis.opendocument.text"


def zipped(path: Path, members: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def docx(path: Path, body: str, head: str = "") -> Path:
    xml = f'<?xml version="1.0"?>{head}<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>'
    notes = f'<w:footnotes xmlns:w="{WORD}"><w:p><w:r><w:t>Uma nota.</w:t></w:r></w:p></w:footnotes>'
    return zipped(path, {"[Content_Types].xml": "<T/>", "word/document.xml": xml, "word/footnotes.xml": notes})


def runs(text: str) -> str:
    """A paragraph in two runs, as Word cuts them, after a tab stop that is no tab."""
    halves = (f'<w:r><w:t xml:space="preserve">{half}</w:t></w:r>' for half in (text[:9], text[9:]))
    return f"<w:p><w:pPr><w:tabs><w:tab/></w:tabs></w:pPr>{''.join(halves)}</w:p>"


def odt(path: Path, body: str, **more: str) -> Path:
    xml = (
        f'<o:document-content xmlns:o="o" xmlns:text="t"><o:body><o:text>{body}</o:text></o:body></o:document-content>'
    )
    return zipped(path, {"mimetype": ODT, "content.xml": xml, **more})


def written(path: Path) -> Path:
    """TEXT as a document of the kind that the path's ending names."""
    lines = TEXT.removesuffix("\n").split("\n")
    if path.suffix == ".docx":
        return docx(path, "".join(map(runs, lines)))
    if path.suffix == ".odt":
        return odt(path, "".join(f"<text:p>{line}</text:p>" for line in lines))
    signs = {c: f"\\'{c.encode('cp1252').hex()}" if c < "\u0100" else f"\\u{ord(c)}?" for c in TEXT if c > "\x7f"}
    path.write_text(
        r"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Times;}}\f0 " + TEXT.strip().translate(
            str.maketrans({**signs, "\n": "\\par\n"})
        ) + "}", encoding="ascii"
    )  # fmt: skip
    return path


@pytest.mark.parametrize("ending", ["docx", "odt", "rtf"])
def test_paragraphs_are_lines(tmp_path: Path, ending: str) -> None:
    """Under any name, alone, in a folder, and in an archive."""
    path = written(tmp_path / f"a.{ending}")
    told: list[str] = []
    assert read_file(path, note=told.append) == TEXT
    assert "each paragraph is a line" in told[0]
    (tmp_path / "sem ending").write_bytes(path.read_bytes())
    zipped(tmp_path / "tudo.zip", {f"b.{ending}": path.read_bytes()})
    for name in ("sem ending", "tudo.zip", "."):
        assert TEXT in read_file(tmp_path / name)


@pytest.mark.parametrize(
    ("declared", "page"),
    [
        ("mac", "mac-roman"), ("mac\\ansicpg10000", "mac-roman"), ("pc", "cp437"), ("pca", "cp850"), ("ansi", "cp1252"),
        ("ansi\\ansicpg850", "cp850"), ("ansi\\ansicpg0", "cp1252"), ("ansi\\ansicpg65001", "utf-8"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("font", ["", "{\\fonttbl{\\f0\\fcharset1 Geneva;}}\\f0"])
def test_an_rtf_document_is_read_in_the_page_that_it_declares(
    tmp_path: Path, declared: str, page: str, font: str
) -> None:
    text = "".join(f"\\'{byte:02x}" if byte > 127 else chr(byte) for byte in "É lá, você e avó.".encode(page))
    (tmp_path / "a.rtf").write_text(f"{{\\rtf1\\{declared}{font} {text}\\par}}", encoding="ascii")
    assert read_file(tmp_path / "a.rtf") == "É lá, você e avó.\n"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (r"Oi \u-10179\'3f\u-8704\'3f fim.", "Oi 😀 fim."),
        (r"\uc0\u55357 \u56832  fim \uc2\u26085\'93\'fa.", "😀 fim 日."),
        (
            r"{\fonttbl{\f0\froman Times;}{\f1\fcharset204 Cyr;}}\f0 av\'f3 {\f1\'cf\'f0\'e8} n\'e3o",
            "avó При não",
        ),
        (r"{\fonttbl\f0\fnil\fcharset0 Times;\f1\fnil\fcharset128 MS;}\f1\'93\'fa\f0  n\'e3o", "日 não"),
        (r"A {\deleted APAGADO}fica.\deleted fora\deleted0  E{\revised  mais}", "A fica. E mais"),
        (r"\trowd c1\cell c2\cell\row\trowd d1\cell\cell\row fim", "c1\tc2\nd1\nfim"),
        (r"A{\shp{\*\shpinst{\sp{\sn x}{\sv 1}}{\shptxt CAIXA\par}}{\shprslt{\*\do CAIXA}}}B", "A\nCAIXA\nB"),
        (r"{\info{\author X}}{\*\generator Y}A{\footnote N}{\pict\bin4 }{\p}B\bin2 \}{\header H}", "AB"),
        (r"{\field{\*\fldinst {\rtlch TOC \\o}}{\fldrslt I\tab 3\par}}{\field{\*\fldinst PAGE}{\fldrslt 3}}", "3"),
        (r"{\upr{Jo?o}{\*\ud{Jo\u227?o}}}{\info{\upr{x}{\*\ud y}}}", "João"),
        (r"\{a\} b\\c\~d\'e", "{a} b\\c\u00a0d"),
    ],
)
@pytest.mark.parametrize("before", ["", "\ufeff", "\n \r\n"])
def test_of_an_rtf_document_the_text_is_read(tmp_path: Path, before: str, body: str, text: str) -> None:
    """Whole, cut off at its end, and with letters of UTF-8."""
    told: list[str] = []
    for end, cut in (("}", False), ("", True)):
        (tmp_path / "a.rtf").write_text(f"{before}{{\\rtf1\\ansi\\ansicpg1252 {body}{end}", encoding="utf-8")
        assert read_file(tmp_path / "a.rtf", note=told.append) == text + "\n"
        assert ("cut off" in told.pop()) == cut
    (tmp_path / "a.rtf").write_text(f"{{\\rtf1\\ansi avó — 😀 {body}\\par}}", encoding="utf-8")
    assert read_file(tmp_path / "a.rtf") == f"avó — 😀 {text}\n"


def test_rtf_documents_that_were_joined_are_all_read(tmp_path: Path) -> None:
    (tmp_path / "a.rtf").write_bytes(b"{\\rtf1\\ansi um\\par}\n{\\rtf1\\mac dois \\'8e\\par}\0\n")
    assert read_file(tmp_path / "a.rtf") == "um\ndois é\n"


def test_what_is_not_the_text_of_a_word_document_is_left_out(tmp_path: Path) -> None:
    body = (
        "<w:p><w:r><w:t>um</w:t><w:br/><w:t>dois</w:t><w:tab/><w:t>dias</w:t><w:noBreakHyphen/><w:t>santos</w:t></w:r>"
        "<w:del><w:r><w:delText>velho</w:delText></w:r></w:del><w:moveFrom><w:r><w:t>antes</w:t></w:r></w:moveFrom>"
        "<w:r><w:instrText>PAGE</w:instrText></w:r></w:p><w:p/><w:p/><w:p/><w:p/>"
        "<w:p><w:r><w:t>três</w:t></w:r><w:r><w:pict><w:p><w:r><w:t>caixa</w:t></w:r></w:p></w:pict></w:r></w:p>"
    )
    assert read_file(docx(tmp_path / "a.docx", body)) == "um\ndois\tdias-santos\n\n\ntrês\ncaixa\n"


def test_a_table_of_contents_of_a_word_document_is_left_out(tmp_path: Path) -> None:
    def field(instruction: str, result: str) -> str:
        begin, separate, end = (
            f'<w:r><w:fldChar w:fldCharType="{part}"/></w:r>' for part in ("begin", "separate", "end")
        )
        halves = (f"<w:r><w:instrText>{half}</w:instrText></w:r>" for half in (instruction[:2], instruction[2:]))
        return f"{begin}{''.join(halves)}{separate}{result}{end}"

    entry = "<w:r><w:t>I</w:t></w:r>" + field("PAGEREF", "<w:r><w:t>3</w:t></w:r>")
    contents = field("TOC \\o", f"{entry}</w:p><w:p>{entry}</w:p><w:p>")
    date = field("DATE", "<w:r><w:t>1</w:t></w:r>")
    body = f"<w:p><w:r><w:t>antes</w:t></w:r></w:p><w:p>{contents}</w:p><w:p><w:r><w:t>dia </w:t></w:r>{date}</w:p>"
    assert read_file(docx(tmp_path / "a.docx", body)) == "antes\n\ndia 1\n"


def test_white_space_and_notes_of_an_odt_document(tmp_path: Path) -> None:
    body = (
        "<text:tracked-changes><text:p>velho</text:p></text:tracked-changes><text:h>Um <text:s text:c='2'/>dois\n  ou"
        "<text:tab/>três<text:line-break/>quatro<text:note><text:p>nota</text:p></text:note>.</text:h><text:p/>"
        "<text:p>Fim</text:p>"
    )
    assert read_file(odt(tmp_path / "a.odt", body)) == "Um   dois ou\ttrês\nquatro.\n\nFim\n"


def pdf(pages: list[list[str]]) -> bytes:
    """A PDF of the smallest kind, with a line of text at each place."""
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b""]
    kids = []
    for lines in pages:
        shown = " T* ".join(f"({line}) Tj" for line in lines)
        stream = f"BT/F 12 Tf 14 TL 50 800 Td{shown} ET".encode("cp1252")
        kids.append(f"{len(objects) + 1} 0 R")
        fonts = b"/Font<</F<</Type/Font/Subtype/Type1/BaseFont/Times-Roman/Encoding/WinAnsiEncoding>>>>"
        objects.append(
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 900]/Resources<<%b>>/Contents %d 0 R>>"
            % (fonts, len(objects) + 2)
        )
        objects.append(b"<</Length %d>>stream\n%b\nendstream" % (len(stream), stream))
    objects[1] = f"<</Type/Pages/Count {len(pages)}/Kids[{' '.join(kids)}]>>".encode()
    data, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj%b endobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    end = b"xref\n0 %d\n0000000000 65535 f \n%btrailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF"
    return data + end % (size, table, size, len(data))


def test_of_a_pdf_the_text_stays_without_what_stands_on_every_page(tmp_path: Path) -> None:
    lines = [line[:60].replace("—", "-") for line in TEXT.split("\n") if line]
    pages = [lines[2 * n : 2 * n + 2] for n in range(5)]
    framed = [["CONTOS DE AGOSTO", *lines, f"página {n} de 5"] for n, lines in enumerate(pages, 1)]
    (tmp_path / "a.pdf").write_bytes(pdf(framed))
    told: list[str] = []
    assert read_file(tmp_path / "a.pdf", note=told.append) == "".join(f"{line}\n" for page in pages for line in page)
    assert "a PDF of 5 pages" in told[0]
    assert "CONTOS DE AGOSTO" in told[0]


@pytest.mark.parametrize("form", ["CAPÍTULO {}", "Lisboa, {} de maio de 1890", "roman", "Parágrafo {}. A avó"])
def test_what_differs_from_page_to_page_of_a_pdf_stays(tmp_path: Path, form: str) -> None:
    roman = ["I", "II", "III", "IV", "V", "VI"]
    heads = roman if form == "roman" else [form.format(number) for number in range(1, 7)]
    pages = [[head, f"Linha {'ab' * n}.", f"Amém, {'ab' * n}.", str(n + 7)] for n, head in enumerate(heads)]
    (tmp_path / "a.pdf").write_bytes(pdf(pages))
    assert read_file(tmp_path / "a.pdf") == "".join(f"{line}\n" for page in pages for line in page[:-1])


@pytest.mark.parametrize("name", ["docx", "odt"])
def test_entities_and_bombs_are_refused(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path, bomb = tmp_path / f"a.{name}", '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
    docx(path, runs("&b;"), bomb) if name == "docx" else zipped(
        path, {"mimetype": ODT, "content.xml": bomb + "<x>&b;</x>"}
    )
    with pytest.raises(UserError, match="without entity declarations"):
        read_file(path)
    monkeypatch.setattr("charrnn.corpus.archives.FREE", 2**20)
    long = "<p>" + "a" * 2**22 + "</p>"
    docx(path, long) if name == "docx" else odt(path, long)
    with pytest.raises(UserError, match="unpack to more than"):
        read_file(path)


@pytest.mark.parametrize(
    ("data", "advice"),
    [
        (b"\x89PNG\r\n\x1a\n", ("image", "OCR", "imagem")), (b"\xff\xd8\xff\xe0", ("image", "OCR", "imagem")),
        (b"\0\0\0\x18ftypmp42", ("recording", "transcription", "vídeo")), (b"ID3\4", ("recording", ".srt", "áudio")),
        (b"RIFF\0\0\0\0WEBP", ("image", "OCR", "imagem")), (b"RIFF\0\0\0\0WAVE", ("recording", ".srt", "áudio")),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ("office", ".docx", "documento")), (b"7z\xbc\xaf'", ("7z", ".zip", "7z")),
        (b"SQLite format 3\0", ("database", ".csv", "banco")), (bytes(200), ("binary", ".txt", "binário")),
        (b"%PDF-1.4 cortado", ("damaged", ".txt", "danificado")), (pdf([["1"], ["2"]]), ("pictures", "OCR", "imagens")),
    ],
)  # fmt: skip
def test_what_is_no_text_is_refused_with_what_to_do(tmp_path: Path, data: bytes, advice: tuple[str, ...]) -> None:
    (tmp_path / "a").write_bytes(data + bytes(20) * (not data.startswith(b"%PDF")))
    with pytest.raises(UserError) as refused:
        read_file(tmp_path / "a")
    assert all(word in f"{refused.value} {refused.value.render('pt')}" for word in advice)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("start", ["SQLite é", "ID3 é", "RIFF RAFF é", "GIF8 é", "Rar! é", "8BPS é", "OggS é"])
def test_a_text_may_begin_with_the_name_of_a_format(tmp_path: Path, start: str) -> None:
    (tmp_path / "a.txt").write_text(f"{start} um nome.\n", encoding="utf-8")
    assert read_file(tmp_path / "a.txt") == f"{start} um nome.\n"


@pytest.mark.parametrize("member", ["xl/workbook.xml", "ppt/presentation.xml"])
def test_tables_and_slides_of_office_programs_say_what_to_save(tmp_path: Path, member: str) -> None:
    zipped(tmp_path / "a.bin", {"[Content_Types].xml": "<T/>", member: "<x/>"})
    with pytest.raises(UserError, match=".csv" if member.startswith("xl") else ".txt"):
        read_file(tmp_path / "a.bin")


@pytest.mark.parametrize("cut", [0.3, 0.7])
@pytest.mark.parametrize("ending", ["docx", "odt"])
def test_a_cut_document_is_refused(tmp_path: Path, ending: str, cut: float) -> None:
    path = written(tmp_path / f"a.{ending}")
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * cut)])
    with pytest.raises(UserError, match="damaged"):
        list(open_works([path]))


def test_of_a_notebook_the_texts_stay(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# Título\n", "Era uma vez."]},
        {"cell_type": "code", "source": ["print(1)"], "outputs": [{"text": "resultado"}]},
        {"cell_type": "raw", "source": "Fim."},
    ]
    path = tmp_path / "a.ipynb"
    for book in ({"cells": cells, "nbformat": 4}, {"worksheets": [{"cells": cells}]}):
        path.write_text(json.dumps(book), encoding="utf-8")
        assert read_file(path) == "# Título\nEra uma vez.\n\nFim.\n"
    for damaged in ("[" * 100_000, '{"cells": 5}', "Era uma vez.", '{"cells": [{"source": "x"}]}'):
        path.write_text(damaged, encoding="utf-8")
        with pytest.raises(UserError, match="expected a Jupyter notebook"):
            read_file(path)
