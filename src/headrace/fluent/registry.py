"""Registered models through the store in use."""

from contextlib import suppress
from typing import Any

from headrace.client.paging import PagedList, all_pages
from headrace.client.tracking import MlflowClient
from headrace.entities import ModelVersion, RegisteredModel
from headrace.errors import AlreadyExistsError, UnsupportedError
from headrace.fluent.downloads import made_by

_PAGE = 1_000


def register_model(
    model_uri: str,
    name: str,
    await_registration_for: int = 300,  # noqa: ARG001  (a version is ready when it is there)
    *,
    tags: dict[str, Any] | None = None,
    env_pack: Any = None,
) -> ModelVersion:
    """The next version of a registered model, which is made if it is missing.

    ``model_uri`` is ``models:/m-...``, ``runs:/RUN/NAME``, another version, or where files are.
    """
    if env_pack is not None:
        raise UnsupportedError("env_pack belongs to Databricks; leave it out.")
    client = MlflowClient()
    with suppress(AlreadyExistsError):
        client.create_registered_model(name)
    scheme, _, rest = model_uri.partition(":")
    owner, _, path = rest.strip("/").partition("/")
    if scheme == "runs":
        model = None if client.list_artifacts(owner, path) else made_by(client, owner, path)
        if model is None:
            return client.create_model_version(name, model_uri, owner, tags)
        return client.create_model_version(
            name, model.model_uri, owner, tags, model_id=model.model_id
        )
    model_id = owner if scheme == "models" and owner.startswith("m-") else None
    return client.create_model_version(name, model_uri, None, tags, model_id=model_id)


def search_registered_models(
    max_results: int | None = None,
    filter_string: str | None = None,
    order_by: list[str] | None = None,
) -> list[RegisteredModel]:
    """The registered models that match; all of them without ``max_results``."""
    client = MlflowClient()

    def page(size: int, token: str | None) -> PagedList[RegisteredModel]:
        return client.search_registered_models(filter_string, size, order_by, token)

    return all_pages(page, _PAGE, max_results)


def search_model_versions(
    max_results: int | None = None,
    filter_string: str | None = None,
    order_by: list[str] | None = None,
) -> list[ModelVersion]:
    """The versions of registered models that match; all of them without ``max_results``."""
    client = MlflowClient()

    def page(size: int, token: str | None) -> PagedList[ModelVersion]:
        return client.search_model_versions(filter_string, size, order_by, token)

    return all_pages(page, _PAGE, max_results)


def set_model_version_tag(
    name: str, version: str | None = None, key: str | None = None, value: Any = None
) -> None:
    """Set one tag of a version."""
    MlflowClient().set_model_version_tag(name, version, key, value)
