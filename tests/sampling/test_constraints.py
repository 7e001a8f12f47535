"""Laws of constraints: what they promise holds for every text, and they compose."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from unicodedata import combining, normalize

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import QUATRAINS, tiny

import charrnn
from charrnn import SampleConfig, Sampler
from charrnn.config import ConstraintConfig
from charrnn.data.tokenizer import CharTokenizer
from charrnn.errors import UserError
from charrnn.sampling.constraints import (
    VERSE,
    Constraint,
    Spelling,
    acrostic,
    bare,
    build,
    escaped,
    line_length,
    novel,
    only,
    parted,
    without,
)  # fmt: skip
from charrnn.sampling.novelty import Spans
from charrnn.sampling.session import ALL, Recorder, Session

SOURCE = QUATRAINS.read_text(encoding="utf-8")
relaxed = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
letters = st.sampled_from("aeiouçãnAÉ✍")


@pytest.fixture(scope="module")
def sampler(tokenizer: CharTokenizer) -> Sampler:
    """Untrained: it draws anything, and each constraint has much to rule out."""
    return Sampler(tiny(tokenizer), tokenizer)


def wild(length: int, seed: int) -> SampleConfig:
    return SampleConfig(length=length, temperature=2, seed=seed)


@pytest.fixture(scope="module")
def spans() -> Spans:
    return Spans.of([SOURCE], 4)


MAKERS: dict[str, Callable[[CharTokenizer], Constraint]] = {
    "only": lambda tokenizer: only(tokenizer, "ab \n✍日"),
    "without": lambda tokenizer: without(tokenizer, "ae"),
    "acrostic": lambda tokenizer: acrostic(tokenizer, "Ão"),
    "line_length": lambda tokenizer: line_length(tokenizer, 9),
    "novel": lambda tokenizer: novel(tokenizer, Spans.of([SOURCE], 3), 2),
}


@pytest.mark.parametrize("name", MAKERS)
@relaxed
@given(
    text=st.text(alphabet="ab \n✍", max_size=30),
    pending=st.sampled_from([b"", b"\xe6", b"\xf0\x9f"]),
    seed=st.integers(0, 99),
)
def test_what_is_ruled_out_stays_out(tokenizer: CharTokenizer, name: str, text: str, pending: bytes, seed: int) -> None:
    """And what came in is not changed; and the same again gives the same."""
    constraint, random = MAKERS[name](tokenizer), np.random.default_rng(seed)
    logits = np.where(random.random(tokenizer.vocab_size) < 0.5, random.normal(size=tokenizer.vocab_size), -np.inf)
    before = logits.copy()
    after = constraint(text + escaped(pending), logits)
    assert np.array_equal(logits, before)
    assert not np.isnan(after).any()
    assert (after[before == -np.inf] == -np.inf).all()
    assert np.array_equal(constraint(text + escaped(pending), logits), after)


@relaxed
@given(asked=st.sets(st.sampled_from("abA é\n✍✌日é️😀"), min_size=1), seed=st.integers(0, 99))
def test_only_these_characters(sampler: Sampler, asked: set[str], seed: int) -> None:
    """Also those that are spelled by bytes: ✍ and ✌ share two of three."""
    constraint = only(sampler.tokenizer, "".join(asked))
    made = sampler.generate("", wild(60, seed), constraints=[constraint])
    assert len(made) == 60
    assert set(made) <= asked
    for character in asked:  # each of them may come, token by token
        for place, token in enumerate(tokens := sampler.tokenizer.encode(character)):
            pending = bytes(byte - sampler.tokenizer.first_byte for byte in tokens[:place])
            assert np.isfinite(constraint(escaped(pending), np.zeros(sampler.tokenizer.vocab_size))[token])


@relaxed
@given(banned=st.text(letters, min_size=1, max_size=4), seed=st.integers(0, 99), accents=st.booleans())
def test_without_letters(sampler: Sampler, banned: str, seed: int, accents: bool) -> None:
    made = sampler.generate("", wild(100, seed), constraints=[without(sampler.tokenizer, banned, accents=accents)])
    if accents:
        assert not set(bare(banned)) & set(bare(made))
    else:
        assert not set(banned.casefold()) & set(made.casefold())


def allowed(tokenizer: CharTokenizer, constraint: Constraint, text: str = "") -> set[str]:
    """Which characters of the vocabulary may come next."""
    kept = np.isfinite(constraint(text, np.zeros(tokenizer.vocab_size)))[: tokenizer.first_byte]
    return {character for character, free in zip(tokenizer.characters, kept, strict=True) if free}


def test_accents_are_covered_or_kept(tokenizer: CharTokenizer) -> None:
    known = set(tokenizer.characters)
    of_a = known & set("aáàâãAÁÀÂÃ")
    assert len(of_a) > 3
    assert known - allowed(tokenizer, without(tokenizer, "a")) == of_a
    assert known - allowed(tokenizer, without(tokenizer, "Ã")) == of_a
    assert known - allowed(tokenizer, without(tokenizer, "a", accents=False)) == known & set("aA")
    assert known - allowed(tokenizer, without(tokenizer, "a\u0303", accents=False)) == known & set("ãÃ")


@relaxed
@given(
    word=st.text(st.sampled_from("aãBçE k✍"), min_size=1, max_size=6).filter(str.strip),
    prompt=st.sampled_from(["", "a", "\n", "b\na", "b\n\n"]), seed=st.integers(0, 99),
)  # fmt: skip
def test_lines_spell_the_word(sampler: Sampler, word: str, prompt: str, seed: int) -> None:
    """Line ends are made likely, that there be many lines."""
    config = SampleConfig(length=60, temperature=2, seed=seed, bias=("\n=5",))
    made = sampler.generate(prompt, config, constraints=[acrostic(sampler.tokenizer, word, len(prompt))])
    lines = made.split("\n")
    if prompt and not prompt.endswith("\n"):
        lines = lines[1:]
    if lines and not lines[-1]:  # the text ended with a line end
        lines.pop()
    wanted = "".join(bare(word).split())
    assert [bare(line)[:1] for line in lines[: len(wanted)]] == list(wanted[: len(lines)])


def test_lines_are_free_after_the_last_letter(tokenizer: CharTokenizer) -> None:
    constraint = acrostic(tokenizer, "a b", begin=2)
    known = set(tokenizer.characters)
    assert allowed(tokenizer, constraint, "") == known  # within the prompt
    assert allowed(tokenizer, constraint, "x\n") == known & set("aáàâãAÁÀÂÃ")
    assert allowed(tokenizer, constraint, "x\na") == known
    assert allowed(tokenizer, constraint, "x\na\n") == known & set("bB")
    assert allowed(tokenizer, constraint, "x\na\nb\n") == known


@relaxed
@given(most=st.integers(1, 30), prompt=st.text(alphabet="ab \n", max_size=40), seed=st.integers(0, 99))
def test_no_line_is_longer(sampler: Sampler, most: int, prompt: str, seed: int) -> None:
    made = sampler.generate(prompt, wild(150, seed), constraints=[line_length(sampler.tokenizer, most)])
    own = len(prompt.rpartition("\n")[2])  # of a line that the prompt began
    lines = (prompt.rpartition("\n")[2] + made).split("\n")
    assert len(lines[0]) <= max(most, own)
    assert all(len(line) <= most for line in lines[1:])


@relaxed
@given(st.lists(st.text("abç", min_size=1, max_size=12), min_size=5, max_size=40), st.integers(24, 60))
def test_words_stay_whole(tokenizer: CharTokenizer, words: list[str], most: int) -> None:
    """A writer that follows the logits of a given text, in words of at most twelve letters."""
    constraint, text, wanted = line_length(tokenizer, most), "", " ".join(words)
    for character in wanted:
        logits = np.full(tokenizer.vocab_size, -50.0)
        logits[tokenizer.encode(character)[0]] = 0.0
        text += tokenizer.token_text(int(constraint(text, logits).argmax()))
    assert text.replace("\n", " ") == wanted
    assert all(most - 24 < len(line) <= most for line in text.split("\n")[:-1])


@relaxed
@given(prompt=st.sampled_from(["", SOURCE[:40], "日本"]), seed=st.integers(0, 99))
def test_no_longer_run_is_copied(sampler: Sampler, spans: Spans, prompt: str, seed: int) -> None:
    made = sampler.generate(prompt, wild(100, seed), constraints=[novel(sampler.tokenizer, spans, 3)])
    text = prompt + made
    assert all(text[end - 4 : end] not in SOURCE for end in range(max(4, len(prompt) + 1), len(text) + 1))


def test_bytes_are_no_way_to_copy() -> None:
    """A character that the vocabulary lacks completes a run, too."""
    tokenizer = CharTokenizer("\na")
    constraint = novel(tokenizer, Spans.of(["aab aa✍"], 3), 2)
    logits = np.zeros(tokenizer.vocab_size)
    first, (*begun, last) = tokenizer.first_byte, "✍".encode()
    assert np.flatnonzero(constraint("aa", logits) == -np.inf).tolist() == [first + ord("b")]
    assert np.flatnonzero(constraint("aa" + escaped(bytes(begun)), logits) == -np.inf).tolist() == [first + last]


def test_where_nothing_else_is_left_a_run_goes_on(sampler: Sampler) -> None:
    tokenizer = sampler.tokenizer
    both = [only(tokenizer, "ab"), novel(tokenizer, Spans.of(["aab" * 9 + "aaaabbbb"], 2), 1)]
    assert set(sampler.generate("", wild(50, 1), constraints=both)) == set("ab")


@relaxed
@given(seed=st.integers(0, 99), most=st.integers(2, 12))
def test_constraints_compose(sampler: Sampler, spans: Spans, seed: int, most: int) -> None:
    tokenizer = sampler.tokenizer
    all_of_them = [
        only(tokenizer, "aábcçdeo ,\n"), without(tokenizer, "e"), acrostic(tokenizer, "boca"),
        line_length(tokenizer, most), novel(tokenizer, spans, 3),
    ]  # fmt: skip
    made = sampler.generate("", wild(4 * most + 4, seed), constraints=all_of_them)
    assert set(made) <= set("aábcçdo ,\n")
    lines = made.split("\n")
    assert max(map(len, lines)) <= most
    assert [bare(line[0]) for line in lines[:4]] == list("boca")


def test_several_texts_are_drawn_together(sampler: Sampler) -> None:
    constraints = [line_length(sampler.tokenizer, 7), without(sampler.tokenizer, "o")]
    alone = [sampler.generate("A", wild(60, seed), constraints=constraints) for seed in (4, 5)]
    assert sampler.generate_together("A", wild(60, 0), [4, 5], constraints) == alone


def test_constraints_that_leave_nothing_are_told(sampler: Sampler) -> None:
    both = [only(sampler.tokenizer, "ab"), line_length(sampler.tokenizer, 3)]
    expected = r"^constraints: expected to leave a character that may come next, found none after '\\n[ab]{3}'; loosen"
    with pytest.raises(UserError, match=expected):
        sampler.generate("\n", wild(60, 1), constraints=both)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda tokenizer: only(tokenizer, ""), "only: expected at least one character, found none"),
        (lambda tokenizer: without(tokenizer, ""), "without: expected at least one letter, found ''"),
        (lambda tokenizer: acrostic(tokenizer, " \n"), r"acrostic: expected a word, found ' \\n'"),
        (lambda tokenizer: line_length(tokenizer, 0), "line-length: expected a whole number of at least 1, found 0"),
        (lambda tokenizer: novel(tokenizer, Spans.of([], 5), 3), "most: expected 4, as the spans are of 5 .*, found 3"),
    ],
)
def test_what_cannot_be_is_told(
    tokenizer: CharTokenizer, make: Callable[[CharTokenizer], Constraint], message: str
) -> None:
    with pytest.raises(UserError, match=f"^{message}$"):
        make(tokenizer)


@given(st.text(max_size=5), st.characters(codec="utf-8"), st.integers(0, 3))
def test_text_and_bytes_are_parted_again(text: str, character: str, count: int) -> None:
    begun = character.encode("utf-8")[: min(count, len(character.encode("utf-8")) - 1)]
    assert parted(text + escaped(begun)) == (text, begun)


@given(
    wanted=st.sets(st.characters(codec="utf-8"), max_size=8),
    other=st.characters(codec="utf-8"),
    known=st.sets(st.characters(codec="utf-8"), max_size=4),
)
def test_tokens_spell_the_wanted_characters(wanted: set[str], other: str, known: set[str]) -> None:
    tokenizer = CharTokenizer(known)
    codes = np.zeros(0x110000, dtype=bool)
    codes[[ord(character) for character in wanted]] = True
    spelling = Spelling(tokenizer, codes)
    for character in wanted | {other}:
        tokens = tokenizer.encode(character)
        spelled = [character.encode()[:count] for count in range(len(tokens))]
        free = [spelling.mask(pending)[token] for pending, token in zip(spelled, tokens, strict=True)]
        assert all(free) == (character in wanted)


@given(st.text(max_size=20))
def test_bare_letters(text: str) -> None:
    assert bare(text) == bare(text.swapcase().upper()) or not text.isascii()
    assert not any(map(combining, bare(text)))
    assert bare(normalize("NFD", text)) == bare(normalize("NFC", text))
    assert bare("São João Ação ÉÀ") == "sao joao acao ea"


def test_lines_of_a_trained_model_are_filled() -> None:
    """To within a word of the margin; and hardly a word is cut there."""
    model, tokenizer = charrnn.load("machado")
    config = SampleConfig(length=1500, seed=1)
    made = Sampler(model, tokenizer).generate("", config, constraints=[line_length(tokenizer, 40)])
    lines = made.split("\n")[:-1]
    assert max(map(len, lines)) <= 40
    assert np.median(list(map(len, lines))) >= 28
    assert sum(len(line) == 40 for line in lines) < 0.05 * len(lines)


def test_constraints_see_the_text_as_it_stands(sampler: Sampler) -> None:
    """With what was written before, even where a person's text would be cleaned, and each byte that is drawn."""
    seen: list[str] = []

    def watch(text: str, logits: np.ndarray) -> np.ndarray:
        seen.append(text)
        return np.where(np.arange(len(logits)) < sampler.tokenizer.first_byte, -np.inf, logits)

    steps = list(sampler.steps(sampler.read("x"), wild(20, 1), "a\re\u0301", constraints=[watch]))
    whole = "a\re\u0301" + "".join(step.text for step in steps)
    assert seen[0] == "a\re\u0301"
    assert len(seen) == steps[-1].position
    assert all(whole.startswith(parted(text)[0]) for text in seen)
    assert any(parted(text)[1] for text in seen)


@pytest.mark.parametrize(
    ("constraints", "code"),
    [({"acrostic": "MARIA", "without": "a"}, "acrostic-without-letter"),
     ({"acrostic": "ÁB", "only": "bB\n"}, "acrostic-without-letter"),
     ({"only": "aá", "without": "A"}, "only-without-nothing"),
     ({"acrostic": "AB", "only": "ab "}, "only-without-line-end"),
     ({"line_length": 9, "only": "ab"}, "only-without-line-end"),
     ({"start": "Bom", "without": "ó"}, "text-without-letter"),
     ({"contain": ("lua",), "only": "lu"}, "text-without-letter"),
     ({"start": "Bom", "acrostic": "ANA"}, "start-off-acrostic")],
)  # fmt: skip
def test_contradictions_are_named(tokenizer: CharTokenizer, constraints: dict[str, Any], code: str) -> None:
    with pytest.raises(UserError) as caught:
        build(tokenizer, ConstraintConfig(**constraints))
    assert caught.value.code == code


def test_what_does_not_contradict_is_let_through(tokenizer: CharTokenizer) -> None:
    for constraints in (
        {"acrostic": "MARIA", "without": "a", "keep_accents": True}, {"acrostic": "A", "only": "aã"},
        {"only": "aá", "without": "a", "keep_accents": True}, {"start": "Água", "acrostic": "ana", "without": "e"},
        {"start": "é", "without": "e", "keep_accents": True}, {"contain": ("e\u0301",), "only": "é"},
    ):  # fmt: skip
        assert build(tokenizer, ConstraintConfig(**constraints))
    build(tokenizer, ConstraintConfig(start="b", acrostic="a"), begin=3)  # its line begins with the prompt


@pytest.mark.parametrize(("word", "seed"), [("MaRi", 1), ("ã ç", 2)])
def test_an_acrostic_needs_no_other_settings(sampler: Sampler, word: str, seed: int) -> None:
    """It ends with its last letter's line; also side by side with others, and in pieces."""
    config, rules = SampleConfig(seed=seed), ConstraintConfig(acrostic=word)
    session = Session(config, rules, reach=ALL)
    made = session.branches(sampler, [seed])[0]
    lines = made.split("\n")
    assert "".join(bare(line)[:1] for line in lines) == "".join(bare(word).split())
    assert max(map(len, lines)) <= VERSE
    begun = Recorder(replace(session, config=replace(config, length=7)))
    first = "".join(begun.write(sampler))
    rest = "".join(Recorder(replace(begun.session, config=config)).write(sampler))
    assert first + rest == made
