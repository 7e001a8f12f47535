"""Nasty texts are read, repaired and reported on as `tests/golden.json` records; `golden.py` compares."""

import json
from pathlib import Path

import golden
from support import ROOT

RECORDED = ROOT / "tests" / "golden.json"


def test_nasty_texts_are_read_as_ever(tmp_path: Path) -> None:
    recorded = json.loads(RECORDED.read_text(encoding="utf-8"))
    # Where a change is meant: python tests/golden.py --write tests/golden.json --only corpora
    assert list(golden.differences(recorded, {"corpora": golden.corpora(tmp_path)})) == []


def test_each_value_that_differs_is_a_line() -> None:
    before = {"a": {"same": 1, "list": ["é", 2], "gone": {"deep": None}}, "empty": {}}
    after = {"a": {"same": 1, "list": ["é", 2.5, 3]}, "empty": {"new": "\n"}}
    assert list(golden.differences(before, before)) == []
    assert list(golden.differences(before, after)) == [
        "a/list/1: was 2, is 2.5",
        "a/gone/deep: was null, is nothing",
        "empty: was {}, is nothing",
        "a/list/2: was nothing, is 3",
        'empty/new: was nothing, is "\\n"',
    ]
