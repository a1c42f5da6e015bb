"""Rules of questions about registered models, their versions and aliases."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import Any

from headrace.entities import ModelVersionTag, RegisteredModelTag
from headrace.errors import InvalidValueError
from headrace.wire import registry as r
from headrace.wire.limits.values import (
    KEY_LENGTH,
    check_count,
    check_key,
    check_length,
    check_range,
    check_run_id,
    check_texts,
    invalid,
)

MODEL_NAME_LENGTH = 256
ALIAS_LENGTH = 255
TAG_BYTES = 100_000
DESCRIPTION_LENGTH = 65_535
SOURCE_LENGTH = 2_048
MAX_TAGS = 100
MAX_AT_ONCE = 5_000
MAX_MODELS_A_PAGE = 1_000
MAX_VERSIONS_A_PAGE = 200_000

_NOT_IN_NAMES = frozenset("/:\\%")
_ALIAS = re.compile(r"[\w\-]+")
_LIKE_A_VERSION = re.compile(r"[vV][0-9]+", re.ASCII)
_VERSION = re.compile(r"[0-9]{1,9}", re.ASCII)


def check_new_name(name: str, field: str = "name") -> None:
    """Raise `InvalidValueError` for what cannot be the name of a new registered model."""
    check_length(name, field, MODEL_NAME_LENGTH)
    if not name.strip() or name != name.strip() or name in (".", ".."):
        raise invalid(field, name, "a name begins and ends with something else than a blank")
    if any(letter in _NOT_IN_NAMES for letter in name):
        raise invalid(field, name, "a name has none of / : \\ %")
    if any(unicodedata.category(letter) in ("Cc", "Cf") for letter in name):
        raise invalid(field, name, "a name has no characters that cannot be seen")
    if unicodedata.normalize("NFC", name) != name:
        raise invalid(field, name, "a name must be in the normal form NFC")


def check_version(version: str) -> None:
    """Raise `InvalidValueError` for what is no number of a version."""
    if not _VERSION.fullmatch(version):
        raise invalid("version", version, "a version is a whole number")


def check_alias(alias: str) -> None:
    """Raise `InvalidValueError` for what cannot be an alias."""
    check_length(alias, "alias", ALIAS_LENGTH)
    if not _ALIAS.fullmatch(alias):
        raise invalid("alias", alias, "an alias holds letters, digits, _ and -")
    if alias.lower() == "latest" or _LIKE_A_VERSION.fullmatch(alias):
        raise invalid(
            "alias", alias, "'latest' and what looks like a version, such as v1, mean these"
        )


def _tags(tags: Sequence[RegisteredModelTag | ModelVersionTag]) -> None:
    check_count(tags, "tags", MAX_TAGS)
    for i, tag in enumerate(tags):
        _tag(tag.key, tag.value, f"tags[{i}]")


def _tag(key: str, value: str, place: str) -> None:
    check_key(key, f"{place}.key")
    if len(value.encode()) > TAG_BYTES:
        raise InvalidValueError(
            f"The value of the tag '{key}' has more than {TAG_BYTES:,} bytes. Log it as an artifact."
        )


def _create_model(question: r.CreateRegisteredModel) -> None:
    check_texts(question)
    check_new_name(question.name)
    check_length(question.description, "description", DESCRIPTION_LENGTH)
    _tags(question.tags)


def _rename_model(question: r.RenameRegisteredModel) -> None:
    check_texts(question)
    check_new_name(question.new_name, "new_name")


def _update(question: r.UpdateRegisteredModel | r.UpdateModelVersion) -> None:
    check_texts(question)
    check_length(question.description, "description", DESCRIPTION_LENGTH)
    if isinstance(question, r.UpdateModelVersion):
        check_version(question.version)


def _search_models(question: r.SearchRegisteredModels) -> None:
    check_texts(question)
    check_range(question.max_results, "max_results", 1, MAX_MODELS_A_PAGE)


def _search_versions(question: r.SearchModelVersions) -> None:
    check_texts(question)
    check_range(question.max_results, "max_results", 1, MAX_VERSIONS_A_PAGE)


def _set_tag(question: r.SetRegisteredModelTag | r.SetModelVersionTag) -> None:
    check_texts(question)
    _tag(question.key, question.value, "tag")
    if isinstance(question, r.SetModelVersionTag):
        check_version(question.version)


def _set_alias(question: r.SetAlias) -> None:
    check_texts(question)
    check_alias(question.alias)
    check_version(question.version)


def _create_version(question: r.CreateModelVersion) -> None:
    check_texts(question)
    check_length(question.source, "source", SOURCE_LENGTH)
    check_length(question.run_link, "run_link", KEY_LENGTH * 2)
    check_length(question.description, "description", DESCRIPTION_LENGTH)
    if question.run_id:
        check_run_id(question.run_id)
    _tags(question.tags)


def _register(question: r.RegisterModels) -> None:
    check_count(question.versions, "versions", MAX_AT_ONCE)
    for version in question.versions:
        _create_version(version)
        check_new_name(version.name)


def _names_version(question: Any) -> None:
    check_texts(question)
    check_version(question.version)


RULES: dict[type[Any], Callable[[Any], None]] = {
    r.CreateRegisteredModel: _create_model,
    r.RenameRegisteredModel: _rename_model,
    r.UpdateRegisteredModel: _update,
    r.SearchRegisteredModels: _search_models,
    r.SetRegisteredModelTag: _set_tag,
    r.SetAlias: _set_alias,
    r.CreateModelVersion: _create_version,
    r.RegisterModels: _register,
    r.GetModelVersion: _names_version,
    r.UpdateModelVersion: _update,
    r.DeleteModelVersion: _names_version,
    r.SearchModelVersions: _search_versions,
    r.SetModelVersionTag: _set_tag,
    r.DeleteModelVersionTag: _names_version,
    r.TransitionStage: _names_version,
    r.GetDownloadUri: _names_version,
}
