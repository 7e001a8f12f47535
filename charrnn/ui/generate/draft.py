"""What stands on the page, as a value: whatever a visitor does to a text gives a Draft, or Drafts that grow.

A text is written in runs, one for each press of a button. Runs that go on as if the text had never stopped make one
stretch: one prompt, one seed, one command that writes it again. No gradio here, and torch only once it is needed.
"""

import dataclasses
import functools
import secrets
import shlex
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from charrnn.config import ConstraintConfig, SampleConfig
from charrnn.corpus import clean
from charrnn.ui.model_cache import Version, command_name, sampler

if TYPE_CHECKING:
    from charrnn.model import RecurrentState
    from charrnn.sampling import Sampler, Step
    from charrnn.sampling.alternatives import Place
    from charrnn.sampling.constraints import Constraint
    from charrnn.sampling.novelty import Spans

FRAME = 1 / 25  # seconds between two drafts: one per character would only slow the writing down
SPACING = 200  # characters from one kept state to the next
UNDO = 30  # changes that can be taken back
FREE = ConstraintConfig()

Ending = Literal["writing", "length", "stop", "stopped", "forgot", "opened"]


@dataclass(frozen=True)
class Draft:
    """A text, and all that is needed to go on from it or from any place in it. Never changed in place.

    Places are counts of characters from the beginning of the text.
    """

    model: Version
    text: str  # all of it
    config: SampleConfig  # of the latest run, with its seed
    wishes: ConstraintConfig = FREE
    own: tuple[tuple[int, int], ...] = ()  # from where to where it is the visitor's
    forgot: tuple[int, ...] = ()  # where the memory was emptied
    begun: int = 0  # where the latest stretch begins
    ran: int = 0  # where the latest run begins
    position: int = 0  # tokens drawn in the stretch
    state: "RecurrentState | None" = None  # after the last character; without it, the text is read again
    marks: tuple[tuple[int, "RecurrentState"], ...] = ()  # places with the states there, as they come in the text
    seconds: float = 0.0  # that the run took
    ending: Ending = "writing"
    past: tuple["Draft", ...] = ()  # before each change that can be undone; the latest last
    id: str = dataclasses.field(default_factory=lambda: secrets.token_hex(6))  # of the text, while it only grows

    @property
    def written(self) -> int:
        """Characters of the latest run."""
        return len(self.text) - self.ran

    def remembered_from(self, place: int) -> int:
        """Where the memory begins that the model has at a place."""
        return max((forgot for forgot in self.forgot if forgot <= place), default=0)

    @property
    def remembered(self) -> str:
        """What the model has read, or written, since its memory was empty."""
        return self.text[self.remembered_from(len(self.text)) :]

    def state_at(self, place: int) -> "RecurrentState":
        """What the model remembers at a place: from the nearest state before it, what follows is read again."""
        if place == len(self.text) and self.state is not None:
            return self.state
        first, reader = self.remembered_from(place), sampler(self.model)
        kept = [mark for mark in self.marks if first <= mark[0] <= place]
        if not kept:
            return reader.read(self.text[first:place])
        at, state = kept[-1]
        return reader.read(self.text[at:place], state) if at < place else state

    def place(self, place: int) -> "Place":
        """What the model expects there."""
        from charrnn.sampling.alternatives import Place

        text = self.text[self.remembered_from(place) : place]
        return Place.of(sampler(self.model), text, self.state_at(place))

    def cut(self, place: int) -> "Draft":
        """The text up to a place, as another text."""
        own = tuple((start, min(end, place)) for start, end in self.own if start < place)
        return replace(
            self, text=self.text[:place], own=own, forgot=tuple(at for at in self.forgot if at <= place),
            begun=place, ran=place, position=0, state=self.state if place == len(self.text) else None,
            marks=tuple(mark for mark in self.marks if mark[0] <= place), id=secrets.token_hex(6),
        )  # fmt: skip

    def changed(self, before: "Draft | None") -> "Draft":
        """Itself, with `before` to come back to."""
        past = () if before is None else (*before.past, replace(before, past=()))
        return replace(self, past=past[-UNDO:])


# What can be done to a text


def begin(
    model: Version, prompt: str, config: SampleConfig, wishes: ConstraintConfig = FREE, before: Draft | None = None
) -> Iterator[Draft]:
    """Write what follows `prompt`. before: what stood there, for undo."""
    prompt = clean(prompt)
    own = ((0, len(prompt)),) if prompt else ()
    draft = Draft(model, prompt, _seeded(config), wishes, own, begun=len(prompt), ran=len(prompt))
    return _write(draft.changed(before))


def go_on(
    draft: Draft, model: Version, config: SampleConfig, wishes: ConstraintConfig = FREE, words: str = ""
) -> Iterator[Draft]:
    """Write on from where `draft` ends, or from `words` put there, which are read first.

    As if the text had never stopped, if nothing but its length has changed; else as a new stretch, with the next seed.
    Another model reads the text first.
    """
    words, wishes = clean(words), replace(wishes, start="", contain=())
    grown = replace(draft.changed(draft), wishes=wishes)
    if not words and _goes_on(draft, model, config, wishes):
        return _write(replace(grown, config=replace(config, seed=draft.config.seed), ran=len(draft.text)))
    if model != draft.model:
        grown = replace(grown, model=model, state=None, marks=())
    end = len(draft.text) + len(words)
    if words:
        marks = grown.marks if grown.state is None else (*grown.marks, (len(draft.text), grown.state))
        grown = replace(
            grown, text=draft.text + words, own=(*grown.own, (len(draft.text), end)), state=None, marks=marks
        )
    return _write(replace(grown, config=_next(draft, config), begun=end, ran=end, position=0))


def again(draft: Draft, config: SampleConfig, wishes: ConstraintConfig = FREE) -> Iterator[Draft]:
    """Write the latest run anew, from the same state with the next seed."""
    start = replace(draft.cut(draft.ran), config=_next(draft, config), wishes=wishes)
    return _write(start.changed(draft))


def choose(
    draft: Draft, place: int, character: str, config: SampleConfig, wishes: ConstraintConfig = FREE
) -> Iterator[Draft]:
    """Put another character at a place, and write on from it; with "", whatever is drawn."""
    branch = replace(draft.cut(place), past=draft.past)
    return (found.changed(draft) for found in go_on(branch, draft.model, config, wishes, character))


def forget(draft: Draft) -> Iterator[Draft]:
    """Empty the memory: the text stays, but the model no longer knows of it."""
    end = len(draft.text)
    yield replace(
        draft.changed(draft), forgot=(*draft.forgot, end), begun=end, ran=end, position=0, state=None,
        marks=tuple(mark for mark in draft.marks if mark[0] < end), ending="forgot", seconds=0.0,
    )  # fmt: skip


def undo(draft: Draft) -> Iterator[Draft]:
    """As it was before the latest change; nothing if there was none."""
    if draft.past:
        yield replace(draft.past[-1], past=draft.past[:-1])


def stopped(draft: Draft) -> Draft:
    """`draft` when its writing was broken off."""
    return replace(draft, ending="stopped") if draft.ending == "writing" else draft


def _seeded(config: SampleConfig) -> SampleConfig:
    return config if config.seed is not None else replace(config, seed=secrets.randbelow(2**31))


def _next(draft: Draft, config: SampleConfig) -> SampleConfig:
    assert draft.config.seed is not None  # `begin` has drawn one
    return replace(config, seed=(draft.config.seed + 1) % 2**63)


def _goes_on(draft: Draft, model: Version, config: SampleConfig, wishes: ConstraintConfig) -> bool:
    """Whether a run with these settings can be as if the text had never stopped."""

    def how(settings: SampleConfig) -> SampleConfig:
        """The settings that say how characters are drawn, not how many."""
        return replace(settings, length=0, seed=None, stop=(), end="length")

    if draft.ending == "opened":
        unbroken = draft.state is not None  # as a Session's file has it, and what the browser keeps has not
    else:
        unbroken = draft.ending in ("length", "stopped") and len(draft.text) > draft.begun  # a stop text is met again
    return unbroken and (draft.model, draft.wishes, how(draft.config)) == (model, wishes, how(config))


# Writing


def _write(start: Draft) -> Iterator[Draft]:
    """Drafts that grow, about 25 each second; the last one says why it ended."""
    start = replace(start, ending="writing", seconds=0.0)
    yield start  # the prompt is there at once, while the model may still be loading
    writer, state = sampler(start.model), start.state_at(len(start.text))
    text, marks, position, length = "", [*start.marks, (start.ran, state)], start.position, start.config.length
    reached: RecurrentState | None = state
    began = shown = time.perf_counter()

    def draft(ending: Ending) -> Draft:
        return replace(
            start, text=start.text + text, state=reached, position=position, marks=tuple(marks), ending=ending,
            seconds=time.perf_counter() - began,
        )  # fmt: skip

    step: Step | None = None
    for part, step in _parts(writer, start, state):
        text += part
        if step is not None and len(text) % SPACING == 0:
            marks.append((start.ran + len(text), step.state))
        if time.perf_counter() - shown >= FRAME:
            reached, position = (step.state, step.position) if step is not None else (None, 0)
            yield draft("writing")
            shown = time.perf_counter()
    if text:
        reached, position = (step.state, step.position) if step is not None else (None, 0)
    yield draft("length" if len(text) >= length else "stop")


def _parts(writer: "Sampler", start: Draft, state: "RecurrentState") -> Iterator[tuple[str, "Step | None"]]:
    """What follows: with a Step for each character, or, where words are searched places for, in parts without."""
    constraints, wishes, before = constraints_of(start), start.wishes, start.remembered
    if _searched(wishes):
        from charrnn.sampling.search import stream_with_words

        for part in stream_with_words(writer, before, start.config, wishes.contain, wishes.start, constraints):
            yield part, None
        return
    written = len(start.text) - start.begun
    for step in writer.steps(state, start.config, before, start.position, constraints, written):
        yield step.text, step


def constraints_of(draft: Draft) -> "list[Constraint]":
    """The constraints of a text's stretch. Raises UserError for wishes that cannot be, or texts that cannot be read."""
    from charrnn.sampling.constraints import asked

    wishes, begin = draft.wishes, draft.begun - draft.remembered_from(len(draft.text))
    spans = None if wishes.most_copied is None else _spans(wishes.training, wishes.most_copied + 1)
    return asked(sampler(draft.model).tokenizer, wishes, begin, spans)


@functools.lru_cache(maxsize=2)
def _spans(names: tuple[str, ...], size: int) -> "Spans":
    from charrnn.corpus import open_works
    from charrnn.sampling.novelty import Spans

    return Spans.of(("".join(work.text()) for work in open_works(names)), size)


def _searched(wishes: ConstraintConfig) -> bool:
    return bool(wishes.start or wishes.contain)


# The command line


def command(draft: Draft) -> str:
    """The command line, quoted for a shell, that writes the latest stretch again, after all that the model remembers.

    How the stretch came to end does not matter: what counts is how long it is. Only where words were searched places
    for, the length that was asked for decides on them; of such a text, when it was stopped, the beginning is repeated.
    """
    first = draft.remembered_from(len(draft.text))
    config, wishes = draft.config, draft.wishes
    if not _searched(wishes):
        config = replace(config, length=len(draft.text) - draft.begun, stop=(), end="length")
    words = ["charrnn", "sample", "--model", command_name(draft.model.path)]
    if prompt := draft.text[first : draft.begun]:
        words += ["--prompt", prompt]
    return shlex.join([*words, *_options(config), *_options(wishes)])


def _options(config: SampleConfig | ConstraintConfig) -> list[str]:
    """What differs from the defaults, as options."""
    words = []
    for field in dataclasses.fields(config):
        value = getattr(config, field.name)
        if value == field.default:
            continue
        option = f"--{field.name.replace('_', '-')}"
        for one in value if isinstance(value, tuple) else (value,):
            words += [option] if one is True else [option, str(one)]
    return words
