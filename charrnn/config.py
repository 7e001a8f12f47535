"""Every setting of charrnn, with its default, its limits and its help, in one place.

The command line's options, the app's controls and the JSON in a checkpoint all derive from these
frozen dataclasses. A value is checked once, when the dataclass is made.
"""

import dataclasses
import math
import types
import typing
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from charrnn.errors import Phrase, UserError

CELL_LABELS = {"lstm": "LSTM", "gru": "GRU", "elman": "Elman"}  # by name; the cells are in `model/cells.py`
FORGIVING = 64  # tokens back that the penalty for repetition looks


PANELS = (
    "Budget", "Text", "Start", "Length and chance", "Form", "Copying", "State", "Output", "Network", "Counts",
    "Learning", "Machine",
)  # fmt: skip
"""The headings under which `--help` lists options, in this order."""


def setting(default: Any, help: str, *, panel: str | None = None, **limits: Any) -> Any:
    """A dataclass field with its help and limits: `low`, `above` (exclusive), `high`, `choices`.

    panel: its heading in `--help`, if that is not its config's PANEL.
    """
    return dataclasses.field(default=default, metadata={"help": help, "panel": panel, **limits})


class _Config:
    """What the configs share: checking, and a JSON form that refuses what it does not know."""

    PANEL: ClassVar[str | None] = None  # one of PANELS; None: the general heading

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):  # type: ignore[arg-type]
            value = _checked(field, getattr(self, field.name))
            object.__setattr__(self, field.name, value)

    def to_json(self) -> dict[str, Any]:
        return dataclasses.asdict(self)  # type: ignore[call-overload, no-any-return]

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        known = {field.name for field in dataclasses.fields(cls)}  # type: ignore[arg-type]
        if unknown := sorted(set(values) - known):
            raise UserError("unknown-settings", config=cls.__name__, known=sorted(known), unknown=unknown)
        return cls(**values)


def _checked(field: "dataclasses.Field[Any]", value: Any) -> Any:
    """`value` if it has the field's type and lies within its limits; else one clear UserError."""
    kinds, limits = kinds_of(field), field.metadata
    if value is None and type(None) in kinds:
        return value
    if float in kinds and type(value) is int:
        value = float(value)
    if tuple in kinds and isinstance(value, list):  # JSON has no tuples
        value = tuple(value)
    if (
        type(value) not in kinds  # `type`, not isinstance: True is no number here
        or (isinstance(value, float) and not math.isfinite(value))
        or (isinstance(value, tuple) and not all(isinstance(item, str) and item for item in value))
        or ("choices" in limits and value not in limits["choices"])
        or ("low" in limits and value < limits["low"])
        or ("above" in limits and value <= limits["above"])
        or ("high" in limits and value > limits["high"])
    ):
        name, found = field.name.replace("_", "-"), value if type(value) in (int, float) else repr(value)
        raise UserError("setting", setting=name, expected=_expected(kinds, limits), found=found)
    return value


def kinds_of(field: "dataclasses.Field[Any]") -> tuple[type, ...]:
    """The plain types that a field accepts: `float | None` gives (float, NoneType)."""
    members = typing.get_args(field.type) if isinstance(field.type, types.UnionType) else (field.type,)
    return tuple(typing.get_origin(member) or member for member in members)


def _expected(kinds: tuple[type, ...], limits: typing.Mapping[str, Any]) -> Phrase:
    if "choices" in limits:
        return Phrase("one-of", choices=", ".join(limits["choices"]))
    bounds = {key: limits[key] for key in ("low", "above", "high") if key in limits}
    match tuple(bounds):
        case ():
            within = Phrase("no-limits")
        case ("low",):
            within = Phrase("at-least", **bounds)
        case ("above",):
            within = Phrase("above", **bounds)
        case ("high",):
            within = Phrase("at-most", **bounds)
        case ("low", "high"):
            within = Phrase("at-least-at-most", **bounds)
        case _:
            within = Phrase("above-at-most", **bounds)
    if kinds[0] in (int, float):
        return Phrase("whole-number" if kinds[0] is int else "finite-number", limits=within)
    return Phrase({str: "text", bool: "true-or-false"}.get(kinds[0], "non-empty-texts"))


@dataclass(frozen=True)
class ModelConfig(_Config):
    """The shape of a model: all that is needed to build it before its weights are loaded."""

    PANEL = "Network"

    vocab_size: int = setting(0, "size of the tokenizer's vocabulary", low=0)
    cell: str = setting("lstm", "recurrent cell", choices=CELL_LABELS)
    embed: int = setting(128, "width of a character's embedding", low=1, high=8192)
    hidden: int | None = setting(
        None, "size of the hidden vector, per layer; default: by time, text and machine", low=1, high=16384
    )
    members: int | None = setting(
        None, "networks that make an ensemble and share the hidden size; default: by time and text", low=1, high=64
    )
    layers: int = setting(1, "number of recurrent layers", low=1, high=64)
    counts: str = setting(
        "joined",
        "whether the network is joined to what was counted in its training text",
        panel="Counts",
        choices=("joined", "none"),
    )
    dropout: float | None = setting(
        None, "share of each layer's outputs dropped while training; default: by time and text", low=0.0, high=0.95
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.hidden is not None and self.hidden % self.member_count:
            raise UserError("hidden-not-multiple", members=self.member_count, hidden=self.hidden)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        return super().from_json({"members": 1, **values})  # which models of earlier versions do not tell

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
class CorpusConfig(_Config):
    """How texts are read."""

    PANEL = "Text"

    encoding: str | None = setting(None, "encoding of the files; default: found out, or refused")
    clean: tuple[str, ...] = setting((), "repairs to make while reading, comma-separated; see `charrnn corpus clean`")

    @property
    def repairs(self) -> tuple[str, ...]:
        return tuple(name.strip() for given in self.clean for name in given.split(",") if name.strip())


@dataclass(frozen=True)
class TrainConfig(_Config):
    """How a model is trained. Either `steps` or `minutes` is the budget; `steps` wins if both are given."""

    PANEL = "Learning"

    minutes: float | None = setting(5.0, "training time, planned by the clock", panel="Budget", above=0.0)
    steps: int | None = setting(None, "number of updates, instead of --minutes", panel="Budget", low=1)
    batch: int | None = setting(None, "lanes of text read side by side; default: by time and text", low=1, high=65536)
    window: int = setting(64, "characters between two updates (TBPTT)", low=1, high=65536)
    at_work_end: str = setting(
        "carry", "whether the state is carried into the next work or reset", choices=("carry", "reset")
    )
    line_ends: str = setting(
        "moved",
        "line ends at a margin: moved in each new pass over the text, or kept (with counts only)",
        panel="Counts",
        choices=("moved", "kept"),
    )
    lr: float | None = setting(None, "peak learning rate; default: by cell", above=0.0, high=1.0)
    warmup: float = setting(0.02, "share of the budget that the learning rate climbs", low=0.0, high=0.9)
    weight_decay: float = setting(0.15, "AdamW's decoupled weight decay", low=0.0, high=1.0)
    clip: float = setting(0.25, "largest norm of the gradient", above=0.0)
    counted: int | None = setting(
        None, "characters that are counted; default: by the budget", panel="Counts", low=1, high=2**24
    )
    counts_size: float | None = setting(
        None, "MB of what was counted, on disk, by dropping what is rare; default: some 40", panel="Counts", above=0.0
    )
    evaluations: int = setting(10, "how often the held-out text is scored", panel="Budget", low=1, high=10000)
    patience: int = setting(
        3,
        "stop early after so many evaluations in a row that got clearly worse; 0 never stops",
        panel="Budget",
        low=0,
        high=10000,
    )
    seed: int = setting(1, "seed of weights and dropout", low=0, high=2**63 - 1)
    threads: int | None = setting(
        None,
        "CPU threads; default: tried out, also later, as other programs come and go",
        panel="Machine",
        low=1,
        high=1024,
    )
    device: str = setting("auto", "where to train: auto, cpu, cuda or cuda:N", panel="Machine")
    precision: str = setting("auto", "number format of products", panel="Machine", choices=("auto", "f32", "bf16"))
    prompt: str = setting("", "how the sample of each evaluation begins", panel="Output")

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
class SampleConfig(_Config):
    """How text is drawn from a model. The filters apply in the order of `charrnn.sampling.filters`."""

    PANEL = "Length and chance"

    length: int = setting(500, "characters to generate", low=0, high=10**9)
    temperature: float = setting(
        0.7, "below 1 safer, above 1 wilder; 0 always takes the likeliest", low=0.0, high=100.0
    )
    top_k: int = setting(0, "keep the k likeliest characters; 0 keeps all", low=0)
    top_p: float = setting(
        1.0, "keep the likeliest characters that together reach this probability", above=0.0, high=1.0
    )
    min_p: float = setting(
        0.0, "drop characters below this share of the likeliest one's probability", low=0.0, high=1.0
    )
    typical: float = setting(
        1.0, "keep the characters nearest to the expected surprise, up to this probability", above=0.0, high=1.0
    )
    repetition_penalty: float = setting(
        1.0, f"above 1, make the last {FORGIVING} characters' characters less likely", low=0.1, high=10.0
    )
    no_repeat: int = setting(0, "never repeat as many characters as this; 0 lets it", low=0, high=4096)
    seed: int | None = setting(None, "repeats a sample; drawn and shown by default", low=0, high=2**63 - 1)
    bias: tuple[str, ...] = setting((), "a character, = and what to add to its logit, such as e=-1.5 (repeatable)")
    stop: tuple[str, ...] = setting((), "end before this text appears (repeatable)")
    end: str = setting(
        "length", "write on, past the length, to the end of this", choices=("length", "line", "sentence", "paragraph")
    )


@dataclass(frozen=True)
class ConstraintConfig(_Config):
    """What a text that is drawn must be like, and what it is compared with. See `charrnn.sampling.constraints`."""

    PANEL = "Form"

    only: str | None = setting(None, "write nothing but these characters (a line end, too, only if it is one of them)")
    without: str | None = setting(None, "write none of these letters, small or capital, with or without an accent")
    keep_accents: bool = setting(False, "let --without rule out letters just as given: for a, not á")
    acrostic: str | None = setting(None, "begin each line with the next letter of this word")
    line_length: int | None = setting(
        None, "longest line, in characters; words stay whole where they can", low=1, high=10000
    )
    start: str = setting("", "begin with this text; it counts towards the length, as what --contain puts in does")
    contain: tuple[str, ...] = setting((), "write this word where it fits best (repeatable)")
    most_copied: int | None = setting(
        None, "longest run, in characters, that may stand in a --training text", panel="Copying", low=1, high=1000
    )
    training: tuple[str, ...] = setting(
        (), "a text for --most-copied: whatever `charrnn train` reads (repeatable)", panel="Copying"
    )
    novelty: tuple[str, ...] = setting(
        (),
        "report, on stderr or in the JSON, each longest run that stands in this text too (repeatable)",
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
class StartConfig(_Config):
    """What a text begins from, and where it is kept."""

    PANEL = "State"

    weights: str = setting(
        "best",
        "weights of a trained model: the best by held-out score, or the last that its training saved",
        panel="Start",
        choices=("best", "last"),
    )
    save_state: str | None = setting(None, "keep in this file what going on needs: as if it had never stopped")
    load_state: str | None = setting(None, "go on from such a file, by its model and settings unless others are given")
    rewind: int = setting(0, "characters of the loaded text to take back first", low=0, high=1000)
    blend: tuple[str, ...] = setting(
        (), "another model to mix in, : and its weight, such as last:0.3 (repeatable)", panel="Start"
    )
    adapt_on: str | None = setting(None, "a text to tune a copy of the model to before it writes", panel="Start")


@dataclass(frozen=True)
class ReportConfig(_Config):
    """The page that `charrnn inspect` writes."""

    out: str | None = setting(None, "write a report for a lesson to this file, as one HTML page")
    language: str = setting("pt", "language of the report", choices=("pt", "en"))
