"""The decoder in numpy against the model's own forward; and the change from it to the compiled engine."""

import numpy as np
import pytest
import torch
from support import tiny

from charrnn import SampleConfig, Sampler
from charrnn.data.tokenizer import CharTokenizer
from charrnn.model import CharRNN
from charrnn.model.weights import NetworkWeights
from charrnn.ngram.model import NgramModel
from charrnn.sampling import engine_choice
from charrnn.sampling.plain_decoder import Plain
from charrnn.sampling.warming import Warming

TEXT = "Era uma vez 日本 um “gato”.\nQuem canta ✍ seus males espanta.\n"


@pytest.fixture(scope="module", params=["elman-1-1", "gru-2-1", "lstm-1-1", "gru-1-2", "lstm-2-2", "joined"])
def model(request: pytest.FixtureRequest, tokenizer: CharTokenizer, counted: NgramModel) -> CharRNN:
    if request.param == "joined":
        made = tiny(tokenizer, counts=counted)
        torch.manual_seed(2)
        for parameter in made.fusion.parameters():  # type: ignore[union-attr]
            torch.nn.init.normal_(parameter, std=0.3)
    else:
        cell, layers, members = request.param.split("-")
        made = tiny(tokenizer, cell=cell, layers=int(layers), members=int(members))
    torch.nn.init.normal_(made.spelling, std=0.5)
    return made.eval()


def test_it_is_the_model(model: CharRNN, tokenizer: CharTokenizer) -> None:
    """Its logits before each token, and its state after them, whether it reads them at once or one by one."""
    ids = tokenizer.encode_array("\n" + TEXT)
    plain = Plain(NetworkWeights.of(model), tokenizer)
    with torch.no_grad():
        start = model.initial_state()
        after, expected = model(torch.from_numpy(ids).long()[None], start)
        before = torch.cat([model.predict(start)[None], after[:, :-1]], dim=1)[0].numpy()
    assert np.abs(plain.logits(ids, plain.start()) - before).max() < 1e-4
    state, single = plain.read(ids, plain.start()), plain.start()
    for token in ids.tolist():
        single = plain.advance([token], single)
    for found in (plain.to_model(state), plain.to_model(single)):
        for name, array in found.tensors().items():
            assert np.allclose(array, expected.tensors()[name].numpy(), atol=1e-4), name


def test_it_writes_what_the_engine_writes(model: CharRNN, tokenizer: CharTokenizer) -> None:
    """Alone, and in a batch; the rounding of a sum would have to fall between two characters to change one."""
    config = SampleConfig(length=60, temperature=0.8, top_p=0.95, repetition_penalty=1.2, seed=3)
    plain, engine = (Sampler(model, tokenizer, name) for name in ("numpy", "f32"))
    assert plain.generate(TEXT, config) == engine.generate(TEXT, config)
    assert plain.generate_together(TEXT, config, [3, 4, 5]) == engine.generate_together(TEXT, config, [3, 4, 5])


def test_the_engine_takes_over_within_a_text(
    tokenizer: CharTokenizer, counted: NgramModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = False
    monkeypatch.setattr(engine_choice, "ready", lambda: ready)
    weights, config = NetworkWeights.of(tiny(tokenizer, counts=counted)), SampleConfig(length=100, seed=1)
    sampler = Sampler(weights, tokenizer, "auto")
    decoder = sampler.decoder
    assert isinstance(decoder, Warming)
    text = sampler.stream(TEXT, config)
    begun = "".join(next(text) for _ in range(30))
    assert not decoder.is_warm
    ready = True
    decoder.wait()
    assert decoder.is_warm
    assert begun + "".join(text) == Sampler(weights, tokenizer, "f32").generate(TEXT, config)
