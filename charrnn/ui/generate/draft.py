"""The text on the page as a value: whatever a visitor does to it gives a Draft, or Drafts that grow.

A text is written in runs, one for each press of a button. Runs that continue as if the text had never stopped make one
stretch: one prompt, one seed, one command that writes it again. Importing this loads no torch.
"""

import dataclasses
import itertools
import json
import secrets
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Literal, NamedTuple, Self

from charrnn.config import ConstraintConfig, SampleConfig
from charrnn.corpus import clean
from charrnn.errors import Phrase, UserError
from charrnn.sampling.filters import Logits, with_seed
from charrnn.sampling.session import ALL, FREE, Recorder, Session
from charrnn.ui.model_cache import Version, choices, chosen, command_name, sampler, version
from charrnn.ui.visitors import Permissions

FRAME = 1 / 25  # seconds between two drafts: one per character would only slow the writing down
UNDO = 30  # changes that can be taken back
LONGEST = 100_000  # characters of a text that the browser keeps
MOST_PARTS = 1000  # of one's own, and emptied memories, in such a text
FILES = ("most_copied", "training", "novelty")  # the constraints that name files

Given = dict[str, object]  # values of a config's fields, by their names
Ending = Literal["writing", "length", "stop", "acrostic", "stopped", "failed", "forgot", "opened"]


class Place(NamedTuple):
    """A place in a text: what the model remembers there, and its logits (v,)."""

    text: str
    logits: Logits


@dataclass(frozen=True)
class Draft:
    """A text, and all that is needed to continue it from its end or from any place in it. Never changed in place.

    Places are counts of characters from the beginning of the text.
    """

    model: Version
    session: Session  # what the model remembers, with the settings of the latest run
    emptied: tuple[Session, ...] = ()  # memories that were emptied: the text before, from its beginning on
    own: tuple[tuple[int, int], ...] = ()  # from where to where it is the visitor's
    ran: int = 0  # where the latest run begins
    seconds: float = 0.0  # that the run took
    ending: Ending = "writing"
    past: tuple["Draft", ...] = ()  # before each change that can be undone; the latest last
    id: str = dataclasses.field(default_factory=lambda: secrets.token_hex(6))  # of the text, while it only grows

    @cached_property
    def text(self) -> str:
        """The whole text."""
        return "".join(session.text for session in (*self.emptied, self.session))

    @cached_property
    def forgot(self) -> tuple[int, ...]:
        """Places where the memory was emptied."""
        return tuple(itertools.accumulate(len(session.text) for session in self.emptied))

    @property
    def begun(self) -> int:
        """Place where the latest stretch begins."""
        return max(0, len(self.text) - self.session.written)

    @property
    def written(self) -> int:
        """Number of characters of the latest run."""
        return len(self.text) - self.ran

    def remembered_from(self, place: int) -> int:
        """Return where the memory begins that the model has at a place."""
        return max((forgot for forgot in self.forgot if forgot <= place), default=0)

    def place(self, place: int) -> Place:
        """Return what the model expects at a place."""
        reader, (_, memory) = sampler(self.model), self._memory(place)
        return Place(memory.text, reader.predict(memory.state_at(reader, len(memory.text))))

    def cut(self, place: int) -> Self:
        """Return the text up to a place, as another text."""
        number, memory = self._memory(place)
        return replace(
            self, session=replace(memory, config=self.session.config, constraints=self.session.constraints),
            emptied=self.emptied[:number], ran=place, id=secrets.token_hex(6),
            own=tuple((start, min(end, place)) for start, end in self.own if start < place),
        )  # fmt: skip

    def _memory(self, place: int) -> tuple[int, Session]:
        """Return the number of the memory at a place, and that memory up to the place."""
        number = sum(forgot <= place for forgot in self.forgot)
        return number, (*self.emptied, self.session)[number].cut(place - self.remembered_from(place))

    def changed(self, before: "Draft | None") -> Self:
        """Return it with `before` to come back to."""
        past = () if before is None else (*before.past, replace(before, past=()))
        return replace(self, past=past[-UNDO:])


# What can be done to a text


def begin(
    model: Version, prompt: str, config: SampleConfig, constraints: ConstraintConfig = FREE,
    before: Draft | None = None,
) -> Iterator[Draft]:  # fmt: skip
    """Write what follows `prompt`. before: what stood there, for undo."""
    prompt = clean(prompt)
    session = Session(with_seed(config), constraints, reach=ALL).added(prompt)
    draft = Draft(model, session, own=((0, len(prompt)),) if prompt else (), ran=len(prompt))
    return _write(draft.changed(before))


def go_on(
    draft: Draft, model: Version, config: SampleConfig, constraints: ConstraintConfig = FREE, words: str = ""
) -> Iterator[Draft]:
    """Continue where `draft` ends, or after `words` put there, which are read first.

    As if the text had never stopped, if nothing but its length has changed; else as a new stretch, with the next seed.
    Another model reads the text first.
    """
    words, constraints, end = clean(words), replace(constraints, start="", contain=()), len(draft.text)
    grown, session = draft.changed(draft), replace(draft.session, constraints=constraints)
    if not words and _goes_on(draft, model, config, constraints):
        session = replace(session, config=replace(config, seed=session.config.seed))
        return _write(replace(grown, session=session, ran=end))
    if model != draft.model:
        unread = tuple(replace(one, state=None, marks=()) for one in (*draft.emptied, session))
        grown, session = replace(grown, model=model, emptied=unread[:-1]), unread[-1]
    session = replace(session.cut(len(session.text)).added(words), config=_next(draft, config))
    own = (*grown.own, (end, end + len(words))) if words else grown.own
    return _write(replace(grown, session=session, own=own, ran=end + len(words)))


def again(draft: Draft, config: SampleConfig, constraints: ConstraintConfig = FREE) -> Iterator[Draft]:
    """Write the latest run anew, from the same state with the next seed."""
    start = draft.cut(draft.ran)
    session = replace(start.session, config=_next(draft, config), constraints=constraints)
    return _write(replace(start, session=session).changed(draft))


def choose(
    draft: Draft, place: int, character: str, config: SampleConfig, constraints: ConstraintConfig = FREE
) -> Iterator[Draft]:
    """Put another character at a place, and continue after it; with "", whatever is drawn."""
    branch = replace(draft.cut(place), past=draft.past)
    return (found.changed(draft) for found in go_on(branch, draft.model, config, constraints, character))


def forget(draft: Draft) -> Iterator[Draft]:
    """Empty the memory: the text stays, but the model no longer knows of it."""
    session = Session(draft.session.config, draft.session.constraints, reach=ALL)
    yield replace(
        draft.changed(draft), emptied=(*draft.emptied, draft.session), session=session, ran=len(draft.text),
        ending="forgot", seconds=0.0,
    )  # fmt: skip


def undo(draft: Draft) -> Iterator[Draft]:
    """Take back the latest change; nothing if there was none."""
    if draft.past:
        yield replace(draft.past[-1], past=draft.past[:-1])


def stopped(draft: Draft, ending: Ending = "stopped") -> Draft:
    """Return `draft` as it is when its writing was broken off, by the visitor if nothing else is said."""
    return replace(draft, ending=ending) if draft.ending == "writing" else draft


def _next(draft: Draft, config: SampleConfig) -> SampleConfig:
    seed = draft.session.config.seed
    assert seed is not None  # `begin` has drawn one
    return replace(config, seed=(seed + 1) % 2**63)


def _goes_on(draft: Draft, model: Version, config: SampleConfig, constraints: ConstraintConfig) -> bool:
    """Return whether a run with these settings can be as if the text had never stopped."""

    def how(settings: SampleConfig) -> SampleConfig:
        """Return the settings that say how characters are drawn, not how many."""
        return replace(settings, length=0, seed=None, stop=(), end="length")

    session = draft.session
    if draft.ending == "opened":
        unbroken = session.state is not None  # as a Session's file has it, and what the browser keeps has not
    else:
        unbroken = draft.ending in ("length", "stopped") and session.written > 0  # a stop text is met again
    return unbroken and (draft.model, session.constraints, how(session.config)) == (model, constraints, how(config))


def _write(start: Draft) -> Iterator[Draft]:
    """Yield drafts that grow, about 25 each second; the last one says why it ended."""
    start = replace(start, ending="writing", seconds=0.0)
    yield start  # the prompt is there at once, while the model may still be loading
    writer = sampler(start.model)
    recorder, began = Recorder(start.session.ready(writer)), time.perf_counter()
    shown = began

    def draft(ending: Ending) -> Draft:
        return replace(start, session=recorder.session, ending=ending, seconds=time.perf_counter() - began)

    for _ in recorder.write(writer):
        if time.perf_counter() - shown >= FRAME:
            yield draft("writing")
            shown = time.perf_counter()
    found, session = draft("length"), start.session
    early: Ending = "stop" if session.constraints.acrostic is None or session.places_words else "acrostic"
    yield found if found.written >= session.config.length else replace(found, ending=early)


# Out of the page, and back: what comes back may have been changed by anyone, so it is checked like any input


def to_json(draft: Draft) -> str:
    """Return a text as the browser keeps it: without the model's state, which reading it again gives."""
    session = draft.session
    values = {
        "id": draft.id, "model": draft.model.path.name, "folder": str(draft.model.path), "text": draft.text,
        "config": session.config.to_json(), "constraints": session.constraints.to_json(), "own": draft.own,
        "forgot": draft.forgot, "begun": draft.begun, "ran": draft.ran, "position": session.position,
        "seconds": draft.seconds,
    }  # fmt: skip
    # It travels in a gr.HTML, which looks for tags.
    found = json.dumps(values, ensure_ascii=False).replace("<", "\\u003c")
    fits = len(draft.text) <= LONGEST and len(draft.own) + len(draft.forgot) <= MOST_PARTS
    return found if fits else ""


def from_json(text: str, models: Path, allowed: Permissions) -> Draft:
    """Return the text that `to_json` gave. Raises UserError if it is damaged, or if its model is gone."""
    try:
        values = json.loads(text)
        whole, forgot, begun, ran, own = (values[name] for name in ("text", "forgot", "begun", "ran", "own"))
        edges, cuts = [*itertools.chain.from_iterable(own)], [0, *forgot, len(whole)]
        places = [*forgot, begun, ran, *edges]
        sound = (
            len(whole) <= LONGEST and clean(whole) == whole and len(own) + len(forgot) <= MOST_PARTS
            and all(type(place) is int and 0 <= place <= len(whole) for place in places)
            and cuts == sorted(cuts) and begun >= cuts[-2]
            and edges == sorted(edges) and all(len(span) == 2 for span in own)
            and type(values["position"]) is int and 0 <= values["position"] < 2**62
            and isinstance(values["seconds"], int | float) and 0 <= values["seconds"] < 1e9
        )  # fmt: skip
        if not sound:
            raise ValueError
        whole.encode("utf-8")  # which raises for a lone surrogate
        kept = values["wishes"] if "wishes" in values else values["constraints"]  # as earlier versions named them
        config, constraints = SampleConfig.from_json(values["config"]), permitted(kept, allowed)
        memories = [Session(config, constraints, whole[at:end], reach=ALL) for at, end in itertools.pairwise(cuts)]
        written = len(whole) - begun
        session = replace(memories[-1], written=written, position=max(written, values["position"]))
        model = chosen(models, str(values["model"]), allowed) or chosen(models, str(values["folder"]), allowed)
        if model is not None and config.seed is not None:
            spans = tuple((start, end) for start, end in own)
            return Draft(
                model, session, tuple(memories[:-1]), spans, ran, float(values["seconds"]), "opened",
                id=str(values["id"])[:40],
            )  # fmt: skip
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError):
        raise UserError("kept-text-damaged") from None
    raise UserError("model-gone")


def to_file(draft: Draft) -> bytes:
    """Return the file of what the model remembers: `charrnn sample --load-state` continues it as the page would."""
    from charrnn.sampling import engine_choice, session_file

    if version(draft.model.path) != draft.model:
        raise UserError("model-gone")
    session = replace(
        draft.session.ready(sampler(draft.model)), model=command_name(draft.model.path),
        weights=session_file.fingerprint(draft.model.path), engine=engine_choice.choose(),
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        session_file.save(session, path := Path(folder) / "text")
        return path.read_bytes()


def from_file(path: Path, models: Path, allowed: Permissions, tell: Callable[[Phrase], object] | None = None) -> Draft:
    """Return the text of a Session's file, which may come from anyone, to be continued by the model that wrote it.

    Raises UserError if it is damaged, if that model is not there or is another one, or if it cannot have its states.
    """
    from charrnn.sampling import session_file

    session = session_file.load(path, tell)
    model = chosen(models, session.model, allowed) or chosen(models, Path(session.model).name, allowed)
    if model is None:
        raise UserError("model-gone")
    session_file.check_model(session, Path(session.model), model.path, session_file.fingerprint(model.path))
    session_file.check_states(session, sampler(model))
    session = replace(session, constraints=permitted(session.constraints.to_json(), allowed), reach=ALL)
    draft = Draft(model, session, ran=len(session.text), ending="opened")
    return replace(draft, own=((0, draft.begun),) if draft.begun else ())


def settings_of(draft: Draft | None) -> Given:
    """Return the settings that a text was written with, to go on with them; but the seed, which was drawn."""
    if draft is None:
        return {}
    names = choices(draft.model.path.parent)
    values = {**draft.session.constraints.to_json(), **draft.session.config.to_json()}
    named = draft.model.path.name if draft.model.path.name in names else str(draft.model.path)
    return {name: value for name, value in values.items() if name != "seed"} | {"model": named}


def permitted(constraints: Given, allowed: Permissions) -> ConstraintConfig:
    """Return constraints without those that name files, where these are not allowed."""
    kept = constraints if allowed.paths else {name: one for name, one in constraints.items() if name not in FILES}
    return ConstraintConfig.from_json(kept)
