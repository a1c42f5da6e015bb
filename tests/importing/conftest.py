"""Sources that the real tools made, each once a session."""

from collections.abc import Callable
from functools import cache

import pytest

from databases import Databases
from importing import made


@pytest.fixture(scope="session")
def mlflow_made(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str, str], made.Made]:
    """What a version of MLflow wrote into a folder or a database; nobody may change it."""

    @cache
    def make(version: str, kind: str) -> made.Made:
        return made.by_mlflow(version, kind, databases, tmp_path_factory.mktemp("made"))

    return make


@pytest.fixture(scope="session")
def trackers_made(tmp_path_factory: pytest.TempPathFactory) -> made.Trackers:
    """A folder with event files of TensorBoard and one with offline runs of W&B; nobody may change them."""
    return made.by_trackers(tmp_path_factory.mktemp("trackers"))
