"""Draw docs/images/quality.svg: bits per character after M minutes of training, beside other programs.

    python scripts/picture_quality.py

All figures come from the tables of docs/benchmarks.md, so that the picture cannot differ from them.
"""

import re
from pathlib import Path
from statistics import median

import matplotlib as mpl
from matplotlib.figure import Figure

DOCS = Path(__file__).resolve().parents[1] / "docs"
BLUE, ORANGE, GREY = "#0072b2", "#d55e00", "#666666"  # which colour-blind people can tell apart


def rows(section: str) -> list[list[str]]:
    """Return the cells of the first table under a heading of docs/benchmarks.md, without its header."""
    text = (DOCS / "benchmarks.md").read_text(encoding="utf-8")
    lines = text.partition(f"## {section}\n")[2].partition("\n## ")[0].splitlines()
    table = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    return table[2:]


def number(cell: str) -> float:
    """Return the first number of a cell, such as 1.8002 in `**1.8002** (1.7439)`."""
    found = re.search(r"\d+\.\d+", cell)
    assert found, cell
    return float(found[0])


def curves() -> dict[int, tuple[float, float]]:
    """Return the static and the adaptive score by minutes of training: medians over the seeds."""
    scores: dict[int, list[tuple[float, float]]] = {}
    for minutes, _, static, adaptive, *_ in rows("How good is a model after M minutes?"):
        scores.setdefault(int(minutes), []).append((number(static), number(adaptive)))
    return {minutes: (median(s for s, _ in found), median(a for _, a in found)) for minutes, found in scores.items()}


def main() -> None:
    mpl.rcParams.update({"svg.hashsalt": "charrnn", "font.size": 11})
    figure = Figure(figsize=(8, 4), facecolor="white", layout="constrained")
    axes = figure.add_subplot()
    for program, static, adaptive in rows("How good are other programs?"):
        score, kind = (number(static), "static") if static else (number(adaptive), "adaptive")
        axes.axhline(score, color=GREY, linewidth=1, linestyle="-" if static else "--")
        name = program.partition(",")[0].removeprefix("interpolated ")
        axes.text(0.78, score + 0.01, f"{name}: {score:.4f} ({kind})", color=GREY)
    found = curves()
    for kind, colour, style, marker in ((0, BLUE, "-", "o"), (1, ORANGE, "--", "s")):
        scores = [both[kind] for both in found.values()]
        axes.plot(list(found), scores, color=colour, linestyle=style, marker=marker)
        for minutes, score in zip(found, scores, strict=True):
            label = f"{score:.4f}"
            axes.annotate(label, (minutes, score), (0, 7), textcoords="offset points", ha="center", color=colour)
        name = ("charrnn, static", "charrnn, adaptive")[kind]
        axes.annotate(name, (60, scores[-1]), (18, -4), textcoords="offset points", color=colour, annotation_clip=False)
    axes.set_xscale("log")
    axes.set_xlim(0.75, 220)
    axes.set_ylim(1.5, 2.45)
    axes.set_xticks(list(found), [str(minutes) for minutes in found])
    axes.minorticks_off()
    axes.set_xlabel("minutes of training on 2 CPU cores")
    axes.set_ylabel("bits per character (less is better)")
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(DOCS / "images" / "quality.svg", metadata={"Date": None})


if __name__ == "__main__":
    main()
