"""Gated recurrent unit (Cho et al., "Learning Phrase Representations", EMNLP 2014; PyTorch's variant)."""

from torch import Tensor, nn

from charrnn.model.recurrence import UnrolledGRU


class GRU(nn.Module):
    """An Elman cell that decides, unit by unit, how much of its memory to keep.

        r = σ(W_r x_t + U_r M_t + b_r)                      how much memory the candidate sees
        z = σ(W_z x_t + U_z M_t + b_z)                      how much memory stays
        n = tanh(W_n x_t + b_n + r ⊙ (U_n M_t + c_n))       the candidate
        H_t = (1 − z) ⊙ n + z ⊙ M_t,   M_t = H_{t-1}

    On a GPU the recurrence runs in cuDNN's fused kernel, on a CPU in our own loop.
    """

    carries = 1  # tensors in the state: the hidden vector

    def __init__(self, inputs: int, hidden: int, input_gain: float | None = 1.0) -> None:
        super().__init__()
        self.rnn = nn.GRU(inputs, hidden, batch_first=True)
        if input_gain is not None:  # else the weights are about to be loaded
            init_gates(self.rnn, hidden, input_gain)

    def forward(self, x: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, tuple[Tensor, ...]]:
        """x: (b, t, i), state: (M_1,) with M_1 (b, h). Gives (H, (H_t,)) with H (b, t, h)."""
        if x.is_cuda:
            hidden, last = self.rnn(x, state[0].unsqueeze(0))
            return hidden, (last.squeeze(0),)
        input_weight, memory_weight, input_bias, memory_bias = (weight for _, weight in self.rnn.named_parameters())
        from_input = nn.functional.linear(x, input_weight, input_bias).transpose(0, 1).contiguous()
        hidden = UnrolledGRU.apply(from_input, state[0], memory_weight, memory_bias)  # type: ignore[no-untyped-call]
        return hidden.transpose(0, 1), (hidden[-1],)


def init_gates(rnn: nn.RNNBase, hidden: int, input_gain: float) -> None:
    """Xavier input weights and orthogonal recurrent weights, gate by gate; biases zero."""
    for name, parameter in rnn.named_parameters():
        if "bias" in name:
            nn.init.zeros_(parameter)
        else:
            for gate in parameter.data.chunk(len(parameter) // hidden):
                if "weight_hh" in name:
                    nn.init.orthogonal_(gate)
                else:
                    nn.init.xavier_uniform_(gate, input_gain)
