"""Measure `charrnn proof` on slips planted into a text that the model never read, and on the text without them.

    python scripts/benchmark_proof.py TEXT [--slips 500] [--skip 20000] [--model machado] [--seed 0] [--list]

One slip in each 200 characters, of seven kinds in turn: a letter left out, put in or replaced (by a neighbour on the
keyboard), two letters exchanged, an accent lost, a space lost, a word written twice. A slip is found if a correction
gives back the text as it was. Any correction of the text without slips is a false alarm, though some are misprints.
"""

import argparse
import random
import re
import time
from collections import defaultdict
from typing import NamedTuple

from charrnn.corpus import read_file
from charrnn.corpus.lexicon import plain
from charrnn.sampling import Sampler
from charrnn.storage import registry, saved_model
from charrnn.tools.proofreading import Correction, Proofreader, corrected

EVERY = 200
KINDS = ("deletion", "insertion", "substitution", "transposition", "accent", "space", "doubled")
ROWS = ("qwertyuiop", "asdfghjklç", "zxcvbnm")
WORD = re.compile(r"(?<![\w-])[^\W\d_]+(?![\w-])")


class Slip(NamedTuple):
    """What stands at `start` of the text with slips, in place of what was meant."""

    start: int
    wrong: str
    right: str
    kind: str


def neighbours(letter: str) -> str:
    for number, row in enumerate(ROWS):
        if (at := row.find(plain(letter))) >= 0:
            near = "".join(other[max(0, at - 1) : at + 2] for other in ROWS[max(0, number - 1) : number + 2])
            return near.replace(plain(letter), "")
    return "aeiou"


def spoilt(word: str, kind: str, draw: random.Random) -> str:
    """Return a word with a slip of a kind; the word itself if it cannot have one."""
    at = draw.randrange(len(word))
    if kind == "doubled":
        return f"{word} {word}"
    if kind == "accent":
        marked = [place for place, letter in enumerate(word) if plain(letter) != letter.lower()]
        at = draw.choice(marked or [0])
        bare = plain(word[at]) if marked else word[at]
        return word[:at] + (bare.upper() if word[at].isupper() else bare) + word[at + 1 :]
    if len(word) < 3:
        return word
    if kind == "deletion":
        return word[:at] + word[at + 1 :]
    if kind == "transposition":
        at = draw.randrange(len(word) - 1)
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    other = draw.choice(neighbours(word[at]))
    return word[:at] + other + word[at + (kind == "substitution") :]


def plant(text: str, count: int, seed: int) -> tuple[str, list[Slip]]:
    """Return the first `count` × EVERY characters of a text with slips, and these."""
    draw, pieces, slips, last, length = random.Random(seed), [], [], 0, 0
    for number in range(count):
        kind = KINDS[number % len(KINDS)]
        words = list(WORD.finditer(text, number * EVERY, (number + 1) * EVERY - 40))
        draw.shuffle(words)
        for word in words:
            right = word[0]
            if kind == "space":
                after = WORD.match(text, word.end() + 1)
                right = f"{right} {after[0]}" if after and text[word.end()] == " " else right
                wrong = right.replace(" ", "")
            else:
                wrong = spoilt(right, kind, draw)
            if wrong != right:
                pieces += [text[last : word.start()], wrong]
                length += word.start() - last
                slips.append(Slip(length, wrong, right, kind))
                last, length = word.start() + len(right), length + len(wrong)
                break
    return "".join([*pieces, text[last : count * EVERY]]), slips


def is_right(text: str, one: Correction, slip: Slip) -> bool:
    """Return whether a correction puts back what was meant."""
    start, stop = min(one.start, slip.start), max(one.stop, slip.start + len(slip.wrong))
    meant = text[start : slip.start] + slip.right + text[slip.start + len(slip.wrong) : stop]
    return corrected(text[:stop], [one])[start:] == meant


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text")
    parser.add_argument("--slips", type=int, default=500)
    parser.add_argument("--skip", type=int, default=0)
    parser.add_argument("--model", default="machado")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--list", action="store_true", help="show the false alarms")
    options = parser.parse_args()
    text = read_file(options.text, fixes=("unwrap", "quotes", "dashes"))[options.skip :]
    count = min(options.slips, len(text) // EVERY)
    clean, (spoiled, slips) = text[: count * EVERY], plant(text, count, options.seed)
    weights, tokenizer = saved_model.read(registry.find(options.model))
    reader = Proofreader(Sampler(weights, tokenizer, "f32").decoder, tokenizer)
    began = time.perf_counter()
    alarms = reader.read(clean)
    seconds = time.perf_counter() - began
    found = reader.read(spoiled)
    hits: dict[str, list[bool]] = defaultdict(list)
    for slip in slips:
        near = [one for one in found if one.start <= slip.start + len(slip.wrong) + 1 and one.stop >= slip.start - 1]
        hits[slip.kind].append(any(is_right(spoiled, one, slip) for one in near))
    right = sum(map(sum, hits.values()))
    print(f"{len(slips)} slips, {len(clean):,} characters, {len(clean) / seconds:,.0f} characters/s")
    print(f"found and rightly corrected {right / len(slips):.1%}; right of all corrections {right / len(found):.1%}")
    print(f"false alarms per 2,000 characters {len(alarms) * 2000 / len(clean):.2f} ({len(alarms)})")
    print("  ".join(f"{kind} {sum(of_kind) / len(of_kind):.0%}" for kind, of_kind in hits.items()))
    if options.list:
        for one in alarms:
            around = clean[max(0, one.start - 20) : one.stop + 20]
            print(f"  {one.bits:5.1f} {one.kind:13} {one.old!r} → {one.new!r}  …{around!r}")


if __name__ == "__main__":
    main()
