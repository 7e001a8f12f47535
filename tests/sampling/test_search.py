"""Laws of texts that must hold words: they do, at the length asked for, and where the model finds them likeliest."""

import re
from collections.abc import Sequence

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import tiny

from charrnn import SampleConfig, Sampler
from charrnn.data.tokenizer import CharTokenizer
from charrnn.errors import UserError
from charrnn.sampling.constraints import Constraint, acrostic, bare, line_length, only, without
from charrnn.sampling.search import _Draft, _Search, stands, steps_with_words
from charrnn.sampling.stopping import Step

WORDS = ["lua", "Maria", "não", "日本", "mar alto", "a"]
relaxed = settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module", params=["eager", "f32"])
def sampler(request: pytest.FixtureRequest, tokenizer: CharTokenizer) -> Sampler:
    return Sampler(tiny(tokenizer), tokenizer, request.param)


def with_words(
    sampler: Sampler, prompt: str, config: SampleConfig, words: Sequence[str] = (), start: str = "",
    constraints: Sequence[Constraint] = (),
) -> str:  # fmt: skip
    """What follows `prompt`; where it stands at the end is where the model stands after reading it."""
    here = Step("", 0, lambda: sampler.read(prompt))
    steps = [here, *steps_with_words(sampler, here, prompt, config, words, start, constraints)]
    made = "".join(step.text for step in steps)
    decoder, ids = sampler.decoder, sampler.tokenizer.encode_array(f"\n{prompt}{made}")
    read = decoder.predict(decoder.read(ids, decoder.start()))[0]
    assert np.allclose(sampler.predict(steps[-1].state), read, atol=1e-3)
    assert steps[-1].position == len(sampler.tokenizer.encode(made))
    return made


def as_a_word(word: str, text: str) -> bool:
    return re.search(rf"(?<![\w'’-]){re.escape(word)}(?![\w'’-])", text) is not None


@relaxed
@given(
    words=st.lists(st.sampled_from(WORDS), max_size=4), start=st.sampled_from(["", "Era", "O sol. ", "a lua"]),
    prompt=st.sampled_from(["", "Um dia ", "sem"]), more=st.integers(0, 80), seed=st.integers(0, 99),
    temperature=st.sampled_from([0.0, 0.7, 2.0]),
)  # fmt: skip
def test_words_stand_in_a_text_of_the_length(
    sampler: Sampler, words: list[str], start: str, prompt: str, more: int, seed: int, temperature: float
) -> None:
    length = len(start) + sum(len(word) + 1 for word in set(words)) + more
    config = SampleConfig(length=length, temperature=temperature, seed=seed)
    made = with_words(sampler, prompt, config, words, start)
    assert len(made) == length
    assert made.startswith(start)
    assert all(as_a_word(word, made) for word in words)


def test_without_words_it_is_what_the_sampler_writes(sampler: Sampler) -> None:
    config = SampleConfig(length=40, seed=3)
    assert with_words(sampler, "Era", config) == sampler.generate("Era", config)


@relaxed
@given(seed=st.integers(0, 99), most=st.integers(8, 20))
def test_words_heed_constraints(sampler: Sampler, seed: int, most: int) -> None:
    tokenizer = sampler.tokenizer
    constraints = [without(tokenizer, "e"), acrostic(tokenizer, "luz"), line_length(tokenizer, most)]
    config = SampleConfig(length=5 * most, seed=seed, temperature=1.5)
    made = with_words(sampler, "", config, ["mar", "Lua"], "l", constraints)
    assert as_a_word("mar", made)
    assert as_a_word("Lua", made)
    assert len(made) == 5 * most
    assert not set("eêéE") & set(made)
    lines = made.split("\n")
    assert max(map(len, lines)) <= most
    assert [bare(line[0]) for line in lines[:3]] == list("luz")


@settings(relaxed, max_examples=3)
@given(seed=st.integers(0, 99))
def test_the_place_is_the_likeliest(sampler: Sampler, seed: int) -> None:
    """Of all beginnings of words in what would have been written, by the model's own forward."""
    config = SampleConfig(length=40, seed=seed, bias=(" =4",))
    free = sampler.generate("", SampleConfig(length=40 - len("lua "), seed=seed, bias=(" =4",)))
    made = with_words(sampler, "", config, ["lua"])
    ids = sampler.tokenizer.encode("lua")
    places = [at for at in range(len(free) + 1) if not re.match(r"[\w'’-]", free[at - 1 : at] if at else "")]

    def chance(at: int) -> float:
        before = sampler.tokenizer.encode("\n" + free[:at])
        with torch.no_grad():
            logits, _ = sampler.model(torch.tensor([before + ids]), sampler.model.initial_state())
        legal = sampler.allowed.mask(b"")
        chances = (
            logits[0, len(before) - 1 :].masked_fill(~torch.from_numpy(legal), -torch.inf).double().log_softmax(dim=-1)
        )
        parts = [not re.match(r"[\w'’-]", character) for character in sampler.tokenizer.characters]
        after = chances[-1, : len(parts)][torch.tensor(parts)].logsumexp(dim=0)
        return float(sum(chances[step, token] for step, token in enumerate(ids)) + after)

    found = next(at for at in places if made[:at] == free[:at] and made[at : at + 3] == "lua")
    assert chance(found) > max(map(chance, places)) - 1e-3


def test_chances_are_those_of_the_model(sampler: Sampler) -> None:
    """Of all that may come next they sum to one, for characters that are spelled by bytes, too."""
    search = _Search(sampler, [only(sampler.tokenizer, "ab✍✌")], [])
    text = _Draft("Era", Step("", 0, lambda: sampler.read("Era")))
    assert np.exp([search.chance(text, character) for character in "ab✍✌"]).sum() == pytest.approx(1)
    assert search.chance(text, "c") == search.chance(text, "ac") == -np.inf


def test_stops_wait_for_the_words(sampler: Sampler) -> None:
    made = with_words(sampler, "", SampleConfig(length=400, seed=1, stop=("a", "e", " ")), ["lua"], "Ela era ")
    assert as_a_word("lua", made)
    assert not set("ae ") & set(made.partition("lua")[2])


def test_a_search_can_be_ended_while_it_lasts(sampler: Sampler) -> None:
    """It gives empty steps meanwhile, at each of which the text stands where it stood."""
    here = Step("", 0, lambda: sampler.read("Era"))
    steps = steps_with_words(sampler, here, "Era", SampleConfig(length=200, seed=1), ["lua", "mar"], "Eu")
    assert next(steps).text == "Eu"
    for _ in range(100):
        step = next(steps)
        assert (step.text, step.position) == ("", 2)
    assert "".join(step.text for step in steps).strip()


def test_what_cannot_be_is_told(sampler: Sampler) -> None:
    short = SampleConfig(length=9, seed=1)
    with pytest.raises(UserError, match=r"^length: expected at least 10 for the start and the words, found 9$"):
        with_words(sampler, "", short, ["lua", "mar"], "Eu")
    none = [without(sampler.tokenizer, "u")]
    with pytest.raises(UserError, match=r"^start: expected a text that the constraints allow, found 'Eu'$"):
        with_words(sampler, "", short, [], "Eu", none)
    with pytest.raises(UserError, match=r"^contain: expected a place .* leave for 'lua', found none; loosen one"):
        with_words(sampler, "", short, ["lua"], "", none)


@given(st.text("ab -", max_size=12), st.text("ab", min_size=1, max_size=3), st.integers(0, 3))
def test_whole_words(text: str, word: str, start: int) -> None:
    assert stands(word, text, start) == (
        re.compile(rf"(?<![\w'’-]){word}(?![\w'’-])").search(text, min(start, len(text))) is not None
    )
