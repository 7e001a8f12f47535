"""Laws of going on: a text that was broken off, saved, read back or rewound is the text that never stopped."""

from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import tiny

from charrnn import SampleConfig, Sampler, UserError
from charrnn.config import ConstraintConfig
from charrnn.data.tokenizer import CharTokenizer
from charrnn.model import CharRNN
from charrnn.ngram.contexts import CLASS
from charrnn.sampling import session as sessions
from charrnn.sampling import session_file
from charrnn.sampling.session import REWIND, SPACING, Mark, Recorder, Session
from charrnn.storage import checkpoint, tensor_file

relaxed = settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
# Untrained models choose bytes all the time, so the laws go through many characters of several tokens.
SEEDS = st.integers(0, 2**31)
CONFIGS = st.builds(
    SampleConfig,
    temperature=st.sampled_from([0.7, 2.0]), no_repeat=st.sampled_from([0, 2]), seed=SEEDS,
    repetition_penalty=st.sampled_from([1.0, 1.5]), end=st.sampled_from(["length", "line", "sentence"]),
)  # fmt: skip


@pytest.fixture(params=["lstm", "joined"])
def sampler(request: pytest.FixtureRequest, tokenizer: CharTokenizer) -> Sampler:
    model = request.getfixturevalue("joined") if request.param == "joined" else tiny(tokenizer)
    return Sampler(model, tokenizer)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Documents that keep little, so that short texts go beyond it."""
    monkeypatch.setattr(sessions, "REWIND", 20)
    monkeypatch.setattr(sessions, "SPACING", 7)


def begun(sampler: Sampler, prompt: str, config: SampleConfig) -> Session:
    start = Session(config, reach=sessions.REWIND, model="tiny", weights="abc", engine="eager")
    return start.read(sampler, prompt)


def written(session: Session, sampler: Sampler, **changes: object) -> tuple[str, Session]:
    """What follows with such settings, and the session then."""
    session = replace(session, config=replace(session.config, **changes))
    recorder = Recorder(session)
    return "".join(recorder.write(sampler)), recorder.session


def saved(session: Session, path: Path) -> Session:
    session_file.save(session, path)
    return replace(session_file.load(path), reach=session.reach)


def same(one: Session, other: Session) -> bool:
    """But for how far it can be rewound, and how much text before what filters look at is known."""
    left, right = one.state.arrays().tensors(), other.state.arrays().tensors()
    return (
        all(np.array_equal(left[name], right[name]) for name in left)
        and (one.position, one.written, one.config) == (other.position, other.written, other.config)
        and one.text[-sessions.HISTORY :] == other.text[-sessions.HISTORY :]
    )


@relaxed
@given(prompt=st.text(max_size=10), config=CONFIGS, lengths=st.lists(st.integers(0, 25), min_size=2, max_size=2))
def test_going_on_is_never_having_stopped(
    small: None, sampler: Sampler, tmp_path: Path, prompt: str, config: SampleConfig, lengths: list[int]
) -> None:
    start = begun(sampler, prompt, config)
    session, pieces = start, []
    for length in lengths:
        piece, session = written(session, sampler, length=length)
        session = saved(session, tmp_path / "a")
        pieces.append(piece)
    length = sum(map(len, pieces[:-1])) + lengths[-1]
    whole, after = written(start, sampler, length=length)
    assert "".join(pieces) == whole
    assert same(replace(session, config=after.config), after)


@relaxed
@given(data=st.data(), seed=SEEDS, cut=st.integers(0, 30))
def test_stop_texts_may_stand_across_the_cut(sampler: Sampler, data: st.DataObject, seed: int, cut: int) -> None:
    """What began a stop text had been given out by then: the whole text ends before it, the pieces with it."""
    start = begun(sampler, "x", SampleConfig(seed=seed, temperature=1.5))
    free, _ = written(start, sampler, length=30)
    at = data.draw(st.integers(0, 26))
    stops = (free[at : at + data.draw(st.integers(1, 4))], free[at + 1 : at + 3])
    whole, _ = written(start, sampler, length=30, stop=stops)
    one, session = written(start, sampler, length=cut, stop=stops)
    two, _ = written(session, sampler, length=30 - len(one), stop=stops)
    assert (one + two).startswith(whole)
    assert one + two == max(one, whole, key=len)


@relaxed
@given(config=CONFIGS, length=st.integers(0, 50), back=st.integers(0, 20))
def test_rewound_is_having_stopped_there(
    small: None, sampler: Sampler, config: SampleConfig, length: int, back: int
) -> None:
    start = begun(sampler, "Era", replace(config, end="length"))
    back = min(back, length)
    _, session = written(start, sampler, length=length)
    _, expected = written(start, sampler, length=length - back)
    rewound = session.rewound(sampler, back)
    assert same(replace(rewound, config=expected.config), expected)
    assert written(rewound, sampler, length=20)[0] == written(expected, sampler, length=20)[0]


def test_a_thousand_characters_back(tokenizer: CharTokenizer, tmp_path: Path) -> None:
    """And no more, over several pieces; there is then still as much text as filters look back at."""
    sampler = Sampler(tiny(tokenizer), tokenizer)
    session = begun(sampler, "Era uma vez " * 800, SampleConfig(seed=1))
    states = {}
    for length in (630, 30, 490):
        recorder = Recorder(replace(session, config=replace(session.config, length=length)))
        for number, _ in enumerate(recorder.write(sampler), session.written + 1):
            if number in (150, 1050):
                states[number] = recorder.session
        session = saved(recorder.session, tmp_path / "a")
    assert session.written == 1150
    assert len(session.marks) <= REWIND // SPACING + 2
    for number, expected in states.items():
        rewound = session.rewound(sampler, 1150 - number)
        assert same(replace(rewound, config=expected.config), expected)
        assert len(rewound.text) >= sessions.HISTORY
    with pytest.raises(UserError, match="rewind: expected at most 1,000"):
        session.rewound(sampler, REWIND + 1)


@pytest.mark.parametrize("precision", ["f32", "int8"])
def test_the_engine_goes_on_bit_for_bit(small: None, joined: CharRNN, tokenizer: CharTokenizer, precision: str) -> None:
    sampler = Sampler(joined, tokenizer, precision)
    start = begun(sampler, "Era ✍", SampleConfig(seed=2, temperature=2, no_repeat=3))
    one, middle = written(start, sampler, length=83)
    two, end = written(middle, sampler, length=50)
    whole, expected = written(start, sampler, length=133)
    assert one + two == whole
    assert same(replace(end, config=expected.config), expected)
    back = expected.rewound(sampler, 19)
    assert same(replace(back, config=end.config), replace(written(start, sampler, length=114)[1], config=end.config))


def test_what_was_read_is_not_rewound(sampler: Sampler) -> None:
    _, session = written(begun(sampler, "", SampleConfig(seed=1)), sampler, length=30)
    session = session.read(sampler, "Depois")
    assert session.rewound(sampler, 0).text == session.text
    with pytest.raises(UserError, match="rewind: expected at most 0"):
        session.rewound(sampler, 1)


def test_reading_on_is_reading_from_its_state(sampler: Sampler) -> None:
    config = SampleConfig(seed=3, length=20)
    one, session = written(begun(sampler, "A ", config), sampler)
    two, _ = written(session.read(sampler, "lua\u0301"), sampler)
    state = sampler.read("luá", session.state)
    steps = sampler.steps(state, config, f"A {one}luá", session.position)
    assert two == "".join(step.text for step in steps)


def test_marks_stay_near_where_words_are_placed(sampler: Sampler, tmp_path: Path) -> None:
    """Parts of several characters rarely end at a multiple of the spacing."""
    config, constraints = SampleConfig(seed=2, length=420), ConstraintConfig(start="Era", contain=("lua", "mar"))
    session = replace(begun(sampler, "A ", config), constraints=constraints)
    steps = list(session.steps(sampler))
    assert max(len(step.text) for step in steps) > SPACING
    grown = session.after(steps)
    assert len(grown.marks) >= 3
    again = saved(grown, tmp_path / "a")
    assert again.constraints == ConstraintConfig()  # the words are written
    assert again.rewound(sampler, 10).text == grown.text[:-10]


def test_seeds_branch(sampler: Sampler) -> None:
    _, session = written(begun(sampler, "A ", SampleConfig(seed=3)), sampler, length=30)
    texts = session.branches(sampler, [3, 4, 5])
    assert len(set(texts)) == 3
    assert texts == [written(session, sampler, seed=seed)[0] for seed in (3, 4, 5)]


def test_a_text_that_is_broken_off_goes_on(sampler: Sampler) -> None:
    start = begun(sampler, "A ", SampleConfig(seed=3, temperature=2))
    recorder = Recorder(start)
    one = "".join(islice(recorder.write(sampler), 117))
    two, _ = written(recorder.session, sampler, length=13)
    assert one + two == written(start, sampler, length=130)[0]


def test_file_gives_back_what_was_saved(sampler: Sampler, tmp_path: Path) -> None:
    config = SampleConfig(seed=5, stop=("\n日", "日本語"), bias=("e=-1.5",), length=130)
    _, session = written(begun(sampler, "«✍» \U0001f600\n", config), sampler)
    again = saved(session, tmp_path / "a")
    assert same(session, again)
    assert [mark.written for mark in again.marks] == [0, 100]
    assert (again.text, again.model, again.weights, again.engine) == (session.text, "tiny", "abc", "eager")


def test_another_model_is_told(tokenizer: CharTokenizer, tmp_path: Path) -> None:
    sampler, path = Sampler(tiny(tokenizer), tokenizer), tmp_path / "a"
    session = begun(sampler, "A", SampleConfig(seed=1))
    session_file.check_model(session, path, tmp_path / "other", "abc")
    with pytest.raises(UserError, match=r"a: expected the model that wrote it, tiny \(sha256 abc…\), found other"):
        session_file.check_model(session, path, tmp_path / "other", "def")
    with pytest.raises(UserError, match="another shape"):
        session_file.check_states(session, Sampler(tiny(tokenizer, "gru"), tokenizer))


def test_a_state_that_points_beyond_the_counts_is_refused(joined: CharRNN, tokenizer: CharTokenizer) -> None:
    """Its place on the page, the classes of its words and its tokens are indices, which compiled loops do not check."""
    sampler = Sampler(joined, tokenizer)
    _, session = written(begun(sampler, "Era uma vez.\n", SampleConfig(seed=1)), sampler, length=120)
    session_file.check_states(session, sampler)
    state = session.state
    far, past = state.expected.clone(), state.reading.clone()
    far[0, -1], past[0, CLASS] = 99, 2**40
    for changes in ({"expected": far}, {"reading": past}, {"recent": -2 - state.recent}):
        damaged = replace(state, **changes)
        for changed in (replace(session, state=damaged), replace(session, marks=(Mark(0, damaged),))):
            with pytest.raises(UserError) as error:
                session_file.check_states(changed, sampler)
            assert error.value.code == "state-other-shape"


def test_fingerprint_is_of_the_weights(tokenizer: CharTokenizer, tmp_path: Path) -> None:
    model = tiny(tokenizer)
    checkpoint.create(tmp_path / "a", model, tokenizer)
    before = session_file.fingerprint(tmp_path / "a")
    model.output.bias.data[0] += 1
    checkpoint.create(tmp_path / "b", model, tokenizer)
    assert before != session_file.fingerprint(tmp_path / "b")


def test_files_that_are_none_are_refused(sampler: Sampler, tmp_path: Path) -> None:
    path = tmp_path / "a"
    session_file.save(begun(sampler, "A", SampleConfig(seed=1)), path)
    whole = path.read_bytes()
    for damaged in (b"", whole[:100], whole[:-1], whole.replace(b"written", b"w-itten", 1)):
        path.write_bytes(damaged)
        with pytest.raises(UserError, match="expected a"):
            session_file.load(path)
    tensor_file.write_arrays(path, {"recent": np.zeros(1)}, {})
    with pytest.raises(UserError, match="expected a text that --save-state wrote"):
        session_file.load(path)
    with pytest.raises(UserError, match="none: there is no such file or folder"):
        session_file.load(tmp_path / "none")


def test_what_no_file_stands_for_is_not_saved(sampler: Sampler, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="expected the text of one saved model"):
        session_file.save(Session(SampleConfig(seed=1)).read(sampler, ""), tmp_path / "a")
    assert not list(tmp_path.iterdir())
