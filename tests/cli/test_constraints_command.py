"""`charrnn sample` with what a text must be like: real processes."""

import json
from pathlib import Path

import pytest
from command_support import run
from support import QUATRAINS, STORIES

from charrnn.sampling.constraints import bare

START = STORIES.read_text(encoding="utf-8")[2000:2060].strip()


def sample(model: Path, *arguments: object) -> str:
    done = run("sample", "--model", model, "--seed", 1, *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout[:-1]


def test_text_is_as_it_is_asked_for(saved: Path) -> None:
    only = "oabçãei\n l"
    made = sample(
        saved, "--length", 60, "--only", only, "--without", "e", "--acrostic", "boi", "--line-length", 12,
        "--start", "b", "--contain", "bola", "--contain", "lã",
    )  # fmt: skip
    assert len(made) == 60
    assert set(made) <= set(only) - {"e"}
    assert [bare(line[0]) for line in made.split("\n")[:3]] == list("boi")
    assert max(map(len, made.split("\n"))) <= 12
    assert {"bola", "lã"} <= set(made.replace(",", " ").split())


def test_accents_can_be_kept(saved: Path) -> None:
    letters = ["--only", "aá", "--without", "a", "--length", 5]
    assert sample(saved, *letters, "--keep-accents") == "ááááá"
    assert run("sample", "--model", saved, *letters).returncode == 2


@pytest.mark.slow
def test_samples_are_those_that_each_seed_gives(saved: Path) -> None:
    asked = ["--length", 40, "--line-length", 9, "--prompt", "Era"]
    three = run("sample", "--model", saved, "--seed", 1, "--samples", 2, *asked).stdout[:-1]
    alone = [run("sample", "--model", saved, "--seed", seed, *asked).stdout[:-1] for seed in (1, 2)]
    assert three == "\n\n---\n".join(alone)


def test_runs_of_the_training_text_are_kept_short(saved: Path) -> None:
    stories = STORIES.read_text(encoding="utf-8")
    made = sample(saved, "--length", 100, "--most-copied", 2, "--training", STORIES, "--training", QUATRAINS)
    assert not any(made[at : at + 3] in stories for at in range(98))


@pytest.mark.slow
def test_what_is_copied_is_reported(saved: Path) -> None:
    asked = ["sample", "--model", saved, "--seed", 1, "--length", 100, "--start", START, "--novelty", STORIES]
    stories = STORIES.read_text(encoding="utf-8")
    line = stories[: stories.index(START)].count("\n") + 1
    told = run(*asked).stderr.splitlines()
    assert told[0].startswith("novelty: ")
    assert told[0].endswith("% of the text is in copied runs of 20 characters or more")
    assert f"line {line:,}, character" in told[1]
    assert f"{START!r}"[1:-1] in told[1]
    done = run(*asked, "--json")
    assert done.stderr == ""
    found = json.loads(done.stdout)["novelty"]
    assert found["share"] >= len(START) / 100
    assert START in found["matches"][0]["text"]
    assert found["matches"][0]["line"] == line
    several = run(*asked, "--samples", 2).stderr
    assert "of the text of seed 1 is" in several
    assert "of the text of seed 2 is" in several


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (["--line-length", 0], "line-length: expected a whole number of at least 1 and at most 10,000, found 0"),
        (["--most-copied", 4], "most-copied: expected both --most-copied and --training, found --most-copied alone"),
        (["--training", STORIES], "most-copied: expected both --most-copied and --training, found --training alone"),
        (["--keep-accents"], "keep-accents: only works together with --without"),
        (["--only", ""], "only: expected at least one character, found none"),
        (["--acrostic", " "], "acrostic: expected a word, found ' '"),
        (["--contain", "lua", "--length", 3], "length: expected at least 4 for the start and the words, found 3"),
        (["--novelty", "no such file"], "no such file: expected a file, a folder or a name of"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(saved: Path, asked: list[object], message: str) -> None:
    done = run("sample", "--model", saved, "--seed", 1, *asked)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith(f"charrnn: {message}")
    assert done.stderr.count("\n") == 1
