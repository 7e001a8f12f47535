"""What goes wrong is told on the page, in the visitor's language."""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape

import gradio as gr

from charrnn.errors import UserError
from charrnn.ui.texts import Language, problem, say


class Notice(UserError):
    """Something to tell a visitor, by the key of its text."""

    def __init__(self, key: str) -> None:
        super().__init__(say("en", key))
        self.key = key


@contextmanager
def told(spoken: Language) -> Iterator[None]:
    """Show what the visitor can mend; of anything else, that it happened, and the traceback on the terminal."""
    try:
        yield
    except Notice as notice:
        gr.Info(escape(say(spoken, notice.key)))
    except UserError as error:
        gr.Warning(escape(problem(spoken, error)))
    except Exception:
        traceback.print_exc()
        gr.Warning(escape(say(spoken, "unexpected")))
