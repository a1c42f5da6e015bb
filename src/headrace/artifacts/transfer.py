"""Files and folders on their way to an artifact store and back: several at a time, and checked."""

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import AbstractContextManager, closing, nullcontext
from pathlib import Path
from typing import TypeVar

from headrace import plugins
from headrace.artifacts.base import ArtifactStore, Stat
from headrace.artifacts.folders import descend, root_folder
from headrace.artifacts.parts import Part
from headrace.artifacts.paths import checked, checked_folder, joined, split
from headrace.entities import FileInfo
from headrace.errors import (
    ConflictError,
    CorruptDataError,
    HeadraceError,
    InvalidValueError,
    UnavailableError,
)

T = TypeVar("T")
Tick = Callable[[int], None]

FILES_AT_ONCE = 8
RANGES_AT_ONCE = 4
RANGE_BYTES = 16 << 20
RANGES_FROM_BYTES = 64 << 20
"""A file of at least this size is fetched in ranges, several at a time."""
SHOWN_FROM_BYTES = 64 << 20
"""What moves at least so much shows how far it is."""
PAUSE_S = 0.25
"""Before a file is tried again; then twice as long."""

_CHUNK_BYTES = 1 << 20
_ATTEMPTS = 3
_MAY_PASS = (UnavailableError, CorruptDataError, ConflictError)
_HAS_PWRITE = hasattr(os, "pwrite")


def upload(store: ArtifactStore, local: Path, path: str = "") -> None:
    """A file as ``path``, or what is in a folder as the folder ``path``; links to folders are left out.

    All names are checked before the first byte is sent. If a file fails the others still arrive; then
    the first error is raised, with what else failed in its notes.
    """
    if local.is_dir():
        files = {
            joined(path, file.relative_to(local).as_posix()): file for file in _files_in(local)
        }
    elif local.is_file():
        files = {checked(path): local}
    else:
        raise InvalidValueError(f"There is no file or folder '{local}'.")
    total = sum(file.stat().st_size for file in files.values())
    with _progress(f"Uploading {local.name}", total) as tick:
        _all(lambda name: _upload_file(store, files[name], name, tick), sorted(files))


def download(store: ArtifactStore, path: str, into: Path) -> Path:
    """A file or a folder (the root: ``""``) to ``into/path``; where that is.

    A file is seen under its name only when it is complete and its size and digest are right. Names that
    the store offers are held to the rules before they become local ones. Links below ``into`` are not
    followed.
    """
    top = checked_folder(path)
    files = list(files_below(store, top))
    if top and not files:
        files = [FileInfo(top, is_dir=False, file_size=store.stat(top).size)]
    into.mkdir(parents=True, exist_ok=True)
    total = sum(info.file_size or 0 for info in files)
    with _progress(f"Downloading {top or 'artifacts'}", total) as tick:
        _all(lambda name: _download_file(store, name, into, tick), [info.path for info in files])
    return into / top if top else into


def _upload_file(store: ArtifactStore, local: Path, path: str, tick: Tick) -> None:
    def send() -> None:
        with local.open("rb") as file:
            store.write(path, _ticking(iter(lambda: file.read(_CHUNK_BYTES), b""), tick))

    _attempted(send)


def _download_file(store: ArtifactStore, path: str, into: Path, tick: Tick) -> None:
    folders, name = split(checked(path))

    def fetch() -> None:
        known = store.stat(path)
        try:
            folder = descend(root_folder(into), folders, create=True)
        except NotADirectoryError as error:
            raise InvalidValueError(
                f"'{path}' cannot be put into '{into}': a folder of it is a file or a link there."
            ) from error
        with closing(folder), closing(Part(folder)) as part:
            if known.size >= RANGES_FROM_BYTES and _HAS_PWRITE:
                _fill_in_ranges(part, store, path, known, tick)
            else:
                for chunk in _ticking(store.read(path), tick):
                    part.append(chunk)
            _verify(part, path, known)
            part.publish(name, digest="none")

    _attempted(fetch)


def _fill_in_ranges(part: Part, store: ArtifactStore, path: str, known: Stat, tick: Tick) -> None:
    def fill(start: int) -> None:
        end, at = min(start + RANGE_BYTES, known.size), start
        for chunk in _ticking(store.read(path, start, end), tick):
            part.write_at(at, chunk)
            at += len(chunk)
        if at != end:
            raise CorruptDataError(f"'{path}' ends after {at} bytes, not {known.size}.")

    with ThreadPoolExecutor(RANGES_AT_ONCE, thread_name_prefix="headrace-range") as threads:
        for _ in threads.map(fill, range(0, known.size, RANGE_BYTES)):
            pass
    part.take_digest()
    if known.sha256 is None and store.stat(path) != known:
        raise ConflictError(f"'{path}' was replaced while it was fetched.")


def _verify(part: Part, path: str, known: Stat) -> None:
    if part.size != known.size:
        raise CorruptDataError(f"'{path}' came with {part.size} bytes, not {known.size}.")
    if known.sha256 not in (None, part.sha256):
        raise CorruptDataError(
            f"'{path}' is damaged: its digest is {part.sha256}, and {known.sha256} was recorded when it "
            "was written."
        )


def _attempted(act: Callable[[], T]) -> T:
    """Again from the start where that may help; what was kept of an attempt is nothing."""
    for attempt in range(_ATTEMPTS - 1):
        try:
            return act()
        except _MAY_PASS:
            time.sleep(PAUSE_S * 2**attempt)
    return act()


def _all(act: Callable[[str], None], names: Sequence[str]) -> None:
    """Every one is tried; then the first error is raised."""
    failed: list[tuple[str, Exception]] = []
    with ThreadPoolExecutor(FILES_AT_ONCE, thread_name_prefix="headrace-files") as threads:
        under_way = {threads.submit(act, name): name for name in names}
        try:
            for done in as_completed(under_way):
                error = done.exception()
                if isinstance(error, (HeadraceError, OSError)):
                    failed.append((under_way[done], error))
                else:
                    done.result()
        except BaseException:
            threads.shutdown(wait=False, cancel_futures=True)
            raise
    if failed:
        _, first = failed[0]
        for name, error in failed[1:]:
            first.add_note(f"Also failed: '{name}': {error}")
        raise first


def _files_in(folder: Path) -> Iterator[Path]:
    for entry in sorted(folder.iterdir()):
        if entry.is_dir():
            if not entry.is_symlink():
                yield from _files_in(entry)
        elif entry.is_file():
            yield entry


def files_below(store: ArtifactStore, folder: str) -> Iterator[FileInfo]:
    """All files below a folder; `InvalidValueError` for a store that lists what is not in it."""
    for info in store.list(folder):
        if checked(info.path).rpartition("/")[0] != folder:
            raise InvalidValueError(f"The artifact store lists '{info.path}' in '{folder}'.")
        if info.is_dir:
            yield from files_below(store, info.path)
        else:
            yield info


def _ticking(chunks: Iterator[bytes], tick: Tick) -> Iterator[bytes]:
    for chunk in chunks:
        yield chunk
        tick(len(chunk))


def _progress(label: str, total: int) -> AbstractContextManager[Tick]:
    if total < SHOWN_FROM_BYTES or not sys.stderr.isatty():
        return nullcontext(lambda _: None)
    bar: AbstractContextManager[Tick] = plugins.load("headrace.artifacts.progress:bar")(
        label, total
    )
    return bar
