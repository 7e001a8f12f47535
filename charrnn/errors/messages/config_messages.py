"""Settings that are out of their limits, or that do not go together."""

MESSAGES: dict[str, tuple[str, str]] = {  # code: (Portuguese, English)
    "setting": ("{setting}: esperado {expected}, recebido {found}", "{setting}: expected {expected}, found {found}"),
    "one-of": ("um destes: {choices}", "one of {choices}"),
    "whole-number": ("um número inteiro{limits}", "a whole number{limits}"),
    "finite-number": ("um número{limits}", "a finite number{limits}"),
    "text": ("um texto", "text"),
    "true-or-false": ("sim ou não", "true or false"),
    "non-empty-texts": ("textos não vazios", "non-empty texts"),
    "no-limits": ("", ""),
    "at-least": (" de no mínimo {low}", " of at least {low}"),
    "above": (" acima de {above}", " above {above}"),
    "at-most": (" de no máximo {high}", " at most {high}"),
    "at-least-at-most": (" de no mínimo {low} e no máximo {high}", " of at least {low} and at most {high}"),
    "above-at-most": (" acima de {above} e no máximo {high}", " above {above} and at most {high}"),
    "unknown-settings": (
        "{config}: esperado apenas {known}, recebido também {unknown}",
        "{config}: expected only {known}, found also {unknown}",
    ),
    "hidden-not-multiple": (
        "hidden: esperado um múltiplo dos {members} membros, recebido {hidden}",
        "hidden: expected a multiple of the {members} members, found {hidden}",
    ),
    "no-budget": (
        "orçamento: esperado um número de minutos ou de passos, não veio nenhum dos dois",
        "budget: expected minutes or steps, found neither",
    ),
    "copied-needs-training": (
        "{setting}: só vale junto com os textos com que comparar (--training)",
        "{setting}: expected both --most-copied and --training, found --most-copied alone",
    ),
    "training-needs-copied": (
        "{setting}: só vale junto com o máximo copiado (--most-copied)",
        "{setting}: expected both --most-copied and --training, found --training alone",
    ),
    "accents-need-without": (
        "{setting}: só vale junto com as letras proibidas (--without)",
        "{setting}: expected with --without, found alone",
    ),
}
