"""How a notebook finds the HTML of a value.

Values live in early rooms, and HTML is made in a late one, `html/`; a room imports only rooms above it. So a value asks
for its HTML by name, when a notebook shows it, and no program that prints nothing loads `html/`.
"""

from importlib import import_module

VIEWS = "charrnn.html.notebook_views"  # the module with the HTML of each value
language = "pt"  # of what notebooks show; "en" for English


class Displayed:
    """A value that Jupyter, Colab and others show as HTML, in the language of this module."""

    def _repr_html_(self) -> str:
        return str(import_module(VIEWS).html_of(self))
