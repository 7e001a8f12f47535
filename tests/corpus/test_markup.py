"""TEI and HTML give their text, and broken or dangerous markup is refused."""

import itertools
import time
from pathlib import Path

import pytest

from charrnn.corpus import read_file
from charrnn.errors import UserError

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
        (
            '<body><p>Texto<sup><a epub:type="noteref">1</a></sup> segue<a role="doc-noteref">2</a>.</p>'
            '<aside epub:type="footnote"><p>Nota.</p></aside>'
            '<p>A<span class="pagenum">12</span> <ruby>漢<rp>(</rp><rt>kan</rt></ruby>.'
            "<svg><text>fora</text></svg>",
            "Texto segue.\n\nA 漢.",
        ),
        ("<html><head><title>X</title></head><body><p>um</p></BODY ></html>\n" * 2, "um\n\num"),
        ("<html><body>um<p>dois</p></body></html>três<p>quatro</p></body>", "um\n\ndois\n\ntrês\n\nquatro"),
        ('<html><body><script>a("</body></html>")</script>um<!-- </html> --> dois', "um dois"),
        (
            '<html xmlns="http://www.w3.org/1999/xhtml"><body><p>a <![CDATA[b <i> & c]]> d <![CDATA[e]]></p>',
            "a b <i> & c d e",
        ),
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


def test_xml_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "dados.xml"
    path.write_text('<?xml version="1.0"?><rss><item>a</item></rss>', encoding="utf-8")
    with pytest.raises(UserError, match="expected TEI, HTML or plain text, found XML of another kind"):
        read_file(path)


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
