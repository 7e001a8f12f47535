"""What goes wrong, or takes its time, is told on the page, in the visitor's language."""

import traceback
from contextlib import AbstractContextManager
from contextvars import copy_context
from dataclasses import dataclass
from html import escape
from typing import Any

import gradio as gr

from charrnn import compiled
from charrnn.errors import UserError
from charrnn.ui.texts import Language, problem, say

COMPILING = {"counts": "compiling_counts", "engine": "compiling_engine"}
SHOWN = 30.0  # seconds; on a busy machine it takes longer than is said


class Notice(UserError):
    """Something to tell a visitor, by the key of its text."""

    def __init__(self, key: str) -> None:
        super().__init__(say("en", key))
        self.key = key


@dataclass(frozen=True)
class Told:
    """A context in which what a visitor can mend is shown; of anything else, that it happened. Both end there."""

    language: Language

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: Any) -> bool:
        if not isinstance(error, Exception):  # none, or one that ends the generator
            return False
        if isinstance(error, Notice):
            gr.Info(escape(say(self.language, error.key)))
        elif isinstance(error, UserError):
            gr.Warning(escape(problem(self.language, error)))
        else:
            traceback.print_exception(error)
            gr.Warning(escape(say(self.language, "unexpected")))
        return True


def waiting(language: Language) -> AbstractContextManager[None]:
    """A context in which the visitor sees what is being compiled, whoever caused that, as all wait for it."""
    visit = copy_context()  # by which gradio knows the visitor, in whichever thread

    def show(name: str) -> None:
        visit.copy().run(gr.Info, escape(say(language, COMPILING[name])), duration=SHOWN)

    return compiled.listening(show)
