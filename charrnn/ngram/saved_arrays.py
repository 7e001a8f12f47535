"""The arrays of a saved n-gram model, checked once, when they are loaded.

Compiled loops do not check bounds, and a model may come from anyone. So every array has the type and the length that
`arrays` saves, and every number that becomes an index is in range, before a loop reads it.
"""

from collections.abc import Mapping
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from charrnn.errors import UserError

Scalar = TypeVar("Scalar", bound=np.generic)

LONGEST = 2**31 - 1  # numbers of an array, as places are int32


class SavedArrays:
    """Arrays by name. Methods raise KeyError for a missing array, UserError for one that cannot have been saved."""

    def __init__(self, arrays: Mapping[str, NDArray[np.generic]], prefix: str = "") -> None:
        """prefix: of all names."""
        self.arrays = arrays
        self.prefix = prefix

    def take(self, name: str, kind: type[Scalar], length: int | None = None) -> NDArray[Scalar]:
        """Return the array (n,) of a type, in contiguous memory. length: n, if it is known."""
        key = self.prefix + name
        array = self.arrays[key]
        if array.ndim != 1 or array.dtype != kind:
            found = f"{array.dtype} {array.shape}"
            raise UserError("counts-type", key=key, expected=f"{np.dtype(kind)} (n,)", found=found)
        if length is not None and len(array) != length:
            raise UserError("counts-length", key=key, expected=length, found=len(array))
        if len(array) > LONGEST:
            raise UserError("counts-length", key=key, expected=LONGEST, found=len(array))
        return np.require(array, kind, ["C", "A", "W"])

    def take_within(
        self, name: str, kind: type[Scalar], least: int, most: int, length: int | None = None
    ) -> NDArray[Scalar]:
        """Return an array as `take` does, with numbers from `least` to `most`."""
        array = self.take(name, kind, length)
        for found in (int(array.min()), int(array.max())) if len(array) > 0 else ():
            if not least <= found <= most:
                raise UserError("counts-range", key=self.prefix + name, least=least, most=most, found=found)
        return array

    def number(self, name: str, least: int, most: int) -> int:
        """Return the only number of an array, from `least` to `most`."""
        return int(self.take_within(name, np.int64, least, most, 1)[0])
