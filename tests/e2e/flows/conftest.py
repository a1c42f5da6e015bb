"""The server under test, as a user of the mlflow client meets it.

These modules run inside an environment with the real ``mlflow`` package; they know nothing of the
server behind ``MLFLOW_TRACKING_URI``. Each asserts what the real `mlflow server` does. Where Headrace
is stricter or better on purpose, the assertion takes both and says why.
"""

import os
import secrets

import mlflow
import pytest
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException


@pytest.fixture(scope="session", autouse=True)
def _server():
    mlflow.set_tracking_uri(os.environ["MLFLOW_TRACKING_URI"])


@pytest.fixture
def client():
    return MlflowClient()


@pytest.fixture
def unique():
    """Makes a name that no other test uses."""
    return lambda stem: f"{stem}-{secrets.token_hex(5)}"


@pytest.fixture
def experiment_id(unique):
    """A new experiment, and the active one while the test runs."""
    experiment = mlflow.set_experiment(unique("flow"))
    yield experiment.experiment_id
    while mlflow.active_run() is not None:
        mlflow.end_run()


@pytest.fixture
def run_id(client, experiment_id):
    """A running run without anything in it."""
    return client.create_run(experiment_id).info.run_id


@pytest.fixture
def refused():
    """Calls and expects to be refused, with this code and HTTP status."""

    def call(code, status, act, *args, **kwargs):
        with pytest.raises(MlflowException) as caught:
            act(*args, **kwargs)
        assert (caught.value.error_code, caught.value.get_http_status_code()) == (code, status), (
            caught.value
        )
        return str(caught.value)

    return call
