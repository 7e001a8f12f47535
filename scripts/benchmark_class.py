"""Time a class: all pupils press Generate at once; each sees its text or its place in the line.

    python scripts/benchmark_class.py [--pupils 30] [--length 300]

Serves the page as `charrnn app --host 0.0.0.0` does, and lets each pupil visit it over loopback, all from one address,
as behind a school's router. Fails if a pupil's text is not the one of its seed, or if someone gets none.
"""

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import httpx

from charrnn.config import SampleConfig
from charrnn.serving.address import url_of
from charrnn.ui import build, start
from charrnn.ui.model_cache import choices, sampler, version
from charrnn.ui.server import permissions

HEADERS = {"Host": "192.168.0.7", "Accept-Language": "pt-BR"}  # a name by which others call the page
MODEL, PROMPT = "machado", "Naquela manhã "


class Visit(NamedTuple):
    """One pupil's visit: seconds to the first sign and to the whole text, whether it waited, and the text's HTML."""

    first: float
    whole: float
    waited: bool
    text: str


async def press(client: httpx.AsyncClient, url: str, asks: dict[str, object]) -> Visit:
    """Press the button as a page does, and read what the server says until the text is whole."""
    began, first, waited, shown = time.perf_counter(), 0.0, False, ""
    joined = await client.post(f"{url}/gradio_api/queue/join", json=asks, headers=HEADERS)
    joined.raise_for_status()
    told = {"session_hash": asks["session_hash"]}
    async with client.stream("GET", f"{url}/gradio_api/queue/data", params=told, headers=HEADERS) as answer:
        async for line in answer.aiter_lines():
            message = json.loads(line[5:]) if line.startswith("data:") else {"msg": ""}
            if message["msg"] in ("process_generating", "process_completed"):
                assert message["success"], message
                first = first or time.perf_counter() - began
                waited = waited or "Na fila" in line
                values = message["output"]["data"]
                shown = values[0] if isinstance(values[0], str) else shown
            if message["msg"] == "process_completed":
                return Visit(first, time.perf_counter() - began, waited, shown)
    raise AssertionError("no text")


def asked(config: dict[str, object], length: int, pupil: int) -> dict[str, object]:
    """Return what a pupil's page sends when its button is pressed."""
    parts = {one["id"]: one["props"] for one in config["components"]}
    button = next(number for number, props in parts.items() if props.get("elem_id") == "do-generate")
    event = next(one for one in config["dependencies"] if [button, "click"] in one["targets"] and one["backend_fn"])
    chosen = {"model": MODEL, "prompt": PROMPT, "length": length, "seed": pupil, "end": "length"}
    values = [chosen.get(parts[one].get("elem_id"), parts[one].get("value")) for one in event["inputs"]]
    return {"data": values, "fn_index": event["id"], "session_hash": f"pupil{pupil}", "trigger_id": button}


async def lesson(url: str, pupils: int, length: int) -> list[Visit]:
    limits = httpx.Limits(max_connections=4 * pupils, keepalive_expiry=2)  # before the server closes them
    async with httpx.AsyncClient(limits=limits, trust_env=False, timeout=120) as client:
        config = (await client.get(f"{url}/config", headers=HEADERS)).json()
        opens = next(one for one in config["dependencies"] if one["api_name"] == "refresh")
        for pupil in range(pupils):  # opens the page
            body = {"data": [None] * len(opens["inputs"]), "fn_index": opens["id"], "session_hash": f"pupil{pupil}"}
            (await client.post(f"{url}/gradio_api/run/refresh", json=body, headers=HEADERS)).raise_for_status()
        await press(client, url, asked(config, length, 0))  # whatever is loaded once
        return await asyncio.gather(*(press(client, url, asked(config, length, pupil)) for pupil in range(pupils)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pupils", type=int, default=30)
    parser.add_argument("--length", type=int, default=300)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        models = Path(folder)
        allowed = permissions("0.0.0.0", share=False, allow_training=False)
        blocks = build(models, allowed)
        start(blocks, "0.0.0.0", allowed=allowed)
        try:
            visits = asyncio.run(lesson(url_of("127.0.0.1", blocks.server_port), given.pupils, given.length))
        finally:
            blocks.close(verbose=False)
        writer = sampler(version(choices(models)[MODEL].path))
        for pupil, visit in enumerate(visits):
            text = writer.generate(PROMPT, SampleConfig(length=given.length, seed=pupil))
            assert text.split()[-1] in visit.text, f"pupil {pupil} has another text"
    first = sorted(visit.first for visit in visits)
    print(f"{given.pupils} pupils, {given.length} characters each, {sum(visit.waited for visit in visits)} waited")
    print(f"text or place seen after {statistics.median(first):.2f} s, at most {first[-1]:.2f} s")
    print(f"whole text after {statistics.median(visit.whole for visit in visits):.2f} s, "
          f"at most {max(visit.whole for visit in visits):.2f} s")  # fmt: skip


if __name__ == "__main__":
    main()
