"""Models in memory: each loaded once for all requests. Importing this loads no torch."""

import contextlib
import functools
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from charrnn import compiled, paths
from charrnn.config import SampleConfig
from charrnn.errors import Phrase, UserError, near
from charrnn.storage import registry

if TYPE_CHECKING:  # loads numpy, for which a server's start does not wait
    from charrnn.sampling import Sampler

_loading = threading.Lock()


class Version(NamedTuple):
    """A model at one moment: training may replace the weights of a directory."""

    path: Path
    modified: int


def refuse_other_than_folder(models: Path) -> None:
    """Raise UserError if the folder of the trained models, which need not exist, is something else."""
    if paths.is_loop(models):
        raise UserError("system-refused", name=models, cause=Phrase("os-link-loop"))
    if models.exists() and not models.is_dir():
        raise UserError("models-not-a-folder", path=models, found=Phrase("a-file"))


def choices(models: Path) -> dict[str, registry.ModelEntry]:
    """Return the models by name. A trained one hides a shipped one of its name, as in `registry.find`."""
    return {entry.name: entry for entry in registry.models(models)}


def preselected(models: Path) -> str | None:
    """Return the model that `charrnn sample` takes by default, else the first."""
    names = {entry.path.resolve(): name for name, entry in choices(models).items()}
    try:
        default = names.get(registry.find(trained=models).resolve())
    except UserError:
        default = None
    return default or next(iter(names.values()), None)


def version(path: Path) -> Version:
    weights = path / "model.safetensors"  # as in `charrnn.storage.checkpoint`, which loads torch
    return Version(path, weights.stat().st_mtime_ns if weights.exists() else 0)


def sampler(model: Version) -> "Sampler":
    """Return the model, loaded once. It holds no state, so all visitors share it."""
    from charrnn.sampling import engine_choice

    with _loading:  # else two visitors at once would each load it
        return _sampler(model, engine_choice.choose())


@functools.lru_cache(maxsize=3)
def _sampler(model: Version, engine: str) -> "Sampler":
    from charrnn.sampling import Sampler
    from charrnn.storage import saved_model

    return Sampler(*saved_model.read(model.path), engine)


@dataclass(frozen=True)
class ServedModels:
    """The models that requests may name: some directories or, without them, the shipped models and all of a folder."""

    folder: Path = registry.TRAINED
    only: Sequence[Path] = ()

    def __post_init__(self) -> None:
        names = [registry.spoken(path) for path in self.only]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise UserError("two-served-models", name=twice[0])

    def paths(self) -> dict[str, Path]:
        """Return the directories by name, the default first. A trained model hides a shipped one of its name."""
        if self.only:
            return {registry.spoken(path): path for path in self.only}
        found = [*registry.directories(registry.SHIPPED), *registry.directories(self.folder)]
        with contextlib.suppress(UserError):  # of a default that is not there
            default = registry.find(trained=self.folder).resolve()
            found.sort(key=lambda path: path.resolve() != default)
        return {path.name: path for path in found}

    def version(self, name: str | None) -> Version:
        """Return the model of a name; of None, the default. Raises UserError if none has it."""
        known = self.paths()
        if name is None and known:
            return version(next(iter(known.values())))
        if name not in known:
            raise UserError("no-served-model", name=name or "", near=near(name or "", known), known=", ".join(known))
        return version(known[name])

    def prepare(self) -> None:
        """Fill the caches that the first text needs by another process, if the loops were never compiled.

        A thread would hold up what is imported meanwhile: both need Python's lock.
        """
        if compiled.folder_of("charrnn.sampling.compiled.steps").exists():
            return
        with contextlib.suppress(UserError, OSError):
            model = str(self.version(None).path)
            compiled.aside("charrnn", "sample", "--length", 1, "--engine", "f32", "--model", model)

    def warm(self) -> None:
        """Load what the first text needs."""
        with contextlib.suppress(UserError):  # told when a text is requested
            sampler(self.version(None)).generate("", SampleConfig(length=2, seed=0))
