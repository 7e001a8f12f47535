"""Messages by code in both languages; durations, numbers and errors of the operating system, as a person reads them."""

import ast
import errno
import math
import pickle
import random
import re
import socket
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

import charrnn
from charrnn.errors import Phrase, UserError, cause, refusal
from charrnn.errors.messages import MESSAGES
from charrnn.errors.quantities import duration, number

SECONDS = {"second": 1, "minute": 60, "hour": 3600}


def read(text: str) -> float:
    """The seconds that a duration in words says."""
    return sum(float(n.replace(",", "")) * SECONDS[unit] for n, unit in re.findall(r"([\d.,]+) (\w+?)s?\b", text))


def test_a_duration_is_rounded_but_true() -> None:
    draw = random.Random(1)
    for _ in range(2000):
        seconds = 10 ** draw.uniform(-1, 6)
        told = read(duration(seconds))
        assert abs(told - seconds) <= (0.051 if seconds < 9.95 else 0.5 if seconds < 3600 else 30), seconds
        assert re.fullmatch(r"[\d.,]+ [a-z]+(?: \d+ [a-z]+)?", duration(seconds))


def test_a_duration_is_english() -> None:
    """One minute, two minutes; never 60 seconds, nor a decimal where there are minutes."""
    for seconds in [*range(1, 8000), 6.06654 * 60, 59.6, 3599.7, 0.04]:
        for count, unit in re.findall(r"([\d.,]+) (\w+)", duration(seconds)):
            assert unit.endswith("s") == (count != "1")
            assert not unit.startswith(("second", "minute")) or float(count) < 60
    assert [duration(60), duration(300), duration(364), duration(5400)] == [
        "1 minute", "5 minutes", "6 minutes 4 seconds", "1 hour 30 minutes",
    ]  # fmt: skip


def test_a_number_is_written_in_full_and_is_the_number() -> None:
    draw = random.Random(2)
    for value in [
        0,
        1,
        -3,
        16777216,
        2**63 - 1,
        *(draw.uniform(-1, 1) * 10.0 ** draw.randrange(-9, 15) for _ in range(500)),
    ]:
        written = number(value)
        assert type(value)(written.replace(",", "")) == value
        assert "e" not in written
        assert not re.search(r"\d{4}", written.partition(".")[0])
    assert [number(16777216), number(0.9), number(5.0), number(1e-5)] == ["16,777,216", "0.9", "5", "0.00001"]
    assert [number(math.inf), number(1e300)] == ["inf", "1e+300"]


@pytest.mark.parametrize("code", [code for name, code in vars(errno).items() if name.startswith("E")])
def test_every_error_of_the_system_has_a_cause(code: int) -> None:
    told = str(cause(OSError(code, "Strange words")))
    assert told
    assert "[Errno" not in told


def test_errors_without_a_number_have_one_too() -> None:
    """As those of a name that cannot be resolved, whose numbers mean something else."""
    assert str(cause(socket.gaierror(-2, "Name or service not known"))) == "there is no such host, or no network"
    assert str(cause(OSError("Invalid data stream"))) == "invalid data stream"
    assert str(cause(OSError())) == "oserror"
    assert str(cause(OSError("100000 requested and 12784 written"))) == "the disk is full"
    assert str(cause(TimeoutError())) == "no answer in time"


def test_a_full_disk_is_told_by_its_own_name() -> None:
    """Not by variables that decide on other places: standard output, too, may lead to a full one."""
    assert str(refusal(OSError(errno.ENOSPC, "", "here"))).startswith("here: the disk is full; make room there")
    told = str(refusal(OSError(errno.ENOSPC, "")))
    assert told.startswith("the output or a temporary file: the disk is full")
    assert "CHARRNN_CACHE" not in told


PACKAGE = Path(charrnn.__file__).parent
KINDS = {"Phrase", "UserError", "NoText", "Refused", "Unreachable"}


def codes(node: ast.expr) -> Iterator[str]:
    """The codes that an expression may have: a literal, one of two, one of a table, or of `a or b`."""
    match node:
        case ast.Constant(value=str(code)):
            yield code
        case ast.IfExp():
            yield from codes(node.body)
            yield from codes(node.orelse)
        case ast.Dict():
            for value in node.values:
                yield from codes(value)
        case ast.Call(func=ast.Attribute(value=table, attr="get"), args=[_, default]):
            yield from codes(table)
            yield from codes(default)
        case ast.Subscript():
            yield from codes(node.value)


def raised() -> Iterator[tuple[str, set[str], str]]:
    """Code, facts (with ** where not all are seen) and place of each message that the package makes."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = getattr(getattr(node, "func", None), "id", getattr(getattr(node, "func", None), "attr", ""))
            if isinstance(node, ast.Call) and name in KINDS and node.args:
                for code in codes(node.args[0]):
                    yield code, {word.arg or "**" for word in node.keywords}, f"{path}:{node.lineno}"


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("code", MESSAGES)
def test_a_message_says_the_same_in_both_languages(code: str) -> None:
    """Each fact is named in both, and a message is one line."""
    portuguese, english = MESSAGES[code]
    assert placeholders(portuguese) == placeholders(english)
    facts: dict[str, object] = {  # numbers where there is a unit, words where nothing is quoted
        name: 1 if f"{{{name}:" in english else "'" if f"{{{name}!r" in english else Phrase("nothing")
        for name in placeholders(english)
    }
    for language, nothing in (("pt", "nada"), ("en", "none")):
        text = UserError(code, **facts).render(language)  # type: ignore[arg-type]
        assert "\n" not in text
        assert "{" not in text
        assert nothing in text or not any(isinstance(fact, Phrase) for fact in facts.values())


def test_every_message_that_is_raised_has_its_facts() -> None:
    for code, facts, place in raised():
        assert code in MESSAGES, place
        assert facts == placeholders(MESSAGES[code][0]) or "**" in facts, place


def test_every_message_is_used() -> None:
    """Its code is a string of the package, outside of the catalogue."""
    paths = [path for path in PACKAGE.rglob("*.py") if path.parent.name != "messages"]
    nodes = [node for path in paths for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
    used = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    assert not set(MESSAGES) - used


def test_an_error_is_told_by_its_code_and_survives_a_process() -> None:
    error = UserError(
        "setting", setting="top-p", expected=Phrase("finite-number", limits=Phrase("no-limits")), found=1234.5
    )
    again = pickle.loads(pickle.dumps(error))
    for one in (error, again):
        assert (one.code, str(one)) == ("setting", "top-p: expected a finite number, found 1,234.5")
        assert one.render("pt", {"top-p": "Núcleo"}) == "Núcleo: esperado um número, recebido 1.234,5"
