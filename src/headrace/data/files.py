"""Files as a dataset, described where they lie: nothing but columns, counts and samples is read of them.

The digest is the SHA-256 over each file's name below the dataset's place, its size and its content, of
which a file of more than `WHOLE_BYTES` gives `SAMPLES` blocks of `SAMPLE_BYTES`, evenly spread, the first
and the last among them. A change that keeps the size and misses the blocks goes unseen; all others show.
"""

import hashlib
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

from fsspec.core import url_to_fs

from headrace import plugins
from headrace.data import schemas
from headrace.data.dataset import Dataset
from headrace.errors import InvalidValueError, NotFoundError

WHOLE_BYTES = 64 * 2**20
"""Up to this size a file is read to its end."""
SAMPLES = 64
SAMPLE_BYTES = 2**20

_FORMATS = {
    ".parquet": "parquet",
    ".csv": "csv",
    ".feather": "feather",
    ".arrow": "feather",
    ".jsonl": "json",
    ".ndjson": "json",
}
_COUNTED = ("parquet", "feather")
"""Formats that say how many rows there are without being read."""


class FileDataset(Dataset):
    """Files of one table: a file, or a folder of files, here or in an object store."""

    def __init__(
        self,
        path: str | Path,
        targets: str | None = None,
        name: str | None = None,
        digest: str | None = None,
        file_format: str | None = None,
    ) -> None:
        super().__init__(path, name or PurePosixPath(str(path).rstrip("/")).stem, digest)
        self.path, self.targets = str(path), targets
        self._format = file_format or self._told_format()
        self._require(targets, self.df.schema.names, "targets")

    @cached_property
    def df(self) -> Any:
        """The table as a ``pyarrow.dataset.Dataset``, which reads what it is asked for."""
        files, system = plugins.load("pyarrow.dataset"), self._system
        return files.dataset(sorted(self._sizes), filesystem=system, format=self._format)

    @property
    def schema(self) -> Any:
        return schemas.of_arrow(self.df.schema)

    @property
    def profile(self) -> dict[str, int]:
        """Files and bytes; rows and cells where the format tells them."""
        found = {"num_files": len(self._sizes), "num_bytes": sum(self._sizes.values())}
        if self._format in _COUNTED:
            rows = int(self.df.count_rows())
            found |= {"num_rows": rows, "num_elements": rows * len(self.df.schema.names)}
        return found

    def _digest(self) -> str:
        digest, (_, root) = hashlib.sha256(), self._place
        for file, size in sorted(self._sizes.items()):
            below = PurePosixPath(file).relative_to(root) if file != root else ""
            digest.update(f"{below}\0{size}\0".encode())
            for start, end in _blocks(size):
                digest.update(self._system.cat_file(file, start=start, end=end))
        return digest.hexdigest()[:16]

    @cached_property
    def _place(self) -> tuple[Any, str]:
        system, root = url_to_fs(self.path)
        return system, str(root).rstrip("/")

    @property
    def _system(self) -> Any:
        return self._place[0]

    @cached_property
    def _sizes(self) -> Mapping[str, int]:
        """Bytes by file; hidden ones do not count."""
        system, root = self._place
        found = {
            file: int(facts["size"])
            for file, facts in system.find(root, detail=True).items()
            if not PurePosixPath(file).name.startswith((".", "_"))
        }
        if not found:
            raise NotFoundError(f"There is no file at '{self.path}'.")
        return found

    def _told_format(self) -> str:
        endings = {PurePosixPath(file).suffix.lower() for file in self._sizes}
        formats = {_FORMATS.get(ending) for ending in endings}
        (found,) = formats if len(formats) == 1 else (None,)
        if found is None:
            raise InvalidValueError(
                f"The files at '{self.path}' end with {', '.join(sorted(endings))}; they must all be of one "
                f"table: {', '.join(_FORMATS)}. Or say file_format: {', '.join(sorted(set(_FORMATS.values())))}."
            )
        return found


def from_files(
    path: str | Path,
    targets: str | None = None,
    name: str | None = None,
    digest: str | None = None,
    file_format: str | None = None,
) -> FileDataset:
    """A dataset of a file or a folder of files (Parquet, CSV, Feather, JSON lines) that stay where they are.

    ``path`` may be a URL of an object store. However large the files are, it takes seconds: see the rule
    of the digest in `headrace.data.files`. Raises `NotFoundError` where nothing lies, `InvalidValueError`
    for files of several formats or a column that is not there.
    """
    return FileDataset(path, targets, name, digest, file_format)


def _blocks(size: int) -> Iterator[tuple[int, int]]:
    """What is read of a file: from where, to where."""
    if size <= WHOLE_BYTES:
        for start in range(0, size, SAMPLE_BYTES):
            yield start, min(size, start + SAMPLE_BYTES)
        return
    for number in range(SAMPLES):
        start = (size - SAMPLE_BYTES) * number // (SAMPLES - 1)
        yield start, start + SAMPLE_BYTES
