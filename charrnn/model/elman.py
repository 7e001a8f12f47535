"""The textbook's recurrent network (Elman, "Finding Structure in Time", Cognitive Science 14, 1990)."""

import torch
from torch import Tensor, nn

from charrnn.model.recurrence import UnrolledElman


class Elman(nn.Module):
    """One hidden layer H with a memory M that holds what H was one instant ago.

        M_t = H_{t-1}
        H_t = tanh(W x_t + U M_t + b)

    H_t depends on X_t and on H_{t-1}, which depends on X_{t-1} and H_{t-2}, and so on: the memory carries
    the whole history. The output S_t is computed from H_t only, by the network's output layer.

    input_weight: W, (h, i); memory_weight: U, (h, h); bias: b, (h,).
    """

    carries = 1  # tensors in the state: the hidden vector

    def __init__(self, inputs: int, hidden: int, input_gain: float | None = 1.0) -> None:
        super().__init__()
        self.input_weight = nn.Parameter(torch.empty(hidden, inputs))
        self.memory_weight = nn.Parameter(torch.empty(hidden, hidden))
        self.bias = nn.Parameter(torch.zeros(hidden))
        if input_gain is not None:  # else they are about to be loaded
            nn.init.xavier_uniform_(self.input_weight, input_gain)
            nn.init.orthogonal_(self.memory_weight)

    def forward(self, x: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, tuple[Tensor, ...]]:
        """x: (b, t, i), state: (M_1,) with M_1 (b, h). Gives (H, (H_t,)) with H (b, t, h)."""
        (memory,) = state
        from_input = nn.functional.linear(x, self.input_weight, self.bias)  # all instants at once
        hidden = UnrolledElman.apply(from_input.transpose(0, 1).contiguous(), memory, self.memory_weight)  # type: ignore[no-untyped-call]
        return hidden.transpose(0, 1), (hidden[-1],)
