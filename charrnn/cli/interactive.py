"""charrnn sample -i: a text that person and model write together, command by command.

`obey` is the core, a pure function of a Conversation and a line, but for the files of /save and /load; `converse` is
the terminal around it.
"""

import dataclasses
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

from charrnn.cli.options import Given, output
from charrnn.cli.reading import lines
from charrnn.cli.source import source
from charrnn.config import ConstraintConfig, SampleConfig
from charrnn.config.fields import kinds_of, typed
from charrnn.corpus import clean
from charrnn.errors import Phrase, UserError, near, refusal
from charrnn.errors.quantities import number
from charrnn.sampling import Sampler, session_file
from charrnn.sampling.filters import bias_of, with_seed
from charrnn.sampling.session import ALL, Recorder, Session

if TYPE_CHECKING:
    from charrnn.cli.sample import SampleOptions

HELP = """\
TEXT          is added to the text, after a space where two words would meet; then the model continues
\\TEXT         is added without a space, to end a word, say; what stands after the \\ may begin with / or \\, too
(empty line)  the model continues; so does /continue
/again        writes its latest part anew, with the next seed
/undo         takes back the latest change of the text
/temp 0.7     changes a setting; so do /length, /seed, /top-p, /stop and all settings of `charrnn sample`
/temp         shows a setting; /settings shows all; /reset temp sets it to its default
/save FILE    saves the text with all that continuing needs; /load FILE continues from it
/text         shows the whole text
/quit         or Ctrl-D ends; Ctrl-C stops the writing
"""
SHORT = {"temp": "temperature"}
FIELDS = {field.name: field for field in dataclasses.fields(SampleConfig)}
CLOSING = ".,;:!?…)]}»”’"  # after which a word stands apart
OPENING = '([{«“‘"—–'  # which stands apart from the word before it


@dataclass(frozen=True)
class Conversation:
    """A text and its history. Never changed in place."""

    session: Session  # of the whole text
    start: "Conversation | None" = None  # from where the model wrote last
    before: "Conversation | None" = None  # the latest change of the text

    def with_session(self, session: Session) -> Self:
        return replace(self, session=session)

    def with_config(self, config: SampleConfig) -> Self:
        return self.with_session(replace(self.session, config=config))


@dataclass(frozen=True)
class Turn:
    """The outcome of a line: another conversation, what to show, and what to do next."""

    talk: Conversation
    show: str = ""  # to the person: an error, a setting, or help
    text: str = ""  # what was added to the text, or the text to be shown again
    write: bool = False  # the model continues
    end: bool = False


def obey(talk: Conversation, line: str, sampler: Sampler) -> Turn:
    """Carry out a line. A UserError is shown, and the conversation stays as it was."""
    try:
        if "\0" in line:  # which neither a text nor a file's name may hold
            raise UserError("nul-in-line")
        if not line.startswith("/"):
            added = _apart(talk.session.text, clean(line))
            return _write(talk.with_session(talk.session.read(sampler, added)), talk, added)
        name, _, rest = line[1:].partition(" ")
        return COMMANDS.get(name, _set)(talk, rest.strip(), sampler, name)
    except UserError as error:
        return Turn(talk, f"{error}\n")
    except OSError as error:
        return Turn(talk, f"{refusal(error)}\n")


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
    """Let the model continue from `start`, at whose end `added` is new; /undo will go back to `before`."""
    return Turn(replace(start, start=start, before=before), text=added, write=True)


# The commands, each of a conversation, what stands after its name, the sampler, and the name


def _again(talk: Conversation, rest: str, sampler: Sampler, name: str) -> Turn:
    config = talk.session.config
    if talk.start is None or config.seed is None:
        raise UserError("nothing-to-repeat")
    return _write(talk.start.with_config(replace(config, seed=(config.seed + 1) % 2**63)), talk)


def _undo(talk: Conversation, rest: str, sampler: Sampler, name: str) -> Turn:
    if talk.before is None:
        raise UserError("nothing-to-undo")
    back = talk.before.with_config(talk.session.config)
    return Turn(back, text=back.session.text)


def _settings(talk: Conversation, rest: str, sampler: Sampler, name: str) -> Turn:
    return Turn(talk, "".join(_shown(talk.session.config, field) for field in FIELDS))


def _reset(talk: Conversation, rest: str, sampler: Sampler, name: str) -> Turn:
    key = _setting(_given(name, rest, "a-setting").removeprefix("/"))
    changed = with_seed(SampleConfig.from_json({**talk.session.config.to_json(), key: FIELDS[key].default}))
    return Turn(talk.with_config(changed), _shown(changed, key))


def _save(talk: Conversation, rest: str, sampler: Sampler, name: str) -> Turn:
    session_file.save(talk.session, output("/save", _given(name, rest, "a-file"), "state"))
    return Turn(talk, f"saved: {rest}\n")


def _load(talk: Conversation, rest: str, sampler: Sampler, name: str) -> Turn:
    now, path = talk.session, Path(_given(name, rest, "a-file"))
    session = session_file.load(path)
    session_file.check_model(session, path, Path(now.model), now.weights)
    session_file.check_states(session, sampler)
    loaded = replace(_unconstrained(session), model=now.model, engine=now.engine)
    return Turn(Conversation(loaded, before=talk), text=loaded.text)


def _set(talk: Conversation, rest: str, sampler: Sampler, name: str) -> Turn:
    """Set or show the setting that the command names."""
    config, key = talk.session.config, _setting(name)
    changed = _with(config, key, rest) if rest else config
    bias_of(changed, sampler.tokenizer)  # whose characters must be the model's
    return Turn(talk.with_config(changed), _shown(changed, key))


COMMANDS: dict[str, Callable[[Conversation, str, Sampler, str], Turn]] = {
    "continue": lambda talk, rest, sampler, name: _write(talk, talk),
    "again": _again,
    "undo": _undo,
    "settings": _settings,
    "reset": _reset,
    "save": _save,
    "load": _load,
    "text": lambda talk, rest, sampler, name: Turn(talk, text=talk.session.text),
    "help": lambda talk, rest, sampler, name: Turn(talk, HELP),
    "quit": lambda talk, rest, sampler, name: Turn(talk, end=True),
}


def _given(command: str, argument: str, expected: str) -> str:
    if not argument:
        raise UserError("command-argument", command=command, expected=Phrase(expected))
    return argument


def _unconstrained(session: Session) -> Session:
    """Return a session that keeps its whole text. Raises UserError if it has constraints."""
    if session.constraints != ConstraintConfig():
        raise UserError("interactive-with-constraints", setting="interactive")
    return replace(session, reach=ALL)


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


def _with(config: SampleConfig, name: str, value: str) -> SampleConfig:
    kind = kinds_of(FIELDS[name])[0]
    try:
        given: object = (typed(FIELDS[name], value),) if kind is tuple else kind(value)
    except ValueError:
        given = value  # which the config refuses, saying what it expected
    return SampleConfig.from_json({**config.to_json(), name: given})


def converse(model: str | None, wanted: "SampleOptions", given: Given) -> None:
    """Read lines, obey them, stream what the model writes to stdout; all else goes to stderr. Ends with the lines.

    The arguments are those of `charrnn sample`.
    """
    if sys.stdin is None:
        raise UserError("stdin-closed")
    sampler, session = source(model, "", wanted.engine, given, keep=True)
    talk = Conversation(_unconstrained(session))
    if sys.stdin.isatty():
        _tell("Type a beginning, or /help.\n")
    if wanted.prompt:
        talk = _carry_out(obey(talk, f"\\{wanted.prompt}", sampler), sampler)
    for line in _lines(wanted.encoding):
        turn = obey(talk, line, sampler)
        if turn.end:
            break
        talk = _carry_out(turn, sampler)


def _carry_out(turn: Turn, sampler: Sampler) -> Conversation:
    _tell(turn.show)
    _say(turn.text)
    if not turn.write:
        _say("\n" if turn.text else "")
        return turn.talk
    recorder = Recorder(turn.talk.session)
    stopped: list[int] = []
    handler = signal.signal(signal.SIGINT, lambda number, _: stopped.append(number))
    try:
        for character in recorder.write(sampler):
            _say(character)
            if stopped:
                _tell("\nstopped")
                break
    finally:
        signal.signal(signal.SIGINT, handler)
    _say("\n")
    return turn.talk.with_session(recorder.session)


def _lines(encoding: str | None) -> Iterator[str]:
    """Yield lines without their ends: from the terminal, with editing and history, or from a pipe."""
    if not sys.stdin.isatty():
        yield from lines(encoding)
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
