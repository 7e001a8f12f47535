"""What an endpoint accepts and for how long it may run: one table of caps, kept by the page that gradio serves.

`CAPS` bounds each argument by its name. `LimitedBlocks.process_api` checks every call by it, and ends a call that takes
too long or whose answer nobody reads.
"""

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Self

import gradio as gr
from gradio.blocks import BlockFunction
from gradio.context import LocalContext

from charrnn.errors import UserError
from charrnn.serving.api import StandardApi
from charrnn.serving.caps import CAPS, NAME
from charrnn.serving.guard import CLIENT
from charrnn.serving.reporting import RefusedError, is_fault, log_bug
from charrnn.serving.turns import LINE, Line, Ticket
from charrnn.ui.texts import language_of, problem, say

AT_ONCE = 4  # texts written side by side, over all visitors; more wait in the line
QUEUE = 256  # calls that wait, over all visitors, beside those in the line
OTHERS = 4  # calls at once of one visitor, of a kind without a limit of its own
WRITING = "write"  # the kind of calls that write a text, which wait in the line
LINED_UP = 40  # of these, calls of one visitor: a school may have one address
THREADS = AT_ONCE + LINE + 32  # one for each who writes or waits, and some for all else
TIME = 120.0  # seconds that a visitor's text may take
UNREAD = 500  # messages that wait for one who does not read
GLANCE = 0.01  # seconds between looks for new calls: gradio's 1 ms takes 6 % of a core while nobody does anything
READ_WITHIN = 60.0  # seconds after which an answer is forgotten


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
    """The page, which keeps CAPS and the time of each visitor. api: the standard endpoint, served beside it.

    line: where texts wait for their turn to be written.
    """

    def __init__(self, *, api: StandardApi, **options: Any) -> None:
        super().__init__(**options)
        self.own, self.api = api.own, api
        self.line = Line(AT_ONCE, AT_ONCE if self.own else AT_ONCE // 2)
        self._began: dict[str, float] = {}

    def queue(self, **given: Any) -> Self:
        """Set up the queue, as gradio does first of all; a second time would build its application anew.

        It is not open: what is queued cannot be called past the queue.
        """
        super().queue(**{**given, "max_size": None, "api_open": False})  # `room` bounds it, and says so
        self._queue.sleep_when_free = GLANCE
        return self

    def get_config_file(self) -> dict[str, Any]:
        """Return what a browser needs of the page: without a connection that stays open as long as the page does.

        Browsers open six connections to a server: six pages in one browser would keep a seventh from loading.
        """
        config: dict[str, Any] = super().get_config_file()
        return {**config, "connect_heartbeat": False}

    def wait(self, ticket: Ticket) -> Iterator[int]:
        """Yield the places of a ticket. The time that the call may take begins when its turn comes."""
        for place in ticket.places():
            self._began.pop(LocalContext.event_id.get() or "", None)
            yield place

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
    """Return how many more events of the kind asked for a client may have: at most half of those that run at once.

    The endpoint is found as gradio finds it: by number in the queue, else by the name in the path, whatever number the
    body has besides. Raises RefusedError if there is none.
    """
    if len(blocks._queue) >= QUEUE:
        raise RefusedError(429, UserError("line-full", count=QUEUE))
    joins, name = path.endswith("queue/join"), path.rpartition("/")[2]
    asked = next(
        (one for one in blocks.fns.values() if (one._id == body.get("fn_index") if joins else one.api_name == name)),
        None,
    )
    if asked is None:
        raise RefusedError(400, UserError("request-not-understood"))
    kind, limit = asked.concurrency_id, asked.concurrency_limit
    events = list(blocks._queue.event_ids_to_events.values())  # there is no public way to ask whose events wait
    own = sum(one.concurrency_id == kind and one.request.scope.get(CLIENT) == client for one in events)
    other = LINED_UP if kind == WRITING else OTHERS
    return int(max(1, limit // 2) if isinstance(limit, int) else other) - int(own)
