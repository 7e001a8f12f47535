"""The exported file: nothing is loaded from elsewhere, nothing that comes from a model runs, all words are there."""

import base64
import hashlib
import json
import re
import shutil
import subprocess
import zlib
from pathlib import Path

import numpy as np
import pytest
from support import CELLS, tiny

from charrnn.cli import main
from charrnn.config import ModelConfig
from charrnn.data.tokenizer import CharTokenizer
from charrnn.errors import UserError
from charrnn.model.weights import NetworkWeights
from charrnn.sampling.compiled.products import rounded
from charrnn.storage import registry
from charrnn.webpage import ModelFacts, page, page_of
from charrnn.webpage.packed_weights import arranged, packed
from charrnn.webpage.page_texts import TEXTS
from charrnn.webpage.single_file import HERE

SCRIPTS = sorted(HERE.rglob("*.js"))


@pytest.fixture(scope="module")
def html(tokenizer: CharTokenizer) -> str:
    hostile = "</script><script>alert(1)</script>"
    return page(NetworkWeights.of(tiny(tokenizer)), tokenizer, ModelFacts(hostile, works=(hostile,), license=hostile))


def test_nothing_is_loaded_and_no_other_script_runs(html: str) -> None:
    assert not re.findall(r"https?:(?!//www\.w3\.org/2000/svg)", html)
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', html)
    assert policy
    assert policy[1].startswith("default-src 'none'; ")
    assert not re.search(r"unsafe-inline|unsafe-eval(?<!wasm-unsafe-eval)|http|\*", policy[1])
    inside = re.findall(r"<(script|style)[^>]*?( type=[^>]+)?>(.*?)</\1>", html, re.DOTALL)
    assert len(inside) == html.count("<script") + html.count("<style") == 5
    for kind, is_data, text in inside:
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert bool(is_data) != (f"{kind}-src" in policy[1] and digest in policy[1])


def test_data_reaches_the_page_as_text_only() -> None:
    for path in SCRIPTS:
        assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b", path.read_text("utf-8")), (
            path
        )


def test_every_word_is_there_in_both_languages_and_used() -> None:
    view = "".join(path.read_text(encoding="utf-8") for path in (HERE / "view").iterdir())
    asked = {*re.findall(r'data-(?:say|label|placeholder)="(\w+)"', view), *re.findall(r'say\("(\w+)"', view)}
    assert asked <= set(TEXTS)
    made = {f"done_{why}" for why in ("length", "stop", "stopped", "undone")}
    assert [key for key in TEXTS if f'"{key}"' not in view and key not in made] == []
    for portuguese, english in TEXTS.values():
        assert portuguese
        assert re.findall(r"{\w+}", portuguese) == re.findall(r"{\w+}", english)


def test_scripts_are_short_and_sound() -> None:
    assert all(len(path.read_text(encoding="utf-8").splitlines()) < 400 for path in SCRIPTS)
    if node := shutil.which("node"):
        subprocess.run([node, "--check", SCRIPTS[-1]], check=True, timeout=60)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("members", [1, 2])
def test_weights_are_those_of_the_engine(cell: str, members: int, tokenizer: CharTokenizer) -> None:
    """Unpacked as docs/share.md says, every array is exact, but for the rows in int8, which are the engine's."""
    model = tiny(tokenizer, cell, members=members)
    model.embedding.weight.data = model.embedding.weight.data.bfloat16().float()
    weights = NetworkWeights.of(model)
    layout, deflated = packed(weights)
    data, at, found = zlib.decompress(deflated, -15), 0, {}
    for one in layout:
        size = int(np.prod(one["shape"]))  # type: ignore[call-overload]
        planes = {"int8": 1, "bf16": 2, "f32": 4}[str(one["kind"])]
        bytes_ = np.frombuffer(data, np.uint8, size * planes, at).reshape(planes, size)
        at += size * planes
        whole = sum(plane.astype(np.uint32) << np.uint32(24 - 8 * n) for n, plane in enumerate(bytes_))
        array = bytes_[0].view(np.int8) if planes == 1 else np.asarray(whole, np.uint32).view(np.float32)
        found[str(one["name"])] = array.reshape(one["shape"])
    assert at == len(data)
    assert [one["kind"] for one in layout][:2] == ["bf16", "f32"]
    assert np.array_equal(found["embedding"], weights.arrays["embedding.weight"])
    assert np.array_equal(found["output"], weights.arrays["output.weight"])
    name = "memory_weight" if cell == "elman" else "rnn.weight_hh_l0"
    place = "layers.1." if members == 1 else "layers.1.cells.1."
    integers, scales = rounded(weights.arrays[place + name].T[None])
    last = 2 * members - 1
    assert np.array_equal(found[f"U.{last}"], integers[0].T)
    assert np.array_equal(found[f"scale.U.{last}"], scales[0].astype(np.float32))
    assert len(arranged(weights)) == len(layout)


def test_facts_are_read_from_the_log_and_the_card(tmp_path: Path) -> None:
    facts = ModelFacts.of(registry.SHIPPED / "machado-lstm")
    assert (facts.name, facts.characters, len(facts.works)) == ("machado-lstm", 8_718_668, 95)
    assert facts.bits == pytest.approx(1.6797, abs=1e-4)
    assert ModelFacts.of(tmp_path) == ModelFacts(tmp_path.name)
    (tmp_path / "README.md").write_text('---\nlicense: "cc0-1.0"\n---\n\n# A <b>card</b>\n', encoding="utf-8")
    assert ModelFacts.of(tmp_path) == ModelFacts(tmp_path.name, license="cc0-1.0")


def test_only_a_network_alone_is_exported(tokenizer: CharTokenizer) -> None:
    config = ModelConfig(vocab_size=tokenizer.vocab_size, hidden=16, counts="joined")
    with pytest.raises(UserError, match=r"^--model j: expected a network alone, .*--distill"):
        page(NetworkWeights(config, {}), tokenizer, ModelFacts("j"))


def test_the_command_takes_the_format_from_the_suffix(
    saved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("signal.signal", lambda *_: None)

    def export(*arguments: object) -> str:
        with pytest.raises(SystemExit) as stopped:
            main(["export", *map(str, arguments), "--model", str(saved)])
        out, said = capsys.readouterr()
        assert bool(stopped.value.code) == bool(said)
        return out + said

    assert export(tmp_path / "a.HTML").endswith("MB\n")
    assert export(tmp_path / "b.page", "--to", "html").endswith("MB\n")
    data = re.search(r'id="data">(.+?)</script>', (tmp_path / "a.HTML").read_text(encoding="utf-8"))
    assert data
    assert json.loads(data[1])["facts"]["name"] == saved.name
    assert "expected a file .html or .onnx" in export(tmp_path / "c.txt")
    assert "found 'pdf'" in export(tmp_path / "c.html", "--to", "pdf")
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.slow
def test_the_app_shares_the_chosen_model(saved: Path) -> None:
    import gradio as gr  # which takes seconds to load

    from charrnn.ui.generate.actions import GenerateEvents
    from charrnn.ui.visitors import EVERYTHING

    events = GenerateEvents(None, saved.parent, EVERYTHING)  # type: ignore[arg-type]  # no page is needed
    sent = json.loads(events.share(gr.Request(headers={}), saved.name))
    assert (sent["name"], sent["html"]) == (f"{saved.name}.html", page_of(saved))
