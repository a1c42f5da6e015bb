"""Removing for good what was deleted: looked at first, then done, item by item.

Each item is condemned, its artifacts are removed, its rows are purged; killed at any point, the same
again finishes it. What something active leads to is never touched.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from headrace.artifacts.base import ArtifactStore
from headrace.artifacts.uris import local_path, scheme_of
from headrace.entities import ViewType
from headrace.errors import HeadraceError
from headrace.stores.keeping import Condemn, Deleted, FindDeleted, KeptStore, Kind, Purge
from headrace.stores.listing import all_experiments
from headrace.upkeep.premises import Premises

State = Literal["removable", "removed", "kept", "failed"]

_TOGETHER = 100
# How many of the last names of an artifact URI are the item's own.
_OWN_NAMES: dict[Kind, int] = {"run": 2, "logged_model": 3, "experiment": 1}


class Wanted(Struct, frozen=True):
    """What to remove: all that was deleted, or only some of it."""

    before: int | None = None
    run_ids: list[str] | None = None
    experiment_ids: list[str] | None = None
    logged_model_ids: list[str] | None = None

    @property
    def everything(self) -> bool:
        """Whether no ids were given."""
        return not (self.run_ids or self.experiment_ids or self.logged_model_ids)


class Item(Struct, frozen=True, omit_defaults=True):
    """A deleted thing, and what becomes of it."""

    kind: Kind
    id: str
    state: State
    name: str = ""
    experiment_id: str = ""
    deleted_time: int | None = None
    artifact_uri: str = ""
    files: int = 0
    bytes: int = 0
    reason: str | None = None
    """Why it is kept, or what failed."""


class Collected(Struct, frozen=True):
    """What was, or would be, removed."""

    dry_run: bool
    items: list[Item]
    removed: int
    """How many items; with ``dry_run`` how many would be."""
    bytes: int
    kept: int
    failed: int


def summed(items: Sequence[Item], *, dry_run: bool) -> Collected:
    """The items with their numbers."""
    state = "removable" if dry_run else "removed"
    gone = [item for item in items if item.state == state]
    return Collected(
        dry_run,
        list(items),
        len(gone),
        sum(item.bytes for item in gone),
        sum(item.state == "kept" for item in items),
        sum(item.state == "failed" for item in items),
    )


# Looking


def look(premises: Premises, wanted: Wanted) -> list[Item]:
    """What is deleted, with its size, in the order in which it has to be removed; nothing changes."""
    found = list(_deleted(premises.store, wanted))
    removable = [item for item in found if item.kept is None]
    places = _kept_places(premises.store, removable)
    items: list[Item] = []
    gone: dict[str, int] = {}
    for item in found:
        made = _looked_at(premises, item, places, gone.get(item.id, 0))
        if made.state == "removable" and item.kind != "experiment":
            gone[item.experiment_id] = gone.get(item.experiment_id, 0) + 1
        items.append(made)
    return items


def _deleted(store: KeptStore, wanted: Wanted) -> Iterator[Deleted]:
    before = wanted.before
    experiments: list[Deleted] = []
    inside: list[str] | None = None
    if wanted.everything or wanted.experiment_ids:
        ids = wanted.experiment_ids or None
        experiments = list(_all(store, FindDeleted("experiment", ids, before=before)))
        inside = None if ids is None else [one.id for one in experiments if one.kept is None]
    named: dict[Kind, list[str] | None] = {
        "run": wanted.run_ids,
        "logged_model": wanted.logged_model_ids,
    }
    for kind, ids in named.items():
        seen = set()
        if ids:
            for item in _all(store, FindDeleted(kind, ids, before=before)):
                seen.add(item.id)
                yield item
        if wanted.everything or inside:
            for item in _all(store, FindDeleted(kind, None, inside, before)):
                if item.id not in seen:
                    yield item
    yield from experiments


def _all(store: KeptStore, question: FindDeleted) -> Iterator[Deleted]:
    after: int | None = question.after
    while after is not None:
        page = store.find_deleted(msgspec.structs.replace(question, after=after))
        yield from page.items
        after = page.after


def _looked_at(premises: Premises, item: Deleted, places: "_Places", gone: int) -> Item:
    made = Item(
        item.kind, item.id, "removable", item.name, item.experiment_id, item.deleted_time,
        item.artifact_uri,
    )  # fmt: skip
    reason = item.kept or places.inside(item.artifact_uri)
    if reason is None and item.holds > gone:
        reason = "runs or models in it stay"
    if reason is not None:
        return _told(made, "kept", reason)
    if not item.artifact_uri or (item.kind == "experiment" and item.holds):
        return made  # what lies in the folder is counted with the runs and models
    try:
        files, size = measured(premises.open_artifacts(item.artifact_uri))
    except (HeadraceError, OSError) as error:
        return _told(made, "failed", f"its artifacts cannot be reached: {error}")
    return msgspec.structs.replace(made, files=files, bytes=size)


def measured(store: ArtifactStore, folder: str = "") -> tuple[int, int]:
    """How many files there are, and their bytes."""
    files = size = 0
    for info in store.list(folder):
        inside = measured(store, info.path) if info.is_dir else (1, info.file_size or 0)
        files, size = files + inside[0], size + inside[1]
    return files, size


class _Places:
    """Where experiments that stay keep their artifacts."""

    def __init__(self, experiments: Iterable[tuple[str, str]]) -> None:
        self._held = [(_plain(uri), experiment_id) for experiment_id, uri in experiments]

    def inside(self, uri: str) -> str | None:
        """Why a folder must stay, if one of them is in it."""
        folder = _plain(uri)
        for place, experiment_id in self._held if uri else ():
            if place == folder or place.startswith(f"{folder}/"):
                return f"the artifacts of experiment {experiment_id} are in its folder"
        return None


def _kept_places(store: KeptStore, removable: Sequence[Deleted]) -> _Places:
    leaving = {item.id for item in removable if item.kind == "experiment"}
    return _Places(
        (one.experiment_id, one.artifact_location)
        for one in all_experiments(store, ViewType.ALL)
        if one.experiment_id not in leaving
    )


def _plain(uri: str) -> str:
    """One spelling of a place, links resolved."""
    return str(Path(local_path(uri)).resolve()) if scheme_of(uri) == "file" else uri.rstrip("/")


def _told(item: Item, state: State, reason: str | None = None) -> Item:
    return msgspec.structs.replace(item, state=state, reason=reason)


# Doing


def remove(premises: Premises, items: Sequence[Item], before: int | None) -> Iterator[Item]:
    """Remove what is removable, and tell of each item when it is done with."""
    for kind, some in groupby(items, lambda item: item.kind):
        alike = list(some)
        for start in range(0, len(alike), _TOGETHER):
            yield from _remove_some(premises, kind, alike[start : start + _TOGETHER], before)


def _remove_some(
    premises: Premises, kind: Kind, items: Sequence[Item], before: int | None
) -> Iterator[Item]:
    ids = [item.id for item in items if item.state == "removable"]
    condemned = set(premises.store.condemn(Condemn(kind, ids, before)).ids) if ids else set()
    for item in items:
        if item.state != "removable":
            yield item
        elif item.id not in condemned:
            yield _told(item, "kept", "it was restored, or something leads to it now")
        else:
            yield _removed(premises, item)


def _removed(premises: Premises, item: Item) -> Item:
    try:
        if item.artifact_uri:
            _remove_files(premises.open_artifacts, item)
        while not premises.store.purge(Purge(item.kind, item.id)).done:
            pass
    except (HeadraceError, OSError) as error:
        return _told(item, "failed", str(error))
    return _told(item, "removed")


def _remove_files(opened: Callable[[str], ArtifactStore], item: Item) -> None:
    """Remove the item's folder, and the one above it if that is the item's own and nothing else is in it."""
    above, *names = item.artifact_uri.rsplit("/", _OWN_NAMES[item.kind])
    store = opened(above)
    store.delete("/".join(names))
    if len(names) > 1 and not store.list("/".join(names[:-1])):
        store.delete("/".join(names[:-1]))
