"""CharTokenizer: characters ⇄ ids, lossless for every Unicode string.

A character that the training text holds at least `min_count` times is one token. Any other is spelled by
its UTF-8 bytes, for which there are 256 byte tokens, so that nothing is ever dropped. Character tokens come
first (ids 0 … c-1, by code point), then the bytes (ids c … c+255).
"""

import functools
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer, decoders, models

from charrnn import paths
from charrnn.errors import UserError, cause

BYTES = [f"<0x{byte:02X}>" for byte in range(256)]

LARGEST_FILE = 2**23  # bytes of a tokenizer.json: a line for each of all assigned characters takes 3 MB

Ids = npt.NDArray[np.integer]


class CharTokenizer:
    """Pure characters over a `tokenizers.Tokenizer`: BPE without merges, with byte fallback."""

    def __init__(self, characters: Iterable[str]) -> None:
        """characters: in the order of their ids. To extend a vocabulary, give the old characters first."""
        self.characters = "".join(dict.fromkeys(characters))
        vocab = {token: index for index, token in enumerate([*self.characters, *BYTES])}
        self._tokenizer = Tokenizer(models.BPE(vocab=vocab, merges=[], byte_fallback=True))
        self._tokenizer.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Fuse()])

    def __repr__(self) -> str:
        return f"CharTokenizer({len(self.characters)} characters, then {len(BYTES)} bytes)"

    @classmethod
    def fit(cls, text: str | Iterable[str], min_count: int = 2) -> Self:
        """Return the tokenizer of a training text, whole or in pieces.

        Characters rarer than `min_count` are left out, so that byte tokens are trained too.
        """
        counts = np.zeros(0x110000, dtype=np.int64)
        for piece in [text] if isinstance(text, str) else text:
            found = np.bincount(np.frombuffer(piece.encode("utf-32-le", "surrogatepass"), dtype="<u4"))
            counts[: len(found)] += found
        return cls(map(chr, np.flatnonzero(counts >= min_count).tolist()))

    @classmethod
    def from_file(cls, path: str | Path) -> Self:
        """Read a `tokenizer.json` that `save` wrote. Raises UserError if it is not such a file."""
        try:
            vocab: dict[str, int] = json.loads(paths.read(Path(path), LARGEST_FILE))["model"]["vocab"]
            tokens = sorted(vocab.keys(), key=vocab.__getitem__)
        except OSError as error:
            raise UserError("system-refused", name=path, cause=cause(error)) from None
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise UserError("not-a-tokenizer", path=path) from None
        characters = tokens[:-256]
        if all(len(token) == 1 and not "\ud800" <= token <= "\udfff" for token in characters):
            tokenizer = cls(characters)
            if tokenizer._tokenizer.get_vocab() == vocab:
                return tokenizer
        raise UserError("not-a-character-vocabulary", path=path)

    def save(self, path: str | Path) -> None:
        """Write a `tokenizer.json`, which `tokenizers.Tokenizer.from_file` can read, too."""
        paths.write(Path(path), self._json.encode("utf-8"))

    @functools.cached_property
    def _json(self) -> str:
        return self._tokenizer.to_str(pretty=True)

    @functools.cached_property
    def sha256(self) -> str:
        """Hash of the vocabulary: a model belongs to the tokenizer whose hash it stores."""
        return hashlib.sha256(self.characters.encode("utf-8")).hexdigest()

    @property
    def vocab_size(self) -> int:
        return len(self.characters) + 256

    @property
    def first_byte(self) -> int:
        """Id of the token <0x00>; all higher ids are bytes, too."""
        return len(self.characters)

    def encode(self, text: str) -> list[int]:
        """Return the ids of `text`: one per character of the vocabulary, one to four (its bytes) for any other.

        Raises UserError for a lone surrogate.
        """
        ids: list[int] = self.encode_array(text).tolist()
        return ids

    def encode_array(self, text: str) -> npt.NDArray[np.int32]:
        """Return the ids as an array (n,): a table look-up, some twenty times as fast as the `tokenizers` library.

        Raises UserError for a lone surrogate, which is no Unicode character and has no UTF-8 form.
        """
        try:
            codes = np.frombuffer(text.encode("utf-32-le"), dtype="<u4")
        except UnicodeEncodeError as error:
            code_point = f"{ord(text[error.start]):04X}"
            raise UserError("lone-surrogate", code_point=code_point, place=error.start) from None
        ids: npt.NDArray[np.int32] = self._id_of[codes]
        unknown = codes[ids < 0]
        if len(unknown) == 0:
            return ids
        sizes = np.ones(len(ids), dtype=np.int64)  # tokens for each character
        sizes[ids < 0] = 1 + (unknown >= 0x80) + (unknown >= 0x800) + (unknown >= 0x10000)
        ids = np.repeat(ids, sizes)
        spelled = np.frombuffer(unknown.tobytes().decode("utf-32-le").encode("utf-8"), dtype=np.uint8)
        ids[ids < 0] = self.first_byte + spelled.astype(np.int32)
        return ids

    @functools.cached_property
    def _id_of(self) -> npt.NDArray[np.int32]:
        """(0x110000,): the id of each character of the vocabulary by its code point, −1 for others."""
        table = np.full(0x110000, -1, dtype=np.int32)
        table[[ord(character) for character in self.characters]] = np.arange(self.first_byte)
        return table

    @property
    def dtype(self) -> np.dtype[np.unsignedinteger]:
        """The narrowest type that holds every id."""
        return np.dtype(np.uint16 if self.vocab_size <= 2**16 else np.uint32)

    def write_ids(self, path: Path, works: Iterable[Iterable[str]]) -> list[int]:
        """Write the ids of works, each given in pieces, to one file. Return where each work begins, and the length."""
        starts = [0]
        with path.open("wb") as file:
            for work in works:
                for piece in work:
                    file.write(self.encode_array(piece).astype(self.dtype).tobytes())
                starts.append(file.tell() // self.dtype.itemsize)
        return starts

    def read_ids(self, path: Path) -> Ids:
        """Map the ids (n,) of a file that `write_ids` wrote into memory, read-only."""
        if path.stat().st_size == 0:  # which nothing can be mapped to
            return np.zeros(0, dtype=self.dtype)
        return np.memmap(path, dtype=self.dtype, mode="r")

    def decode(self, ids: Sequence[int]) -> str:
        """Return the text that `ids` spell; bytes that form no character become U+FFFD."""
        return self._tokenizer.decode(list(ids), skip_special_tokens=False)

    def token_text(self, token: int) -> str:
        """Return a token's character, or a byte's name such as `<0xC3>`."""
        return self.characters[token] if token < self.first_byte else BYTES[token - self.first_byte]

    def unknown_characters(self, text: str) -> int:
        """Return how many characters of `text` are spelled by bytes."""
        known = set(self.characters)
        return sum(count for character, count in Counter(text).items() if character not in known)
