"""The standard endpoint: the sampler's texts, log-probabilities that agree with scores, refusals in one line."""

import json
import math
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import uvicorn

from charrnn.config import SampleConfig
from charrnn.scoring.bits import score_by_steps
from charrnn.serving.address import listening
from charrnn.serving.completion_request import properties
from charrnn.serving.endpoint import application
from charrnn.serving.guard import Guard
from charrnn.serving.loaded_models import ServedModels, sampler, version

TIMEOUT = 20
PROMPT = "Batatinha quando nasce, e\u0301 \u2603\r\n"  # NFD, a character that no vocabulary has, a line end of Windows
READ = "Batatinha quando nasce, é ☃\n"


class Running:
    """A server of an application in a thread of its own."""

    def __init__(self, app: Guard) -> None:
        self.socket = listening("127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        self.server = uvicorn.Server(uvicorn.Config(app, lifespan="off", ws="none", log_level="error"))
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.socket]})
        self.thread.start()

    def post(self, body: object, **headers: str) -> requests.Response:
        data = body if isinstance(body, bytes) else json.dumps(body)
        return requests.post(f"{self.url}/v1/completions", data=data, headers=headers, timeout=TIMEOUT)

    def choices(self, **body: object) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.post(body).json()["choices"]
        return found

    def events(self, **body: object) -> list[str]:
        answer = self.post({**body, "stream": True})
        assert answer.headers["content-type"].startswith("text/event-stream")
        return [one.removeprefix("data: ") for one in answer.content.decode("utf-8").split("\n\n")[:-1]]

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join()
        self.socket.close()


@pytest.fixture(scope="module")
def server(saved: Path) -> Iterator[Running]:
    running = Running(application(ServedModels(only=[saved]), "127.0.0.1"))
    yield running
    running.stop()


@pytest.fixture(scope="module")
def public(saved: Path) -> Iterator[Running]:
    """A server that others can reach, and that asks for a key."""
    running = Running(application(ServedModels(only=[saved]), "127.0.0.1", public="https://example.org", key="segredo"))
    yield running
    running.stop()


def test_the_same_seed_gives_the_same_text_as_the_sampler(server: Running, saved: Path) -> None:
    fields = {"temperature": 0.9, "top_p": 0.95, "min_p": 0.01, "repetition_penalty": 1.1, "stop": "zz"}
    config = SampleConfig(length=40, seed=5, **{**fields, "stop": ("zz",)})  # type: ignore[arg-type]
    model = sampler(version(saved))
    expected = [
        model.generate(prompt, SampleConfig(**{**config.to_json(), "seed": seed}))
        for prompt in (READ, "")
        for seed in (5, 6)
    ]
    asked = {**fields, "prompt": [PROMPT, ""], "max_tokens": 40, "seed": 5, "n": 2}
    choices = server.choices(**asked)
    assert [choice["text"] for choice in choices] == expected
    assert [choice["seed"] for choice in choices] == [5, 6, 5, 6]
    streamed = ["", "", "", ""]
    *events, done = server.events(**asked)
    assert done == "[DONE]"
    for event in events:
        [choice] = json.loads(event)["choices"]
        streamed[choice["index"]] += choice["text"]
    assert streamed == expected
    assert server.choices(prompt=PROMPT, max_tokens=3, echo=True)[0]["text"].startswith(READ)


def test_fields_left_out_have_the_defaults_of_the_sampler(server: Running, saved: Path) -> None:
    [choice] = server.choices(prompt="Era", temperature=None, max_tokens=60, seed=1)
    assert choice["text"] == sampler(version(saved)).generate("Era", SampleConfig(length=60, seed=1))


def test_a_text_tells_why_it_ends(server: Running) -> None:
    [full] = server.choices(max_tokens=30, seed=2)
    assert (full["finish_reason"], len(full["text"])) == ("length", 30)
    stop = full["text"][10:12]
    [short] = server.choices(max_tokens=30, seed=2, stop=[stop])
    assert short["finish_reason"] == "stop"
    assert short["text"] == full["text"][: full["text"].index(stop)]
    usage = server.post({"prompt": READ, "max_tokens": 7, "n": 2}).json()["usage"]
    assert usage == {"prompt_tokens": len(READ), "completion_tokens": 14, "total_tokens": len(READ) + 14}
    last = json.loads(server.events(max_tokens=7, stream_options={"include_usage": True})[-2])
    assert (last["choices"], last["usage"]["completion_tokens"]) == ([], 7)


def test_log_probabilities_of_a_prompt_are_those_of_its_score(server: Running, saved: Path) -> None:
    model = sampler(version(saved))
    [choice] = server.choices(prompt=PROMPT, max_tokens=0, echo=True, logprobs=3)
    told = choice["logprobs"]
    assert "".join(told["tokens"]) == choice["text"] == READ
    assert told["text_offset"] == list(range(len(READ)))
    score = score_by_steps(model.decoder, "", model.tokenizer, READ)
    assert -sum(told["token_logprobs"]) / math.log(2) / len(READ) == pytest.approx(score.bits_per_character, abs=1e-6)
    for character, value, likeliest in zip(told["tokens"], told["token_logprobs"], told["top_logprobs"], strict=True):
        assert likeliest[character] == value
        assert sum(other > value for other in likeliest.values()) <= 3
        assert sum(map(math.exp, likeliest.values())) <= 1 + 1e-9


def test_log_probabilities_of_a_text_are_those_of_it_as_a_prompt(server: Running) -> None:
    """Streamed or whole, after the prompt or alone."""
    asked = {"prompt": "Era ", "max_tokens": 20, "seed": 3, "logprobs": 2}
    whole, alone = server.choices(**asked, echo=True)[0], server.choices(**asked)[0]
    again = server.choices(prompt=whole["text"], max_tokens=0, echo=True, logprobs=2)[0]
    assert whole["logprobs"]["token_logprobs"] == pytest.approx(again["logprobs"]["token_logprobs"], abs=1e-5)
    assert alone["logprobs"]["token_logprobs"] == pytest.approx(whole["logprobs"]["token_logprobs"][4:], abs=1e-5)
    pieces = [json.loads(event)["choices"][0]["logprobs"] for event in server.events(**asked, echo=True)[:-1]]
    assert [one for piece in pieces for one in piece["text_offset"]] == list(range(24))
    assert [one for piece in pieces for one in piece["tokens"]] == whole["logprobs"]["tokens"]


REFUSED: list[tuple[object, str | None, str]] = [
    ({"max_tokens": 10**9}, "max_tokens", "at most 1,000,000"),
    ({"max_token": 5}, "max_token", "did you mean max_tokens?"),
    ({"prompt": [1, 2]}, "prompt", "token ids are not taken"),
    ({"prompt": [[1, 2]]}, "prompt", "token ids are not taken"),
    ({"prompt": []}, "prompt", "a text or a list of texts"),
    ({"top_p": 0}, "top_p", "above 0 and at most 1"),
    ({"temperature": "0,7"}, "temperature", "with a point"),
    ({"temperature": math.nan}, "temperature", "expected a finite number"),
    ({"n": 0}, "n", "at least 1"),
    ({"n": 2, "max_tokens": 600_000}, "n × prompt × max_tokens", "at most 1,000,000"),
    ({"max_tokens": 60_000, "logprobs": 20}, "characters × (logprobs + 1)", "at most 1,000,000"),
    ({"seed": 2**63}, "seed", ""),
    ({"stop": ["a"] * 51}, "stop", "at most 50 items"),
    ({"best_of": 2}, "best_of", "leave it out or at 1"),
    ({"stream_options": {"x": 1}}, "stream_options", "include_usage"),
    ({"bias": ["long=1"]}, "bias", "a character, = and a number"),
    ({"prompt": "\ud800"}, None, "lone surrogate"),
    ([], None, "no JSON object"),
    (b"\xff", None, "no JSON object"),
    (b"[" * 100_000, None, "no JSON object"),
]


@pytest.mark.parametrize(("body", "field", "says"), REFUSED, ids=str)
def test_what_cannot_be_answered_is_refused_in_one_line(
    server: Running, body: object, field: str | None, says: str
) -> None:
    answer = server.post(body)
    error = answer.json()["error"]
    assert (answer.status_code, error["param"]) == (400, field)
    assert says in error["message"]
    assert "\n" not in error["message"]


@pytest.mark.parametrize("name", ["../tiny", "/etc", "nobody", ""])
def test_models_are_named_never_found_by_a_path(server: Running, saved: Path, name: str) -> None:
    for asked in (name, str(saved)):
        answer = server.post({"model": asked})
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "no-served-model")
    listed = requests.get(f"{server.url}/v1/models", timeout=TIMEOUT).json()["data"]
    assert [one["id"] for one in listed] == [saved.name]
    assert requests.get(f"{server.url}/v1/models/{saved.name}", timeout=TIMEOUT).json() == listed[0]


def test_the_description_has_every_field_and_needs_no_network(server: Running) -> None:
    found = requests.get(f"{server.url}/openapi.json", timeout=TIMEOUT).json()
    body = found["paths"]["/v1/completions"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert set(body["properties"]) == set(properties(own=True))
    for path in ("/docs", "/redoc", "/", "/v1/chat/completions"):
        assert requests.get(server.url + path, timeout=TIMEOUT).status_code == 404


def test_tokens_are_counted_in_characters_as_a_model_reads_them(server: Running) -> None:
    """The routes are those that the remote tokenizer of lm-evaluation-harness calls."""
    assert "eos_token" in requests.get(f"{server.url}/tokenizer_info", timeout=TIMEOUT).json()
    found = requests.post(f"{server.url}/tokenize", json={"prompt": PROMPT}, timeout=TIMEOUT).json()["tokens"]
    assert len(found) == len(READ)
    again = requests.post(f"{server.url}/detokenize", json={"tokens": found}, timeout=TIMEOUT).json()["prompt"]
    assert again == READ
    wrong = [("tokenize", {"prompt": one}) for one in (1, ["a"])]
    wrong += [("detokenize", {"tokens": one}) for one in (["a"], [2**40], [-1], [0xD800], None)]
    for path, body in wrong:
        assert requests.post(f"{server.url}/{path}", json=body, timeout=TIMEOUT).status_code == 400


def test_others_are_refused_by_name_and_origin(server: Running) -> None:
    for headers in ({"Host": "evil.example"}, {"Origin": "https://evil.example"}, {"X-Forwarded-For": "1.2.3.4"}):
        answer = server.post({}, **headers)
        assert answer.status_code == 403
        assert answer.json()["error"]["message"]


def test_a_key_is_asked_for_and_tried_ever_more_slowly(public: Running) -> None:
    found = {name: public.post({"max_tokens": 1}, **headers).status_code for name, headers in {
        "none": {}, "basic": {"Authorization": "Basic segredo"}, "right": {"Authorization": "Bearer segredo"},
    }.items()}  # fmt: skip
    assert found == {"none": 401, "basic": 401, "right": 200}
    key = {"Authorization": "Bearer segredo"}
    assert "at most 20,000" in public.post({"max_tokens": 20_001}, **key).json()["error"]["message"]
    tried = [public.post({}, Authorization="Bearer x").status_code for _ in range(5)]
    assert tried == [401, 401, 401, 429, 429]
    late = public.post({}, **key)
    assert (late.status_code, late.headers["Retry-After"]) == (429, "1")
