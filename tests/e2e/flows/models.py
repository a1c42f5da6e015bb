"""Models of scikit-learn and of Python code: logged, and loaded by every URI that needs no registry."""

import mlflow
import numpy as np
import pytest
from mlflow.models import infer_signature
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression


@pytest.fixture(scope="module")
def data():
    return load_iris(return_X_y=True)


@pytest.fixture(scope="module")
def fitted(data):
    return LogisticRegression(max_iter=500).fit(*data)


def log(model, **options):
    return mlflow.sklearn.log_model(model, pip_requirements=["scikit-learn"], **options)


def test_a_model_is_loaded_by_run_uri_and_by_model_uri(client, experiment_id, data, fitted):
    with mlflow.start_run() as run:
        info = log(fitted, name="model")
    assert info.model_uri == f"models:/{info.model_id}"
    by_run = mlflow.sklearn.load_model(f"runs:/{run.info.run_id}/model")
    by_id = mlflow.sklearn.load_model(info.model_uri)
    assert np.array_equal(by_run.predict(data[0]), fitted.predict(data[0]))
    assert np.array_equal(by_id.predict(data[0]), fitted.predict(data[0]))
    logged = client.get_logged_model(info.model_id)
    assert logged.status == "READY"
    assert logged.source_run_id == run.info.run_id
    assert logged.name == "model"
    assert logged.experiment_id == experiment_id


def test_a_run_names_the_models_it_made(client, experiment_id, fitted):
    with mlflow.start_run() as run:
        info = log(fitted, name="model", step=3)
    [output] = client.get_run(run.info.run_id).outputs.model_outputs
    assert (output.model_id, output.step) == (info.model_id, 3)
    [found] = client.search_runs([experiment_id])
    assert [o.model_id for o in found.outputs.model_outputs] == [info.model_id]


def test_pyfunc_loads_with_signature_and_example(experiment_id, data, fitted):
    signature = infer_signature(data[0], fitted.predict(data[0]))
    with mlflow.start_run() as run:
        info = log(fitted, name="signed", signature=signature, input_example=data[0][:2])
    model = mlflow.pyfunc.load_model(info.model_uri)
    assert np.array_equal(model.predict(data[0]), fitted.predict(data[0]))
    assert model.metadata.signature == signature
    assert model.metadata.run_id == run.info.run_id
    loaded = mlflow.models.get_model_info(f"runs:/{run.info.run_id}/signed")
    assert loaded.model_id == info.model_id
    assert loaded.signature == signature
    with pytest.raises(mlflow.MlflowException, match="schema"):
        model.predict(data[0][:, :2])


def test_a_model_without_a_run(client, experiment_id, data, fitted):
    info = log(fitted, name="alone")
    mlflow.end_run()
    assert client.search_runs([experiment_id]) == []
    assert client.get_logged_model(info.model_id).source_run_id in {None, ""}
    assert np.array_equal(
        mlflow.sklearn.load_model(info.model_uri).predict(data[0]), fitted.predict(data[0])
    )


def test_two_models_in_one_run(client, experiment_id, data, fitted):
    other = LogisticRegression(max_iter=500, C=0.001).fit(*data)
    with mlflow.start_run() as run:
        log(fitted, name="good")
        log(other, name="poor")
    for name, model in {"good": fitted, "poor": other}.items():
        loaded = mlflow.sklearn.load_model(f"runs:/{run.info.run_id}/{name}")
        assert np.array_equal(loaded.predict_proba(data[0]), model.predict_proba(data[0]))
    assert len(client.get_run(run.info.run_id).outputs.model_outputs) == 2


def test_model_files_are_listed_and_downloaded(client, experiment_id, fitted, tmp_path):
    with mlflow.start_run() as run:
        info = log(fitted, name="model")
    files = {f.path for f in client.list_logged_model_artifacts(info.model_id)}
    assert {"MLmodel", "requirements.txt", "python_env.yaml", "conda.yaml"} < files
    through_run = {f.path for f in client.list_artifacts(run.info.run_id, "model")}
    assert through_run == {f"model/{name}" for name in files}
    local = mlflow.artifacts.download_artifacts(f"models:/{info.model_id}", dst_path=str(tmp_path))
    assert mlflow.models.Model.load(local).model_id == info.model_id


def test_files_can_be_added_to_a_model(client, experiment_id, tmp_path):
    model = mlflow.create_external_model(name="external", experiment_id=experiment_id)
    (tmp_path / "one.txt").write_text("1")
    client.log_model_artifact(model.model_id, str(tmp_path / "one.txt"))
    client.log_model_artifacts(model.model_id, str(tmp_path))
    assert "one.txt" in {f.path for f in client.list_logged_model_artifacts(model.model_id)}


def test_a_python_model(experiment_id):
    class Doubles(mlflow.pyfunc.PythonModel):
        def predict(self, context, model_input: list[float], params=None) -> list[float]:
            return [2 * value for value in model_input]

    with mlflow.start_run() as run:
        mlflow.pyfunc.log_model(name="doubles", python_model=Doubles(), pip_requirements=["mlflow"])
    loaded = mlflow.pyfunc.load_model(f"runs:/{run.info.run_id}/doubles")
    assert loaded.predict([1.0, 2.5]) == [2.0, 5.0]


def test_a_model_that_fails_to_save_is_marked(client, experiment_id):
    with pytest.raises(Exception), mlflow.start_run():  # noqa: B017, PT011 (any library's own error)
        mlflow.sklearn.log_model(lambda: None, name="broken", serialization_format="skops")
    statuses = {m.status for m in client.search_logged_models([experiment_id])}
    assert statuses == {"FAILED"}


def test_sklearn_autolog(client, experiment_id, data):
    mlflow.sklearn.autolog(log_input_examples=False, extra_tags={"by": "autolog"})
    try:
        LogisticRegression(max_iter=321).fit(*data)
    finally:
        mlflow.sklearn.autolog(disable=True)
    [logged] = client.search_runs([experiment_id])
    logged = client.get_run(logged.info.run_id)
    assert logged.info.status == "FINISHED"
    assert logged.data.tags["by"] == "autolog"
    assert logged.data.params["max_iter"] == "321"
    assert logged.data.metrics["training_accuracy_score"] > 0.9
    assert logged.data.tags["estimator_name"] == "LogisticRegression"
    assert logged.data.tags["mlflow.autologging"] == "sklearn"
    assert [i.dataset.name for i in logged.inputs.dataset_inputs] == ["dataset"]
    [output] = logged.outputs.model_outputs
    model = client.get_logged_model(output.model_id)
    assert model.params["max_iter"] == "321"
    assert {m.key for m in model.metrics} >= {"training_accuracy_score"}
    files = {f.path for f in client.list_artifacts(logged.info.run_id)}
    assert {"estimator.html", "training_confusion_matrix.png"} <= files
    assert mlflow.sklearn.load_model(f"models:/{output.model_id}").max_iter == 321


def test_sklearn_autolog_of_a_search_makes_child_runs(client, experiment_id, data):
    from sklearn.model_selection import GridSearchCV

    mlflow.sklearn.autolog(log_models=False, max_tuning_runs=3)
    try:
        with mlflow.start_run() as run:
            GridSearchCV(LogisticRegression(max_iter=200), {"C": [0.1, 1.0, 10.0]}, cv=2).fit(*data)
    finally:
        mlflow.sklearn.autolog(disable=True)
    children = client.search_runs([experiment_id], f"tags.mlflow.parentRunId = '{run.info.run_id}'")
    assert {child.data.params["C"] for child in children} == {"0.1", "1.0", "10.0"}
    assert client.get_run(run.info.run_id).data.metrics["best_cv_score"] > 0.9


def test_evaluate_logs_metrics_with_the_dataset(client, experiment_id, data, fitted):
    import pandas as pd

    frame = pd.DataFrame(data[0], columns=["a", "b", "c", "d"]).assign(label=data[1])
    with mlflow.start_run() as run:
        info = log(
            LogisticRegression(max_iter=500).fit(frame[["a", "b", "c", "d"]], frame["label"]),
            name="model",
        )
        result = mlflow.models.evaluate(
            info.model_uri,
            frame,
            targets="label",
            model_type="classifier",
            evaluator_config={"log_explainer": False},
        )
    metrics = client.get_run(run.info.run_id).data.metrics
    assert metrics["accuracy_score"] == result.metrics["accuracy_score"] > 0.9
    of_model = [
        m for m in client.get_logged_model(info.model_id).metrics if m.key == "accuracy_score"
    ]
    assert {m.value for m in of_model} == {result.metrics["accuracy_score"]}
    assert any(m.dataset_digest for m in of_model)
