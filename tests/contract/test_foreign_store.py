"""A store of another package is found by its scheme and held to the same promises, with no change of ours."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from headrace.stores.base import TrackingStore
from headrace.stores.resolve import open_store
from headrace.testing.stores.batches import BatchContract
from headrace.testing.stores.metrics import MetricContract

MODULE = '''
from pathlib import Path

from headrace.stores.sql import open_folder


class Wrapped:
    """A store of its own class, which happens to keep its runs as ours does."""

    def __init__(self, folder):
        self._inner = open_folder(folder)

    def __getattr__(self, name):
        return getattr(self._inner, name)


def connect(uri):
    return Wrapped(Path(uri.partition("://")[2]))
'''


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrackingStore]:
    package, data = tmp_path_factory.mktemp("package"), tmp_path_factory.mktemp("data")
    (package / "a_foreign_store.py").write_text(MODULE)
    info = package / "a_foreign_store-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: a-foreign-store\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[headrace.stores]\nforeign = a_foreign_store:connect\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(package))
        with closing(open_store(f"foreign://{data}")) as opened:
            assert type(opened).__name__ == "Wrapped"
            assert Path(data, "headrace.db").exists()
            yield opened


class TestForeign(BatchContract, MetricContract):
    """Two parts of the suite are enough to show the way."""
