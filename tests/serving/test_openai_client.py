"""The `openai` client with `charrnn serve`, as a program uses them; and what `charrnn serve` says when it starts."""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from support import ROOT

from charrnn.cli import main

pytestmark = pytest.mark.slow
MODEL = "machado-lstm"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The address that `charrnn serve` prints."""
    command = [sys.executable, "-m", "charrnn", "serve", "--model", MODEL, "--port", "0", "--api-key", "segredo"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8") as running:
        assert running.stdout is not None
        found = re.search(r"http://\S+", running.stdout.readline())
        assert found
        yield found[0]
        running.send_signal(signal.SIGINT)
        assert running.wait(10) == 0


def test_the_client_gets_what_the_command_writes(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Whole and streamed, with the same seed as `charrnn sample`."""
    from openai import OpenAI

    client = OpenAI(base_url=address, api_key="segredo", max_retries=0)
    assert [model.id for model in client.models.list()] == [MODEL]
    asked = {"model": MODEL, "prompt": "Era uma vez", "max_tokens": 60, "temperature": 0.8, "seed": 4}
    with pytest.raises(SystemExit):
        main(["sample", "-m", MODEL, "-p", "Era uma vez", "--length", "60", "--temperature", "0.8", "--seed",
              "4"])  # fmt: skip
    expected = capsys.readouterr().out.removeprefix("Era uma vez").removesuffix("\n")
    whole = client.completions.create(**asked, logprobs=2)
    assert whole.choices[0].text == expected
    assert whole.choices[0].logprobs is not None
    assert whole.choices[0].logprobs.tokens == list(expected)
    assert whole.usage is not None
    assert whole.usage.completion_tokens == 60
    streamed = list(client.completions.create(**asked, stream=True, stream_options={"include_usage": True}))
    assert "".join(choice.text for chunk in streamed for choice in chunk.choices) == expected
    assert streamed[-2].choices[0].finish_reason == "length"
    assert streamed[-1].usage == whole.usage
    own = client.completions.create(**asked, extra_body={"top_k": 1, "min_p": 0.1})
    assert own.choices[0].text != expected


def test_the_client_raises_its_own_errors(address: str) -> None:
    import openai

    client = openai.OpenAI(base_url=address, api_key="segredo", max_retries=0)
    with pytest.raises(openai.BadRequestError, match="at most 1,000,000") as refused:
        client.completions.create(model=MODEL, prompt="a", max_tokens=10**9)
    assert refused.value.param == "max_tokens"
    with pytest.raises(openai.NotFoundError, match="It has: machado-lstm"):
        client.completions.create(model="davinci-002", prompt="a")
    with pytest.raises(openai.NotFoundError, match="POST /v1/completions"):
        client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": "a"}])
    with pytest.raises(openai.AuthenticationError, match="key is wrong"):
        openai.OpenAI(base_url=address, api_key="outra", max_retries=0).models.list()


def test_writing_ends_when_the_client_closes_its_stream(address: str) -> None:
    """Else the six texts that were left would hold all places, and the last request would wait for minutes."""
    from openai import OpenAI

    client = OpenAI(base_url=address, api_key="segredo", max_retries=0)
    for seed in range(6):
        stream = client.completions.create(model=MODEL, prompt="", max_tokens=1_000_000, seed=seed, stream=True)
        next(iter(stream))
        stream.close()
    began = time.monotonic()
    client.completions.create(model=MODEL, prompt="", max_tokens=5)
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--model", "nobody"], "there is no model 'nobody'"),
        (["--model", "machado", "--model", "machado"], "two models are called machado"),
        (["--host", "300.1.1.1"], "--host: expected an address"),
        (["--port", "70000"], "--port: expected a number"),
        (["--api-key", "a b"], "--api-key: expected visible ASCII"),
        (["--public", "here"], "--public: expected the address"),
        (["--models", "nowhere", "--model", "last"], "nowhere"),
        (["--models", "pyproject.toml"], "pyproject.toml"),
    ],
)
def test_what_cannot_be_served_is_refused_in_one_line(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    with pytest.raises(SystemExit) as ended:
        main(["serve", *arguments])
    said = capsys.readouterr().err
    assert (ended.value.code, said.count("\n")) == (2, 1)
    assert says in said
