"""A model as one file: it comes back as it was, and a stranger's file is refused in one line before it is unpacked."""

import io
import os
import shutil
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from disk import Disk

import charrnn
from charrnn.errors import UserError
from charrnn.model import CharRNN
from charrnn.storage import checkpoint, packing, registry


@pytest.fixture
def packed(tmp_path: Path, saved: Path) -> Path:
    packing.pack(saved, tmp_path / "meu.charrnn")
    return tmp_path / "meu.charrnn"


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def refusal(file: Path, directory: Path) -> str:
    """Try to unpack, and to read in place: nothing is left behind; return the code of the one line."""
    codes = []
    for attempt in (lambda: packing.unpack(file, directory), lambda: registry.find(file)):
        with pytest.raises(UserError) as refused:
            attempt()
        assert "\n" not in str(refused.value) + refused.value.render("pt")
        codes.append(refused.value.code)
    assert not directory.exists()
    assert not [*directory.parent.glob(".unpacked-*")]
    assert codes[0] == codes[1]
    return codes[0]


def test_a_full_disk_is_named(packed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Disk(monkeypatch, 3, is_full=True)
    with pytest.raises(UserError) as refused:
        packing.unpack(packed, tmp_path / "small" / "meu")
    assert "small" in str(refused.value)


def test_a_model_comes_back_as_it_was(
    tmp_path: Path, joined: CharRNN, tokenizer: checkpoint.CharTokenizer, packed: Path
) -> None:
    checkpoint.create(tmp_path / "joined", joined, tokenizer)
    (tmp_path / "joined" / "training" / "state.safetensors").write_bytes(b"mine")
    packing.pack(tmp_path / "joined", packed)
    packing.unpack(packed, tmp_path / "again")
    assert contents(tmp_path / "again") == contents(tmp_path / "joined")
    assert {path.name for path in (tmp_path / "again").iterdir()} == set(contents(tmp_path / "joined"))  # no training/
    first = packed.read_bytes()
    os.utime(tmp_path / "again" / "config.json", (0, 0))
    packing.pack(tmp_path / "again", packed)
    assert packed.read_bytes() == first


def test_a_pack_is_a_model_wherever_a_model_is_named(packed: Path) -> None:
    found = registry.find(packed)
    assert registry.find(str(packed)) == found
    assert found.name == "meu"
    model, _ = checkpoint.load(packed)
    assert model.name == "meu"
    packed.rename(packed.with_name("Novo (1).charrnn"))
    assert registry.find(packed.with_name("Novo (1).charrnn")).name == "Novo-1"


def test_the_cache_keeps_few_packs(packed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHARRNN_CACHE", str(tmp_path / "cache"))
    packing._opened.cache_clear()
    model = contents(registry.find(packed))
    for number in range(packing.KEPT + 2):
        (tmp_path / "other").mkdir(exist_ok=True)
        for name, data in (model | {"README.md": str(number).encode()}).items():
            (tmp_path / "other" / name).write_bytes(data)
        packing.pack(tmp_path / "other", packed)
        assert (registry.find(packed) / "README.md").read_text() == str(number)
    assert len([*(tmp_path / "cache" / "packs").glob("[0-9a-f]*")]) == packing.KEPT


def test_what_is_there_is_never_replaced(packed: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    packing.unpack(packed, tmp_path / "mine")  # empty
    before = contents(tmp_path / "mine")
    with pytest.raises(UserError) as refused:
        packing.unpack(packed, tmp_path / "mine")
    assert refused.value.code == "unpack-name-taken"
    assert contents(tmp_path / "mine") == before


Change = Callable[[dict[str, bytes]], list[tuple[zipfile.ZipInfo | str, bytes]]]


def entry(name: str, mode: int = stat.S_IFREG | 0o644, **fields: int) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(name)
    made.external_attr, made.compress_type = mode << 16, fields.get("kind", zipfile.ZIP_DEFLATED)
    return made


FOREIGN: dict[str, Change] = {
    "slip": lambda model: [*model.items(), ("../../escaped", b"x")],
    "absolute": lambda model: [*model.items(), ("/tmp/escaped", b"x")],
    "backslash": lambda model: [*model.items(), ("..\\escaped", b"x")],
    "folder": lambda model: [(f"meu/{name}", data) for name, data in model.items()],
    "pickle": lambda model: [*model.items(), ("pytorch_model.bin", b"x")],
    "training": lambda model: [*model.items(), ("training/state.safetensors", b"x")],
    "capitals": lambda model: [*model.items(), ("CONFIG.JSON", b"x")],
    "twice": lambda model: [*model.items(), ("config.json", b"{}")],
    "link": lambda model: [*model.items(), (entry("README.md", stat.S_IFLNK | 0o777), b"/etc/passwd")],
    "device": lambda model: [*model.items(), (entry("README.md", stat.S_IFCHR | 0o777), b"")],
    "method": lambda model: [*model.items(), (entry("README.md", kind=zipfile.ZIP_LZMA), b"x")],
    "many": lambda model: [*model.items(), *((f"{number}", b"") for number in range(3000))],
}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("kind", FOREIGN)
def test_what_no_model_has_is_refused(packed: Path, saved: Path, tmp_path: Path, kind: str) -> None:
    model = contents(saved)
    model.pop("README.md", None)
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in FOREIGN[kind](model):
            archive.writestr(name, data)
    assert refusal(packed, tmp_path / "models" / "new") in ("pack-foreign", "pack-damaged")
    assert not [*tmp_path.rglob("escaped")]


def test_a_pack_with_a_password_is_refused(packed: Path, tmp_path: Path) -> None:
    data = bytearray(packed.read_bytes())
    data[data.index(b"PK\1\2") + 8] |= 1
    packed.write_bytes(data)
    assert refusal(packed, tmp_path / "new") == "pack-foreign"


@pytest.mark.parametrize("name", ["README.md", "model.safetensors"])
def test_a_bomb_is_not_unpacked(packed: Path, saved: Path, tmp_path: Path, name: str) -> None:
    """One whose list tells its size, and one whose list lies."""
    for stated in (None, 10):
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for own, data in (contents(saved) | {name: bytes(2**23)}).items():
                archive.writestr(own, data)
        if stated is not None:
            data = bytearray(packed.read_bytes())
            at = data.rindex(name.encode()) - 46  # where its entry in the list begins
            data[at + 24 : at + 28] = stated.to_bytes(4, "little")
            packed.write_bytes(data)
        expected = ("pack-bomb", "part-too-large") if stated is None else ("pack-damaged",)
        assert refusal(packed, tmp_path / "new") in expected


def test_a_pack_that_was_cut_or_changed_is_refused(packed: Path, tmp_path: Path) -> None:
    whole = packed.read_bytes()
    for cut in (1, 21, 22, 100, len(whole) // 2, len(whole) - 3):
        packed.write_bytes(whole[:-cut])
        assert refusal(packed, tmp_path / "new") in ("pack-damaged", "not-a-pack")
    packed.write_bytes(whole[: len(whole) // 3] + b"?" + whole[len(whole) // 3 + 1 :])
    assert refusal(packed, tmp_path / "new") == "pack-damaged"
    packed.write_bytes(whole + b"more")
    assert refusal(packed, tmp_path / "new") == "pack-damaged"
    packed.write_bytes(b"Era uma vez")
    assert refusal(packed, tmp_path / "new") == "not-a-pack"


@pytest.mark.parametrize("name", packing.NEEDED)
def test_half_a_model_is_refused(packed: Path, saved: Path, tmp_path: Path, name: str) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for own, data in contents(saved).items():
            if own != name:
                archive.writestr(own, data)
    packed.write_bytes(buffer.getvalue())
    assert refusal(packed, tmp_path / "new") == "pack-incomplete"
    (saved.parent / "half").mkdir(exist_ok=True)
    with pytest.raises(UserError):
        packing.pack(saved.parent / "half", packed)


def test_a_model_that_cannot_be_read_is_not_unpacked(packed: Path, saved: Path, tmp_path: Path) -> None:
    model = contents(saved)
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in (model | {"model.safetensors": model["model.safetensors"][:-4]}).items():
            archive.writestr(name, data)
    with pytest.raises(UserError) as refused:
        packing.unpack(packed, tmp_path / "models" / "new")
    assert refused.value.code == "pack-unusable"
    assert not [*(tmp_path / "models").iterdir()]


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a\\b", "-a", "a b", ".a", "a.b", "a" * 200, "CON:"])
def test_names_that_lead_elsewhere_are_refused(name: str) -> None:
    with pytest.raises(UserError) as refused:
        registry.checked_name(name)
    assert refused.value.code == "model-name-malformed"


def test_what_a_link_leads_to_is_not_given_away(packed: Path, saved: Path, tmp_path: Path) -> None:
    """But the hub's own cache is made of links."""
    (tmp_path / "secret.txt").write_text("mine")
    linked = shutil.copytree(saved, tmp_path / "hub" / "snapshots" / "2")
    card = linked / "README.md"
    card.unlink(missing_ok=True)
    card.symlink_to(tmp_path / "secret.txt")
    with pytest.raises(UserError) as refused:
        packing.pack(linked, packed)
    assert refused.value.code == "part-leads-out"
    card.unlink()
    (tmp_path / "hub" / "blobs").mkdir()
    (tmp_path / "hub" / "blobs" / "1").write_text("a card")
    card.symlink_to("../../blobs/1")
    packing.pack(linked, packed)
    assert (registry.find(packed) / "README.md").read_text() == "a card"


@pytest.mark.parametrize("where", [".", ".."])
def test_the_folder_that_one_is_in_stays(
    packed: Path, saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """It would be gone from under the shell, and a name that is relative to it would lead nowhere."""
    (tmp_path / "new" / "inner").mkdir(parents=True)
    for folder in (tmp_path / "new" / "inner", saved):
        monkeypatch.chdir(folder)
        for attempt in (
            lambda: packing.unpack(packed, Path(where)),
            lambda: checkpoint.refuse_to_replace(Path(where), overwrite=True),
        ):
            with pytest.raises(UserError) as refused:
                attempt()
            assert refused.value.code == "folder-around-us"
    charrnn.load(saved)
