"""The standard endpoint: OpenAI's routes for completions, in front of the models of one server.

    GET /v1/models, GET /v1/models/{name}, POST /v1/completions, GET /openapi.json
    GET /tokenizer_info, POST /tokenize, POST /detokenize, by which lm-evaluation-harness counts tokens

`charrnn serve` serves these alone, the page beside its own. A request is checked (`completion_request`), waits for its
turn (`turns`), and its texts are written in pieces (`completions`), each in a worker thread, so that the server answers
others meanwhile and stops writing within a piece when the client leaves.
"""

import json
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing
from functools import partial

import anyio
from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from charrnn import __version__
from charrnn.errors import UserError
from charrnn.serving.completion_request import NAMES, CompletionRequest, code_points, properties, text_of_code_points
from charrnn.serving.completions import Answer, Completion, TextPiece, write
from charrnn.serving.guard import CLIENT
from charrnn.serving.loaded_models import ServedModels, Version, sampler
from charrnn.serving.reporting import (
    SCHEMA,
    RefusedError,
    error_body,
    is_fault,
    is_standard,
    language_of,
    log_bug,
    refusal_response,
)
from charrnn.serving.turns import Turns
from charrnn.storage.registry import spoken

TIME = 120.0  # seconds that the texts of a request may take, where others can come
ABOUT = (
    "Completions by character-level models. A token is a character: max_tokens, logprobs and usage count characters. A "
    "field left out has the default of charrnn sample, and the same seed gives the same text."
)


class StandardApi(FastAPI):
    """The endpoint as an ASGI application. own: whether only this machine can call it."""

    def __init__(self, models: ServedModels, *, own: bool) -> None:
        super().__init__(
            title="charrnn", version=__version__, description=ABOUT, openapi_url=SCHEMA, docs_url=None, redoc_url=None
        )
        self.models, self.own, self.turns = models, own, Turns(own=own)
        schema = {"type": "object", "additionalProperties": False, "properties": properties(own=own)}
        self.get("/v1/models", operation_id="list_models", summary="The models, the default first")(self._list)
        self.get("/v1/models/{name:path}", operation_id="show_model", summary="One model")(self._show)
        self.post(
            "/v1/completions", operation_id="write", summary="Texts that continue the prompts",
            openapi_extra={"requestBody": {"content": {"application/json": {"schema": schema}}}},
        )(self._write)  # fmt: skip
        self.get("/tokenizer_info", include_in_schema=False)(_tokenizer)
        self.post("/tokenize", include_in_schema=False)(self._tokenize)
        self.post("/detokenize", include_in_schema=False)(self._detokenize)
        for kind in (RefusedError, UserError, HTTPException):
            self.add_exception_handler(kind, _refuse)
        self.add_exception_handler(Exception, _refuse)

    def _list(self) -> Answer:
        return {"object": "list", "data": [_model(name, self.models.version(name)) for name in self.models.paths()]}

    def _show(self, name: str) -> Answer:
        return _model(name, self._version(name))

    async def _write(self, request: Request) -> Response:
        body = await request.body()
        wanted = await run_in_threadpool(CompletionRequest.from_json, body, own=self.own)
        version = await run_in_threadpool(self._version, wanted.answer.model)
        return Texts(self, wanted, version)

    async def _tokenize(self, request: Request) -> Answer:
        return {"tokens": code_points(await request.body(), own=self.own)}

    async def _detokenize(self, request: Request) -> Answer:
        return {"prompt": text_of_code_points(await request.body(), own=self.own)}

    def _version(self, name: str | None) -> Version:
        try:
            return self.models.version(name)
        except UserError as error:
            raise RefusedError(404, error) from None


class Texts(Response):
    """The answer to a completion: it waits for its turn, writes, and ends when its client leaves."""

    def __init__(self, api: StandardApi, wanted: CompletionRequest, version: Version) -> None:
        self.api, self.wanted, self.version = api, wanted, version
        self.background = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def left() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass
            tasks.cancel_scope.cancel()

        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(left)
                await self._answer(scope, receive, send)
                tasks.cancel_scope.cancel()
        except BaseExceptionGroup as group:  # with what `_answer` raised in it, alone
            raise _only(group) from None

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with self.api.turns.place(str(scope.get(CLIENT, ""))):
            async with self.api.turns.turn():
                model = await run_in_threadpool(sampler, self.version)
            told, pieces = Completion(self.wanted, spoken(self.version.path)), write(self.wanted, model)
            async with aclosing(self._in_time(pieces)) as found:
                if self.wanted.answer.stream:
                    await self._stream(told, found, scope, send)
                    return
                async for piece in found:
                    told.add(piece)
            await JSONResponse(told.whole())(scope, receive, send)

    async def _stream(self, told: Completion, pieces: AsyncIterator[TextPiece], scope: Scope, send: Send) -> None:
        """Send each piece when it is written. An error after the first one is sent as the last event."""
        first = await anext(pieces)  # an error before it has a status of its own
        headers = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        emit = partial(_emit, send)
        try:
            await emit(told.chunk(first))
            async for piece in pieces:
                await emit(told.chunk(piece))
            if self.wanted.counts_usage:
                await emit(told.last())
            await send({"type": "http.response.body", "body": b"data: [DONE]\n\n"})
        except UserError as error:
            await emit(error_body(RefusedError(400, error), language_of(Request(scope).headers), NAMES), more=False)

    async def _in_time(self, pieces: Iterator[TextPiece]) -> AsyncGenerator[TextPiece]:
        """Yield the pieces, each written in a thread. Raises UserError when they have had their time."""
        began = time.monotonic()
        while True:
            async with self.api.turns.turn():
                piece = await run_in_threadpool(next, pieces, None)
            if piece is None:
                return
            if not self.api.own and time.monotonic() - began > TIME:
                raise UserError("took-too-long", limit=TIME)
            yield piece


async def _emit(send: Send, value: Answer, *, more: bool = True) -> None:
    line = json.dumps(value, ensure_ascii=False, allow_nan=False)
    await send({"type": "http.response.body", "body": f"data: {line}\n\n".encode(), "more_body": more})


def _tokenizer() -> Answer:
    """Return how every text begins, after a newline, and that none has a mark at its end."""
    return {"bos_token": "\n", "eos_token": None}


def _model(name: str, version: Version) -> Answer:
    return {"id": name, "object": "model", "created": version.modified // 10**9, "owned_by": "charrnn"}


def _only(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


async def _refuse(request: Request, error: Exception) -> Response:
    """Return OpenAI's JSON of an error."""
    if isinstance(error, UserError):
        error = RefusedError(400, error)
    elif isinstance(error, HTTPException):  # of a route that does not exist
        where = f"{request.method} {request.url.path}"[:100]
        error = RefusedError(error.status_code, UserError("no-such-route", route=where))
    elif not isinstance(error, RefusedError):
        if is_fault(error) and not isinstance(error, TimeoutError):  # of one who does not read
            log_bug(error)
        error = RefusedError(500, UserError("unexpected"))
    return refusal_response(request.scope, error, NAMES)


class Beside:
    """ASGI middleware that answers the endpoint's routes, and leaves all others to what is behind it."""

    def __init__(self, app: ASGIApp, api: StandardApi) -> None:
        self.app, self.api = app, api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        own = scope["type"] == "http" and is_standard(scope["path"])
        await (self.api if own else self.app)(scope, receive, send)
