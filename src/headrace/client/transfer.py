"""Files on their way to an artifact store and back."""

import json
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from io import BufferedIOBase, RawIOBase
from pathlib import Path
from typing import Any

from headrace import plugins
from headrace.artifacts import transfer
from headrace.artifacts.base import ArtifactStore
from headrace.artifacts.paths import checked, checked_folder, joined
from headrace.errors import InvalidValueError, NotFoundError

CHUNK_BYTES = 1 << 20
made_here: set[Path] = set()
"""The folders that this process made to fetch files into. Who has asked for the files may remove them."""


def upload(store: ArtifactStore, local: Path, folder: str | None) -> None:
    """A file, or a folder under its own name, into ``folder``."""
    require(local, folder)
    transfer.upload(store, local, joined(folder or "", local.absolute().name))


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
    transfer.upload(store, local, folder or "")


def download(store: ArtifactStore, path: str, target: str | Path | None) -> Path:
    """A file or a folder into ``target``, a folder of this process's own unless it is given.

    What arrives is checked against the digest that was recorded when it was written.
    """
    folder = Path(tempfile.mkdtemp(prefix="headrace-") if target is None else target).absolute()
    if target is None:
        made_here.add(folder)
    return transfer.download(store, path, folder)


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


def _is_file(store: ArtifactStore, path: str) -> bool:
    try:
        store.stat(path)
    except NotFoundError:
        return False
    return True
