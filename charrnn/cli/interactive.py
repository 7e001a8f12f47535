"""charrnn sample -i: a text that person and model write together, command by command.

`obey` is the core, a pure function of a Session and a line, but for the files of /save and /load; `converse` is the
terminal around it.
"""

import dataclasses
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from charrnn.cli.options import output
from charrnn.cli.source import source
from charrnn.config import ConstraintConfig, SampleConfig, kinds_of
from charrnn.corpus import clean
from charrnn.errors import Phrase, UserError, near, refusal
from charrnn.errors.quantities import number
from charrnn.sampling import Sampler
from charrnn.sampling.filters import bias_of
from charrnn.sampling.sampler import with_seed
from charrnn.sampling.session import Recorder, Session

HELP = """\
TEXT          is added to the text, after a space where two words would meet; then the model goes on
\\TEXT         is added without a space, to end a word, say; what stands after the \\ may begin with / or \\, too
(empty line)  the model goes on; so does /continue
/again        what it wrote last anew, with the next seed
/undo         take back the latest change of the text
/temp 0.7     how it writes; so /length, /seed, /top-p, /stop and all settings of `charrnn sample`
/temp         shows a setting; /settings shows all; /reset temp sets it to its default
/save FILE    keep all that going on needs; /load FILE goes on from it
/text         all so far
/quit         or Ctrl-D; Ctrl-C stops the writing
"""
COMMANDS = ("continue", "again", "undo", "settings", "reset", "save", "load", "text", "help", "quit")
SHORT = {"temp": "temperature"}
FIELDS = {field.name: field for field in dataclasses.fields(SampleConfig)}
CLOSING = ".,;:!?…)]}»”’"  # after which a word stands apart
OPENING = '([{«“‘"—–'  # which stands apart from the word before it


@dataclass(frozen=True)
class Conversation:
    """A text and its history. Never changed in place."""

    document: Session
    text: str = ""  # all of it
    start: "Conversation | None" = None  # from where the model wrote last
    before: "Conversation | None" = None  # the latest change of the text

    def grown(self, document: Session, text: str) -> Self:
        """When `text` was added, read or written."""
        return replace(self, document=document, text=self.text + text)

    def with_config(self, config: SampleConfig) -> Self:
        return replace(self, document=replace(self.document, config=config))


@dataclass(frozen=True)
class Turn:
    """What comes of a line: another session, what to show, and what to do."""

    session: Conversation
    show: str = ""  # to the person: an error, a setting, or help
    text: str = ""  # of the document: what was added to it, or to be shown again
    write: bool = False  # the model goes on
    end: bool = False


def obey(session: Conversation, line: str, sampler: Sampler) -> Turn:
    """Carry out a line. A UserError is shown, and the session stays as it was."""
    try:
        return _obey(session, line, sampler)
    except UserError as error:
        return Turn(session, f"{error}\n")
    except OSError as error:
        return Turn(session, f"{refusal(error)}\n")


def _obey(session: Conversation, line: str, sampler: Sampler) -> Turn:
    if not line.startswith("/"):
        added = _apart(session.text, clean(line))
        return _write(session.grown(session.document.read(sampler, added), added), session, added)
    name, _, rest = line[1:].partition(" ")
    rest = rest.strip()
    config = session.document.config
    assert config.seed is not None
    match name:
        case "continue":
            return _write(session, session)
        case "again":
            if session.start is None:
                raise UserError("nothing-to-repeat")
            return _write(session.start.with_config(replace(config, seed=(config.seed + 1) % 2**63)), session)
        case "undo":
            if session.before is None:
                raise UserError("nothing-to-undo")
            back = session.before.with_config(config)
            return Turn(back, text=back.text)
        case "settings":
            return Turn(session, "".join(_shown(config, name) for name in FIELDS))
        case "reset":
            key = _setting(_given(name, rest, "a-setting").removeprefix("/"))
            changed = with_seed(SampleConfig.from_json({**config.to_json(), key: FIELDS[key].default}))
            return Turn(session.with_config(changed), _shown(changed, key))
        case "save":
            session.document.save(output("/save", _given(name, rest, "a-file")))
            return Turn(session, f"saved: {rest}\n")
        case "load":
            document = _loaded(Path(_given(name, rest, "a-file")), session.document, sampler)
            return Turn(Conversation(document, document.text, before=session), text=document.text)
        case "text":
            return Turn(session, text=session.text)
        case "help":
            return Turn(session, HELP)
        case "quit":
            return Turn(session, end=True)
    key = _setting(name)
    changed = _set(config, key, rest) if rest else config
    bias_of(changed, sampler.tokenizer)  # whose characters must be the model's
    return Turn(session.with_config(changed), _shown(changed, key))


def _apart(text: str, line: str) -> str:
    """Return what is added to a text for a typed line: a space and it where words would meet, else just it.

    A backslash at its beginning is left out, and what follows is added as it is.
    """
    if line.startswith("\\"):
        return line[1:]
    ends = text[-1:].isalnum() or text.endswith(tuple(CLOSING))
    begins = line[:1].isalnum() or line.startswith(tuple(OPENING))
    return f" {line}" if ends and begins else line


def _write(start: Conversation, before: Conversation, added: str = "") -> Turn:
    """The model goes on from `start`, at whose end `added` is new; /undo will go back to `before`."""
    return Turn(replace(start, start=start, before=before), text=added, write=True)


def _given(command: str, argument: str, expected: str) -> str:
    if not argument:
        raise UserError("command-argument", command=command, expected=Phrase(expected))
    return argument


def _loaded(path: Path, now: Session, sampler: Sampler) -> Session:
    document = Session.load(path)
    document.check(path, now.weights, sampler.model.name)
    _refuse_constraints(document)
    return document.going_on(sampler, document.config, now.model, now.engine)


def _refuse_constraints(document: Session) -> None:
    if document.wishes != ConstraintConfig():
        raise UserError("interactive-with-constraints", setting="interactive")


def _setting(name: str) -> str:
    """Return the field of SampleConfig of that name, short or with dashes. Raises UserError if there is none."""
    key = SHORT.get(name, name).replace("-", "_")
    if key not in FIELDS:
        meant = near(f"/{name}", [f"/{one.replace('_', '-')}" for one in (*COMMANDS, *FIELDS)])
        raise UserError("no-such-command", name=name, near=meant)
    return key


def _shown(config: SampleConfig, name: str) -> str:
    """Return the line that shows a setting."""
    value = getattr(config, name)
    if isinstance(value, tuple):
        value = " ".join(map(repr, value)) or "none"
    shown = number(value) if isinstance(value, float) else value
    return f"{name.replace('_', '-')} {shown}\n"


def _set(config: SampleConfig, name: str, value: str) -> SampleConfig:
    kind = kinds_of(FIELDS[name])[0]
    try:
        given: Any = (value,) if kind is tuple else kind(value)
    except ValueError:
        given = value  # which the config refuses, saying what it expected
    return replace(config, **{name: given})


def converse(model: str | None, prompt: str, engine: str | None, given: dict[str, object]) -> None:
    """Read lines, obey them, stream what the model writes to stdout; all else goes to stderr. Ends with the lines.

    The arguments are those of `source`.
    """
    sampler, document = source(model, "", engine, given, keep=True)
    _refuse_constraints(document)
    session = Conversation(document, document.text)
    if sys.stdin.isatty():
        _tell("Type a beginning, or /help.\n")
    if prompt:
        session = _carry_out(obey(session, f"\\{prompt}", sampler), sampler)
    for line in _lines():
        turn = obey(session, line, sampler)
        if turn.end:
            break
        session = _carry_out(turn, sampler)


def _carry_out(turn: Turn, sampler: Sampler) -> Conversation:
    _tell(turn.show)
    _say(turn.text)
    if not turn.write:
        _say("\n" if turn.text else "")
        return turn.session
    document = turn.session.document
    recorder, written = Recorder(document), []
    stopped: list[int] = []
    handler = signal.signal(signal.SIGINT, lambda number, _: stopped.append(number))
    try:
        for character in recorder.follow(document.steps(sampler)):
            written.append(character)
            _say(character)
            if stopped:
                _tell("\nstopped")
                break
    finally:
        signal.signal(signal.SIGINT, handler)
    _say("\n")
    return turn.session.grown(recorder.document, "".join(written))


def _lines() -> Iterator[str]:
    """Lines without their ends: from the terminal, with editing and history, or from a pipe."""
    if not sys.stdin.isatty():
        for line in sys.stdin:
            yield line.rstrip("\r\n")
        return
    from prompt_toolkit import PromptSession

    asking: PromptSession[str] = PromptSession("> ")
    while True:
        try:
            yield asking.prompt()
        except KeyboardInterrupt:
            continue
        except EOFError:
            return


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _tell(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
