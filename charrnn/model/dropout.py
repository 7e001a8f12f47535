"""Dropout whose masks cost little."""

import torch
from torch import Tensor, nn

STEPS = 256  # that a random byte tells apart


class Dropout(nn.Module):
    """While training, a share of all numbers becomes zero, and the others so much larger that the mean stays.

    (Srivastava et al., "Dropout", 2014.) On a CPU the mask is made of random bytes, eight from each draw: PyTorch's own
    draws a number for each, a tenth of the time of a whole training step. The share is then one of whole 256ths.
    """

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.share == 0:
            return x
        if x.is_cuda:
            return nn.functional.dropout(x, self.share)
        dropped = round(STEPS * self.share)
        drawn = torch.empty(-(-x.numel() // 8), dtype=torch.int64).random_(-(2**63), None)
        kept = drawn.view(torch.uint8)[: x.numel()].view(x.shape) >= dropped
        return x * kept.to(x.dtype).mul_(STEPS / (STEPS - dropped))
