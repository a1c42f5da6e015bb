"""Models that were fetched before, kept on this machine by the digest of what they consist of.

The name of a folder is the SHA-256 of the model's manifest, so the same model is kept once whatever it is
called, and what is found is compared with the manifest, file by file, before it is loaded.
"""

import hashlib
import logging
import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from headrace.artifacts.base import ArtifactStore
from headrace.client.transfer import read_whole
from headrace.config import cache_folder, settings
from headrace.errors import NotFoundError
from headrace.models import manifest

_log = logging.getLogger(__name__)

Fetch = Callable[[Path], Path]
"""Fetches all files into a folder; the folder that they are in then."""


def kept(files: ArtifactStore, fetch: Fetch) -> Path | None:
    """The folder of a model's files, fetched unless they are here; ``None`` for a model without a manifest."""
    limit = int(settings().model_cache_gb * 1e9)
    if not limit:
        return None
    try:
        text = read_whole(files, manifest.NAME)
    except NotFoundError:
        return None
    folder = cache_folder() / "models" / hashlib.sha256(text).hexdigest()
    if folder.is_dir():
        if manifest.check(folder).intact:
            os.utime(folder)
            return folder
        _log.warning("%s is not what was fetched; it is fetched again.", folder)
        shutil.rmtree(folder, ignore_errors=True)
    return _added(folder, fetch, limit)


def _added(folder: Path, fetch: Fetch, limit: int) -> Path:
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=".new-", dir=folder.parent))
    try:
        fetched = fetch(scratch / "model")
        with suppress(OSError):  # another process was faster
            fetched.rename(folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    _shrink(folder.parent, limit, keep=folder)
    return folder


def _shrink(top: Path, limit: int, keep: Path) -> None:
    """Remove what was used longest ago, until the rest is within its limit."""
    folders = sorted(
        (path for path in top.iterdir() if not path.name.startswith(".")),
        key=lambda path: path.stat().st_mtime,
        reverse=True,
    )
    room = limit
    for folder in folders:
        room -= sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        if room < 0 and folder != keep:
            shutil.rmtree(folder, ignore_errors=True)
