"""Who writes, who waits and who is sent away: the queue of the standard endpoint, the page's line, and who leaves."""

import asyncio
import contextlib
import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from charrnn.errors import UserError
from charrnn.serving import api, turns
from charrnn.serving.api import StandardApi
from charrnn.serving.caps import CAPS
from charrnn.serving.completion_request import CompletionRequest, properties
from charrnn.serving.loaded_models import ServedModels
from charrnn.serving.reporting import RefusedError
from charrnn.serving.turns import AT_ONCE, INSIDE, SHARE, Line, Ticket, Turns


def test_the_queue_is_bounded_and_gives_back_what_it_gave() -> None:
    async def run() -> None:
        turns, end, inside = Turns(own=True), asyncio.Event(), []

        async def one(number: int) -> None:
            async with turns.place(""), turns.turn():
                inside.append(number)
                await end.wait()

        tasks = [asyncio.create_task(one(number)) for number in range(INSIDE)]
        await asyncio.sleep(0)
        assert inside == list(range(AT_ONCE))
        with pytest.raises(RefusedError) as refused:
            await one(-1)
        assert (refused.value.status, refused.value.retry > 0) == (429, True)
        tasks[-1].cancel()  # one who waits leaves: another may wait
        await asyncio.sleep(0)
        tasks.append(asyncio.create_task(one(99)))
        end.set()
        found = await asyncio.gather(*tasks, return_exceptions=True)
        assert sum(one is not None for one in found) == 1
        assert len(inside) == INSIDE

    asyncio.run(run())


def test_a_client_has_a_share_where_others_can_come() -> None:
    async def run(turns: Turns, client: str, count: int) -> None:
        if count:
            async with turns.place(client):
                await run(turns, client, count - 1)

    asyncio.run(run(Turns(own=False), "a", SHARE))
    with pytest.raises(RefusedError):
        asyncio.run(run(Turns(own=False), "a", SHARE + 1))


@pytest.mark.parametrize("stream", [True, False])
def test_those_who_do_not_read_keep_nobody_waiting(saved: Path, stream: bool) -> None:
    """While AT_ONCE clients read nothing of their streams, another client gets its text at once."""

    async def run() -> None:
        app, reads = StandardApi(ServedModels(only=[saved]), own=True), asyncio.Event()

        async def ask(fields: dict[str, object], *, deaf: bool) -> int:
            given, sent = [{"type": "http.request", "body": json.dumps(fields).encode(), "more_body": False}], 0

            async def receive() -> dict[str, Any]:
                return given.pop() if given else await asyncio.sleep(60, {"type": "http.disconnect"})

            async def send(_: Any) -> None:
                nonlocal sent
                sent += 1
                if deaf:
                    await reads.wait()
                    raise TimeoutError  # as the guard ends it

            scope = {"type": "http", "method": "POST", "path": "/v1/completions", "headers": [], "query_string": b""}
            await app(scope, receive, send)
            return sent

        deaf = [asyncio.create_task(ask({"max_tokens": 500, "stream": stream}, deaf=True)) for _ in range(AT_ONCE)]
        assert await asyncio.wait_for(ask({"max_tokens": 3}, deaf=False), 10) == 2
        reads.set()
        assert {type(one) for one in await asyncio.gather(*deaf, return_exceptions=True)} == {TimeoutError}
        assert app.turns._inside == 0

    asyncio.run(run())


def test_every_field_has_a_cap() -> None:
    assert {f"v1.{name}" for name in properties(own=True)} <= set(CAPS)


@pytest.mark.parametrize("own", [True, False])
def test_the_limits_that_are_told_are_those_that_hold(own: bool) -> None:
    def code(**fields: object) -> str:
        try:
            CompletionRequest.from_json(json.dumps(fields).encode(), own=own)
        except UserError as error:
            return str(error)
        return ""

    told = {name: schema["maximum"] for name, schema in properties(own=own).items() if "maximum" in schema}
    assert told["max_tokens"] == (1_000_000 if own else 20_000)
    for name, most in told.items():
        assert code(**{name: most}) == ""
        shown = f"at most {most:,}".removesuffix(".0")
        assert shown in code(**{name: most * 1000})
        assert shown in code(**{name: -1})
    assert '[""]' in code(stop=[""]).replace("'", '"')
    for name, schema in properties(own=own).items():
        for one in [schema, *schema.get("anyOf", ())]:  # type: ignore[misc]
            if "maxLength" in one:
                assert code(**{name: "a" * (one["maxLength"] + 1)})


def ask(app: StandardApi, fields: dict[str, object], leave: threading.Event | None = None) -> list[dict[str, Any]]:
    """Return the messages that answer a request, whose client leaves when it may."""

    async def run() -> list[dict[str, Any]]:
        sent: list[dict[str, Any]] = []
        given = [{"type": "http.request", "body": json.dumps(fields).encode(), "more_body": False}]

        async def receive() -> dict[str, Any]:
            if given:
                return given.pop()
            while leave is None or not leave.is_set():
                await asyncio.sleep(0.01)
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {"type": "http", "method": "POST", "path": "/v1/completions", "headers": [], "query_string": b""}
        await asyncio.wait_for(app(scope, receive, send), 20)
        return sent

    return asyncio.run(run())


@pytest.mark.parametrize("stream", [True, False])
def test_nothing_more_is_written_for_one_who_left(saved: Path, monkeypatch: pytest.MonkeyPatch, stream: bool) -> None:
    """Writing a million characters takes minutes; it ends with the piece in which the client leaves."""
    leave, pieces, write = threading.Event(), [], api.write

    def counted(request: CompletionRequest, model: Any) -> Any:
        for piece in write(request, model):
            pieces.append(piece)
            if len(pieces) == 3:
                leave.set()
            yield piece

    monkeypatch.setattr(api, "write", counted)
    app = StandardApi(ServedModels(only=[saved]), own=True)
    sent = ask(app, {"max_tokens": 1_000_000, "stream": stream}, leave)
    assert len(pieces) <= 6
    assert not sent or sent[-1].get("more_body")
    assert app.turns._inside == 0


def test_a_text_ends_when_its_time_is_over(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "TIME", 0.1)
    app = StandardApi(ServedModels(only=[saved]), own=False)
    begun, body = ask(app, {"max_tokens": 20_000})
    assert begun["status"] == 400
    assert json.loads(body["body"])["error"]["code"] == "took-too-long"
    *_, last = ask(app, {"max_tokens": 20_000, "stream": True})
    assert json.loads(last["body"].removeprefix(b"data: "))["error"]["code"] == "took-too-long"
    assert app.turns._inside == 0


def test_a_bug_is_told_as_one(saved: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("inside")

    monkeypatch.setattr(api, "write", broken)
    with pytest.raises(ZeroDivisionError):  # which Starlette raises again for the server, once it has answered
        ask(StandardApi(ServedModels(only=[saved]), own=True), {})
    assert "inside" in capsys.readouterr().err


# The line of the page


def told(ticket: Ticket) -> int:
    """Return the place that a ticket tells first; 0 for the right to write."""
    return next(ticket.places(), 0)


def test_a_line_tells_places_and_gives_back_what_it_gave() -> None:
    line = Line(at_once=2, share=2, longest=3)
    with contextlib.ExitStack() as inside:
        tickets = [line.ticket(name) for name in "abcde"]
        for number, ticket in enumerate(tickets):
            inside.enter_context(ticket)
            assert told(ticket) == max(0, number - 1)
        with pytest.raises(UserError, match="3 people are in the queue"), line.ticket("f"):
            pass
        tickets[2].__exit__()  # one who waits leaves
        assert told(tickets[3]) == 1
        tickets[0].__exit__()  # and one who writes
        assert told(tickets[3]) == 0
        assert told(tickets[4]) == 1
        inside.pop_all()
        for ticket in (tickets[1], tickets[3], tickets[4]):
            ticket.__exit__()
    assert (line.waiting, line.writing.total()) == ([], 0)


def test_who_has_fewest_texts_comes_first() -> None:
    line = Line(at_once=4, share=2)
    greedy, modest = [line.ticket("a") for _ in range(5)], [line.ticket(name) for name in "bc"]
    for ticket in (*greedy, *modest):
        ticket.__enter__()
    assert told(greedy[0]) == 0
    assert [told(one) for one in greedy[1:]] == [3, 4, 5, 6]
    assert [told(one) for one in modest] == [0, 0]
    assert told(greedy[1]) == 0
    modest[0].__exit__()
    assert [told(one) for one in greedy[2:]] == [1, 2, 3]  # it has its share, so a free place stays free
    greedy[0].__exit__()
    assert [told(one) for one in greedy[2:]] == [0, 1, 2]


def test_one_who_waits_is_woken_by_who_leaves() -> None:
    line = Line(at_once=1, share=1)
    first, second = line.ticket("a").__enter__(), line.ticket("b").__enter__()
    assert told(first) == 0
    places = second.places()
    assert next(places) == 1
    threading.Timer(0.05, first.__exit__).start()
    began = time.monotonic()
    assert next(places, 0) == 0
    assert time.monotonic() - began < turns.LOOK


def test_a_changed_place_is_told_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "LOOK", 0.2)
    line = Line(at_once=1, share=1)
    first, second, third = (line.ticket(name).__enter__() for name in "abc")
    assert told(first) == 0
    places = third.places()
    assert next(places) == 2
    second.__exit__()
    began = time.monotonic()
    assert next(places) == 1
    assert time.monotonic() - began >= 0.2  # not at once: a class would be told each time that any text begins or ends
