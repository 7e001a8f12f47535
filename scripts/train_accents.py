"""Make charrnn/corpus/accents.npz, which puts accents back: a lexicon, endings, and a network.

    python scripts/train_accents.py F/machado/train F/machado-other.tar.xz F/eltec-por-2.0.0-level1.tar.xz

The arguments are names of `charrnn corpus list`, files, folders or archives; `TESTED` are left out of them. The repair
`spelling`, which reads the file as it was, brings old works into today's spelling. The works give the lexicon, joined
to the word list of pyspellchecker (PyPI, MIT), which has words of today, and the network learns from them.
With --checkpoint, a run that was stopped continues.
"""

import argparse
import re
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from charrnn import corpus
from charrnn.corpus import accent_model
from charrnn.corpus.accent_model import (
    MOST,
    REACH,
    SIZES,
    TOKEN,
    accents,
    bare,
    brazilian,
    form_hashes,
    hashes,
    look_up,
)  # fmt: skip
from charrnn.corpus.repairs import repair

TESTED = ("esau-e-jaco", "bonsDias", "comentariosSemana", "notasSemanais", "oliverTwist")
VERSE = "poesia/"
PRONOUNS = {"lo", "la", "los", "las"}
TODAY = 0.97  # share of a work's words that are in the list, from which its spelling is today's
LIST_WEIGHT = 0.01  # of a count in the list beside one in a work
RARE, NEVER_RARE = 0.0008, 20  # a form is left out below this share of its word's, unless the works have it so often
COMMON = 20  # counts from which the lexicon has a word without accents, too
ENDINGS, SHORTEST_ENDING, LONGEST_ENDING, ENDING_SHARE = 8, 2, 7, 0.9  # words that an ending needs, lengths, agreement
VECTORS = {"words": 32, "endings": 16, "forms": 48, "shapes": 48}
HIDDEN, BATCH = 192, 1024
PRUNED = 0.02  # weights of contexts that are left out


def today(word: str) -> str:
    """Return a word in the spelling of 1990, and of Brazil where the countries differ by a rule."""
    if word.isascii():
        return word
    word = word.replace("gü", "gu").replace("qü", "qu").replace("êem", "eem").replace("ôo", "oo")
    word = re.sub("éi(?=[ao]s?$)", "ei", word)
    return re.sub("ámos$", "amos", re.sub("ói(?=(a|o|co|ca)s?$)", "oi", word))


@dataclass(frozen=True)
class TokenizedWork:
    """A work as tokens in small letters, with and without accents; whether each is a verb before -lo, -la."""

    tokens: list[str]
    bare: list[str]
    is_enclitic: list[bool]

    @classmethod
    def of(cls, text: str) -> "TokenizedWork":
        tokens = [today(token) for token in TOKEN.findall(text.lower())]
        after = zip([*tokens[1:], ""], [*tokens[2:], "", ""], strict=True)
        return cls(tokens, [bare(token) for token in tokens], [one == "-" and two in PRONOUNS for one, two in after])

    def words(self) -> Iterator[tuple[int, str, str]]:
        """Yield place, word and bare word, without enclitics."""
        for place, (token, plain) in enumerate(zip(self.tokens, self.bare, strict=True)):
            if token[0].isalpha() and not self.is_enclitic[place]:
                yield place, token, plain


def read(names: Sequence[str], listed: Counter[str]) -> Iterator[TokenizedWork]:
    """Yield the works of prose whose spelling is today's, or was brought into it."""
    for work in corpus.open_works(names):
        if VERSE in work.name or any(name in work.name for name in TESTED):
            continue
        text, _ = repair("".join(work.text()), ["spelling"])
        words = [word for word in re.findall(r"[^\W\d_]+", text) if word.islower()]
        if words and sum(word in listed for word in words) >= TODAY * len(words):
            yield TokenizedWork.of(text)
            print(f"{work.name}: {len(text):,} characters", flush=True)


def forms_of(works: Iterable[TokenizedWork], listed: Counter[str]) -> tuple[dict[str, list[str]], set[str]]:
    """Return the forms of each bare word, the most frequent first; and the words that are common."""
    counts = Counter(word for work in works for _, word, _ in work.words())
    table: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for word, count in counts.items():
        if count >= 2:
            table[bare(word)][word] += count
    for given, count in listed.items():
        word, plain = today(given), bare(given)
        # The list counts the halves of dá-lo and fazê-lo as words.
        is_half = word[-1] in "áêâ" and counts[word] < 2 and (plain + "r" in listed or plain + "r" in counts)
        if not is_half:
            table[plain][word] += LIST_WEIGHT * count
    for found in table.values():
        for word in list(found):
            other = brazilian(word)
            if other != word and found[other] * 20 > found[word]:
                found[other] += found.pop(word)
    forms = {
        plain: [
            word for word, count in found.most_common(MOST)
            if count >= RARE * found.total() or counts[word] >= NEVER_RARE
        ]
        for plain, found in table.items()
    }  # fmt: skip
    return forms, {plain for plain, found in table.items() if found.total() >= COMMON}


def endings_of(forms: dict[str, list[str]]) -> dict[str, str]:
    """Return the forms of endings whose words agree, where no shorter ending says the same."""
    seen: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for plain, found in forms.items():
        if len(found) == 1 and len(plain) > 3:
            for length in range(SHORTEST_ENDING, min(LONGEST_ENDING, len(plain) - 1) + 1):
                within = all(place < length for place, _ in accents(found[0]))
                seen[plain[-length:]][found[0][-length:] if within else ""] += 1
    endings: dict[str, str] = {}
    for plain in sorted(seen, key=lambda ending: (len(ending), ending)):
        best, count = seen[plain].most_common(1)[0]
        chosen = best if best and count >= ENDING_SHARE * seen[plain].total() else plain
        shorter = next((endings[plain[at:]] for at in range(1, len(plain)) if plain[at:] in endings), "")
        if seen[plain].total() >= ENDINGS and chosen != plain[: len(plain) - len(shorter)] + shorter:
            endings[plain] = chosen
    return endings


def lexicon_of(forms: dict[str, list[str]], common: set[str], endings: dict[str, str]) -> list[list[str]]:
    """Return the forms of common words and of those whose endings do not tell them, in alphabetical order."""
    model = accent_model.AccentModel.__new__(accent_model.AccentModel)
    model.__dict__["endings"] = endings
    return [
        found for plain, found in sorted(forms.items())
        if len(found) > 1 or plain in common or found[0] != model.by_ending(plain)
    ]  # fmt: skip


@dataclass(frozen=True)
class Lessons:
    """Places of words with several forms, and which form each has."""

    tokens: np.ndarray  # (t,)
    at: np.ndarray  # (n,)
    right: np.ndarray  # (n,), the number of the form
    known: np.ndarray  # (4, words), hashed
    forms: np.ndarray  # (words, MOST), hashed
    shapes: np.ndarray  # likewise
    count: np.ndarray  # (words,), of forms

    @classmethod
    def of(cls, works: list[TokenizedWork], forms: dict[str, list[str]]) -> "Lessons":
        numbers, tokens, at, right = {"": 0}, [], [], []
        for work in works:
            first = len(tokens) + REACH
            tokens += [0] * REACH + [numbers.setdefault(one, len(numbers)) for one in work.bare] + [0] * REACH
            for place, word, plain in work.words():
                found = forms.get(plain, ())
                if len(found) > 1 and word in found:
                    at.append(first + place)
                    right.append(found.index(word))
        hashed = np.zeros((2, len(numbers), MOST), np.uint32)
        count = np.zeros(len(numbers), np.int64)
        for plain, number in numbers.items():
            if len(found := forms.get(plain, ())) > 1:
                count[number] = len(found)
                hashed[:, number, : len(found)] = np.array([form_hashes(form) for form in found]).T
        arrays = (np.array(tokens, np.int32), np.array(at), np.array(right))
        return cls(*arrays, hashes(list(numbers)), *hashed, count)

    def batch(self, chosen: np.ndarray) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
        """Return rows of the tables, and which of MOST forms do not exist."""
        at = self.at[chosen]
        words = self.tokens[at]
        places = look_up(self.tokens, self.known, at, self.forms[words], self.shapes[words])
        absent = np.arange(MOST) >= self.count[words][:, None]
        return {name: torch.from_numpy(getattr(places, name)) for name in SIZES}, torch.from_numpy(absent)


class AccentNetwork(nn.Module):
    """The network of `accent_model`; its tables are updated row by row, by Adagrad."""

    def __init__(self) -> None:
        super().__init__()
        spread = {"words": 0.1, "endings": 0.1, "forms": 0.02, "shapes": 0.02}
        self.tables = {"wide": torch.zeros(1 << SIZES["wide"])} | {
            name: torch.randn(1 << SIZES[name], width) * spread[name] for name, width in VECTORS.items()
        }
        self.squares = {name: torch.full_like(table, 1e-2) for name, table in self.tables.items()}
        self.squares["wide"] /= 10
        self.hidden = nn.Linear((2 * REACH + 1) * (VECTORS["words"] + VECTORS["endings"]), HIDDEN)
        self.output = nn.Linear(HIDDEN, VECTORS["forms"])

    def forward(self, rows: dict[str, torch.Tensor], absent: torch.Tensor) -> torch.Tensor:
        """Return scores (n, MOST). rows: of the tables, looked up."""
        x = torch.cat([rows["words"], rows["endings"]], -1)
        x = x * (torch.rand(*x.shape[:2], 1) > 0.2) / 0.8
        hidden = nn.functional.dropout(torch.relu(self.hidden(x.flatten(1))), 0.3)
        deep = ((rows["forms"] + rows["shapes"]) * self.output(hidden)[:, None]).sum(-1)
        contexts = (torch.rand(len(x), 1, rows["wide"].shape[2] // 2) > 0.4) / 0.6
        wide = (rows["wide"] * torch.cat([contexts, contexts], 2)).sum(-1)
        return (wide + deep).masked_fill(absent, -1e9)

    @torch.no_grad()
    def learn(self, name: str, rows: torch.Tensor, gradient: torch.Tensor, rate: float) -> None:
        """Take a step of Adagrad in some rows of a table."""
        rows, gradient = rows.flatten(), gradient.reshape(rows.numel(), -1).squeeze(-1)
        self.squares[name].index_add_(0, rows, gradient * gradient)
        self.tables[name].index_add_(0, rows, gradient / self.squares[name][rows].sqrt(), alpha=-rate)


def train(network: AccentNetwork, lessons: Lessons, steps: int, checkpoint: Path | None) -> None:
    dense = torch.optim.Adam(network.parameters())
    first = 0
    if checkpoint and checkpoint.exists():
        first, state, network.tables, network.squares, moments = torch.load(checkpoint)
        network.load_state_dict(state)
        dense.load_state_dict(moments)
    draw, loss_sum, began = np.random.default_rng(first), 0.0, time.monotonic()
    for step in range(first, steps):
        rate = 1 - step / steps
        for group in dense.param_groups:
            group["lr"] = 2e-3 * min(1, (step + 1) / 100) * rate + 1e-5
        chosen = draw.integers(0, len(lessons.at), BATCH)
        places, absent = lessons.batch(chosen)
        rows = {name: network.tables[name][place].requires_grad_() for name, place in places.items()}
        right = torch.from_numpy(lessons.right[chosen])
        loss = nn.functional.cross_entropy(network(rows, absent), right, reduction="sum")
        dense.zero_grad()
        loss.backward()
        for parameter in network.parameters():
            parameter.grad /= BATCH
        dense.step()
        for name, place in places.items():
            network.learn(name, place, rows[name].grad, (0.06 if name == "wide" else 0.05) * max(rate, 0.05))
        loss_sum += loss.item() / BATCH
        if (step + 1) % 200 == 0:
            print(f"{step + 1} steps, loss {loss_sum / 200:.4f}, {time.monotonic() - began:.0f} s", flush=True)
            loss_sum = 0.0
            if checkpoint:
                state = (step + 1, network.state_dict(), network.tables, network.squares, dense.state_dict())
                torch.save(state, checkpoint)


def quantized(values: torch.Tensor) -> tuple[np.ndarray, np.float32]:
    """Return values as whole numbers from −127 to 127, and their unit: the best for all but one in 10,000."""
    largest = np.quantile(values.abs().numpy(), 0.9999)
    return np.clip(np.rint(values.numpy() / (largest / 127)), -127, 127).astype(np.int8), np.float32(largest / 127)


def save(target: Path, network: AccentNetwork, lexicon: list[list[str]], endings: dict[str, str]) -> None:
    wide = network.tables["wide"]
    tables = {**network.tables, "wide": torch.where(wide.abs() < PRUNED, 0.0, wide)}
    tables |= {"hidden": network.hidden.weight.detach(), "output": network.output.weight.detach()}
    arrays = {}
    for name, table in tables.items():
        arrays[name], arrays[f"{name}_scale"] = quantized(table)
    for name in ("hidden", "output"):
        arrays[f"{name}_bias"] = getattr(network, name).bias.detach().numpy()
    for name, lines in (("lexicon", map(" ".join, lexicon)), ("endings", endings.values())):
        arrays[f"{name}_text"] = np.frombuffer("\n".join(lines).encode(), np.uint8)
    np.savez_compressed(target, **arrays)
    print(f"{target}: {target.stat().st_size / 1e6:.2f} MB, {len(lexicon):,} words, {len(endings):,} endings")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="+")
    parser.add_argument("--target", type=Path, default=accent_model.FILE)
    parser.add_argument("--steps", type=int, default=10_000)
    parser.add_argument("--checkpoint", type=Path)
    arguments = parser.parse_args()
    from spellchecker import SpellChecker

    torch.manual_seed(1)
    torch.set_flush_denormal(True)
    listed = Counter(SpellChecker(language="pt").word_frequency.dictionary)
    works = list(read(arguments.names, listed))
    forms, common = forms_of(works, listed)
    endings = endings_of(forms)
    network = AccentNetwork()
    train(network, Lessons.of(works, forms), arguments.steps, arguments.checkpoint)
    save(arguments.target, network, lexicon_of(forms, common, endings), endings)


if __name__ == "__main__":
    main()
