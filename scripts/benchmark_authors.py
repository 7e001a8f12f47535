"""Measure `charrnn whose` on nine authors: passages of 1,000 characters from a book of each that no model read.

    CHARRNN_CORPORA=DIR python scripts/benchmark_authors.py [--out runs/authors] [--plain] [--passages 40] [--beside]

A small model of each author is trained (n-gram counts of 0.5 MB and a network of 16 units) on at most 600,000
characters of the other books. The book kept out is the author's shortest; of Machado it is Esaú e Jacó. With --plain,
all texts are first reduced to letters of one spelling: what is left tells authors apart without orthography or
punctuation. With --beside, scikit-learn's logistic regression on character n-grams and PPMd answer, too (pip install
scikit-learn pyppmd). The share of the bits that counts as evidence is fitted on the passages of eight authors and
judged on the ninth.
"""

import argparse
import os
import re
import subprocess
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from charrnn.corpus import open_works, read_file
from charrnn.corpus.repairs import DEFAULT, repair
from charrnn.sampling import Sampler
from charrnn.scoring.bits import costs
from charrnn.storage import registry, saved_model
from charrnn.tools import authorship

AUTHORS = {  # as in the names of ELTeC-por
    "AntFBar": "Barata", "AbeBot": "Botelho", "CamCB": "Camilo", "AnaCO": "Castro-Osorio", "JulDin": "Dinis",
    "EcaQue": "Eca", "AleHer": "Herculano", "AlbPim": "Pimentel",
}  # fmt: skip
MACHADO, KEPT_OUT = "Machado", "esau-e-jaco"
MOST = 600_000  # characters of each author
SIZE = 1_000  # of a passage
CLEAN = ("quotes", "dashes")
SHARES = np.geomspace(0.003, 1, 60)
PPM_TEXT = 150_000  # bytes of each author that PPMd reads before each passage
RULES = ("ph f", "th t", "rh r", "y i", "mpt nt", "mn n", "ct t", "pt t", "gn n", "sc c", "chr cr", "h ", "z s", "k c")


def plain(text: str) -> str:
    """Return the letters of a text in one rough spelling of its sounds, without accents, capitals or signs."""
    bare = "".join(sign for sign in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(sign))
    for rule in RULES:
        old, _, new = rule.partition(" ")
        bare = bare.replace(old, new)
    return re.sub(r"[^a-z]+", " ", re.sub(r"([^\W\drs])\1", r"\1", bare))


def books(corpora: Path) -> dict[str, dict[str, str]]:
    """Return the books of each author by their names."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for work in open_works(["eltec-por"]):
        name = work.name.rpartition(":")[2]
        author = AUTHORS.get(name.split("_")[1])
        if author is not None:
            found[author][name] = repair("".join(work.text()), [*DEFAULT, *CLEAN])[0]
    for path in sorted(corpora.glob("machado/*/*.txt")):
        found[MACHADO][path.stem] = read_file(path, fixes=("unwrap", *CLEAN))
    return found


def divide(library: dict[str, dict[str, str]], count: int) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Return the training text of each author, and passages of the book kept out."""
    learned, passages = {}, {}
    for author, works in sorted(library.items()):
        kept = KEPT_OUT if author == MACHADO else min(works, key=lambda name: len(works[name]))
        learned[author] = "\n".join(works[name] for name in sorted(works) if name != kept)[:MOST]
        text, step = works[kept], (len(works[kept]) - 2 * SIZE) // count
        passages[author] = [text[SIZE + number * step :][:SIZE] for number in range(count)]
        print(f"{author}: kept out {kept}, {len(text):,} characters; learned {len(learned[author]):,}", flush=True)
    return learned, passages


def train(learned: dict[str, str], out: Path) -> None:
    """Train a small model of each author, unless it is there."""
    for author, text in learned.items():
        (out / f"{author}.txt").write_text(text, encoding="utf-8")
        if not registry.is_model(out / author):
            command = f"train {out / author}.txt --out {out / author} --from scratch --hidden 16 --embed 16 --members 1"
            more = "--batch 16 --steps 300 --evaluations 2 --counts-size 0.5 --threads 1 --overwrite"
            subprocess.run([sys.executable, "-m", "charrnn", *command.split(), *more.split()], check=True)


def attributions(passages: dict[str, list[str]], out: Path) -> dict[str, list[authorship.Attribution]]:
    """Let all models read all passages."""

    def reader(author: str) -> authorship.Reader:
        model, tokenizer = saved_model.read(out / author)
        decoder = Sampler(model, tokenizer, "f32").decoder
        return lambda text: costs(decoder, tokenizer, text, 1).surprisal

    readers = {author: reader(author) for author in passages}
    return {author: [authorship.attribute(text, readers) for text in texts] for author, texts in passages.items()}


def calibrated(found: dict[str, list[authorship.Attribution]]) -> tuple[float, list[tuple[float, bool]]]:
    """Return the share that fits all authors, and for each passage the probability of the first, and if it is right.

    The probability of an author's passages comes from the share that fits the passages of the others.
    """

    def loss(share: float, authors: list[str]) -> float:
        return -sum(
            float(np.log(one.probabilities(share)[one.models.index(author)] + 1e-12))
            for author in authors
            for one in found[author]
        )

    def fitted(authors: list[str]) -> float:
        return float(min(SHARES, key=lambda share: loss(share, authors)))

    answers = []
    for author in found:
        share = fitted([other for other in found if other != author])
        for one in found[author]:
            chances = one.probabilities(share)
            answers.append((float(chances.max()), one.models[int(chances.argmax())] == author))
    return fitted([*found]), answers


def calibration_error(answers: list[tuple[float, bool]]) -> float:
    """Return the mean distance of probability and share of right answers, in ten bins of equal width."""
    chances, right = (np.array(column, dtype=float) for column in zip(*answers, strict=True))
    bins = np.minimum((chances * 10).astype(int), 9)
    return sum(
        abs(float(chances[bins == one].mean() - right[bins == one].mean())) * float((bins == one).mean())
        for one in np.unique(bins)
    )


def regression(learned: dict[str, str]) -> Callable[[str], str]:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    rows = [(text[at : at + SIZE], author) for author, text in learned.items() for at in range(0, len(text), SIZE)]
    counts = TfidfVectorizer(
        analyzer="char", ngram_range=(1, 4), max_features=50_000, sublinear_tf=True, lowercase=False
    )
    model = LogisticRegression(C=30, max_iter=200).fit(
        counts.fit_transform([text for text, _ in rows]), [author for _, author in rows]
    )
    return lambda text: str(model.predict(counts.transform([text]))[0])


def compression(learned: dict[str, str]) -> Callable[[str], str]:
    import pyppmd

    def size(text: bytes) -> int:
        coder = pyppmd.Ppmd7Encoder(6, 64 << 20)
        return len(coder.encode(text)) + len(coder.flush())

    known = {author: text.encode("latin-1", "replace")[:PPM_TEXT] for author, text in learned.items()}
    alone = {author: size(text) for author, text in known.items()}

    def answer(text: str) -> str:
        more = {author: size(known[author] + text.encode("latin-1", "replace")) - alone[author] for author in known}
        return min(more, key=more.__getitem__)

    return answer


def show(name: str, right: dict[str, NDArray[np.bool_]]) -> None:
    whole = np.mean([hits.mean() for hits in right.values()])
    print(f"{name:10} {whole:6.1%}  " + "  ".join(f"{author} {hits.mean():.0%}" for author, hits in right.items()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("runs/authors"))
    parser.add_argument("--passages", type=int, default=40)
    parser.add_argument("--plain", action="store_true")
    parser.add_argument("--beside", action="store_true")
    options = parser.parse_args()
    library = books(Path(os.environ["CHARRNN_CORPORA"]))
    if options.plain:
        library = {author: {name: plain(text) for name, text in works.items()} for author, works in library.items()}
    out = options.out / ("plain" if options.plain else "as-printed")
    out.mkdir(parents=True, exist_ok=True)
    learned, passages = divide(library, options.passages)
    if options.beside:
        for name, answer in (("regression", regression(learned)), ("PPMd", compression(learned))):
            show(name, {author: np.array([answer(p) == author for p in texts]) for author, texts in passages.items()})
    train(learned, out)
    found = attributions(passages, out)
    show("charrnn", {a: np.array([one.models[one.bits.argmin()] == a for one in ones]) for a, ones in found.items()})
    share, answers = calibrated(found)
    print(f"share {share:.3f}, calibration error {calibration_error(answers):.3f}")


if __name__ == "__main__":
    main()
