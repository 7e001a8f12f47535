"""Laws of the page: widths and margins that are found are those that a text was printed with, its places are where they
say, in whatever pieces it is read, and who knows them foresees where lines end and what the margin forbids."""

import math
import textwrap
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from support import STORIES

from charrnn.ngram.contexts import KINDS, ContextHasher, Contexts, ContextState
from charrnn.ngram.layout import (
    ASTRAY,
    FIRST_STEP,
    LEAST_ROOM,
    LEAST_SPARED,
    PAGE_PLACES,
    ROOMS,
    STEP,
    UNIT,
    Page,
    Rewrapper,
    Script,
    rewrapped,
)
from charrnn.ngram.model import CountOptions, NgramModel
from charrnn.ngram.vocabulary import Alphabet, WordClasses

CHARACTERS = "\n ,abcdefimÁá"
ALPHABET = Alphabet.of(CHARACTERS)
LINE, SPACE = CHARACTERS.index("\n"), CHARACTERS.index(" ")
MARGINS = 48 * UNIT, 60 * UNIT
texts = st.lists(st.integers(0, len(CHARACTERS)), min_size=2, max_size=80).map(lambda ids: np.array(ids, np.uint16))
pages = st.builds(
    lambda wide, margin: Page(np.array(wide), margin),
    st.lists(st.integers(1, 3 * UNIT), min_size=ALPHABET.symbols, max_size=ALPHABET.symbols),
    st.integers(1, 20 * UNIT),
)


def encode(text: str, characters: str = CHARACTERS) -> NDArray[np.uint16]:
    place = {character: number for number, character in enumerate(characters)}
    return np.array([place[character] for character in text], dtype=np.uint16)


def read(symbols: NDArray[np.uint16], page: Page | None, alphabet: Alphabet = ALPHABET) -> Contexts:
    return ContextHasher(alphabet, WordClasses.none(), page).read(ContextState.start(1), symbols[None])[0].rows()


def printed(words: Sequence[str], wide: NDArray[np.int64], margin: int, characters: str = CHARACTERS) -> str:
    """As many of the words on each line as go within the margin."""
    lines: list[list[str]] = [[]]
    for word in words:
        if lines[-1] and wide[encode(" ".join([*lines[-1], word]), characters)].sum() > margin:
            lines.append([])
        lines[-1].append(word)
    return "\n".join(map(" ".join, lines))


def rewrapped_at(text: NDArray[np.uint16], page: Page, wider: int) -> NDArray[np.uint16]:
    return rewrapped(text, Script.of(ALPHABET, page), wider)


def random_words(number: int, seed: int = 0) -> list[str]:
    draw = np.random.default_rng(seed)
    return ["".join(draw.choice(list("abcdefim"), draw.integers(1, 9))) for _ in range(number)]


@pytest.fixture(scope="module")
def font() -> NDArray[np.int64]:
    """Widths: an m is four times as wide as an i."""
    wide = np.full(ALPHABET.symbols, UNIT)
    for character, times in (("i", 0.5), ("m", 2.0), (" ", 0.6), ("f", 0.7)):
        wide[CHARACTERS.index(character)] = round(times * UNIT)
    return wide


def slow_places(symbols: Sequence[int], page: Page) -> Iterator[int]:
    """By what lines and words are, from the whole of what was read."""
    margin, lines, line, followed, sides = page.margin, [[]], [], 0, []
    for symbol in symbols:
        if symbol in (LINE, SPACE) and line and SPACE not in line and len(lines) > 1 and ALPHABET.small[line[0]]:
            least = sum(page.widths[lines[-1]])
            most = least + page.widths[SPACE] + sum(page.widths[line])
            inside = least if margin < least else most if margin > most else margin
            if lines[-1]:
                sides.append(np.sign(inside - margin))
                if len(sides) >= ASTRAY and abs(sum(sides[-ASTRAY:])) == ASTRAY:
                    followed, sides = 0, []
                followed += 1
                step = FIRST_STEP // followed + STEP
                margin += max(-step, min(step, inside - margin))
        if symbol == LINE:
            lines.append(line)
            line = []
        else:
            line.append(symbol)
        room = margin - sum(page.widths[line])
        if len(lines) > 1 and lines[-1] and (SPACE not in line[1:] if line else True):
            spared = room - sum(page.widths[lines[-1]]) - page.widths[SPACE]
            yield ROOMS + min(max(math.floor(spared / UNIT) - LEAST_SPARED, 0), PAGE_PLACES - ROOMS - 1)
        else:
            yield min(max(math.floor(room / UNIT) - LEAST_ROOM, 0), ROOMS - 1)


@given(texts, pages)
def test_places_are_where_they_say(text: NDArray[np.uint16], page: Page) -> None:
    assert read(text, page).places.tolist() == list(slow_places(text.tolist(), page))


def test_places_are_where_they_say_on_another_page(font: NDArray[np.int64]) -> None:
    """Whose lines all end beyond the margin of the one before, or short of it."""
    text = "\n".join(printed(random_words(200, seed), font, MARGINS[seed % 2]) for seed in range(4))
    page = Page(font, MARGINS[0])
    assert read(encode(text), page).places.tolist() == list(slow_places(encode(text).tolist(), page))


@given(texts, pages, st.integers(1, 79))
def test_reading_in_pieces_is_the_same(text: NDArray[np.uint16], page: Page, cut: int) -> None:
    reader = ContextHasher(ALPHABET, WordClasses.none(), page)
    whole, end = reader.read(ContextState.start(1), text[None])
    first, between = reader.read(ContextState.start(1), text[None, :cut])
    second, last = reader.read(between, text[None, cut:])
    assert (whole.places == np.concatenate([first.places, second.places], axis=1)).all()
    assert (whole.keys == np.concatenate([first.keys, second.keys], axis=1)).all()
    assert (last.memory == end.memory).all()


@given(texts, pages)
def test_the_last_symbol_and_the_place_are_one_context(text: NDArray[np.uint16], page: Page) -> None:
    """Equal keys for equal ones, and only for these; a line's end is the space that it would be on a wider page."""
    found = read(text, page)
    before = np.concatenate([[LINE], text[:-1]])
    last = np.where((text == LINE) & (before != LINE), SPACE, text)
    seen = list(zip(last.tolist(), found.places.tolist(), strict=True))
    keys = found.keys[:, KINDS.index("m1")].tolist()
    assert len(set(keys)) == len(set(seen)) == len(set(zip(keys, seen, strict=True)))


@pytest.mark.parametrize("margin", MARGINS)
def test_widths_are_found_from_where_lines_end(font: NDArray[np.int64], margin: int) -> None:
    text = encode(printed(random_words(6000), font, margin))
    page = Page.fit(text, ALPHABET)
    assert page is not None
    share = np.bincount(text[text != LINE], minlength=ALPHABET.symbols) / (text != LINE).sum()
    scale = font @ share  # widths are in units of their mean
    for character in "abcdefim ":
        symbol = CHARACTERS.index(character)
        assert abs(page.widths[symbol] * scale / UNIT - font[symbol]) < 0.12 * UNIT, character
    assert abs(page.margin * scale / UNIT - margin) < UNIT


@given(st.lists(texts, min_size=1, max_size=8))
def test_whatever_the_text_its_page_can_be_read(pieces: list[NDArray[np.uint16]]) -> None:
    text = np.concatenate([np.append(np.tile(piece, 1 + 41 // len(piece)), LINE) for piece in pieces]).astype(np.uint16)
    page = Page.fit(text, ALPHABET)
    if page is not None:
        assert page.margin > 0
        assert (page.widths > 0).all()
        assert (page.widths < 100 * UNIT).all()
        assert (read(text, page).places < PAGE_PLACES).all()


@pytest.mark.parametrize("width", [50, 72])
def test_on_a_typewriter_all_are_equally_wide(width: int) -> None:
    prose = " ".join(STORIES.read_text(encoding="utf-8").split())
    text = textwrap.fill(prose, width, break_on_hyphens=False)
    characters = "".join(sorted(set(text)))
    ids = encode(text, characters)
    page = Page.fit(ids, Alphabet.of(characters))
    assert page is not None
    often = np.bincount(ids, minlength=len(characters)) > 300
    often[characters.index("\n")] = False
    assert (abs(page.widths[: len(often)][often] - UNIT) < 0.15 * UNIT).all()
    assert abs(page.margin - width * UNIT) <= UNIT


def test_lines_without_a_margin_are_on_no_page() -> None:
    prose = STORIES.read_text(encoding="utf-8")
    characters = "".join(sorted(set(prose)))
    assert Page.fit(encode(prose, characters), Alphabet.of(characters)) is None
    for text in ("", "a", "a\nb", 60 * "a" + "\nb", 60 * "a" + "\na\n"):
        found = Page.fit(encode(text), ALPHABET)
        assert found is None or found.margin > 0
    assert not read(encode("ab a\nb, a"), None).places.any()


def test_the_margin_is_followed(font: NDArray[np.int64]) -> None:
    """From a text with one margin to a text with another."""
    reader, reading = ContextHasher(ALPHABET, WordClasses.none(), Page(font, MARGINS[0])), ContextState.start(1)
    for margin, seed in ((MARGINS[0], 1), (MARGINS[1], 2), (MARGINS[0], 3)):
        text = encode(printed(random_words(2000, seed), font, margin) + "\n")
        contexts, reading = reader.read(reading, text[None])
        rooms = contexts.places[0, -1500:]
        assert ((rooms >= ROOMS) | (rooms >= -LEAST_ROOM - 1)).mean() > 0.999  # no line goes beyond it


def test_what_the_margin_forbids_does_not_happen(font: NDArray[np.int64]) -> None:
    """The first word of a line goes on as long as it would have had room in the line before."""
    text = encode(printed(random_words(3000), font, MARGINS[0]))
    places = read(text[:-1], Page(font, MARGINS[0])).places
    ends = np.isin(text[1:], (LINE, SPACE))
    assert not ends[(places >= ROOMS - LEAST_SPARED) & (np.arange(len(places)) > 200)].any()
    assert (text[1:] == LINE)[places < ROOMS].mean() < ends[places < ROOMS].mean()


@pytest.fixture(scope="module")
def counted(font: NDArray[np.int64]) -> tuple[NgramModel, NgramModel, NDArray[np.uint16]]:
    """Counts that know the page and such that do not, both with mixtures that have learned; and another text of it."""
    text, other = (encode(printed(random_words(n, n), font, MARGINS[0])) for n in (6000, 1500))
    both = []
    for page in (Page.fit(text, ALPHABET), Page.unknown(ALPHABET.symbols)):
        reader = ContextHasher(ALPHABET, WordClasses.none(), page)
        known = NgramModel.count(text, reader, CountOptions(len(text) // 8 + 1))
        contexts, _ = reader.read(ContextState.start(1), text[None, :-1])
        blocks = np.arange(1, len(text)) // (len(text) // 8 + 1)
        mixture, _ = known.mixture.learn(known.tables, contexts.rows(), text[1:].astype(np.int64), 0.002, blocks=blocks)
        both.append(known.with_weights(NgramModel(reader, known.tables, mixture).weights()))
    return both[0], both[1], other


def logarithms(known: NgramModel, text: NDArray[np.uint16]) -> NDArray[np.float32]:
    contexts, _ = known.reader.read(ContextState.start(1), text[None, :-1])
    return known.mixture.predict(known.tables, contexts.rows()).log_probabilities


def test_who_knows_the_page_foresees_its_lines(counted: tuple[NgramModel, NgramModel, NDArray[np.uint16]]) -> None:
    *both, text = counted
    targets, wrong = text[1:], []
    for known in both:
        found = logarithms(known, text)
        line = 1 / (1 + np.exp(found[:, SPACE] - found[:, LINE]))  # of all words' ends
        wrong.append(np.abs((targets == LINE) - line)[np.isin(targets, (LINE, SPACE))].mean())
    assert wrong[0] < 0.9 * wrong[1]


def test_the_page_is_saved(counted: tuple[NgramModel, NgramModel, NDArray[np.uint16]]) -> None:
    for known in counted[:2]:
        again = NgramModel.from_arrays(known.arrays(), CHARACTERS).with_weights(known.weights())
        assert (logarithms(again, counted[2]) == logarithms(known, counted[2])).all()


def test_models_of_earlier_versions_know_columns(counted: tuple[NgramModel, NgramModel, NDArray[np.uint16]]) -> None:
    """Their arrays tell of no page."""
    _, columns, text = counted
    arrays = {name: array for name, array in columns.arrays().items() if not name.startswith("page.")}
    again = NgramModel.from_arrays(arrays, CHARACTERS).with_weights(columns.weights())
    assert (logarithms(again, text) == logarithms(columns, text)).all()


# Editions


@given(texts, pages, st.integers(-20 * UNIT, 20 * UNIT))
def test_an_edition_has_the_same_words(text: NDArray[np.uint16], page: Page, wider: int) -> None:
    """Only spaces and line ends change places."""
    other = rewrapped_at(text, page, wider)
    assert (np.where(text == LINE, SPACE, text) == np.where(other == LINE, SPACE, other)).all()


@pytest.mark.parametrize("wider", [-20 * UNIT, -300, 0, 500, 15 * UNIT])
def test_lines_of_an_edition_end_at_its_margin(font: NDArray[np.int64], wider: int) -> None:
    paragraphs = [random_words(300, seed) for seed in range(5)]
    text, expected = (
        "\n".join(printed(["Á" + words[0], *words[1:]], font, MARGINS[1] + more) for words in paragraphs)
        for more in (0, wider)
    )
    page = Page(font, MARGINS[1])
    assert (rewrapped_at(encode(text), page, wider) == encode(expected)).all()


def test_verse_keeps_its_lines(font: NDArray[np.int64]) -> None:
    verse = encode("abc dab\nfac\ndab ca, im\nabc\n")
    assert (rewrapped_at(verse, Page(font, MARGINS[0]), -10 * UNIT) == verse).all()


def test_the_first_edition_is_the_text(font: NDArray[np.int64]) -> None:
    text = encode(printed(random_words(300), font, MARGINS[0]))
    editions = Rewrapper(text, Script.of(ALPHABET, Page(font, MARGINS[0])))
    assert editions(0) is text
    assert all((editions(number) == editions(number)).all() for number in (1, 2, 3, 1))
    assert len({editions(number).tobytes() for number in range(6)}) == 6
    for page in (None, Page.unknown(ALPHABET.symbols)):
        assert Rewrapper(text, Script.of(ALPHABET, page))(1) is text
