"""Models kept in the store, on a folder and on a server; and offline, and while the server is away."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

import headrace
import headrace.sklearn
from cli_calls import call
from headrace.errors import InvalidValueError, NotFoundError, UnsupportedError
from headrace.models import CodeRefusedError, infer_signature

X = pd.DataFrame({"a": [1.0, 2.0, 3.0, 4.0], "b": [0, 1, 0, 1]})
MODEL = LogisticRegression().fit(X, [0, 0, 1, 1])


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def test_a_logged_model_is_an_output_of_its_run(fluent: headrace.MlflowClient) -> None:
    with headrace.start_run() as run:
        headrace.log_param("c", 1)
        info = headrace.sklearn.log_model(
            MODEL,
            name="lr",
            input_example=X,
            params={"d": 2},
            tags={"t": "x"},
            model_type="clf",
            step=3,
        )
    model = fluent.get_logged_model(str(info.model_id))
    assert (model.name, model.status, model.model_type) == ("lr", "READY", "clf")
    assert (model.params, model.tags["t"]) == ({"c": "1", "d": "2"}, "x")
    outputs = fluent.get_run(run.info.run_id).outputs
    assert outputs is not None
    assert [(one.model_id, one.step) for one in outputs.model_outputs] == [(model.model_id, 3)]
    files = {one.path for one in fluent.list_logged_model_artifacts(model.model_id)}
    assert {"MLmodel", "model.skops", "SHA256SUMS", "requirements.txt", "conda.yaml"} <= files
    assert headrace.last_logged_model() == model


@pytest.mark.parametrize("spelling", ["models:/{model}", "runs:/{run}/lr"])
def test_it_is_loaded_by_its_uris(fluent: headrace.MlflowClient, spelling: str) -> None:
    with headrace.start_run() as run:
        info = headrace.sklearn.log_model(MODEL, "lr", input_example=X)
    uri = spelling.format(model=info.model_id, run=run.info.run_id)
    assert np.array_equal(headrace.pyfunc.load_model(uri).predict(X), MODEL.predict(X))
    assert np.array_equal(headrace.sklearn.load_model(uri).coef_, MODEL.coef_)
    assert headrace.models.get_model_info(uri).signature == info.signature


def test_a_run_without_such_a_model_says_so(fluent: headrace.MlflowClient) -> None:
    with headrace.start_run() as run:
        pass
    with pytest.raises(NotFoundError, match="lr"):
        headrace.pyfunc.load_model(f"runs:/{run.info.run_id}/lr")


def test_without_a_run_it_is_a_model_of_its_own(fluent: headrace.MlflowClient) -> None:
    info = headrace.sklearn.log_model(MODEL)
    assert headrace.active_run() is None
    model = fluent.get_logged_model(str(info.model_id))
    assert (model.status, model.source_run_id) == ("READY", None)
    assert model.name


def test_code_from_the_store_in_use_is_run(fluent: headrace.MlflowClient) -> None:
    info = headrace.pyfunc.log_model(name="f", python_model=lambda x: x + 1)
    assert headrace.pyfunc.load_model(info.model_uri).predict(1) == 2
    with pytest.raises(CodeRefusedError):
        headrace.pyfunc.load_model(info.model_uri, allow_code=False)


def test_what_cannot_be_saved_is_failed(fluent: headrace.MlflowClient) -> None:
    class Unknown(LogisticRegression):
        pass

    Unknown.__module__ = "nowhere"
    with headrace.start_run() as run, pytest.raises(Exception, match=r"nowhere|Unknown"):
        headrace.sklearn.log_model(Unknown().fit(X, [0, 0, 1, 1]), name="bad")
    (model,) = fluent.search_logged_models([run.info.experiment_id], "name = 'bad'")
    assert model.status == "FAILED"


def test_a_signature_is_changed_where_the_model_is(fluent: headrace.MlflowClient) -> None:
    info = headrace.pyfunc.log_model(name="f", python_model=lambda x: x)
    headrace.models.set_signature(info.model_uri, infer_signature(X))
    again = headrace.models.get_model_info(info.model_uri)
    assert again.signature == infer_signature(X)
    headrace.models.update_model_requirements(info.model_uri, "add", ["numpy==0"])
    path = headrace.pyfunc.get_model_dependencies(info.model_uri)
    assert "numpy==0" in Path(path).read_text()
    headrace.pyfunc.load_model(info.model_uri)


def test_a_model_that_was_made_before_is_filled(fluent: headrace.MlflowClient) -> None:
    made = headrace.initialize_logged_model(name="early")
    info = headrace.sklearn.log_model(MODEL, model_id=made.model_id, params={"p": 1})
    assert info.model_id == made.model_id
    assert fluent.get_logged_model(made.model_id).params == {"p": "1"}


def test_a_module_written_for_mlflow_logs_its_models(fluent: headrace.MlflowClient) -> None:
    class Module:
        @staticmethod
        def save_model(path: str, mlflow_model: headrace.models.Model, text: str) -> None:
            Path(path).mkdir()
            (Path(path) / "text").write_text(text)
            mlflow_model.add_flavor("theirs", data="text")
            mlflow_model.save(path)

    with headrace.start_run():
        info = headrace.models.Model.log("theirs", Module, text="hello", tags={"t": "x"})
    model = fluent.get_logged_model(str(info.model_id))
    assert (model.name, model.status, model.tags["t"]) == ("theirs", "READY", "x")
    place = Path(headrace.artifacts.download_artifacts(info.model_uri))
    assert (place / "text").read_text() == "hello"


def test_predictions_come_one_by_one(fluent: headrace.MlflowClient) -> None:
    class Counting(headrace.pyfunc.PythonModel):
        def predict(self, context: object, model_input: int) -> int:  # type: ignore[override]
            return model_input

        def predict_stream(self, context: object, model_input: int) -> Iterator[int]:  # type: ignore[override]
            yield from range(model_input)

    info = headrace.pyfunc.log_model(name="counting", python_model=Counting())
    assert info.flavors["python_function"]["streamable"]
    assert list(headrace.pyfunc.load_model(info.model_uri).predict_stream(3)) == [0, 1, 2]


@pytest.mark.parametrize("name", ["", "a/b", "a.b"])
def test_a_bad_name_is_refused_before_anything_is_made(
    fluent: headrace.MlflowClient, name: str
) -> None:
    with pytest.raises(InvalidValueError, match="cannot be called"):
        headrace.sklearn.log_model(MODEL, name=name)


def test_offline_it_is_kept_with_the_run(tmp_path: Path) -> None:
    headrace.set_tracking_uri(f"offline:{tmp_path / 'off'}")
    with headrace.start_run() as run:
        with pytest.raises(UnsupportedError, match="registers nothing"):
            headrace.sklearn.log_model(MODEL, name="lr", registered_model_name="r")
        info = headrace.sklearn.log_model(MODEL, name="lr", input_example=X)
    assert info.model_uri == f"runs:/{run.info.run_id}/lr"
    store = tmp_path / "store"
    assert call("sync", str(tmp_path / "off"), "--to", str(store)).code == 0
    headrace.set_tracking_uri(store)
    assert np.array_equal(headrace.pyfunc.load_model(info.model_uri).predict(X), MODEL.predict(X))


def test_a_server_that_is_away_stops_no_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADRACE_HTTP_REQUEST_MAX_RETRIES", "0")
    monkeypatch.setenv("HEADRACE_FLUSH_TIMEOUT", "0.1")
    headrace.set_tracking_uri("http://127.0.0.1:9")
    with headrace.start_run():
        info = headrace.sklearn.log_model(MODEL, name="lr")
    assert info.model_uri.startswith("runs:/")
    assert list((tmp_path / "spool").rglob("lr/model.skops"))


def test_rows_may_be_lists(fluent: headrace.MlflowClient) -> None:
    model = LogisticRegression().fit(X.to_numpy(), [0, 0, 1, 1])
    info = headrace.sklearn.log_model(model, input_example=[[1.0, 0.0]])
    found = headrace.pyfunc.load_model(info.model_uri).predict(X.to_numpy().tolist())
    assert np.array_equal(found, model.predict(X.to_numpy()))


def test_what_was_fetched_is_gone_with_the_process(
    fluent: headrace.MlflowClient, tmp_path: Path
) -> None:
    """And what was not fetched, because it is local, is still there."""
    info = headrace.sklearn.log_model(MODEL)
    script = (
        f"import headrace, headrace.sklearn; headrace.set_tracking_uri({fluent.tracking_uri!r}); "
        f"headrace.sklearn.load_model({info.model_uri!r})"
    )
    scratch = tmp_path / "headrace-scratch"
    scratch.mkdir()
    subprocess.run(
        [sys.executable, "-c", script], check=True, env={**os.environ, "TMPDIR": str(scratch)}
    )
    assert list(scratch.iterdir()) == []
    assert np.array_equal(headrace.sklearn.load_model(info.model_uri).coef_, MODEL.coef_)
