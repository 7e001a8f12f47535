"""Which model to start from: `--from auto`.

A model that already knows Portuguese is worth more to most texts than what can be learned from them in minutes. It is
taken if the text is Portuguese and not so long that a network as wide as the time allows learns the language from it
(gains were measured up to a million characters: docs/benchmarks.md), and if, as it is, it predicts the text's held-out
part not much worse than what can be counted in the text itself: then learning will carry it further.
"""

from pathlib import Path
from typing import NamedTuple

import torch

from charrnn.corpus import baselines, fingerprints
from charrnn.corpus.language import foreign
from charrnn.data.dataset import SplitPart, TrainingText
from charrnn.scoring.evaluate import held_out_bits
from charrnn.storage import checkpoint, registry

LONGEST = 2_000_000  # characters of a text that starts from another model
SHARE = 0.5  # of a text that may be foreign
PROBED = 8_000  # characters of the held-out part that are predicted,
COUNTED = 400_000  # after counting so many of the training part
LANES, CONTEXT = 8, 64
READ = 0.1  # of the passages of either part of a text: then it is not new to the model
MARGIN = 0.15  # bits per character by which counting may be better: learning gains more, from that model, than that


class WarmStart(NamedTuple):
    """A model to start from, or None, and in a line why."""

    base: str | None
    why: str


def choose(text: TrainingText, name: str = registry.BASE) -> WarmStart:
    """Whether to start from the shipped model `name`."""
    if not registry.is_model(registry.SHIPPED / name):
        return WarmStart(None, "this copy of charrnn ships no model that knows Portuguese")
    if text.train.characters > LONGEST:
        return WarmStart(None, f"{text.train.characters:,} characters are enough to learn the language from your text")
    if line := already_read(text, registry.SHIPPED / name):
        return WarmStart(None, f"{line}: a score would tell nothing about a text that is new to it")
    valid, train = _beginning(text, text.valid, PROBED), _beginning(text, text.train, COUNTED)
    if sum(len(passage) for passage in foreign(valid)) > SHARE * len(valid):
        return WarmStart(None, f"your text is not Portuguese, which is all that {name} knows")
    model, tokenizer = checkpoint.load(registry.SHIPPED / name)
    ids = torch.from_numpy(tokenizer.encode_array(valid)).long()
    lanes = max(1, min(LANES, len(ids) // (4 * CONTEXT)))
    bits, characters = held_out_bits(model, tokenizer, ids, lanes, CONTEXT)
    known, counted = bits / characters, baselines.ngram(train, valid)
    bpc, counting = f"({known:.2f} bits per character)", f"counting in it would ({counted:.2f})"
    if known < counted:
        return WarmStart(name, f"it already predicts your text better {bpc} than {counting}")
    if known < counted + MARGIN:
        return WarmStart(name, f"it predicts your text about as well {bpc} as {counting}, and training improves it")
    return WarmStart(None, f"{name} predicts your text worse {bpc} than {counting}")


def already_read(text: TrainingText, directory: Path) -> str | None:
    """Says so if the model in `directory` has read a text before, or much of it.

    Then no score on its held-out part would tell what the model does with a text that is new to it; and counting the
    text once more would teach it to trust what was counted.
    """
    known = checkpoint.read_passages(directory)
    train, valid = (fingerprints.share(part.passages, known) or 0.0 for part in (text.train, text.valid))
    if max(train, valid) < READ:
        return None
    return f"{directory.name} has read {train:.0%} of the training part before, and {valid:.0%} of what is held out"


def _beginning(text: TrainingText, part: SplitPart, characters: int) -> str:
    return text.tokenizer.decode(part.ids[:characters].tolist())
