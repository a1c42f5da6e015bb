"""A folder of a store as a store of its own."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from headrace.artifacts.base import ArtifactStore, PresigningStore, SignedUrl, Stat
from headrace.artifacts.paths import checked, checked_folder, joined
from headrace.entities import FileInfo


def below(store: ArtifactStore, folder: str) -> ArtifactStore:
    """What lies under ``folder`` of ``store``, which signs URLs where ``store`` does."""
    folder = checked_folder(folder)
    if not folder:
        return store
    if isinstance(store, PresigningStore):
        return _PresigningBelow(store, folder)
    return _Below(store, folder)


class _Below:
    def __init__(self, store: ArtifactStore, folder: str) -> None:
        self._store, self._folder = store, folder

    def write(self, path: str, chunks: Iterable[bytes]) -> Stat:
        return self._store.write(self._full(path), chunks)

    def read(self, path: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        return self._store.read(self._full(path), start, end)

    def stat(self, path: str) -> Stat:
        return self._store.stat(self._full(path))

    def list(self, path: str = "") -> list[FileInfo]:
        prefix = f"{self._folder}/"
        return [
            FileInfo(info.path.removeprefix(prefix), info.is_dir, info.file_size)
            for info in self._store.list(joined(self._folder, checked_folder(path)))
        ]

    def delete(self, path: str) -> None:
        self._store.delete(self._full(path))

    def _full(self, path: str) -> str:
        return joined(self._folder, checked(path))


class _PresigningBelow(_Below):
    def __init__(self, store: PresigningStore, folder: str) -> None:
        super().__init__(store, folder)
        self._signing = store

    def sign_download(self, path: str, expires_s: int) -> SignedUrl:
        return self._signing.sign_download(self._full(path), expires_s)

    def sign_upload(self, path: str, expires_s: int) -> SignedUrl:
        return self._signing.sign_upload(self._full(path), expires_s)

    def begin_upload(
        self, path: str, parts: int, expires_s: int
    ) -> tuple[str, Sequence[SignedUrl]]:
        return self._signing.begin_upload(self._full(path), parts, expires_s)

    def complete_upload(self, path: str, upload_id: str, etags: Mapping[int, str]) -> None:
        self._signing.complete_upload(self._full(path), upload_id, etags)

    def abort_upload(self, path: str, upload_id: str) -> None:
        self._signing.abort_upload(self._full(path), upload_id)
