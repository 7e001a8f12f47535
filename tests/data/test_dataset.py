"""Laws of the division into training and held-out text, and of its cache."""

import random
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import QUATRAINS, STORIES

from charrnn import paths
from charrnn.config import CorpusConfig
from charrnn.corpus import fingerprints, open_works, read_file
from charrnn.corpus.doctor import examine_work
from charrnn.corpus.repairs import chosen
from charrnn.corpus.works import Span, Spool
from charrnn.data import dataset as training_text
from charrnn.data.dataset import Source, TrainingText, divide
from charrnn.errors import UserError


def prepare(*names: Path, **options: object) -> TrainingText:
    return TrainingText.prepare(Source.of(names, **options))  # type: ignore[arg-type]


def decoded(text: TrainingText) -> tuple[str, str]:
    return tuple(text.tokenizer.decode(part.ids.tolist()) for part in (text.train, text.valid))  # type: ignore[return-value]


def words(seed: int, count: int) -> str:
    """Text that resembles no other seed's."""
    draw = random.Random(seed)
    return " ".join("".join(draw.choices("abcdefghilmnoprstuvã", k=draw.randint(2, 9))) for _ in range(count)) + "\n"


@pytest.fixture
def works(tmp_path: Path) -> list[Path]:
    """Twenty works of about the same length."""
    paths = [tmp_path / f"obra {number:02}.txt" for number in range(20)]
    for number, path in enumerate(paths):
        path.write_text(f"Obra {number}\n\n" + words(number, 300), encoding="utf-8")
    return paths


def test_one_text_keeps_its_end_back() -> None:
    text = prepare(QUATRAINS)
    whole = read_file(QUATRAINS)
    assert "".join(decoded(text)) == whole
    assert text.valid.characters == round(0.05 * len(whole)) == len(decoded(text)[1])
    assert text.train.characters == len(decoded(text)[0])
    assert text.tail


def test_held_out_text_holds_a_window_if_there_is_enough_text() -> None:
    assert prepare(QUATRAINS, window=700).valid.characters == 700
    assert prepare(QUATRAINS, window=7000).valid.characters == len(read_file(QUATRAINS)) // 10


def test_of_many_works_whole_ones_are_held_out(works: list[Path]) -> None:
    text = prepare(*works)
    assert not text.tail
    assert len(text.valid.works) == 1
    assert set(text.train.works) | set(text.valid.works) == {str(path) for path in works}
    assert not set(text.train.works) & set(text.valid.works)
    for part, whole in zip((text.train, text.valid), decoded(text), strict=True):
        for name, start, stop in zip(part.works, part.starts, (*part.starts[1:], len(part.ids)), strict=True):
            expected = read_file(name)
            found = text.tokenizer.decode(part.ids[start:stop].tolist())
            assert found in (expected, "\n" + expected)  # parted from the work before it, never glued
        assert len(whole) == part.characters


def test_the_division_depends_on_the_works_alone(works: list[Path], tmp_path: Path) -> None:
    """Not on their order or their names."""
    held = read_file(prepare(*works).valid.works[0])
    renamed = [path.rename(tmp_path / f"{index}.txt") for index, path in enumerate(reversed(works))]
    assert read_file(prepare(*renamed).valid.works[0]) == held


def test_no_copy_of_a_held_out_work_is_learned(works: list[Path], tmp_path: Path) -> None:
    held = Path(prepare(*works).valid.works[0])
    copy = tmp_path / "cópia.txt"
    copy.write_bytes(held.read_bytes())
    text = prepare(*works, copy)
    assert str(held) not in text.valid.works
    assert str(copy) not in text.valid.works


def test_near_copies_across_the_division_are_told(works: list[Path], tmp_path: Path) -> None:
    assert prepare(*works).notes == ()
    held = Path(prepare(*works).valid.works[0])
    near = tmp_path / "quase igual.txt"
    lines = read_file(held).split(" ")
    near.write_text("Outro começo.\n" + " ".join(lines[: len(lines) // 2]) + "\n", encoding="utf-8")
    (note,) = prepare(*works, valid=held).notes
    assert "100% of this held-out text also occurs in the training text" in note
    others = [path for path in works if path != held]
    (note,) = prepare(*others, near, valid=held).notes
    share = int(note.split(": ")[1].split("%")[0])
    assert 35 <= share <= 60


@given(parts=st.lists(st.lists(st.integers(0, 300), max_size=60), min_size=1, max_size=4), most=st.integers(1, 40))
def test_a_sketch_of_sketches_is_that_of_the_whole(parts: list[list[int]], most: int) -> None:
    """And the share of one text found in another is that among the passages which both sketches would hold."""
    prints = [np.array(part, dtype=np.uint64) for part in parts]
    whole = sorted({number for part in parts for number in part})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fingerprints, "SKETCH", most)
        patch.setattr(fingerprints, "LEAST", 1)
        found = fingerprints.sketch([fingerprints.sketch([part]) for part in prints])
        assert found.tolist() == whole[:most]
        first = fingerprints.sketch(prints[:1])
        comparable = [n for n in first.tolist() if len(found) < most or n <= found[-1]]
        expected = 1.0 if comparable else None  # as the first is a part of the whole
        assert fingerprints.share(first, found) == expected
        strangers = first + np.uint64(1000)
        assert not fingerprints.share(strangers, found)


def test_what_is_known_of_a_text_does_not_depend_on_how_it_is_set() -> None:
    """Nor is one passage enough, as it may be a quotation."""
    story = read_file(STORIES)
    known = fingerprints.sketch([fingerprints.of(story)])
    set_anew = story.replace("\n", "  \n\n").replace("— ", "-- ").replace("“", '"')
    prints = fingerprints.of(set_anew)
    assert fingerprints.share(fingerprints.sketch([prints]), known) == 1.0
    strangers = np.arange(1000, dtype=np.uint64)
    assert fingerprints.share(np.concatenate([strangers, prints[:1]]), known) == 0.0
    assert fingerprints.share(np.concatenate([strangers, prints[:3]]), known) == pytest.approx(0.003, rel=0.01)
    assert fingerprints.share(prints[:2], known) is None
    assert fingerprints.share(prints, None) is None


@given(sizes=st.lists(st.integers(1, 5000), min_size=1, max_size=60), window=st.integers(8, 256))
def test_the_parts_are_the_whole(sizes: list[int], window: int) -> None:
    spool = Spool(Path("nowhere"))
    spool.spans = [Span(str(i), 0, 0, size, f"{hash((i, size)):x}") for i, size in enumerate(sizes)]
    spool.cut = lambda size: (  # type: ignore[method-assign]
        [Span("", 0, 0, sum(sizes) - size, "")], [Span("", 0, 0, size, "")],
    )  # fmt: skip
    learned, held, tail = divide(spool, window)
    assert sum(span.characters for span in (*learned, *held)) == sum(sizes)
    size = max(training_text.MINIMUM, round(0.05 * sum(sizes)), min(window, sum(sizes) // 10))
    total = sum(span.characters for span in held)
    assert total == min(size, sum(sizes)) if tail else 0.5 * size <= total <= 1.25 * size


def test_the_end_of_a_spool_is_found_by_characters(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    from charrnn.corpus import open_works

    spool.fill(open_works([QUATRAINS, STORIES]))
    whole = read_file(QUATRAINS) + "\n" + read_file(STORIES)
    for size in (1, 2, 100, len(read_file(STORIES)), len(read_file(STORIES)) + 1, len(whole) - 1, len(whole)):
        before, after = spool.cut(size)
        texts = ["".join(piece for span in spans for piece in spool.text(span)) for spans in (before, after)]
        assert "".join(texts) == whole
        assert len(texts[1]) == size
        assert [len("".join(spool.text(span))) for span in after] == [span.characters for span in after]


def test_the_second_time_nothing_is_read(works: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    first = prepare(*works)
    monkeypatch.setattr(training_text, "_build", lambda *given: pytest.fail("read again"))
    second = prepare(*works)
    assert second.key == first.key
    assert second.sha256 == first.sha256
    assert second.train.ids.tolist() == first.train.ids.tolist()
    with pytest.raises(pytest.fail.Exception, match="read again"):
        prepare(*works, corpus=CorpusConfig(clean=("dashes",)))


def test_repairs_are_made_and_told(tmp_path: Path) -> None:
    path = tmp_path / "nbsp.txt"
    path.write_text("Um\u00a0espaço que\u00a0não quebra.\n" * 20, encoding="utf-8")
    text = prepare(path, corpus=CorpusConfig(clean=("spaces",)))
    assert "\u00a0" not in "".join(decoded(text))
    assert text.notes == ("repairs made: spaces 40",)
    assert "\u00a0" in "".join(decoded(prepare(path)))


DAMAGES = ("short", "odd", "no ids", "no index", "empty passages", "empty index", "other index")


WRAPPED = "".join(
    f"Era a {n}.ª vez que um homem de poucas palavras, que ninguém conhe-\ncia por aqui, subia a la-\ndeira da "
    f"igreja com um saco às cos-\ntas e parava no mesmo lugar para ver o mar ao longe.\n\n"
    for n in range(1, 60)
)
ODD = "Isto nÃ£o se lê, e es\xadta palavra tem um hífen que não se vê.\n" * 40
SOUND = STORIES.read_text(encoding="utf-8")


def suggested(path: Path, *made: str) -> tuple[str, ...]:
    """What is suggested for a text in which these repairs were made."""
    notes = "\n".join(prepare(path, corpus=CorpusConfig(clean=made)).notes)
    found = re.search(r"--clean (\S+) repairs them", notes)
    return tuple(found[1].split(",")) if found else ()


@pytest.mark.parametrize("content", [WRAPPED, ODD, WRAPPED + ODD, SOUND])
def test_repairs_are_suggested_where_check_finds_faults(content: str, tmp_path: Path) -> None:
    """The same ones; beside those that are made; and none when all are."""
    path = tmp_path / "a.txt"
    path.write_text(content, encoding="utf-8")
    (work,) = open_works([path])
    wanted = chosen(fault.repair for fault in examine_work(work).faults if fault.repair)
    assert suggested(path) == wanted
    assert suggested(path, *wanted) == ()
    if content == WRAPPED + ODD:
        assert suggested(path, "mojibake") == wanted
    assert bool(wanted) == (content != SOUND)


def test_looking_for_faults_is_bounded(works: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    monkeypatch.setattr(training_text, "repairable", lambda text: seen.append(len(text)) or [])
    for most in (100, 2000, 40_000):
        monkeypatch.setattr(training_text, "EXAMINED", most)
        seen.clear()
        prepare(*works, window=most)
        assert 0 < sum(seen) <= most


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_cache_is_made_anew(works: list[Path], damage: str) -> None:
    first = prepare(*works)
    ids, folder = first.train.ids.tolist(), paths.root() / "tokens" / first.key
    if damage in ("short", "odd"):
        with (folder / "train.ids").open("r+b") as file:
            file.truncate(1000 if damage == "short" else 1001)
    elif damage == "empty passages":
        (folder / "train.npy").write_bytes(b"")
    elif damage == "no ids":
        (folder / "train.ids").unlink()
    elif damage == "no index":
        (folder / "index.json").unlink()
    else:
        (folder / "index.json").write_text("" if damage == "empty index" else "{}", encoding="utf-8")
    assert prepare(*works).train.ids.tolist() == ids


def test_texts_without_text_are_told_and_left_out(works: list[Path], tmp_path: Path) -> None:
    blank = tmp_path / "branco.txt"
    blank.write_text(" \n\n", encoding="utf-8")
    text = prepare(blank, *works)
    assert text.notes == (f"{blank}: left out, there is no text in it",)
    assert str(blank) not in text.train.works + text.valid.works
    with pytest.raises(UserError, match=r"branco.txt: expected text, found none in its 3 bytes"):
        prepare(blank)


def test_names_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.txt").touch()
    source = Source.of(["a.txt", "*.txt", "-", "machado:helena"])
    assert source.names == (str(tmp_path / "a.txt"), str(tmp_path / "*.txt"), "-", "machado:helena")


def test_texts_long_unused_are_forgotten(works: list[Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CHARRNN_CACHE", str(tmp_path / "cache"))
    (tmp_path / "cache" / "tokens" / "minha tese").mkdir(parents=True)
    old = prepare(works[0], works[1])
    monkeypatch.setattr(training_text, "KEEP", -1.0)
    prepare(works[2], works[3])
    assert TrainingText.cached(old.key, old.source) is None
    assert (tmp_path / "cache" / "tokens" / "minha tese").exists()  # not ours
