"""A repair is added in one place: its module and a line of the registry. Everything else takes it from there."""

import sys
from pathlib import Path
from types import ModuleType

import pytest
from support import STORIES

from charrnn.cli import main
from charrnn.corpus import open_works
from charrnn.corpus.doctor import examine, repairable
from charrnn.corpus.repairs import REPAIRS, Edit, Repair, chosen

TEXT = STORIES.read_text(encoding="utf-8").replace("não", "nao", 5)


def find_no_tilde(text: str) -> list[Edit]:
    """Each edit leaves one `nao` fewer."""
    places, start = [], -1
    while (start := text.find("nao", start + 1)) >= 0:
        places.append(start)
    return [Edit(place, place + 3, "não") for place in places]


@pytest.fixture(autouse=True)
def _toy(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("charrnn.corpus.repairs.tildes")
    module.find_no_tilde = find_no_tilde  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    help = ("repor tis: nao vira não", "put back tildes: nao becomes não")
    toy = Repair("no-tilde", help, "tildes", fault=("Faltam tis.", "Tildes are missing."))
    monkeypatch.setitem(REPAIRS, "no-tilde", toy)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "conto.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["corpus", *map(str, arguments)])
    return int(ended.value.code or 0)


def test_reading_repairs_and_counts(file: Path) -> None:
    (work,) = open_works([file])
    assert "".join(work.text(["no-tilde"])) == TEXT.replace("nao", "não")
    assert chosen(["all"])[-1] == "no-tilde"


def test_the_doctor_reports_it_with_its_places() -> None:
    (finding,) = [finding for finding in examine(TEXT).findings if finding.name == "no-tilde"]
    assert (finding.severity, finding.count, finding.repair) == ("fault", 5, "no-tilde")
    assert (finding.examples[0].text, finding.examples[0].becomes) == ("nao", "não")
    assert [fault.repair for fault in repairable(TEXT)] == ["no-tilde"]


def test_the_commands_know_it(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("clean", "--repairs") == 0
    assert "no-tilde      put back tildes: nao becomes não\n" in capsys.readouterr().out
    assert run("check", file) == 0
    assert "--fix no-tilde" in capsys.readouterr().out
    assert run("clean", file, "--out", tmp_path / "o", "--fix", "no-tilde") == 0
    assert "no-tilde 5" in capsys.readouterr().out


@pytest.mark.parametrize("language", ["pt", "en"])
def test_the_page_offers_it(language: str) -> None:
    from charrnn.ui.train.sources import repair_label

    assert repair_label("no-tilde", language) == REPAIRS["no-tilde"].help[language == "en"]  # type: ignore[arg-type]
