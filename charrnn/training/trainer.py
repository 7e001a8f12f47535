"""Trainer: truncated back-propagation through time (TBPTT), one window per step."""

import math
from collections.abc import Sequence
from itertools import repeat
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from charrnn.compiled.tile_sums import PAIRED
from charrnn.config import TrainConfig
from charrnn.data.stream import TextStream, Window
from charrnn.errors import UserError
from charrnn.model import CharRNN, RecurrentState
from charrnn.model.at_once import at_once, parts_of
from charrnn.model.network import MemberLogits
from charrnn.ngram.prediction import NgramPrediction
from charrnn.training.distilling import Taught, Teacher, soft_loss
from charrnn.training.distributed import ALONE, ProcessGroup
from charrnn.training.ngram_prefetch import NgramPrefetcher
from charrnn.training.optimizer import Optimizer, is_sound


class LearnedPart(NamedTuple):
    """Gradients, loss and state of some of the lanes of a window, after reading it."""

    gradients: Sequence[Tensor | None]  # of each parameter: their share of it
    nats: Tensor  # (): their share of the mean
    state: RecurrentState  # of these lanes, after the window


class Trainer:
    """Owns what changes during training: weights, optimizer, carried state and step count.

    The caller sets the learning rate, evaluates, saves and stops.
    """

    def __init__(
        self,
        model: CharRNN,
        stream: TextStream,
        config: TrainConfig,
        prefetcher: NgramPrefetcher | None = None,
        ranks: ProcessGroup = ALONE,
        *,
        bf16: bool = False,
        teacher: Teacher | None = None,
        own_share: float = 0.0,
    ) -> None:
        """prefetcher: the n-gram predictions, for a model with counts: each without the counts of the text it predicts.

        ranks: the processes that share the lanes. Each predicts all lanes, so that all agree on the counts' mixture.
        teacher: predicts the windows of `stream`, for the network to learn from.
        own_share: see `WindowLoss`.
        """
        self.ranks, self.rows = ranks, ranks.rows(stream.batch)
        self.prefetcher, self.teacher = prefetcher, teacher
        self.model = model
        self.stream = stream
        self.config = config
        self.bf16 = bf16
        self.steps = 0
        self.norm, self.skipped = 0.0, 0  # of the last gradient; steps in a row that were skipped
        self.state: RecurrentState | None = None  # of this rank's lanes
        self._loss = ranks.averaging(WindowLoss(model, own_share))
        self._parameters = list(model.parameters())
        self.optimizer = Optimizer(model, config.weight_decay)

    def step(self, lr: float) -> Tensor:
        """Update the weights from the next window. Return this rank's mean loss in nats per token, (), detached.

        A step whose gradient holds NaN or infinity is skipped: weights, optimizer and carried state stay as they were.
        """
        window, predictions = self.stream.window(self.steps).rows(self.rows), self._predictions()
        with self.autocast():
            taught = None if self.teacher is None else self.teacher.taught(self.steps)

        def learn(rows: slice) -> LearnedPart:
            mine = predictions and [NgramPrediction(*(tensor[rows] for tensor in piece)) for piece in predictions]
            before = self.state and self.state.map(lambda tensor: tensor[rows])
            told = taught and taught._replace(chances=taught.chances[rows])
            with self.autocast():
                loss, nats, after = self._loss(window.rows(rows), mine, before, told, self._noise(rows))
            share = len(window.inputs[rows]) / len(window.inputs)
            return LearnedPart(self._gradients(share * loss), share * nats.detach(), after.detach())

        learned = at_once(learn, self._parts(len(window.inputs)), torch.get_num_threads())
        of_parts = zip(*(part.gradients for part in learned), strict=True)
        for parameter, gradients in zip(self._parameters, of_parts, strict=True):
            parameter.grad = None if gradients[0] is None else sum(gradients[1:], gradients[0])
        self.norm = nn.utils.clip_grad_norm_(self._parameters, self.config.clip).item()  # the same in all ranks
        self.steps += 1
        if math.isfinite(self.norm):
            with self.autocast():
                self.optimizer.step(lr)
            self.state, self.skipped = RecurrentState.joined([part.state for part in learned]), 0
        else:
            self.skipped += 1
        return sum((part.nats for part in learned[1:]), learned[0].nats)

    def _parts(self, lanes: int) -> list[slice]:
        """Return the parts of this rank's lanes that are read at the same time: several where that is faster.

        It is for LSTMs in loops of our own, and for several members. PyTorch's threads share the products of one cell.
        """
        shape = self.model.config
        is_faster = shape.member_count > 1 or (shape.cell == "lstm" and self.bf16 and PAIRED)
        shared = is_faster and self.ranks.alone and self.model.device.type == "cpu"
        return parts_of(lanes) if shared else [slice(0, lanes)]

    def _noise(self, rows: slice) -> torch.Generator:
        """Return the source of the next step's dropout in some of this rank's lanes: a function of seed and step."""
        drawn = np.random.SeedSequence([self.config.seed, self.steps, self.rows.start + rows.start])
        return torch.Generator().manual_seed(int(drawn.generate_state(1, np.uint64)[0]) >> 1)

    def _gradients(self, loss: Tensor) -> Sequence[Tensor | None]:
        """Return the gradient of each parameter; it is the mean over all ranks."""
        if self.ranks.alone:
            return torch.autograd.grad(loss, self._parameters, allow_unused=True)
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # then DistributedDataParallel averages
        return [parameter.grad for parameter in self._parameters]

    def _predictions(self) -> list[NgramPrediction] | None:
        """Return the n-gram predictions for each piece of the next window, in this rank's lanes."""
        if self.prefetcher is None:
            return None
        pieces = self.prefetcher.take(self.steps)
        return [NgramPrediction(*(tensor[self.rows].to(self.model.device) for tensor in piece)) for piece in pieces]

    @property
    def trained(self) -> CharRNN:
        """The model as it is now, with the context mixer as it is now."""
        return self.model if self.prefetcher is None else self.model.with_counts(self.prefetcher.counts)

    def autocast(self) -> torch.autocast:
        """Return a context for matrix products in bfloat16, if so chosen; weights, sums and carried state stay f32."""
        return torch.autocast(self.model.device.type, torch.bfloat16, enabled=self.bf16)

    def tensors(self) -> dict[str, Tensor]:
        """Return all that a bit-exact continuation needs, of all ranks, apart from the step count."""
        flat = {f"model.{name}": weight for name, weight in self.trained.weights().items()}
        flat |= self.optimizer.tensors()
        if self.state is not None:
            flat |= {f"state.{name}": self.ranks.together(t) for name, t in self.state.tensors().items()}
        flat["rng.cpu"] = self.ranks.together(torch.get_rng_state()[None])
        if self.model.device.type == "cuda":
            flat["rng.cuda"] = self.ranks.together(torch.cuda.get_rng_state(self.model.device)[None])
        return {name: tensor.detach().cpu().clone() for name, tensor in flat.items()}

    def restore(self, tensors: dict[str, Tensor], steps: int) -> None:
        """Continue from what `tensors` returned after `steps` steps.

        Raises UserError if they are of an earlier version, or of another number of ranks.
        """
        if not {f"model.{name}" for name in self.model.weights()} <= tensors.keys() or _under("optimizer.", tensors):
            raise UserError("run-of-earlier-version", path="--resume")
        rng = tensors.get("rng.cpu", torch.zeros(0))
        is_drawn = rng.shape[1:] == torch.get_rng_state().shape and rng.dtype == torch.uint8
        if not (is_drawn and self._fits(tensors) and is_sound(tensors)):
            raise UserError("not-a-run-state", path="--resume")
        self.model.load_weights(_under("model.", tensors))
        self.optimizer.restore(tensors)
        carried = {name: tensor[self.rows] for name, tensor in _under("state.", tensors).items()}
        self.state = RecurrentState.from_tensors(carried).to(self.model.device) if carried else None
        self.steps = steps
        if self.prefetcher is not None:
            assert self.model.counts is not None
            self.prefetcher.skip_to(steps, self.model.counts)
        if len(rng) != self.ranks.count:
            raise UserError("other-process-count", expected=len(rng), found=self.ranks.count)
        try:
            torch.set_rng_state(rng[self.ranks.rank].clone())  # which overlooks where a view begins
        except RuntimeError:
            raise UserError("not-a-run-state", path="--resume") from None
        if "rng.cuda" in tensors and self.model.device.type == "cuda":
            torch.cuda.set_rng_state(tensors["rng.cuda"][self.ranks.rank].clone(), self.model.device)

    def _fits(self, tensors: dict[str, Tensor]) -> bool:
        """Return whether saved tensors have the shapes that this trainer would save: compiled loops do not check."""
        parts = [{f"model.{name}": weight for name, weight in self.model.weights().items()}, *self.optimizer.forms()]
        parts.append({f"state.{name}": t for name, t in self.model.initial_state(self.stream.batch).tensors().items()})
        forms = [{name: (t.shape, t.dtype) for name, t in part.items()} for part in parts]
        found = {name: (t.shape, t.dtype) for name, t in tensors.items() if name.split(".")[0] not in ("rng", "loss")}
        present = [form for form in forms if form.keys() & found.keys()]
        return found == {name: form for part in present for name, form in part.items()}


def _under(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}


class WindowLoss(nn.Module):
    """The loss of a window, as one module: DistributedDataParallel averages the gradients of what passes through it."""

    def __init__(self, model: CharRNN, own_share: float = 0.0) -> None:
        """own_share: of the network's own prediction in the loss, beside the one that is joined to the counts'."""
        super().__init__()
        self.model = model
        self.own_share = own_share

    def forward(
        self,
        window: Window,
        predictions: Sequence[NgramPrediction] | None,
        state: RecurrentState | None,
        taught: Taught | None = None,
        noise: torch.Generator | None = None,
    ) -> tuple[Tensor, Tensor, RecurrentState]:
        """Return the loss, the mean nats per token, both (), over all members, and the state after the window.

        taught: a teacher's predictions of the targets, which are part of the loss.
        noise: of the dropout, on a CPU.
        """
        logits, after = self.read(window, predictions, state, noise)
        targets = window.targets.to(self.model.device)
        nats = loss = self._nats(logits.joined, targets)
        if taught is not None:
            loss = loss + taught.weight * (soft_loss(logits.joined.float(), taught.chances) - loss)
        if self.own_share:
            loss = loss + self.own_share * (self._nats(logits.own, targets) - loss)
        return loss, nats, after

    def read(
        self,
        window: Window,
        predictions: Sequence[NgramPrediction] | None,
        state: RecurrentState | None,
        noise: torch.Generator | None = None,
    ) -> tuple[MemberLogits, RecurrentState]:
        """Return the symbols' logits (n, b, t, s) of each member for a window, and the state after it.

        Where a lane starts anew, its state is empty.
        """
        device, found = self.model.device, []
        fresh = self.model.initial_state(len(window.inputs))
        state = state or fresh
        for piece, prediction in zip(window.pieces(), predictions or repeat(None), strict=False):
            if piece.fresh:
                anew = torch.zeros(len(window.inputs), dtype=torch.bool, device=device)
                anew[list(piece.fresh)] = True
                state = state.renewed(anew, fresh)
            read = self.model.unroll(piece.inputs.to(device), state, prediction, noise)
            found.append(self.model.member_logits(read))
            state = read.state
        if len(found) == 1:
            return found[0], state
        return MemberLogits(*(torch.cat(logits, dim=2) for logits in zip(*found, strict=True))), state

    def _nats(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Return the mean nats, (), of tokens (b, t) by the logits (n, b, t, s) of symbols.

        A byte costs what the escape costs, and its share of the escape: three times as fast as logits of all tokens.
        """
        escape = logits.shape[-1] - 1
        symbols = targets.clamp(max=escape).expand(logits.shape[:-1])
        nats = nn.functional.cross_entropy(logits.float().flatten(0, -2), symbols.flatten())
        spelled = self.model.spelling.log_softmax(dim=-1)[targets[targets >= escape] - escape]
        return nats - spelled.sum() / targets.numel()
