"""What an endpoint accepts and for how long it may run: one table of caps, kept by the page that gradio serves.

`CAPS` bounds each argument by its name. `LimitedBlocks.process_api` checks every call by it, and ends a call that takes
too long or whose answer nobody reads.
"""

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import gradio as gr
from gradio.blocks import BlockFunction

from charrnn.errors import UserError
from charrnn.ui.guard import CLIENT
from charrnn.ui.texts import language_of, problem, say
from charrnn.ui.visitors import is_fault, log_bug

QUEUE = 32  # calls that wait, over all visitors
OTHERS = 4  # calls at once of one visitor, of a kind without a limit of its own
MILLION = 1_000_000
DEEPEST = 12  # lists and mappings within one another
LARGEST = 2.0**63  # number
TIME = 120.0  # seconds that a visitor's text may take
UNREAD = 500  # messages that wait for one who does not read
READ_WITHIN = 60.0  # seconds after which an answer is forgotten


@dataclass(frozen=True)
class Cap:
    """The most that an argument may be.

    size: characters of all its strings, and one for each item of lists and mappings; own: that size on one's own
    machine, if another; lines: items and lines; number: the largest absolute value, where others can come; kinds: the
    types that it may have beside None; items: the type of a list's items.
    """

    size: int
    own: int | None = None
    lines: int | None = None
    number: float = LARGEST
    kinds: tuple[type, ...] = (str,)
    items: type = str

    def check(self, name: str, value: object, *, own: bool) -> None:
        """Raise UserError if a value is beyond the cap."""
        size = lines = 0
        most = self.own if own and self.own is not None else self.size
        number = LARGEST if own else self.number
        items = value if isinstance(value, list) else ()
        if not isinstance(value, (*self.kinds, type(None))) or not all(isinstance(one, self.items) for one in items):
            raise UserError("request-not-understood")
        for depth, one in _parts(value):
            if depth > DEEPEST:
                raise UserError("request-not-understood")
            if isinstance(one, int | float) and not -number <= one <= number:  # nor NaN
                raise UserError("argument-not-a-number", setting=name, most=int(number))
            size += (len(one) if isinstance(one, str) else 0) + (depth > 0)
            lines += one.count("\n") + 1 if isinstance(one, str) else 0
        if size > most:
            raise UserError("argument-too-long", setting=name, most=most, found=size)
        if self.lines is not None and lines > self.lines:
            raise UserError("argument-in-too-many-parts", setting=name, most=self.lines, found=lines)


NUMBER, LENGTH = Cap(0, kinds=(int, float)), Cap(0, number=20_000, kinds=(int, float))
NAME = Cap(1_000)  # of a model, a text, a choice
TEXT = Cap(20_000, own=MILLION)
LINE = Cap(1_000, lines=1)
FILES = Cap(20_000, own=MILLION, kinds=(list,), items=dict)
CHOICES, WORKS = Cap(2_000, lines=100, kinds=(list,)), Cap(20_000, lines=1_000, kinds=(list,))
CAPS: dict[str, Cap] = {  # by the argument's name, or its component's id
    # Generate
    "prompt": TEXT, "start": TEXT, "model": NAME, "asks": Cap(100_000, own=4 * MILLION),
    "memory": Cap(MILLION, own=32 * MILLION), "packed": Cap(MILLION, own=32 * MILLION),
    "length": LENGTH, "temperature": NUMBER, "top-k": NUMBER, "top-p": NUMBER, "min-p": NUMBER,
    "typical": NUMBER, "repetition-penalty": NUMBER, "no-repeat": NUMBER, "seed": NUMBER, "end": NAME,
    "bias": Cap(4_000, lines=200), "stop": Cap(2_000, lines=50), "rule-only": TEXT, "rule-without": LINE,
    "rule-keep-accents": NUMBER, "rule-acrostic": Cap(1_000, lines=100), "rule-line-length": NUMBER,
    "rule-start": Cap(1_000), "rule-contain": Cap(1_000, lines=20), "rule-most-copied": NUMBER,
    "rule-training": Cap(10_000, lines=100), "settings": Cap(8_000, lines=400, kinds=(dict,)),
    # Train
    "train-run": NAME, "train-moment": NUMBER, "train-upload": FILES, "train-shelf": WORKS,
    "train-path": Cap(4_000), "train-repairs": CHOICES, "train-minutes": NUMBER, "train-name": NAME, "train-cell": NAME,
    "train-counts": NAME, "train-prompt": NAME,
    # Score
    "score-text": Cap(20_000), "text": Cap(20_000), "score-models": CHOICES, "models": CHOICES,
    "score-adaptive": NUMBER, "adaptive": NUMBER, "score-view": NAME,
    # Memory
    "memory-word": LINE, "memory-text": Cap(20_000), "memory-model": NAME, "memory-order-of-map": NAME,
    "memory-first": NUMBER, "memory-last": NUMBER, "memory-second": NAME, "memory-threshold": NUMBER,
    "memory-where": NAME, "memory-keep": NUMBER, "memory-unit": NUMBER, "memory-value": NUMBER,
    "memory-other": Cap(20_000),
    # About
    "card-model": NAME,
    # what an event tells beside its arguments: a kept text, a place in the text, or a component's new value
    "event": Cap(MILLION, own=32 * MILLION, kinds=(dict, list, str, int, float), items=object),
}  # fmt: skip


def arguments(endpoint: BlockFunction) -> list[str | None]:
    """Return the name of each argument, a key of CAPS; None for what the server holds itself."""
    names = [*endpoint.input_parameter_names, *[None] * len(endpoint.inputs)]
    return [
        None if isinstance(block, gr.State) else str(block.elem_id or name)
        for block, name in zip(endpoint.inputs, names, strict=False)
    ]


def check(endpoint: BlockFunction, values: Sequence[object], *, own: bool) -> None:
    """Raise UserError if an argument is beyond its cap. own: whether the page serves this machine only."""
    for name, value in zip(arguments(endpoint), values, strict=False):
        if name is None:
            continue
        if name == "settings" and isinstance(value, Mapping):
            for setting, one in value.items():
                cap = CAPS.get(str(setting).replace("_", "-"), NAME)
                replace(cap, kinds=(object,), items=object).check(
                    str(setting)[:40], one, own=own
                )  # the config checks the types
        CAPS[name].check(name, value, own=own)


class LimitedBlocks(gr.Blocks):  # type: ignore[misc]  # gradio is not typed
    """The page, which keeps CAPS and the time of each visitor. own: whether it serves this machine only."""

    def __init__(self, *, own: bool, **options: Any) -> None:
        super().__init__(**options)
        self.own = own
        self._began: dict[str, float] = {}

    def queue(self, **given: Any) -> Self:
        """Set up the queue, as gradio does first of all; a second time would build its application anew.

        It is not open: what is queued cannot be called past the queue.
        """
        super().queue(**{**given, "max_size": QUEUE, "api_open": False})
        return self

    async def process_api(self, block_fn: BlockFunction | int, inputs: list[Any], **given: Any) -> dict[str, Any]:
        """Answer a call, or take one more step of it. Every error becomes a message to the visitor."""
        event, session = str(given.get("event_id") or ""), str(given.get("session_hash") or "")
        request = given.get("request")
        language = language_of(request if isinstance(request, gr.Request) else None)
        generating = False
        try:
            if given.get("iterator") is None:
                endpoint = self.fns[block_fn] if isinstance(block_fn, int) else block_fn
                if endpoint.fn is None:  # which runs in the browser
                    raise UserError("request-not-understood")
                check(endpoint, inputs, own=self.own)
                CAPS["event"].check("event", getattr(given.get("event_data"), "_data", None), own=self.own)
            self._keep_time(event, session)
            answer: dict[str, Any] = await super().process_api(block_fn, inputs, **given)
            generating = bool(answer.get("is_generating"))
            return answer
        except UserError as error:
            raise gr.Error(problem(language, error), print_exception=False) from None
        except gr.Error as error:
            error.print_exception = False
            raise
        except BaseException as error:
            if not is_fault(error):
                raise
            log_bug(error)
            raise gr.Error(say(language, "unexpected"), print_exception=False) from None
        finally:
            if not generating:
                self._began.pop(event, None)
                asyncio.get_running_loop().call_later(READ_WITHIN, self._forget, session)

    async def preprocess_data(self, block_fn: BlockFunction, inputs: list[Any], *given: Any) -> list[Any]:
        """Convert the arguments for the function. Raises UserError for what the components cannot convert."""
        try:
            values: list[Any] = await super().preprocess_data(block_fn, inputs, *given)
        except gr.Error:
            raise
        except BaseException as error:  # whatever a component makes of what its page never sends
            if not is_fault(error):
                raise
            raise UserError("request-not-understood") from None
        return values

    def _keep_time(self, event: str, session: str) -> None:
        """Raise UserError if an event has had its time, or if nobody reads what it has said so far."""
        began = self._began.setdefault(event, time.monotonic())
        if len(self._began) > 10_000:
            del self._began[next(iter(self._began))]
        if not self.own and event and time.monotonic() - began > TIME:
            raise UserError("took-too-long", limit=TIME)
        unread = self._queue.pending_messages_per_session.get(session)
        if unread is not None and unread.qsize() > UNREAD:
            raise UserError("nobody-reads")

    def _forget(self, session: str) -> None:
        """Drop the messages to a session for which nothing runs any more."""
        if all(event.session_hash != session for event in list(self._queue.event_ids_to_events.values())):
            self._queue.pending_messages_per_session.pop(session, None)
            self._queue.pending_event_ids_session.pop(session, None)


def room(blocks: gr.Blocks, client: str, path: str, body: Mapping[str, object]) -> int:
    """Return how many more events of the kind asked for a client may have: at most half of those that run at once."""
    index, name = body.get("fn_index"), path.rpartition("/")[2]
    endpoints = [one for one in blocks.fns.values() if one._id == index or (index is None and one.api_name == name)]
    if not endpoints:  # gradio refuses it
        return 1
    kind, limit = endpoints[0].concurrency_id, endpoints[0].concurrency_limit
    events = list(blocks._queue.event_ids_to_events.values())  # there is no public way to ask whose events wait
    own = sum(one.concurrency_id == kind and one.request.scope.get(CLIENT) == client for one in events)
    return int(max(1, limit // 2) if isinstance(limit, int) else OTHERS) - int(own)


def _parts(value: object) -> Iterator[tuple[int, object]]:
    """Iterate over a JSON value and all that is in it, each with its depth."""
    left = [(0, value)]
    while left:
        depth, one = left.pop()
        yield depth, one
        inner = [*one.keys(), *one.values()] if isinstance(one, dict) else one if isinstance(one, list) else ()
        left.extend((depth + 1, each) for each in inner)
