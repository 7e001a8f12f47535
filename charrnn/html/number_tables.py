"""What was found, as HTML tables."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from charrnn.errors.quantities import Language
from charrnn.html.texts import say
from charrnn.html.writing import number, visible

if TYPE_CHECKING:  # loads torch, for which the page does not wait
    from charrnn.lens import Effect, UnitFinding
    from charrnn.lens.tiny_elman import Instant, Numbers, SmallNetwork
    from charrnn.lens.unit_findings import PropertyMatch


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[int] = (), kind: str = "") -> str:
    """A table of HTML cells. numbers: which columns are set as numbers; kind: a class, such as lens-stack, whose rows
    become paragraphs where there is no room for columns.
    """
    kinds = [' class="lens-number"' if column in numbers else "" for column in range(len(heads))]
    head = "".join(f'<th{set_} scope="col">{cell}</th>' for set_, cell in zip(kinds, heads, strict=True))
    lines = []
    for row in rows:
        cells = zip(kinds, heads, row, strict=True)
        lines.append("".join(f'<td{set_} data-head="{name}">{cell}</td>' for set_, name, cell in cells))
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    whole = f'<table class="lens-table {kind}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    return f'<div class="lens-wide">{whole}</div>\n'


def followed(found: "Sequence[UnitFinding]", language: Language) -> str:
    """The best unit of each property, and what it is worth."""
    rows = []
    for finding in found:
        nature = say(language, "remembered" if finding.followed.remembered else "of_character")
        rows.append([
            f"{say(language, finding.followed.name)}<small>{nature}</small>",
            str(finding.unit) if finding.here else "",
            _match(finding.here, language),
            _match(finding.there, language),
            f'<span class="lens-{finding.verdict}">{say(language, finding.verdict)}</span>',
        ])  # fmt: skip
    heads = [say(language, key) for key in ("property", "unit", "r_here", "r_there", "verdict")]
    return table(heads, rows, numbers=(1, 2, 3), kind="lens-stack")


def _match(match: "PropertyMatch | None", language: Language) -> str:
    if match is None:
        return ""
    limit = say(language, "limit", chance=number(language, match.chance, 2))
    return f"{number(language, match.correlation, 2, sign=True)}<small>{limit}</small>"


def changed(found: "Sequence[Effect]", language: Language, names: Mapping[str, str] = {}) -> str:
    """What each intervention costs, with a bar, and how the text would go on. names: HTML for some, by their names."""
    from charrnn.lens.interventions import KEPT

    most = max([abs(effect.extra) for effect in found] + [1e-9])
    rows = []
    for effect in found:
        extra = number(language, effect.extra, 2, sign=True)
        extra += f" ± {number(language, effect.band, 2)}" if effect.band else ""  # at one place, there is none
        bar = f'<i class="lens-bar" style="width:{100 * max(0.0, effect.extra) / most:.0f}%"></i>'
        rows.append([
            names.get(effect.name) or say(language, effect.name, kept=KEPT), number(language, effect.bits, 2),
            extra + bar if effect.name != "untouched" else "–",
            f"<q>{visible(effect.continuation).replace('␣', ' ').replace('↵', ' ↵ ')}</q>",
        ])  # fmt: skip
    heads = [say(language, key) for key in ("change", "bits_after", "extra", "continuation")]
    return table(heads, rows, numbers=(1, 2), kind="lens-stack")


def weights(network: "SmallNetwork", language: Language) -> str:
    """All that a small network has learned."""
    h = [f"H<sub>{row + 1}</sub>" for row in range(len(network.bias))]
    m = [f"M<sub>{row + 1}</sub>" for row in range(len(network.bias))]
    letters = [visible(letter) for letter in network.alphabet]
    whole = [
        matrix("W", h, [f"X<sub>{letter}</sub>" for letter in letters], network.input_weight, language),
        matrix("U", h, m, network.memory_weight, language),
        matrix("b", h, [""], network.bias[:, None], language),
        matrix("V", [f"S<sub>{letter}</sub>" for letter in letters], h, network.output_weight, language),
        matrix("c", [f"S<sub>{letter}</sub>" for letter in letters], [""], network.output_bias[:, None], language),
    ]
    return f'<div class="lens-matrices">{"".join(whole)}</div>'


def matrix(name: str, rows: Sequence[str], columns: Sequence[str], values: "Numbers", language: Language) -> str:
    """Some weights, with the neurons they lead to (rows) and from (columns)."""
    head = "".join(f'<th scope="col">{label}</th>' for label in (name, *columns))
    body = ""
    for label, line in zip(rows, values.tolist(), strict=True):
        cells = "".join(f'<td class="lens-number">{number(language, value, 2)}</td>' for value in line)
        body += f'<tr><th scope="row">{label}</th>{cells}</tr>'
    whole = f'<table class="lens-table lens-matrix"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    return f'<div class="lens-wide">{whole}</div>\n'


def worked(network: "SmallNetwork", now: "Instant", language: Language, neuron: int = 0) -> str:
    """How one hidden neuron's number comes about, as a sum that can be followed with a pencil."""
    place = int(now.x.argmax())
    weight, bias = float(network.input_weight[neuron, place]), float(network.bias[neuron])
    products = zip(network.memory_weight[neuron].tolist(), now.memory.tolist(), strict=True)
    total = weight + bias + float(np.dot(network.memory_weight[neuron], now.memory))
    one = neuron + 1
    names = [f"W<sub>{one},{visible(now.character)}</sub>·1"]
    names += [f"U<sub>{one},{k + 1}</sub>·M<sub>{k + 1}</sub>" for k in range(len(now.memory))]
    terms = [number(language, weight, 2)]
    terms += [f"({number(language, u, 2)})·({number(language, m, 2)})" for u, m in products]
    terms.append(f"({number(language, bias, 2)})")
    return (
        f"H<sub>{one}</sub> = tanh({' + '.join([*names, f'b<sub>{one}</sub>'])})<br>"
        f"&nbsp; = tanh({' + '.join(terms)})<br>"
        f"&nbsp; = tanh({number(language, total, 2)}) = <b>{number(language, float(now.hidden[neuron]), 2)}</b>"
    )
