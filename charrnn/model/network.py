"""CharRNN: embedding → recurrent layers → output layer, joined to an n-gram model if it has one."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, Self, cast

import torch
from torch import Tensor, nn

from charrnn.config import ModelConfig
from charrnn.data.allowed_tokens import REACH
from charrnn.data.tokenizer import BYTES
from charrnn.model.cells import CELLS, RecurrentCell
from charrnn.model.ensemble import Ensemble
from charrnn.model.state import RecurrentState
from charrnn.model.weights import MIN_LOG_PROB, MIXTURE, NARROW, NetworkWeights
from charrnn.ngram.layout import PAGE_PLACES
from charrnn.ngram.prediction import STATISTICS, PredictionLayout

if TYPE_CHECKING:
    from charrnn.ngram.model import NgramModel
    from charrnn.ngram.prediction import NgramPrediction

# Weights that read a character start 4 x as large as Xavier's: else the memory drowns the input at first, and learning
# sets in late (measured: docs/benchmarks.md).
INPUT_GAIN = 4.0

DROPOUT_STEPS = 256  # shares that a random byte tells apart


class Unrolled(NamedTuple):
    """All that happens inside a network while it reads a text."""

    inputs: tuple[Tensor, ...]  # of each layer: (b, t, i)
    hidden: tuple[Tensor, ...]  # H_t of each layer: (b, t, h)
    expected: Tensor  # (b, t, v + EXTRA), see `PredictionLayout`; (b, t, 0) without counts
    state: RecurrentState


class MemberLogits(NamedTuple):
    """The logits (n, b, t, s) of n members."""

    joined: Tensor  # to the n-gram model, if there is one
    own: Tensor  # W H + b


class CharRNN(nn.Module):
    """A character-level recurrent language model.

        logits, state = model(tokens, state)

    is the only forward pass: training calls it with windows, reading a prompt with long windows, sampling with
    single characters. The model holds no state: splitting a text anywhere gives the same logits.

    With counts (`ModelConfig.counts`), each input and each output also knows the prediction of an n-gram model of the
    training text; see `Fusion`. The caller may pass other predictions with the tokens, as training does: its leave out
    the block that is read.

    With n `members` (`ModelConfig.members`) it is an ensemble of n networks that share the embedding. Each has its own
    part of H_t, of the output layer, and its own loss in training (`member_logits`). Together they predict the mean of
    their logits, S_t = softmax(mean_m(W_m H_tᵐ) + b), as one network of width h with a block-diagonal recurrence would.

    The output layer has a logit for each symbol: the vocabulary's characters, and the escape, which stands for any of
    the 256 bytes. Their shares of the escape, `spelling`, are the same everywhere: characters that must be spelled are
    too rare to learn more of, and 256 more outputs would take three quarters of the layer's time.
    """

    def __init__(
        self, config: ModelConfig, name: str = "", *, fresh: bool = True, counts: NgramModel | None = None
    ) -> None:
        """fresh: whether the layers get initial weights; else theirs are about to be loaded."""
        super().__init__()
        self.config = config
        self.name = name
        self.counts = counts
        self.embedding = nn.Embedding(config.vocab_size, config.embed)
        widths = [config.embed] + [config.hidden_size] * config.layers
        gains = [INPUT_GAIN] + [1.0] * (config.layers - 1) if fresh else [None] * config.layers
        layers = nn.ModuleList(
            _layer(config, inputs, gain, first=number == 0)
            for number, ((inputs, _), gain) in enumerate(zip(pairwise(widths), gains, strict=True))
        )
        self.layers = cast("Sequence[RecurrentCell]", layers)
        self.dropout = Dropout(config.dropout or 0.0)
        symbols = config.vocab_size - len(BYTES) + 1  # the characters, and the escape: any byte
        self.output = nn.Linear(config.hidden_size, symbols)
        nn.init.zeros_(self.output.bias)
        self.spelling = nn.Parameter(torch.zeros(len(BYTES)))
        self.fusion = Fusion(symbols, config.embed, config.hidden_size) if config.counts == "joined" else None

    @classmethod
    def of(cls, weights: NetworkWeights) -> Self:
        """Return the model with these weights, in evaluation mode."""
        model = cls(weights.config, weights.name, fresh=False, counts=weights.counts)
        model.load_state_dict({name: torch.from_numpy(array) for name, array in weights.arrays.items()}, assign=True)
        return model.eval()

    def initial_state(self, batch: int = 1) -> RecurrentState:
        """Return the empty memory: zeros, and nothing read yet."""
        weight = self.embedding.weight
        zeros = weight.new_zeros(batch, self.config.hidden_size)
        carried = (zeros,) * CELLS[self.config.cell].carries
        recent = torch.full((batch, REACH), -1, device=weight.device)
        reading, expected = recent[:, :0], zeros[:, :0]
        if self.fusion is not None:
            from charrnn.ngram.model import start

            reading = start(batch).to(weight.device)
            layout = self.fusion.layout
            expected = weight.new_zeros(batch, layout.width)
            expected[:, layout.log_probabilities] = -math.log(layout.symbols)
        return RecurrentState((carried,) * self.config.layers, recent, reading, expected)

    def forward(
        self, tokens: Tensor, state: RecurrentState, predictions: NgramPrediction | None = None
    ) -> tuple[Tensor, RecurrentState]:
        """Read tokens (b, t) and predict, after each, the next: logits (b, t, v), and the state after them.

        predictions: of the n-gram model after each token; by default what `counts` predict. Training leaves out of the
        counts what is read, and an adaptive score counts it: both give their own.
        """
        read = self.unroll(tokens, state, predictions)
        return self.logits(read), read.state

    def unroll(
        self,
        tokens: Tensor,
        state: RecurrentState,
        predictions: NgramPrediction | None = None,
        noise: torch.Generator | None = None,
    ) -> Unrolled:
        """Read tokens as `forward` does, and return what each layer's H_t is at every instant.

        noise: of the dropout, on a CPU; default: PyTorch's own.
        """
        x = self.embedding(tokens)
        reading, expected = state.reading, x[..., :0]
        if self.fusion is not None:
            assert self.counts is not None, "a model with counts was not given them"
            expected, reading = predictions or self.counts.expect(tokens, reading)
            x = x + self.fusion.read(expected)
        carried, inputs, hidden = [], [], []
        for layer, memory in zip(self.layers, state.layers, strict=True):
            inputs.append(x)
            x, after = layer(x, memory)
            x = self.dropout(x, noise)
            hidden.append(x)
            # Only products are in reduced precision; what windows carry over keeps full precision.
            carried.append(tuple(tensor.to(self.embedding.weight.dtype) for tensor in after))
        after_all = state.after(tuple(carried), tokens, reading, expected[:, -1])
        return Unrolled(tuple(inputs), tuple(hidden), expected, after_all)

    def predict(self, state: RecurrentState) -> Tensor:
        """Return the logits (b, v) of the next token after a state: those that `forward` returned with it.

        (Dropout aside: S_t comes from H_t and the counts only.)
        """
        return self._output(state.layers[-1][0], state.expected)

    def logits(self, read: Unrolled) -> Tensor:
        """Return the logits (b, t, v) of S_t at every instant."""
        return self._output(read.hidden[-1], read.expected)

    def symbol_logits(self, read: Unrolled) -> Tensor:
        """Return the logits (b, t, s) of the symbols, where one, the escape, stands for all bytes."""
        return self._symbols(read.hidden[-1], read.expected)

    def member_logits(self, read: Unrolled) -> MemberLogits:
        """Return the symbols' logits of each member alone, which training scores; `symbol_logits` is their mean."""
        hidden = read.hidden[-1].chunk(self.config.member_count, dim=-1)

        def alone(layer: nn.Linear) -> Tensor:
            """Return what the layer makes of each member's part of H_t, (n, b, t, …)."""
            weights = layer.weight.chunk(self.config.member_count, dim=1)
            made = [
                nn.functional.linear(part, weight, layer.bias) for part, weight in zip(hidden, weights, strict=True)
            ]
            return torch.stack(made)

        own = alone(self.output)
        if self.fusion is None:
            return MemberLogits(own, own)
        return MemberLogits(self.fusion.correct(own, alone(self.fusion.attention), read.expected), own)

    def _output(self, hidden: Tensor, expected: Tensor) -> Tensor:
        return self._spelled(self._symbols(hidden, expected))

    def _spelled(self, logits: Tensor) -> Tensor:
        """Return the logits of tokens (…, v) from those of symbols (…, s)."""
        spelled = logits[..., -1:] + self.spelling.log_softmax(dim=-1)
        return torch.cat([logits[..., :-1], spelled], dim=-1)

    def _symbols(self, hidden: Tensor, expected: Tensor) -> Tensor:
        hidden = hidden / self.config.member_count if self.config.member_count > 1 else hidden
        logits: Tensor = self.output(hidden)
        return logits if self.fusion is None else self.fusion.correct(logits, self.fusion.attention(hidden), expected)

    @torch.no_grad()
    def rescale(self, own: float, counted: float) -> None:
        """Change the weights so that the symbols' logits are own z + counted ℓ, where ℓ, if any, is the counts'."""
        if self.fusion is not None:
            self.fusion.rescale(own, counted)
        else:
            self.output.weight.mul_(own)
            self.output.bias.mul_(own)

    def weights(self) -> dict[str, Tensor]:
        """Return all that training learns: the network's parameters, and the context mixer's."""
        mixture = {} if self.counts is None else self.counts.weights()
        return {**self.state_dict(), **{f"{MIXTURE}{name}": weight for name, weight in mixture.items()}}

    def load_weights(self, weights: dict[str, Tensor]) -> None:
        """Set what `weights` returned."""
        network = {name: weight for name, weight in weights.items() if not name.startswith(MIXTURE)}
        self.load_state_dict(network)
        if self.counts is not None:
            mixture = {name.removeprefix(MIXTURE): w for name, w in weights.items() if name not in network}
            self.counts = self.counts.with_weights(mixture)

    def with_counts(self, counts: NgramModel) -> Self:
        """Return this network, joined to other counts: it shares all of its weights with this one."""
        other = copy.copy(self)
        other.counts = counts
        return other

    def drop(self, share: float) -> None:
        """Set the dropout."""
        self.config = replace(self.config, dropout=share)
        self.dropout.share = share

    @property
    def device(self) -> torch.device:
        return self.embedding.weight.device

    @property
    def parameter_count(self) -> int:
        return sum(parameter.numel() for parameter in self.parameters())


def _layer(config: ModelConfig, inputs: int, gain: float | None, *, first: bool) -> RecurrentCell:
    """Return a recurrent layer: a cell, or one for each member."""
    cell, count = CELLS[config.cell].layer, config.member_count
    if count == 1:
        return cell(inputs, config.hidden_size, gain)
    members = [cell(inputs if first else inputs // count, config.hidden_size // count, gain) for _ in range(count)]
    return Ensemble(members, is_shared=first)


class Dropout(nn.Module):
    """While training, set a share of all numbers to zero, and scale the others so that the mean stays.

    (Srivastava et al., "Dropout", 2014.) On a CPU the mask is made of random bytes, eight from each draw: PyTorch's own
    draws a number for each, a tenth of the time of a whole training step. The share is then rounded to 256ths.
    """

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, x: Tensor, noise: torch.Generator | None = None) -> Tensor:
        if not self.training or self.share == 0:
            return x
        if x.is_cuda:
            return nn.functional.dropout(x, self.share)
        dropped = round(DROPOUT_STEPS * self.share)
        drawn = torch.empty(-(-x.numel() // 8), dtype=torch.int64).random_(-(2**63), None, generator=noise)
        kept = drawn.view(torch.uint8)[: x.numel()].view(x.shape) >= dropped
        return x * kept.to(x.dtype).mul_(DROPOUT_STEPS / (DROPOUT_STEPS - dropped))


class Fusion(nn.Module):
    """Joins ℓ, the logarithms of the probabilities that the counts give to each next character, to the network.

        x_t = E[token] + A f(ℓ_t) + P[p_t],  f(ℓ) = max(ℓ, −8) / 4 + 2      the network reads ℓ
        z_t = a(s_t, p_t) (W H_t + b) + g(s_t, p_t, H_t) ℓ_t                and corrects it: S_t = softmax(z_t)

    s_t holds four statistics of the counts: their entropy, their two greatest logarithms, and whether they know the
    document's own past; p_t is the place on the page. a and g are small networks, which start at 1/2: the geometric
    mean of both predictions. (Mixing in the logarithm: Mattern, "Mixing strategies in data compression", 2012.)

    ℓ, s and p are columns of a prediction, see `PredictionLayout`; the last of its v symbols is the escape.
    """

    def __init__(self, symbols: int, embed: int, hidden: int) -> None:
        super().__init__()
        self.layout = PredictionLayout(symbols)
        self.input = nn.Linear(symbols, embed, bias=False)
        self.place = nn.Embedding(PAGE_PLACES, embed)
        self.place_gates = nn.Embedding(PAGE_PLACES, 2)
        self.surety = nn.Linear(STATISTICS, NARROW)
        self.gates = nn.Linear(NARROW, 2)
        self.attention = nn.Linear(hidden, 1, bias=False)
        nn.init.normal_(self.place.weight, std=0.4)  # from zeros, they are learned too slowly
        nn.init.zeros_(self.place_gates.weight)
        nn.init.zeros_(self.attention.weight)
        nn.init.zeros_(self.gates.weight)
        nn.init.constant_(self.gates.bias, 0.5)

    def read(self, prediction: Tensor) -> Tensor:
        """Return the term (…, embed) that is added to the characters' embeddings."""
        likely = self.input(prediction[..., self.layout.log_probabilities].clamp(min=MIN_LOG_PROB) / 4 + 2)
        added: Tensor = likely + self.place(prediction[..., self.layout.place].long())
        return added

    def correct(self, logits: Tensor, attended: Tensor, prediction: Tensor) -> Tensor:
        """Return the joined logits (…, v).

        Args:
            logits: the network's own, W H + b (…, v).
            attended: the part of g that H_t gives (…, 1).
            prediction: of the counts (…, see `layout`).
        """
        counted, statistics = prediction[..., self.layout.log_probabilities], prediction[..., self.layout.statistics]
        places = self.place_gates(prediction[..., self.layout.place].long())
        gates = self.gates(torch.tanh(self.surety(statistics))).float() + places
        trust = gates[..., 1:] + attended.float()
        joined: Tensor = gates[..., :1] * logits.float() + trust * counted
        return joined

    @torch.no_grad()
    def rescale(self, own: float, counted: float) -> None:
        """Change the gates so that `correct` returns own z + counted ℓ, which the gates could also learn."""
        for weight in (self.gates.weight, self.gates.bias, self.place_gates.weight, self.attention.weight):
            weight.mul_(own)
        self.gates.bias[1] += counted
