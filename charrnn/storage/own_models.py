"""The models in one's own folder: renamed, removed, and brought back for a day. Shipped ones are never touched."""

import os
import time
from pathlib import Path

from charrnn import paths
from charrnn.errors import UserError, cause
from charrnn.storage import registry, run_log

REMOVED = ".removed"  # the folder of removed models, within that of all; its names end with the model's
DAY = 86400.0  # seconds for which a removed model can come back


def rename(models: Path, name: str, new: str) -> Path:
    """Give a model another name. Raises UserError if it may not have it, or if the model is being trained."""
    path, target = _own(models, name), models / registry.checked_name(new)
    if target.exists():
        raise UserError("model-name-taken", found=new)
    _move(path, target)
    return target


def remove(models: Path, name: str) -> None:
    """Put a model aside; `bring_back` undoes it. Raises UserError if it is not there, or is being trained."""
    path = _own(models, name)
    aside = models / REMOVED / f"{time.time_ns()}-{name}"
    try:
        aside.parent.mkdir(exist_ok=True)
        os.utime(path)  # its day begins
    except OSError as error:
        raise UserError("system-refused", name=path, cause=cause(error)) from None
    _move(path, aside)


def bring_back(models: Path) -> str:
    """Put the model that was removed last back in its place, and return its name. Raises UserError if that fails."""
    last = max(_removed(models), default=None)
    if last is None:
        raise UserError("nothing-removed")
    name = _name_of(last)
    if (models / name).exists():
        raise UserError("model-name-taken", found=name)
    _move(last, models / name)
    return name


def removed_last(models: Path) -> str | None:
    """Return the name of the model that `bring_back` would bring; None if there is none. Older ones are deleted."""
    paths.remove_stale(models / REMOVED, "*", DAY)
    last = max(_removed(models), default=None)
    return None if last is None else _name_of(last)


def _removed(models: Path) -> list[Path]:
    found = (models / REMOVED).glob("*-*")
    return sorted(path for path in found if path.name.partition("-")[0].isdecimal() and registry.is_model(path))


def _name_of(aside: Path) -> str:
    return aside.name.partition("-")[2]


def _own(models: Path, name: str) -> Path:
    """Return the directory of a model right under `models`, which nobody trains. Raises UserError for any other."""
    known = {path.name: path for path in registry.directories(models)}
    if name not in known or models.resolve() == registry.SHIPPED.resolve():
        raise UserError("not-an-own-model", name=name, folder=models)
    if run_log.is_live(known[name]):
        raise UserError("run-in-training", folder=known[name])
    return known[name]


def _move(path: Path, target: Path) -> None:
    try:
        path.rename(target)
        paths.sync(target.parent)
        paths.sync(path.parent)
    except OSError as error:
        raise UserError("system-refused", name=path, cause=cause(error)) from None
