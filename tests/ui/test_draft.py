"""Drafts: whatever is done to a text on the page equals what the sampler and the command line do."""

import os
import shlex
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from page_support import CONFIG, NASTY, PROMPT, last, printed

from charrnn.config import ConstraintConfig, SampleConfig
from charrnn.sampling import Sampler
from charrnn.sampling.constraints import bare
from charrnn.ui import model_cache
from charrnn.ui.generate import draft
from charrnn.ui.generate.draft import Draft, again, begin, choose, forget, go_on, stopped, undo
from charrnn.ui.generate.html import command
from charrnn.ui.model_cache import Version, version


@pytest.fixture
def sampler(tiny: Version) -> Sampler:
    return model_cache.sampler(tiny)


@pytest.fixture
def every_character(monkeypatch: pytest.MonkeyPatch) -> None:
    """A draft after each character, instead of 25 each second."""
    monkeypatch.setattr(draft, "FRAME", 0.0)


def logits(sampler: Sampler, state: Any) -> Any:
    return torch.from_numpy(sampler.predict(state))


# Generate, Continue, Stop


def test_generating_equals_sampling(tiny: Version, sampler: Sampler) -> None:
    found = last(begin(tiny, PROMPT, CONFIG))
    assert found.text == PROMPT + sampler.generate(PROMPT, CONFIG)
    assert (found.written, found.ending, found.begun) == (30, "length", len(PROMPT))


def test_continuing_equals_one_run(tiny: Version, sampler: Sampler) -> None:
    whole = sampler.generate(PROMPT, replace(CONFIG, length=80))
    found = last(begin(tiny, PROMPT, CONFIG))
    # A stop text counts, also one that began before the cut; and how long the runs are does not matter.
    stop = whole[28:33]
    for length in (20, 40):
        found = last(go_on(found, tiny, replace(CONFIG, length=length, seed=None, stop=(stop,))))
        assert found.session.config.seed == CONFIG.seed
        assert found.text == PROMPT + whole[: max(30, whole.index(stop))]
        assert found.ending == "stop"
        found = last(undo(found))
    for length in (20, 30):
        found = last(go_on(found, tiny, replace(CONFIG, length=length)))
    assert found.text == PROMPT + whole


def test_other_settings_go_on_from_the_carried_state_with_the_next_seed(tiny: Version, sampler: Sampler) -> None:
    first, second = list(sampler.steps(sampler.read(PROMPT), CONFIG)), replace(CONFIG, temperature=0.8, seed=8)
    after = list(sampler.steps(first[-1].state, second))
    found = last(go_on(last(begin(tiny, PROMPT, CONFIG)), tiny, replace(second, seed=None)))
    assert found.text == PROMPT + "".join(step.text for step in (*first, *after))
    assert found.session.config == second
    assert torch.equal(found.session.state.layers[-1][0], after[-1].state.layers[-1][0])  # type: ignore[union-attr]


def test_another_model_goes_on_by_reading_the_text(tiny: Version, saved: Path, tmp_path: Path) -> None:
    shutil.copytree(saved, tmp_path / "other")
    other, first = version(tmp_path / "other"), last(begin(tiny, PROMPT, CONFIG))
    found = last(go_on(first, other, CONFIG))
    assert found.model == other
    assert found.text == first.text + model_cache.sampler(other).generate(first.text, replace(CONFIG, seed=8))


@pytest.mark.usefixtures("every_character")
def test_every_draft_carries_the_state_of_its_last_character(tiny: Version, sampler: Sampler) -> None:
    drafts = list(begin(tiny, PROMPT, replace(CONFIG, length=12, stop=("zzz",))))
    assert [found.text for found in drafts[1:-1]] == [drafts[-1].text[: len(PROMPT) + n] for n in range(1, 13)]
    for found in drafts:
        expected = logits(sampler, sampler.read(found.text))
        assert torch.allclose(logits(sampler, found.session.state_at(sampler, len(found.text))), expected, atol=1e-5)


@pytest.mark.usefixtures("every_character")
def test_stopping_keeps_what_was_shown_and_continue_goes_on_from_it(tiny: Version, sampler: Sampler) -> None:
    drafts = begin(tiny, PROMPT, replace(CONFIG, length=500))
    seen = [next(drafts) for _ in range(11)][-1]
    drafts.close()  # type: ignore[attr-defined]
    kept = stopped(seen)
    assert (kept.text, kept.ending, kept.written) == (seen.text, "stopped", 10)
    after = last(go_on(kept, tiny, replace(CONFIG, length=5)))
    assert after.text == PROMPT + sampler.generate(PROMPT, replace(CONFIG, length=15))
    assert stopped(after) is after


def test_the_page_is_not_redrawn_for_each_character(tiny: Version) -> None:
    drafts = list(begin(tiny, PROMPT, replace(CONFIG, length=60)))
    assert len(drafts) <= 3 + drafts[-1].seconds / draft.FRAME
    assert drafts[0].text == PROMPT  # the prompt is there at once


# Again, undo, choose, forget


def test_again_writes_from_the_same_state_with_the_next_seed(tiny: Version, sampler: Sampler) -> None:
    first = last(begin(tiny, PROMPT, CONFIG))
    grown = last(go_on(first, tiny, replace(CONFIG, temperature=0.9)))
    steps = sampler.steps(first.session.state, replace(CONFIG, seed=9))
    once = last(again(grown, CONFIG))
    assert once.text == first.text + "".join(step.text for step in steps)
    assert last(again(once, CONFIG)).session.config.seed == 10
    assert last(again(first, CONFIG)).text == PROMPT + sampler.generate(PROMPT, replace(CONFIG, seed=8))


def test_undo_takes_back_each_change_in_turn(tiny: Version, monkeypatch: pytest.MonkeyPatch) -> None:
    changes: list[Callable[[Draft], Iterator[Draft]]] = [
        lambda now: go_on(now, tiny, CONFIG), lambda now: again(now, CONFIG), forget,
        lambda now: go_on(now, tiny, CONFIG, words="E depois "), lambda now: choose(now, 10, "x", CONFIG),
        lambda now: begin(tiny, "Outra vez", CONFIG, before=now),
    ]  # fmt: skip
    stages = [last(begin(tiny, PROMPT, CONFIG))]
    for change in changes:
        stages.append(last(change(stages[-1])))
    found = stages[-1]
    for stage in reversed(stages[:-1]):
        found = last(undo(found))
        assert replace(found, past=()) == replace(stage, past=())
        assert found.past == stage.past
    assert list(undo(found)) == []
    monkeypatch.setattr(draft, "UNDO", 3)
    for _ in range(5):
        found = last(forget(found))
        assert all(before.past == () for before in found.past)  # or they would all be held for ever
    assert len(found.past) == 3


@pytest.mark.parametrize("letter", ["x", "ĉ", ""])
def test_a_chosen_letter_stands_and_the_text_goes_on_from_it(tiny: Version, sampler: Sampler, letter: str) -> None:
    first = last(begin(tiny, PROMPT, replace(CONFIG, length=450)))  # longer than from one kept state to the next
    place = len(PROMPT) + 430
    found = last(choose(first, place, letter, CONFIG))
    before = first.text[:place] + letter
    assert found.text == before + sampler.generate(before, replace(CONFIG, seed=8))
    assert found.id != first.id  # both are kept
    assert last(undo(found)).text == first.text


def test_forgetting_leaves_the_text_and_empties_the_memory(tiny: Version, sampler: Sampler) -> None:
    first = last(forget(last(begin(tiny, PROMPT, CONFIG))))
    assert first.session.text == ""
    found = last(go_on(first, tiny, CONFIG, words="Era "))
    assert found.text == first.text + "Era " + sampler.generate("Era ", replace(CONFIG, seed=8))
    remembering = last(go_on(last(undo(first)), tiny, CONFIG, words="Era "))
    assert remembering.text[len(first.text) + 4 :] != found.text[len(first.text) + 4 :]
    # Before the place where it was emptied, the memory is what it was.
    assert found.place(len(first.text) - 1).text == first.text[:-1]
    assert found.place(len(first.text)).text == ""


def test_what_is_expected_at_a_place_follows_from_the_text_before_it(tiny: Version, sampler: Sampler) -> None:
    found = last(begin(tiny, PROMPT, replace(CONFIG, length=450)))
    for place in (0, 1, len(PROMPT), 200, len(PROMPT) + 200, len(found.text)):
        expected = found.place(place)
        assert expected.text == found.text[:place]
        read = logits(sampler, sampler.read(found.text[:place]))
        assert torch.allclose(torch.from_numpy(expected.logits), read, atol=1e-4)


# The command line


HISTORIES: dict[str, Callable[[Version], Iterator[Draft]]] = {
    "one run": lambda tiny: begin(
        tiny, NASTY, replace(CONFIG, top_k=40, top_p=0.95, min_p=0.01, bias=("a=2",), stop=("—'",), end="sentence")
    ),
    "two runs": lambda tiny: go_on(last(begin(tiny, PROMPT, CONFIG)), tiny, replace(CONFIG, length=50, end="line")),
    "escapes": lambda tiny: begin(tiny, "a\\nb\\\\c\td\n", replace(CONFIG, bias=("\n=-1",), stop=("\\n", "\t"))),
    "no prompt": lambda tiny: begin(tiny, "", SampleConfig(seed=1, length=20)),
    "other settings": lambda tiny: go_on(last(begin(tiny, PROMPT, CONFIG)), tiny, replace(CONFIG, temperature=0.5)),
    "words": lambda tiny: go_on(last(begin(tiny, PROMPT, CONFIG)), tiny, CONFIG, words=NASTY),
    "a choice": lambda tiny: choose(last(begin(tiny, PROMPT, CONFIG)), 30, "x", CONFIG),
    "again": lambda tiny: again(last(begin(tiny, PROMPT, CONFIG)), CONFIG),
    "forgotten": lambda tiny: go_on(last(forget(last(begin(tiny, PROMPT, CONFIG)))), tiny, CONFIG, words="Era "),
    "rules": lambda tiny: go_on(
        last(begin(tiny, PROMPT, CONFIG, ConstraintConfig(without="a", keep_accents=True, line_length=12))), tiny,
        CONFIG, ConstraintConfig(without="a", keep_accents=True, line_length=12),
    ),
    "searched words": lambda tiny: begin(
        tiny, PROMPT, replace(CONFIG, length=60), ConstraintConfig(start="\nE ", contain=("mar", "lua"))
    ),
}  # fmt: skip


@pytest.mark.parametrize("history", HISTORIES)
def test_the_command_repeats_what_the_model_remembers(tiny: Version, history: str) -> None:
    found = last(HISTORIES[history](tiny))
    assert printed(shlex.split(command(found))) == found.session.text


def test_the_command_names_only_what_differs(tiny: Version) -> None:
    found = last(begin(tiny, "", SampleConfig(seed=4, length=3)))
    assert shlex.split(command(found)) == [
        "charrnn", "sample", "--model", str(tiny.path), "--length", "3", "--seed", "4",
    ]  # fmt: skip


# Rules


def test_rules_hold_across_continue(tiny: Version) -> None:
    constraints = ConstraintConfig(acrostic="roma", line_length=9, without="e")
    found = last(begin(tiny, PROMPT, CONFIG, constraints))
    for _ in range(2):
        found = last(go_on(found, tiny, CONFIG, constraints))
    lines = found.text[len(PROMPT) :].split("\n")[1:]
    assert [bare(line[0]) for line in lines[:4]] == list("roma")
    assert max(map(len, lines)) <= 9
    assert "e" not in bare(found.text[len(PROMPT) :])


# Models, and many visitors


def test_a_model_is_loaded_once_and_again_when_it_has_changed(saved: Path, tmp_path: Path) -> None:
    directory = tmp_path / "tiny"
    shutil.copytree(saved, directory)
    before = version(directory)
    assert model_cache.sampler(before) is model_cache.sampler(version(directory))
    os.utime(directory / "model.safetensors", ns=(0, 0))
    assert version(directory) != before
    assert model_cache.sampler(version(directory)) is not model_cache.sampler(before)


def test_eight_texts_at_once_are_those_that_each_is_alone(tiny: Version) -> None:
    def story(seed: int) -> str:
        config = replace(CONFIG, seed=seed, length=80)
        found = last(begin(tiny, f"{PROMPT} {seed}", config))
        return last(choose(last(go_on(found, tiny, config)), 40, "u", config)).text

    alone, together = {seed: story(seed) for seed in range(8)}, dict[int, str]()
    threads = [threading.Thread(target=lambda seed=seed: together.update({seed: story(seed)})) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert together == alone
    assert len({*alone.values()}) == 8
