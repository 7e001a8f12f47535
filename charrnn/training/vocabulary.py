"""Start from another model: its alphabet, matched by character and grown by what the new text needs."""

from dataclasses import replace

import torch

from charrnn.data.tokenizer import CharTokenizer
from charrnn.model import CharRNN


def expand_vocab(
    model: CharRNN, old: CharTokenizer, new: CharTokenizer, dropout: float | None, name: str
) -> tuple[CharRNN, CharTokenizer]:
    """`model` with a vocabulary that holds both tokenizers' characters; the old ones keep their weights.

    A new character starts with an average embedding, and as unlikely as its lead byte was.
    """
    tokenizer = CharTokenizer(old.characters + new.characters)
    place = {old.token_text(token): token for token in range(old.vocab_size)}
    texts = [tokenizer.token_text(token) for token in range(tokenizer.vocab_size)]
    rows = torch.tensor([place.get(text, old.first_byte + text.encode("utf-8")[0]) for text in texts])
    known = torch.tensor([text in place for text in texts])

    result = CharRNN(replace(model.config, vocab_size=tokenizer.vocab_size, dropout=dropout), name)
    weights = model.state_dict()
    embedding = weights["embedding.weight"]
    average = embedding[: old.first_byte].mean(dim=0)
    weights["embedding.weight"] = torch.where(known[:, None], embedding[rows], average)
    # Of the symbols: a character that the old model spelled by bytes takes over what the escape had learned.
    symbols = rows[: tokenizer.first_byte + 1].clamp(max=old.first_byte)
    lead = torch.where(known, 0.0, weights["spelling"].log_softmax(0)[(rows - old.first_byte).clamp(min=0)])
    weights["output.weight"] = weights["output.weight"][symbols]
    weights["output.bias"] = weights["output.bias"][symbols] + lead[: len(symbols)]
    if "fusion.input.weight" in weights:
        weights["fusion.input.weight"] = weights["fusion.input.weight"][:, symbols]
    result.load_state_dict(weights)
    return result, tokenizer
