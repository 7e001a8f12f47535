"""How many pieces of texts are written at once, how many requests are answered, and each client's share of both.

`Turns` is the queue of the standard endpoint. `Line` is that of the page, where whoever waits sees the place.
"""

import asyncio
import contextlib
import threading
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from typing import Self

from charrnn.errors import UserError
from charrnn.serving.reporting import RefusedError

AT_ONCE = 4  # pieces that are written side by side
INSIDE = 36  # requests that are answered, over all clients
SHARE = 2  # requests of one client, where others can come: it cannot have all
LINE = 120  # texts of the page that wait, over all visitors
LOOK = 1.0  # seconds after which one who waits looks up: a visitor who has left must leave the line, too
RETRY = 5.0  # seconds after which a refused client may try again


class Turns:
    """A bounded queue, in which requests take turns, piece by piece.

    own: whether only this machine can come, so that no client needs a share.
    """

    def __init__(self, *, own: bool) -> None:
        self._free, self._inside, self._of, self._own = asyncio.Semaphore(AT_ONCE), 0, Counter[str](), own

    @contextlib.asynccontextmanager
    async def place(self, client: str) -> AsyncIterator[None]:
        """Take a place in the queue. Raises RefusedError if too many have one, or too many of this client."""
        if self._inside >= INSIDE or (not self._own and self._of[client] >= SHARE):
            raise RefusedError(429, UserError("too-many-requests"), retry=RETRY)
        self._inside += 1
        self._of[client] += 1
        try:
            yield
        finally:
            self._inside -= 1
            self._of[client] -= 1
            self._of += Counter()  # drops clients that have none

    def turn(self) -> "contextlib.AbstractAsyncContextManager[None]":
        """Wait for a turn, to be held while a piece is written: not while it is sent, as some clients do not read."""
        return self._free


class Line:
    """A line of threads. Whose client has the fewest texts comes first, then who came first.

    at_once: texts that are written side by side; share: those of one client; longest: how many may wait.
    """

    def __init__(self, at_once: int, share: int, longest: int = LINE) -> None:
        self.at_once, self.share, self.longest = at_once, share, longest
        self.changed = threading.Condition()
        self.waiting: list[Ticket] = []
        self.writing = Counter[str]()  # texts of each client

    def ticket(self, client: str) -> "Ticket":
        return Ticket(self, client)

    def place(self, ticket: "Ticket") -> int:
        """Return 0 for the one whose turn it is, else the place in the line, from 1 on."""
        ahead, texts = Counter(self.writing), {}
        for one in self.waiting:
            texts[one] = ahead[one.client]
            ahead[one.client] += 1
        order = sorted(self.waiting, key=texts.__getitem__)
        free = self.writing.total() < self.at_once
        following = next((one for one in order if free and self.writing[one.client] < self.share), None)
        return 0 if ticket is following else order.index(ticket) + 1

    def next_place(self, ticket: "Ticket", *, first: bool) -> int:
        """Return the place at once, if asked for the first time, or after LOOK; 0 when the text may be written.

        Not whenever it changes: each text that begins or ends would be told to all who wait, who are most when the
        server has most to do.
        """
        with self.changed:
            self.changed.wait_for(lambda: first or self.place(ticket) == 0, LOOK)
            found = self.place(ticket)
            if found == 0:
                self.waiting.remove(ticket)
                self.writing[ticket.client] += 1
                self.changed.notify_all()
            return found


class Ticket:
    """A place in a line, then the right to write. Leaving the context gives up either."""

    def __init__(self, line: Line, client: str) -> None:
        self.line, self.client = line, client

    def __enter__(self) -> Self:
        with self.line.changed:
            if len(self.line.waiting) >= self.line.longest:
                raise UserError("line-full", count=self.line.longest)
            self.line.waiting.append(self)
        return self

    def places(self) -> Iterator[int]:
        """Yield the place in the line, 1 if next: at once and each second; end at one's turn."""
        first = True
        while place := self.line.next_place(self, first=first):
            yield place
            first = False

    def __exit__(self, *error: object) -> None:
        with self.line.changed:
            if self in self.line.waiting:
                self.line.waiting.remove(self)
            else:
                self.line.writing[self.client] -= 1
                self.line.writing += Counter()  # drops clients that have none
            self.line.changed.notify_all()
