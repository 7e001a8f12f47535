"""Turns: how many texts are written at once, how many requests wait, and each client's share of both."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator

from charrnn.errors import UserError
from charrnn.serving.reporting import RefusedError

AT_ONCE = 4  # requests that are answered side by side
QUEUE = 32  # requests that wait, over all clients
SHARE = AT_ONCE // 2  # requests of one client, answered or waiting, where others can come: it cannot have all
RETRY = 5.0  # seconds after which a refused client may try again


class Turns:
    """A bounded queue. own: whether only this machine can come, so that no client needs a share."""

    def __init__(self, *, own: bool) -> None:
        self._free, self._inside, self._of, self._own = asyncio.Semaphore(AT_ONCE), 0, Counter[str](), own

    @contextlib.asynccontextmanager
    async def turn(self, client: str) -> AsyncIterator[None]:
        """Wait for a turn and hold it. Raises RefusedError if too many wait, or too many of this client."""
        if self._inside >= AT_ONCE + QUEUE or (not self._own and self._of[client] >= SHARE):
            raise RefusedError(429, UserError("too-many-requests"), retry=RETRY)
        self._inside += 1
        self._of[client] += 1
        try:
            async with self._free:
                yield
        finally:
            self._inside -= 1
            self._of[client] -= 1
            self._of += Counter()  # drops clients that have none
