"""Counts of the stories, and a mixture that has read them."""

import numpy as np
import pytest
from numpy.typing import NDArray
from support import STORIES

from charrnn.ngram.context_mixer import ContextMixer
from charrnn.ngram.contexts import ContextHasher, ContextState
from charrnn.ngram.document_counts import STATIC, DocumentCounts
from charrnn.ngram.tables import Tables


@pytest.fixture(scope="session")
def story() -> NDArray[np.uint16]:
    """A text (n,) in the alphabet of `story_reader`."""
    text = STORIES.read_text(encoding="utf-8")
    place = {character: number for number, character in enumerate(sorted(set(text)))}
    return np.array([place[character] for character in text], dtype=np.uint16)


@pytest.fixture(scope="session")
def story_reader(story: NDArray[np.uint16]) -> ContextHasher:
    return ContextHasher.fit(story, "".join(sorted(set(STORIES.read_text(encoding="utf-8")))))


@pytest.fixture(scope="session")
def learned(story: NDArray[np.uint16], story_reader: ContextHasher) -> tuple[Tables, ContextMixer]:
    """Counts of all but the last tenth of the stories, and a mixture of them, learned with and without a past."""
    text, lanes = story[: len(story) * 9 // 10], 8
    length = len(text) // lanes
    text = text[: length * lanes]
    counted = Tables.count(story_reader, text, np.repeat(np.arange(lanes), length))
    rows = story_reader.read(ContextState.start(lanes), text.reshape(lanes, length)[:, :-1])[0].rows()
    targets = text.reshape(lanes, length)[:, 1:].T.ravel()
    lane = np.tile(np.arange(lanes), length - 1)
    mixture, _ = ContextMixer.start(counted.symbols).learn(
        counted,
        rows,
        targets,
        0.0003,
        blocks=lane,
        past=DocumentCounts(len(text)),
        lanes=np.where(lane % 2, lane, STATIC),
    )
    return counted, mixture
