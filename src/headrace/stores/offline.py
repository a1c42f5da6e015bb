"""A folder where runs are only written down: what an offline tracking URI stands for."""

from pathlib import Path
from typing import Any, cast

from headrace.errors import UnsupportedError
from headrace.stores.base import TrackingStore
from headrace.wire.operations import TRACKING

SCHEME = "offline:"


def connect(uri: str) -> TrackingStore:
    """The store of an offline folder."""
    return cast("TrackingStore", OfflineStore(folder_of(uri)))


def folder_of(uri: str) -> Path:
    """The folder that an offline URI names, absolute."""
    return Path(uri.removeprefix(SCHEME) or ".").expanduser().absolute()


class OfflineStore:
    """Answers nothing: runs are logged without it, and read where they are sent to."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        for operation in TRACKING:
            setattr(self, operation.method, self._refuse)

    def _refuse(self, _question: Any) -> Any:
        raise UnsupportedError(
            f"{self._folder} is an offline folder: runs can be logged there, and read once "
            f"`headrace sync {self._folder} --to URI` has sent them to a store."
        )

    def get_metric_columns(self, run_id: str, metric_key: str) -> bytes:
        return cast("bytes", self._refuse((run_id, metric_key)))

    def close(self) -> None:
        """There is nothing to let go of."""
