"""Where the artifacts of a source are: its own words are believed within what the user has named."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from urllib.parse import unquote, urlsplit

from headrace.artifacts.base import ArtifactStore, Opening
from headrace.artifacts.below import below
from headrace.artifacts.resolve import open_artifacts
from headrace.artifacts.transfer import files_below
from headrace.artifacts.uris import PROXIED, local_path, proxied_path, scheme_of
from headrace.errors import InvalidValueError, PermissionDeniedError
from headrace.importing.folder import Parts, SourceFolder, place_of
from headrace.importing.nouns import Files, FoundFile
from headrace.importing.report import Report

_OWN_FOLDERS = ("mlruns", "mlartifacts")
"""What MLflow calls the folder of its artifacts, beside the database."""


class Places:
    """Finds the files of an artifact URI that a source holds; a URI that leads elsewhere is refused."""

    def __init__(
        self,
        report: Report,
        roots: Sequence[tuple[str, str]] = (),
        *,
        folder: SourceFolder | None = None,
        opening: Opening | None = None,
    ) -> None:
        """``folder`` is the source's own; with ``opening``, what its server serves is asked of it."""
        self._report, self._roots = report, [(_spelled(old), new) for old, new in roots]
        self._folder, self._opening = folder, opening

    def files(self, uri: str) -> Files:
        """The files at a URI; an error of the place comes when they are listed."""
        asked = _spelled(uri)
        for prefix, where in self._roots:
            if asked == prefix or asked.startswith(f"{prefix}/"):
                yield from self._at(where, asked.removeprefix(prefix).strip("/"))
                return
        if scheme_of(uri) == PROXIED and self._opening is not None:
            # Without its host: what is asked is always the server that was named, with its credentials.
            yield from _of_store(open_artifacts(f"{PROXIED}:/{proxied_path(uri)}", self._opening))
            return
        place = self._own(uri)
        if place is None or self._folder is None:
            raise PermissionDeniedError(
                f"The artifacts are at '{uri[:300]}', outside of the source. Say --artifact-root "
                f"'{_parent(uri)}' to read there, or --artifact-root OLD=NEW where they have moved."
            )
        yield from self._folder.artifacts(*place, report=self._report)

    def _at(self, where: str, rest: str) -> Iterator[FoundFile]:
        if scheme_of(where) == "file":
            root = SourceFolder(local_path(where))
            place = place_of(rest) if rest else ()
            yield from root.artifacts(*place, report=self._report)
        else:
            yield from _of_store(below(open_artifacts(where), rest))

    def _own(self, uri: str) -> Parts | None:
        """The place in the source's own folder, also where the whole has moved since."""
        if self._folder is None:
            return None
        if scheme_of(uri) == PROXIED:
            served = _OWN_FOLDERS[1]
            return (served, *place_of(proxied_path(uri))) if self._folder.has(served) else None
        if scheme_of(uri) != "file":
            return None
        path = unquote(urlsplit(uri).path) if uri.startswith("file:") else uri
        with suppress(InvalidValueError):
            if not path.startswith(("/", "\\")) and ":" not in path[:2]:
                return place_of(path)
            inside = self._folder.inside(local_path(uri))
            return inside if inside is not None else self._moved(path)
        return None

    def _moved(self, path: str) -> Parts | None:
        parts = path.replace("\\", "/").split("/")
        for start in range(len(parts) - 1, 0, -1):
            if parts[start] in _OWN_FOLDERS and self._folder and self._folder.has(*parts[start:]):
                return tuple(parts[start:])
        return None


def _of_store(store: ArtifactStore) -> Iterator[FoundFile]:
    for info in files_below(store, ""):
        yield _file_of(store, info.path, info.file_size)


def _file_of(store: ArtifactStore, path: str, size: int | None) -> FoundFile:
    known = store.stat(path).size if size is None else size
    return FoundFile(path, known, lambda: store.read(path))


def _parent(uri: str) -> str:
    """A folder that holds the artifacts of the other runs too, as a hint."""
    parts = uri.rstrip("/").split("/")
    return "/".join(parts[:-3]) if len(parts) > 3 else uri


def _spelled(uri: str) -> str:
    """One spelling for a folder of this machine, be it a path or a ``file:`` URI."""
    if uri.startswith("file:"):
        with suppress(InvalidValueError):
            return str(local_path(uri))
    return uri.rstrip("/")
