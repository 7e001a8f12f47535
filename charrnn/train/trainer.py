"""Trainer: one step of truncated back-propagation through time, again and again."""

import contextlib
from itertools import repeat
from typing import Any

import torch
from torch import Tensor, nn

from charrnn.config import TrainConfig
from charrnn.counts import Expectation
from charrnn.model import CharRNN, RecurrentState
from charrnn.stream import TextStream, Window
from charrnn.train.foresight import Foresight


class Trainer:
    """Owns what changes while training: weights, optimizer, carried state and the count of steps.

    It only steps; the caller decides on the learning rate, prints, evaluates, saves and stops.
    """

    def __init__(
        self,
        model: CharRNN,
        stream: TextStream,
        config: TrainConfig,
        bf16: bool = False,
        foresight: Foresight | None = None,
    ) -> None:
        """foresight: of a model with counts, so that it does not learn to trust what it has counted itself."""
        self.foresight = foresight
        self.model = model
        self.stream = stream
        self.config = config
        self.bf16 = bf16
        self.steps = 0
        self.state: RecurrentState | None = None
        self.optimizer = torch.optim.AdamW(
            model.parameters(), lr=0.0, betas=(0.9, 0.99), weight_decay=config.weight_decay, fused=True
        )

    def step(self, lr: float) -> Tensor:
        """One update from the next window. Gives its mean loss in nats per token, detached: ()."""
        window = self.stream.window(self.steps)
        with self.autocast():
            logits, state = self._forward(window)
        targets = window.targets.to(self.model.device)
        loss = nn.functional.cross_entropy(logits.float().flatten(0, 1), targets.flatten())
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.model.parameters(), self.config.clip)
        for group in self.optimizer.param_groups:
            group["lr"] = lr
        self.optimizer.step()
        self.state = state.detach()
        self.steps += 1
        return loss.detach()

    def _forward(self, window: Window) -> tuple[Tensor, RecurrentState]:
        """The logits (b, t, v) of a window and the state after it; where a lane starts anew, its state does."""
        device, logits = self.model.device, []
        fresh = self.model.initial_state(self.stream.batch)
        state = fresh if self.state is None else self.state
        expectations = repeat(None) if self.foresight is None else self.foresight.take(self.steps)
        for piece, expectation in zip(window.pieces(), expectations, strict=False):
            if piece.fresh:
                anew = torch.zeros(self.stream.batch, dtype=torch.bool, device=device)
                anew[list(piece.fresh)] = True
                state = state.renewed(anew, fresh)
            if expectation is not None:
                expectation = Expectation(*(tensor.to(device) for tensor in expectation))
            read, state = self.model(piece.inputs.to(device), state, expectation)
            logits.append(read)
        if self.foresight is not None:
            self.model.counts = self.foresight.counts
        return logits[0] if len(logits) == 1 else torch.cat(logits, dim=1), state

    def autocast(self) -> contextlib.AbstractContextManager[Any]:
        """Products in bfloat16 if asked for; weights, sums and the carried state stay f32."""
        return torch.autocast(self.model.device.type, torch.bfloat16, enabled=self.bf16)

    def tensors(self) -> dict[str, Tensor]:
        """All that a bit-exact continuation needs, apart from the count of steps."""
        flat = {f"model.{name}": weight for name, weight in self.model.weights().items()}
        for index, values in self.optimizer.state_dict()["state"].items():
            flat |= {f"optimizer.{index}.{name}": value for name, value in values.items()}
        if self.state is not None:
            flat |= {f"state.{name}": tensor for name, tensor in self.state.tensors().items()}
        flat["rng.cpu"] = torch.get_rng_state()
        if self.model.device.type == "cuda":
            flat["rng.cuda"] = torch.cuda.get_rng_state(self.model.device)
        return {name: tensor.detach().cpu().clone() for name, tensor in flat.items()}

    def restore(self, tensors: dict[str, Tensor], steps: int) -> None:
        """Go on from what `tensors` gave after `steps` steps."""
        self.model.load_weights(_under("model.", tensors))
        optimizer = self.optimizer.state_dict()
        for name, value in _under("optimizer.", tensors).items():
            index, key = name.split(".")
            optimizer["state"].setdefault(int(index), {})[key] = value
        self.optimizer.load_state_dict(optimizer)
        carried = _under("state.", tensors)
        self.state = RecurrentState.from_tensors(carried).to(self.model.device) if carried else None
        self.steps = steps
        if self.foresight is not None:
            assert self.model.counts is not None
            self.foresight.skip_to(steps, self.model.counts)
        torch.set_rng_state(tensors["rng.cpu"])
        if "rng.cuda" in tensors and self.model.device.type == "cuda":
            torch.cuda.set_rng_state(tensors["rng.cuda"], self.model.device)


def _under(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
