"""Start from another model: its alphabet, matched by character and grown by what the new text needs."""

from dataclasses import replace

import torch

from charrnn.model import CharRNN
from charrnn.tokenizer import CharTokenizer


def grown(
    model: CharRNN, old: CharTokenizer, new: CharTokenizer, dropout: float | None, name: str
) -> tuple[CharRNN, CharTokenizer]:
    """`model` with a vocabulary that holds both tokenizers' characters; the old ones keep their weights.

    A new character starts with an average embedding, and as unlikely as its lead byte was.
    """
    tokenizer = CharTokenizer(old.characters + new.characters)
    place = {old.token_text(token): token for token in range(old.vocab_size)}
    texts = [tokenizer.token_text(token) for token in range(tokenizer.vocab_size)]
    # A character that the old model spelled by bytes takes over the output of its lead byte, which is what
    # predicted it until now.
    rows = torch.tensor([place.get(text, old.first_byte + text.encode("utf-8")[0]) for text in texts])
    known = torch.tensor([text in place for text in texts])

    result = CharRNN(replace(model.config, vocab_size=tokenizer.vocab_size, dropout=dropout), name)
    weights = model.state_dict()
    embedding = weights["embedding.weight"]
    average = embedding[: old.first_byte].mean(dim=0)
    weights["embedding.weight"] = torch.where(known[:, None], embedding[rows], average)
    weights["output.weight"] = weights["output.weight"][rows]
    weights["output.bias"] = weights["output.bias"][rows]
    if "fusion.input.weight" in weights:  # of the old vocabulary's characters, and last of the escape
        columns = torch.tensor([place.get(character, old.first_byte) for character in tokenizer.characters])
        columns = torch.cat([columns, torch.tensor([old.first_byte])])
        weights["fusion.input.weight"] = weights["fusion.input.weight"][:, columns]
    result.load_state_dict(weights)
    return result, tokenizer
