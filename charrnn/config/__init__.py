"""Every setting of charrnn with its default, its limits and its help.

The command line's options, the page's controls and the JSON of a checkpoint all derive from these frozen dataclasses.
A value is checked once, when its dataclass is built: see `fields`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from charrnn.config.fields import Config, setting
from charrnn.errors import UserError

CELL_LABELS = {"lstm": "LSTM", "gru": "GRU", "elman": "Elman"}  # by name; the cells are in `model/cells.py`
FORGIVING = 64  # characters back that the repetition penalty looks


@dataclass(frozen=True)
class ModelConfig(Config):
    """The shape of a model, from which it is built before its weights are loaded."""

    PANEL = "Network"

    vocab_size: int = setting(0, "size of the tokenizer's vocabulary", low=0)
    cell: str = setting("lstm", "recurrent cell", choices=CELL_LABELS)
    embed: int = setting(128, "width of a character's embedding", low=1, high=8192)
    hidden: int | None = setting(
        None, "size of the hidden vector, per layer; default: by time, text and machine", low=1, high=16384
    )
    members: int | None = setting(
        None, "networks of the ensemble, which share the hidden size; default: by time and text", low=1, high=64
    )
    layers: int = setting(1, "number of recurrent layers", low=1, high=64)
    counts: str = setting(
        "joined",
        "train the network together with n-gram counts of its text, or alone",
        panel="Counts",
        choices=("joined", "none"),
    )
    dropout: float | None = setting(
        None, "share of each layer's outputs dropped in training; default: by time and text", low=0.0, high=0.95
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.hidden is not None and self.hidden % self.member_count:
            raise UserError("hidden-not-multiple", members=self.member_count, hidden=self.hidden)

    @classmethod
    def from_json(cls, values: Mapping[str, object]) -> Self:
        return super().from_json({"members": 1, **values})  # missing from models of earlier versions

    @property
    def hidden_size(self) -> int:
        """`hidden`, once it is known."""
        assert self.hidden is not None
        return self.hidden

    @property
    def size(self) -> str:
        """Layers × units, for people: “1 × 512”, or “1 × 384, 2 members”."""
        members = f", {self.member_count} members" if self.member_count > 1 else ""
        return f"{self.layers} × {self.hidden_size // self.member_count}{members}"

    @property
    def member_count(self) -> int:
        """`members`, 1 until it is known."""
        return self.members or 1


@dataclass(frozen=True)
class CorpusConfig(Config):
    """How texts are decoded and repaired."""

    PANEL = "Text"

    encoding: str | None = setting(None, "encoding of the files; default: found out, or refused")
    clean: tuple[str, ...] = setting((), "repairs to make while reading, comma-separated; see `charrnn corpus clean`")

    @property
    def repairs(self) -> tuple[str, ...]:
        return tuple(name.strip() for given in self.clean for name in given.split(",") if name.strip())


@dataclass(frozen=True)
class TrainConfig(Config):
    """How a model is trained. The budget is `steps` or `minutes`; `steps` wins if both are given."""

    PANEL = "Learning"

    minutes: float | None = setting(5.0, "training time in minutes", panel="Budget", above=0.0)
    steps: int | None = setting(None, "number of updates, instead of --minutes", panel="Budget", low=1)
    batch: int | None = setting(None, "lanes of text trained in parallel; default: by time and text", low=1, high=65536)
    window: int = setting(64, "characters between two updates (TBPTT)", low=1, high=65536)
    at_work_end: str = setting(
        "carry", "whether the state is carried into the next work or reset", choices=("carry", "reset")
    )
    line_ends: str = setting(
        "moved",
        "line ends of text wrapped at a margin: moved in each pass over the text, or kept (with counts only)",
        panel="Counts",
        choices=("moved", "kept"),
    )
    teacher: str | None = setting(
        None, "also learn from the predictions of this model (with --counts none)", panel="Start", metavar="MODEL"
    )
    teacher_weight: float = setting(
        0.5, "share of the teacher's predictions in what is learned, beside the text", panel="Start", low=0.0, high=1.0
    )
    lr: float | None = setting(None, "peak learning rate; default: by cell", above=0.0, high=1.0)
    warmup: float = setting(0.02, "share of the budget over which the learning rate rises", low=0.0, high=0.9)
    weight_decay: float = setting(0.15, "the optimizers' decoupled weight decay", low=0.0, high=1.0)
    clip: float = setting(0.25, "norm to which gradients are clipped", above=0.0)
    counted: int | None = setting(
        None, "characters of the text that are counted; default: by the budget", panel="Counts", low=1, high=2**24
    )
    counts_size: float | None = setting(
        None,
        "MB of counts on disk, for which rare contexts are dropped; default: about 40",
        panel="Counts",
        above=0.0,
    )
    watch: bool = setting(
        default=False,
        help="see a network learn from nothing: alone, from scratch, with samples before the first step and after 1, "
        "2, 5, 10, 20, 50 … steps",
        panel="Start",
    )
    exam: bool = setting(
        default=False,
        help="examine the network in Portuguese grammar at each evaluation, as `charrnn exam` does; draw the curves",
        panel="Output",
    )
    evaluations: int = setting(10, "number of evaluations on the held-out text", panel="Budget", low=1, high=10000)
    patience: int = setting(
        3,
        "stop early after this many clearly worse evaluations in a row, once the learning rate falls; 0 never stops",
        panel="Budget",
        low=0,
        high=10000,
    )
    seed: int = setting(1, "seed of weights and dropout", low=0, high=2**63 - 1)
    threads: int | None = setting(
        None,
        "CPU threads; default: measured, and again as other programs start and end",
        panel="Machine",
        low=1,
        high=1024,
    )
    device: str = setting("auto", "where to train: auto, cpu, cuda or cuda:N", panel="Machine")
    precision: str = setting("auto", "number format of products", panel="Machine", choices=("auto", "f32", "bf16"))
    prompt: str = setting("", "prompt of the sample that each evaluation shows", panel="Output", escapes=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.minutes is None and self.steps is None:
            raise UserError("no-budget")

    @property
    def batch_size(self) -> int:
        """`batch`, once it is known."""
        assert self.batch is not None
        return self.batch


@dataclass(frozen=True)
class SampleConfig(Config):
    """How text is drawn from a model. The filters apply in the order of `charrnn.sampling.filters`."""

    PANEL = "Length and chance"

    length: int = setting(500, "characters to generate", low=0, high=10**9)
    temperature: float = setting(
        0.7, "below 1 safer, above 1 wilder; 0 always takes the likeliest", low=0.0, high=100.0
    )
    top_k: int = setting(0, "keep the k likeliest characters; 0 keeps all", low=0, high=2**31 - 1)
    top_p: float = setting(
        1.0, "keep the likeliest characters that together reach this probability", above=0.0, high=1.0
    )
    min_p: float = setting(
        0.0, "drop characters below this share of the likeliest one's probability", low=0.0, high=1.0
    )
    typical: float = setting(
        1.0,
        "keep the characters nearest to the expected surprisal, up to this probability",
        above=0.0,
        high=1.0,
    )
    repetition_penalty: float = setting(
        1.0, f"above 1, penalise characters that occur in the last {FORGIVING}", low=0.1, high=10.0
    )
    no_repeat: int = setting(0, "never repeat a run of this many characters; 0 allows any", low=0, high=4096)
    seed: int | None = setting(None, "the same seed repeats a sample; default: drawn and shown", low=0, high=2**63 - 1)
    bias: tuple[str, ...] = setting(
        (), r"add to a character's logit, such as e=-1.5 or \n=2 (repeatable)", escapes=True
    )
    stop: tuple[str, ...] = setting((), r"stop before this text appears, such as \n (repeatable)", escapes=True)
    end: str = setting(
        "length", "after the length, continue to the end of this", choices=("length", "line", "sentence", "paragraph")
    )


@dataclass(frozen=True)
class ConstraintConfig(Config):
    """Constraints on a generated text, and texts to compare it with. See `charrnn.sampling.constraints`."""

    PANEL = "Form"

    only: str | None = setting(
        None, r"write only these characters (the line end, \n, must be among them, too)", escapes=True
    )
    without: str | None = setting(
        None, "write none of these letters, small or capital, with or without an accent", escapes=True
    )
    keep_accents: bool = setting(default=False, help="make --without exclude letters exactly as given: a, but not á")
    acrostic: str | None = setting(
        None,
        "begin each line with the next letter of this word, and end with the last one; lines of at most 40 characters, "
        "unless --line-length says more",
        escapes=True,
    )
    line_length: int | None = setting(
        None, "longest line, in characters; words stay whole where they can", low=1, high=10000
    )
    start: str = setting(
        "", "begin with this text; it counts towards the length, as the words of --contain do", escapes=True
    )
    contain: tuple[str, ...] = setting((), "write this word where it fits best (repeatable)", escapes=True)
    most_copied: int | None = setting(
        None, "longest run of characters that may be copied from a --training text", panel="Copying", low=1, high=1000
    )
    training: tuple[str, ...] = setting(
        (), "a text that --most-copied compares with: whatever `charrnn train` reads (repeatable)", panel="Copying"
    )
    novelty: tuple[str, ...] = setting(
        (),
        "report the longest runs that also occur in this text, on stderr or in the JSON (repeatable)",
        panel="Copying",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.most_copied is None) != (self.training == ()):
            raise UserError(
                "training-needs-copied" if self.most_copied is None else "copied-needs-training", setting="most-copied"
            )
        if self.keep_accents and self.without is None:
            raise UserError("accents-need-without", setting="keep-accents")


@dataclass(frozen=True)
class StartConfig(Config):
    """The model and the saved state that a text begins from, and where its state is saved."""

    PANEL = "State"

    weights: str = setting(
        "best",
        "weights of a trained model: the best on the held-out text, or the last saved",
        panel="Start",
        choices=("best", "last"),
    )
    save_state: str | None = setting(None, "save the text and the state here, to continue as if never stopped")
    load_state: str | None = setting(None, "continue a saved text, with its model and settings unless others are given")
    rewind: int = setting(0, "characters to remove first from the end of the loaded text", low=0, high=1000)
    blend: tuple[str, ...] = setting(
        (), "mix in another model with this weight, such as last:0.3 (repeatable)", panel="Start"
    )
    adapt_on: str | None = setting(None, "a text on which a copy of the model is first fine-tuned", panel="Start")


@dataclass(frozen=True)
class ReportConfig(Config):
    """The page that `charrnn inspect` writes."""

    out: str | None = setting(None, "write a report for a lesson to this file, as one HTML page")
    language: str = setting("pt", "language of the report", choices=("pt", "en"))
