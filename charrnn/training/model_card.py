"""The model card: a model's provenance, its held-out score and its learning curve."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from charrnn import paths
from charrnn.corpus import language
from charrnn.errors.quantities import duration, number, quantity
from charrnn.scoring.grammar import categories
from charrnn.storage import card, run_log

if TYPE_CHECKING:
    from matplotlib.figure import SubFigure

    from charrnn.config import ModelConfig, TrainConfig
    from charrnn.data.dataset import TrainingText
    from charrnn.training.probe import Trial
    from charrnn.training.setup import BestModel


@dataclass(frozen=True)
class RunSummary:
    """The facts of a run that its model card states."""

    name: str  # of the model
    text: TrainingText
    config: TrainConfig
    shape: ModelConfig
    base: str | None
    trial: Trial
    parameters: int
    characters: int  # in the vocabulary
    steps: int
    seconds: float
    final: BestModel
    evaluations: tuple[run_log.Evaluation, ...]


def write(folder: Path, summary: RunSummary) -> None:
    """Write README.md and learning_curve.png into a run's directory."""
    paths.write(folder / "learning_curve.png", learning_curve(summary.evaluations))
    paths.write(folder / "README.md", text(summary).encode("utf-8", "replace"))  # a file's name may be any bytes


def learning_curve(evaluations: Sequence[run_log.Evaluation]) -> bytes:
    """Plot training and validation loss, in bits per character, over the steps, and exams below them. Return a PNG."""
    from matplotlib.figure import Figure  # not pyplot: no display and no global figure is wanted

    taken = [each for each in evaluations if each.exam]
    figure = Figure(figsize=(6.4, 6.2 if taken else 3.6), dpi=100, layout="constrained")
    rows = figure.add_gridspec(2 if taken else 1, height_ratios=(3.6, 2.6) if taken else None)
    axes = figure.add_subplot(rows[0])
    steps = [each.step for each in evaluations]
    # Blue and vermilion of Okabe and Ito's palette: told apart by every kind of colour vision.
    axes.plot(steps, [each.train_bpc for each in evaluations], color="#0072B2", marker=".", label="training text")
    axes.plot(steps, [each.valid_bpc for each in evaluations], color="#D55E00", marker="o", label="held-out text")
    axes.set(xlabel="step", ylabel="bits per character")
    axes.grid(alpha=0.3)
    axes.legend(frameon=False)
    if taken:
        _plot_exams(figure.add_subfigure(rows[1]), taken)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def _plot_exams(figure: SubFigure, taken: Sequence[run_log.Evaluation]) -> None:
    """Plot the share of right answers in each category of the exam, and a coin's, over the steps."""
    named = (*categories(), "all")
    plots = figure.subplots(2, (len(named) + 1) // 2, sharex=True, sharey=True).flat
    for category, plot in zip(named, plots, strict=False):
        shares = [(each.exam or {}).get(category, math.nan) for each in taken]
        plot.plot([each.step for each in taken], shares, color="#0072B2", marker=".")
        plot.axhline(0.5, color="grey", linestyle="--", linewidth=1)
        plot.set(ylim=(0, 1.04))
        plot.set_title(f"{category} {shares[-1]:.0%}", fontsize=8)
        plot.tick_params(labelsize=7)
    for plot in plots:  # the rest
        plot.set_axis_off()
    figure.suptitle("grammar: pairs in which the right sentence is likelier", fontsize=9)


READ = 20_000  # characters of the held-out text that tell its language


def metadata(run: RunSummary) -> dict[str, object]:
    """Return the card's metadata, which the hub reads."""
    texts, held = run.text.train.works or run.text.source.names, run.text.valid.works
    of = card.TextFacts(
        texts=tuple(texts), held_out=(run.text.source.valid,) if run.text.source.valid else held, same=run.text.tail
    )
    spoken = language.code_of(run.text.tokenizer.decode(run.text.valid.ids[:READ].tolist()))
    return card.metadata(run.name, run.final.bits_per_character, of, spoken)


def held_out(corpus: TrainingText) -> str:
    """Name the held-out text."""
    if corpus.source.valid is not None:
        return f"`{Path(corpus.source.valid).name}`"
    if corpus.tail:
        return "the end of the same text"
    names = [Path(name).name for name in corpus.valid.works]
    return ", ".join(f"`{name}`" for name in names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def budget(config: TrainConfig) -> str:
    """Return the budget of a run in words."""
    return duration(60 * (config.minutes or 0.0)) if config.steps is None else quantity(config.steps, "steps")


def text(run: RunSummary) -> str:
    """Return the card, as Markdown with a header of metadata."""
    corpus, config, shape = run.text, run.config, run.shape
    files = ", ".join(f"`{Path(name).name}`" for name in corpus.source.names)
    if len(corpus.train.works) > 1:
        files += f" ({len(corpus.train.works):,} works)"
    held = f"{run.final.characters:,} of {corpus.valid.characters:,} characters: {held_out(corpus)}"
    cleaned = ", ".join(("normal form, line ends, byte-order mark", *corpus.source.corpus.repairs))
    sample = run.evaluations[-1].sample if run.evaluations else ""
    quoted = "\n".join(f"> {line}  ".rstrip("\n") for line in sample.strip().splitlines())  # two spaces: a line break
    numbers = "bfloat16 products" if run.trial.bf16 else "float32"
    taught = ""
    if config.teacher is not None:
        taught = (
            f"| learned from | {Path(config.teacher).name}'s predictions, with weight {config.teacher_weight:g} |\n"
        )
    rate = number(float(f"{config.lr:.3g}"))
    settings = (
        f"SOAP and AdamW, peak learning rate {rate}, {config.batch_size} lanes, window {config.window}, "
        f"seed {config.seed}, {run.trial.threads} threads, {numbers}"
    )
    trust = f"logits × {run.final.own:.3f}"
    trust += f" + the counts' × {run.final.counted:.3f}" if shape.counts == "joined" else ""
    body = f"""
# {run.name}

A character-level recurrent language model, made with charrnn on {run.final.day}.

| | |
| --- | --- |
| held-out score | **{run.final.bits_per_character:.4f} bits per character** (static; {held}) |
| trained on | {corpus.train.characters:,} characters of {files} |
| cleaned | {cleaned} |
| started from | {run.base or "scratch"} |
{taught}| network | {shape.cell}, {shape.size}, embedding {shape.embed}, dropout {shape.dropout or 0:g} |
| n-gram model | {"of the training text" if shape.counts == "joined" else "none"} |
| parameters | {run.parameters:,} |
| vocabulary | {run.characters} characters and 256 bytes |
| budget | {budget(config)}: {quantity(run.steps, "steps")} in {duration(run.seconds)} |
| training | {settings} |
| calibrated | {trust}, by the held-out text |
| text hash | sha256 `{corpus.sha256}` |

![Learning curve](learning_curve.png)

A sample of the last evaluation:

{quoted}

The model writes text that resembles its training text. It knows nothing and means nothing by it.
"""
    return card.with_metadata(body, metadata(run))
