"""The recurrent cells: their equations, and all else that the rest of charrnn must know of each.

A new cell takes a class and an entry in CELLS here, and a line in `config.CELL_LABELS`. The compiled engine samples it
if `sampling/compiled/cell_steps.py` has its step; else the forward pass given here does.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor, nn

from charrnn.model.recurrence import UnrolledElman, UnrolledGRU
from charrnn.model.whitening import Whitening

Carried = tuple[Tensor, ...]
"""What a cell carries from instant to instant, (b, h) each: the hidden vector, then a second memory if it has one."""
Read = tuple[Tensor, Carried]
"""H (b, t, h) of what a cell read, and what it carries after it."""


class RecurrentCell(nn.Module):
    """A recurrent layer: reads x_t and what it carries from the instant before, and gives the hidden vector H_t.

    A cell defines `step`; what else is here follows from it, and is overridden where there is a faster way.
    """

    def step(self, x: Tensor, carried: Carried) -> Carried:
        """Return what is carried after one instant. x: (b, i). In plain operations of PyTorch, which ONNX can take."""
        raise NotImplementedError

    def forward(self, x: Tensor, carried: Carried) -> Read:
        """Read t instants: x (b, t, i) and what is carried, (M_1, …), give H (b, t, h) and what is carried after."""
        hidden = []
        for instant in x.unbind(1):
            carried = self.step(instant, carried)
            hidden.append(carried[0])
        return torch.stack(hidden, dim=1), carried

    @classmethod
    def forward_all(cls, cells: Sequence[Self], x: Sequence[Tensor], carried: Sequence[Carried]) -> list[Read]:
        """Return what `forward` does for each of several cells, of what each reads and carries."""
        return [cell(mine, memory) for cell, mine, memory in zip(cells, x, carried, strict=True)]

    def second_memory(self, x: Tensor, memories: Tensor, memory: Tensor) -> Tensor:
        """Return the second memory c_t (b, t, h) at each instant of a text whose every M_t is known.

        x: (b, t, i); memories: M, (b, t, h); memory: c_0, (b, h).
        """
        found = []
        for instant, before in zip(x.unbind(1), memories.unbind(1), strict=True):
            _, memory = self.step(instant, (before, memory))
            found.append(memory)
        return torch.stack(found, dim=1)


class Elman(RecurrentCell):
    """The textbook's recurrent network (Elman, "Finding Structure in Time", Cognitive Science 14, 1990).

        M_t = H_{t-1}
        H_t = tanh(W x_t + U M_t + b)

    H_t depends on X_t and on H_{t-1}, which depends on X_{t-1} and H_{t-2}, and so on: the memory carries
    the whole history. The output S_t is computed from H_t only, by the network's output layer.

    input_weight: W, (h, i); memory_weight: U, (h, h); bias: b, (h,).
    """

    def __init__(self, inputs: int, hidden: int, input_gain: float | None = 1.0) -> None:
        """input_gain: factor of the initial input weights; None leaves all weights to be loaded. So for every cell."""
        super().__init__()
        self.input_weight = nn.Parameter(torch.empty(hidden, inputs))
        self.memory_weight = nn.Parameter(torch.empty(hidden, hidden))
        self.bias = nn.Parameter(torch.zeros(hidden))
        if input_gain is not None:
            nn.init.xavier_uniform_(self.input_weight, input_gain)
            nn.init.orthogonal_(self.memory_weight)

    def step(self, x: Tensor, carried: Carried) -> Carried:
        from_input = nn.functional.linear(x, self.input_weight, self.bias)
        return (torch.tanh(from_input + nn.functional.linear(carried[0], self.memory_weight)),)

    def forward(self, x: Tensor, carried: Carried) -> Read:
        from_input = nn.functional.linear(x, self.input_weight, self.bias).transpose(0, 1).contiguous()
        hidden = UnrolledElman.apply(from_input, carried[0], self.memory_weight)  # type: ignore[no-untyped-call]
        return hidden.transpose(0, 1), (hidden[-1],)


class GRU(RecurrentCell):
    """Gated recurrent unit (Cho et al., "Learning Phrase Representations", EMNLP 2014; PyTorch's variant).

    An Elman cell that decides, unit by unit, how much of its memory to keep:

        r = σ(W_r x_t + U_r M_t + b_r)                      how much memory the candidate sees
        z = σ(W_z x_t + U_z M_t + b_z)                      how much memory stays
        n = tanh(W_n x_t + b_n + r ⊙ (U_n M_t + c_n))       the candidate
        H_t = (1 − z) ⊙ n + z ⊙ M_t,   M_t = H_{t-1}

    On a GPU the recurrence runs in cuDNN's fused kernel, on a CPU in our own loop.
    """

    def __init__(self, inputs: int, hidden: int, input_gain: float | None = 1.0) -> None:
        super().__init__()
        self.rnn = nn.GRU(inputs, hidden, batch_first=True)
        _init_gates(self.rnn, hidden, input_gain)

    def step(self, x: Tensor, carried: Carried) -> Carried:
        return (torch.gru_cell(x, carried[0], *_weights(self.rnn)),)

    def forward(self, x: Tensor, carried: Carried) -> Read:
        if x.is_cuda:
            hidden, last = self.rnn(x, carried[0].unsqueeze(0))
            return hidden, (last.squeeze(0),)
        input_weight, memory_weight, input_bias, memory_bias = _weights(self.rnn)
        from_input = nn.functional.linear(x, input_weight, input_bias).transpose(0, 1).contiguous()
        hidden = UnrolledGRU.apply(from_input, carried[0], memory_weight, memory_bias)  # type: ignore[no-untyped-call]
        return hidden.transpose(0, 1), (hidden[-1],)


class LSTM(RecurrentCell):
    """Long short-term memory (Hochreiter & Schmidhuber, 1997; forget gate of Gers et al., 2000).

    A recurrent cell with a second memory c, which only gates can write, erase and read:

        i, f, o = σ(W x_t + U M_t + b)      write, keep, read (each its own W, U, b)
        g = tanh(W_g x_t + U_g M_t + b_g)   what would be written
        c_t = f ⊙ c_{t-1} + i ⊙ g
        H_t = o ⊙ tanh(c_t),   M_t = H_{t-1}

    The recurrence runs in PyTorch's fused kernel; on a CPU in `many_lanes.LanesLSTM` while it learns in bfloat16, and
    in `one_lane.UnrolledLSTM` where it learns alone: from one text, window by window. The forget gate's bias
    starts at 1, so that the memory lasts from the first step of training on (Jozefowicz et al., ICML 2015).
    """

    whitenings: tuple[Whitening, Whitening] | None = None
    threads = 1

    def __init__(self, inputs: int, hidden: int, input_gain: float | None = 1.0) -> None:
        super().__init__()
        self.rnn = nn.LSTM(inputs, hidden, batch_first=True)
        _init_gates(self.rnn, hidden, input_gain)
        if input_gain is not None:  # PyTorch's order of gates: i, f, g, o
            self.rnn.get_parameter("bias_ih_l0").data[hidden : 2 * hidden] = 1.0

    def learn_alone(self, threads: int = 1) -> list[nn.Parameter]:
        """Learn from one text, on a CPU, from now on. Return the weights that learn from whitened inputs: W and U.

        threads: which members of an ensemble share.
        """
        self.threads = threads
        self.whitenings = Whitening(self.rnn.input_size), Whitening(self.rnn.hidden_size)
        return [self.rnn.get_parameter("weight_ih_l0"), self.rnn.get_parameter("weight_hh_l0")]

    def step(self, x: Tensor, carried: Carried) -> Carried:
        return torch.lstm_cell(x, carried, *_weights(self.rnn))

    def forward(self, x: Tensor, carried: Carried) -> Read:
        if x.shape[1] == 1:  # the kernel for sequences packs all weights anew each call: 10 x slower for one step
            carried = self.step(x[:, 0], carried)
            return carried[0].unsqueeze(1), carried
        if self._learns_alone(x):
            return self.forward_all([self], [x], [carried])[0]
        if torch.is_grad_enabled() and x.device.type == "cpu" and _is_in_bfloat16():
            from charrnn.model.many_lanes import LanesLSTM, fits  # loads LLVM

            if fits(len(x), self.rnn.hidden_size):
                w, u, b, c = _weights(self.rnn)
                hidden, memory = LanesLSTM.apply(x.transpose(0, 1), *carried, w, u, b + c)  # type: ignore[no-untyped-call]
                return hidden.transpose(0, 1), (hidden[-1], memory)
        hidden, (last, memory) = self.rnn(x, (carried[0].unsqueeze(0), carried[1].unsqueeze(0)))
        return hidden, (last.squeeze(0), memory.squeeze(0))

    @classmethod
    def forward_all(cls, cells: Sequence[Self], x: Sequence[Tensor], carried: Sequence[Carried]) -> list[Read]:
        """Cells that learn alone are read at the same time."""
        if not (len(x[0][0]) > 1 and cells[0]._learns_alone(x[0])):
            return super().forward_all(cells, x, carried)
        from charrnn.model.one_lane import UnrolledLSTM  # loads LLVM

        read = []
        for cell, mine in zip(cells, x, strict=True):
            w, u, b, c = _weights(cell.rnn)
            read += [mine[0], w, u, b + c]
        first, whitenings = [(m[0], c[0]) for m, c in carried], [cell.whitenings for cell in cells]
        found = UnrolledLSTM.apply(cells[0].threads, first, whitenings, *read)  # type: ignore[no-untyped-call]
        both = zip(found[: len(cells)], found[len(cells) :], strict=True)
        return [(hidden[None], (hidden[-1:], memory[-1:])) for hidden, memory in both]

    def _learns_alone(self, x: Tensor) -> bool:
        return self.whitenings is not None and len(x) == 1 and torch.is_grad_enabled() and not x.is_cuda

    def second_memory(self, x: Tensor, memories: Tensor, memory: Tensor) -> Tensor:
        """The gates of all instants are one product; only c_t is found instant by instant."""
        w, u, b, c = _weights(self.rnn)
        gates = nn.functional.linear(x, w, b) + nn.functional.linear(memories, u, c)
        write, keep, new, _ = gates.chunk(4, dim=-1)
        written, kept = write.sigmoid() * new.tanh(), keep.sigmoid()
        found = []
        for instant in range(x.shape[1]):
            memory = kept[:, instant] * memory + written[:, instant]
            found.append(memory)
        return torch.stack(found, dim=1)


def _is_in_bfloat16() -> bool:
    """Return whether products on the CPU are in bfloat16."""
    return torch.is_autocast_enabled("cpu") and torch.get_autocast_dtype("cpu") == torch.bfloat16


def _weights(rnn: nn.RNNBase) -> tuple[Tensor, ...]:
    """Return the weights of input and memory, then their biases."""
    return tuple(weight for _, weight in rnn.named_parameters())


def _init_gates(rnn: nn.RNNBase, hidden: int, input_gain: float | None) -> None:
    """Set Xavier input weights and orthogonal recurrent weights, gate by gate, and biases of zero."""
    if input_gain is None:
        return
    for name, parameter in rnn.named_parameters():
        if "bias" in name:
            nn.init.zeros_(parameter)
        else:
            orthogonal = "weight_hh" in name
            init = nn.init.orthogonal_ if orthogonal else functools.partial(nn.init.xavier_uniform_, gain=input_gain)
            for gate in parameter.data.chunk(len(parameter) // hidden):
                init(gate)


@dataclass(frozen=True)
class Cell:
    """What charrnn knows of a kind of cell. Its name is the key in CELLS, its label stands in `config.CELL_LABELS`."""

    layer: type[RecurrentCell]
    gates: int  # products W x + U M of one instant
    peak: float  # learning rate at the peak of the schedule, before `training.plan.peak` scales it
    carries: int = 1  # tensors: the hidden vector, then a second memory c
    fused_on_gpu: bool = False  # whether cuDNN runs it, which decides its number formats


CELLS = {
    "elman": Cell(Elman, gates=1, peak=2e-3),
    "gru": Cell(GRU, gates=3, peak=4e-3, fused_on_gpu=True),
    "lstm": Cell(LSTM, gates=4, peak=5e-3, carries=2, fused_on_gpu=True),
}
