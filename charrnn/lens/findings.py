"""Which unit follows which property of a text, and whether by more than chance.

With hundreds of units one of them resembles anything. So the best unit's correlation r with a property is held against
what the best unit reaches when the property is shifted along the text, round its end: the shifted property has the same
rhythm but nothing to do with what is read. `chance` is the 99.9th percentile of the greatest |r| over all units, for
1,000 shifts. A unit counts if it is above that; it is confirmed if on a second text the same unit, with the same sign, is
above what is chance there. Two cautions are built in: shifts by less than a tenth of the text are left out, as there a
property still meets its own neighbourhood; and the second text's chance is again that of the best of all units, although
only one is asked for, which errs on the safe side.

What this does not say: that a unit is needed for the property, or alone with it (for that, intervene). And a unit that
follows a property of the character just read (`Property.remembered` is False) need not remember anything.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from charrnn.errors import UserError
from charrnn.lens.memory_map import Rows, correlations, standardized
from charrnn.lens.properties import PROPERTIES, Property

SHIFTS = 1000
PERCENTILE = 99.9
LEAST = 100  # characters below which nothing is said
BLOCK = 64  # units that are shifted at once: bounds memory

Verdict = Literal["absent", "chance", "unconfirmed", "confirmed"]


class Match(NamedTuple):
    """How well a unit follows a property on one text."""

    correlation: float  # Pearson's r, with its sign
    chance: float  # what the best unit's |r| reaches by chance
    shifts: int  # on how many shifts that rests

    @property
    def above(self) -> bool:
        return abs(self.correlation) > self.chance


@dataclass(frozen=True)
class Finding:
    """The best unit for a property. here: on the text it was found on; there: the same unit on a second text.

    None where a text has nothing of the property, or nothing else; `there` also where no second text was given.
    """

    property: Property
    unit: int  # −1 if here is None
    here: Match | None
    there: Match | None

    @property
    def verdict(self) -> Verdict:
        if self.here is None:
            return "absent"
        if not self.here.above:
            return "chance"
        agrees = self.there and self.there.above and self.there.correlation * self.here.correlation > 0
        return "confirmed" if agrees else "unconfirmed"


def findings(
    rows: Rows,
    text: str,
    second: tuple[Rows, str] | None = None,
    properties: Iterable[Property] = PROPERTIES.values(),
) -> list[Finding]:
    """The best unit for each property of a text whose units were `rows` (h, t); second: the same of another text.

    Raises UserError if a text is shorter than 100 characters.
    """
    return [_finding(found, rows, text, second) for found in properties]


def chance(rows: Rows, values: NDArray[np.floating]) -> tuple[float, int]:
    """What the best unit's |r| reaches by chance for a property, values (t,); and on how many shifts that rests."""
    time = len(values)
    shifts = _shifts(time)
    property = torch.from_numpy(standardized(np.asarray(values, np.float32)[None])[0])
    spectrum = torch.fft.rfft(property).conj()
    greatest = torch.zeros(time)
    for block in torch.from_numpy(standardized(rows)).split(BLOCK):
        # Circular cross-correlation: at s, the correlation of each unit with the property shifted by s characters.
        shifted = torch.fft.irfft(torch.fft.rfft(block) * spectrum, n=time)
        greatest = torch.maximum(greatest, shifted.abs().amax(dim=0))
    return float(np.percentile(greatest.numpy()[shifts], PERCENTILE)), len(shifts)


def _shifts(time: int) -> NDArray[np.int64]:
    """Which shifts are tried: at random but always the same, all there are if they are few."""
    if time < LEAST:
        raise UserError(f"text: expected at least {LEAST} characters to compare units with, found {time}")
    far = np.arange(time // 10, time - time // 10 + 1)
    return far if len(far) <= SHIFTS else np.random.default_rng(0).choice(far, SHIFTS, replace=False)


def _finding(property: Property, rows: Rows, text: str, second: tuple[Rows, str] | None) -> Finding:
    values = property.of(text)
    if _constant(values):
        return Finding(property, -1, None, None)
    found = correlations(rows, values)
    unit = int(np.abs(found).argmax())
    here = Match(float(found[unit]), *chance(rows, values))
    there = None
    if second is not None:
        values = property.of(second[1])
        if not _constant(values):
            again = correlations(second[0][unit : unit + 1], values)
            there = Match(float(again[0]), *chance(second[0], values))
    return Finding(property, unit, here, there)


def _constant(values: NDArray[np.floating]) -> bool:
    return bool(len(values) == 0 or values.min() == values.max())
