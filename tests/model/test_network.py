"""Laws of the network, with and without counts: state is a value, splits do not matter, nothing looks ahead."""

import copy
import itertools
import math
from dataclasses import replace

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import tiny, tokens_of
from torch import nn

from charrnn.config import ModelConfig
from charrnn.data.tokenizer import CharTokenizer
from charrnn.model import CharRNN, RecurrentState
from charrnn.model.cells import GRU, LSTM, Elman
from charrnn.model.network import Dropout
from charrnn.ngram.context_mixer import ContextMixer
from charrnn.ngram.model import NgramModel
from charrnn.ngram.prediction import NgramPrediction

relaxed = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])


def states_equal(left: RecurrentState, right: RecurrentState, tolerance: float = 1e-5) -> bool:
    pairs = zip(left.tensors().values(), right.tensors().values(), strict=True)
    return all(torch.allclose(a, b, atol=tolerance, rtol=0) for a, b in pairs)


@relaxed
@given(cuts=st.sets(st.integers(1, 39)), seed=st.integers(0, 1000))
def test_whole_text_equals_any_split_equals_step_by_step(model: CharRNN, cuts: set[int], seed: int) -> None:
    tokens = tokens_of(model, batch=2, length=40, seed=seed)
    with torch.no_grad():
        whole, end = model(tokens, model.initial_state(2))
        for bounds in (sorted({0, *cuts, 40}), range(41)):
            state, pieces = model.initial_state(2), []
            for start, stop in itertools.pairwise(bounds):
                logits, state = model(tokens[:, start:stop], state)
                pieces.append(logits)
            # What is told by counts goes down to a logit of −30, whose last bit is worth 2e-6.
            tolerance = max(1e-5, 1e-6 * whole.abs().max().item())
            assert torch.allclose(torch.cat(pieces, 1), whole, atol=tolerance, rtol=0)
            assert states_equal(state, end)


def test_no_output_depends_on_a_later_character(model: CharRNN) -> None:
    """Causality, by gradient: the output at t changes with the inputs up to t, and with no later one."""
    tokens = tokens_of(model, batch=1, length=8)
    embedded: list[torch.Tensor] = []
    model.embedding.register_forward_hook(
        lambda *args: embedded.append(args[2].detach().requires_grad_()) or embedded[-1]
    )
    logits, _ = model(tokens, model.initial_state())
    for step in range(8):
        (gradient,) = torch.autograd.grad(logits[0, step].sum(), embedded[0], retain_graph=True)
        reached = gradient[0].abs().sum(dim=1) > 0
        assert reached.tolist() == [position <= step for position in range(8)]


@relaxed
@given(place=st.integers(1, 11), seed=st.integers(0, 1000))
def test_another_end_of_the_text_changes_nothing_before_it(model: CharRNN, place: int, seed: int) -> None:
    one, other = tokens_of(model, 2, 12, seed), tokens_of(model, 2, 12, seed + 1)
    other[:, :place] = one[:, :place]
    with torch.no_grad():
        (left, _), (right, _) = (model(tokens, model.initial_state(2)) for tokens in (one, other))
    assert torch.allclose(left[:, :place], right[:, :place], atol=1e-6)
    assert not torch.allclose(left[:, place:], right[:, place:], atol=1e-6)


def test_prediction_of_a_state_is_the_last_output(model: CharRNN) -> None:
    with torch.no_grad():
        logits, state = model(tokens_of(model, 3, 5), model.initial_state(3))
        assert torch.allclose(model.predict(state), logits[:, -1], atol=1e-6)


def test_lanes_do_not_disturb_each_other(model: CharRNN) -> None:
    tokens = tokens_of(model, 4, 12)
    with torch.no_grad():
        together, state = model(tokens, model.initial_state(4))
        for lane in range(4):
            alone, own = model(tokens[lane : lane + 1], model.initial_state(1))
            assert torch.allclose(alone[0], together[lane], atol=1e-5)
            assert states_equal(own, state.row(lane))


def test_renewed_lanes_equal_fresh_ones(model: CharRNN) -> None:
    fresh, tokens = model.initial_state(2), tokens_of(model, 2, 5, seed=1)
    with torch.no_grad():
        _, state = model(tokens_of(model, 2, 7), fresh)
        renewed = state.renewed(torch.tensor([True, False]), fresh)
        assert states_equal(renewed.row(0), fresh.row(0), tolerance=0)
        assert states_equal(renewed.row(1), state.row(1), tolerance=0)
        assert torch.equal(model.predict(renewed)[0], model.predict(fresh)[0])
        (after, _), (first, _), (on, _) = (model(tokens, start) for start in (renewed, fresh, state))
    assert torch.allclose(after[0], first[0], atol=1e-6)
    assert torch.allclose(after[1], on[1], atol=1e-6)


def test_a_state_is_a_value(model: CharRNN) -> None:
    """Reading from a state leaves it as it was, and leaves nothing behind in the model."""
    with torch.no_grad():
        _, state = model(tokens_of(model, 2, 7), model.initial_state(2))
        before = state.clone()
        first, _ = model(tokens_of(model, 2, 3, seed=1), state)
        model(tokens_of(model, 2, 9, seed=2), model.initial_state(2))
        second, _ = model(tokens_of(model, 2, 3, seed=1), state)
    assert all(torch.equal(a, b) for a, b in zip(state.tensors().values(), before.tensors().values(), strict=True))
    assert torch.equal(first, second)
    with pytest.raises(AttributeError):
        state.recent = before.recent  # type: ignore[misc]


def test_state_survives_its_flat_form(model: CharRNN) -> None:
    _, state = model(tokens_of(model, 2, 7), model.initial_state(2))
    assert states_equal(RecurrentState.from_tensors(state.tensors()), state, tolerance=0)
    assert not any(tensor.requires_grad for tensor in state.detach().tensors().values())


def test_state_remembers_the_last_three_tokens(model: CharRNN) -> None:
    _, state = model(torch.tensor([[5]]), model.initial_state())
    assert state.recent.tolist() == [[-1, -1, 5]]
    _, state = model(torch.tensor([[6, 7, 8]]), state)
    assert state.recent.tolist() == [[6, 7, 8]]


def test_counts_speak_from_the_first_character_on(joined: CharRNN, tokenizer: CharTokenizer) -> None:
    """What is counted changes the outputs; what is the same in all byte tokens is what it says of them."""
    assert joined.fusion is not None
    tokens = torch.tensor([tokenizer.encode("\nQuem canta")])
    with torch.no_grad():
        logits, state = joined(tokens, joined.initial_state())
        expected = torch.full_like(state.expected, -1.0).expand(1, tokens.shape[1], -1).contiguous()
        expected[..., -1] = 0.0  # a place on the page
        blind, _ = joined(tokens, joined.initial_state(), NgramPrediction(expected, state.reading))
        moved = state.expected.clone()
        moved[:, joined.fusion.layout.symbols - 1] += 1.0  # the escape
        difference = joined.predict(replace(state, expected=moved)) - joined.predict(state)
    assert not torch.isclose(logits, blind, atol=1e-3).all(dim=-1).any()
    assert difference[:, : tokenizer.first_byte].abs().max() < 1e-6
    assert difference[:, tokenizer.first_byte :].std() < 1e-6 < difference[:, tokenizer.first_byte :].abs().min()


def test_fusion_starts_at_the_geometric_mean(joined: CharRNN, tokenizer: CharTokenizer) -> None:
    fresh = CharRNN(joined.config, counts=joined.counts)
    alone: list[torch.Tensor] = []
    fresh.output.register_forward_hook(lambda *args: alone.append(args[2]))
    tokens = torch.tensor([tokenizer.encode("Quem canta")])
    with torch.no_grad():
        logits, state = fresh(tokens, fresh.initial_state())
    own, counted = alone[0][0, -1, : tokenizer.first_byte], state.expected[0, : tokenizer.first_byte]
    assert torch.allclose(logits[0, -1, : tokenizer.first_byte], (own + counted) / 2, atol=1e-6)


def test_a_copy_of_a_network_shares_its_counts(joined: CharRNN) -> None:
    other = copy.deepcopy(joined)
    assert other.counts is joined.counts
    assert other.output.weight is not joined.output.weight


def test_taken_over_weights_are_all_that_is_learned(
    joined: CharRNN, tokenizer: CharTokenizer, counted: NgramModel
) -> None:
    """Of two networks with the same counts; the mixture's weights are among them."""
    untaught = replace(counted, mixture=ContextMixer.start(counted.symbols))
    other = tiny(tokenizer, counts=untaught)
    torch.nn.init.normal_(other.output.weight)
    tokens = torch.tensor([tokenizer.encode("\nQuem canta")])
    with torch.no_grad():
        expected, _ = joined(tokens, joined.initial_state())
        assert not torch.allclose(other(tokens, other.initial_state())[0], expected, atol=1e-3)
        other.load_weights(joined.weights())
        assert torch.equal(other(tokens, other.initial_state())[0], expected)
    assert untaught.mixture.learned.trials.max() == 0  # a value: it is as it was


def test_textbook_network_by_hand() -> None:
    """2 inputs, 3 hidden units, 2 outputs, three instants: each sum written out, no matrix library."""
    w = [[0.5, -0.3], [0.1, 0.8], [-0.7, 0.2]]  # W: from X to H
    u = [[0.2, -0.1, 0.4], [0.0, 0.3, -0.5], [0.6, 0.1, 0.1]]  # U: from M to H
    b = [0.1, -0.2, 0.05]
    v = [[1.0, -1.0, 0.5], [0.3, 0.7, -0.6]]  # from H to S
    inputs = [[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]

    memory, hidden, outputs = [0.0, 0.0, 0.0], [], []
    for x in inputs:
        h = [
            math.tanh(
                w[j][0] * x[0] + w[j][1] * x[1]
                + u[j][0] * memory[0] + u[j][1] * memory[1] + u[j][2] * memory[2]
                + b[j]
            )
            for j in range(3)
        ]  # fmt: skip
        outputs.append([sum(v[k][j] * h[j] for j in range(3)) for k in range(2)])
        hidden.append(h)
        memory = h  # M_{t+1} = H_t

    cell, reference = Elman(2, 3), nn.RNN(2, 3, batch_first=True)
    with torch.no_grad():
        cell.input_weight.copy_(torch.tensor(w))
        cell.memory_weight.copy_(torch.tensor(u))
        cell.bias.copy_(torch.tensor(b))
        reference.weight_ih_l0.copy_(torch.tensor(w))
        reference.weight_hh_l0.copy_(torch.tensor(u))
        reference.bias_ih_l0.copy_(torch.tensor(b))
        reference.bias_hh_l0.zero_()
        ours, (last,) = cell(torch.tensor([inputs]), (torch.zeros(1, 3),))
        theirs, _ = reference(torch.tensor([inputs]))
        output = ours[0] @ torch.tensor(v).T
    assert torch.allclose(ours[0], torch.tensor(hidden), atol=1e-6)
    assert torch.allclose(ours, theirs, atol=1e-6)
    assert torch.allclose(output, torch.tensor(outputs), atol=1e-6)
    assert torch.equal(last, ours[:, -1])


def test_gru_obeys_its_formula() -> None:
    cell, x, memory = GRU(3, 4), torch.randn(2, 1, 3), torch.randn(2, 4)
    rnn = cell.rnn
    with torch.no_grad():
        wr, wz, wn = (x[:, 0] @ rnn.weight_ih_l0.T + rnn.bias_ih_l0).chunk(3, dim=1)
        ur, uz, un = (memory @ rnn.weight_hh_l0.T + rnn.bias_hh_l0).chunk(3, dim=1)
        keep = torch.sigmoid(wz + uz)
        expected = (1 - keep) * torch.tanh(wn + torch.sigmoid(wr + ur) * un) + keep * memory
        hidden, _ = cell(x, (memory,))
    assert torch.allclose(hidden[:, 0], expected, atol=1e-6)


@pytest.mark.parametrize(("ours", "theirs"), [(Elman, nn.RNN), (GRU, nn.GRU)])
@given(batch=st.integers(1, 3), time=st.integers(1, 6), seed=st.integers(0, 100))
def test_gradients_written_by_hand_are_those_of_pytorch(ours, theirs, batch: int, time: int, seed: int) -> None:
    torch.manual_seed(seed)
    cell, reference = ours(2, 3).double(), theirs(2, 3, batch_first=True).double()
    mine = dict(cell.rnn.named_parameters()) if ours is GRU else {
        "weight_ih_l0": cell.input_weight, "weight_hh_l0": cell.memory_weight, "bias_ih_l0": cell.bias,
    }  # fmt: skip
    nn.init.zeros_(reference.bias_hh_l0)
    for name, weight in mine.items():
        nn.init.normal_(weight)
        reference.get_parameter(name).data.copy_(weight)
    x, memory = torch.randn(batch, time, 2).double(), torch.randn(batch, 3).double()
    weigh = torch.randn(batch, time, 3).double()  # any scalar of the outputs and of the last memory will do
    results = []
    for run in (lambda x, m: cell(x, (m,)), lambda x, m: reference(x, m.unsqueeze(0))):
        inputs = x.clone().requires_grad_(), memory.clone().requires_grad_()
        hidden, last = run(*inputs)
        last = last[0]
        ((hidden * weigh).sum() + (last**2).sum()).backward()
        results.append([hidden, inputs[0].grad, inputs[1].grad])
    gradients = [(weight.grad, reference.get_parameter(name).grad) for name, weight in mine.items()]
    for left, right in [*zip(*results, strict=True), *gradients]:
        torch.testing.assert_close(left, right, rtol=1e-9, atol=1e-9)


def test_lstm_obeys_its_formula() -> None:
    cell, x, memory, c = LSTM(3, 4), torch.randn(2, 1, 3), torch.randn(2, 4), torch.randn(2, 4)
    rnn = cell.rnn
    with torch.no_grad():
        sums = x[:, 0] @ rnn.weight_ih_l0.T + rnn.bias_ih_l0 + memory @ rnn.weight_hh_l0.T + rnn.bias_hh_l0
        i, f, g, o = sums.chunk(4, dim=1)
        after = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        hidden, (_, carried) = cell(x, (memory, c))
    assert torch.allclose(carried, after, atol=1e-6)
    assert torch.allclose(hidden[:, 0], torch.sigmoid(o) * torch.tanh(after), atol=1e-6)


def test_lstm_starts_out_remembering() -> None:
    biases = LSTM(3, 4).rnn.bias_ih_l0 + LSTM(3, 4).rnn.bias_hh_l0
    assert biases.tolist() == [0] * 4 + [1] * 4 + [0] * 8


@pytest.mark.parametrize("share", [0.1, 0.35, 0.5])
def test_dropout_drops_its_share_and_keeps_the_mean(share: float) -> None:
    """Nothing else is changed, neither on the way forward nor on the way back."""
    torch.manual_seed(0)
    dropout, x = Dropout(share).train(), torch.full((3, 1001, 7), 2.0, requires_grad=True)
    found = dropout(x)
    kept = found.detach() != 0
    assert 1 - kept.float().mean().item() == pytest.approx(share, abs=0.015)  # 256ths, and five standard deviations
    assert found.mean().item() == pytest.approx(2.0, rel=0.03)
    assert len(found.detach()[kept].unique()) == 1
    found.sum().backward()
    assert torch.equal(x.grad, found.detach() / 2)  # type: ignore[arg-type]
    columns = kept.float().mean(dim=(0, 1))  # of numbers that are made of the same byte of a draw, and of others
    assert (columns - columns.mean()).abs().max() < 0.05


def test_dropout_acts_in_training_only(tokenizer: CharTokenizer) -> None:
    shape = ModelConfig(vocab_size=tokenizer.vocab_size, embed=8, hidden=16, counts="none", dropout=0.5)
    model, tokens = CharRNN(shape), torch.tensor([[1, 2, 3]])
    with torch.no_grad():
        noisy = [model.train()(tokens, model.initial_state())[0] for _ in range(2)]
        clear = [model.eval()(tokens, model.initial_state())[0] for _ in range(2)]
    assert not torch.equal(*noisy)
    assert torch.equal(*clear)
