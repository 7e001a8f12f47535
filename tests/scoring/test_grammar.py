"""The exam in grammar: its pairs are minimal, and answers are counted as they are."""

from collections import Counter
from difflib import SequenceMatcher

import numpy as np
import pytest
from numpy.typing import NDArray

from charrnn.data.tokenizer import CharTokenizer
from charrnn.sampling import Sampler
from charrnn.scoring import grammar
from charrnn.scoring.bits import costs
from charrnn.storage import registry, saved_model


def test_pairs_differ_in_one_place_and_none_comes_twice() -> None:
    pairs = grammar.minimal_pairs()
    assert {*Counter(pair.category for pair in pairs).values()} == {40}
    assert len(pairs) == len({pair.right for pair in pairs} | {pair.wrong for pair in pairs}) / 2 >= 300
    for pair in pairs:
        assert not {*"{|}"} & {*pair.right, *pair.wrong}
        assert pair.right[-1] == pair.wrong[-1] in ".!?"
        changed = SequenceMatcher(None, pair.right.split(), pair.wrong.split()).get_opcodes()
        assert sum(code[0] != "equal" for code in changed) == 1, pair


class Oracle:
    """Gives each text a cost: that of its last character, which is larger for wrong sentences."""

    def __init__(self, tokenizer: CharTokenizer) -> None:
        self.tokenizer = tokenizer

    def start(self) -> str:
        return ""

    def read(self, ids: NDArray[np.integer], state: str) -> str:
        return state + self.tokenizer.decode(ids.tolist())

    def logits(self, ids: NDArray[np.integer], state: str) -> NDArray[np.float64]:
        found = np.zeros((len(ids), self.tokenizer.vocab_size))
        whole = self.read(ids, state).strip()
        if any(whole == pair.right for pair in grammar.minimal_pairs() if pair.category != "crase"):
            found[np.arange(len(ids)), ids] = 1.0
        return found


def test_marks_are_the_shares_of_right_answers() -> None:
    tokenizer = CharTokenizer("".join(sorted({c for pair in grammar.minimal_pairs() for c in pair.right + pair.wrong})))
    told: list[float] = []
    answers = grammar.examine(Oracle(tokenizer), tokenizer, told.append)
    found = grammar.marks(answers)
    assert [*found][-1] == "all"
    assert found.pop("all") == pytest.approx(7 / 8)
    assert found.pop("crase") == 0.0  # equally likely is not right
    assert {*found.values()} == {1.0}
    assert told[-1] == 1.0


def test_counts_alone_predict_as_the_network_is_told() -> None:
    model, tokenizer = saved_model.read(registry.SHIPPED / "machado")
    decoder = Sampler(model, tokenizer, "f32").decoder
    alone = grammar.CountsAlone(decoder, len(tokenizer.characters))
    text = "Era uma vez 🎈"
    logits = alone.logits(tokenizer.encode_array(text), alone.start())
    np.testing.assert_allclose(np.exp(logits).sum(axis=1), 1.0, atol=1e-4)
    state = alone.read(tokenizer.encode_array("Era uma ve"), alone.start())
    z = tokenizer.characters.index("z")
    assert alone.logits(np.array([z]), state)[0, z] == pytest.approx(logits[10, z])
    assert costs(alone, tokenizer, text, 1).surprisal[10] < 2 < costs(alone, tokenizer, "Era uma vev", 1).surprisal[10]
