"""The promise that every artifact backend keeps."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol, runtime_checkable

from msgspec import Struct

from headrace.entities import FileInfo


class Stat(Struct, frozen=True):
    """What is known of a stored file without reading it."""

    size: int
    modified_ms: int
    sha256: str | None = None
    """Hex digest recorded when it was written; ``None`` for a file that another tool put there."""


class Opening(Struct, frozen=True):
    """What a backend is told beside the URI that it opens."""

    tracking_uri: str | None = None
    """The server that ``mlflow-artifacts:`` URIs without a host are asked of."""
    durable: bool = False
    """Whether a write must outlive a power cut."""
    headers: Mapping[str, str] = {}
    """For requests to that server: who is asking."""
    options: Mapping[str, Any] = {}
    """For the library underneath: fsspec's ``storage_options``, or arguments of `httpx.Client`."""


@runtime_checkable
class ArtifactStore(Protocol):
    """Keeps files under one root.

    A path is relative to the root, uses ``/``, and has passed `headrace.artifacts.paths.checked`
    by the time a backend opens anything: whatever could leave the root is an `InvalidValueError`.
    Safe to share between threads.
    """

    def write(self, path: str, chunks: Iterable[bytes]) -> Stat:
        """Store a file; it is seen under its name only when complete, and replaces one that is there.

        Memory use does not depend on the file's size. If ``chunks`` raises, nothing is stored.
        """
        ...

    def read(self, path: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The bytes ``[start, end)`` in chunks; `NotFoundError` for no such file, before the first chunk."""
        ...

    def stat(self, path: str) -> Stat:
        """Of a file; `NotFoundError` where there is none (a folder is none)."""
        ...

    def list(self, path: str = "") -> list[FileInfo]:
        """One level, sorted by name; paths relative to the root; empty for a file or nothing."""
        ...

    def delete(self, path: str) -> None:
        """Remove a file or a folder with all in it; a missing one is no error. Refuses the root."""
        ...
