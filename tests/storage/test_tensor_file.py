"""Files of tensors: arrays come back as they went, and a strange header is refused before memory is taken."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load, save

from charrnn.errors import UserError
from charrnn.storage import tensor_file

HEADERS: dict[str, Callable[[dict[str, Any]], object]] = {
    "a hole": lambda found: found["b"].update(data_offsets=[20, 28]),
    "two arrays in one place": lambda found: found["b"].update(data_offsets=[8, 16]),
    "an array past the end": lambda found: found["b"].update(shape=[3], data_offsets=[16, 28]),
    "too few bytes": lambda found: found["b"].update(shape=[3]),
    "less than nothing": lambda found: found["b"].update(shape=[-1], data_offsets=[16, 12]),
    "half a number": lambda found: found["b"].update(shape=[2.0]),
    "a truth": lambda found: found["b"].update(shape=[2, True]),
    "nothing of a huge width": lambda found: found["b"].update(shape=[0, 2**62], data_offsets=[16, 16]),
    "many dimensions": lambda found: found["b"].update(shape=[2, *[1] * 99]),
    "another format": lambda found: found["b"].update(dtype="F8_E4M3"),
    "a format that is none": lambda found: found["b"].update(dtype=["F32"]),
    "a text": lambda found: found.update(b="text"),
    "nothing": lambda found: found.update(b=None),
    "a line end in a name": lambda found: found.update({"b\nc": found.pop("b")}),
    "half a character in a name": lambda found: found.update({"b\ud800": found.pop("b")}),
    "metadata in no mapping": lambda found: found.update(__metadata__=["a"]),
    "a number as metadata": lambda found: found.update(__metadata__={"a": 1}),
}


@pytest.mark.parametrize("change", HEADERS)
def test_a_header_that_no_program_writes_is_refused(tmp_path: Path, change: str) -> None:
    path = tmp_path / "a.safetensors"
    for changed in (False, True):
        found: dict[str, Any] = {
            "a": {"dtype": "F64", "shape": [2], "data_offsets": [0, 16]},
            "b": {"dtype": "F32", "shape": [2], "data_offsets": [16, 24]},
        }
        if changed:
            HEADERS[change](found)
        header = json.dumps(found).encode()
        path.write_bytes(len(header).to_bytes(8, "little") + header + bytes(24))
        if changed:
            with pytest.raises(UserError) as refused:
                tensor_file.read_arrays(path)
            assert refused.value.code == "not-safetensors"
        else:
            assert set(tensor_file.read_arrays(path)[0]) == {"a", "b"}


@pytest.mark.parametrize("dtype", ["?", "u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8"])
def test_arrays_come_back(tmp_path: Path, dtype: str) -> None:
    for shape in ((), (0,), (3,), (2, 0), (2, 3, 1)):
        array = np.arange(np.prod(shape), dtype=np.float64).reshape(shape).astype(dtype)
        tensor_file.write_arrays(tmp_path / "a", {"one": array, "two": np.zeros(5, np.uint8)}, {"told": "ação"})
        found, metadata = tensor_file.read_arrays(tmp_path / "a")
        assert found["one"].dtype == array.dtype
        np.testing.assert_array_equal(found["one"].reshape(shape), array)
        assert metadata == {"told": "ação"}


def test_no_memory_is_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*given: object, **named: object) -> None:
        raise MemoryError

    tensor_file.write_arrays(tmp_path / "a", {"one": np.zeros(5)})
    monkeypatch.setattr(np, "empty", none)
    with pytest.raises(UserError) as refused:
        tensor_file.read_arrays(tmp_path / "a")
    assert refused.value.code == "system-refused"


def test_the_same_content_has_the_same_bytes() -> None:
    """The library writes metadata in another order each time."""
    arrays, metadata = {"a": np.arange(3.0)}, {name: f'"{name}": ação\n\x1f\u2028😀' for name in "zyxwvu"}
    found = {tensor_file.packed(arrays, metadata) for _ in range(20)}
    assert len(found) == 1
    assert load(found.pop())["a"].tolist() == [0.0, 1.0, 2.0]
    assert tensor_file.packed(arrays) == save(arrays)
