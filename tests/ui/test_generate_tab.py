"""The tab that generates, without a browser: what is shown of a text, what the buttons do, and the controls."""

import dataclasses
import math
import re
from html import escape, unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, get_args

import pytest
from page_support import CONFIG, FIELDS, NASTY, PROMPT, RESTRICTED, RULES, components, last

from charrnn.config import ConstraintConfig, SampleConfig
from charrnn.errors import Phrase, UserError
from charrnn.sampling.sampler import Alternative
from charrnn.ui import build, texts
from charrnn.ui.generate import actions, controls, html
from charrnn.ui.generate.draft import begin, forget, go_on
from charrnn.ui.generate.html import Look, command
from charrnn.ui.model_cache import Version
from charrnn.ui.visitors import ShownErrors

# What is shown


class Parts(HTMLParser):
    """Tags in order, and the text inside each."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: dict[str, str] = {}
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.texts[self.tags[-1]] = self.texts.get(self.tags[-1], "") + data


@pytest.mark.parametrize("language", get_args(texts.Language))
def test_all_text_is_escaped(tiny: Version, language: texts.Language) -> None:
    found = last(begin(tiny, NASTY, SampleConfig(length=5, seed=1)))
    session = dataclasses.replace(found.session, text=NASTY + "<i>x</i> &amp; <img src=x onerror=y>")
    found = dataclasses.replace(found, session=session)
    page = Parts(html.page(found, language))
    assert page.tags == ["article", "em", "span"]
    assert page.texts["em"] + page.texts["span"] == found.text
    status = Parts(html.status(found, language))
    assert status.tags == ["p", "strong", "p", "code"]
    assert status.texts["code"] == command(found)
    rows = [Alternative(letter, 0.2, 0.1) for letter in '<"&\n>']
    panel = html.alternatives(Look("<b>", "&"), rows, language)
    assert {*Parts(panel).tags} <= {"p", "q", "b", "table", "thead", "tbody", "tr", "th", "td", "span", "button"}
    assert "<b><" not in panel.replace("<b>&amp;</b>", "")


def test_the_visitors_words_and_what_is_forgotten_are_told_apart(tiny: Version) -> None:
    first = last(forget(last(begin(tiny, PROMPT, CONFIG))))
    found = last(go_on(first, tiny, CONFIG, words="Era "))
    page = Parts(html.page(found, "en"))
    assert page.tags == ["article", "em", "span", "i", "em", "span"]
    assert html.page(found, "en").count('class="gone"') == 2
    assert 'role="separator"' in html.page(found, "en")
    assert unescape(re.sub("<[^>]*>", "", html.page(found, "en"))) == found.text  # so that it can be copied
    assert "code" not in Parts(html.status(first, "en")).tags  # nothing was written since


def test_only_a_text_being_written_has_a_caret(tiny: Version) -> None:
    drafts = list(begin(tiny, PROMPT, SampleConfig(length=3, seed=1)))
    assert 'aria-busy="true"' in html.page(drafts[0], "en")
    assert "caret" in html.page(drafts[0], "en")
    assert 'aria-busy="false"' in html.page(drafts[-1], "en")
    assert "caret" not in html.page(drafts[-1], "en")


def test_the_alternatives_are_those_that_can_be_chosen(tiny: Version) -> None:
    found = last(begin(tiny, PROMPT, CONFIG))
    at = actions.looked_at(found, 40)
    panel = actions.view(found, at, CONFIG, ConstraintConfig(), "pt")
    letters = re.findall('data-choose="([^"]+)"', panel)
    assert 2 <= len(letters) <= html.SHOWN + 1
    assert panel.count('aria-current="true"') == 1
    assert f"<b>{escape(html.symbol(found.text[40]))}</b>" in panel
    assert f"<q>{escape(found.text[40 - html.NEAR : 40])}</q>" in panel
    # A temperature of 0 leaves one letter; a rule leaves none of those that it rules out.
    frozen = actions.view(found, at, dataclasses.replace(CONFIG, temperature=0.0), ConstraintConfig(), "pt")
    assert frozen.count("<span>100%</span>") == 1
    with pytest.raises(UserError):
        actions.view(found, at, CONFIG, ConstraintConfig(without=""), "pt")
    for place in (-1, len(found.text) + 1, None, "3", 2.5):
        assert actions.looked_at(found, place) is None
    assert actions.looked_at(dataclasses.replace(found, ending="writing"), 3) is None


def test_numbers_are_written_as_each_language_does() -> None:
    assert texts.number("pt", 1234.56, 1) == "1.234,6"
    assert texts.number("en", 1234.56, 1) == "1,234.6"


# What the buttons do


def perform(saved: Path, action: str, now: Any = None, **given: Any) -> Any:
    wanted = actions.Wanted(given.pop("name", "tiny"), given.pop("prompt", PROMPT), CONFIG, ConstraintConfig())
    values = {"looked": None, "choose": None, **given}
    return actions.perform(action, now, wanted, models=saved.parent, allowed=RESTRICTED, **values)


@pytest.mark.parametrize("name", [None, "", "nobody", "../tiny", 3])
def test_an_unknown_model_is_told(saved: Path, name: Any) -> None:
    with pytest.raises(UserError, match="does not exist"):
        perform(saved, "generate", name=name)


@pytest.mark.parametrize("action", ["continue", "again", "undo", "forget", "alternatives"])
def test_what_needs_a_text_says_so(saved: Path, action: str) -> None:
    with pytest.raises(UserError):
        perform(saved, action)


def test_adding_to_nothing_generates(saved: Path, tiny: Version) -> None:
    assert last(perform(saved, "add")).text == last(begin(tiny, PROMPT, CONFIG)).text


def test_escapes_are_those_of_the_command_line(saved: Path) -> None:
    for action in ("generate", "add"):
        begun = last(perform(saved, action, prompt=r"a\nb\tc\\nd\x"))
        assert begun.text.startswith("a\nb\tc\\nd\\x")
    read = {field.name: controls._setting(field, r"a\nb\\n") for field in (*FIELDS, *RULES)}
    assert read["stop"] == read["contain"] == ("a\nb\\n",)
    assert read["only"] == read["start"] == "a\nb\\n"
    assert read["training"] == (r"a\nb\\n",)  # the name of a file


@pytest.mark.parametrize("choose", [None, 3, "ab", ["a"]])
def test_only_a_letter_can_be_chosen(saved: Path, tiny: Version, choose: Any) -> None:
    found = last(begin(tiny, PROMPT, CONFIG))
    with pytest.raises(UserError):
        perform(saved, "alternatives", found, looked=actions.Looked(5, found.place(5)), choose=choose)
    with pytest.raises(UserError):  # of a text that is now another
        perform(saved, "alternatives", found, looked=actions.Looked(500, found.place(5)), choose="a")
    assert last(
        perform(saved, "alternatives", found, looked=actions.Looked(5, found.place(5)), choose="é")
    ).text.startswith(PROMPT[:5] + "é")


def test_what_goes_wrong_is_told_and_ends_there(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    said: list[str] = []
    for kind in ("Info", "Warning"):
        monkeypatch.setattr(f"charrnn.ui.visitors.gr.{kind}", said.append)
    refused = UserError("setting", setting="seed", expected=Phrase("text"), found="<b>")
    for error in (refused, ZeroDivisionError("inside")):
        with ShownErrors("pt"):
            raise error
    assert said == [
        f"{texts.say('pt', 'seed')}: esperado um texto, recebido &lt;b&gt;", texts.say("pt", "unexpected"),
    ]  # fmt: skip
    assert "ZeroDivisionError: inside" in capsys.readouterr().err
    with pytest.raises(GeneratorExit), ShownErrors("pt"):  # a visitor who leaves is no problem
        raise GeneratorExit


# Controls


def test_every_setting_has_a_control_with_its_default_and_limits(saved: Path) -> None:
    found = components(build(saved.parent))
    for field in (*FIELDS, *RULES):
        control = found[("rule-" if field in RULES else "") + field.name.replace("_", "-")]
        textual = controls.kinds_of(field)[0] in (str, tuple) and "choices" not in field.metadata
        first = controls.SHOWN_FIRST.get(field.name, field.default)
        assert control.value == ((first or "") if textual else first), field.name
        if hasattr(control, "maximum") and field.default is not None:
            for edge in (control.minimum, control.maximum):
                value = int(edge) if field.type is int else float(edge)
                SampleConfig(**{field.name: value})  # no end of a slider is refused
            assert control.minimum <= field.default <= control.maximum


def test_without_permission_no_control_names_files(saved: Path) -> None:
    found = components(build(saved.parent, RESTRICTED))
    assert "rule-training" not in found
    assert "rule-most-copied" not in found
    assert not found["model"].allow_custom_value
    assert "rule-without" in found


def raw(fields: Any = FIELDS, **changes: Any) -> tuple[Any, ...]:
    """What the controls give, in the order of the fields."""
    values = {field.name: "" if field.default == () else field.default for field in fields}
    return tuple({**values, **changes}.values())


def test_settings_are_read_from_the_controls() -> None:
    read = controls.read
    assert read(SampleConfig, FIELDS, raw()) == SampleConfig()
    assert read(SampleConfig, FIELDS, raw(seed=7.0, length=30.0)) == SampleConfig(seed=7, length=30)
    assert read(SampleConfig, FIELDS, raw(stop="FIM\n\n\\n\\n\n a")).stop == ("FIM", "\n\n", " a")
    assert read(SampleConfig, FIELDS, raw(stop=None)).stop == ()
    assert read(ConstraintConfig, RULES, raw(RULES, only="", acrostic=None)) == ConstraintConfig()
    limited = read(ConstraintConfig, RULES, raw(RULES, without="e", contain="mar\nlua", line_length=20.0))
    assert limited == ConstraintConfig(without="e", contain=("mar", "lua"), line_length=20)
    for field in (*FIELDS, *RULES):  # what a control is given, it gives back
        config = SampleConfig if field in FIELDS else ConstraintConfig
        for value in (field.default, ("a\nb", "c", "\\n\t\\\\")) if field.default == () else (field.default,):
            if field.name != "training":
                back = controls._setting(field, controls.displayed(field, value))
                assert config(**{field.name: back}) == config(**{field.name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [("seed", 1.5), ("seed", -1), ("seed", 1e300), ("temperature", math.nan), ("length", None), ("top_p", 0.0)],
)
def test_a_value_that_cannot_be_is_told(name: str, value: Any) -> None:
    with pytest.raises(UserError) as caught:
        controls.read(SampleConfig, FIELDS, raw(**{name: value}))
    assert texts.problem("pt", caught.value).startswith(texts.say("pt", name) + ": esperado ")
