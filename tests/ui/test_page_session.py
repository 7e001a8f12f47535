"""A text of the page continues on the command line, and the other way round, as if it had never been interrupted."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from page_support import CONFIG, PROMPT, last, printed

from charrnn.config import ConstraintConfig
from charrnn.errors import Phrase, UserError
from charrnn.storage.checkpoint import read_tensors, write_tensors
from charrnn.ui import model_cache
from charrnn.ui.generate.draft import begin, choose, forget, from_file, from_json, go_on, to_file, to_json
from charrnn.ui.model_cache import Version
from charrnn.ui.visitors import EVERYTHING, Permissions

RULES = ConstraintConfig(without="e", line_length=12)
HISTORIES: dict[str, Any] = {
    "one run": lambda tiny: begin(tiny, PROMPT, CONFIG),
    "two runs": lambda tiny: go_on(last(begin(tiny, PROMPT, replace(CONFIG, length=230))), tiny, CONFIG),
    "rules": lambda tiny: begin(tiny, PROMPT, CONFIG, RULES),
    "no prompt": lambda tiny: begin(tiny, "", CONFIG),
    "nothing written": lambda tiny: begin(tiny, PROMPT, replace(CONFIG, length=0)),
    "forgotten": lambda tiny: go_on(last(forget(last(begin(tiny, PROMPT, CONFIG)))), tiny, CONFIG, words="E ✍"),
    "a choice": lambda tiny: choose(last(begin(tiny, PROMPT, CONFIG)), 30, "x", CONFIG),
}


@pytest.mark.parametrize("history", HISTORIES)
def test_a_text_of_the_page_continues_on_the_command_line(tiny: Version, tmp_path: Path, history: str) -> None:
    found, path = last(HISTORIES[history](tiny)), tmp_path / "text"
    path.write_bytes(to_file(found))
    after = last(go_on(found, tiny, replace(CONFIG, length=40), found.session.constraints))
    if history == "nothing written":  # on the page, a new press of the button has the next seed
        expected = model_cache.sampler(tiny).generate(PROMPT, replace(CONFIG, length=40))
    else:
        expected = after.text[len(found.text) :]
    assert printed(["charrnn", "sample", "--load-state", str(path), "--length", "40"]) == expected


@pytest.mark.parametrize("constraints", [ConstraintConfig(), RULES])
def test_a_text_of_the_command_line_continues_on_the_page(
    tiny: Version, saved: Path, tmp_path: Path, constraints: ConstraintConfig
) -> None:
    options = ["--without", "e", "--line-length", "12"] if constraints == RULES else []
    common = ["--model", str(saved), "--prompt", PROMPT, "--seed", "7", "--temperature", "1", *options]
    whole = printed(["charrnn", "sample", *common, "--length", "170"])
    one = printed(["charrnn", "sample", *common, "--length", "130", "--save-state", str(tmp_path / "a")])
    opened = from_file(tmp_path / "a", saved.parent, EVERYTHING)
    assert (opened.text, opened.session.constraints, opened.session.config.seed) == (one, constraints, 7)
    assert last(go_on(opened, tiny, replace(CONFIG, length=40), constraints)).text == whole
    (tmp_path / "b").write_bytes(to_file(opened))  # and back again
    assert one + printed(["charrnn", "sample", "--load-state", str(tmp_path / "b"), "--length", "40"]) == whole
    rewound = printed(["charrnn", "sample", "--load-state", str(tmp_path / "b"), "--rewind", "25", "--length", "25"])
    assert one.endswith(rewound)


def test_a_text_that_the_browser_kept_can_be_downloaded_too(tiny: Version, saved: Path, tmp_path: Path) -> None:
    """It has been read again; what comes next follows from that."""
    kept = from_json(to_json(last(begin(tiny, PROMPT, CONFIG))), saved.parent, EVERYTHING)
    (tmp_path / "a").write_bytes(to_file(kept))
    assert from_file(tmp_path / "a", saved.parent, EVERYTHING).text == kept.text


def test_a_file_may_name_no_other_files(saved: Path, tiny: Version, tmp_path: Path) -> None:
    named = replace(RULES, most_copied=5, training=("/etc/passwd",))
    draft = last(begin(tiny, PROMPT, CONFIG))
    draft = replace(draft, session=replace(draft.session, constraints=named))
    (tmp_path / "a").write_bytes(to_file(draft))
    for allowed in (EVERYTHING, Permissions(training=False, paths=False)):
        told: list[Phrase] = []
        found = from_file(tmp_path / "a", saved.parent, allowed, told.append)
        assert found.session.constraints == RULES
        assert [phrase.code for phrase in told] == ["state-names-files"]


DAMAGE: dict[str, Any] = {
    "not a number": lambda tensors: tensors["state.layers.0.0"].fill_(float("nan")),
    "infinite": lambda tensors: tensors["mark0.layers.1.1"].fill_(float("inf")),
    "a token that is none": lambda tensors: tensors["state.recent"].fill_(10**6),
    "another shape": lambda tensors: tensors.update({"state.layers.0.0": torch.zeros(1, 17)}),
    "another type": lambda tensors: tensors.update({"state.recent": torch.zeros(1, 3)}),
    "a layer less": lambda tensors: [tensors.pop(name) for name in ("state.layers.1.0", "state.layers.1.1")],
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_strangers_file_is_checked(saved: Path, tiny: Version, tmp_path: Path, damage: str) -> None:
    path = tmp_path / "a"
    path.write_bytes(to_file(last(begin(tiny, PROMPT, CONFIG))))
    tensors, metadata = read_tensors(path)
    DAMAGE[damage](tensors)
    write_tensors(path, tensors, metadata)
    with pytest.raises(UserError) as error:
        from_file(path, saved.parent, EVERYTHING)
    assert error.value.code in ("state-other-shape", "state-not-a-state")


@pytest.mark.parametrize(
    "change",
    [
        ('"position": 30', '"position": -1'), ('"written": 30', '"written": 2.5'), ('"seed": 7', '"seed": null'),
        ('"temperature": 1.0', '"temperature": -1'), ('"format": 3', '"format": 4'),
        ('"marks": [0, 30]', '"marks": []'),
    ],
)  # fmt: skip
def test_values_of_a_file_are_checked(saved: Path, tiny: Version, tmp_path: Path, change: tuple[str, str]) -> None:
    path = tmp_path / "a"
    path.write_bytes(to_file(last(begin(tiny, PROMPT, CONFIG))))
    tensors, metadata = read_tensors(path)
    assert change[0] in metadata["charrnn"]
    write_tensors(path, tensors, {"charrnn": metadata["charrnn"].replace(*change)})
    with pytest.raises(UserError) as error:
        from_file(path, saved.parent, EVERYTHING)
    assert error.value.code == ("state-newer" if "format" in change[0] else "state-not-a-state")


@pytest.mark.parametrize("version", [1, 2])
def test_a_file_of_an_earlier_format_is_read(saved: Path, tiny: Version, tmp_path: Path, version: int) -> None:
    """Format 1 has no constraints; 2 names them otherwise."""
    path, draft = tmp_path / "a", last(begin(tiny, PROMPT, CONFIG, RULES if version == 2 else ConstraintConfig()))
    path.write_bytes(to_file(draft))
    tensors, metadata = read_tensors(path)
    values = json.loads(metadata["charrnn"])
    constraints = values.pop("constraints")
    values |= {"format": version} | ({"wishes": constraints} if version == 2 else {})
    write_tensors(path, tensors, {"charrnn": json.dumps(values)})
    opened = from_file(path, saved.parent, EVERYTHING)
    assert (opened.text, opened.session.constraints) == (draft.text, draft.session.constraints)
