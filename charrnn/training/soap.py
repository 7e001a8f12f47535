"""SOAP: Adam in another basis, for the weight matrices of recurrent layers.

AdamW gives each weight a step of its own, though the inputs of a layer go up and down together. SOAP finds the
directions in which the gradient varies independently, and gives each of these a step of its own instead (Vyas et al.,
"SOAP: Improving and stabilizing Shampoo using Adam", ICLR 2025). Here on the inputs' side only, which takes a tenth to
a fifth of the time of a training step; the other side gained nothing and takes as long again.
"""

from collections.abc import Iterable

import torch
from torch import Tensor, nn

MOMENTUM = 0.95  # μ, with Nesterov's look ahead
AVERAGE = 0.99  # β
FRESH = 10  # steps between two bases; the first steps have more, as the mean still changes fast
EARLY = (1, 2, 4, 8)
SIZE = 0.2  # root mean square of a step, × the learning rate: about what AdamW's steps have
LEAST = 1e-12  # instead of zero, by which nothing can be divided


class Soap(torch.optim.Optimizer):
    """Update matrices W (o, i), whose inputs have i dimensions, by their gradients G.

        R = β R + (1 − β) Gᵀ G          Q: its eigenvectors (i, i), computed anew in every FRESH-th step
        M = μ M + (1 − μ) G Q           turned into the new basis when Q is new
        V = β V + (1 − β) (G Q)²        of each weight
        O = (μ M + (1 − μ) G Q) / √V · Qᵀ
        W = W − λ (d W + 0.2 O / rms(O))

    λ: the learning rate, of each parameter group; d: the weight decay.
    """

    def __init__(self, matrices: Iterable[nn.Parameter], weight_decay: float) -> None:
        super().__init__(matrices, {"lr": 0.0, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """Update each matrix that has a gradient. Under autocast its products are in bfloat16."""
        for group in self.param_groups:
            for matrix in group["params"]:
                if matrix.grad is not None:
                    step = self._step(matrix.grad, self.state[matrix])
                    matrix.mul_(1 - group["lr"] * group["weight_decay"]).add_(step, alpha=-group["lr"])

    def _step(self, gradient: Tensor, state: dict[str, Tensor]) -> Tensor:
        """Return 0.2 O / rms(O), and bring `state` up to date."""
        if not state:
            state.update(empty(gradient))
        state["step"] += 1
        state["gram"].lerp_((gradient.T @ gradient).float(), 1 - AVERAGE)
        if (number := int(state["step"])) % FRESH == 0 or number in EARLY:
            basis = torch.linalg.eigh(state["gram"]).eigenvectors.contiguous()  # as it is saved
            state["mean"] = (state["mean"] @ (state["basis"].T @ basis)).float()
            state["basis"] = basis
        turned = (gradient @ state["basis"]).float()
        state["mean"].lerp_(turned, 1 - MOMENTUM)
        state["square"].lerp_(turned.square(), 1 - AVERAGE)
        root = (state["square"] / (1 - AVERAGE**number)).sqrt() + LEAST
        step = (turned.lerp(state["mean"], MOMENTUM) / root @ state["basis"].T).float()
        return step * (SIZE / (step.square().mean().sqrt() + LEAST))


def empty(matrix: Tensor) -> dict[str, Tensor]:
    """Return the state of a matrix (o, i) before its first step."""
    square = matrix.new_zeros(matrix.shape[1], matrix.shape[1])
    return {
        "step": torch.zeros(()), "mean": torch.zeros_like(matrix), "square": torch.zeros_like(matrix),
        "gram": square, "basis": square.clone(),
    }  # fmt: skip
