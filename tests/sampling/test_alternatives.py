"""What could have come at a place: the probabilities are those that the sampler draws by."""

from dataclasses import replace

import numpy as np
import pytest
from support import tiny

from charrnn.config import ConstraintConfig, SampleConfig
from charrnn.data.tokenizer import CharTokenizer
from charrnn.model import CharRNN
from charrnn.sampling import Sampler
from charrnn.sampling.constraints import build, only
from charrnn.sampling.filters import uniform
from charrnn.sampling.sampler import Alternative

PROMPT = "Batatinha quando nasce, "
CONFIG = SampleConfig(length=1, temperature=1.3, top_k=30, min_p=0.01, repetition_penalty=1.2, bias=("a=1.5",))


def found(
    sampler: Sampler, config: SampleConfig, prompt: str = PROMPT, constraints: ConstraintConfig | None = None
) -> list[Alternative]:
    logits = sampler.predict(sampler.read(prompt))
    return sampler.alternatives(prompt, logits, config, build(sampler.tokenizer, constraints) if constraints else ())


@pytest.mark.parametrize("constraints", [None, ConstraintConfig(without="aeb", only="abcdefgh \n")])
def test_a_character_is_drawn_as_likely_as_is_said(
    model: CharRNN, tokenizer: CharTokenizer, constraints: ConstraintConfig | None
) -> None:
    sampler = Sampler(model, tokenizer)
    after = {one.character: one.after for one in found(sampler, CONFIG, constraints=constraints)}
    order = [*tokenizer.characters, ""]  # as the tokens are numbered, those of bytes last
    sums = np.cumsum([after[character] for character in order])
    rules = build(tokenizer, constraints) if constraints else ()
    for seed in range(25):
        drawn = sampler.generate(PROMPT, replace(CONFIG, seed=seed), constraints=rules)
        meant = order[int(np.searchsorted(sums, uniform(seed, 0) * sums[-1], side="right"))]
        assert meant == (drawn if drawn in tokenizer.characters else "")


def test_both_are_distributions_and_the_first_is_the_models(tokenizer: CharTokenizer) -> None:
    sampler = Sampler(tiny(tokenizer), tokenizer)
    plain, filtered = found(sampler, SampleConfig(temperature=1.0)), found(sampler, CONFIG)
    for one, other in zip(plain, filtered, strict=True):
        assert one.before == pytest.approx(one.after)  # with nothing set
        assert (one.character, one.before) == (other.character, other.before)  # whatever is set
    assert sum(one.before for one in plain) == pytest.approx(1)
    assert sum(one.after for one in filtered) == pytest.approx(1)
    assert [one.before for one in plain] == sorted((one.before for one in plain), reverse=True)
    assert {one.character for one in plain} == {*tokenizer.characters, ""}


def test_where_nothing_is_left_nothing_is_likely(tokenizer: CharTokenizer) -> None:
    sampler = Sampler(tiny(tokenizer), tokenizer)
    logits, rules = sampler.predict(sampler.read(PROMPT)), [only(tokenizer, "a"), only(tokenizer, "b")]
    assert all(one.after == 0 for one in sampler.alternatives(PROMPT, logits, CONFIG, rules))
