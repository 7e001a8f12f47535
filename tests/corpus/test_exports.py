"""What programs and people add around a text, names of files, and lines that must stay."""

import io
import os
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from support import QUATRAINS, STORIES

from charrnn.cli import main
from charrnn.corpus import open_works
from charrnn.corpus.archives import documents
from charrnn.corpus.doctor import examine
from charrnn.corpus.documents import natural
from charrnn.corpus.repairs import REPAIRS, repair

BOOK = STORIES.read_text(encoding="utf-8")[:4000].rpartition("\n")[0].strip() + "\n"


@pytest.mark.parametrize(
    "header",
    [
        "**The Project Gutenberg Etext of X, by Y**\n#1 in our series\n\nThis header should be seen first.\n\n"
        "**********The Project Gutenberg Etext of X**********\n"
        "******This file should be named 9vlha10.txt or 9vlha10.zip******\n\n"
        "Corrected EDITIONS of our etexts get a new NUMBER, 9vlha11.txt\nVERSIONS get new LETTER, 9vlha10a.txt\n\n",
        "The Project Gutenberg EBook of X, by Y\n\n*** START OF THE PROJECT GUTENBERG EBOOK X,\nDE Y ***\n\n\n",
        "*** START OF THIS PROJECT GUTENBERG EBOOK X ***\n\nProduced by A. Person\n\n"
        "[Transcriber's note: the spelling\nof the original was kept.]\n\n",
        "*** START OF THE PROJECT GUTENBERG EBOOK X ***\n\nNota do transcritor: mantivemos a grafia\noriginal.\n\n"
        "Produced by A. Person\n\n",
        "*** START OF THE PROJECT GUTENBERG EBOOK X ***\n\n*Nota de editor:* Devido à existência de erros\n"
        "tipográficos neste texto, foram tomadas várias decisões.\n\nA. Person (Jul. 2008)\n\n",
    ],
)
@pytest.mark.parametrize(
    "notes",
    [
        "",
        "\n\nLista de erros corrigidos\n\nAqui listamos os erros:\n\n#pág. 12# cousa ... coisa\n",
        "\n\n[Nota de transcrição: mantivemos a grafia\noriginal.]\n",
    ],
)
def test_gutenbergs_headers_and_notes_go(header: str, notes: str) -> None:
    footer = notes + "\n\nEnd of the Project Gutenberg Etext of X\n"
    assert {finding.name for finding in examine(header + BOOK + footer).findings} >= {"gutenberg"}
    assert repair(header + BOOK + footer, ["gutenberg"])[0].strip() == BOOK.strip()


LINES = [line.replace("— ", "") for line in BOOK.splitlines() if line][:40]
NAMES = ("Vó Dita", "+55 11 90000-0000", "Beto ⚽", "Tio Zeca")
SIGNS = ("", "😂", "❤️", "‼️", "²", "…")
SAID = [
    f"{NAMES[n % 4]}: {line.rstrip('.!?')}{SIGNS[n % 6]}"
    for n, line in enumerate([*LINES, "kkkk", "oi", "não", "oi", "kkkk"])
]
CHATS = {
    "ios": [f"[{1 + n % 28:02}/01/2024, {n % 24:02}:5{n % 10}:11] {line}" for n, line in enumerate(SAID)],
    "ios with marks": [f"\u200e[{1 + n % 28}/1/24, {n % 12}:5{n % 10}:11 PM] {line}" for n, line in enumerate(SAID)],
    "android": [f"{1 + n % 28:02}/01/2024 {n % 24:02}:5{n % 10} - {line}" for n, line in enumerate(SAID)],
    "android in English": [f"1/{1 + n % 28}/24, {n % 12}:5{n % 10}\u202fpm - {line}" for n, line in enumerate(SAID)],
}
CHATS["web"] = [f"[{n % 24:02}:5{n % 10}, {1 + n % 28:02}/01/2024] {line}" for n, line in enumerate(SAID)]
CHATS["copied"] = [f"[{1 + n % 28:02}/01, {n % 24:02}:5{n % 10}] {line}" for n, line in enumerate(SAID)]
CHATS["iso"] = [f"2024-01-{1 + n % 28:02}, {n % 24:02}:5{n % 10} - {line}" for n, line in enumerate(SAID)]
CHATS["android in American"] = [line.replace(" -", "\u202fp.\xa0m. -", 1) for line in CHATS["android"]]
EMPTY = ("\u200eáudio ocultado", "<Mídia oculta>", "imagem ocultada", "<Media omitted>", "Esta mensagem foi apagada.")


@pytest.mark.parametrize("kind", CHATS)
def test_of_a_chat_only_the_times_go(kind: str) -> None:
    lines = CHATS[kind]
    stamp = lines[3][: -len(SAID[3])]
    text = "\n".join(lines) + "\n" + "".join(f"{stamp}Tio Zeca: {empty}\n" for empty in EMPTY)
    findings = {finding.name: finding for finding in examine(text).findings}
    assert findings["stamps"].repair == "stamps"
    assert not {"running-heads", "odd-signs"} & {*findings}
    advised = [finding.repair for finding in findings.values() if finding.repair and finding.severity == "fault"]
    assert repair(text, [*advised, "pages", "unwrap", "duplicates"])[0].splitlines() == SAID


@pytest.mark.parametrize("number", ["{0}\n", ""])
@pytest.mark.parametrize(("head", "comma"), [("", ","), ("WEBVTT\n\n", ".")])
def test_of_subtitles_only_the_text_stays(number: str, head: str, comma: str, tmp_path: Path) -> None:
    cue = number + "00:{0:02}:01{1}500 --> 00:{0:02}:04{1}000\n{2}\n\n"
    text = head + "".join(cue.format(n, comma, line) for n, line in enumerate(LINES))
    assert repair(text, ["stamps", "pages"])[0] == "\n\n".join(LINES) + "\n\n"
    (tmp_path / "filme.srt").write_text(text, encoding="utf-8")
    (work,) = open_works([tmp_path])
    assert "".join(work.text(["stamps"])) == "\n\n".join(LINES) + "\n\n"


VTT = """WEBVTT - Um filme
Kind: captions

NOTE
Traduzido por alguém
que não assina

STYLE
::cue { color: lime }

abertura
00:01.500 --> 00:04.000 align:start
<v Lídia>Que horas <i>são</i>?</v>

2
00:00:05.000 --> 00:00:06.000
<v.alto Anselmo>Não <00:00:05.500><c.verde>sei</c>.
- E você?

NOTE fim

00:07.000 --> 00:08.000
Nem eu &amp; você &gt;&gt; &lt;i&gt;.
"""


def test_of_webvtt_notes_styles_names_and_tags_go() -> None:
    assert repair(VTT, ["stamps"])[0] == "Que horas são?\n\nNão sei.\n- E você?\n\nNem eu & você >> <i>.\n"


def test_what_rolling_captions_repeat_is_said_once(tmp_path: Path) -> None:
    """Machines caption so: each line comes word by word, then alone, then above the next one."""
    file, before = tmp_path / "aula.vtt", " "
    with file.open("w", encoding="utf-8") as out:
        print("WEBVTT\nKind: captions\n", file=out)
        for n, line in enumerate(LINES):
            first, *rest = line.split()
            words = first + "".join(f"<00:{n:02}:00.500><c> {word}</c>" for word in rest)
            print(f"00:{n:02}:00.000 --> 00:{n:02}:02.000 align:start\n{before}\n{words}\n", file=out)
            print(f"00:{n:02}:02.000 --> 00:{n:02}:02.010 align:start\n{line}\n \n", file=out)
            before = line
    (work,) = open_works([file])
    assert "".join(work.text()).split("\n") == [" ".join(line.split()) for line in LINES] + [""]


LIST = "\n".join(f"{name} de {place}" for name in ("Ana", "joão", "Lídia", "Beto") for place in "abcdefghijklmn") + "\n"
SURNAMES = "\n".join(f"Silva e Souza {n * n}, Maria {n} da Conceição" for n in range(80)) + "\n"


@pytest.mark.parametrize(
    "text", [LIST, SURNAMES, QUATRAINS.read_text(encoding="utf-8")], ids=["list", "names", "verse"]
)
def test_lists_and_verse_keep_their_lines(text: str) -> None:
    advised = [finding.repair for finding in examine(text).findings if finding.repair and finding.severity == "fault"]
    for repairs in (advised, ["unwrap", "pages", "stamps", "gutenberg", "markup"]):
        assert repair(text, repairs)[0].splitlines() == text.splitlines()


CHAPTERS = [f"capítulo {n}.txt" for n in (1, 2, 3, 10, 11, 20, 100)]


def test_chapter_two_comes_before_ten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "livro"
    folder.mkdir()
    for name in CHAPTERS:
        (folder / name).write_text(f"Era o {name}.\n", encoding="utf-8")
    mixed = sorted(CHAPTERS, key=len, reverse=True)
    with zipfile.ZipFile(tmp_path / "livro.zip", "w") as archive:
        for name in mixed:
            archive.write(folder / name, name)
    for kind in ("tar", "tar.gz", "tar.xz"):
        with tarfile.open(tmp_path / f"livro.{kind}", f"w:{kind[4:]}") as tape:
            for name in mixed:
                tape.add(folder / name, name)
    monkeypatch.chdir(tmp_path)
    for name in ("livro", "livro/*.txt", "livro.zip", "livro.tar", "livro.tar.gz", "livro.tar.xz"):
        assert [work.name.rpartition("/")[2] for work in open_works([name])] == CHAPTERS, name
    assert sorted(["b/10", "b/2", "a", "1" * 5000, "b/02x"], key=natural)[:2] == ["1" * 5000, "a"]


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are text elsewhere")
def test_names_in_other_encodings_are_read_and_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for encoding in ("cp1252", "cp850", "utf-8"):
        with open(os.fsencode(tmp_path) + b"/" + f"mem\u00f3rias-{encoding}.txt".encode(encoding), "w") as file:  # noqa: PTH123
            file.write("Era uma vez um gato.\n")
    with open(os.fsencode(tmp_path) + b"/nada-\xff.bin", "w") as file:  # noqa: PTH123
        file.write("x")
    assert [work.name.rpartition("/")[2] for work in open_works([tmp_path])] == [
        "memórias-cp850.txt", "memórias-cp1252.txt", "memórias-utf-8.txt",
    ]  # fmt: skip
    for command in (["check"], ["clean", "--out", str(tmp_path / "out")]):
        with pytest.raises(SystemExit) as ended:
            main(["corpus", *command, str(tmp_path)])
        assert not ended.value.code
    assert "memórias-cp850.txt" in capsys.readouterr().out


def test_names_in_old_zips_and_tapes(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("memXrias.txt", "Era uma vez um gato.\n")
    data = (tmp_path / "a.zip").read_bytes()
    (tmp_path / "a.zip").write_bytes(data.replace(b"memXrias", "mem\u00f3rias".encode("cp850")))
    info = tarfile.TarInfo("memórias.txt")
    info.size = 4
    with tarfile.open(tmp_path / "b.tar", "w", format=tarfile.GNU_FORMAT, encoding="latin-1") as tape:
        tape.addfile(info, io.BytesIO(b"Era."))
    assert [one.name.rpartition("/")[2] for one in documents([tmp_path])] == ["memórias.txt"] * 2


def test_documents_and_tables_in_a_folder_are_told(tmp_path: Path) -> None:
    for name in ("a.txt", "b.doc", "c.xlsx", "d.mobi"):
        (tmp_path / name).write_text("Era uma vez.", encoding="utf-8")
    notes: list[str] = []
    assert len(list(open_works([tmp_path], note=notes.append))) == 1
    assert notes == [
        f"{tmp_path}: left out 3 that are empty or no texts by their names (b.doc, c.xlsx, d.mobi); save documents "
        "as .docx, .odt, .epub or .txt and tables as .csv to include them"
    ]


@pytest.mark.parametrize("ends", ["\r\r\n", "\r\n", "\n\r", "\r"])
def test_line_ends_of_two_conversions_are_one(ends: str, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(BOOK.replace("\n", ends).encode())
    (work,) = open_works([tmp_path])
    assert "".join(work.text()) == BOOK
    assert REPAIRS["newlines"](BOOK.replace("\n", ends))[0] == BOOK
    told = [finding for finding in examine(BOOK.replace("\n", ends)).findings if finding.repair == "newlines"]
    assert [finding.count for finding in told] == [BOOK.count("\n")]


@pytest.mark.parametrize(
    "times",
    [
        "0:00:01,00 --> 0:00:02,00", "00:00:01,000-->00:00:02,000", "00:01.000  -->  00:02.000", "0:0:1,0 --> 0:0:2,5",
        "00:00:05:000 --> 00:00:06:000", "00:00:09 --> 00:00:10", "00:00:01;000 -> 00:00:02;000", "0:00:01 –> 0:00:02",
        "00:00:01,000 → 00:00:02,000", "00 : 00 : 01,000 --> 00 : 00 : 02,000", "-00:00:01,000 --> 00:00:02,000 X1:9",
        "00:00:01,000 --&gt; 00:00:02,000", "00:00:01.000,00:00:02.000", "00:00:01,000 - 00:00:02,000",
    ],
)  # fmt: skip
def test_times_of_subtitles_are_known_however_they_are_written(times: str) -> None:
    text = "".join(f"{number}\n{times}\n{said}\n\n" for number, said in enumerate(["Olá."] * 12, 1))
    assert repair(text, ["stamps"])[0].split() == ["Olá."] * 12


def test_hours_with_an_arrow_are_no_subtitles() -> None:
    text = "10:30 → 11:45 Aula de português\n8:00:00 → 9:00:00 Leitura\n" * 12
    assert repair(text, ["stamps"])[0] == text


def test_headings_with_numbers_are_no_running_heads() -> None:
    """Not even where the text before each breaks off within a sentence."""
    text = STORIES.read_text(encoding="utf-8")
    for word in ("CAPÍTULO", "Soneto"):
        cut = "".join(f"{word} {n + 1}\n\n{text[n * 900 : n * 900 + 880].strip()}\n\n" for n in range(40))
        assert repair(cut, ["pages"])[0].count(word) == cut.count(word)
