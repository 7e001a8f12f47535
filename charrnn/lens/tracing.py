"""Trace: what a model carries and predicts at each character of a text."""

import math
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from charrnn.config.in_notebook import Displayed
from charrnn.corpus import clean
from charrnn.data.allowed_tokens import AllowedTokens
from charrnn.data.tokenizer import CharTokenizer
from charrnn.model import CharRNN, RecurrentState
from charrnn.model.cells import CELLS

WINDOW = 1024  # tokens that are read at once
CANDIDATES = 8  # tokens kept for each character
IN_MEMORY = 2**28  # bytes; larger arrays are kept in a file

Halves = NDArray[np.float16]


class Candidates(NamedTuple):
    """The likeliest tokens before each character: ids and probabilities, (t, CANDIDATES) each."""

    tokens: NDArray[np.int32]
    chances: NDArray[np.float32]


@dataclass(frozen=True, repr=False)
class Trace(Displayed):
    """What a network of l layers of h units carries and predicts at each of the t characters of `text`.

    X_t is text[t]; H_t is hidden[t], the hidden layer after reading it; M_t is memory[t], the memory that it was read
    with; surprisal, entropy and candidates, in bits, are those of S_{t-1}, which predicted it. A character that is
    spelled by several tokens has the sum of their bits, the state after the last, and the candidates of the first.
    """

    model: str
    text: str
    hidden: Halves  # (t, l, h)
    cell: Halves  # (t, l, h): the second memory, as an LSTM has it; (t, l, 0) for other cells
    first: Halves  # (l, h): M of the first character
    first_cell: Halves  # (l, h): the second memory with it; (l, 0) for cells without
    surprisal: NDArray[np.float32]  # (t,)
    entropy: NDArray[np.float32]  # (t,)
    candidates: Candidates
    unknown: NDArray[np.bool_]  # (t,): characters that the vocabulary lacks
    state: RecurrentState  # after the text
    tokenizer: CharTokenizer  # the model's, which names the candidates

    def __repr__(self) -> str:
        size = " × ".join(map(str, self.hidden.shape))
        return f"Trace({self.model}: {self.bits_per_character:.4f} bits per character, hidden {size})"

    @property
    def memory(self) -> Halves:
        """M_t = H_{t-1}, (t, l, h)."""
        return np.concatenate([self.first[None], self.hidden[:-1]])

    @property
    def bits_per_character(self) -> float:
        return float(self.surprisal.mean(dtype=np.float64))

    def hardest(self, count: int = 20) -> NDArray[np.int64]:
        """Return the places of the greatest surprisals, the greatest first."""
        return np.argsort(-self.surprisal, kind="stable")[:count]


@torch.no_grad()
def trace(model: CharRNN, tokenizer: CharTokenizer, text: str, state: RecurrentState | None = None) -> Trace:
    """Trace `text` (NFC) from `state`, by default from a newline as `charrnn.score` does.

    Long traces are kept in a temporary file, so that memory is bounded. Raises UserError for a lone surrogate.
    """
    text = clean(text)
    if state is None:
        _, state = model(torch.tensor([tokenizer.encode("\n")], device=model.device), model.initial_state())
    ids = torch.from_numpy(tokenizer.encode_array(text)).long().to(model.device)
    starts = AllowedTokens(tokenizer).starts_character(ids).cpu().numpy()
    number = np.cumsum(starts) - 1  # of the character to which a token belongs
    shape = (len(text), model.config.layers, model.config.hidden_size)
    hidden, cell = _room(shape), _room(shape if CELLS[model.config.cell].carries > 1 else (*shape[:2], 0))
    surprisal, entropy = np.zeros(len(text), np.float32), np.zeros(len(text), np.float32)
    found = Candidates(np.zeros((len(text), CANDIDATES), np.int32), np.zeros((len(text), CANDIDATES), np.float32))
    first, *second = (
        np.stack([part[0].cpu().numpy() for part in parts]).astype(np.float16)
        for parts in zip(*state.layers, strict=True)
    )
    first_cell = second[0] if second else first[:, :0]
    for window in _windows(model, tokenizer, ids, state):
        place = number[window.start : window.stop]
        np.add.at(surprisal, place, window.bits)
        opens = starts[window.start : window.stop]
        entropy[place[opens]] = window.entropy[opens]
        for kept, new in zip(found, window.candidates, strict=True):
            kept[place[opens], : new.shape[1]] = new[opens]
        hidden[place], cell[place] = (
            window.hidden,
            window.cell,
        )  # a character's last token stays
        state = window.state
    known = set(tokenizer.characters)
    unknown = np.array([character not in known for character in text], dtype=bool)
    return Trace(
        model.name, text, hidden, cell, first, first_cell, surprisal, entropy, found, unknown, state, tokenizer
    )


def extended(model: CharRNN, tokenizer: CharTokenizer, found: Trace, text: str) -> Trace:
    """Return the trace of `text`, reading only what comes after the text of `found`; of another text, all of it.

    found: a trace by the same model, made without `state`.
    """
    text = clean(text)
    rest = text[len(found.text) :]
    if not text.startswith(found.text) or clean(rest) != rest:
        return trace(model, tokenizer, text)
    return joined(found, trace(model, tokenizer, rest, found.state))


def joined(found: Trace, rest: Trace) -> Trace:
    """Return one trace of a text and of what came after it."""
    both = [(name, getattr(found, name), getattr(rest, name)) for name in ("surprisal", "entropy", "unknown")]
    return replace(
        found,
        text=found.text + rest.text,
        hidden=_one_after_another(found.hidden, rest.hidden),
        cell=_one_after_another(found.cell, rest.cell),
        candidates=Candidates(
            np.concatenate([found.candidates.tokens, rest.candidates.tokens]),
            np.concatenate([found.candidates.chances, rest.candidates.chances]),
        ),
        state=rest.state,
        **{name: np.concatenate([one, other]) for name, one, other in both},  # type: ignore[arg-type]
    )


def _one_after_another(first: Halves, second: Halves) -> Halves:
    both = _room((len(first) + len(second), *first.shape[1:]))
    both[: len(first)], both[len(first) :] = first, second
    return both


class _Window(NamedTuple):
    start: int
    stop: int
    bits: NDArray[np.float32]  # of each token, (n,)
    entropy: NDArray[np.float32]
    candidates: Candidates
    hidden: Halves  # (n, l, h)
    cell: Halves
    state: RecurrentState


def _windows(model: CharRNN, tokenizer: CharTokenizer, ids: Tensor, state: RecurrentState) -> Iterator[_Window]:
    legal, predicted = AllowedTokens(tokenizer), model.predict(state)
    for start in range(0, len(ids), WINDOW):
        tokens = ids[None, start : start + WINDOW]
        read, before = model.unroll(tokens, state), state
        state = read.state
        logits = model.logits(read)
        # Each token was predicted by the logits after the token before it.
        shifted = torch.cat([predicted[:, None], logits[:, :-1]], dim=1)
        recent, told = before.recent[:, :-1], torch.cat([before.recent[:, -1:], tokens[:, :-1]], dim=1)
        chances = legal.constrain(shifted.float(), recent, told)[0].log_softmax(dim=-1)
        predicted = logits[:, -1]
        likeliest = chances.topk(min(CANDIDATES, chances.shape[-1]))
        entropy = -(chances.exp() * chances.clamp(min=-1e4)).sum(dim=-1)
        yield _Window(
            start, start + tokens.shape[1],
            (-chances.gather(1, tokens[0, :, None])[:, 0] / math.log(2)).cpu().numpy(),
            (entropy / math.log(2)).cpu().numpy(),
            Candidates(likeliest.indices.cpu().numpy().astype(np.int32), likeliest.values.exp().cpu().numpy()),
            _stacked(read.hidden), _stacked(_cells(model, read.inputs, read.hidden, before)), state,
        )  # fmt: skip


def _stacked(layers: tuple[Tensor, ...]) -> Halves:
    """Return l tensors (1, n, h) as one array (n, l, h)."""
    return torch.stack([layer[0] for layer in layers], dim=1).cpu().numpy().astype(np.float16)


def _cells(
    model: CharRNN, inputs: tuple[Tensor, ...], hidden: tuple[Tensor, ...], before: RecurrentState
) -> tuple[Tensor, ...]:
    """Return c_t of each layer (1, n, h); (1, n, 0) if the cell has no second memory."""
    if CELLS[model.config.cell].carries == 1:
        return tuple(layer[..., :0] for layer in hidden)
    found = []
    for layer, x, h, (memory, cell) in zip(model.layers, inputs, hidden, before.layers, strict=True):
        found.append(layer.second_memory(x, torch.cat([memory[:, None], h[:, :-1]], dim=1), cell))
    return tuple(found)


def _room(shape: tuple[int, ...]) -> Halves:
    """Return zeros, in a temporary file if there are many."""
    size = 2 * math.prod(shape)
    if size <= IN_MEMORY:
        return np.zeros(shape, dtype=np.float16)
    with tempfile.NamedTemporaryFile(prefix="charrnn-trace-", suffix=".npy", delete=False) as file:
        path = Path(file.name)
    room = np.memmap(path, dtype=np.float16, mode="w+", shape=shape)
    path.unlink()  # the file exists as long as it is mapped
    return room
