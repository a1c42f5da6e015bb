"""What a URI ``models:/...`` names: a logged model, or a version of a registered one by number, alias or stage."""

import re
from typing import NamedTuple

from headrace.client.tracking import MlflowClient
from headrace.errors import InvalidValueError, NotFoundError

_MODEL = re.compile(r"models:/+(?P<owner>[^/]+)(?P<rest>(?:/.*)?)", re.DOTALL)


class ModelUri(NamedTuple):
    """A name and what chooses one of its versions; or, with neither, the id of a logged model."""

    name: str
    which: str | None
    """A number, a stage or ``latest``."""
    alias: str | None
    path: str
    """Below the model's folder; empty for all of it."""

    @property
    def is_logged(self) -> bool:
        """Whether it is a logged model."""
        return self.which is None and self.alias is None


def parse(uri: str) -> ModelUri | None:
    """The parts of a URI; ``None`` where its scheme is another, `InvalidValueError` where it names no model."""
    found = _MODEL.fullmatch(uri)
    if found is None:
        return None
    owner, rest = found["owner"], found["rest"].strip("/")
    name, _, alias = owner.partition("@")
    if alias:
        return ModelUri(name, None, alias, rest)
    if owner.startswith("m-"):
        return ModelUri(owner, None, None, rest)
    which, _, path = rest.partition("/")
    if not which:
        raise InvalidValueError(
            f"'{uri}' does not say which version: models:/{owner}/VERSION, models:/{owner}@ALIAS, "
            f"models:/{owner}/STAGE or models:/{owner}/latest. A logged model is models:/m-..."
        )
    return ModelUri(owner, which, None, path)


def version_of(client: MlflowClient, uri: ModelUri) -> str:
    """The number of the version that a URI means now; `NotFoundError` if there is none."""
    which = uri.which or ""
    if uri.alias is not None:
        return client.get_model_version_by_alias(uri.name, uri.alias).version
    if which.isascii() and which.isdecimal():
        return which
    if which.lower() == "latest":
        return client.get_model_version_by_alias(uri.name, "latest").version
    latest = client.get_latest_versions(uri.name, [which])
    if not latest:
        raise NotFoundError(f"The registered model '{uri.name}' has no version in '{which}'.")
    return latest[0].version


def place_of(client: MlflowClient, uri: ModelUri) -> str:
    """Where the files of the model are now."""
    if uri.is_logged:
        return client.get_logged_model(uri.name).artifact_location
    return client.get_model_version_download_uri(uri.name, version_of(client, uri))
