"""What endpoints accept, for how long, and what a hostile visitor leaves in the log: nothing longer than a line."""

import asyncio
import contextlib
import json
import math
import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest
import requests
from page_support import RESTRICTED

from charrnn.errors import UserError
from charrnn.serving.caps import CAPS, Cap
from charrnn.serving.guard import CLIENT
from charrnn.serving.reporting import RefusedError
from charrnn.ui import build, limits, start
from charrnn.ui.limits import LimitedBlocks, arguments, check
from charrnn.ui.visitors import EVERYTHING, Permissions

TIMEOUT = 20


@pytest.fixture(scope="module")
def page(saved: Path) -> Iterator[LimitedBlocks]:
    """The page as visitors have it."""
    blocks = build(saved.parent, RESTRICTED)
    start(blocks, allowed=RESTRICTED)
    yield blocks
    blocks.close(verbose=False)


def endpoints(page: LimitedBlocks) -> list[Any]:
    """Return what runs on the server."""
    return [endpoint for endpoint in page.fns.values() if endpoint.fn is not None]


def post(page: LimitedBlocks, path: str, body: object) -> requests.Response:
    data = json.dumps(body)
    kind = {"Content-Type": "application/json"}
    return requests.post(f"{page.local_url}gradio_api/{path}", data=data, headers=kind, timeout=TIMEOUT)


def call(page: LimitedBlocks, name: str, *arguments: object) -> str:
    """Return all that an endpoint answers, as it is sent."""
    event = post(page, f"call/{name}", {"data": arguments}).json()["event_id"]
    return requests.get(f"{page.local_url}gradio_api/call/{name}/{event}", timeout=TIMEOUT).text


# Sizes


@pytest.mark.parametrize("allowed", [EVERYTHING, RESTRICTED])
def test_every_argument_of_every_endpoint_has_a_cap(saved: Path, allowed: Permissions) -> None:
    for endpoint in endpoints(build(saved.parent, allowed)):
        named = arguments(endpoint)
        assert len(named) == len(endpoint.inputs)
        for name, block in zip(named, endpoint.inputs, strict=True):
            assert (name is None) == isinstance(block, gr.State)
            assert name is None or name in CAPS, (endpoint.api_name, name, block)


def sized(kind: type, items: type, size: int) -> object:
    """Return a value of a kind that counts as `size` characters."""
    if kind is str:
        return "a" * size
    if kind is dict:
        return {"a" * (size - 2): None}
    if items is int:
        return [0] * size
    return [{"a" * (size - 3): None}] if items is dict else ["a" * (size - 1)]


@pytest.mark.parametrize("own", [True, False])
def test_each_argument_is_refused_beyond_its_cap(own: bool) -> None:
    for name, cap in CAPS.items():
        size = cap.own if own and cap.own else cap.size
        for kind in {str, list, dict} & {*cap.kinds}:
            cap.check(name, sized(kind, cap.items, size), own=own)
            with pytest.raises(UserError, match="expected at most"):
                cap.check(name, sized(kind, cap.items, size + 1), own=own)
        for kind, value in ((str, "a"), (list, []), (dict, {}), (int, 1)):
            if kind not in cap.kinds:
                with pytest.raises(UserError, match="could not be understood"):
                    cap.check(name, value, own=own)
        for number in (math.nan, math.inf, -1e300) if int in cap.kinds else ():
            with pytest.raises(UserError, match="expected a number"):
                cap.check(name, number, own=own)
    CAPS["length"].check("length", 20_001, own=True)
    with pytest.raises(UserError, match="at most 20,000"):
        CAPS["length"].check("length", 20_001, own=False)


def test_lines_and_depth_are_capped_too(page: LimitedBlocks) -> None:
    generate = next(one for one in endpoints(page) if one.api_name == "generate")
    for stop in ("\n" * 49, ["a"] * 50):
        check(generate, ["", "tiny", {"stop": stop}], own=False)
    for stop in ("\n" * 50, ["a"] * 51):
        with pytest.raises(UserError, match="stop: expected at most 50 items or lines"):
            check(generate, ["", "tiny", {"stop": stop}], own=False)
    nested: list[object] = []
    for _ in range(100_000):
        nested = [nested]
    with pytest.raises(UserError):
        Cap(10**9, kinds=(list,), items=list).check("settings", nested, own=True)


def test_sixty_thousand_stop_texts_cost_nothing(page: LimitedBlocks) -> None:
    began = time.monotonic()
    for _ in range(2):
        found = call(page, "generate", "Era", "tiny", {"length": 100, "stop": ["a"] * 60_000})
        assert "event: error" in found
    found = call(page, "generate", "Era", "tiny", {"length": 10, "stop": ["zzz"] * 50})
    assert "event: complete" in found
    assert time.monotonic() - began < 8


# Times


def test_a_visitors_text_ends_when_its_time_is_over(page: LimitedBlocks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "TIME", 0.3)
    found = call(page, "generate", "Era", "tiny", {"length": 20_000, "seed": 1})
    assert "event: error" in found
    assert "event: complete" not in found


def test_an_answer_that_nobody_reads_is_ended_and_forgotten(
    page: LimitedBlocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "UNREAD", 3)
    monkeypatch.setattr(limits, "READ_WITHIN", 0.2)
    queue = page._queue
    event = post(page, "call/generate", {"data": ["Era", "tiny", {"length": 20_000}]}).json()["event_id"]
    end = time.monotonic() + TIMEOUT
    while event in queue.event_ids_to_events or event in queue.pending_messages_per_session:
        assert time.monotonic() < end
        time.sleep(0.02)
    assert event not in queue.pending_event_ids_session


def test_nobody_goes_past_the_queue(page: LimitedBlocks) -> None:
    for endpoint in endpoints(page):
        if endpoint.queue:
            found = post(page, f"run/{endpoint.api_name}", {"data": [None] * len(endpoint.inputs)})
            assert found.status_code == 404, endpoint.api_name


@pytest.mark.parametrize("number", [None, 999, 0, -1])
def test_no_number_beside_a_name_avoids_the_share(
    page: LimitedBlocks, number: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = next(one for one in endpoints(page) if one.api_name == "generate")
    event = SimpleNamespace(concurrency_id=asked.concurrency_id, request=SimpleNamespace(scope={CLIENT: "a"}))
    monkeypatch.setattr(page._queue, "event_ids_to_events", {"one": event, "two": event})
    for path, body in (
        ("/gradio_api/call/generate", {"fn_index": number}),
        ("/gradio_api/call/v2/generate", {"fn_index": number}),
        ("/gradio_api/queue/join", {"fn_index": asked._id}),
    ):
        assert limits.room(page, "b", path, body) - limits.room(page, "a", path, body) == 2


def test_what_gradio_would_refuse_has_no_share(page: LimitedBlocks) -> None:
    for path, number in (("queue/join", 999), ("queue/join", None), ("call/none", None), ("call/none", 7)):
        with pytest.raises(RefusedError):
            limits.room(page, "a", f"/gradio_api/{path}", {"fn_index": number})


# What is left in the log

HOSTILE = (
    None, True, -1, 10**30, 1e308, "", "a" * 100, "\0", "../../etc/passwd", "<script>", [], [[]], {}, {"a": 1}, [None],
    {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}, [{"path": "/etc/passwd"}], {"__type__": "update"},
    {"value": []}, "nan", "é" * 50, ["tiny"] * 3, {"length": "x"}, {"stop": 1}, {"seed": [1]},
)  # fmt: skip


def hostile_calls(page: LimitedBlocks, some: int | None) -> Iterator[tuple[Any, list[object], object]]:
    """Yield endpoint, arguments and event: as the page sends them but for one that is hostile; too few, too many.

    some: how many hostile values each name gets, drawn; by default, each place gets all.
    """
    usual = {"prompt": "Era", "text": "Era", "model": "tiny", "models": ["tiny"], "settings": {"length": 5}}
    draw, seen = random.Random(1), set()
    for endpoint in endpoints(page):
        if some and endpoint.concurrency_id in ("score", "memory"):  # which compute for long
            continue
        good = [
            block.value
            if name is None or isinstance(block, gr.State)
            else usual.get(name, getattr(block, "value", None))
            for name, block in zip(arguments(endpoint), endpoint.inputs, strict=True)
        ]
        for values in ([], [*good, None, None], [None] * len(good)):
            yield endpoint, values, {}
        for value in draw.sample(HOSTILE, some or len(HOSTILE)):
            yield endpoint, good, value
        for place, name in enumerate(arguments(endpoint)):
            if some and name in seen:
                continue
            seen.add(name)
            for value in draw.sample(HOSTILE, some or len(HOSTILE)):
                yield endpoint, [*good[:place], value, *good[place + 1 :]], {}


@pytest.mark.parametrize("some", [1, pytest.param(None, marks=pytest.mark.slow)])
def test_hostile_arguments_leave_no_traceback(
    page: LimitedBlocks, some: int | None, capfd: pytest.CaptureFixture[str], recwarn: pytest.WarningsRecorder
) -> None:
    async def calls() -> int:
        count = 0
        for endpoint, values, told in hostile_calls(page, some):
            with contextlib.suppress(gr.Error):
                await page.process_api(
                    endpoint, values, request=gr.Request(headers={}), session_hash="hostile", event_id=None,
                    event_data=gr.EventData(None, told), state=page.state_holder["hostile"],
                )  # fmt: skip
            count += 1
        return count

    with ThreadPoolExecutor(1) as pool:  # a thread whose event loop is its own
        count = pool.submit(asyncio.run, calls()).result()
    error = capfd.readouterr().err
    assert "Traceback" not in error, error[-3000:]
    assert count > (100 if some else 3_500)


def test_hostile_requests_leave_a_line_each(page: LimitedBlocks, capfd: pytest.CaptureFixture[str]) -> None:
    bodies = (
        {}, [], None, {"data": 1}, {"data": [], "fn_index": -1}, {"data": [], "fn_index": 10**9}, {"fn_index": {}},
        {"data": [], "fn_index": 0, "session_hash": "a", "trigger_id": -1}, {"data": [1], "session_hash": {}},
    )  # fmt: skip
    posted, asked = ("queue/join", "run/predict", "call/generate", "call/v2/generate", "call/nobody", "cancel"), (
        "queue/data?session_hash=nobody", "call/generate/nobody", "queue/data", "file=/etc/passwd",
        "heartbeat/%ED%A0%80?a", "info?serialize=x", "file=%00", "file=%ff",
    )  # fmt: skip
    for path in posted:
        assert {post(page, path, body).status_code for body in bodies} <= {200, 400, 404, 422, 500}
    for path in asked:
        requests.get(f"{page.local_url}gradio_api/{path}", timeout=TIMEOUT, stream=True).close()
    error = capfd.readouterr().err
    assert "Traceback" not in error, error[-3000:]
    assert len(error.splitlines()) <= len(bodies) * len(posted) + len(asked)
    assert max(map(len, error.splitlines()), default=0) < 400


def test_a_bug_is_told_in_full_once(capsys: pytest.CaptureFixture[str]) -> None:
    from charrnn.serving.reporting import log_bug

    def fail() -> None:
        raise ZeroDivisionError("a bug\nof two lines")

    for _ in range(3):
        try:
            fail()
        except ZeroDivisionError as error:
            log_bug(error)
    assert capsys.readouterr().err.count("Traceback") == 1


def test_a_panic_of_a_library_is_an_error_too(page: LimitedBlocks, monkeypatch: pytest.MonkeyPatch) -> None:
    """Libraries in Rust raise what is no Exception, which gradio would let nobody know."""

    class PanicException(BaseException):  # as they call it
        pass

    def panic(*given: object) -> None:
        raise PanicException

    for name in ("models", "generate", "score"):
        monkeypatch.setattr(next(one for one in endpoints(page) if one.api_name == name), "fn", panic)
        began = time.monotonic()
        assert "event: error" in call(
            page, name, *{"models": [], "generate": ["a", "tiny", {}]}.get(name, ["a", [], False])
        )
        assert time.monotonic() - began < 5
