"""Every text of the page in Portuguese and English, side by side so that neither can be forgotten: a file per tab.

`label(key)` is for what the page shows from the start, and is translated by the browser; `say(language, key)` is for
what the server writes later. The language is the visitor's choice with the page's switch, else the browser's first
language; `charrnn.ui.server.Localized` serves the page in it.
"""

import importlib
import pkgutil
from dataclasses import fields

import gradio as gr
from starlette.requests import Request

from charrnn.config import ConstraintConfig, SampleConfig
from charrnn.errors import UserError
from charrnn.errors.quantities import Language
from charrnn.html.writing import number, percent
from charrnn.serving import reporting

__all__ = ["TEXTS", "Language", "label", "language_of", "number", "percent", "problem", "say"]

PAGE: dict[str, tuple[str, str]] = {  # key: (Portuguese, English); the texts around the tabs
    "title": ("charrnn: escrever em português", "charrnn: writing in Portuguese"),
    "head": (
        "# charrnn\n\nUma rede neural recorrente que aprendeu a escrever lendo, uma letra de cada vez.",
        "# charrnn\n\nA recurrent neural network that learned to write by reading, one letter at a time.",
    ),
    "other_language": ("English", "Português"),
    "invite": ("Convidar a turma", "Invite the class"),
    "invite_help": (
        "Celulares e computadores na mesma rede abrem por este código ou endereço a aba que está aberta aqui; na Aula, "
        "o mesmo passo. Se não abrir, permita o programa no firewall deste computador.",
        "Phones and computers in the same network open, with this code or address, the tab that is open here; in the "
        "lesson, the same step. If it does not open, allow the program in this computer's firewall.",
    ),
    "picture_save": ("Salvar a figura como $1", "Save the picture as $1"),
    "tool_larger": ("Texto maior", "Larger text"),
    "tool_smaller": ("Texto menor", "Smaller text"),
    "tool_full": ("Tela cheia", "Full screen"),
    "tool_theme": ("Fundo escuro", "Dark background"),
    "tool_print": ("Imprimir esta aba", "Print this tab"),
    # What gradio's controls are called
    "control_number": ("$1: número", "$1: number"),
    "control_reset": ("Voltar ao valor inicial", "Back to the first value"),
    "control_drop": ("Escolher arquivos ou arrastá-los até aqui", "Choose files, or drop them here"),
    "control_upload": ("Escolher outros arquivos", "Choose other files"),
    "control_waiting": ("calculando", "working"),
    "control_queue": ("na fila:", "in the queue:"),
    "control_api": ("Usar num programa (em inglês)", "Use from a program"),
    "control_footer": ("Rodapé", "Footer"),
    "control_point": (",", "."),
    "control_lost": (
        "A conexão com o servidor caiu. A página volta sozinha quando ele responder; se ele foi encerrado, inicie "
        "charrnn app de novo.",
        "The connection to the server was lost. The page comes back by itself when it answers; if it was ended, start "
        "charrnn app again.",
    ),
    "control_busy": (
        "O servidor está ocupado demais; espere um minuto e tente de novo.",
        "The server is too busy; wait a minute, then try again.",
    ),
    # What the server writes
    "unexpected": (
        "Algo deu errado aqui dentro; o terminal onde charrnn app roda mostra o quê. Seu texto continua salvo: "
        "tente de novo, ou recarregue a página.",
        "Something went wrong inside; the terminal that runs charrnn app shows what. Your text is still there: "
        "try again, or reload the page.",
    ),
    "compiling_counts": (
        "Compilando os laços de n-gramas para este computador, só desta vez (uns segundos)…",
        "Compiling the n-gram loops for this computer, once (a few seconds)…",
    ),
    "compiling_engine": (
        "Compilando o motor rápido para este computador, só desta vez (uns segundos)…",
        "Compiling the fast engine for this computer, once (a few seconds)…",
    ),
}
GRADIO = {  # what its own catalogues lack in one of the languages, for screen readers
    "common.complete": ("pronto", "done"),
    "status.queue_position": ("Na fila: {position} de {size}", "In the queue: {position} of {size}"),
}
TEXTS = dict(PAGE)
for _module in pkgutil.iter_modules(__path__):
    if _module.name.endswith("_tab"):
        TEXTS |= importlib.import_module(f"{__name__}.{_module.name}").TEXTS

_SETTINGS = {  # what errors call a setting: the key of its label
    **{field.name.replace("_", "-"): field.name for kind in (SampleConfig, ConstraintConfig) for field in fields(kind)},
    **{name: f"memory_{name}" for name in ("keep", "unit", "value", "threshold")},
    "span": "span",
}


def _catalogue(column: int) -> dict[str, str]:
    # The browser's formatter would interpret braces; only the server writes texts that have some.
    own = {key: pair[column] for key, pair in TEXTS.items() if "{" not in pair[column]}
    return own | {key: pair[column] for key, pair in GRADIO.items()}


label = gr.I18n(**{"en": _catalogue(1), "pt": _catalogue(0), "pt-BR": _catalogue(0)})


def language_of(request: gr.Request | Request | None) -> Language:
    """Return the language chosen with the switch, else Portuguese if the browser prefers it, else English."""
    return reporting.language_of(request.headers if request else {})


def say(language: Language, key: str, **values: object) -> str:
    return TEXTS[key][0 if language == "pt" else 1].format(**values)


def problem(language: Language, error: UserError) -> str:
    """Return an error's message with the names that settings have on the page."""
    return error.render(language, {name: say(language, key) for name, key in _SETTINGS.items() if key in TEXTS})
