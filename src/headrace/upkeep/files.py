"""The artifacts of a store, held against what was recorded of them and against its runs."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from headrace.artifacts.base import ArtifactStore
from headrace.artifacts.uris import scheme_of
from headrace.entities import FileInfo, ViewType
from headrace.errors import HeadraceError
from headrace.stores.keeping import FindDeleted, Finding, KeptStore, Kind
from headrace.stores.listing import all_experiments
from headrace.upkeep.premises import Premises

_NAMES_AT_ONCE = 500
_MODELS = "models"
_MISSING = "there is no such thing"


class Looked(NamedTuple):
    """How many files were looked at, and what was wrong."""

    looked_at: int
    findings: list[Finding]


def examine_all(premises: Premises, root: str, *, deep: bool) -> Iterator[Looked]:
    """The artifacts of all experiments, and what lies beside them and belongs to nobody."""
    found = list(all_experiments(premises.store, ViewType.ALL))
    places = sorted({one.artifact_location for one in found})
    known = {one.experiment_id for one in found}
    yield _orphans(premises, root, "", known.intersection)
    for place in places:
        yield _orphans(premises, place, "", lambda names: _there(premises.store, "run", names))
        yield _orphans(
            premises, place, _MODELS, lambda names: _there(premises.store, "logged_model", names)
        )
        yield examine(premises.open_artifacts, place, deep=deep)


def _there(store: KeptStore, kind: Kind, names: Sequence[str]) -> set[str]:
    """Those names that are ids of runs or models."""
    found: set[str] = set()
    for start in range(0, len(names), _NAMES_AT_ONCE):
        ids = list(names[start : start + _NAMES_AT_ONCE])
        items = store.find_deleted(FindDeleted(kind, ids)).items
        found.update(item.id for item in items if item.kept != _MISSING)
    return found


def _orphans(
    premises: Premises, place: str, folder: str, known: Callable[[list[str]], set[str]]
) -> Looked:
    """Folders that look like those of a run, a model or an experiment, and are nobody's.

    They are told and left: an upload may come before what it belongs to.
    """
    try:
        names = [
            info.path.rpartition("/")[2]
            for info in premises.open_artifacts(place).list(folder)
            if info.is_dir and info.path != _MODELS
        ]
    except (HeadraceError, OSError):
        return Looked(0, [])  # told once, by `examine`
    strange = sorted(set(names) - known(names))
    where = f"{place}/{folder}" if folder else place
    problem = "belongs to nothing in the store"
    return Looked(0, [Finding("artifacts", f"{where}/{name}", problem, "note") for name in strange])


def examine(opened: Callable[[str], ArtifactStore], uri: str, *, deep: bool) -> Looked:
    """The files below a place: that they can be listed, and with ``deep`` that they are what was written."""
    findings: list[Finding] = []
    looked_at = 0
    try:
        store = opened(uri)
        for info in all_files(store):
            looked_at += 1
            finding = _of_file(store, uri, info, deep=deep)
            if finding is not None:
                findings.append(finding)
    except (HeadraceError, OSError) as error:
        findings.append(Finding("artifacts", uri, f"cannot be looked at: {error}", "damaged"))
    return Looked(looked_at, findings)


def all_files(store: ArtifactStore, folder: str = "") -> Iterator[FileInfo]:
    """The files below a folder, at any depth."""
    for info in store.list(folder):
        if info.is_dir:
            yield from all_files(store, info.path)
        else:
            yield info


def _of_file(store: ArtifactStore, uri: str, info: FileInfo, *, deep: bool) -> Finding | None:
    if not deep and scheme_of(uri) != "file":
        return None  # each look would be a request
    subject = f"{uri}/{info.path}"
    try:
        known = store.stat(info.path)
        if known.outdated:
            problem = "was changed by another program since its digest was recorded"
            return Finding("artifacts", subject, problem, "note")
        if not deep or known.sha256 is None:
            return None
        digest, size = hashlib.sha256(), 0
        for chunk in store.read(info.path):
            digest.update(chunk)
            size += len(chunk)
    except (HeadraceError, OSError) as error:
        return Finding("artifacts", subject, f"cannot be read: {error}", "damaged")
    if size != known.size or digest.hexdigest() != known.sha256:
        problem = f"is damaged: {size} bytes, SHA-256 {digest.hexdigest()}, not {known.size}, {known.sha256}"
        return Finding("artifacts", subject, problem, "damaged")
    return None
