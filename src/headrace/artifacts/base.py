"""The promise that every artifact backend keeps."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from msgspec import Struct

from headrace.entities import FileInfo

DAY_MS = 24 * 60 * 60 * 1000


class Stat(Struct, frozen=True):
    """What is known of a stored file without reading it."""

    size: int
    modified_ms: int
    sha256: str | None = None
    """Hex digest recorded when it was written; ``None`` for a file that another tool put there."""
    outdated: bool = False
    """Whether a digest was recorded, but of what the file held before another tool changed it."""


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


class SignedUrl(Struct, frozen=True):
    """An address that may be used for a while by whoever holds it."""

    url: str
    headers: Mapping[str, str] = {}
    """To be sent along."""


@runtime_checkable
class PresigningStore(ArtifactStore, Protocol):
    """A store whose files clients may move themselves, past the server, with signed addresses.

    A file that went in this way has no recorded digest.
    """

    def sign_download(self, path: str, expires_s: int) -> SignedUrl:
        """For a GET of the file."""
        ...

    def sign_upload(self, path: str, expires_s: int) -> SignedUrl:
        """For a PUT of the whole file."""
        ...

    def begin_upload(
        self, path: str, parts: int, expires_s: int
    ) -> tuple[str, Sequence[SignedUrl]]:
        """An upload in parts: its id, and for each part an address for a PUT, answered with an ETag."""
        ...

    def complete_upload(self, path: str, upload_id: str, etags: Mapping[int, str]) -> None:
        """Make the file of its parts, by their numbers from 1; it is seen from now on."""
        ...

    def abort_upload(self, path: str, upload_id: str) -> None:
        """Drop the parts; again is no error."""
        ...


@runtime_checkable
class SweptStore(ArtifactStore, Protocol):
    """A store in which a process that is killed while it writes may leave something unseen behind."""

    def leftovers(self, older_than_ms: int = DAY_MS) -> int:
        """How many there are that `sweep` would remove."""
        ...

    def sweep(self, older_than_ms: int = DAY_MS) -> int:
        """Remove what was left longer ago than that; how many there were."""
        ...
