"""What a mixture learns, reads and returns, as arrays. Equations: `context_mixer.py`."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from charrnn.ngram.experts import Numbers
from charrnn.ngram.vocabulary import Floats, Keys, Symbols


class Learned(NamedTuple):
    """The parameters of a mixture."""

    trust: Floats  # (e, BUCKETS): λ
    trials: Floats  # (e, BUCKETS): number of symbols from which λ was learned
    weights: Floats  # (selectors' values, e)
    votes: Floats  # (e, BUCKETS, COUNTS): v
    recency: Floats  # (own experts, AGES, COUNTS): r
    places: Floats  # (PAGE_PLACES, e): weights of one more selector, the place on the page


class Rows(NamedTuple):
    """What to predict; see `Contexts` and `ContextMixer.predict`."""

    keys: Keys  # (p, k)
    symbols: Symbols  # (p,)
    letters: NDArray[np.uint8]  # (p,)
    classes: NDArray[np.uint16]  # (p,): of the word before the current one
    places: NDArray[np.uint8]  # (p,)
    lanes: Numbers  # (p,): negative for rows without document counts
    targets: Numbers  # (p,): negative where unknown


class Prediction(NamedTuple):
    """For each row: log p (p, v), in nats; and (p, 3): the entropy of p and its two greatest logarithms."""

    log_probabilities: Floats
    statistics: Floats
