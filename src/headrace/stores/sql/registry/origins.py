"""Where a version's files come from: what a client may name, and what has the files in the end."""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import msgspec
from sqlalchemy import select

from headrace.errors import InvalidValueError, NotFoundError
from headrace.stores.sql.place import SERVED_ROOT, fully_unquoted
from headrace.stores.sql.registry.loading import Key, model_row, version_key
from headrace.stores.sql.registry.models import key_by_alias, latest_key
from headrace.stores.sql.registry.tables import model_versions
from headrace.stores.sql.tables import experiments, logged_model_tags, logged_models, runs
from headrace.stores.sql.transaction import Transaction
from headrace.stores.sql.view import View
from headrace.wire import registry as r

VERSIONS_TAG = "mlflow.modelVersions"
"""On a logged model: a JSON list of the names and versions that it was registered as."""
_PROMPT_SOURCE = "dummy-source"
_OF_RUN = re.compile(r"runs:/+(?P<run>[^/]+)(?:/(?P<path>.*))?", re.DOTALL)
_OF_MODEL = re.compile(r"models:/+(?P<model>m-[^/]+)(?:/.*)?", re.DOTALL)
_OF_VERSION = re.compile(r"models:/+(?P<name>[^/@]+)(?:@(?P<alias>[^/]+)|/(?P<which>[^/]+))/?")
_HOST_ADDRESSED = ("http", "https", "ftp", "ftps", "data")


class Origin(NamedTuple):
    """What has the files (never another version), and the run and the logged model behind them."""

    origin: str
    run_id: str | None
    model_id: str | None


def of(view: View, given: r.CreateModelVersion) -> Origin:
    """The origin of a version to make; `InvalidValueError` for a source that it may not have."""
    source = given.source
    scheme = urlsplit(source).scheme if not _is_path(source) else ""
    if found := _OF_MODEL.fullmatch(source):
        return _of_model(view, given, found["model"])
    if scheme == "models":
        return _of_version(view, given)
    if found := _OF_RUN.fullmatch(source):
        return _of_run(given, found["run"], found["path"] or "")
    if scheme == "runs":
        raise _refused(source, "files of a run are runs:/RUN_ID/PATH")
    _check_plain(source)
    if scheme in ("", "file") or source.startswith(SERVED_ROOT):
        return _inside(view, given)
    if scheme in _HOST_ADDRESSED:
        raise _refused(
            source, "files are not fetched from web servers; give a run, a model or a storage URI"
        )
    return Origin(source, given.run_id or None, given.model_id or None)


def _of_model(view: View, given: r.CreateModelVersion, model_id: str) -> Origin:
    if given.model_id and given.model_id != model_id:
        raise _refused(given.source, f"it is of another model than model_id='{given.model_id}'")
    row = _model(view, model_id)
    return Origin(given.source, given.run_id or row.source_run_id or None, model_id)


def _of_version(view: View, given: r.CreateModelVersion) -> Origin:
    found = _OF_VERSION.fullmatch(given.source)
    if found is None:
        raise _refused(given.source, "a version is models:/NAME/VERSION or models:/NAME@ALIAS")
    key = _named_version(view, found["name"], found["alias"], found["which"])
    query = select(model_versions).where(
        model_versions.c.model == key.model, model_versions.c.version == key.version
    )
    row = view.rows(query)[0]
    for name, mine in (("run_id", row.run_id), ("model_id", row.model_id)):
        wanted = getattr(given, name)
        if wanted and mine and wanted != mine:
            raise _refused(given.source, f"it is of another {name} than '{wanted}'")
    if row.prompt:
        raise _refused(given.source, "it is a prompt")
    return Origin(
        row.origin, given.run_id or row.run_id or None, given.model_id or row.model_id or None
    )


def _named_version(view: View, name: str, alias: str | None, which: str | None) -> Key:
    if alias:
        return key_by_alias(view, name, alias)
    if which and which.isascii() and which.isdecimal():
        return version_key(view, name, which)
    model = model_row(view, name).id
    if which and which.lower() == "latest":
        return latest_key(view, model, name)
    stage = next((one for one in r.STAGES if one.lower() == (which or "").lower()), None)
    query = select(model_versions.c.version).where(
        model_versions.c.model == model, model_versions.c.stage == stage
    )
    rows = view.rows(query.order_by(model_versions.c.version.desc()).limit(1))
    if not rows:
        raise NotFoundError(f"Registered Model with name={name} has no version in '{which}'.")
    return Key(model, rows[0].version)


def _of_run(given: r.CreateModelVersion, run_id: str, path: str) -> Origin:
    _check_plain(path)
    if given.run_id != run_id:
        raise _refused(given.source, f"run_id must be '{run_id}', the run that it names")
    return Origin(given.source, run_id, given.model_id or None)


def _inside(view: View, given: r.CreateModelVersion) -> Origin:
    """A place of this store or this machine: only below the files of the run or the model that is named."""
    if given.source == _PROMPT_SOURCE and _is_prompt(given):
        return Origin(given.source, given.run_id or None, None)
    roots = []
    if given.run_id:
        roots.append(_place_of_run(view, given.run_id))
    if given.model_id:
        roots.append(_place_of_model(view, given.model_id))
    if not any(_is_below(given.source, root) for root in roots):
        raise _refused(
            given.source,
            "a place of this store or machine must lie below the files of the run or the model that run_id or "
            "model_id names",
        )
    return Origin(given.source, given.run_id or None, given.model_id or None)


def _is_prompt(given: r.CreateModelVersion) -> bool:
    return any(tag.key == r.IS_PROMPT for tag in given.tags)


def _is_below(source: str, root: str) -> bool:
    plain, place = (text.removeprefix("file://").rstrip("/") for text in (source, root))
    return plain == place or PurePosixPath(place) in PurePosixPath(plain).parents


def _is_path(source: str) -> bool:
    # A scheme of one letter is a drive of Windows.
    return len(urlsplit(source).scheme) <= 1


def _check_plain(text: str) -> None:
    decoded = fully_unquoted(text)
    if any(sign in decoded for sign in "\0\\?#;") or ".." in decoded.split("/"):
        raise _refused(text, "a source is a plain path or URI, without '..'")


def _refused(source: str, why: str) -> InvalidValueError:
    return InvalidValueError(f"Invalid model version source: '{source[:200]}': {why}.")


def note(tx: Transaction, wanted: Sequence[r.CreateModelVersion], keys: Sequence[Key]) -> None:
    """Have logged models tell which versions they became."""
    for one, key in zip(wanted, keys, strict=True):
        found = _OF_MODEL.fullmatch(one.source)
        if found is None:
            continue
        number = _model(tx, found["model"]).id
        this = (logged_model_tags.c.model == number) & (logged_model_tags.c.key == VERSIONS_TAG)
        rows = tx.rows(select(logged_model_tags.c.value).where(this))
        noted = _noted(rows[0].value) if rows else []
        noted.append({"name": one.name, "version": str(key.version)})
        tx.writes += 1
        row = (number, VERSIONS_TAG, msgspec.json.encode(noted).decode())
        tx.dialect.upsert(tx.cursor, logged_model_tags, [row])


def _noted(text: str) -> list[dict[str, Any]]:
    try:
        return msgspec.json.decode(text, type=list[dict[str, Any]])
    except msgspec.DecodeError:  # a user wrote something else there
        return []


# Where files are


def place_of(view: View, origin: str) -> str:
    """Where the files of an origin are now."""
    if found := _OF_MODEL.fullmatch(origin):
        return _place_of_model(view, found["model"])
    if found := _OF_RUN.fullmatch(origin):
        path = (found["path"] or "").strip("/")
        place = _place_of_run(view, found["run"])
        return f"{place}/{path}" if path else place
    return origin


def _model(view: View, model_id: str, *, deleted: tuple[int, ...] = (0,)) -> Any:
    query = (
        select(logged_models, experiments.c.artifact_location)
        .join(experiments, experiments.c.id == logged_models.c.experiment)
        .where(logged_models.c.model_id == model_id, logged_models.c.deleted.in_(deleted))
    )
    rows = view.rows(query)
    if not rows:
        raise NotFoundError(f"Logged model with ID '{model_id}' not found.")
    return rows[0]


def _place_of_model(view: View, model_id: str) -> str:
    row = _model(view, model_id, deleted=(0, 1))  # its files stay as long as a version needs them
    return view.place.of_model(row.experiment, row.artifact_location, model_id)


def _place_of_run(view: View, run_id: str) -> str:
    query = (
        select(runs.c.experiment, experiments.c.artifact_location)
        .join(experiments, experiments.c.id == runs.c.experiment)
        .where(runs.c.run_id == run_id)
    )
    rows = view.rows(query)
    if not rows:
        raise NotFoundError(f"Run with id={run_id} not found")
    return view.place.of_run(rows[0].experiment, rows[0].artifact_location, run_id)
