"""A store for each case, and both ways of a round trip."""

import mlflow
import pytest

import headrace


@pytest.fixture(autouse=True)
def stores(tmp_path, monkeypatch):
    """Headrace keeps its runs in one folder, mlflow its own in another; both are of this test alone."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    headrace.set_tracking_uri(tmp_path / "store")
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path}/mlflow.db")
    yield
    headrace.autolog(disable=True)
    headrace.set_tracking_uri("")


@pytest.fixture
def folder(tmp_path):
    """Where a model may be saved."""
    return tmp_path / "model"
