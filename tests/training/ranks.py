"""What `test_distributed.py` has two processes do: torchrun --nproc-per-node 2 tests/training/ranks.py FOLDER."""

import sys
from itertools import islice
from pathlib import Path

import torch
from support import QUATRAINS, quick

from charrnn.config import ModelConfig
from charrnn.data.stream import Paragraphs, TextStream
from charrnn.data.tokenizer import CharTokenizer
from charrnn.model import CharRNN
from charrnn.ngram.contexts import ContextHasher
from charrnn.ngram.model import CountOptions, NgramModel
from charrnn.training.distributed import ProcessGroup
from charrnn.training.ngram_prefetch import NgramPrefetcher, block_length
from charrnn.training.run import Run
from charrnn.training.trainer import Trainer

LANES = 4  # of both together
WORKS = (0, 300, 1000)  # where states start anew, in lanes of either


def gradients(ranks: ProcessGroup, counts: str) -> list[dict[str, torch.Tensor]]:
    """Of three steps."""
    torch.manual_seed(0)
    text = QUATRAINS.read_text(encoding="utf-8")
    tokenizer = CharTokenizer.fit(text)
    ids = tokenizer.encode_array(text)
    stream = TextStream(ids, LANES, 16, WORKS, None, Paragraphs.of(ids, tokenizer), 1)
    shape = ModelConfig(vocab_size=tokenizer.vocab_size, embed=8, hidden=16, counts=counts, dropout=0.0)
    known = None
    if counts == "joined":
        options = CountOptions(block_length(len(ids), LANES))
        known = NgramModel.count(ids, ContextHasher.fit(ids, tokenizer.characters), options)
    model = CharRNN(shape, counts=known)
    prefetcher = None if known is None else NgramPrefetcher(known, stream, 3)
    trainer, found = Trainer(model, stream, quick(), prefetcher=prefetcher, ranks=ranks), []
    for _ in range(3):
        trainer.step(1e-2)
        found.append({name: weight.grad.clone() for name, weight in model.named_parameters()})
    return found


def main() -> None:
    folder, ranks = Path(sys.argv[1]), ProcessGroup.join("cpu")
    for counts in ("none", "joined"):
        found = gradients(ranks, counts)
        if ranks.first:
            torch.save(found, folder / f"{counts}.pt")
    shape = ModelConfig(embed=8, hidden=16, dropout=0.3)
    whole = Run.start([QUATRAINS], folder / "whole", shape=shape, config=quick(steps=12))
    list(whole)
    parts = Run.start([QUATRAINS], folder / "parts", shape=shape, config=quick(steps=12))
    for progress in parts:
        if progress.step == 5 and not ranks.first:
            parts.stop()  # all ranks stop if one is asked to
    assert parts.trainer.steps == 6
    again = Run.resume(folder / "parts")
    assert again.trainer.steps == 6
    list(islice(again, 2))
    again.save()
    list(Run.resume(folder / "parts"))
    assert whole.final_bpc is not None  # all ranks know it


if __name__ == "__main__":
    main()
