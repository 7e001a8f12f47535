"""Long short-term memory (Hochreiter & Schmidhuber, 1997; forget gate of Gers et al., 2000)."""

import torch
from torch import Tensor, nn

from charrnn.model.gru import init_gates


class LSTM(nn.Module):
    """A recurrent cell with a second memory c, which only gates can write, erase and read.

        i, f, o = σ(W x_t + U M_t + b)      write, keep, read (each its own W, U, b)
        g = tanh(W_g x_t + U_g M_t + b_g)   what would be written
        c_t = f ⊙ c_{t-1} + i ⊙ g
        H_t = o ⊙ tanh(c_t),   M_t = H_{t-1}

    The recurrence runs in PyTorch's fused kernel. The forget gate's bias starts at 1, so that the memory
    lasts from the first step of training on (Jozefowicz et al., ICML 2015).
    """

    carries = 2  # tensors in the state: the hidden vector and the cell memory

    def __init__(self, inputs: int, hidden: int, input_gain: float | None = 1.0) -> None:
        super().__init__()
        self.rnn = nn.LSTM(inputs, hidden, batch_first=True)
        if input_gain is None:  # the weights are about to be loaded
            return
        init_gates(self.rnn, hidden, input_gain)
        self.rnn.get_parameter("bias_ih_l0").data[hidden : 2 * hidden] = 1.0  # PyTorch's order of gates: i, f, g, o

    def forward(self, x: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, tuple[Tensor, ...]]:
        """x: (b, t, i), state: (M_1, c_0), each (b, h). Gives (H, (H_t, c_t)) with H (b, t, h)."""
        if x.shape[1] == 1:  # the kernel for sequences packs all weights anew each call: 10 x slower for one step
            weights = (parameter for _, parameter in self.rnn.named_parameters())
            last, memory = torch.lstm_cell(x[:, 0], state, *weights)
            return last.unsqueeze(1), (last, memory)
        hidden, (last, memory) = self.rnn(x, (state[0].unsqueeze(0), state[1].unsqueeze(0)))
        return hidden, (last.squeeze(0), memory.squeeze(0))
