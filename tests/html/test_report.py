"""The report and its parts: what is shown is what was measured, and nothing in a text can become markup."""

import base64
import dataclasses
import io
import re
import string
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from lxml import html
from PIL import Image
from support import QUATRAINS, tiny

import charrnn
from charrnn.cli import main
from charrnn.data.tokenizer import CharTokenizer
from charrnn.html import coloured, figure, plots
from charrnn.html.lesson import Material, gather, page, report, telling
from charrnn.html.texts import TEXTS
from charrnn.html.writing import number, symbol, visible
from charrnn.lens import trace
from charrnn.lens.tiny_elman import learn

TEXT = QUATRAINS.read_text(encoding="utf-8")[:700]
NASTY = "<script>alert('1')</script>\n\"&amp;\" {x} 日 \x07\u202e</title><img src=x>\n"


@pytest.fixture(scope="module")
def material(tokenizer: CharTokenizer) -> Material:
    return gather(tiny(tokenizer), tokenizer, TEXT)


def shown(element: html.HtmlElement) -> str:
    """The text of a coloured text, as it was before line ends were marked."""
    return element.text_content().replace("↵\n", "\n")


def test_every_text_is_there_in_both_languages() -> None:
    for key, pair in TEXTS.items():
        fields = [sorted({name for _, name, _, _ in string.Formatter().parse(text) if name}) for text in pair]
        assert fields[0] == fields[1], key
        assert all(text.strip() for text in pair), key


def test_numbers_as_each_language_writes_them() -> None:
    assert number("pt", -1234.5, 1) == "−1.234,5"
    assert number("en", -1234.5, 1) == "−1,234.5"
    assert number("pt", 0.5, 2, sign=True) == "+0,50"
    assert number("en", -0.001, 2, sign=True) == "0.00"


def test_surprisal_is_shown_character_by_character(tokenizer: CharTokenizer) -> None:
    text = "Quem canta\n日 seus <b>"
    found = trace(tiny(tokenizer), tokenizer, text)
    whole = html.fragment_fromstring(coloured.surprisal(found, "en"))
    assert shown(whole) == text
    for place, span in enumerate(whole):
        bits = float(found.surprisal[place])
        level = sum(bits > most for most in (1, 2, 4, 7))
        assert f"lens-s{level}" in span.get("class").split()
        assert ("lens-unknown" in span.get("class")) == (text[place] not in tokenizer.characters)
        assert f": {bits:.1f} bits; expected: " in span.get("title")
        best = tokenizer.token_text(int(found.candidates.tokens[place, 0]))
        assert f"expected: {symbol(best)}" in span.get("title")


def test_the_hardest_places_are_listed_the_hardest_first(tokenizer: CharTokenizer) -> None:
    found = trace(tiny(tokenizer), tokenizer, TEXT)
    table = html.fragment_fromstring(coloured.hardest(found, "en"))
    rows = table.findall(".//tbody/tr")
    assert [float(row[0].text_content()) for row in rows] == [
        round(float(bits), 1) for bits in sorted(found.surprisal, reverse=True)[:20]
    ]
    assert [row.find(".//b").text_content() for row in rows] == [visible(TEXT[place]) for place in found.hardest()]


def test_activity_has_a_shade_for_each_eighth() -> None:
    values = np.array([1, 0.5, 0.5, -0.25, 0, 7])
    whole = html.fragment_fromstring(coloured.activity("ab\n<e&", values, mark=5))
    assert shown(whole) == "ab\n<e&"
    assert [(span.get("class"), shown(span)) for span in whole] == [
        ("lens-p8", "a"), ("lens-p4", "b\n"), ("lens-m2", "<"), ("lens-p8 lens-mark", "&"),
    ]  # fmt: skip


def test_a_heat_map_is_a_picture_of_its_numbers() -> None:
    rows = np.array([[-1, -0.5, 0, 0.5, 1], [2, -2, 0.001, 0.2, -0.2]])
    data = plots.png(rows).removeprefix("data:image/png;base64,")
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("RGBA")).astype(int)
    assert pixels.shape == (2, 5, 4)
    for value, (red, _, blue, opacity) in zip(np.clip(rows, -1, 1).flat, pixels.reshape(-1, 4).tolist(), strict=True):
        assert opacity == pytest.approx(255 * abs(value), abs=255 / 14 + 1)
        if opacity:
            assert (blue > red) == (value > 0)


def test_a_drawing_holds_the_numbers_of_the_network() -> None:
    network = learn("arara<&")
    instants = network.follow("arara<&")
    first, second = telling(instants)
    assert instants[first].character == instants[second].character
    assert instants[first].target != instants[second].target
    for place, now in enumerate(instants):
        drawing = ElementTree.fromstring(figure.instant(network, now, place + 1, "en"))
        inside = "{http://www.w3.org/2000/svg}"
        words = ["".join(text.itertext()) for text in drawing.iter(f"{inside}text")]
        for values in (now.memory, now.hidden):
            assert all(number("en", value, 2) in words for value in values)
        assert [word for word in words if word.endswith("%")] == [f"{100 * chance:.0f}%" for chance in now.output]
        flows = [title.text for title in drawing.iter(f"{inside}title")][1:]
        assert len(flows) == network.input_weight.size + network.memory_weight.size + network.output_weight.size
        weight, value = network.memory_weight[1, 2], now.memory[2]
        assert f"U: {number('en', weight, 2)} × {number('en', value, 2)} = {number('en', weight * value, 2)}" in flows
        assert number("en", now.hidden[0], 2) in drawing.findtext(f"{inside}desc")
    whole = ElementTree.fromstring(figure.unrolled(network, instants, "pt"))
    words = ["".join(text.itertext()) for text in whole.iter("{http://www.w3.org/2000/svg}text")]
    assert [word for word in words if word.startswith("t = ")] == [f"t = {time + 1}" for time in range(len(instants))]
    boxes = [word for word in words if re.fullmatch(r"−?\d,\d\d", word)]
    expected = [value for now in instants for value in (*now.hidden, *now.memory)]
    assert boxes == [number("pt", value, 2) for value in expected]


def test_a_plot_puts_each_value_where_it_belongs() -> None:
    curves = [plots.Curve("<one>", (1, 2, 4, 8), (4.0, 3.0, 2.5, 2.0), (0.1,) * 4), plots.Curve("two", (1, 8), (4, 2))]
    drawing = ElementTree.fromstring(plots.curves(curves, "x & x", "y", "said", "en"))
    lines = [line.get("points") for line in drawing.iter("{http://www.w3.org/2000/svg}polyline")]
    first, second = ([tuple(map(float, point.split(","))) for point in line.split()] for line in lines)
    assert [first[0], first[3]] == second  # the same values are the same places
    across = np.diff([x for x, _ in first])
    assert np.allclose(across, across[0], atol=0.2)  # doublings are equally far apart
    heights = np.array([y for _, y in first])
    assert np.allclose((heights - heights[0]) / (heights[3] - heights[0]), [0, 0.5, 0.75, 1], atol=0.01)


@pytest.mark.parametrize(("low", "high"), [(0, 100), (1.52, 4.6), (2.001, 2.004), (-3, 9000)])
def test_ticks_are_round_and_few(low: float, high: float) -> None:
    found = plots.ticks(low, high)
    assert 3 <= len(found) <= 9
    assert low - 1e-9 <= found[0] < found[-1] <= high + 1e-9
    step = found[1] - found[0]
    assert f"{step:.0e}"[0] in "125"


@pytest.mark.parametrize("language", ["pt", "en"])
def test_the_page_tells_what_was_measured(material: Material, language: str) -> None:
    text = page(material, language)
    whole = html.document_fromstring(text.removeprefix("<!doctype html>"))
    said = whole.text_content()
    assert whole.get("lang") == {"pt": "pt-BR", "en": "en"}[language]
    assert number(language, material.trace.bits_per_character, 2) in said
    for finding in material.findings:
        if finding.here:
            assert number(language, finding.here.correlation, 2, sign=True) in said
    for effect in material.effects:
        assert number(language, effect.bits, 2) in said
    # Nothing is fetched and nothing runs: no scripts, and no addresses but those of what is in the file itself
    assert not whole.xpath("//script | //link | //iframe | //object | //@onclick | //@onload | //@onerror")
    addresses = [*whole.xpath("//@src"), *whole.xpath("//@href")]
    assert addresses
    assert all(address.startswith("data:image/png;base64,") for address in addresses)
    assert "url(http" not in text
    assert "@import" not in text
    assert len(text.encode()) < 2_000_000
    ids = whole.xpath("//section/@id")
    assert ids == ["drawn", "surprised", "map", "reach", "changed", "measured"]


def test_nothing_in_a_text_or_a_name_becomes_markup(tokenizer: CharTokenizer) -> None:
    model = tiny(tokenizer)
    model.name = "<script>model</script>"
    text = NASTY * 4
    whole = html.document_fromstring(report(model, tokenizer, text, "en").removeprefix("<!doctype html>"))
    assert not whole.xpath("//script")
    assert not whole.xpath("//img[@src='x']")
    assert whole.findtext(".//title").startswith("Inside the memory")
    assert "<script>model</script>" in whole.findtext(".//header/p")
    flowing = text.replace("\x07", "\ufffd").replace("\u202e", "\ufffd")
    assert shown(whole.xpath("//section[@id='surprised']//div[@class='lens-text']")[0]) == flowing


@pytest.mark.parametrize("text", ["a", "\n", "日", "abc def " * 14, "ab " * 70])
def test_short_texts_have_a_report_too(tokenizer: CharTokenizer, text: str) -> None:
    found = report(tiny(tokenizer, "gru"), tokenizer, text)
    assert ("curto demais" in found) == (len(text) < 200)


def test_counts_are_said_to_be_held_fixed(joined: charrnn.CharRNN, tokenizer: CharTokenizer) -> None:
    assert "o que a contagem espera" in report(joined, tokenizer, TEXT[:300])


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int | str | None, str, str]:
    with pytest.raises(SystemExit) as stopped:
        main(["inspect", *arguments])
    captured = capsys.readouterr()
    return stopped.value.code, captured.out, captured.err


def test_command_writes_the_report(saved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "report.html"
    code, said, _ = told(capsys, TEXT[:120], "--model", str(saved), "--out", str(out), "--language", "en")
    assert (code, said) == (0, "")
    text = out.read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>")
    assert "Inside the memory" in text


def test_what_cannot_be_reported(saved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = ("--model", str(saved))
    for arguments, line in (
        (
            ("a", "--out", f"{tmp_path}/a/r"),
            f"out: expected a file in a folder that exists, found {tmp_path}/a/r; make {tmp_path}/a first",
        ),
        (("a", "--out", str(tmp_path)), f"out: expected a file, found the folder {tmp_path}"),
        (("a", "--out", f"{tmp_path}/r.html", "--json"), "out: expected a page or JSON, found --out and --json"),
        (("a", "--language", "fr"), "language: expected one of pt, en, found 'fr'"),
        (("a" * 20_001, "--out", f"{tmp_path}/r"), "text: expected 1 to 20,000 characters for a report, found 20,001"),
    ):  # fmt: skip
        assert told(capsys, *arguments, *model) == (2, "", f"charrnn: {line}\n")
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_a_browser_shows_it_whole(material: Material, tmp_path: Path) -> None:
    """At the width of a phone and of a desk, by day and by night: nothing sticks out, nothing is asked of the net."""
    from playwright.sync_api import sync_playwright

    file = tmp_path / "report.html"
    file.write_text(page(material, "pt"), encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for width in (390, 1280):
            for scheme in ("light", "dark"):
                view = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
                asked, complaints = [], []
                view.on("request", lambda request, asked=asked: asked.append(request.url))
                view.on("console", lambda message, complaints=complaints: complaints.append(message.text))
                view.goto(file.as_uri())
                assert all(url.startswith(("file:", "data:")) for url in asked)
                assert not complaints
                assert view.evaluate("document.documentElement.scrollWidth") <= width
                colours = view.evaluate("getComputedStyle(document.body).backgroundColor")
                assert (sum(map(int, re.findall(r"\d+", colours)[:3])) > 380) == (scheme == "light")
                assert view.locator("svg").count() > 4
                view.close()
        browser.close()


def test_material_is_of_the_text(material: Material) -> None:
    assert {field.name for field in dataclasses.fields(material)} >= {"trace", "findings", "reach", "effects"}
    assert len(material.last) == 100
    assert material.rows.shape == (16, len(TEXT))
    assert material.word in TEXT
