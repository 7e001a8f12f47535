"""One's own models: renamed, removed and brought back; nothing else is ever touched."""

import os
import shutil
import time
from pathlib import Path

import pytest

from charrnn.errors import UserError
from charrnn.storage import own_models, registry, run_log


@pytest.fixture
def models(saved: Path, tmp_path: Path) -> Path:
    for name in ("meu", "outro"):
        shutil.copytree(saved, tmp_path / "models" / name)
    return tmp_path / "models"


def names(models: Path) -> list[str]:
    return [path.name for path in registry.directories(models)]


def code(*given: object) -> str:
    action, *rest = given
    with pytest.raises(UserError) as refused:
        action(*rest)  # type: ignore[operator]
    assert "\n" not in str(refused.value) + refused.value.render("pt")
    return refused.value.code


def test_a_model_is_renamed_unless_the_name_is_taken_or_leads_elsewhere(models: Path) -> None:
    assert own_models.rename(models, "meu", "novo-1") == models / "novo-1"
    assert names(models) == ["novo-1", "outro"]
    assert code(own_models.rename, models, "novo-1", "outro") == "model-name-taken"
    for wrong in ("../novo", "", ".", ".novo", "a/b", "-x"):
        assert code(own_models.rename, models, "outro", wrong) == "model-name-malformed"
    for wrong in ("last", "Auto", "scratch", "NUL", "machado"):  # which mean something else
        assert code(own_models.rename, models, "outro", wrong) == "model-name-reserved"
    assert names(models) == ["novo-1", "outro"]
    assert registry.named_after("last.txt") == "last-model"


def test_what_is_removed_comes_back_the_last_first(models: Path) -> None:
    own_models.remove(models, "meu")
    own_models.remove(models, "outro")
    assert names(models) == []
    assert [entry.name for entry in registry.models(models) if not entry.shipped] == []
    assert own_models.removed_last(models) == "outro"
    assert [own_models.bring_back(models), own_models.bring_back(models)] == ["outro", "meu"]
    assert names(models) == ["meu", "outro"]
    assert own_models.removed_last(models) is None
    assert code(own_models.bring_back, models) == "nothing-removed"


def test_what_is_removed_does_not_replace_a_newer_model(models: Path) -> None:
    own_models.remove(models, "meu")
    own_models.rename(models, "outro", "meu")
    assert code(own_models.bring_back, models) == "model-name-taken"


def test_after_a_day_it_is_gone(models: Path) -> None:
    os.utime(models / "meu", (0, 0))  # an old model, removed today
    own_models.remove(models, "meu")
    assert own_models.removed_last(models) == "meu"
    for path in (models / own_models.REMOVED).iterdir():
        os.utime(path, (time.time() - own_models.DAY - 1,) * 2)
    assert own_models.removed_last(models) is None
    assert not [*(models / own_models.REMOVED).iterdir()]


@pytest.mark.parametrize("name", ["../outside", "machado", "", ".", "..", ".removed", "nope", "meu/training"])
def test_only_models_right_in_the_folder_are_touched(models: Path, saved: Path, name: str) -> None:
    shutil.copytree(saved, models.parent / "outside")
    for action in (own_models.remove, lambda *given: own_models.rename(*given, "novo")):
        assert code(action, models, name) == "not-an-own-model"
    assert (models.parent / "outside" / "config.json").exists()
    assert code(own_models.remove, registry.SHIPPED, "machado") == "not-an-own-model"
    assert registry.is_model(registry.SHIPPED / "machado")


def test_a_link_is_removed_and_not_what_it_points_to(models: Path, saved: Path) -> None:
    (models / "link").symlink_to(saved)
    own_models.remove(models, "link")
    assert registry.is_model(saved)
    assert own_models.bring_back(models) == "link"
    own_models.remove(models, "link")
    shutil.rmtree(models / own_models.REMOVED)
    assert registry.is_model(saved)


def test_a_model_in_training_stays(models: Path) -> None:
    with run_log.held(models / "meu"):
        assert code(own_models.remove, models, "meu") == "run-in-training"
        assert code(own_models.rename, models, "meu", "novo") == "run-in-training"
    own_models.remove(models, "meu")
