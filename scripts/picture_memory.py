"""Make the pictures and figures of docs/memory.md, on what the shipped model's memory holds.

    CHARRNN_CORPORA=DIR python scripts/picture_memory.py
    CHARRNN_CORPORA=DIR python scripts/picture_memory.py --cells --minutes 2     # trains elman, gru and lstm first

DIR holds machado/valid/*.txt, for all measurements; only the strips show a story from corpora/. --cells also needs
machado/train/*.txt. Pictures go to docs/images, figures to stdout as rows for the document's tables.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

import charrnn
from charrnn.corpus import read_files
from charrnn.data.allowed_tokens import AllowedTokens
from charrnn.html import figure, plots
from charrnn.html.lesson import telling
from charrnn.html.texts import say
from charrnn.lens import (
    PROPERTIES,
    effects,
    findings,
    influence,
    interventions,
    memory_map,
    reach,
    tiny_elman,
    trace,
)  # fmt: skip
from charrnn.lens.unit_findings import UnitFinding

ROOT = Path(__file__).parent.parent
IMAGES = ROOT / "docs" / "images"
STORY = ROOT / "corpora" / "contos.txt"
WORD = "banana"
LENGTH = 20_000  # characters of each of the two texts on which units are compared with properties
FIXES = ("unwrap", "quotes", "dashes")  # as the model's training text was cleaned
SHOWN = ("quotes", "speech", "position_in_word", "space")
BEGIN = "Na segunda noite escreveu"  # of the passage of STORY that is shown
STRIP = 76
SHARP = 'style="image-rendering:pixelated"'
CELLS = ("elman", "gru", "lstm")
# A picture by itself has no page to take its colours from.
STYLE = """<style>
svg { color: #262320; --lens-paper: #fffdf9; --lens-accent: #1f5a7d; --lens-plus: #2471b8; --lens-minus: #d3680a; }
@media (prefers-color-scheme: dark) { svg { color: #ece7dd; --lens-paper: #201e1d; --lens-accent: #8cc3e4;
  --lens-plus: #5aa5e6; --lens-minus: #f08a2c; --lens-1: #56b4e9; --lens-2: #f0883e; --lens-3: #2fbf95;
  --lens-4: #cc8fbb; } }
</style>"""


def save(name: str, svg: str) -> None:
    head, _, rest = svg.partition(">")
    (IMAGES / name).write_text(f"{head}>{STYLE}{rest}\n", encoding="utf-8")


def draw_small() -> None:
    network = tiny_elman.learn(WORD)
    instants = network.follow(WORD)
    save("memory-unrolled.svg", figure.unrolled(network, instants, "en"))
    for name, place in zip(("first", "second"), telling(instants), strict=True):
        save(f"memory-instant-{name}.svg", figure.instant(network, instants[place], place + 1, "en"))
    print(f"small network: {network.bits_per_character(WORD):.3f} bits per character on {WORD!r}\n")


Found = dict[str, dict[str, UnitFinding]]
"""The findings for each part of the memory, by the property's name."""


def find_units(model: charrnn.CharRNN, tokenizer: charrnn.CharTokenizer, pieces: Sequence[str]) -> Found:
    """Print and return the units that follow properties of one text, and whether another text confirms them."""
    traces = [trace(model, tokenizer, piece) for piece in pieces]
    result: Found = {}
    for part in ("hidden", "cell"):
        rows = [memory_map.units(found, part) for found in traces]
        result[part] = {one.followed.name: one for one in findings(rows[0], pieces[0], (rows[1], pieces[1]))}
        print(f"{part}, in {len(pieces[0]):,} characters and {len(pieces[1]):,} others\n")
        for name, finding in result[part].items():
            here, there = finding.here, finding.there
            cells = [f"{match.correlation:+.2f} ({match.chance:.2f})" if match else "" for match in (here, there)]
            unit = finding.unit if here else ""
            print(f"| {say('en', name)} | {unit} | {cells[0]} | {cells[1]} | {finding.verdict} |")
        print()
    return result


def quoting(text: str) -> list[str]:
    """Return the lines with a quotation: those of the first half of the text, and those of the second."""
    lines = [line for line in text.split("\n") if "“" in line and "”" in line]
    return ["\n".join(half) + "\n" for half in (lines[: len(lines) // 2], lines[len(lines) // 2 :])]


class Held(NamedTuple):
    """A question to the model at some places, with a unit held at its average over instants of two kinds."""

    question: str
    places: list[int]
    one: NDArray[np.bool_]
    other: NDArray[np.bool_]
    chance: Callable[[Tensor], float]  # of the probabilities of all tokens


def questions(text: str, tokenizer: charrnn.CharTokenizer) -> dict[str, Held]:
    """Return, for two properties, a question that shows whether the model uses the unit that follows it."""
    within, letters = PROPERTIES["quotes"].of(text) > 0, PROPERTIES["position_in_word"].of(text)
    ends = [i for i in range(30, len(text) - 1) if within[i] and text[i + 1] in ".?!”"]
    words = [i for i in range(30, len(text) - 1) if 3 <= letters[i] <= 5][::13]
    known = [tokenizer.encode(letter)[0] for letter in sorted(set(filter(str.isalpha, text)))]
    mark = tokenizer.encode("”")[0]
    early, late = (letters >= 1) & (letters <= 2), letters >= 8
    return {
        "quotes": Held("”, in | out of a quotation", ends, within, ~within, lambda p: float(p[mark])),
        "position_in_word": Held("a word ends, early | late", words, early, late, lambda p: 1 - float(p[known].sum())),
    }


@torch.no_grad()
def hold_unit(
    model: charrnn.CharRNN, tokenizer: charrnn.CharTokenizer, text: str, finding: UnitFinding, held: Held
) -> None:
    """Print how likely the answer to a question is with a unit as it was, and with the unit held."""
    found, unit = trace(model, tokenizer, text), finding.unit
    parts = [(part, memory_map.units(found, part)[unit]) for part in ("hidden", "cell")]
    legal, sampler, state, before = AllowedTokens(tokenizer), charrnn.Sampler(model, tokenizer), None, 0
    chances: dict[str, list[float]] = {"as it was": [], "held as at the one": [], "held as at the other": []}
    for stop in held.places:
        state, before = sampler.read(text[before : stop + 1], state), stop + 1
        for name, kind in zip(chances, (None, held.one, held.other), strict=True):
            changed = state
            for part, values in parts if kind is not None else ():
                changed = interventions.clamped(changed, unit, float(values[kind].mean()), part=part)
            logits = legal.constrain(model.predict(changed), changed.recent)
            chances[name].append(held.chance(logits[0].softmax(dim=0)))
    cells = " | ".join(f"{name}: {100 * float(np.mean(values)):.2f} %" for name, values in chances.items())
    print(f"unit {unit}, {held.question}, {len(held.places)} places | {cells}\n")


def draw_units(model: charrnn.CharRNN, tokenizer: charrnn.CharTokenizer, found: dict[str, UnitFinding]) -> None:
    """Confirmed units over a passage of a story of our own."""
    sure = {name: finding for name, finding in found.items() if finding.verdict == "confirmed"}
    shown = [sure[name] for name in SHOWN if name in sure]
    story = STORY.read_text(encoding="utf-8")
    start = story.index(BEGIN)
    text = story[start : start + 3 * STRIP]
    whole = trace(model, tokenizer, story[: start + len(text)])
    rows = memory_map.units(whole)[:, start:]
    names = [f"{say('en', finding.followed.name).split(',')[0]} · {finding.unit}" for finding in shown]
    for number in range(3):
        piece = slice(number * STRIP, (number + 1) * STRIP)
        chosen = rows[[finding.unit for finding in shown], piece]
        save(f"memory-units-{number + 1}.svg", plots.strip(text[piece], chosen, names, "Units along a story"))
    order = memory_map.by_similarity(rows)
    size = f'viewBox="0 0 {rows.shape[1] * 3} {len(rows) // 2}"'
    picture = f'<image width="100%" height="100%" preserveAspectRatio="none" {SHARP} href="{plots.png(rows[order])}"/>'
    save("memory-map.svg", f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{picture}</svg>')


def draw_reach(name: str, models: list[tuple[charrnn.CharRNN, charrnn.CharTokenizer]], text: str) -> None:
    """How far back each memory reaches, by forgetting and by gradients, on the same text."""
    cells = [(model.name, model.config.cell) for model, _ in models]
    labels = [name if cell in name else f"{name} ({cell})" for name, cell in cells]
    found = [reach(model, tokenizer, text) for model, tokenizer in models]
    curves = [plots.Curve(label, one.distances, one.bits, one.band) for label, one in zip(labels, found, strict=True)]
    words = say("en", "reach_x"), say("en", "reach_y")
    save(f"memory-reach{name}.svg", plots.curves(curves, *words, "Bits by the reach of the memory", "en"))
    shares = [np.cumsum(influence(model, tokenizer, text)) for model, tokenizer in models]
    places = [2**power for power in range(8)]
    curves = [
        plots.Curve(label, places, [100 * float(share[place - 1]) for place in places])
        for label, share in zip(labels, shares, strict=True)
    ]
    words = say("en", "influence_x"), say("en", "influence_y") + " (%)"
    said = say("en", "influence_said")
    save(f"memory-influence{name}.svg", plots.curves(curves, *words, said, "en", bounds=(0, 100), decimals=0))
    for label, one, share in zip(labels, found, shares, strict=True):
        bits = " | ".join(f"{value:.2f}" for value in one.bits)
        half, most = (int(np.searchsorted(share, part)) + 1 for part in (0.5, 0.9))
        print(f"| {label} | {bits} |   half of the influence within {half}, nine tenths within {most}")
    print(f"band at the last distance: ± {found[0].band[-1]:.2f}\n")


def train_cells(corpora: Path, minutes: float) -> list[Path]:
    """A network of each cell without counts, trained for as long on the same text."""
    train, valid = sorted(corpora.glob("train/*.txt")), sorted(corpora.glob("valid/*.txt"))
    found = []
    for cell in CELLS:
        out = Path("runs/cells") / cell
        command = [
            sys.executable, "-m", "charrnn", "train", *train, "--valid", *valid, "--cell", cell, "--counts", "none",
            "--clean", ",".join(FIXES), "--minutes", minutes, "--out", out, "--overwrite",
        ]  # fmt: skip
        subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL)
        found.append(out)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cells", action="store_true", help="compare elman, gru and lstm, trained for it")
    parser.add_argument("--minutes", type=float, default=2)
    arguments = parser.parse_args()
    if "CHARRNN_CORPORA" not in os.environ:
        parser.error("expected the directory of the corpora in CHARRNN_CORPORA, found nothing")
    corpora = Path(os.environ["CHARRNN_CORPORA"]) / "machado"
    IMAGES.mkdir(parents=True, exist_ok=True)
    novel = sorted(corpora.glob("valid/*.txt"))
    model, tokenizer = charrnn.load("machado-lstm")
    if arguments.cells:
        models = [charrnn.load(path) for path in train_cells(corpora, arguments.minutes)]
        draw_reach("-cells", [*models, (model, tokenizer)], read_files(novel, fixes=FIXES))
        return
    draw_small()
    text = read_files(novel, fixes=FIXES)
    stretches = [text[start : start + LENGTH] for start in (len(text) // 10, 6 * len(text) // 10)]
    found, quotations = find_units(model, tokenizer, stretches), quoting(text)
    found["hidden"]["quotes"] = find_units(model, tokenizer, quotations)["hidden"]["quotes"]
    for name, read in (("quotes", quotations[1]), ("position_in_word", stretches[0])):
        hold_unit(model, tokenizer, read, found["hidden"][name], questions(read, tokenizer)[name])
    draw_units(model, tokenizer, found["hidden"])
    draw_reach("", [(model, tokenizer)], text)
    for effect in effects(model, tokenizer, text[:LENGTH], places=40):
        print(f"| {say('en', effect.name, kept=16)} | {effect.bits:.2f} | {effect.extra:+.2f} ± {effect.band:.2f} |")


if __name__ == "__main__":
    main()
