"""How far back the memory reaches, measured by emptying it and by gradients."""

import math
import threading
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from charrnn.corpus import clean
from charrnn.data.allowed_tokens import AllowedTokens
from charrnn.data.tokenizer import CharTokenizer
from charrnn.errors import UserError
from charrnn.model import CharRNN, RecurrentState
from charrnn.scoring.evaluate import token_bits

DISTANCES = tuple(2**power for power in range(13))  # 1 … 4,096 characters
SPENT = 2**14  # tokens predicted for each distance, if the text is long enough
BACK = 128  # characters back that influence is followed
AVERAGED = 16  # predictions over which it is averaged
BAND = 1.96  # standard errors on both sides of a mean: 95 %


@dataclass(frozen=True)
class Reach:
    """Bits per token for each distance d: d to 2d − 1 tokens were read since the memory was empty."""

    distances: tuple[int, ...]
    bits: tuple[float, ...]
    band: tuple[float, ...]  # the mean is within bits ± band (95 %)
    tokens: tuple[int, ...]  # predicted


@torch.no_grad()
def reach(
    model: CharRNN, tokenizer: CharTokenizer, text: str, distances: tuple[int, ...] = DISTANCES, spent: int = SPENT
) -> Reach:
    """Measure what a text costs a model that remembers only the last characters.

    The text is cut into pieces, each read from an empty memory; the score leaves out the first d tokens of each.
    Distances for which the text is too short are left out. Raises UserError if it is too short for any.
    """
    ids = torch.from_numpy(tokenizer.encode_array(clean(text))).long().to(model.device)
    begins = AllowedTokens(tokenizer).starts_character(ids).nonzero()[:, 0]  # no piece begins within a character
    rows = []
    for distance in distances:
        pieces = min(len(ids) // (2 * distance), max(2, spent // distance))
        if pieces < 2:
            break
        # Spread over the whole text, so that all distances are measured on similar places.
        places = torch.linspace(0, len(ids) - 2 * distance, pieces).long().to(model.device)
        starts = begins[torch.searchsorted(begins, places, right=True) - 1]
        costs = _costs(model, tokenizer, ids, starts, distance)
        means = costs.mean(dim=1).double()  # characters of one piece are not independent, pieces nearly are
        error = means.std(correction=1).item() / math.sqrt(pieces)
        rows.append((distance, means.mean().item(), BAND * error, costs.numel()))
    if not rows:
        raise UserError("text-too-short", least=4 * distances[0], found=len(text))
    return Reach(*zip(*rows, strict=True))


def _costs(model: CharRNN, tokenizer: CharTokenizer, ids: Tensor, starts: Tensor, distance: int) -> Tensor:
    """Return the bits (b, d) of the tokens d + 1 to 2d of the pieces that begin at `starts` (b,)."""
    tokens = torch.stack([ids[start : start + 2 * distance] for start in starts.tolist()])
    _, state = model(tokens[:, :distance], model.initial_state(len(starts)))
    bits, _ = token_bits(model, tokenizer, tokens[:, distance:], state)
    return bits


def connectivity(
    model: CharRNN, tokenizer: CharTokenizer, text: str, state: RecurrentState | None = None
) -> NDArray[np.float32]:
    """Return how much each token of `text` matters to the prediction of the last one: (t − 1,), nearest last.

    That is the norm of the gradient of log p(last token) by the embedding of each token before it, through the
    recurrent memory only: what counts expect (`Fusion`) is held fixed. state: before the text; by default after a
    newline.
    """
    ids = torch.from_numpy(tokenizer.encode_array(clean(text))).long().to(model.device)
    if len(ids) < 2:
        raise UserError("text-too-short", least=2, found=len(ids))
    lengths: NDArray[np.float32] = _gradients(model, tokenizer, ids[None], state or _after_newline(model, tokenizer))[0]
    return lengths


def _gradients(model: CharRNN, tokenizer: CharTokenizer, ids: Tensor, state: RecurrentState) -> NDArray[np.float32]:
    """Return the `connectivity` (b, t − 1) of each row of ids (b, t) after its state."""
    with _Embedded(model) as embedded, torch.enable_grad():
        logits, after = model(ids[:, :-1], state)
        chances = AllowedTokens(tokenizer).constrain(logits[:, -1].float(), after.recent).log_softmax(dim=-1)
        # No row depends on another, so the sum's gradient has each row's own.
        (gradients,) = torch.autograd.grad(chances.gather(1, ids[:, -1:]).sum(), embedded.vectors)
    lengths: NDArray[np.float32] = gradients.norm(dim=-1).cpu().numpy()
    return lengths


@torch.no_grad()
def _after_newline(model: CharRNN, tokenizer: CharTokenizer, batch: int = 1) -> RecurrentState:
    """Return the states in which texts begin."""
    newline = torch.tensor([tokenizer.encode("\n")], device=model.device)
    state: RecurrentState
    _, state = model(newline.expand(batch, -1), model.initial_state(batch))
    return state


def influence(
    model: CharRNN, tokenizer: CharTokenizer, text: str, back: int = BACK, places: int = AVERAGED
) -> NDArray[np.float64]:
    """Return how much a token d back matters to a prediction, as a share of `back` tokens: (back,), nearest first.

    That is the mean, over `places` of the text, of the gradients' norms (`connectivity`) divided by their sum. Raises
    UserError if the text is not longer than `back`.
    """
    text = clean(text)
    if len(text) <= back:
        raise UserError("text-too-short", least=back + 1, found=len(text))
    stops = np.linspace(back + 1, len(text), places).astype(int).tolist()
    ids = [tokenizer.encode_array(text[stop - back - 1 : stop]) for stop in stops]
    shares = []
    for length in {len(each) for each in ids}:  # they differ where a character is spelled by several tokens
        rows = torch.from_numpy(np.stack([each for each in ids if len(each) == length])).long().to(model.device)
        lengths = _gradients(model, tokenizer, rows, _after_newline(model, tokenizer, len(rows)))[:, -back:]
        shares.append(lengths[:, ::-1].astype(np.float64) / np.maximum(lengths.sum(axis=1, keepdims=True), 1e-30))
    mean: NDArray[np.float64] = np.concatenate(shares).mean(axis=0)
    return mean


class _Embedded:
    """A context in which a model's embeddings, in this thread, are leaves of the graph, and are kept as `vectors`.

    Other threads may use the model meanwhile; their embeddings are left alone.
    """

    def __init__(self, model: CharRNN) -> None:
        self._thread = threading.get_ident()
        self._hook = model.embedding.register_forward_hook(self._keep)

    def _keep(self, module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:
        if threading.get_ident() != self._thread:
            return output
        self.vectors = output.detach().requires_grad_()
        return self.vectors

    def __enter__(self) -> "_Embedded":
        return self

    def __exit__(self, *error: object) -> None:
        self._hook.remove()
