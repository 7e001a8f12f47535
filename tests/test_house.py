"""The limits that the code keeps: of entries, names, lengths, parameters; of error codes; and of the tests."""

import ast
import importlib
import importlib.util
import pkgutil
from collections import Counter
from types import ModuleType

import pytest
from support import ROOT

from charrnn.errors import messages

MOST_ENTRIES = 20
MOST_PARAMETERS = 8
LONGEST_TEST_FILE = 400  # lines


@pytest.fixture(scope="module")
def measuring() -> ModuleType:
    """The script that measures the code."""
    spec = importlib.util.spec_from_file_location("measure_code", ROOT / "scripts" / "measure_code.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    return script


def test_entries_are_few_and_no_name_is_given_twice(measuring: ModuleType) -> None:
    figures = measuring.measure(ROOT)
    assert figures["top-level entries"] <= MOST_ENTRIES
    assert figures["names of two modules"] == []
    assert figures["names of two classes"] == []


def test_functions_are_short_and_take_few_parameters(measuring: ModuleType) -> None:
    faults = []
    for path in sorted((ROOT / "charrnn").rglob("*.py")):
        for function in measuring.functions(ast.parse(path.read_text(encoding="utf-8"))):
            lines, count = function.end_lineno - function.lineno + 1, measuring.parameters(function)
            if lines > measuring.LONGEST or count > MOST_PARAMETERS:
                place = f"{path.relative_to(ROOT)}:{function.lineno}"
                faults.append(f"{place} {function.name}: {lines} lines, {count} parameters")
    assert not faults, "\n".join(faults)


def test_no_error_code_hides_another() -> None:
    """The files of messages are joined by |, which keeps the last of two texts."""
    names = [one.name for one in pkgutil.iter_modules(messages.__path__) if one.name.endswith("_messages")]
    files = [importlib.import_module(f"{messages.__name__}.{name}").MESSAGES for name in names]
    count = Counter(code for file in files for code in file)
    assert [code for code, files_with_it in count.items() if files_with_it > 1] == []
    assert set(count) == set(messages.MESSAGES)


def test_test_files_are_short_and_none_imports_another() -> None:
    for path in sorted((ROOT / "tests").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= LONGEST_TEST_FILE, path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            else:
                continue
            assert not [name for name in names if name.startswith("test_")], path
