"""Proofreading: what is suggested saves bits and is an attested word; a clean text is left alone."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charrnn.cli import main
from charrnn.corpus import lexicon
from charrnn.corpus.accent_model import bare, shipped
from charrnn.errors import UserError
from charrnn.sampling import Sampler
from charrnn.scoring.bits import costs
from charrnn.storage import registry, saved_model
from charrnn.tools import proofreading
from charrnn.tools.proofreading import Proofreader, corrected, edits, place_of

CLEAN = "O governo anunciou ontem que vai abaixar os impostos.\nA família estava contente com a notícia.\n"
SLIPS = "O govrno anunciou ontem que que vai abaixar os impostos.\nA familia estavacontente com a notícia.\n"


@pytest.fixture(scope="module")
def reader() -> Proofreader[object]:
    model, tokenizer = saved_model.read(registry.SHIPPED / "machado-lstm")
    return Proofreader(Sampler(model, tokenizer, "f32").decoder, tokenizer)


def test_slips_are_corrected_and_each_correction_saves_bits(reader: Proofreader[object]) -> None:
    found = reader.read(SLIPS)
    assert {one.kind for one in found} == {"deletion", "doubled", "accent", "space"}
    assert corrected(SLIPS, found) == CLEAN
    assert [place_of(SLIPS, one.start) for one in found] == [(1, 3), (1, 25), (2, 3), (2, 11)]

    def bits(text: str) -> float:
        return float(costs(reader.decoder, reader.tokenizer, text, 1).surprisal.sum())

    for one in found:
        assert SLIPS[one.start : one.stop] == one.old
        assert bits(corrected(SLIPS, [one])) < bits(SLIPS)
        assert all(word.lower() in reader.lexicon for word in one.new.split())


def test_a_clean_text_is_left_alone(reader: Proofreader[object]) -> None:
    assert reader.read(CLEAN) == []
    assert reader.read("🎈 http://exemplo.pt 1.234,56 — !? ção\x07 İ ǅ ʼn") == []


def test_other_languages_and_too_long_texts_are_refused(
    reader: Proofreader[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    for text, code in (
        ("The quick brown fox jumps over the lazy dog, and the dog did not mind it. " * 9, "proof-other-language"),
        ("", "no-text-to-score"),
        ("a" * 101, "proof-too-long"),
    ):
        monkeypatch.setattr(proofreading, "LONGEST", 100 if code == "proof-too-long" else 1000)
        with pytest.raises(UserError) as refused:
            reader.read(text)
        assert refused.value.code == code


@given(st.text(lexicon.LETTERS, min_size=1, max_size=6).map(str.capitalize) | st.text("abçÉ", min_size=1, max_size=4))
def test_edits_are_one_slip_away(word: str) -> None:
    for new, kind in edits(word).items():
        assert new != word
        more = {"deletion": 1, "space": 1, "insertion": -1}.get(kind, 0)
        assert len(new) == len(word) + more
        if kind == "accent":
            assert lexicon.plain(new) == lexicon.plain(word)
        if kind == "transposition":
            assert sorted(new.lower()) == sorted(word.lower())
        assert new[:1].isupper() or not new or not word[:1].isupper()


def test_the_lexicon_is_read_as_it_was_written(monkeypatch: pytest.MonkeyPatch) -> None:
    words = lexicon.frequencies()
    assert words["casa"] > words["cominho"] > 0
    assert "familia" not in words
    some = dict(list(words.items())[-5000:])
    monkeypatch.setattr(lexicon.lzma, "decompress", lambda data: data)
    monkeypatch.setattr(lexicon.lzma, "compress", lambda data, preset: data)
    monkeypatch.setattr(lexicon.Path, "read_bytes", lambda path: lexicon.front_coded(some))
    assert lexicon.frequencies.__wrapped__() == dict.fromkeys(lexicon.today(), lexicon.OF_TODAY) | some


def test_words_of_today_are_letters_with_one_form_each() -> None:
    words = lexicon.today()
    assert len(words) == len(set(words)) > 5000
    assert all(word.isalpha() and word == unicodedata.normalize("NFC", word) for word in words)
    assert set(words) <= lexicon.frequencies().keys()
    assert all(shipped().lexicon[bare(word)] for word in words)


def test_acronyms_and_the_past_of_portugal_are_no_slips(reader: Proofreader[object]) -> None:
    assert reader.read("Ontem provámos o vinho e gastámos pouco, disse o homem do IPCA à moça da TVX.\n") == []


def test_a_name_within_a_sentence_must_save_more(reader: Proofreader[object], monkeypatch: pytest.MonkeyPatch) -> None:
    text = "Ontem falei com o Govrno do estado. Govrno nenhum faz isto.\n"
    both = [one.start for one in reader.read(text)]
    monkeypatch.setattr(proofreading, "NAME", 100.0)
    within, first = text.index("Govrno"), text.rindex("Govrno")
    assert within in both
    assert [one.start for one in reader.read(text)] == [start for start in both if start != within]
    assert first in both


def test_the_command_writes_a_line_for_each_correction(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHARRNN_ENGINE", "f32")
    with pytest.raises(SystemExit):
        main(["proof", SLIPS, "--model", "machado-lstm"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("1:3: govrno → governo  (deletion, ")
    assert len(lines) == 4
