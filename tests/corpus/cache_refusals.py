"""Where the cache cannot be written, CHARRNN_CACHE is named, whatever was to be kept and however far that went."""

import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from corpus_support import WORKS, Site, entry
from support import STORIES

from charrnn import compiled
from charrnn.compiled import kernels
from charrnn.corpus import read_file
from charrnn.corpus.catalogue.obtain import fetch
from charrnn.data.dataset import Source, TrainingText
from charrnn.errors import UserError

resource = pytest.importorskip("resource")  # which Windows lacks
SIZES = [0, 100, 4000, 60_000, 100_000]  # bytes that a file may have: the cache breaks off sooner or later


@contextmanager
def limited(size: int) -> Iterator[None]:
    """No file grows beyond so many bytes, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture(params=["a file", "under a file", "where nothing can be made"])
def unusable(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache that cannot be, for any user."""
    (tmp_path / "file").write_text("x", encoding="utf-8")
    places = {"a file": tmp_path / "file", "under a file": tmp_path / "file" / "cache"}
    place = places.get(request.param, Path("/proc/charrnn"))
    if request.param not in places and not Path("/proc/self").exists():
        pytest.skip("no /proc here")
    monkeypatch.setenv("CHARRNN_CACHE", str(place))
    return place


@pytest.fixture
def stick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with the works of the tests' catalogue."""
    (tmp_path / "stick").mkdir()
    for name, data in WORKS.items():
        (tmp_path / "stick" / name).write_bytes(data)
    monkeypatch.setenv("CHARRNN_CORPORA", str(tmp_path / "stick"))


def refused(place: Path) -> "pytest.RaisesExc[UserError]":
    return pytest.raises(
        UserError, match=rf"^{place}: the cache cannot be written \(.+\); set CHARRNN_CACHE to another"
    )


def test_texts(unusable: Path) -> None:
    with refused(unusable):
        TrainingText.prepare(Source.of([STORIES]))


def test_works(unusable: Path, stick: None) -> None:
    with refused(unusable):
        fetch([entry(name, data) for name, data in WORKS.items()])


@kernels.kernel
def hashed(keys: np.ndarray, found: np.ndarray) -> None:
    for n in range(len(keys)):
        found[n] = kernels.mix(keys[n], keys[n])


def test_machine_code(unusable: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A loop runs all the same, at once as well as compiled with care."""
    monkeypatch.setenv("CHARRNN_LOOPS", str(unusable))
    compiled.folder_of.cache_clear()
    try:
        keys, found = np.arange(3, dtype=np.uint64), np.zeros(3, dtype=np.uint64)
        for run in (hashed, kernels.at_once(hashed)):
            run(keys, found)
            assert len({*found.tolist()}) == 3
    finally:
        compiled.folder_of.cache_clear()


@pytest.mark.parametrize("size", SIZES)
def test_texts_on_a_full_disk(size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error leaves nothing behind that would be in the way later."""
    place = tmp_path / "cache"
    monkeypatch.setenv("CHARRNN_CACHE", str(place))
    source = Source.of([STORIES])
    with refused(place), limited(size):
        TrainingText.prepare(source)
    assert not list((place / "tokens").iterdir())
    assert TrainingText.prepare(source).train.characters > 50_000


@pytest.mark.parametrize("size", SIZES)
def test_works_on_a_full_disk(size: int, tmp_path: Path, stick: None, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "cache"
    monkeypatch.setenv("CHARRNN_CACHE", str(place))
    works = [entry(name, data) for name, data in WORKS.items()]
    with refused(place), limited(size):
        fetch(works)
    assert len(fetch(works).found) == len(works)


@pytest.mark.parametrize("size", SIZES)
def test_downloads_on_a_full_disk(
    size: int,
    tmp_path: Path,
    site: Site,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place = tmp_path / "cache"
    monkeypatch.setenv("CHARRNN_CACHE", str(place))
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.delenv("CHARRNN_CORPORA", raising=False)
    with refused(place), limited(size):
        fetch(site.works())
    assert len(fetch(site.works()).found) == len(WORKS)


@pytest.mark.parametrize("size", SIZES)
def test_temporary_files_name_their_folder(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of texts from a pipe or a packed file."""
    data = STORIES.read_bytes() * 2
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
    with pytest.raises(UserError, match=rf"^{tempfile.gettempdir()}: .+ \(.+\); set TMPDIR"), limited(size):
        read_file("-")
