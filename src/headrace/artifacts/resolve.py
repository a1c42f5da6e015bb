"""From a URI to the store that it names."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import unquote

from headrace import plugins
from headrace.artifacts.base import ArtifactStore, Opening
from headrace.artifacts.below import below
from headrace.artifacts.uris import scheme_of
from headrace.errors import InvalidValueError, PermissionDeniedError, UnsupportedError

GROUP: Final = "headrace.artifacts"

_REMOTE = "headrace.artifacts.remote:connect"
_HTTP = "headrace.artifacts.http:connect"
BUILT_IN: Final = {
    "file": "headrace.artifacts.local:connect",
    **dict.fromkeys(("mlflow-artifacts", "http", "https"), _HTTP),
    **dict.fromkeys(("s3", "s3a"), "headrace.artifacts.s3:connect"),
    **dict.fromkeys(("gs", "gcs", "abfs", "abfss", "az", "adl", "oss"), _REMOTE),
    **dict.fromkeys(("sftp", "ssh", "ftp", "smb", "hdfs", "webhdfs", "webdav"), _REMOTE),
    **dict.fromkeys(("dbfs", "memory"), _REMOTE),
}

EXTRAS: Final = {
    **dict.fromkeys(("s3", "s3a"), "s3"),
    **dict.fromkeys(("gs", "gcs"), "gcs"),
    **dict.fromkeys(("abfs", "abfss", "az", "adl"), "azure"),
    **dict.fromkeys(("sftp", "ssh"), "sftp"),
}
"""What to install for a scheme."""

_PLAIN = Opening()


def open_artifacts(uri: str, opening: Opening = _PLAIN) -> ArtifactStore:
    """The store at ``uri``: a path, a ``file:`` URI, ``mlflow-artifacts:``, or a URL that fsspec knows.

    Nothing is made or asked for yet. Raises `InvalidValueError` for an unknown scheme, and
    `UnsupportedError` for one whose library is not installed.
    """
    scheme = scheme_of(uri)
    try:
        store: ArtifactStore = plugins.find(GROUP, scheme, BUILT_IN)(uri, opening)
    except ImportError as error:
        extra = EXTRAS.get(scheme)
        advice = f"pip install 'headrace[{extra}]'" if extra else "install what it names"
        raise UnsupportedError(
            f"'{scheme}:' needs a further package: {error}; {advice}."
        ) from error
    return store


class Locations:
    """Opens the places below ``roots``, and no others, whoever wrote the URI.

    A place is opened from its root, as a folder of it: the rules for artifact paths hold for it, and
    links in it are not followed.
    """

    def __init__(self, roots: Sequence[str], opening: Opening = _PLAIN) -> None:
        self._roots = [root.rstrip("/") for root in roots if root.rstrip("/")]
        self._opening = opening

    def __call__(self, uri: str) -> ArtifactStore:
        for root in self._roots:
            if uri == root or uri.startswith(f"{root}/"):
                folder = uri.removeprefix(root).strip("/")
                if uri.startswith("file:"):
                    folder = unquote(folder)
                return below(open_artifacts(root, self._opening), folder)
        raise PermissionDeniedError(
            f"The artifacts are at '{uri[:200]}', which this server does not read; a client can, directly."
        )

    def allows(self, uri: str) -> bool:
        """Whether it would be opened."""
        try:
            self(uri)
        except (PermissionDeniedError, InvalidValueError):
            return False
        return True
