"""Files on their way to an artifact store and back."""

import json
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from io import BufferedIOBase, RawIOBase
from pathlib import Path
from typing import Any

from headrace import plugins
from headrace.artifacts.base import ArtifactStore
from headrace.artifacts.paths import checked, checked_folder, joined
from headrace.errors import InternalError, InvalidValueError, NotFoundError

CHUNK_BYTES = 1 << 20
_AT_ONCE = 8


def upload(store: ArtifactStore, local: Path, folder: str | None) -> None:
    """A file, or a folder under its own name, into ``folder``."""
    require(local, folder)
    if local.is_dir():
        upload_folder(store, local, joined(folder or "", local.absolute().name))
    else:
        _upload_file(store, local, joined(folder or "", local.name))


def require(local: Path, folder: str | None) -> None:
    """Refuse what is not there, and a folder that cannot be one, before any store is asked."""
    if folder:
        checked(folder)
    if not local.exists():
        raise InvalidValueError(f"There is no file or folder '{local}'.")


def upload_folder(store: ArtifactStore, local: Path, folder: str | None) -> None:
    """What is in a local folder into ``folder``; links to folders are not followed."""
    if not local.is_dir():
        raise InvalidValueError(f"'{local}' is not a folder.")
    files = {
        joined(folder or "", file.relative_to(local).as_posix()): file for file in _files(local)
    }
    # All names are checked by now: a folder with one that is refused leaves nothing half done.
    _all_at_once(lambda path: _upload_file(store, files[path], path), files)


def download(store: ArtifactStore, path: str, target: str | Path | None) -> Path:
    """A file or a folder into ``target``, a folder of this process's own unless it is given.

    What a store offers as a name is held to the rules of names before it becomes a local path.
    """
    top = checked_folder(path)
    folder = Path(tempfile.mkdtemp(prefix="headrace-") if target is None else target).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    found = [] if top and _is_file(store, top) else list(_walk(store, top))
    if top and not found:
        _download_file(store, top, folder)
    _all_at_once(lambda file: _download_file(store, file, folder), found)
    return folder / top if top else folder


def at(root: Path, path: str, store: ArtifactStore) -> Path:
    """Where a file or a folder of a local store lies; `NotFoundError` if there is none."""
    top = checked_folder(path)
    if top and not _is_file(store, top) and not store.list(top):
        raise NotFoundError(f"There is no artifact '{path}'.")
    return root / top if top else root


def chunks_of(stream: BufferedIOBase | RawIOBase) -> Iterator[bytes]:
    """What a binary stream gives, piece by piece."""
    while chunk := stream.read(CHUNK_BYTES):
        if not isinstance(chunk, bytes):
            raise InvalidValueError("The stream gives text; it must give bytes.")
        yield chunk


def spelled(value: Any, file: str) -> str:
    """A dict or a list as the text of a JSON file, or a YAML file where the ending says so.

    JSON is YAML too, and stands in for it where PyYAML is not installed.
    """
    if file.lower().endswith((".yaml", ".yml")) and find_spec("yaml"):
        text: str = plugins.load("yaml:safe_dump")(
            json.loads(json.dumps(value, default=_plain)), sort_keys=False, allow_unicode=True
        )
        return text
    return json.dumps(value, indent=2, default=_plain)


def read_whole(store: ArtifactStore, path: str) -> bytes:
    """A small file."""
    return b"".join(store.read(path))


def _plain(value: Any) -> Any:
    """What JSON does not know: numbers and arrays of NumPy as such, all else as text."""
    for name in ("tolist", "item"):
        convert = getattr(value, name, None)
        if callable(convert):
            return convert()
    return str(value)


def _upload_file(store: ArtifactStore, local: Path, path: str) -> None:
    with local.open("rb") as file:
        store.write(path, chunks_of(file))


def _download_file(store: ArtifactStore, path: str, folder: Path) -> None:
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    chunks = store.read(path)
    try:
        with part.open("wb") as file:
            for chunk in chunks:
                file.write(chunk)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _is_file(store: ArtifactStore, path: str) -> bool:
    try:
        store.stat(path)
    except NotFoundError:
        return False
    return True


def _walk(store: ArtifactStore, folder: str) -> Iterator[str]:
    for info in store.list(folder):
        if folder and not info.path.startswith(f"{folder}/"):
            raise InternalError(f"The artifact store lists {info.path!r} in '{folder}'.")
        if info.is_dir:
            yield from _walk(store, checked(info.path))
        else:
            yield checked(info.path)


def _files(folder: Path) -> Iterator[Path]:
    for entry in sorted(folder.iterdir()):
        if entry.is_dir() and not entry.is_symlink():
            yield from _files(entry)
        elif entry.is_file():
            yield entry


def _all_at_once(act: Any, paths: Iterable[str]) -> None:
    waiting = list(paths)
    if len(waiting) < 2:
        for path in waiting:
            act(path)
        return
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="headrace-files") as threads:
        for _ in threads.map(act, waiting):
            pass
