"""Static scores by the model itself, many tokens at once. Loads torch."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import torch
from torch import Tensor, nn

from charrnn.corpus import clean
from charrnn.data.allowed_tokens import AllowedTokens
from charrnn.data.tokenizer import CharTokenizer
from charrnn.errors import UserError
from charrnn.model import CharRNN, RecurrentState, Unrolled
from charrnn.model.threads import ThreadTuner
from charrnn.scoring.bits import Progress, Score, score_of

WINDOW = 4096  # tokens per forward, over all lanes: enough to be fast, small enough to stay in the cache


def score(
    model: CharRNN, tokenizer: CharTokenizer, text: str, *, adapt: bool = False, progress: Progress | None = None
) -> Score:
    """Score the whole of `text`, cleaned as every file is, after the newline of the empty prompt.

    adapt: whether a copy of the model learns while it reads, see `charrnn.scoring.adaptive`; progress: is told the
    share of the text that has been read. Raises UserError if `text` is empty.
    """
    text = clean(text)
    if not text:
        raise UserError("no-text-to-score")
    ids = torch.from_numpy(tokenizer.encode_array(text)).long()
    if adapt:
        from charrnn.scoring.adaptive import adaptive_bits

        bits = adaptive_bits(model, tokenizer, ids, progress)
    else:
        with ThreadTuner() as tuner:
            bits, _ = held_out_bits(model, tokenizer, ids, tuner=tuner, progress=progress)
    return score_of(bits, model.name, tokenizer, text, is_adaptive=adapt)


@contextmanager
def evaluating(model: CharRNN) -> Iterator[CharRNN]:
    """A context without dropout; when it ends, the training mode is restored."""
    was_training = model.training
    model.eval()
    try:
        yield model
    finally:
        model.train(was_training)


class HeldOutWindow(NamedTuple):
    """What a model computes for one window of a held-out text."""

    recent: Tensor  # of the state before it
    inputs: Tensor  # (b, t)
    targets: Tensor  # (b, t): the tokens that follow them
    read: Unrolled


def held_out_windows(
    model: CharRNN,
    tokenizer: CharTokenizer,
    ids: Tensor,
    lanes: int = 1,
    context: int = 1,
    limit: int | None = None,
) -> Iterator[HeldOutWindow]:
    """Read `ids` (n,) with the state carried, without dropout; call it within `torch.inference_mode`.

    Args:
        lanes: strips into which the text is cut, to be read side by side: much faster, with nearly the same result, as
            each strip is read after the `context` tokens before it. Up to lanes − 1 tokens at the end are left out.
        limit: tokens that are read of each strip; default: all.
    """
    newlines = torch.tensor(tokenizer.encode("\n") * context, device=ids.device)
    padded = torch.cat([newlines, ids]).to(model.device)
    lane = len(ids) // lanes
    length = min(lane, limit or lane)
    starts = torch.arange(lanes, device=model.device)[:, None] * lane
    text = padded[starts + torch.arange(context + length, device=model.device)]

    with evaluating(model):
        state = model.initial_state(lanes)
        if context > 1:
            _, state = model(text[:, : context - 1], state)
        window = max(1, WINDOW // lanes)
        for start in range(context - 1, context - 1 + length, window):
            stop = min(start + window, context - 1 + length)
            inputs, recent = text[:, start:stop], state.recent
            read = model.unroll(inputs, state)
            state = read.state
            yield HeldOutWindow(recent, inputs, text[:, start + 1 : stop + 1], read)


@torch.inference_mode()
def held_out_bits(
    model: CharRNN,
    tokenizer: CharTokenizer,
    ids: Tensor,
    lanes: int = 1,
    context: int = 1,
    limit: int | None = None,
    tuner: ThreadTuner | None = None,
    progress: Progress | None = None,
) -> tuple[float, int]:
    """Return the bits that `ids` (n,) cost the model, and the number of characters in them.

    lanes, context, limit: see `held_out_windows`; tuner: adapts the number of threads meanwhile.
    """
    legal, characters, read = AllowedTokens(tokenizer), 0, 0
    nats = torch.zeros((), dtype=torch.float64, device=model.device)
    windows = held_out_windows(model, tokenizer, ids, lanes, context, limit)
    for window in tuner.timed(windows) if tuner else windows:
        logits = legal.constrain(model.logits(window.read).float(), window.recent, window.inputs)
        nats += nn.functional.cross_entropy(logits.flatten(0, 1), window.targets.flatten(), reduction="sum")
        characters += int(legal.starts_character(window.targets).sum())
        read += window.targets.numel()
        if progress is not None:
            progress(read / len(ids))
    return float(nats) / math.log(2), characters


@torch.no_grad()
def token_bits(
    model: CharRNN, tokenizer: CharTokenizer, ids: Tensor, state: RecurrentState
) -> tuple[Tensor, RecurrentState]:
    """Return the bits (b, t) that each of `ids` (b, t) costs after `state`, and the state after them."""
    legal, predicted, bits = AllowedTokens(tokenizer), model.predict(state), []
    window = max(1, WINDOW // len(ids))
    for start in range(0, ids.shape[1], window):
        tokens, recent = ids[:, start : start + window], state.recent
        logits, state = model(tokens, state)
        before = torch.cat([predicted[:, None], logits[:, :-1]], dim=1)  # what predicted each of them
        told = torch.cat([recent[:, -1:], tokens[:, :-1]], dim=1)
        chances = legal.constrain(before.float(), recent[:, :-1], told).log_softmax(dim=-1)
        bits.append(-chances.gather(2, tokens[..., None])[..., 0] / math.log(2))
        predicted = logits[:, -1]
    return torch.cat(bits, dim=1) if bits else ids.new_zeros(ids.shape, dtype=torch.float32), state
