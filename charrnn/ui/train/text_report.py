"""The doctor's reports in words, for the tab that trains."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from charrnn.errors import UserError
from charrnn.ui.texts import TEXTS, Language, number, say

if TYPE_CHECKING:  # the page does not wait for it
    from charrnn.corpus.doctor import Example, Finding, Report

EXAMINED = 6  # texts that are examined one by one, at most
LITTLE, AMPLE = 100_000, 1_500_000  # characters


@dataclass(frozen=True)
class Reports:
    """What was found in the texts that were chosen."""

    reports: "tuple[Report, ...]" = ()
    more: int = 0  # texts that were not examined
    problem: UserError | None = None  # why they cannot be read

    @property
    def repairs(self) -> list[str]:
        """The repairs of all faults found."""
        return list(dict.fromkeys(fault.repair for r in self.reports for fault in r.faults if fault.repair))


def examined(names: Sequence[str]) -> Reports:
    """Read and examine the texts of these names, as `charrnn.corpus` understands them."""
    from charrnn.corpus import open_works
    from charrnn.corpus.doctor import examine_work

    found: list[Report] = []
    more = 0
    try:
        for work in open_works(names):
            if len(found) < EXAMINED:
                found.append(examine_work(work))
            else:
                more += 1
    except UserError as error:
        return Reports(tuple(found), problem=error)
    return Reports(tuple(found), more)


def shown(reports: Reports, spoken: Language) -> str:
    parts = [_one(report, spoken) for report in reports.reports]
    if reports.more:
        parts.append(f"<p>{escape(say(spoken, 'report_more', count=number(spoken, reports.more)))}</p>")
    elif len(reports.reports) > 1:
        total = number(spoken, sum(report.characters for report in reports.reports))
        parts.append(f"<p>{escape(say(spoken, 'report_total', count=len(reports.reports), characters=total))}</p>")
    if reports.problem is not None:
        parts.append(
            f'<p role="alert"><strong>{escape(say(spoken, "report_failed"))}</strong> '
            f"<code>{escape(reports.problem.render(spoken))}</code></p>"
        )
    return "".join(parts)


def repair_label(name: str, spoken: Language) -> str:
    """Return what a repair does, in the page's words or, for one that has none, in the registry's."""
    from charrnn.corpus.repairs import REPAIRS

    return say(spoken, key) if (key := f"repair_{name}") in TEXTS else REPAIRS[name].help


def _one(report: "Report", spoken: Language) -> str:
    size = (
        "report_tiny" if report.characters < LITTLE else "report_fair" if report.characters < AMPLE else "report_ample"
    )
    sentences = [
        say(
            spoken, "report_facts", characters=number(spoken, report.characters), words=number(spoken, report.words),
            lines=number(spoken, report.lines), encoding=report.encoding, alphabet=len(report.alphabet),
        ),
        say(spoken, size),
    ]  # fmt: skip
    if report.examined < report.characters:
        sentences.append(say(spoken, "report_part", count=number(spoken, report.examined)))
    if report.not_portuguese >= 0.01:
        sentences.append(say(spoken, "report_foreign", share=number(spoken, 100 * report.not_portuguese)))
    if not report.faults:
        sentences.append(say(spoken, "report_clean"))
    after = ""
    if (base := report.baselines) is not None:
        bits = {name: number(spoken, getattr(base, name), 2) for name in ("unigram", "ngram", "xz")}
        after = f"<p>{escape(say(spoken, 'report_baselines', order=base.order, **bits))}</p>"
    findings = "".join(_finding(finding, spoken) for finding in report.findings)
    return (
        f"<section><h4>{escape(report.name.rpartition('/')[2])}</h4><p>{escape(' '.join(sentences))}</p>"
        f"{f'<ul>{findings}</ul>' if findings else ''}{after}</section>"
    )


def _finding(finding: "Finding", spoken: Language) -> str:
    key = f"finding_{finding.name}"
    sentence = say(spoken, key) if key in TEXTS else finding.sentence
    kind = say(spoken, "report_fault" if finding.severity == "fault" else "report_note")
    times = f" ({say(spoken, 'report_times', count=number(spoken, finding.count))})" if finding.count > 1 else ""
    examples = "".join(_example(example, spoken) for example in finding.examples[:2])
    return (
        f'<li class="{finding.severity}"><strong>{escape(kind)}.</strong> {escape(sentence + times)}'
        f"{f'<ul>{examples}</ul>' if examples else ''}</li>"
    )


def _example(example: "Example", spoken: Language) -> str:
    becomes = f" → <q>{escape(example.becomes.strip())}</q>" if example.becomes else ""
    line = escape(say(spoken, "report_line", line=number(spoken, example.line)))
    return f"<li>{line}: <q>{escape(example.text.strip())}</q>{becomes}</li>"
