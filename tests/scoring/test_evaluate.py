"""Laws of the score: it is the probability of the whole text, in bits, however it is computed."""

import math
import unicodedata
from dataclasses import replace

import pytest
import torch
from support import QUATRAINS, tiny

import charrnn
from charrnn.data.allowed_tokens import AllowedTokens
from charrnn.data.tokenizer import CharTokenizer
from charrnn.model import CharRNN
from charrnn.scoring.bits import score_by_steps
from charrnn.scoring.evaluate import WINDOW, held_out_bits

TEXT = "Olá, mundo! ✍ 日本\n— É?"


def test_score_is_the_sum_of_single_steps(model: CharRNN, tokenizer: CharTokenizer) -> None:
    """Against the slowest way: one token at a time, each probability looked up in its own distribution."""
    legal, bits = AllowedTokens(tokenizer), 0.0
    with torch.no_grad():
        _, state = model(torch.tensor([tokenizer.encode("\n")]), model.initial_state())
        for token in tokenizer.encode(TEXT):
            logits = legal.constrain(model.predict(state), state.recent)
            bits -= math.log2(logits.double().softmax(-1)[0, token].item())
            _, state = model(torch.tensor([[token]]), state)
    result = charrnn.score(model, tokenizer, TEXT)
    assert result.bits_per_character == pytest.approx(bits / len(TEXT), rel=1e-5)
    assert result.bits_per_byte == pytest.approx(bits / len(TEXT.encode()), rel=1e-5)
    assert result.perplexity == pytest.approx(2 ** (bits / len(TEXT)), rel=1e-5)


@pytest.mark.parametrize("adapt", [False, True])
def test_score_tells_how_far_it_is(joined: CharRNN, tokenizer: CharTokenizer, adapt: bool) -> None:
    """And is the same whether anyone listens or not."""
    text, shares = TEXT * 300, list[float]()
    told = charrnn.score(joined, tokenizer, text, adapt=adapt, progress=shares.append)
    assert told == charrnn.score(joined, tokenizer, text, adapt=adapt)
    assert shares == sorted(set(shares))
    assert len(shares) > 1
    assert 0 < shares[0] <= shares[-1] == 1


def test_score_counts(model: CharRNN, tokenizer: CharTokenizer) -> None:
    result = charrnn.score(model, tokenizer, TEXT)
    assert (result.characters, result.bytes) == (len(TEXT), len(TEXT.encode()))
    assert result.unknown_characters == sum(character not in tokenizer.characters for character in TEXT) > 0
    assert result.model == "tiny"


@pytest.mark.parametrize("adapt", [False, True])
def test_the_same_text_has_the_same_score(model: CharRNN, tokenizer: CharTokenizer, adapt: bool) -> None:
    """However its accents and line ends are written: a score in Python is that of the command line."""
    text = "Ação e pão,\né manhã.\n"
    expected = charrnn.score(model, tokenizer, text, adapt=adapt)
    for same in (unicodedata.normalize("NFD", text), text.replace("\n", "\r\n"), "\ufeff" + text):
        assert charrnn.score(model, tokenizer, same, adapt=adapt) == expected


def test_uniform_model_needs_the_logarithm_of_its_choices(tokenizer: CharTokenizer) -> None:
    model = tiny(tokenizer)
    torch.nn.init.zeros_(model.output.weight)
    model.output.bias.data[-1] = math.log(256)  # of the escape: as much for each byte as for a character
    choices = int(AllowedTokens(tokenizer).mask(b"").sum())
    assert charrnn.score(model, tokenizer, "abc").bits_per_character == pytest.approx(math.log2(choices), rel=1e-6)


def test_probabilities_of_all_short_texts_sum_to_one() -> None:
    """Over a tiny vocabulary: each legal next character once, those spelled by bytes through all their bytes."""
    tokenizer = CharTokenizer("\nab")
    model, legal = tiny(tokenizer), AllowedTokens(tokenizer)
    ascii_texts = [chr(point) for point in range(128) if chr(point) != "\r"]  # which is read as a newline
    with torch.no_grad():
        _, state = model(torch.tensor([tokenizer.encode("\n")]), model.initial_state())
        first = legal.constrain(model.predict(state), state.recent).softmax(-1)[0]
    leads = sum(first[tokenizer.first_byte + byte].item() for byte in (ord("\r"), *range(0xC2, 0xF5)))
    total = sum(2 ** -charrnn.score(model, tokenizer, text).bits_per_character for text in ascii_texts)
    assert total + leads == pytest.approx(1, abs=1e-5)


def test_windows_do_not_matter(model: CharRNN, tokenizer: CharTokenizer) -> None:
    text = QUATRAINS.read_text(encoding="utf-8")[: WINDOW + 900]
    ids = torch.tensor(tokenizer.encode(text))
    with torch.no_grad():
        logits, _ = model(torch.tensor([tokenizer.encode("\n" + text)[:-1]]), model.initial_state())
        legal = AllowedTokens(tokenizer)
        inputs = torch.tensor([tokenizer.encode("\n" + text)[:-1]])
        logits = legal.constrain(logits, torch.full((1, 3), -1), inputs)
        whole = torch.nn.functional.cross_entropy(logits[0].double(), ids, reduction="sum").item() / math.log(2)
    bits, characters = held_out_bits(model, tokenizer, ids)
    assert characters == len(text)
    assert bits == pytest.approx(whole, rel=1e-6)


def test_lanes_give_nearly_the_same_score(model: CharRNN, tokenizer: CharTokenizer) -> None:
    text = QUATRAINS.read_text(encoding="utf-8")
    ids = torch.tensor(tokenizer.encode(text))
    if model.counts is not None:  # where the margin is, is remembered for longer than the context
        model.counts = replace(model.counts, reader=replace(model.counts.reader, page=None))
    exact, all_of_it = held_out_bits(model, tokenizer, ids)
    quick, most_of_it = held_out_bits(model, tokenizer, ids, lanes=8, context=64)
    assert quick / most_of_it == pytest.approx(exact / all_of_it, rel=2e-3)
    assert len(text) - 8 < most_of_it <= all_of_it == len(text)
    _, limited = held_out_bits(model, tokenizer, ids, lanes=8, context=64, limit=50)
    assert limited == pytest.approx(8 * 50, abs=8)


def test_scoring_leaves_the_model_as_it_was(tokenizer: CharTokenizer) -> None:
    model = tiny(tokenizer, dropout=0.5).train()
    first, second = (charrnn.score(model, tokenizer, TEXT) for _ in range(2))
    assert first == second  # dropout is off while scoring
    assert model.training


def test_empty_text_is_refused(model: CharRNN, tokenizer: CharTokenizer) -> None:
    with pytest.raises(charrnn.UserError, match="at least one character to score, found none"):
        charrnn.score(model, tokenizer, "")


@pytest.mark.parametrize("engine", ["eager", "f32"])
def test_a_score_by_steps_is_the_score(joined: CharRNN, tokenizer: CharTokenizer, engine: str) -> None:
    """Also of characters that the vocabulary lacks."""
    decoder = charrnn.Sampler(joined, tokenizer, engine).decoder
    found = score_by_steps(decoder, joined.name, tokenizer, TEXT + "\r\nn\u0303")
    expected = charrnn.score(joined, tokenizer, TEXT + "\r\nn\u0303")
    assert found.bits_per_character == pytest.approx(expected.bits_per_character, abs=1e-4)
    same = ("bits_per_character", "bits_per_byte", "perplexity")
    assert replace(found, **{name: getattr(expected, name) for name in same}) == expected
    with pytest.raises(charrnn.UserError):
        score_by_steps(decoder, joined.name, tokenizer, "")
