"""A folder of artifacts as one ZIP file, made while it is sent: nothing of it waits in memory or on disk."""

import re
import zipfile
from collections.abc import Iterator
from concurrent.futures import Executor
from urllib.parse import quote

from starlette.responses import Response, StreamingResponse

from headrace.artifacts.base import ArtifactStore
from headrace.artifacts.paths import checked_folder
from headrace.entities import FileInfo
from headrace.errors import InvalidValueError, NotFoundError
from headrace.server.artifact_bodies import Sink, close, on_thread, read_body
from headrace.server.artifact_files import NOT_RUN

MOST_FILES = 50_000
"""A ZIP ends with a list of its files, which is kept until then: about 1 KB a file."""

_PLAIN_FILE = 0o644 << 16


async def archive_answer(
    threads: Executor, store: ArtifactStore, path: str, owner: str
) -> Response:
    """All files below ``path``, in a folder of its name; of ``owner`` if it is the root.

    Raises `NotFoundError` where nothing is, and `InvalidValueError` for over `MOST_FILES` files. What
    goes wrong later breaks the connection off, so that no part is taken for the whole.
    """
    folder = checked_folder(path)
    name = folder.rpartition("/")[2] or owner
    files = await on_thread(threads, _files, store, folder)
    plain = re.sub(r'[^ -~]|["\\%]', "_", name)
    named = f"attachment; filename=\"{plain}.zip\"; filename*=UTF-8''{quote(name, safe='')}.zip"
    return StreamingResponse(
        read_body(threads, _zipped(store, folder, name, files)),
        media_type="application/zip",
        headers={**NOT_RUN, "Content-Disposition": named, "Cache-Control": "private, no-store"},
    )


def _files(store: ArtifactStore, folder: str) -> list[FileInfo]:
    found: list[FileInfo] = []
    for file in _walked(store, folder):
        found.append(file)
        if len(found) > MOST_FILES:
            raise InvalidValueError(
                f"'{folder}' holds more than the {MOST_FILES:,} files that one archive may have. "
                "Download folders below it, or all of it with `headrace artifacts download`."
            )
    if not found:
        raise NotFoundError(f"No artifacts in the folder '{folder}'.")
    return found


def _walked(store: ArtifactStore, folder: str) -> Iterator[FileInfo]:
    for info in store.list(folder):
        if info.is_dir:
            yield from _walked(store, info.path)
        else:
            yield info


def _zipped(store: ArtifactStore, folder: str, name: str, files: list[FileInfo]) -> Iterator[bytes]:
    sink = Sink()
    start = len(folder) + 1 if folder else 0
    with zipfile.ZipFile(sink, "w") as archive:
        for file in files:
            entry = zipfile.ZipInfo(f"{name}/{file.path[start:]}")
            entry.external_attr = _PLAIN_FILE
            entry.file_size = file.file_size or 0  # whether it needs the format for large files
            with archive.open(entry, "w") as member:
                for chunk in _read(store, file.path):
                    member.write(chunk)
                    yield sink.taken()
    yield sink.taken()


def _read(store: ArtifactStore, path: str) -> Iterator[bytes]:
    chunks = store.read(path)
    try:
        yield from chunks
    finally:
        close(chunks)
