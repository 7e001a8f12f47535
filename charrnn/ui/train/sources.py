"""The texts to train on: those on offer beside one's own, and the doctor's report on what was chosen, in words."""

import hashlib
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import gradio as gr

import charrnn
from charrnn import paths
from charrnn.corpus.catalogue import catalogue, words
from charrnn.corpus.documents import with_column
from charrnn.errors import UserError
from charrnn.training.verdict import AMPLE, LITTLE
from charrnn.ui.texts import Language, number, percent, say

if TYPE_CHECKING:  # the page does not wait for it
    from charrnn.corpus.csv_tables import Table
    from charrnn.corpus.doctor import Example, Finding, Report

OWN = Path(charrnn.__file__).parents[1] / "corpora"  # of a checkout
COLLECTIONS = {
    "machado": "Machado de Assis: romances e contos",
    "eltec-por": "ELTeC-por: romances, 1840–1920",
    "machado-cronicas": "Machado de Assis: crônicas",
    "machado-critica": "Machado de Assis: crítica",
    "machado-miscelanea": "Machado de Assis: miscelânea",
    "machado-poesia": "Machado de Assis: poesia",
    "machado-teatro": "Machado de Assis: teatro",
    "machado-traducoes": "Machado de Assis: traduções",
}
EXAMINED = 6  # texts that are examined one by one, at most
PASTED = "texto-colado.txt"
KEPT = 30 * 24 * 3600  # seconds that a pasted text is kept, so that a training can be resumed


def offered(language: Language) -> list[tuple[str, str]]:
    """Return pairs of a title to show and the name that `charrnn.corpus.open_works` knows it by."""
    own = [(say(language, "shelf_own", title=path.name), str(path)) for path in sorted(OWN.glob("*.txt"))]
    works = catalogue()
    whole = []
    for collection in dict.fromkeys(work.collection for work in works):
        count = sum(work.collection == collection for work in works)
        title = COLLECTIONS.get(collection, collection)
        whole.append((say(language, "shelf_all", title=title, count=count), collection))
    single = [
        (f"{work.short_author} · {work.title}" + (f" ({work.year})" if work.year else ""), work.name)
        for work in sorted(works, key=lambda work: words(f"{work.short_author} {work.title}"))
    ]
    return [*own, *whole, *single]


def kept(pasted: str) -> str:
    """Keep a pasted text in a file of the cache, and return the file's name. Raises UserError if it cannot be kept."""
    data = pasted.encode("utf-8", "replace")
    root = paths.root() / "pasted"
    path = root / hashlib.sha256(data).hexdigest()[:32] / PASTED
    with paths.writing():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # it may be private
        with paths.replacing(path) as file:
            file.write(data)
        for old in root.iterdir():
            if time.time() - old.stat().st_mtime > KEPT:
                shutil.rmtree(old, ignore_errors=True)
    return str(path)


def with_chosen_column(names: Sequence[str], column: str | None) -> list[str]:
    """Return the names, those of tables with the column that was chosen, if any."""
    return [f"{name}:{column}" if column and name.lower().endswith((".csv", ".tsv")) else name for name in names]


def columns(tables: "Sequence[Table]") -> gr.Dropdown:
    """Return the choice of a column; it is visible for a single table of several columns."""
    if len(tables) != 1 or len(tables[0].titles) < 2:
        return gr.Dropdown([], value=None, visible=False)
    names = tables[0].names
    return gr.Dropdown([*zip(tables[0].titles, names, strict=True)], value=names[tables[0].column], visible=True)


@dataclass(frozen=True)
class Reports:
    """What the doctor found in the chosen texts."""

    reports: "tuple[Report, ...]" = ()
    more: int = 0  # texts that were not examined
    problem: UserError | None = None  # why they cannot be read
    tables: "tuple[Table, ...]" = ()  # among them, how they are written and read

    @property
    def repairs(self) -> list[str]:
        """The repairs of all faults found."""
        return list(dict.fromkeys(fault.repair for r in self.reports for fault in r.faults if fault.repair))


def examined(names: Sequence[str]) -> Reports:
    """Read and examine the texts of these names, as `charrnn.corpus` understands them."""
    from charrnn.corpus import open_works
    from charrnn.corpus.doctor import examine_work

    found: list[Report] = []
    tables: list[Table] = []
    more = 0
    try:
        for work in open_works(names):
            if len(found) < EXAMINED:
                found.append(examine_work(work))
                tables += [] if work.table is None else [work.table]
            else:
                more += 1
    except UserError as error:
        facts = error.facts | ({"name": Path(str(error.facts["name"])).name} if "name" in error.facts else {})
        return Reports(tuple(found), problem=UserError(error.code, **facts))  # not where an upload is kept
    return Reports(tuple(found), more, tables=tuple(tables))


def shown(reports: Reports, language: Language) -> str:
    parts = [_one(report, language) for report in reports.reports]
    if reports.more:
        parts.append(f"<p>{escape(say(language, 'report_more', count=number(language, reports.more)))}</p>")
    elif len(reports.reports) > 1:
        facts: dict[str, object] = {
            "count": len(reports.reports),
            "characters": number(language, sum(report.characters for report in reports.reports)),
            "names": ", ".join(_short(report) for report in reports.reports),
        }
        parts.insert(0, f"<p><strong>{escape(say(language, 'report_total', **facts))}</strong></p>")
    if reports.problem is not None:
        parts.append(
            f'<p role="alert"><strong>{escape(say(language, "report_failed"))}</strong> '
            f"<code>{escape(reports.problem.render(language))}</code></p>"
        )
    return "".join(parts)


def _short(report: "Report") -> str:
    return Path(with_column(report.name)[0]).name


def repair_label(name: str, language: Language) -> str:
    """Return what a repair does."""
    from charrnn.corpus.repairs import REPAIRS

    return REPAIRS[name].help[language == "en"]


def _one(report: "Report", language: Language) -> str:
    size = (
        "report_tiny" if report.characters < LITTLE else "report_fair" if report.characters < AMPLE else "report_ample"
    )
    sentences = [
        say(
            language, "report_facts", characters=number(language, report.characters),
            words=number(language, report.words),
            lines=number(language, report.lines), encoding=report.encoding, alphabet=len(report.alphabet),
        ),
        say(language, size),
    ]  # fmt: skip
    if report.examined < report.characters:
        sentences.append(say(language, "report_part", count=number(language, report.examined)))
    findings = [finding for finding in report.findings if finding.name != "other-language"]
    sentences[:0] = [finding.sentence.render(language) for finding in report.findings if finding not in findings]
    if report.not_portuguese >= 0.01 and len(findings) == len(report.findings):
        sentences.append(say(language, "report_foreign", share=percent(language, report.not_portuguese)))
    if not report.faults:
        sentences.append(say(language, "report_clean"))
    after = ""
    if (base := report.baselines) is not None:
        bits = {name: number(language, getattr(base, name), 2) for name in ("unigram", "ngram", "xz")}
        after = f"<p>{escape(say(language, 'report_baselines', order=base.order, **bits))}</p>"
    listed = "".join(_finding(finding, language) for finding in findings)
    return (
        f"<section><h3>{escape(_short(report))}</h3><p>{escape(' '.join(sentences))}</p>"
        f"{f'<ul>{listed}</ul>' if listed else ''}{after}</section>"
    )


def _finding(finding: "Finding", language: Language) -> str:
    sentence = finding.sentence.render(language)
    sentence = sentence[:1].upper() + sentence[1:]
    kind = say(language, "report_fault" if finding.severity == "fault" else "report_note")
    times = f" ({say(language, 'report_times', count=number(language, finding.count))})" if finding.count > 1 else ""
    examples = "".join(_example(example, language) for example in finding.examples[:2])
    return (
        f'<li class="{finding.severity}"><strong>{escape(kind)}.</strong> {escape(sentence + times)}'
        f"{f'<ul>{examples}</ul>' if examples else ''}</li>"
    )


def _example(example: "Example", language: Language) -> str:
    becomes = f" → <q>{escape(example.becomes.strip())}</q>" if example.becomes else ""
    line = escape(say(language, "report_line", line=number(language, example.line)))
    return f"<li>{line}: <q>{escape(example.text.strip())}</q>{becomes}</li>"
