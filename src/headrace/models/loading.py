"""Models fetched and looked at before anything in them is loaded."""

import re
from pathlib import Path
from typing import NamedTuple

from headrace.artifacts import uris
from headrace.errors import InvalidValueError, NotFoundError
from headrace.fluent.downloads import download_artifacts
from headrace.models import manifest
from headrace.models.flavor import Flavor
from headrace.models.mlmodel import MLMODEL, Model
from headrace.models.safety import Trust

_OF_THE_STORE = re.compile(r"(runs|models|mlflow-artifacts):/")


class Found(NamedTuple):
    """A model on this machine: read, compared with its manifest, and not yet loaded."""

    folder: Path
    model: Model
    trust: Trust

    def config_of(self, flavor: Flavor) -> dict[str, object]:
        """What it says of a flavor; `NotFoundError` lists the flavors that it has."""
        if flavor.name not in self.model.flavors:
            raise NotFoundError(
                f"The model in {self.folder} is not one of {flavor.name}; it has the flavors "
                f"{', '.join(self.model.flavors)}."
            )
        config: dict[str, object] = self.model.flavors[flavor.name]
        return config

    def inside(self, name: object) -> Path:
        """A path that the description names; `InvalidValueError` if it leaves the model's folder."""
        return inside(self.folder, name)


def find(
    model_uri: str | Path, dst_path: str | None = None, *, allow_code: bool | None = None
) -> Found:
    """The model at a URI or a path.

    What comes from the tracking store in use (`runs:/`, `models:/`) is one's own. Files that are not what
    was saved are a `CorruptDataError`.
    """
    uri = str(model_uri)
    own = _OF_THE_STORE.match(uri) is not None
    folder = fetch(uri, dst_path)
    if not folder.is_dir():
        raise NotFoundError(f"There is no model at '{uri}': {folder} is no folder.")
    return look(folder, own=own, allow_code=allow_code)


def fetch(uri: str | Path, dst_path: str | None = None) -> Path:
    """What is at a URI or a path, on this machine."""
    if uris.scheme_of(str(uri)) == "file" and dst_path is None:
        return uris.local_path(str(uri))
    return Path(download_artifacts(str(uri), dst_path=dst_path))


def look(folder: Path, *, own: bool = False, allow_code: bool | None = None) -> Found:
    """The model in a folder."""
    model = read(folder)
    verdict = manifest.check(folder)
    manifest.require(verdict, folder)
    return Found(folder, model, Trust(folder, verdict, own, allow_code))


def read(folder: Path) -> Model:
    """The description of a model; a link is none, for it may lead anywhere."""
    file = folder / MLMODEL
    if file.is_symlink():
        raise InvalidValueError(f"{file} is a link.")
    return Model.load(folder)


def inside(folder: Path, name: object) -> Path:
    """A path below a folder, links followed; `InvalidValueError` for one that leaves it."""
    path = folder / str(name)
    if not path.resolve().is_relative_to(folder.resolve()):
        raise InvalidValueError(f"The model in {folder} names a file outside of it: {str(name)!r}.")
    return path
