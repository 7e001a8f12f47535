"""charrnn corpus check: the doctor's report on texts, before training."""

import shlex
import string
from collections.abc import Iterator
from typing import TYPE_CHECKING

import typer

from charrnn.cli.options import json_option, write_json
from charrnn.cli.terminal import note
from charrnn.errors import UserError

if TYPE_CHECKING:
    from charrnn.corpus.baselines import Baselines
    from charrnn.corpus.doctor import Finding, Report

NAMED = 12  # rare characters printed with their names, the rarest first
FAMILIAR = frozenset(string.ascii_letters + string.digits + " \n.,")  # rare characters without a name in the report
LETTERS = 160  # characters of the alphabet printed

ENCODING = typer.Option(None, "--encoding", help="Read the files in this encoding; default: detect it.", metavar="ENC")


def check(
    files: list[str] = typer.Argument(
        ..., help="Texts: files, folders, globs, archives, `-`, or names of `charrnn corpus list`.", metavar="FILE..."
    ),
    encoding: str | None = ENCODING,
    *,
    json: bool = json_option("the report on each text, a line each"),
) -> None:
    """Report on texts: alphabet, encoding, faults with their places and repairs, spelling, language, baselines."""
    reports: list[Report] = []
    unread = 0
    for name, examined in _examined(files, encoding):
        if isinstance(examined, UserError):
            unread += 1
            if json:
                write_json({"name": name, "error": str(examined)})
            else:
                note(f"charrnn: {examined}")
        elif json:
            write_json(examined.to_json())
        else:
            _show(examined)
            reports.append(examined)
    if len(reports) + unread > 1 and not json:
        _summary(reports, unread)
    if unread:
        raise typer.Exit(2)


def _examined(names: list[str], encoding: str | None) -> "Iterator[tuple[str, Report | UserError]]":
    """Yield the name and the report of each text, or the error if it cannot be read."""
    from charrnn.corpus.archives import unpack
    from charrnn.corpus.doctor import examine_work
    from charrnn.corpus.documents import files
    from charrnn.corpus.works import BLANK, Work

    for shown, path in files(names, note):
        try:
            for document in unpack(shown, path, note):
                try:
                    work = Work(document, encoding)
                    if document.name != shown and work.is_blank:
                        note(f"{document.name}: {BLANK}")
                    else:
                        yield document.name, examine_work(work)
                except UserError as error:
                    yield document.name, error
        except UserError as error:
            yield shown, error


def _show(report: "Report") -> None:
    """Print a report, in colours on a terminal."""
    from charrnn.cli.console import Console

    console = Console(stderr=False)
    for line, style in _lines(report):
        console.tell(line, style)
    console.tell("")


def _lines(report: "Report") -> Iterator[tuple[str, str]]:
    """Yield the lines of a report with their styles."""
    yield report.name, "bold"
    yield (
        f"  {report.characters:,} characters, {report.words:,} words, {report.lines:,} lines; "
        f"{report.bytes:,} bytes of {report.format} in {report.encoding}",
        "",
    )
    if report.examined < report.characters:
        yield f"  only the first {report.examined:,} characters were examined", "yellow"
    for finding in report.findings:
        yield from _finding(finding)
    yield from _alphabet(report)
    if report.language == "Portuguese":
        yield f"  {report.not_portuguese:.1%} of the text is not Portuguese", ""
    if report.baselines is not None:
        yield f"  {simple_models(report.baselines)}", ""
    if repairs := dict.fromkeys(fault.repair for fault in report.faults if fault.repair):
        yield (
            f"  repair it with: charrnn corpus clean {shlex.quote(report.name)} --out DIR --fix {','.join(repairs)}",
            "green",
        )
    elif not report.faults:
        yield "  no faults found", "green"


def simple_models(found: "Baselines") -> str:
    """Return a line with the bits per character that simple models need."""
    return (
        f"bits per character of the last tenth, after the rest: {found.unigram:.2f} by single characters, "
        f"{found.ngram:.2f} by an n-gram model ({found.order + 1} in a row), {found.xz:.2f} by xz"
    )


def _finding(finding: "Finding") -> Iterator[tuple[str, str]]:
    times = f"{finding.count:,} × " if finding.count > 1 else ""
    repair = f" [{finding.repair}]" if finding.repair else ""
    yield (
        f"  {finding.severity}: {times}{finding.name}. {finding.sentence}{repair}",
        ("red" if finding.severity == "fault" else "yellow"),
    )
    for example in finding.examples:
        becomes = "" if example.becomes is None else f"  →  {example.becomes}"
        yield f"      {example.line}:{example.column}  {example.text}{becomes}", "dim"


def _alphabet(report: "Report") -> Iterator[tuple[str, str]]:
    from charrnn.corpus.doctor.report import shown

    def sign(character: str) -> str:
        return "␣" if character == " " else shown(character)

    alphabet = report.alphabet
    more = f"  and {len(alphabet) - LETTERS:,} more" if len(alphabet) > LETTERS else ""
    counts = "  ".join(f"{sign(item.character)} {item.count:,}" for item in alphabet[:LETTERS])
    yield f"  alphabet of {len(alphabet):,}:  {counts}{more}", ""
    named = [item for item in reversed(report.rare) if item.character not in FAMILIAR]
    for item in named[:NAMED]:
        yield f"      {item.line}:{item.column}  {sign(item.character)}  {item.name}, {item.count} ×", "dim"
    if len(named) > NAMED:
        yield f"      and {len(named) - NAMED:,} more rare characters (--json names them)", "dim"


def _summary(reports: "list[Report]", unread: int) -> None:
    faulty = [report for report in reports if report.faults]
    total = sum(report.characters for report in reports)
    print(
        f"{len(reports) + unread:,} texts, {total:,} characters; {len(faulty):,} with faults, {unread:,} unreadable",
        flush=True,
    )
    for report in faulty:
        print(f"  {report.name}: {', '.join(fault.name for fault in report.faults)}", flush=True)
