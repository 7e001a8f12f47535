"""Required words: each is put where the model finds it likeliest, found by search and not by chance."""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from unicodedata import combining

import numpy as np

from charrnn.config import SampleConfig
from charrnn.corpus import clean
from charrnn.errors import UserError
from charrnn.sampling.constraints import Constraint, Logits, Mask, escaped, only
from charrnn.sampling.filters import probabilities
from charrnn.sampling.sampler import Sampler
from charrnn.sampling.stopping import Step


def stands(word: str, text: str, start: int = 0) -> bool:
    """Return whether `text` has `word` as a whole word, at character `start` or later."""
    at = text.find(word, start)
    while at >= 0:
        if not (_in_word(text[max(0, at - 1) : at]) or _in_word(text[at + len(word) :][:1])):
            return True
        at = text.find(word, at + 1)
    return False


def _in_word(character: str) -> bool:
    return character != "" and (character.isalnum() or character in "-'’_" or combining(character) > 0)


def steps_with_words(
    sampler: Sampler, here: Step, before: str, config: SampleConfig, words: Sequence[str], start: str = "",
    constraints: Sequence[Constraint] = (),
) -> Iterator[Step]:  # fmt: skip
    """Yield a text that begins with `start` and holds each of `words` as a whole word, cased as given.

    The text is written in as many stretches as words are missing. In each, the likelihood of every missing word is
    found at the beginning of each word that was written; the text is cut at the best place, and continues there with
    that word. `start` and the words count towards `config.length`, which is kept; `config.stop` and `config.end` wait
    until all words stand. The seed fixes the text. The constraints hold for start and words too.

    Args:
        here: where the text before stands, and `before`: that text.

    Yields:
        Each part as soon as it is certain: first the start and the stretches, then single characters. While a place
        is searched for, empty parts, so that whoever waits may end it.

    Raises UserError if start and words (with a space before each) need more than the length, or if the constraints
    leave no place for them.
    """
    search = _Search(sampler, constraints, [word for given in words if (word := clean(given).strip())])
    text, start = _Draft(before, here), clean(start)
    begun, least = len(before), len(start) + sum(len(word) + 1 for word in search.words)
    if least > config.length and (start or search.words):
        raise UserError("length-below-words", setting="length", least=least, found=config.length)
    if start:
        if search.chance(text, start) == -np.inf:
            raise UserError("start-ruled-out", setting="start", found=start)
        text = search.and_then(text, start)
        yield text.step
    while missing := [word for word in search.words if not stands(word, text.whole, begun)]:
        needed = sum(len(word) + 1 for word in missing)
        rest = config.length - (len(text.whole) - begun)
        stretch = replace(config, length=(rest - needed) // len(missing), end="length", stop=())
        longer = yield from search.best(text, stretch, missing)
        if longer is None:
            raise UserError("no-place-for-word", setting="contain", word=missing[0])
        yield replace(longer.step, text=longer.whole[len(text.whole) :])
        text = longer
    last = replace(config, length=config.length - (len(text.whole) - begun))
    yield from (draft.step for draft in search.written(text, last))


@dataclass(frozen=True)
class _Draft:
    """A text so far, with the prompt, and the step to continue from."""

    whole: str
    step: Step


class _Search:
    """The sampler, the words and the constraints of one text."""

    def __init__(self, sampler: Sampler, constraints: Sequence[Constraint], words: Sequence[str]) -> None:
        self.sampler, self.tokenizer, self.constraints = sampler, sampler.tokenizer, constraints
        self.words = list(dict.fromkeys(words))
        between = " \n" + "".join(character for character in self.tokenizer.characters if not _in_word(character))
        self.between = only(self.tokenizer, between)
        self.parts: Mask = np.isfinite(self.between("", np.zeros(self.tokenizer.vocab_size)))  # (v,), of no word

    def written(self, text: _Draft, config: SampleConfig) -> Iterator[_Draft]:
        """Yield the text after each character drawn; a required word at its end gets no letter more."""

        def ended(so_far: str, logits: Logits) -> Logits:
            return self.between(so_far, logits) if so_far == text.whole else logits

        constraints, whole = list(self.constraints), text.whole
        if any(whole.endswith(word) for word in self.words):
            constraints.append(ended)
        for step in self.sampler.steps(text.step.state, config, whole, text.step.position, constraints):
            whole += step.text
            yield _Draft(whole, step)

    def best(self, text: _Draft, stretch: SampleConfig, words: Sequence[str]) -> Generator[Step, None, _Draft | None]:
        """Return the likeliest beginning of a stretch after `text`, with one of `words` after it; None without one.

        Yields an empty step after each character that is drawn or tried.
        """
        nothing, drafts = replace(text.step, text=""), [text]
        for draft in self.written(text, stretch):
            drafts.append(draft)
            yield nothing
        for glues in (("",), (" ", "\n")):  # at the beginnings of words; only if that is in vain, within them
            found: list[tuple[float, _Draft, str]] = []
            for draft in (one for one in drafts if _in_word(one.whole[-1:]) == bool(glues[0])):
                for string in (glue + word for glue in glues for word in words):
                    found.append((self.chance(draft, string, whole=True) / len(string.strip()), draft, string))
                    yield nothing
            chance, draft, string = max(found, key=lambda one: one[0], default=(-np.inf, text, ""))
            if chance > -np.inf:
                return self.and_then(draft, string)
        return None

    def chance(self, text: _Draft, string: str, *, whole: bool = False) -> float:
        """Return the log-probability that `string` comes next, under the constraints.

        whole: and that a word ends there.
        """
        decoder, ids = self.sampler.decoder, self.tokenizer.encode_array(string)
        rows = iter(decoder.logits(np.append(ids, ids[:1]), decoder.from_model(text.step.state)))
        chance, so_far, tokens = 0.0, text.whole, iter(ids.tolist())
        for character in string:
            for count in range(len(self.tokenizer.encode(character))):
                begun = so_far + escaped(character.encode("utf-8")[:count])
                chance += self._share(next(rows), begun, np.arange(self.tokenizer.vocab_size) == next(tokens))
                if chance == -np.inf:
                    return chance
            so_far += character
        return chance + (self._share(next(rows), so_far, self.parts) if whole else 0.0)

    def _share(self, logits: Logits, so_far: str, tokens: Mask) -> float:
        """Return the log-probability that one of `tokens` (v,) comes next."""
        left = self.sampler.rule_out(logits, so_far, self.constraints)
        if not np.isfinite(left[tokens]).any():
            return -np.inf
        return float(np.log(max(probabilities(left)[tokens].sum(), np.finfo(np.float64).tiny)))

    def and_then(self, text: _Draft, string: str) -> _Draft:
        """Return `text` with `string` read after it."""
        position = text.step.position + len(self.tokenizer.encode(string))
        return _Draft(text.whole + string, Step(string, position, partial(self.sampler.read, string, text.step.state)))
