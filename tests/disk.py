"""A disk that fails: from the n-th write, flush or rename on nothing reaches it, as after a kill; or one is refused."""

import builtins
import errno
import io
import os
from typing import Any

import pytest


class Killed(BaseException):
    """The process is dead: whatever it still tries leaves no trace."""


class Disk:
    """Counts what a program writes: files opened, writes, flushes, renames, folders made and removed, deletions."""

    CALLS = ("fsync", "replace", "rename", "unlink", "rmdir", "mkdir", "chmod")

    def __init__(self, patch: pytest.MonkeyPatch, stop: int, *, is_full: bool = False) -> None:
        """stop: the number of the first call that fails; is_full: whether only that one does, as the disk is full."""
        self.count, self.stop, self.is_full = 0, stop, is_full
        for name in self.CALLS:
            patch.setattr(os, name, self._counted(getattr(os, name)))
        patch.setattr(os, "fsync", self._counted(lambda handle: None))  # waiting for the real disk shows nothing here
        opening = io.open

        def opened(path: Any, mode: str = "r", *rest: Any, **more: Any) -> Any:
            if not set(mode) & set("wax+"):
                return opening(path, mode, *rest, **more)
            self.step()
            return _Written(opening(path, mode, *rest, **more), self)

        patch.setattr(io, "open", opened)
        patch.setattr(builtins, "open", opened)

    @property
    def failed(self) -> bool:
        return self.count > self.stop

    def step(self) -> None:
        self.count += 1
        if self.is_full and self.count == self.stop + 1:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "a file")
        if not self.is_full and self.failed:
            raise Killed

    def _counted(self, call: Any) -> Any:
        def counted(*given: Any, **more: Any) -> Any:
            self.step()
            return call(*given, **more)

        return counted


class _Written:
    def __init__(self, file: Any, disk: Disk) -> None:
        self._file, self._disk = file, disk

    def write(self, data: Any) -> int:
        try:
            self._disk.step()
        except BaseException:
            if self._disk.count == self._disk.stop + 1:  # torn
                self._file.write(data[: len(data) // 2])
                self._file.flush()
            raise
        return int(self._file.write(data))

    def __enter__(self) -> "_Written":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)
