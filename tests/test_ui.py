"""The app without a browser: drafts, what is shown of them, controls, texts, and the server."""

import asyncio
import dataclasses
import math
import os
import re
import shlex
import shutil
import signal
import socket
import string
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_args

import pytest
import torch
from conftest import ROOT

from charrnn import registry
from charrnn.config import SampleConfig
from charrnn.errors import UserError
from charrnn.sample import Sampler
from charrnn.ui import TABS, _spare_the_proxy, build, draft, generate, serve, start, texts
from charrnn.ui.draft import Draft, Version, begin, command, go_on, stopped, version

PROMPT = "Batatinha quando nasce"
NASTY = '-d\'água "<script>alert(1)</script>" & $HOME `ls` \\n ${value} {{value}}\n\n— É\n'
FIELDS = dataclasses.fields(SampleConfig)


@pytest.fixture
def tiny(saved: Path) -> Version:
    return version(saved)


@pytest.fixture
def every_character(monkeypatch: pytest.MonkeyPatch) -> None:
    """A draft after each character, instead of 25 each second."""
    monkeypatch.setattr(draft, "FRAME", 0.0)


@pytest.fixture(scope="module", autouse=True)
def loops_are_closed() -> Iterator[None]:
    """gr.Blocks() makes event loops that it never closes; they would end as ResourceWarnings in any test."""
    made, make = [], asyncio.new_event_loop

    def remember() -> asyncio.AbstractEventLoop:
        made.append(make())
        return made[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asyncio, "new_event_loop", remember)
        yield
    asyncio.set_event_loop(None)
    for loop in made:
        if not loop.is_running():
            loop.close()


@pytest.fixture(scope="module")
def url(saved: Path) -> Iterator[str]:
    blocks = build(saved.parent)
    yield start(blocks)
    blocks.close(verbose=False)


def last(drafts: Iterable[Draft]) -> Draft:
    *_, final = drafts
    return final


def logits(sampler: Sampler, found: Draft) -> Any:
    with torch.inference_mode():
        return sampler.model.predict(found.state)


# Generate, Stop, Continue


def test_generating_equals_sampling(tiny: Version) -> None:
    config = SampleConfig(length=60, temperature=0.9, seed=3)
    found = last(begin(tiny, PROMPT, config))
    assert found.text == draft.sampler(tiny).generate(PROMPT, config)
    assert (found.written, found.ending, found.continued) == (60, "length", False)


def test_continuing_equals_one_run_from_the_carried_state(tiny: Version) -> None:
    sampler, prompt_state = draft.sampler(tiny), draft.sampler(tiny).read(PROMPT)
    config = SampleConfig(length=20, temperature=1.0, seed=7)
    text, state = "", prompt_state
    for seed in (7, 8, 9):  # Continue takes the next seed, whatever the settings say
        steps = list(sampler.steps(state, dataclasses.replace(config, seed=seed)))
        text, state = text + "".join(step.text for step in steps), steps[-1].state

    found = last(begin(tiny, PROMPT, config))
    found = last(go_on(found, config))
    found = last(go_on(found, dataclasses.replace(config, seed=None)))
    assert found.text == text
    assert (found.config.seed, found.written, found.continued) == (9, 20, True)
    assert all(torch.equal(a, b) for a, b in zip(found.state.layers[-1], state.layers[-1], strict=True))


@pytest.mark.usefixtures("every_character")
def test_every_draft_carries_the_state_of_its_last_character(tiny: Version) -> None:
    sampler = draft.sampler(tiny)
    drafts = list(begin(tiny, PROMPT, SampleConfig(length=12, temperature=1.5, seed=1, stop=("zzz",))))
    assert [found.text for found in drafts[1:-1]] == [drafts[-1].text[:n] for n in range(1, 13)]
    for found in drafts:
        read = SimpleNamespace(state=sampler.read(PROMPT + found.text))
        assert torch.allclose(logits(sampler, found), logits(sampler, read), atol=1e-5)  # type: ignore[arg-type]


@pytest.mark.usefixtures("every_character")
def test_stopping_keeps_what_was_shown_and_continue_goes_on_from_it(tiny: Version) -> None:
    config = SampleConfig(length=500, temperature=1.0, seed=5)
    drafts = begin(tiny, PROMPT, config)
    seen = [next(drafts) for _ in range(11)][-1]
    drafts.close()  # type: ignore[attr-defined]
    kept = stopped(seen)
    assert (kept.text, kept.ending, kept.written) == (seen.text, "stopped", 10)
    assert "--length 10 " in command(kept) + " "
    after = last(go_on(kept, dataclasses.replace(config, length=5)))
    assert after.text.startswith(kept.text)
    assert len(after.text) == 15
    assert stopped(after) is after


def test_a_stop_text_ends_the_draft(tiny: Version) -> None:
    config = SampleConfig(length=60, temperature=1.0, seed=2)
    whole = last(begin(tiny, PROMPT, config)).text
    stop = whole[20:23]
    found = last(begin(tiny, PROMPT, dataclasses.replace(config, stop=(stop,))))
    assert found.text == whole[: whole.index(stop)]
    assert found.ending == "stop"


def test_the_page_is_not_redrawn_for_each_character(tiny: Version) -> None:
    drafts = list(begin(tiny, "", SampleConfig(length=60, seed=1)))
    assert len(drafts) <= 3 + drafts[-1].seconds / draft.FRAME
    assert drafts[0].text == ""  # the prompt is there at once


def test_a_model_is_loaded_once_and_again_when_it_has_changed(saved: Path, tmp_path: Path) -> None:
    directory = tmp_path / "tiny"
    shutil.copytree(saved, directory)
    before = version(directory)
    assert draft.sampler(before) is draft.sampler(version(directory))
    os.utime(directory / "model.safetensors", ns=(0, 0))
    assert version(directory) != before
    assert draft.sampler(version(directory)) is not draft.sampler(before)


# What is shown


class Parts(HTMLParser):
    """Tags in order, and the text inside each."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: dict[str, str] = {}
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.texts[self.tags[-1]] = self.texts.get(self.tags[-1], "") + data


@pytest.mark.parametrize("language", get_args(texts.Language))
def test_all_text_is_escaped(tiny: Version, language: texts.Language) -> None:
    found = last(begin(tiny, NASTY, SampleConfig(length=5, seed=1, stop=("<b>",))))
    found = dataclasses.replace(found, text="<i>x</i> &amp; <img src=x onerror=y>")
    page = Parts(generate.page(found, language))
    assert page.tags == ["article", "em", "span"]
    assert (page.texts["em"], page.texts["span"]) == (found.prompt, found.text)
    status = Parts(generate.status(found, language))
    assert status.tags == ["p", "strong", "p", "code"]
    assert status.texts["code"] == command(found)


def test_only_a_text_being_written_has_a_caret(tiny: Version) -> None:
    drafts = list(begin(tiny, PROMPT, SampleConfig(length=3, seed=1)))
    assert 'aria-busy="true"' in generate.page(drafts[0], "en")
    assert "caret" in generate.page(drafts[0], "en")
    assert 'aria-busy="false"' in generate.page(drafts[-1], "en")
    assert "caret" not in generate.page(drafts[-1], "en")


def test_the_shown_command_repeats_the_text(tiny: Version) -> None:
    config = SampleConfig(length=80, temperature=1.2, top_k=40, top_p=0.95, min_p=0.01, seed=11, stop=("\n\n", "—'"))
    found = last(begin(tiny, NASTY, config))
    words = shlex.split(Parts(generate.status(found, "pt")).texts["code"])
    assert words[0] == "charrnn"
    run = subprocess.run([sys.executable, "-m", *words], capture_output=True, timeout=60, check=True)
    assert run.stdout.decode("utf-8").replace(os.linesep, "\n") == found.prompt + found.text + "\n"


def test_the_command_names_only_what_differs(tiny: Version) -> None:
    found = next(begin(tiny, "", SampleConfig(seed=4)))
    assert shlex.split(command(found)) == ["charrnn", "sample", "--model", str(tiny.path), "--seed", "4"]


def test_numbers_are_written_as_each_language_does() -> None:
    assert texts.number("pt", 1234.56, 1) == "1.234,6"
    assert texts.number("en", 1234.56, 1) == "1,234.6"


# Controls


def components(blocks: Any) -> dict[str, Any]:
    return {block.elem_id: block for block in blocks.blocks.values() if getattr(block, "elem_id", None)}


def test_every_setting_has_a_control_with_its_default_and_limits(saved: Path) -> None:
    found = components(build(saved.parent))
    for field in FIELDS:
        control = found[field.name.replace("_", "-")]
        assert control.value == ("" if field.default == () else field.default), field.name
        if hasattr(control, "maximum") and field.default is not None:
            for edge in (control.minimum, control.maximum):
                value = int(edge) if field.type is int else float(edge)
                SampleConfig(**{field.name: value})  # no end of a slider is refused
            assert control.minimum <= field.default <= control.maximum


def raw(**changes: Any) -> tuple[Any, ...]:
    """What the controls give, in the order of the fields."""
    values = {field.name: "" if field.default == () else field.default for field in FIELDS}
    return tuple({**values, **changes}.values())


def test_settings_are_read_from_the_controls() -> None:
    assert generate.settings(raw()) == SampleConfig()
    assert generate.settings(raw(seed=7.0, length=30.0)) == SampleConfig(seed=7, length=30)
    assert generate.settings(raw(stop="FIM\n\n\\n\\n\n a")).stop == ("FIM", "\n\n", " a")
    assert generate.settings(raw(stop=None)).stop == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [("seed", 1.5), ("seed", -1), ("seed", 1e300), ("temperature", math.nan), ("length", None), ("top_p", 0.0)],
)
def test_a_value_that_cannot_be_is_told_and_changes_nothing(
    saved: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: Any
) -> None:
    told: list[str] = []
    monkeypatch.setattr(generate.gr, "Warning", told.append)
    shown = list(generate._shown(saved.parent, "pt", None, False, "tiny", PROMPT, raw(**{name: value})))
    assert shown == [generate.UNCHANGED]
    assert len(told) == 1
    assert told[0].startswith(texts.say("pt", name) + ": esperado ")


@pytest.mark.parametrize("name", [None, "", "nobody", "../tiny", 3])
def test_an_unknown_model_is_told(saved: Path, monkeypatch: pytest.MonkeyPatch, name: Any) -> None:
    told: list[str] = []
    monkeypatch.setattr(generate.gr, "Warning", told.append)
    shown = list(generate._shown(saved.parent, "en", None, False, name, PROMPT, raw()))
    assert (shown, told) == ([generate.UNCHANGED], [texts.say("en", "no_model")])


def test_continue_needs_a_text_of_this_model(saved: Path, tiny: Version, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(generate.gr, "Info", told.append)
    own = last(begin(tiny, PROMPT, SampleConfig(length=5, seed=1)))
    other = dataclasses.replace(own, model=Version(tiny.path, 0))
    for before in (None, other):
        shown = list(generate._shown(saved.parent, "en", before, True, "tiny", PROMPT, raw(length=5)))
        assert shown == [generate.UNCHANGED]
    assert told == [texts.say("en", "nothing_yet")] * 2
    *_, (_, _, after) = generate._shown(saved.parent, "en", own, True, "tiny", "ignored", raw(length=5))
    assert after.text.startswith(own.text)
    assert len(after.text) == 10


def test_a_trained_model_hides_a_shipped_one_of_its_name(
    saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for parent in ("shipped", "trained"):
        shutil.copytree(saved, tmp_path / parent / registry.DEFAULT)
    shutil.copytree(saved, tmp_path / "trained" / "a")
    monkeypatch.setattr(registry, "SHIPPED", tmp_path / "shipped")
    found = draft.choices(tmp_path / "trained")
    assert found[registry.DEFAULT].path == tmp_path / "trained" / registry.DEFAULT
    assert draft.preselected(tmp_path / "trained") == registry.DEFAULT
    assert draft.preselected(tmp_path / "none") == registry.DEFAULT
    monkeypatch.setattr(registry, "SHIPPED", tmp_path / "nothing")
    assert draft.preselected(tmp_path / "none") is None
    build(tmp_path / "none")  # a page without models can still be opened


# Texts


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_say_the_same() -> None:
    for key, (portuguese, english) in texts.TEXTS.items():
        assert portuguese.strip(), key
        assert english.strip(), key
        assert placeholders(portuguese) == placeholders(english), key
    assert set(texts.label.translations["pt"]) == set(texts.label.translations["en"])
    assert texts.label.translations["pt"] == texts.label.translations["pt-BR"]


def test_every_text_that_is_used_is_there_and_every_one_is_used() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "charrnn" / "ui").glob("*.py"))
    used = set(re.findall(r'(?:label\(|say\(\w+, )"(\w+)"', code))
    used |= {f"ended_{ending}" for ending in get_args(draft.Ending)} | {"character", "characters"}
    used |= {"repeat", "repeat_first", *(f"{f.name}{end}" for f in FIELDS for end in ("", "_help"))}
    used |= {f"{f.name}_{choice}" for f in FIELDS for choice in f.metadata.get("choices", ())}
    used |= {f"{name}_button" for name in ("generate", "stop", "continue", "clear", "copy")}
    assert used <= set(texts.TEXTS)
    assert set(texts.page.TEXTS | texts.generate.TEXTS) <= used | {f"{name}_tab" for name in TABS}


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [("pt-BR,pt;q=0.9,en;q=0.8", "pt"), ("pt", "pt"), ("en-US,en;q=0.9,pt;q=0.8", "en"), ("fr", "en"), ("", "en")],
)
def test_the_browser_chooses_the_language(accepted: str, expected: str) -> None:
    assert texts.language(SimpleNamespace(headers={"accept-language": accepted})) == expected  # type: ignore[arg-type]
    assert texts.language(None) == "en"


def test_a_problem_is_told_in_both_languages() -> None:
    error = UserError("seed: expected a whole number of at least 0 and at most 9, found 'expected and above'")
    assert texts.problem("en", error) == str(error)
    assert texts.problem("pt", error) == (
        "Semente: esperado um número inteiro de no mínimo 0 e no máximo 9, recebido 'expected and above'"
    )
    assert texts.problem("pt", UserError("something else")) == "something else"


# The server


def test_the_endpoint_generates_what_the_sampler_does(url: str, tiny: Version) -> None:
    from gradio_client import Client

    client = Client(url, verbose=False)
    try:
        found = client.predict(NASTY, "tiny", {"length": 30, "seed": 6}, api_name="/generate")
        assert found == draft.sampler(tiny).generate(NASTY, SampleConfig(length=30, seed=6))
        assert list(client.view_api(return_format="dict")["named_endpoints"]) == ["/generate", "/score"]
        for model, settings, message in (
            ("nobody", {}, "expected one of"), ("tiny", {"seed": 1.5}, "whole number"), ("tiny", {"sed": 1}, "sed"),
        ):  # fmt: skip
            with pytest.raises(Exception, match=message):
                client.predict("", model, settings, api_name="/generate")
    finally:
        client.close()


def test_a_busy_port_is_told(saved: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(UserError, match=f"--port {port}: expected a free port on 127.0.0.1, found"):
            serve("127.0.0.1", port, saved.parent)


@pytest.mark.parametrize(("host", "port"), [("127.0.0.1", 65536), ("127.0.0.1", -1), ("no.such.host.invalid", 0)])
def test_an_impossible_address_is_told(saved: Path, host: str, port: int) -> None:
    with pytest.raises(UserError, match=r"--(port|host).*expected .*found"):
        serve(host, port, saved.parent)


def test_a_file_as_models_is_told(saved: Path) -> None:
    with pytest.raises(UserError, match=r"--models .*expected a directory, found a file"):
        serve("127.0.0.1", 0, saved / "config.json")


def test_a_proxy_is_spared(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    _spare_the_proxy("127.0.0.1")
    assert "NO_PROXY" not in os.environ
    monkeypatch.setenv("http_proxy", "http://proxy.invalid:1")
    monkeypatch.setenv("NO_PROXY", "example.org")
    monkeypatch.setenv("no_proxy", "")
    _spare_the_proxy("127.0.0.1")
    assert os.environ["NO_PROXY"] == "example.org,127.0.0.1,localhost"
    assert os.environ["no_proxy"] == "127.0.0.1,localhost"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for a single process")
def test_the_script_serves_until_ctrl_c(saved: Path) -> None:
    command = [sys.executable, str(ROOT / "app.py"), "--port", "0", "--models", str(saved.parent)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8")
    watchdog = threading.Timer(60, process.kill)
    watchdog.start()
    try:
        assert process.stdout is not None
        first = process.stdout.readline()
        assert re.fullmatch(r"charrnn: http://127\.0\.0\.1:\d+/  \(Ctrl-C ends\)\n", first)
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate()
        assert (process.returncode, rest.strip(), errors) == (0, "", "")
    finally:
        process.kill()
        watchdog.cancel()
