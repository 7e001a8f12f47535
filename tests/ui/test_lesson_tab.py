"""The tab Lesson, without a browser: its numbers are the small network's, its answers true, in both languages."""

import json
import re
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from page_support import Parts
from support import ROOT

from charrnn import UserError
from charrnn.lens.tiny_elman import history, learn
from charrnn.ui import lesson, linked, texts
from charrnn.ui.lesson import guided_steps

LANGUAGES = get_args(texts.Language)
WORDS = ("banana", "mar", "<b>&'\"")


@pytest.mark.parametrize("word", WORDS)
def test_the_numbers_are_those_of_the_small_network(word: str) -> None:
    sent, network = guided_steps.sent(word), learn(word)
    last = sent["ages"][-1]
    assert [last["W"], last["U"], last["b"], last["V"]] == [
        weight.tolist() for weight in (network.input_weight, network.memory_weight, network.bias, network.output_weight)
    ]
    for reading, remembers in ((last, True), (sent["cut"], False)):
        instants = network.follow(word, remembers=remembers)
        assert np.allclose(reading["hidden"], [now.hidden for now in instants], atol=1e-4)
        assert np.allclose(reading["output"], [now.output for now in instants], atol=1e-4)
        assert np.allclose(reading["bits"], [now.surprisal for now in instants], atol=1e-4)
    assert [age["step"] for age in sent["ages"]] == [step for step, _ in history(word)]
    costs = [np.mean(age["bits"]) for age in sent["ages"]]
    assert costs[0] == pytest.approx(np.log2(len(network.alphabet)), abs=0.4)
    assert costs[-1] < 0.06 < costs[0]
    assert np.mean(sent["cut"]["bits"]) > costs[-1]  # cutting the memory costs something


def test_two_instants_tell_what_the_memory_is_for() -> None:
    sent = guided_steps.sent("banana")
    one, other = sent["pair"]
    assert (one, other) == (2, 6)
    assert sent["read"][one] == sent["read"][other]
    assert sent["next"][one] != sent["next"][other]
    assert guided_steps.sent("mar")["pair"] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("word", WORDS)
def test_every_step_is_there_and_nothing_in_it_is_of_the_word(word: str, language: texts.Language) -> None:
    page = Parts(guided_steps.page(word, language))
    (section,) = page.all("section")
    assert json.loads(str(section["data-sent"])) == guided_steps.sent(word)
    steps = [str(a["data-of"]) for a in page.all("div") if "data-of" in a]
    assert steps == [str(step) for step in range(1, 8)] * 2
    assert [a["data-step"] for a in page.all("button") if "data-step" in a] == steps[:7]
    assert "{" not in page.text
    assert "<" not in page.text.replace(word, "")
    filled = json.loads(str(section["data-words"]))
    code = (ROOT / "charrnn" / "ui" / "scripts" / "lesson.js").read_text(encoding="utf-8")
    for key in filled:
        assert re.search(rf'words\.{key}\b|"{key}"', code), key
    for key in re.findall(r'"(\d_\w+)"', code):
        assert key in filled


def test_every_text_of_the_lesson_is_used() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "charrnn" / "ui" / "lesson").glob("*.py"))
    named = {"lesson_tab", "lesson_do"} | set(re.findall(r'["\'](\w+)["\']', code))
    step = re.compile(r"lesson_\d(_do|_ask|_answer)?(_pair|_none)?")
    for key in texts.lesson_tab.TEXTS:
        assert key in named or key.removeprefix("lesson_") in named or step.fullmatch(key), key


def test_a_word_has_its_limits() -> None:
    for word in ("", "a" * 13):
        with pytest.raises(UserError, match=r"^Type a word of 1 to 12 letters"):
            guided_steps.page(word, "pt")


def test_a_link_opens_the_lesson_by_either_name() -> None:
    for name in ("aula", "lesson"):
        tab, word, *_ = linked(f"?tab={name}&step=3&word=ovo")
        assert (getattr(tab, "selected", None), word) == ("lesson", "ovo")


def test_a_real_network_reads_the_word(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guided_steps, "REAL", str(saved))

    class Event:
        _data = {"read": "banana"}  # noqa: RUF012

    event: Any = Event()
    _, real = lesson.answer(None, event, "ana")  # type: ignore[arg-type]
    (section,) = Parts(str(real)).all("section")
    assert section["data-instants"] == "7"
