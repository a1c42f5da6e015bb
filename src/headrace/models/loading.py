"""Models fetched and looked at before anything in them is loaded."""

import atexit
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from headrace import plugins
from headrace.artifacts import uris
from headrace.client import transfer
from headrace.client.artifacts import open_files
from headrace.client.tracking import MlflowClient
from headrace.client.transfer import made_here
from headrace.errors import InvalidValueError, NotFoundError
from headrace.fluent import model_uris
from headrace.fluent.downloads import download_artifacts
from headrace.models import cache, manifest
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
    here = _kept(str(uri)) if dst_path is None else None
    if here is not None:
        return here
    found = Path(download_artifacts(str(uri), dst_path=dst_path))
    if dst_path is None:
        _forget_at_exit(found)
    return found


def _kept(uri: str) -> Path | None:
    """The folder of a whole model of the store, if it is one that is kept after it was fetched."""
    model = model_uris.parse(uri)
    if model is None or model.path:
        return None
    client = MlflowClient()
    place = model_uris.place_of(client, model)
    if uris.scheme_of(place) == "file":
        return None
    files = open_files(place, client.tracking_uri)
    return cache.kept(files, lambda folder: transfer.download(files, "", folder))


def _forget_at_exit(path: Path) -> None:
    """Remove what was fetched into a folder of this process, when that ends; models are not small."""
    for folder in (path, *path.parents):
        if folder in made_here:
            atexit.register(shutil.rmtree, folder, ignore_errors=True)


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


def folder_inside(folder: Path, name: object) -> Path:
    """A folder below a folder. One that is not there is refused: libraries would take it for a name on a hub."""
    path = inside(folder, name)
    if not path.is_dir():
        raise InvalidValueError(f"There is no folder {path}.")
    return path


def class_of(library: str, name: str, known: Sequence[str]) -> Any:
    """The class of a library that a model names, with or without its module.

    Raises `InvalidValueError` for one that is not ``known``, whatever making it would do.
    """
    module, _, short = name.rpartition(".")
    if module.partition(".")[0] not in ("", library) or short not in known:
        raise InvalidValueError(
            f"'{name}' is no class of the models of {library}. Known: {', '.join(known)}."
        )
    return getattr(plugins.load(library), short)


def inside(folder: Path, name: object) -> Path:
    """A path below a folder, links followed; `InvalidValueError` for one that leaves it."""
    path = folder / str(name)
    if not path.resolve().is_relative_to(folder.resolve()):
        raise InvalidValueError(f"The model in {folder} names a file outside of it: {str(name)!r}.")
    return path
