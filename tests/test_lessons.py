"""The lessons of docs/aula/: links and commands work, labels are the page's, answers are right."""

import re
import shlex
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from support import ROOT, STORIES

import charrnn
from charrnn.cli import main
from charrnn.config import SampleConfig
from charrnn.html.writing import number
from charrnn.lens import effects, memory_map, reach, trace
from charrnn.lens.tiny_elman import SmallNetwork
from charrnn.lens.unit_findings import in_halves
from charrnn.sampling import filters
from charrnn.storage import registry
from charrnn.ui import ALSO, LINKED, TABS, linked
from charrnn.ui.generate.controls import from_link
from charrnn.ui.texts import TEXTS
from charrnn.ui.texts.memory_tab import EXAMPLE
from charrnn.ui.visitors import EVERYTHING

FOLDER = ROOT / "docs" / "aula"
LESSONS = {path.stem: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.md"))}
ANSWERS = LESSONS["gabarito"]
SHORTER = {"--minutes 5": "--steps 8 --evaluations 2 --hidden 32 --threads 1", "--length 300": "--length 20"}
WORDS = {"tab", "step", "model", "prompt", *LINKED.values()}  # of a link, beside settings


def answers(lesson: int) -> str:
    return ANSWERS.split("\n## ")[lesson]


def cells(text: str, first: str) -> list[str]:
    """Return the cells of the table row that begins with `first`, without it."""
    (row,) = re.findall(rf"^\| {re.escape(first)} \|(.*)\|$", text, flags=re.MULTILINE)
    return [cell.strip() for cell in row.split("|")]


def values(written: list[str]) -> np.ndarray:
    return np.array([float(cell.replace("−", "-").replace(",", ".")) for cell in written])


def test_there_are_five_lessons_and_their_answers() -> None:
    assert len(LESSONS) == 7
    for name, text in LESSONS.items():
        if name[0].isdigit():
            title = text.splitlines()[0].removeprefix("# Aula ")
            assert f"\n## Aula {title}\n" in ANSWERS
            assert f"[{title}]({name}.md)" in LESSONS["README"]
            questions = [int(found) for found in re.findall(r"^(\d)\. ", text, flags=re.MULTILINE)]
            assert questions == [*range(1, len(questions) + 1)]
            answered = [int(found) for found in re.findall(r"^(\d)\. ", answers(int(name[0])), flags=re.MULTILINE)]
            assert answered == questions


def test_links_open_the_page_set_up() -> None:
    links = {link for text in LESSONS.values() for link in re.findall(r"\(http://127\.0\.0\.1:7860/(.*?)\)", text)}
    assert len(links) >= 7
    for link in links:
        asked = {name: found[0] for name, found in parse_qs(urlsplit(link).query).items()}
        assert ALSO.get(asked.get("tab", ""), asked.get("tab", "generate")) in TABS
        tab, *texts = linked(f"?{urlsplit(link).query}")
        assert getattr(tab, "selected", None) == ALSO.get(asked.get("tab", ""), asked.get("tab"))
        assert [text for text in texts if isinstance(text, str)] == [
            asked[name] for name in LINKED.values() if name in asked
        ]
        settings = from_link(urlsplit(link).query, EVERYTHING)
        assert set(asked) <= WORDS | set(settings)
        if "model" in asked:
            assert (registry.SHIPPED / asked["model"]).is_dir()


def test_names_in_bold_are_labels_of_the_page() -> None:
    labels = {pair[0] for pair in TEXTS.values()}
    for name, text in LESSONS.items():
        for label in re.findall(r"\*\*(.+?)\*\*", text.replace("\n", " ")):
            assert label in labels, f"{name}: {label}"


def test_the_network_by_hand_is_as_the_sheets_say() -> None:
    sheet = LESSONS["1-a-mao"]
    recurrent, bias = re.findall(r"tanh\(w − (.*?) · M \+ (.*?)\)", sheet)[0]
    scores = [re.fullmatch(r"(.*) · H ([−+] .*)", cell) for cell in cells(sheet, "nota")]
    slope, base = zip(*((score[1], score[2].replace(" ", "")) for score in scores if score), strict=True)
    network = SmallNetwork(
        "\nan", values(cells(sheet, "w"))[None], -values([recurrent])[None], values([bias]),
        values([*slope])[:, None], values([*base]),
    )  # fmt: skip
    instants = network.follow("ana")
    for time, now in enumerate(instants, 1):
        came, memory, _, hidden, *notes, guess = cells(answers(1), str(time))
        assert (came, guess) == tuple(letter.replace("\n", "↵") for letter in (now.character, now.target))
        assert (memory, hidden) == (number("pt", now.memory[0], 2), number("pt", now.hidden[0], 2))
        expected = network.output_weight @ now.hidden + network.output_bias
        assert notes == [number("pt", value, 1) for value in expected]
        assert network.alphabet[int(now.output.argmax())] == now.target
    alone = np.tanh(network.input_weight[0, 1] + network.bias)
    notes = [number("pt", value, 1) for value in network.output_weight @ alone + network.output_bias]
    assert f"tanh(1,2) = {number('pt', alone[0], 2)}, com notas {notes[0]}, {notes[1]} e {notes[2]}" in ANSWERS
    table = zip(cells(sheet, "x"), cells(sheet, "tanh x"), strict=True)
    assert all(number("pt", float(np.tanh(values([x])[0])), 2) == y for x, y in table)


def test_temperatures_are_as_the_sheets_say() -> None:
    given = values(cells(LESSONS["3-temperatura"], "1"))
    for name in ("1", "0,5", "2"):
        config = SampleConfig(temperature=float(name.replace(",", ".")))
        after = filters.probabilities(filters.apply(np.log(given), config, np.array([], dtype=np.int64)))
        assert cells(answers(3), name) == [number("pt", value, 2) for value in after]


@pytest.mark.slow
def test_the_commands_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    Path("contos.txt").write_text(STORIES.read_text(encoding="utf-8")[:6000], encoding="utf-8")
    blocks = [block for text in LESSONS.values() for block in re.findall(r"```sh\n(.*?)```", text, flags=re.DOTALL)]
    commands = [line for block in blocks for line in block.splitlines()]
    assert len(commands) >= 10
    for command in commands:
        for given, shorter in SHORTER.items():
            command = command.replace(given, shorter)
        program, *arguments = shlex.split(command)
        assert program == "charrnn"
        with pytest.raises(SystemExit) as stopped:
            main(arguments)
        assert not stopped.value.code, command
        assert "".join(capsys.readouterr()).strip(), command


@pytest.mark.slow
def test_what_is_said_of_the_memory_is_so() -> None:
    model, tokenizer = charrnn.load("machado-lstm")
    assert cells(LESSONS["5-ate-onde-alcanca"], "d") == ["1", "2", "4", "8", "16", "32"]
    stories = STORIES.read_text(encoding="utf-8")
    found = reach(model, tokenizer, stories, distances=(1, 2, 4, 8, 16, 32), spent=512)
    said = values(cells(LESSONS["5-ate-onde-alcanca"], "bits por caractere"))
    assert np.abs(np.array(found.bits) - said).max() < 0.2
    ends = [trace(model, tokenizer, text).surprisal[-7:].sum() for text in ("navio partiu.", f"{SHIP}navio partiu.")]
    assert re.findall(r"\d+ bits", answers(5))[-2:] == [f"{bits:.0f} bits" for bits in ends]
    scores = [charrnn.score(model, tokenizer, text).bits_per_character for text in re.findall(r'"(.*?\.)"', PHRASES)]
    assert [f"{bits:.1f}".replace(".", ",") in answers(4) for bits in scores] == [True, True]
    verdicts = {one.followed.name: one.verdict for one in in_halves(units(model, tokenizer), EXAMPLE)}
    confirmed = [name for name, verdict in verdicts.items() if verdict == "confirmed"]
    assert confirmed == ["space", "vowel", "position_in_word"]
    extra = {effect.name: effect.extra for effect in effects(model, tokenizer, EXAMPLE)}
    assert extra["shuffled"] > extra["zeroed"] > extra["kept"] > 0


SHIP = "O capitão subiu ao navio e o "
PHRASES = LESSONS["4-o-que-a-memoria-guarda"].split("```")[1]


def units(model: charrnn.CharRNN, tokenizer: charrnn.CharTokenizer) -> memory_map.Rows:
    return memory_map.units(trace(model, tokenizer, EXAMPLE))
