"""Measure the code: entries, files, lines, repeated names, long functions, parameters, lines with Any.

python scripts/measure_code.py [--root .]
"""

import argparse
import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

LONGEST = 60  # lines of a function


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return how many parameters a caller sees: all but self and cls."""
    given = function.args.posonlyargs + function.args.args + function.args.kwonlyargs
    return sum(one.arg not in ("self", "cls") for one in given)


def measure(root: Path) -> dict[str, object]:
    package = root / "charrnn"
    files = sorted(package.rglob("*.py"))
    texts = {path: path.read_text(encoding="utf-8") for path in files}
    trees = {path: ast.parse(text) for path, text in texts.items()}
    modules = Counter(path.stem for path in files if not path.stem.startswith("__"))
    classes = Counter(n.name for tree in trees.values() for n in ast.walk(tree) if isinstance(n, ast.ClassDef))
    every = [(path, one) for path, tree in trees.items() for one in functions(tree)]
    lengths = [(one.end_lineno or 0) - one.lineno + 1 for _, one in every]
    lines = [line for text in texts.values() for line in text.splitlines()]
    tests = [path.read_text(encoding="utf-8") for path in (root / "tests").rglob("*.py")]
    return {
        "top-level entries": sum(not path.name.startswith("__") and any(path.rglob("*") if path.is_dir() else [path])
                                 for path in package.iterdir() if path.name != "py.typed"),
        "python files": len(files),
        "lines of the package": len(lines),
        "test files": len(tests),
        "lines of tests": sum(len(text.splitlines()) for text in tests),
        "names of two modules": sorted(name for name, count in modules.items() if count > 1),
        "names of two classes": sorted(name for name, count in classes.items() if count > 1),
        f"functions over {LONGEST} lines": sum(length > LONGEST for length in lengths),
        "longest function": max(lengths),
        "most parameters": max(parameters(one) for _, one in every),
        "lines with Any": sum(bool(re.search(r"\bAny\b", line)) and "import" not in line for line in lines),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=Path, default=Path(__file__).parent.parent)
    for name, value in measure(parser.parse_args().root).items():
        print(f"{name}: {value:,}" if isinstance(value, int) else f"{name}: {', '.join(value) or 'none'}")  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
