"""The most that each argument of a request may be: one table, for the page's endpoints and the standard one."""

from collections.abc import Iterator
from dataclasses import dataclass

from charrnn.errors import UserError

MILLION = 1_000_000
DEEPEST = 12  # lists and mappings within one another
LARGEST = 2.0**63  # number


@dataclass(frozen=True)
class Cap:
    """The most that an argument may be.

    size: characters of all its strings, and one for each item of lists and mappings; own: that size on one's own
    machine, if another; lines: items and lines; number: the largest absolute value, where others can come; own_number:
    on one's own machine; kinds: the types that it may have beside None; items: the type of a list's items.
    """

    size: int
    own: int | None = None
    lines: int | None = None
    number: float = LARGEST
    own_number: float = LARGEST
    kinds: tuple[type, ...] = (str,)
    items: type = str

    def longest(self, *, own: bool) -> int:
        """Return the most characters."""
        return self.own if own and self.own is not None else self.size

    def most(self, *, own: bool) -> float:
        """Return the largest number."""
        return self.own_number if own else self.number

    def check(self, name: str, value: object, *, own: bool) -> None:
        """Raise UserError if a value is beyond the cap."""
        size, lines, most, number = 0, 0, self.longest(own=own), self.most(own=own)
        items = value if isinstance(value, list) else ()
        if not isinstance(value, (*self.kinds, type(None))) or not all(isinstance(one, self.items) for one in items):
            raise UserError("request-not-understood")
        for depth, one in _parts(value):
            if depth > DEEPEST:
                raise UserError("request-not-understood")
            if isinstance(one, int | float) and not -number <= one <= number:  # nor NaN
                raise UserError("argument-not-a-number", setting=name, most=int(number))
            size += (len(one) if isinstance(one, str) else 0) + (depth > 0)
            lines += one.count("\n") + 1 if isinstance(one, str) else 0
        if size > most:
            raise UserError("argument-too-long", setting=name, most=most, found=size)
        if self.lines is not None and lines > self.lines:
            raise UserError("argument-in-too-many-parts", setting=name, most=self.lines, found=lines)


NUMBER, LENGTH = Cap(0, kinds=(int, float)), Cap(0, number=20_000, kinds=(int, float))
WORK = Cap(0, number=20_000, own_number=MILLION, kinds=(int, float))  # characters that one request may have written
FLAG = Cap(0, kinds=(bool,))
NAME = Cap(1_000)  # of a model, a text, a choice
TEXT = Cap(20_000, own=MILLION)
LINE = Cap(1_000, lines=1)
FILES = Cap(20_000, own=MILLION, kinds=(list,), items=dict)
CHOICES, WORKS = Cap(2_000, lines=100, kinds=(list,)), Cap(20_000, lines=1_000, kinds=(list,))
CAPS: dict[str, Cap] = {  # by the argument's name, or its component's id
    # Generate
    "prompt": TEXT, "start": TEXT, "model": NAME, "asks": Cap(100_000, own=4 * MILLION),
    "memory": Cap(MILLION, own=32 * MILLION), "packed": Cap(MILLION, own=32 * MILLION),
    "copied": NAME, "length": LENGTH, "temperature": NUMBER, "top-k": NUMBER, "top-p": NUMBER, "min-p": NUMBER,
    "typical": NUMBER, "repetition-penalty": NUMBER, "no-repeat": NUMBER, "seed": NUMBER, "end": NAME,
    "bias": Cap(4_000, lines=200), "stop": Cap(2_000, lines=50), "rule-only": TEXT, "rule-without": LINE,
    "rule-keep-accents": NUMBER, "rule-acrostic": Cap(1_000, lines=100), "rule-line-length": NUMBER,
    "rule-start": Cap(1_000), "rule-contain": Cap(1_000, lines=20), "rule-most-copied": NUMBER,
    "rule-training": Cap(10_000, lines=100), "settings": Cap(8_000, lines=400, kinds=(dict,)),
    "my-models-list": NAME, "my-models-name": NAME, "my-models-add": Cap(20_000, kinds=(dict,)),
    "my-models-file": Cap(20_000, kinds=(dict,)),
    **{f"compare-{place}": NUMBER for place in (1, 2, 3)},
    # Train
    "train-run": NAME, "train-moment": NUMBER, "train-upload": FILES, "train-shelf": WORKS,
    "train-paste": Cap(100_000, own=8 * MILLION), "train-column": NAME,
    "train-path": Cap(4_000), "train-repairs": CHOICES, "train-minutes": NUMBER, "train-name": NAME, "train-cell": NAME,
    "train-aim": NAME, "train-exam": FLAG, "train-prompt": NAME,
    # Score
    "score-text": Cap(20_000), "text": Cap(20_000), "score-models": CHOICES, "models": CHOICES,
    "score-adaptive": NUMBER, "adaptive": NUMBER, "score-view": NAME,
    # Tools
    "accents-text": Cap(20_000), "proof-text": Cap(20_000), "whose-text": Cap(20_000), "whose-models": CHOICES,
    "exam-model": NAME,
    # Lesson and Memory
    "lesson-word": LINE, "memory-word": LINE, "memory-text": Cap(20_000), "memory-model": NAME,
    "memory-order-of-map": NAME, "memory-first": NUMBER, "memory-last": NUMBER, "memory-second": NAME,
    "memory-threshold": NUMBER, "memory-where": NAME, "memory-keep": NUMBER, "memory-unit": NUMBER,
    "memory-value": NUMBER, "memory-other": Cap(20_000), "memory-alike-by": NAME,
    # About
    "card-model": NAME,
    # the standard endpoint (`api`): the fields of a completion, and the characters that it asks for, over all its texts
    "v1.model": NAME, "v1.prompt": Cap(20_000, own=MILLION, kinds=(str, list)), "v1.max_tokens": WORK,
    "v1.n": Cap(0, number=16, own_number=128, kinds=(int, float)), "v1.logprobs": NUMBER, "v1.echo": FLAG,
    "v1.stream": FLAG, "v1.stream_options": Cap(100, kinds=(dict,)), "v1.temperature": NUMBER, "v1.top_p": NUMBER,
    "v1.seed": NUMBER, "v1.stop": Cap(2_000, lines=50, kinds=(str, list)), "v1.top_k": NUMBER, "v1.min_p": NUMBER,
    "v1.typical": NUMBER, "v1.repetition_penalty": NUMBER, "v1.no_repeat": NUMBER, "v1.end": NAME,
    "v1.bias": Cap(4_000, lines=200, kinds=(list,)), "v1.user": NAME,
    "v1.tokens": Cap(20_000, own=MILLION, number=0x10FFFF, own_number=0x10FFFF, kinds=(list,), items=int),
    "v1.n × prompt": Cap(0, number=128, own_number=1_000, kinds=(int, float)),
    "v1.n × prompt × max_tokens": WORK,
    "v1.characters × (logprobs + 1)": Cap(0, number=420_000, own_number=MILLION, kinds=(int, float)),
    # what an event tells beside its arguments: a kept text, a place in the text, or a component's new value
    "event": Cap(MILLION, own=32 * MILLION, kinds=(dict, list, str, int, float), items=object),
}  # fmt: skip


def _parts(value: object) -> Iterator[tuple[int, object]]:
    """Iterate over a JSON value and all that is in it, each with its depth."""
    left = [(0, value)]
    while left:
        depth, one = left.pop()
        yield depth, one
        inner = [*one.keys(), *one.values()] if isinstance(one, dict) else one if isinstance(one, list) else ()
        left.extend((depth + 1, each) for each in inner)
