"""The app without a browser: models, texts, languages, and the server."""

import os
import re
import shutil
import signal
import socket
import string
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import get_args

import pytest
import requests
from page_support import FIELDS, NASTY, RESTRICTED, RULES
from support import ROOT

from charrnn.config import SampleConfig
from charrnn.config.fields import unescaped
from charrnn.errors import Phrase, UserError
from charrnn.errors.messages import MESSAGES
from charrnn.storage import registry
from charrnn.ui import TABS, build, generate, limits, model_cache, serve, server, start, texts
from charrnn.ui.generate import draft
from charrnn.ui.model_cache import Version
from charrnn.ui.server import credentials, exposure, permissions
from charrnn.ui.visitors import Permissions


def test_no_two_parts_of_the_page_share_an_id(saved: Path) -> None:
    named = [block.elem_id for block in build(saved.parent).blocks.values() if getattr(block, "elem_id", None)]
    assert len(named) == len({*named})


# Models


def test_a_trained_model_hides_a_shipped_one_of_its_name(
    saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for parent in ("shipped", "trained"):
        shutil.copytree(saved, tmp_path / parent / registry.DEFAULT)
    shutil.copytree(saved, tmp_path / "trained" / "a")
    monkeypatch.setattr(registry, "SHIPPED", tmp_path / "shipped")
    found = model_cache.choices(tmp_path / "trained")
    assert found[registry.DEFAULT].path == tmp_path / "trained" / registry.DEFAULT
    assert model_cache.preselected(tmp_path / "trained") == registry.DEFAULT
    assert model_cache.preselected(tmp_path / "none") == registry.DEFAULT
    monkeypatch.setattr(registry, "SHIPPED", tmp_path / "nothing")
    assert model_cache.preselected(tmp_path / "none") is None
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


def test_no_text_is_defined_twice() -> None:
    tabs = [value for value in vars(texts).values() if isinstance(getattr(value, "TEXTS", None), dict)]
    assert len(texts.TEXTS) == len(texts.PAGE) + sum(len(tab.TEXTS) for tab in tabs)


def test_every_text_of_the_page_is_used_and_there() -> None:
    """Of the page and of the tab that generates."""
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "charrnn" / "ui").rglob("*.py"))
    named = {key for key in {*texts.PAGE, *texts.generate_tab.TEXTS} if f'"{key}"' in code}
    named |= {f"ended_{ending}" for ending in get_args(draft.Ending)} | {"kept_texts", "kept_none", "kept_drop"}
    named |= {f"{f.name}{end}" for f in (*FIELDS, *RULES) for end in ("", "_help")}
    named |= {f"{f.name}_{choice}" for f in FIELDS for choice in f.metadata.get("choices", ())}
    named |= {f"{name}_button" for name in generate.BUTTONS} | {f"{name}_tab" for name in TABS}
    assert {*texts.PAGE, *texts.generate_tab.TEXTS} <= named <= {*texts.TEXTS}
    assert {*re.findall(r'(?:label\(|say\(\w+, )"(\w+)"', code)} <= {*texts.TEXTS}


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [("pt-BR,pt;q=0.9,en;q=0.8", "pt"), ("pt", "pt"), ("en-US,en;q=0.9,pt;q=0.8", "en"), ("fr", "en"), ("", "en")],
)
def test_the_browser_chooses_the_language(accepted: str, expected: str) -> None:
    assert texts.language_of(SimpleNamespace(headers={"accept-language": accepted})) == expected  # type: ignore[arg-type]
    assert texts.language_of(None) == "en"


@pytest.mark.parametrize(
    ("cookie", "expected"),
    [("charrnn_language=en", "en"), ("a=1; charrnn_language=pt; b=2", "pt"), ("charrnn_language=xx", "pt"),
     ("not_charrnn_language=en", "pt"), ("a={\"b\": [1]};charrnn_language=en", "en")],
)  # fmt: skip
def test_the_visitors_choice_comes_before_the_browsers(cookie: str, expected: str) -> None:
    headers = {"cookie": cookie, "accept-language": "en" if cookie.endswith("b=2") else "pt"}
    assert texts.language_of(SimpleNamespace(headers=headers)) == expected


@pytest.mark.parametrize("code", MESSAGES)
def test_an_error_is_told_in_the_visitors_language(code: str) -> None:
    """Whatever message of the catalogue it is, with whatever facts, but for the words that both languages share."""
    facts = {
        name: 2 if spec or quoted else Phrase("a-file")
        for _, name, spec, quoted in string.Formatter().parse(MESSAGES[code][0])
        if name
    }
    error = UserError(code, **facts)
    found = texts.problem("pt", error)
    assert (found == str(error)) == (MESSAGES[code][0] == MESSAGES[code][1] and "a file" not in str(error))
    assert "a file" not in found


def test_a_setting_is_called_as_on_the_page() -> None:
    limits = Phrase("at-least-at-most", low=0, high=1000)
    error = UserError("setting", setting="top-p", expected=Phrase("whole-number", limits=limits), found=1234.5)
    expected = "esperado um número inteiro de no mínimo 0 e no máximo 1.000, recebido 1.234,5"
    assert texts.problem("pt", error) == f"{texts.say('pt', 'top_p')}: {expected}"
    assert texts.problem("en", error).startswith(texts.say("en", "top_p") + ": expected a whole number of at least 0")


# The server


@pytest.fixture(scope="module")
def url(saved: Path) -> Iterator[str]:
    blocks = build(saved.parent)
    yield start(blocks)
    blocks.close(verbose=False)


@pytest.fixture(scope="module")
def guarded(saved: Path) -> Iterator[str]:
    """The page as others see it, behind a password."""
    blocks = build(saved.parent, RESTRICTED)
    yield start(blocks, allowed=RESTRICTED, auth=("ana", "segredo"))
    blocks.close(verbose=False)


def test_the_endpoint_generates_what_the_sampler_does(url: str, tiny: Version) -> None:
    from gradio_client import Client

    client = Client(url, verbose=False)
    try:
        found = client.predict(NASTY, "tiny", {"length": 30, "seed": 6}, api_name="/generate")
        assert found == model_cache.sampler(tiny).generate(unescaped(NASTY), SampleConfig(length=30, seed=6))
        ended = client.predict(r"a\n", "tiny", {"length": 30, "seed": 6, "stop": [r"\n", r"\t"]}, api_name="/generate")
        config = SampleConfig(length=30, seed=6, stop=("\n", "\t"))
        assert ended == model_cache.sampler(tiny).generate("a\n", config)
        assert list(client.view_api(return_format="dict")["named_endpoints"])[:2] == ["/generate", "/models"]
        assert client.predict(api_name="/models")[-1] == {"name": "tiny", "bits_per_character": None, "shipped": False}
        for model, settings, message in (
            ("nobody", {}, "expected one of"), ("tiny", {"seed": 1.5}, "whole number"), ("tiny", {"sed": 1}, "sed"),
        ):  # fmt: skip
            with pytest.raises(Exception, match=message):
                client.predict("", model, settings, api_name="/generate")
    finally:
        client.close()
    client = Client(url, verbose=False, headers={"accept-language": "pt-BR"})
    try:
        with pytest.raises(Exception, match="esperado um número inteiro"):
            client.predict("", "tiny", {"seed": 1.5}, api_name="/generate")
    finally:
        client.close()


def test_the_page_has_the_standard_endpoint(url: str, guarded: str, tiny: Version) -> None:
    """With its caps, and behind its password as the key."""
    body = {"model": "tiny", "prompt": "a\n", "max_tokens": 30, "seed": 6}
    found = requests.post(f"{url}v1/completions", json=body, timeout=20).json()
    assert found["choices"][0]["text"] == model_cache.sampler(tiny).generate("a\n", SampleConfig(length=30, seed=6))
    many = {"max_tokens": 20_001}
    answers = [
        requests.post(f"{guarded}v1/completions", json=many, headers=headers, timeout=20)
        for headers in ({}, {"Authorization": "Bearer ana:segredo"})
    ]
    assert [one.status_code for one in answers] == [401, 400]
    assert "at most 20,000" in answers[1].json()["error"]["message"]


@pytest.mark.parametrize(("cookie", "locale"), [("", "pt-BR"), ("charrnn_language=en", "en")])
def test_the_page_is_served_in_the_visitors_language(url: str, cookie: str, locale: str) -> None:
    found = requests.get(url, headers={"Accept-Language": "pt-BR", "Cookie": cookie}, timeout=10)
    assert f'<html\n\tlang="{locale}"' in found.text
    assert f'"language", {{ get: () => "{locale}" }}' in found.text
    assert "cookie" in found.headers["Vary"]
    assert f'property="og:title" content="{texts.say("pt" if locale == "pt-BR" else "en", "title")}"' in found.text
    assert "__i18n__{" not in found.text.partition("<body")[0].partition("window.gradio_config")[0]


def test_a_password_is_asked_for(guarded: str) -> None:
    assert requests.get(f"{guarded}config", timeout=10).status_code == 401
    session, wrong = requests.Session(), {"username": "ana", "password": "outro"}
    assert session.post(f"{guarded}login", data=wrong, timeout=10).status_code == 400
    assert session.post(f"{guarded}login", data={**wrong, "password": "segredo"}, timeout=10).status_code == 200
    assert session.get(f"{guarded}config", timeout=10).status_code == 200


@pytest.mark.parametrize(
    ("host", "share", "allow", "expected"),
    [("127.0.0.1", False, False, True), ("localhost", False, False, True), ("::1", False, False, True),
     ("0.0.0.0", False, False, False), ("192.168.0.7", False, False, False), ("127.0.0.1", True, False, False),
     ("0.0.0.0", True, True, True), ("example.org", False, False, False)],
)  # fmt: skip
def test_others_may_neither_train_nor_name_files(host: str, share: bool, allow: bool, expected: bool) -> None:
    allowed = permissions(host, share=share, allow_training=allow)
    own = host in ("127.0.0.1", "localhost", "::1") and not share  # however much is allowed to others
    assert allowed == Permissions(training=expected, paths=expected, models=own)
    told = exposure(host, allowed, None, share=share)
    assert bool(told) == (share or host not in ("127.0.0.1", "localhost", "::1"))
    if told:
        assert ("internet" in told[0]) == share
        assert ("train" in told[0]) == allow
        assert any("--auth" in line for line in told)
        assert any("--allow-training" in line for line in told) == (not allow)


@pytest.mark.parametrize("auth", ["ana", ":segredo", "ana:", ""])
def test_a_password_without_a_name_is_refused(auth: str) -> None:
    with pytest.raises(UserError, match="USER:PASSWORD"):
        credentials(auth)
    assert credentials("ana:a:b") == ("ana", "a:b")
    assert credentials(None) is None


def test_the_page_waits_for_nothing_heavy_but_gradio() -> None:
    code = "import sys, pathlib, charrnn.ui; charrnn.ui.build(pathlib.Path('models')); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], timeout=120, check=True, stdout=subprocess.PIPE).stdout
    assert not {b"torch", b"lxml", b"ftfy", b"scipy"} & {*loaded.split()}


@pytest.mark.slow
def test_eight_visitors_at_once_each_get_their_own_text(url: str, tiny: Version) -> None:
    from gradio_client import Client

    assert sys.getswitchinterval() == pytest.approx(server.TURN)  # so that those who write keep none waiting
    clients = [Client(url, verbose=False) for _ in range(8)]
    asked = [(f"Visita {seed}: ", {"length": 120, "seed": seed}) for seed in range(8)]
    jobs = [
        client.submit(prompt, "tiny", settings, api_name="/generate")
        for client, (prompt, settings) in zip(clients, asked, strict=True)
    ]
    for job, (prompt, settings) in zip(jobs, asked, strict=True):
        assert job.result(timeout=60) == model_cache.sampler(tiny).generate(prompt, SampleConfig(**settings))
        *parts, whole = job.outputs()
        assert all(whole.startswith(part) for part in parts)  # it streams
    for client in clients:
        client.close()


def test_only_writing_waits_in_the_line(saved: Path) -> None:
    page = build(saved.parent)
    kinds = {fn.api_name: fn.concurrency_id for fn in page.fns.values() if fn.concurrency_limit is None and fn.queue}
    assert {name for name, kind in kinds.items() if kind == limits.WRITING} == {"act", "compare", "generate"}
    assert page.config["connect_heartbeat"] is False  # six pages of a browser would keep a seventh from loading


def test_only_names_of_the_models_folder_count_for_others(guarded: str, saved: Path) -> None:
    from gradio_client import Client

    client = Client(guarded, auth=("ana", "segredo"), verbose=False)
    assert len(client.predict("", "tiny", {"length": 5}, api_name="/generate")) == 5
    for name in (str(saved), "../tiny", "tiny/", "./tiny", ".."):
        with pytest.raises(Exception, match="expected one of"):
            client.predict("", name, {"length": 5}, api_name="/generate")
    for prompt, length in (("", 10**9), ("a" * 20_001, 5)):
        with pytest.raises(Exception, match="at most 20,000"):
            client.predict(prompt, "tiny", {"length": length}, api_name="/generate")
    client.close()


def test_a_busy_port_is_told(saved: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        told = f"--port {port}: expected a free port on 127.0.0.1, but it is in use, perhaps by .*; --port 0 takes any"
        with pytest.raises(UserError, match=told):
            serve("127.0.0.1", port, saved.parent)


@pytest.mark.parametrize(
    ("host", "port", "told"),
    [
        ("127.0.0.1", 65536, "--port: expected a number of at least 0 and at most 65535, found 65536"),
        ("127.0.0.1", -1, "--port: expected a number of at least 0 and at most 65535, found -1"),
        ("no.such.host.invalid", 0, "--host: expected an address of this machine.*, found 'no.such.host.invalid', whi"),
        ("a..b", 0, "--host: expected an address of this machine.*, found 'a..b', which names none"),
        ("192.0.2.1", 0, "--host: expected an address of this machine.*, found '192.0.2.1', which it does not have"),
    ],
)
def test_an_impossible_address_is_told_before_anything_else(
    saved: Path, capsys: pytest.CaptureFixture[str], host: str, port: int, told: str
) -> None:
    with pytest.raises(UserError, match=told):
        serve(host, port, saved.parent)
    assert capsys.readouterr() == ("", "")


def test_a_file_as_models_is_told(saved: Path) -> None:
    with pytest.raises(UserError, match=r"--models .*expected a folder of models, found a file"):
        serve("127.0.0.1", 0, saved / "config.json")


def test_a_proxy_is_spared(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    server._spare_the_proxy("127.0.0.1")
    assert "NO_PROXY" not in os.environ
    monkeypatch.setenv("http_proxy", "http://proxy.invalid:1")
    monkeypatch.setenv("NO_PROXY", "example.org")
    monkeypatch.setenv("no_proxy", "")
    server._spare_the_proxy("127.0.0.1")
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
