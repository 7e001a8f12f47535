"""Texts and settings outside of a session: what comes back is what went, or is refused."""

import dataclasses
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from page_support import CONFIG, FIELDS, NASTY, PROMPT, RULES, last

from charrnn.config import ConstraintConfig, SampleConfig
from charrnn.errors import UserError
from charrnn.ui.generate.controls import from_link
from charrnn.ui.generate.draft import FILES, LONGEST, MOST_PARTS, begin, forget, from_json, go_on, settings_of, to_json
from charrnn.ui.generate.html import page, status
from charrnn.ui.model_cache import Version, chosen, version
from charrnn.ui.visitors import EVERYTHING, Permissions

NO_FILES = Permissions(training=False, paths=False)


def test_a_kept_text_goes_on_as_it_would_have(saved: Path, tiny: Version) -> None:
    found = last(go_on(last(forget(last(begin(tiny, NASTY, CONFIG)))), tiny, CONFIG, words=PROMPT))
    back = from_json(to_json(found), saved.parent, EVERYTHING)
    for field in ("model", "text", "own", "forgot", "begun", "ran", "id"):
        assert getattr(back, field) == getattr(found, field), field
    for field in ("config", "constraints", "text", "position", "written"):
        assert getattr(back.session, field) == getattr(found.session, field), field
    assert last(go_on(back, tiny, dataclasses.replace(CONFIG, temperature=0.6))).text == (
        last(go_on(found, tiny, dataclasses.replace(CONFIG, temperature=0.6))).text
    )


CHANGES: dict[str, Any] = {
    "text": 3, "config": {"temperature": -1}, "constraints": {"nothing": 1}, "own": [[0, 10**6]], "forgot": [-1],
    "begun": "1", "ran": 10**6, "position": -1, "seconds": "long", "model": "nobody",
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_a_damaged_text_is_refused(saved: Path, tiny: Version, name: str) -> None:
    values = json.loads(to_json(last(begin(tiny, PROMPT, CONFIG))))
    damaged = {**values, name: CHANGES[name], **({"folder": "nowhere"} if name == "model" else {})}
    with pytest.raises(UserError):
        from_json(json.dumps(damaged), saved.parent, EVERYTHING)
    del values[name]
    with pytest.raises(UserError):
        from_json(json.dumps(values), saved.parent, EVERYTHING)


@pytest.mark.parametrize("text", ["", "[]", "null", '"text"', "{", "1e999"])
def test_what_is_no_text_is_refused(saved: Path, text: str) -> None:
    with pytest.raises(UserError):
        from_json(text, saved.parent, EVERYTHING)


def test_a_text_that_is_too_long_is_not_kept(tiny: Version) -> None:
    found = last(begin(tiny, PROMPT, CONFIG))
    assert (
        to_json(dataclasses.replace(found, session=dataclasses.replace(found.session, text="a" * (LONGEST + 1)))) == ""
    )


def test_files_and_folders_need_permission(saved: Path, tiny: Version) -> None:
    named = ConstraintConfig(most_copied=5, training=("/etc/passwd",), without="e")
    found = last(begin(tiny, PROMPT, CONFIG))
    found = dataclasses.replace(found, session=dataclasses.replace(found.session, constraints=named))
    assert from_json(to_json(found), saved.parent, EVERYTHING).session.constraints == named
    assert from_json(to_json(found), saved.parent, NO_FILES).session.constraints == ConstraintConfig(without="e")
    asked = from_link("?without=e&most_copied=5&training=/etc/passwd", NO_FILES)
    assert asked["without"] == "e"
    assert not asked.keys() & set(FILES)
    for name in (str(saved), "../" + saved.parent.name + "/tiny", str(saved.parent / "." / "tiny")):
        assert chosen(saved.parent, name, NO_FILES) is None
    assert chosen(saved.parent, str(saved), EVERYTHING) == tiny
    assert chosen(saved.parent, "tiny", NO_FILES) == tiny
    with pytest.raises(UserError):  # a text of a model elsewhere
        from_json(to_json(found), saved.parent.parent, NO_FILES)


texts = some.text(some.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)


@given(
    prompt=texts | some.just(""),
    config=some.builds(
        SampleConfig, length=some.integers(0, 5000), temperature=some.floats(0, 2),
        seed=some.none() | some.integers(0, 9),
        stop=some.lists(texts, max_size=3).map(tuple), end=some.sampled_from(["length", "line", "sentence"]),
    ),
    constraints=some.builds(
        ConstraintConfig, only=some.none() | texts, without=some.just("e"), keep_accents=some.booleans(),
        contain=some.lists(texts, max_size=2).map(tuple), line_length=some.none() | some.integers(1, 99),
    ),
)  # fmt: skip
def test_a_link_brings_back_all_settings(prompt: str, config: SampleConfig, constraints: ConstraintConfig) -> None:
    pairs = [("model", "tiny"), ("prompt", prompt)]
    for made in (config, constraints):
        for field in dataclasses.fields(made):
            value = getattr(made, field.name)
            if value != field.default:
                values = value if isinstance(value, tuple) else (value,)
                pairs += [(field.name, str(one).lower() if isinstance(one, bool) else str(one)) for one in values]
    asked = from_link("?" + urlencode(pairs), EVERYTHING)
    assert (asked.pop("model"), asked.pop("prompt")) == ("tiny", prompt)
    fields = [{field.name for field in dataclasses.fields(one)} for one in (config, constraints)]
    for names, made in zip(fields, (config, constraints), strict=True):
        assert type(made)(**{name: value for name, value in asked.items() if name in names}) == made


@pytest.mark.parametrize("link", ["?temperature=hot", "?seed=-1", "?top_p=0", "?keep_accents=maybe", "?end=never"])
def test_a_link_that_asks_for_what_cannot_be_is_refused(link: str) -> None:
    with pytest.raises(UserError, match="expected"):
        from_link(link, EVERYTHING)


def test_a_link_may_hold_what_others_need() -> None:
    assert from_link("?__theme=dark&view=api", EVERYTHING) == {}


json_values = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=20)
    | some.sampled_from([10**400, -(2**63), 1e400, "\x00", "\ud800", "a/" * 3000, "x" * 300, "../..", "-"]),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


def opened(read: Callable[[], Any]) -> Any:
    """What is read; None if it is refused in one line."""
    refused = ""
    try:
        return read()
    except UserError as error:
        refused = str(error)
    assert "\n" not in refused
    return None


@pytest.fixture(scope="module")
def kept(saved: Path) -> str:
    return to_json(last(begin(version(saved), NASTY, CONFIG)))


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=some.data())
def test_hostile_texts_are_opened_or_refused(saved: Path, kept: str, data: some.DataObject) -> None:
    values = json.loads(kept)
    for _ in range(data.draw(some.integers(1, 3))):
        place = data.draw(some.sampled_from([values, values, values["config"], values["constraints"]]))
        if isinstance(place, dict):
            place[data.draw(some.sampled_from(sorted(place) or [""]) | some.text(max_size=8))] = data.draw(json_values)
    for allowed in (EVERYTHING, NO_FILES):
        found = opened(lambda allowed=allowed: from_json(json.dumps(values), saved.parent, allowed))  # type: ignore[misc]
        if found is not None:
            page(found, "pt"), status(found, "en"), to_json(found), settings_of(found)
            assert from_json(to_json(found), saved.parent, allowed).text == found.text


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"text":' * 20_000, "9" * 10_000, '{"forgot": [' + "0," * 300_000 + "0]}"]
)
def test_deep_or_long_json_is_refused(saved: Path, text: str) -> None:
    with pytest.raises(UserError):
        from_json(text, saved.parent, EVERYTHING)


def test_a_text_has_few_parts_in_order(saved: Path, tiny: Version) -> None:
    """Each takes time, on a page that others wait for."""
    values = json.loads(to_json(last(begin(tiny, PROMPT, CONFIG))))
    strange = {"forgot": [0] * (MOST_PARTS + 1), "own": [[0, 0]] * (MOST_PARTS + 1)}
    for name, many in (*strange.items(), ("own", [[0, 3], [2, 4]]), ("own", [[0, 1, 2, 3]])):
        with pytest.raises(UserError):
            from_json(json.dumps({**values, name: many}), saved.parent, EVERYTHING)


def test_a_page_of_many_parts_is_made_at_once(tiny: Version) -> None:
    found = last(begin(tiny, PROMPT, CONFIG))
    text = "a b\n" * 20_000
    emptied = (dataclasses.replace(found.session, text="ab"),) * 20_000
    own = tuple((place, place + 1) for place in range(0, 40_000, 2))
    draft = dataclasses.replace(found, emptied=emptied, own=own, session=dataclasses.replace(found.session, text=text))
    began = time.perf_counter()
    assert page(draft, "en").count("<em") == 20_000
    assert time.perf_counter() - began < 2  # before: minutes
    assert to_json(draft) == ""


@settings(max_examples=200)
@given(
    some.lists(
        some.tuples(
            some.sampled_from([*(f.name for f in (*FIELDS, *RULES)), "model", "prompt"]) | some.text(max_size=5),
            some.text(max_size=20) | some.sampled_from(["9" * 5000, "1e999", "nan", "-0", "true", "٣", "\x00", "%ff"]),
        ),
        max_size=5,
    ),
    some.text(max_size=40),
)
def test_hostile_links_are_read_or_refused(pairs: list[tuple[str, str]], free: str) -> None:
    for query in ("?" + urlencode(pairs, errors="replace"), free, "&".join(f"{name}={value}" for name, value in pairs)):
        for allowed in (EVERYTHING, NO_FILES):
            given = opened(lambda query=query, allowed=allowed: from_link(query, allowed))  # type: ignore[misc]
            assert given is None or allowed.paths or not given.keys() & set(FILES)
