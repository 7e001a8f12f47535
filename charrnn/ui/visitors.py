"""What a visitor may do, and how errors and waits reach one: in the language of the page."""

import contextlib
from collections.abc import Iterator
from contextlib import AbstractContextManager
from contextvars import copy_context
from dataclasses import dataclass
from html import escape

import gradio as gr

from charrnn import compiled
from charrnn.errors import UserError
from charrnn.serving.guard import CLIENT
from charrnn.serving.reporting import is_fault, log_bug
from charrnn.ui.texts import Language, language_of, problem, say

COMPILING = {"counts": "compiling_counts", "engine": "compiling_engine"}
SHOWN = 30.0  # seconds; on a busy machine a compilation takes longer than the notice says


@dataclass(frozen=True)
class Permissions:
    """What a visitor may do. Each tab leaves out, and refuses, what is not allowed."""

    training: bool = True  # start trainings, which use the machine's time and disk
    paths: bool = True  # name files and folders of this machine
    models: bool = False  # rename, delete, download and add models


EVERYTHING = Permissions(models=True)


@dataclass(frozen=True)
class ShownErrors:
    """A context that catches errors and shows the visitor their message; of a bug, only that one occurred."""

    language: Language

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if error is None or not is_fault(error):
            return False
        if isinstance(error, UserError):
            gr.Warning(escape(problem(self.language, error)))
        else:
            log_bug(error)
            gr.Warning(escape(say(self.language, "unexpected")))
        return True


def told(event: gr.EventData, name: str) -> object:
    """Return what an event of the page tells beside the values of components; None if it does not."""
    data = getattr(event, "_data", None)
    return data.get(name) if isinstance(data, dict) else None


def client_of(request: gr.Request) -> str:
    """Return who sent a request, as the guard tells visitors apart."""
    return str(getattr(request.request, "scope", {}).get(CLIENT, ""))


@contextlib.contextmanager
def api_errors(request: gr.Request) -> Iterator[None]:
    """Answer a program's request with the message of a UserError, in the language that the request prefers."""
    try:
        yield
    except UserError as error:
        raise gr.Error(error.render(language_of(request)), print_exception=False) from None


def waiting(language: Language) -> AbstractContextManager[None]:
    """Show the visitor what is being compiled meanwhile, whoever caused it: everyone waits for it."""
    visit = copy_context()  # by which gradio knows the visitor, in whichever thread

    def show(name: str) -> None:
        visit.copy().run(gr.Info, escape(say(language, COMPILING[name])), duration=SHOWN)

    return compiled.listening(show)
