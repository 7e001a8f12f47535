"""Every text of the page, in Portuguese and English, side by side so that neither can be forgotten: a file per tab.

`label(key)` is translated by the browser, for what stands on the page from the start; `say(language, key)`
is for what the server writes later. Which of the two is chosen by the switch on the page, and before it was used by the
browser's first language; the page is served in that language (see `charrnn.ui.localized`).
"""

import re
from typing import Any, Literal

import gradio as gr

from charrnn.errors import UserError
from charrnn.ui.texts import about_tab, common, generate_tab, memory_tab, score_tab, train_tab

Language = Literal["pt", "en"]

TEXTS: dict[str, tuple[str, str]] = (
    common.TEXTS | generate_tab.TEXTS | train_tab.TEXTS | score_tab.TEXTS | memory_tab.TEXTS | about_tab.TEXTS
)  # key: (Portuguese, English)

# The core reports a value it cannot use in English: "seed: expected a whole number …, found 1.5".
_EXPECTATIONS = (
    (" expected ", " esperado "),
    ("both --most-copied and --training", "o máximo copiado junto com os textos"),
    ("with --without", "junto com as letras proibidas"),
    ("to leave a character that may come next", "que as regras deixassem algum caractere possível"),
    ("a text that the constraints allow", "um texto que as regras permitem"),
    ("a place that the constraints leave for", "um lugar que as regras deixam para"),
    ("for the start and the words", "para o começo e as palavras"),
    ("a character, = and a number, such as", "um caractere, = e um número, como"),
    ("a character that the model knows", "um caractere que o modelo conhece"),
    ("a whole number", "um número inteiro"),
    ("a finite number", "um número"),
    ("non-empty texts", "textos não vazios"),
    ("Unicode characters", "caracteres Unicode"),
    ("at least one character", "ao menos um caractere"),
    ("at least one letter", "ao menos uma letra"),
    ("one of ", "um destes: "),
    ("a word", "uma palavra"),
    ("true or false", "sim ou não"),
    ("of at least", "de no mínimo"),
    ("at least", "no mínimo"),
    ("at most", "no máximo"),
    ("above", "acima de"),
    (" and ", " e "),
)
_FINDINGS = ((r"^none$", "nada"), (r"^none after ", "nenhum depois de "), (r"^(--\S+ )?alone$", "só um dos dois"))
COOKIE = "charrnn_language"  # set by the switch on the page


def _catalogue(column: int) -> dict[str, str]:
    # The browser's formatter reads braces as its own; texts that have some are the server's anyway.
    return {key: pair[column] for key, pair in TEXTS.items() if "{" not in pair[column]}


label = gr.I18n(**{"en": _catalogue(1), "pt": _catalogue(0), "pt-BR": _catalogue(0)})


def language_of(request: Any) -> Language:
    """What the visitor chose with the switch; before that, Portuguese for a browser whose first language it is.

    request: anything with headers, such as gr.Request; without one, English.
    """
    headers = request.headers if request else {}
    chosen = re.search(rf"(?:^|;)\s*{COOKIE}=(pt|en)\s*(?:;|$)", headers.get("cookie", ""))
    if chosen:
        return "pt" if chosen[1] == "pt" else "en"
    return "pt" if headers.get("accept-language", "").strip().lower().startswith("pt") else "en"


def say(language: Language, key: str, **values: Any) -> str:
    return TEXTS[key][0 if language == "pt" else 1].format(**values)


def number(language: Language, value: float, decimals: int = 0) -> str:
    """1234.5 as each language writes it: 1.234,5 or 1,234.5."""
    text = f"{value:,.{decimals}f}"
    return text.translate(str.maketrans(",.", ".,")) if language == "pt" else text


def problem(language: Language, error: UserError) -> str:
    """The core's message; in Portuguese as far as it can be put so."""
    found = re.match(r"(?s)([\w-]+)(:.*?), found (.*)", str(error))
    if language == "en" or not found:
        return str(error)
    name, expected, value = found.groups()
    for english, portuguese in _EXPECTATIONS:
        expected = expected.replace(english, portuguese)
    key = name.replace("-", "_")
    for english, portuguese in _FINDINGS:
        value = re.sub(english, portuguese, value)
    expected = re.sub(r"(?<=\d),(?=\d{3})", ".", expected)  # 1,000 is 1.000
    return f"{say(language, key) if key in TEXTS else name}{expected}, recebido {value}"
