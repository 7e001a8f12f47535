"""CharRNN: embedding → recurrent layers → output layer."""

from itertools import pairwise

import torch
from torch import Tensor, nn

from charrnn.config import ModelConfig
from charrnn.legal import REACH
from charrnn.model.elman import Elman
from charrnn.model.gru import GRU
from charrnn.model.lstm import LSTM
from charrnn.model.state import RecurrentState

# The weights that read a character start 4 x as large as Xavier's: else, at first, what was just read drowns in
# the memory, and learning sets in late (measured: docs/benchmarks.md).
INPUT_GAIN = 4.0

CELLS: dict[str, type[Elman] | type[GRU] | type[LSTM]] = {"elman": Elman, "gru": GRU, "lstm": LSTM}


class CharRNN(nn.Module):
    """A character-level recurrent language model.

        logits, state = model(tokens, state)

    is the only forward: training calls it with windows, reading a prompt with long windows, sampling with
    single characters. The model holds no state: splitting a text anywhere gives the same logits.
    """

    def __init__(self, config: ModelConfig, name: str = "", fresh: bool = True) -> None:
        """fresh: with initial weights in the layers; else with any, for weights that will be loaded."""
        super().__init__()
        self.config = config
        self.name = name
        self.embedding = nn.Embedding(config.vocab_size, config.embed)
        widths = [config.embed] + [config.hidden] * config.layers
        gains = [INPUT_GAIN] + [1.0] * (config.layers - 1) if fresh else [None] * config.layers
        self.layers = nn.ModuleList(
            CELLS[config.cell](inputs, hidden, gain)
            for (inputs, hidden), gain in zip(pairwise(widths), gains, strict=True)
        )
        self.dropout = nn.Dropout(config.dropout)
        self.output = nn.Linear(config.hidden, config.vocab_size)
        nn.init.zeros_(self.output.bias)

    def initial_state(self, batch: int = 1) -> RecurrentState:
        """The empty memory: zeros, and nothing read yet."""
        weight = self.embedding.weight
        zeros = weight.new_zeros(batch, self.config.hidden)
        carried = (zeros,) * CELLS[self.config.cell].carries
        recent = torch.full((batch, REACH), -1, device=weight.device)
        return RecurrentState((carried,) * self.config.layers, recent)

    def forward(self, tokens: Tensor, state: RecurrentState) -> tuple[Tensor, RecurrentState]:
        """Read tokens (b, t) and predict, after each, the next: logits (b, t, v), and the state after them."""
        x = self.embedding(tokens)
        carried = []
        for layer, memory in zip(self.layers, state.layers, strict=True):
            x, after = layer(x, memory)
            x = self.dropout(x)
            # Reduced precision is for products; what is carried from window to window keeps full precision.
            carried.append(tuple(tensor.to(self.embedding.weight.dtype) for tensor in after))
        return self.output(x), state.after(tuple(carried), tokens)

    def predict(self, state: RecurrentState) -> Tensor:
        """The next-character logits (b, v) of a state, without reading anything: S_t comes from H_t only.

        They equal the last logits that `forward` gave with this state (dropout aside).
        """
        logits: Tensor = self.output(state.layers[-1][0])
        return logits

    @property
    def device(self) -> torch.device:
        return self.embedding.weight.device

    @property
    def parameter_count(self) -> int:
        return sum(parameter.numel() for parameter in self.parameters())
