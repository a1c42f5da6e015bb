"""Registered models, as the explicit client offers them."""

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from headrace.client.connection import Connected
from headrace.client.paging import PagedList
from headrace.client.source import user
from headrace.entities import ModelVersion, ModelVersionTag, RegisteredModel, RegisteredModelTag
from headrace.errors import AlreadyExistsError, InvalidValueError
from headrace.wire import registry as r

_OF_VERSION = re.compile(r"models:/+(?P<name>[^/@]+)/(?P<version>[0-9]+)/?", re.ASCII)


class RegisteredModels(Connected):
    """Makes, finds and changes registered models, their versions, aliases and stages."""

    def create_registered_model(
        self,
        name: str,
        tags: Mapping[str, Any] | None = None,
        description: str | None = None,
        deployment_job_id: str | None = None,  # noqa: ARG002  (of a service that is not here)
    ) -> RegisteredModel:
        """A new model without versions; `AlreadyExistsError` if the name is taken."""
        given = [RegisteredModelTag(str(key), str(value)) for key, value in (tags or {}).items()]
        question = r.CreateRegisteredModel(name, given, description)
        return self._store.create_registered_model(question).registered_model

    def get_registered_model(self, name: str) -> RegisteredModel:
        """The model of this name, with its latest versions."""
        return self._store.get_registered_model(r.GetRegisteredModel(name)).registered_model

    def rename_registered_model(self, name: str, new_name: str) -> RegisteredModel:
        """Give it another name, which must be free."""
        question = r.RenameRegisteredModel(name, new_name)
        return self._store.rename_registered_model(question).registered_model

    def update_registered_model(
        self,
        name: str,
        description: str | None = None,
        deployment_job_id: str | None = None,  # noqa: ARG002
    ) -> RegisteredModel:
        """Replace its description."""
        question = r.UpdateRegisteredModel(name, description)
        return self._store.update_registered_model(question).registered_model

    def delete_registered_model(self, name: str) -> None:
        """Remove it with all its versions."""
        self._store.delete_registered_model(r.DeleteRegisteredModel(name))

    def search_registered_models(
        self,
        filter_string: str | None = None,
        max_results: int = 100,
        order_by: list[str] | None = None,
        page_token: str | None = None,
    ) -> PagedList[RegisteredModel]:
        """A page of the models that match, by name unless ordered otherwise."""
        question = r.SearchRegisteredModels(
            filter_string, max_results or 100, order_by or [], page_token
        )
        found = self._store.search_registered_models(question)
        return PagedList(found.registered_models, found.next_page_token)

    def set_registered_model_tag(self, name: str, key: str, value: Any) -> None:
        """Set one tag of a model."""
        self._store.set_registered_model_tag(r.SetRegisteredModelTag(name, key, str(value)))

    def delete_registered_model_tag(self, name: str, key: str) -> None:
        """Remove one tag of a model, if it is there."""
        self._store.delete_registered_model_tag(r.DeleteRegisteredModelTag(name, key))

    def get_latest_versions(self, name: str, stages: list[str] | None = None) -> list[ModelVersion]:
        """The highest version in each stage, or in those that are named."""
        question = r.GetLatestVersions(name, stages or [])
        return self._store.get_latest_versions(question).model_versions

    # Versions

    def create_model_version(
        self,
        name: str,
        source: str,
        run_id: str | None = None,
        tags: Mapping[str, Any] | None = None,
        run_link: str | None = None,
        description: str | None = None,
        await_creation_for: int = 300,  # noqa: ARG002  (a version is ready when it is there)
        model_id: str | None = None,
    ) -> ModelVersion:
        """The next version of a model; ``source`` is where its files are: ``models:/m-...``, ``runs:/ID/path``..."""
        given = [ModelVersionTag(str(key), str(value)) for key, value in (tags or {}).items()]
        question = r.CreateModelVersion(
            name, source, run_id, given, run_link, description, model_id, user()
        )
        return self._store.create_model_version(question).model_version

    def register_models(self, versions: list[r.CreateModelVersion]) -> list[r.RegisteredVersion]:
        """Make many versions at once, all or none; models that are not there are made.

        Not of MLflow. A call takes up to 5,000.
        """
        return self._store.register_models(r.RegisterModels(versions)).versions

    def copy_model_version(self, src_model_uri: str, dst_name: str) -> ModelVersion:
        """The version ``models:/name/version`` as a new version of another model, made if it is missing."""
        found = _OF_VERSION.fullmatch(src_model_uri)
        if found is None:
            raise InvalidValueError(
                f"'{src_model_uri}' is no version of a registered model: models:/NAME/VERSION."
            )
        source = self.get_model_version(found["name"], found["version"])
        with suppress(AlreadyExistsError):
            self.create_registered_model(dst_name)
        return self.create_model_version(
            dst_name, src_model_uri, source.run_id, source.tags, source.run_link, source.description
        )

    def get_model_version(self, name: str, version: str) -> ModelVersion:
        """One version, with its tags and aliases."""
        question = r.GetModelVersion(name, str(version))
        return self._store.get_model_version(question).model_version

    def get_model_version_by_alias(self, name: str, alias: str) -> ModelVersion:
        """The version that an alias stands for."""
        return self._store.get_model_version_by_alias(r.GetByAlias(name, alias)).model_version

    def get_model_version_download_uri(self, name: str, version: str) -> str:
        """Where its files are."""
        question = r.GetDownloadUri(name, str(version))
        return self._store.get_model_version_download_uri(question).artifact_uri

    def get_model_version_stages(self, name: str, version: str) -> list[str]:  # noqa: ARG002
        """The stages that there are."""
        return list(r.STAGES)

    def update_model_version(
        self, name: str, version: str, description: str | None = None
    ) -> ModelVersion:
        """Replace its description."""
        question = r.UpdateModelVersion(name, str(version), description)
        return self._store.update_model_version(question).model_version

    def transition_model_version_stage(
        self, name: str, version: str, stage: str, archive_existing_versions: bool = False
    ) -> ModelVersion:
        """Move it to a stage, and to Archived what was there, if that is wanted: in one step."""
        question = r.TransitionStage(name, str(version), stage, archive_existing_versions, user())
        return self._store.transition_model_version_stage(question).model_version

    def delete_model_version(self, name: str, version: str) -> None:
        """Remove it; its number is not given again."""
        self._store.delete_model_version(r.DeleteModelVersion(name, str(version)))

    def search_model_versions(
        self,
        filter_string: str | None = None,
        max_results: int = 10_000,
        order_by: list[str] | None = None,
        page_token: str | None = None,
    ) -> PagedList[ModelVersion]:
        """A page of the versions that match, the last changed first unless ordered otherwise."""
        question = r.SearchModelVersions(
            filter_string, max_results or 10_000, order_by or [], page_token
        )
        found = self._store.search_model_versions(question)
        return PagedList(found.model_versions, found.next_page_token)

    def set_model_version_tag(
        self,
        name: str,
        version: str | None = None,
        key: str | None = None,
        value: Any = None,
        stage: str | None = None,
    ) -> None:
        """Set one tag of a version, or of the latest one in a stage."""
        number = self._one_version(name, version, stage)
        self._store.set_model_version_tag(
            r.SetModelVersionTag(name, number, _key(key), "" if value is None else str(value))
        )

    def delete_model_version_tag(
        self,
        name: str,
        version: str | None = None,
        key: str | None = None,
        stage: str | None = None,
    ) -> None:
        """Remove one tag of a version, or of the latest one in a stage, if it is there."""
        number = self._one_version(name, version, stage)
        self._store.delete_model_version_tag(r.DeleteModelVersionTag(name, number, _key(key)))

    def _one_version(self, name: str, version: str | None, stage: str | None) -> str:
        if (version is None) == (stage is None):
            raise InvalidValueError("Give version or stage, and not both.")
        if version is not None:
            return str(version)
        latest = self.get_latest_versions(name, [str(stage)])
        if not latest:
            raise InvalidValueError(f"'{name}' has no version in the stage {stage}.")
        return latest[0].version

    # Aliases

    def set_registered_model_alias(self, name: str, alias: str, version: str) -> None:
        """Have an alias stand for a version from now on."""
        self._store.set_registered_model_alias(r.SetAlias(name, alias, str(version)))

    def delete_registered_model_alias(self, name: str, alias: str) -> None:
        """Remove an alias, if it is there."""
        self._store.delete_registered_model_alias(r.DeleteAlias(name, alias))


def _key(key: str | None) -> str:
    if key is None:
        raise InvalidValueError("Give the key of the tag.")
    return key
