"""A saved text from a stranger continues, or is refused in one line: no crash, no wait, no traceback."""

import json
import os
import random
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from support import tiny

from charrnn import SampleConfig, Sampler, UserError, corpus
from charrnn.config import ConstraintConfig
from charrnn.data.tokenizer import CharTokenizer
from charrnn.model import CharRNN
from charrnn.sampling import filters, session_file
from charrnn.sampling.session import Session
from charrnn.storage import counts_file
from charrnn.storage.checkpoint import create, read_tensors, write_tensors
from charrnn.storage.counts_file import PACKED, write_counts

MUTATIONS = {"eager": 50, "f32": 100}
LONGEST = 5.0  # seconds
EXTREMES = (0, 1, -1, 2, 127, 255, 256, 2**15, 2**31 - 1, -(2**31), 2**32, 2**62, -(2**63), 1e30, -1e30, 3e38)
STRANGE = (
    None, True, 0, -1, 0.5, 1e308, float("nan"), float("inf"), 2**63, 10**400, "", "x", "\x00", "a\nb", "\ud800", [],
    {}, [None] * 3, {"a": 1}, "../../etc/passwd", "x" * 10_000, [0] * 10_000, "9" * 5000,
)  # fmt: skip


@pytest.fixture(scope="module", params=["eager", "f32"])
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def saved(sampler: Sampler, path: Path, **settings: object) -> Path:
    config = SampleConfig(seed=3, length=130, temperature=1.5, no_repeat=3, **settings)  # type: ignore[arg-type]
    session = Session(config, model="tiny", weights="abc", engine="eager").read(sampler, "Era ✍ uma")
    session_file.save(session.after(list(session.steps(sampler))), path)
    return path


def use(path: Path, sampler: Sampler) -> str:
    """Continue a saved text; return how it ends: "works", or the code of the one line that refuses it."""
    began, refused = time.perf_counter(), ""
    try:
        session = session_file.load(path)
        session_file.check_states(session, sampler)
        session = replace(session, config=replace(session.config, length=min(session.config.length, 20), stop=()))
        "".join(step.text for step in session.rewound(sampler, min(session.written, 5)).steps(sampler))
        found = "works"
    except UserError as error:
        found, refused = error.code, str(error)
    assert "\n" not in refused
    assert len(refused) < 1000
    assert time.perf_counter() - began < LONGEST
    return found


def mutate(path: Path, draw: random.Random) -> None:
    """Change bytes, numbers, shapes, types or settings of a saved text."""
    way = draw.choice(
        ("bytes", "number", "number", "number", "fill", "shape", "dtype", "name", "value", "value", "key")
    )
    if way == "bytes":
        data = bytearray(path.read_bytes())
        for _ in range(draw.choice((1, 8, 200))):
            data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
        path.write_bytes(bytes(data[: draw.randrange(len(data))] if draw.random() < 0.3 else data))
        return
    tensors, metadata = read_tensors(path)
    values = json.loads(metadata["charrnn"])
    name, key = draw.choice(sorted(tensors)), draw.choice(sorted(values))
    one, value = tensors[name].clone(), draw.choice(EXTREMES)
    with np.errstate(all="ignore"):
        number = torch.from_numpy(np.array(value).astype(one.numpy().dtype))
    if way == "number" and one.numel():
        one.view(-1)[draw.randrange(one.numel())] = number
    elif way == "fill":
        one = one.fill_(
            draw.choice((number, number, float("nan"), float("inf"))) if one.is_floating_point() else number
        )
    elif way == "shape":
        one = draw.choice((one[0], one.T, one[:, :-1], torch.cat([one, one])))
    elif way == "dtype":
        one = one.to(draw.choice((torch.float16, torch.float64, torch.int32, torch.int64, torch.uint8, torch.bool)))
    tensors[name] = one.contiguous()
    if way == "name":
        tensors[draw.choice(("layers.0", "state.layers.x.0", "mark9.recent", "state.layers.-1.0"))] = tensors.pop(name)
    place = values[key] if isinstance(values[key], dict) and draw.random() < 0.8 else values
    inner = draw.choice(sorted(place))
    if way == "value":
        place[inner] = draw.choice(STRANGE)
    elif way == "key":
        place[draw.choice(("x", inner + "x", "reach", "state"))] = place.pop(inner)
    text = "[" * 100_000 if draw.random() < 0.01 else json.dumps(values)
    write_tensors(path, tensors, {"charrnn": text})


def test_mutations_work_or_are_refused(joined: CharRNN, tokenizer: CharTokenizer, tmp_path: Path, engine: str) -> None:
    sampler = Sampler(joined, tokenizer, engine)
    whole, path = saved(sampler, tmp_path / "a").read_bytes(), tmp_path / "b"
    found = set()
    for seed in range(MUTATIONS[engine]):
        path.write_bytes(whole)
        mutate(path, random.Random(seed))
        found.add(use(path, sampler))
    assert {"works", "state-not-a-state", "state-other-shape", "not-safetensors"} <= found


STATES: dict[str, Callable[[dict[str, torch.Tensor]], object]] = {
    "the place on the page": lambda state: state["state.expected"][0, -1].fill_(1e9),
    "a class of words": lambda state: state["state.reading"].fill_(2**40),
    "a huge memory": lambda state: state["state.layers.0.1"].fill_(1e38),
    "a prediction": lambda state: state["state.expected"][0, 0].fill_(float("inf")),
    "half a character": lambda state: state["state.recent"][0, -1].add_(10**3),
    "a token": lambda state: state["mark0.recent"].fill_(-2),
}


@pytest.mark.parametrize("change", STATES)
def test_states_that_reach_loops_are_checked(
    joined: CharRNN, tokenizer: CharTokenizer, tmp_path: Path, change: str
) -> None:
    path, sampler = tmp_path / "a", Sampler(joined, tokenizer)
    tensors, metadata = read_tensors(saved(sampler, path))
    if change == "half a character":
        tensors["state.recent"][0, -1] = tokenizer.encode("✍")[0]
    else:
        STATES[change](tensors)
    write_tensors(path, tensors, metadata)
    assert use(path, sampler) == "state-other-shape"


@pytest.mark.parametrize("name", ["/", "/**/*", "-", "/dev/zero", "/etc/passwd", "machado:dom-casmurro"])
def test_a_saved_text_opens_no_files(
    joined: CharRNN, tokenizer: CharTokenizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Whichever it names: that would take a walk through the disk."""
    path, sampler = tmp_path / "a", Sampler(joined, tokenizer)
    tensors, metadata = read_tensors(saved(sampler, path))
    values = json.loads(metadata["charrnn"])
    files = {"most_copied": 30, "training": [name], "novelty": [name], "contain": ["mar"] * 1000, "start": "mar"}
    values["constraints"] |= {**files, "without": "z"}
    write_tensors(path, tensors, {"charrnn": json.dumps(values)})
    opened: list[object] = []
    monkeypatch.setattr(corpus, "open_works", lambda *given, **named: opened.append(given))
    told: list[str] = []
    assert session_file.load(path, lambda phrase: told.append(phrase.code)).constraints == ConstraintConfig(without="z")
    assert told == ["state-names-files"]
    assert use(path, sampler) == "works"
    assert opened == []


@pytest.mark.parametrize("name", ["\\\\host\\models\\m", "//host/models/m"])
def test_a_saved_text_calls_no_other_machine(
    joined: CharRNN, tokenizer: CharTokenizer, tmp_path: Path, name: str
) -> None:
    """Windows would send it the user's name and a proof of the password."""
    tensors, metadata = read_tensors(saved(sampler := Sampler(joined, tokenizer), path := tmp_path / "a"))
    write_tensors(path, tensors, {"charrnn": json.dumps({**json.loads(metadata["charrnn"]), "model": name})})
    assert use(path, sampler) == "state-not-a-state"


@pytest.mark.skipif(os.name != "posix", reason="pipes of Unix")
def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "zeros").symlink_to("/dev/zero")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "many").write_bytes((2**24).to_bytes(8, "little") + b" " * 2**24)
    for name in ("pipe", "zeros", "loop", ".", "none", "many"):
        began = time.perf_counter()
        with pytest.raises(UserError) as error:
            session_file.load(tmp_path / name)
        assert error.value.code in ("system-refused", "not-safetensors")
        assert time.perf_counter() - began < 1


@pytest.mark.parametrize("packed", [False, True])
def test_the_fingerprint_covers_the_counts(
    joined: CharRNN, tokenizer: CharTokenizer, tmp_path: Path, packed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also those that are compressed; a text that an earlier version saved with such a model is still accepted."""
    directory = tmp_path / "m"
    create(directory, joined, tokenizer)
    counts = directory / "counts.safetensors"
    if packed:
        assert joined.counts is not None
        monkeypatch.setattr(counts_file, "SMALL", 0)
        write_counts(directory, joined.counts)
        counts.unlink()
        counts = directory / PACKED
    before = session_file.fingerprint(directory)
    earlier = session_file.fingerprint(directory, packed=False)
    assert (earlier == before) is not packed
    counts.write_bytes(counts.read_bytes() + b"x")
    after = session_file.fingerprint(directory)
    assert after != before
    session = Session(SampleConfig(seed=1), weights=before)
    with pytest.raises(UserError, match="expected the model that wrote it"):
        session_file.check_model(session, tmp_path, directory, after)
    session_file.check_model(session, tmp_path, directory, before)
    if packed:
        session_file.check_model(replace(session, weights=earlier), tmp_path, directory, after)
    with pytest.raises(UserError, match="expected the model that wrote it"):
        session_file.check_model(replace(session, weights=""), tmp_path, directory, after)


def test_weights_that_are_not_numbers_are_told(tokenizer: CharTokenizer) -> None:
    """Loading and samplers refuse such weights; a model that changes in memory says so when it predicts."""
    model = tiny(tokenizer)
    sampler = Sampler(model, tokenizer)
    model.output.bias.data[0] = float("nan")
    for use_ in (sampler.generate, lambda: sampler.predict(sampler.read(""))):
        with pytest.raises(UserError) as error:
            use_()
        assert error.value.code == "predictions-not-numbers"


@pytest.mark.parametrize("engine", ["eager", "f32"])
@pytest.mark.parametrize("bias", [("e=1e308", "e=1e308", "a=9e307"), ("e=-inf", "a=-1e308"), ("e=1e6", "a=1e300")])
def test_extreme_settings_draw_a_text(tokenizer: CharTokenizer, engine: str, bias: tuple[str, ...]) -> None:
    sampler = Sampler(tiny(tokenizer), tokenizer, engine)
    for extreme in (
        SampleConfig(temperature=1e-300), SampleConfig(temperature=100.0, repetition_penalty=10.0, no_repeat=1),
        SampleConfig(top_p=1e-300, min_p=1.0, typical=1e-300, top_k=10**9), SampleConfig(repetition_penalty=0.1),
    ):  # fmt: skip
        assert len(sampler.generate("Era", replace(extreme, length=12, seed=2**63 - 1, bias=bias))) == 12


def test_a_bias_without_an_end_is_refused(tokenizer: CharTokenizer) -> None:
    for text in ("e=inf", "e=nan", "e=", "=1", "e=1e999"):
        with pytest.raises(UserError, match="expected a character, = and a number"):
            filters.bias_of(SampleConfig(bias=(text,)), tokenizer)
