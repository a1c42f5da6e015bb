"""Files of runs and models on their way into an artifact store."""

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

from headrace.artifacts.base import ArtifactStore
from headrace.artifacts.paths import checked
from headrace.errors import HeadraceError, InvalidValueError, NotFoundError
from headrace.importing.into.target import Target
from headrace.importing.nouns import Files, FoundFile

_AT_ONCE = 8
_BATCH = 64


def copy(target: Target, owner: str, files: Files, store: ArtifactStore, *, fresh: bool) -> int:
    """Store those that ``store`` does not hold with the same bytes; how many those are.

    ``fresh`` says that it holds none yet. What fails is noted by ``owner`` and path.
    """
    written = 0
    found = _listed(target, owner, files)
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="headrace-import") as threads:
        while batch := list(islice(found, _BATCH)):
            outcomes = threads.map(lambda file: _stored(store, file, fresh=fresh), batch)
            for file, outcome in zip(batch, outcomes, strict=True):
                if isinstance(outcome, Exception):
                    target.leave("artifact", f"{owner}: {file.path}", outcome)
                elif outcome:
                    written += 1
                    target.report.added.files += 1
                    target.report.added.bytes += file.size
    return written


def _listed(target: Target, owner: str, files: Files) -> Iterator[FoundFile]:
    """The files with names that may be kept; a list that breaks off is noted."""
    try:
        for file in files:
            try:
                checked(file.path)
            except InvalidValueError as error:
                target.leave("artifact", f"{owner}: {file.path}", error)
            else:
                yield file
    except (HeadraceError, OSError) as error:
        target.leave("artifacts", owner, error)


def _stored(store: ArtifactStore, file: FoundFile, *, fresh: bool) -> bool | Exception:
    try:
        if not fresh and _is_there(store, file):
            return False
        store.write(file.path, file.read())
    except (HeadraceError, OSError) as error:
        return error
    return True


def _is_there(store: ArtifactStore, file: FoundFile) -> bool:
    try:
        known = store.stat(file.path)
    except NotFoundError:
        return False
    if known.size != file.size:
        return False
    if file.modified_ms is not None and file.modified_ms < known.modified_ms:
        return True  # the copy is younger than what it was made from
    digest = hashlib.sha256()
    for chunk in file.read():
        digest.update(chunk)
    return digest.hexdigest() == known.sha256
