"""Of a table one column is read, that with the longest texts or the chosen one; of subtitles, what is said."""

import contextlib
import csv
import gzip
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import STORIES

from charrnn.corpus import csv_tables, open_works, read_file
from charrnn.corpus.doctor import examine_work
from charrnn.data.dataset import Source
from charrnn.errors import UserError

ANSWERS = [
    f'{line}\nE "isto", ponto; vírgula, e aspas.' for line in STORIES.read_text(encoding="utf-8").split("\n\n")[1:9]
]
ROWS = [[str(n), f"Ana {n}", answer] for n, answer in enumerate(ANSWERS)]
TITLES = ["número", "Quem?", "resposta"]
READ = "".join(f"{answer}\n" for answer in ANSWERS)


def table(path: Path, rows: list[list[str]], delimiter: str = ",", encoding: str = "utf-8", end: str = "\r\n") -> Path:
    with path.open("w", newline="", encoding=encoding, errors="ignore") as file:
        csv.writer(file, delimiter=delimiter, lineterminator=end).writerows(rows)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_column_of_the_longest_texts_is_read(tmp_path: Path, delimiter: str, end: str, encoding: str) -> None:
    path = table(tmp_path / "a.csv", [TITLES, *ROWS], delimiter, encoding, end)
    told: list[str] = []
    assert read_file(path, note=told.append) == READ
    assert "column 'resposta'; there are also número, Quem?" in told[0]
    assert read_file(table(path, ROWS, delimiter, encoding, end)) == READ  # without titles


@pytest.mark.parametrize(
    ("rows", "titles"),
    [
        ([["nome", "opinião"], ["Ana", "Acho que sim."], ["Beto", "Acho que não."]], True),
        ([["Carimbo de data/hora", "O que você achou da aula?"], ["1/2/2024", "Boa"], ["2/2/2024", "Muito boa"]], True),
        ([["Ana", "Sim."], ["Beto", "Acho que não, mas talvez."], ["Caio", "Eu acho que sim."]], False),
        ([["sim", "sim"], ["não", "Acho que não."]], False), ([["opinião"]], False),
    ],
)  # fmt: skip
def test_titles_are_no_texts(rows: list[list[str]], titles: bool) -> None:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    found = csv_tables.layout("a.csv", [text.getvalue()])
    assert (found.first > 0) == titles
    assert found.titles == (tuple(rows[0]) if titles else tuple(map(str, range(1, len(rows[0]) + 1))))


def quoted(rows: list[list[str]], quote: str = '"', escape: str = '"') -> str:
    cells = [[quote + cell.replace(quote, escape + quote) + quote for cell in row] for row in rows]
    return "".join(",".join(row) + "\n" for row in cells)


@pytest.mark.parametrize(
    "text",
    [
        quoted([TITLES, *ROWS], escape="\\"),  # MySQL, and pandas with escapechar
        quoted([TITLES, *ROWS], quote="'", escape="'"),
        quoted([TITLES, *ROWS], quote="'", escape="\\"),
        quoted([[*row, ""][: 3 + n % 2] for n, row in enumerate([TITLES, *ROWS])]) + "9\n",
        "sep=;\r\n" + quoted([TITLES, *ROWS]).replace('","', '";"'),  # Excel
        quoted([TITLES, *ROWS]).replace("\n", "\n\r"),
        quoted([TITLES, *ROWS]).replace("\n", "\r\r\n"),
    ],
)
def test_tables_of_other_programs_are_understood(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.csv").write_text(text, encoding="utf-8", newline="")
    assert read_file(tmp_path / "a.csv") == read_file(f"{tmp_path / 'a.csv'}:resposta") == READ


@pytest.mark.parametrize(
    ("text", "uneven"),
    [
        ("# exportado em 2023\nid,texto\n1,Era uma vez.\n2,Foi embora.\n", "above the titles, which are left out: 1"),
        ("Relatório;;\n;;\nid;texto;nota\n1;Era uma vez.;5\n2;Foi embora.;4\n", "above the titles, which"),
        ("Pesquisa;Escola X;2023;\nid;nome;texto;nota\n1;A;Era uma vez.;5\n2;B;Foi embora.;4\n", "left out: 1"),
        ("0,1\n7,Era uma vez.\n8,Foi embora.\n", ""),
        ("aluno,2022\nAna,Era uma vez.\nRui,Foi embora.\n", ""),
        ("aluno,Conte em poucas palavras como foi o seu dia na escola ontem:\nA,Era uma vez.\nB,Foi embora.\n", ""),
        ("id\ttexto\n1\t Era uma vez.\n2\t Foi embora.\n", ""),
        (",texto,nota\n0,Era uma vez.,5\n1,Foi embora.,4\n", ""),  # pandas
        ("texto,nota\n1,Era uma vez.,5\n2,Foi embora.,4\n", ""),  # R: no title above the numbers of the rows
        ("id,texto,\n1,Era uma vez.,\n2,Foi embora.,\n", ""),
        ("id,texto,\n1,Era uma vez.\n2,Foi embora.\n", ""),
        ("id,texto,texto\n1,Era uma vez.,um\n2,Foi embora.,dois\n", ""),
        ("id,2023,texto\n1,um,Era uma vez.\n2,dois,Foi embora.\n", ""),
        (f"id,{'Descreva com as suas palavras o que aprendeu ' * 3}\n1,Era uma vez.\n2,Foi embora.\n", ""),
        ('id, texto, nota\n1, "Era uma vez.", 5\n2, "Foi embora.", 4\n', ""),
    ],
)  # fmt: skip
def test_titles_are_known_whatever_stands_above_or_among_them(tmp_path: Path, text: str, uneven: str) -> None:
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    told: list[str] = []
    assert read_file(tmp_path / "a.csv", note=told.append) == "Era uma vez.\nFoi embora.\n"
    assert uneven in told[0]
    found = csv_tables.layout("a.tsv" if "\t" in text else "a.csv", [text])
    assert read_file(f"{tmp_path / 'a.csv'}:{found.names[found.column]}") == "Era uma vez.\nFoi embora.\n"
    assert "more or fewer" not in told[0]
    assert read_file(f"{tmp_path / 'a.csv'}:{found.titles[found.column]}") == "Era uma vez.\nFoi embora.\n"


@pytest.mark.parametrize(
    ("rows", "read"),
    [
        ("1,Era uma vez\na avó, em casa\n", "Era uma vez\na avó, em casa"),
        ("1,Era uma vez\n\n a avó.\n", "Era uma vez\n a avó."),
        ("1,Era uma vez, a avó, sem aspas\n", "Era uma vez, a avó, sem aspas"),
        ("1,Era uma vez,a avó,sem aspas\n", "Era uma vez,a avó,sem aspas"),
        ("1,Era uma vez, a avó\n4,Era, sim\n5,Era, não, talvez\n", "Era uma vez, a avó\nEra, sim\nEra, não, talvez"),
    ],
)
def test_rows_of_another_length_lose_nothing_and_are_told(tmp_path: Path, rows: str, read: str) -> None:
    (tmp_path / "a.csv").write_text(f"id,texto\n{rows}2,Foi embora.\n3,E voltou.\n", encoding="utf-8")
    told: list[str] = []
    assert read_file(tmp_path / "a.csv", note=told.append) == f"{read}\nFoi embora.\nE voltou.\n"
    assert "rows with more or fewer cells than the others: " in told[0]


@settings(max_examples=50)
@given(st.text('ab1,;"\n .', max_size=60))
def test_no_table_ends_in_an_error_of_python(text: str) -> None:
    with contextlib.suppress(UserError):
        "".join(csv_tables.cells("a.csv", [text], csv_tables.layout("a.csv", [text])))


@pytest.mark.parametrize("later", ["", '9,Ana,"sim"\n', '9,Ana,"sim, e não"\n10,"x",y\n'])
def test_a_quote_that_swallows_rows_is_told(tmp_path: Path, later: str) -> None:
    """A quote that is never closed, or is closed some rows later, is refused with the line where it begins."""
    lines = "".join(f"{n},Ana,sim\n" for n in range(9))
    (tmp_path / "a.csv").write_text(f'{quoted(ROWS)}7,Ana,"sem fim\n{lines}{later}', encoding="utf-8")
    with pytest.raises(UserError, match=f"from line {quoted(ROWS).count(chr(10)) + 1} on"):
        read_file(tmp_path / "a.csv")


@pytest.mark.parametrize("column", ["Quem?", "quem?", "2"])
def test_a_column_is_chosen_by_title_or_number(tmp_path: Path, column: str) -> None:
    path = table(tmp_path / "a.csv", [TITLES, *ROWS])
    names = "".join(f"Ana {n}\n" for n in range(len(ROWS)))
    assert read_file(f"{path}:{column}") == names
    assert len({work.name for work in open_works([f"{path}:{column}", path, f"{path}:1"])}) == 3
    packed = tmp_path / "b.csv.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert read_file(f"{packed}:{column}") == names


def test_an_unknown_column_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv", [TITLES, *ROWS])
    for column in ("idade", "4", "0"):
        with pytest.raises(UserError, match=f"expected one of the columns número, Quem.*, resposta, found '{column}'"):
            read_file(f"{path}:{column}")
    with pytest.raises(UserError, match="expected a file"):
        read_file(f"{tmp_path / 'nada.csv'}:1")


def test_a_source_means_the_same_column_from_another_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table(tmp_path / "a.csv", ROWS)
    monkeypatch.chdir(tmp_path)
    assert Source.of(["a.csv:2"]).names == (f"{tmp_path.resolve() / 'a.csv'}:2",)


def test_a_list_of_lines_is_a_table_of_one_column(tmp_path: Path) -> None:
    lines = "texto\nUma frase, e outra; e mais uma.\nUm, dois\nTrês | quatro; cinco, seis, sete\n"
    (tmp_path / "a.csv").write_text(lines, encoding="utf-8")
    assert read_file(tmp_path / "a.csv") == lines.removeprefix("texto\n")


@pytest.mark.parametrize(("text", "found"), [("1,2\n3,4\n", "no letters"), ('a,b\n1,"' + "x" * 5000, "without end")])
def test_a_table_without_text_or_without_end_is_refused(
    tmp_path: Path, text: str, found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_tables, "CELL", 4000)
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=found):
        read_file(tmp_path / "a.csv")


@given(st.lists(st.lists(st.text('ab,;"\n x', max_size=8), min_size=2, max_size=2), min_size=1, max_size=8))
def test_cells_are_those_of_the_csv_module(rows: list[list[str]]) -> None:
    file = io.StringIO(newline="")
    csv.writer(file).writerows(rows)
    pieces = [file.getvalue()[start : start + 5] for start in range(0, len(file.getvalue()), 5)]
    read = "".join(csv_tables.cells("a.csv", pieces, csv_tables.Table(csv_tables.Form(","), ("1", "2"), 0, 1, 2)))
    assert read == "".join(f"{cell.strip()}\n" for _, cell in rows if cell.strip())


ASS = """[Script Info]
Title: Um filme

[V4+ Styles]
Format: Name, Fontname
Style: Default,Arial

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Comment: 0,0:00:00.00,0:00:01.00,Default,,0,0,0,,fora
Dialogue: 0,0:00:01.00,0:00:02.00,Default,Ana,0,0,0,,{\\an8}Que horas,\\N{\\i1}são?
Dialogue: 0,0:00:02.00,0:00:03.00,Default,,0,0,0,,{\\p1}m 0 0 l 100 0{\\p0}
Dialogue: 0,0:00:03.00,0:00:04.00,Default,,0,0,0,,{\\k20}Não {\\k9}sei.
"""
SPOKEN = {
    "ass": ASS,
    "ssa": ASS.replace("Layer", "Marked").replace("Dialogue: 0", "Dialogue: Marked=0"),
    "sub": "{1}{1}23.976\n{25}{50}{y:i}Que horas,|/são?\n{60}{}Não sei.\n",
    "mpl": "[10][20]Que horas,|/são?\n[30][40]Não sei.\n",
    "sbv": "0:00:01.500,0:00:04.000\nQue horas,\nsão?\n\n0:00:05.000,0:00:06.000\nNão sei.\n",
}


@pytest.mark.parametrize("ending", SPOKEN)
def test_of_other_subtitles_what_is_said_stays(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.{ending}"
    path.write_text(SPOKEN[ending], encoding="utf-8")
    told: list[str] = []
    assert read_file(path, note=told.append) == "Que horas,\nsão?\n\nNão sei.\n"
    assert "read as subtitles" in told[0]


@pytest.mark.parametrize("ending", ["json", "jsonl", "eml", "mht", "mbox"])
def test_what_is_read_with_the_signs_of_its_format_is_told(tmp_path: Path, ending: str) -> None:
    (tmp_path / f"a.{ending}").write_text('{"Que horas": "são?"}', encoding="utf-8")
    told: list[str] = []
    assert read_file(tmp_path / f"a.{ending}", note=told.append) == '{"Que horas": "são?"}'
    assert "signs of its format" in told[0]


def test_subtitles_are_what_is_said_and_told(tmp_path: Path) -> None:
    path = tmp_path / "a.srt"
    path.write_text(
        "1\n00:00:01,000 --> 00:00:02,000\n<i>Não sei.</i>\n\n2\n00:02,000 --> 00:03,000\nNem eu.\n", "utf-8"
    )
    (work,) = open_works([path])
    assert "".join(work.text()) == "Não sei.\n\nNem eu.\n"
    report = examine_work(work)
    assert report.format == "subtitles"
    assert report.findings[0].sentence.render("pt").startswith("lido como legendas")
    told: list[str] = []
    for times in ("00:00:01,000  00:00:02,000", "00h00m01s --> 00h00m02s", "[00:01] » [00:02]", "00:03 - -> 00:04"):
        path.write_text(f"1\n{times}\nNão sei, às 10\nou das 10:30 às 11:45.\n", "utf-8")
        assert read_file(path, note=told.append) == "Não sei, às 10\nou das 10:30 às 11:45.\n"
        assert "stay" not in told.pop()
    path.write_text("1\n5 --> 9\nNão sei.\n", "utf-8")
    assert read_file(path, note=told.append) == "1\n5 --> 9\nNão sei.\n"
    assert "stay in the text, such as '5 --> 9'" in told[0]
