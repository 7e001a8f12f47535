"""How the page shows errors, and what it waits for, in the visitor's language."""

import contextlib
import traceback
from collections.abc import Iterator
from contextlib import AbstractContextManager
from contextvars import copy_context
from dataclasses import dataclass
from html import escape

import gradio as gr

from charrnn import compiled
from charrnn.errors import UserError
from charrnn.ui.texts import Language, language_of, problem, say

COMPILING = {"counts": "compiling_counts", "engine": "compiling_engine"}
SHOWN = 30.0  # seconds; on a busy machine a compilation takes longer than the notice says


@dataclass(frozen=True)
class ShownErrors:
    """A context that ends at an error and shows the visitor its message; of a bug, only that it happened."""

    language: Language

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if not isinstance(error, Exception):  # none, or one that closes the generator
            return False
        if isinstance(error, UserError):
            gr.Warning(escape(problem(self.language, error)))
        else:
            traceback.print_exception(error)
            gr.Warning(escape(say(self.language, "unexpected")))
        return True


@contextlib.contextmanager
def api_errors(request: gr.Request) -> Iterator[None]:
    """A context in which a UserError becomes the answer to a program, in the language that it asks for."""
    try:
        yield
    except UserError as error:
        raise gr.Error(error.render(language_of(request)), print_exception=False) from None


def waiting(language: Language) -> AbstractContextManager[None]:
    """A context in which the visitor sees what is being compiled, whoever caused that, as all wait for it."""
    visit = copy_context()  # by which gradio knows the visitor, in whichever thread

    def show(name: str) -> None:
        visit.copy().run(gr.Info, escape(say(language, COMPILING[name])), duration=SHOWN)

    return compiled.listening(show)
