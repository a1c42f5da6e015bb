"""Models of Spark ML, saved by either, loaded by the other, and trainings that are recorded."""

import json

import mlflow
import mlflow.spark
import numpy as np
import pandas as pd
import pytest
from pyspark.ml import Pipeline
from pyspark.ml.classification import LogisticRegression
from pyspark.ml.evaluation import BinaryClassificationEvaluator
from pyspark.ml.feature import StandardScaler, VectorAssembler
from pyspark.ml.tuning import CrossValidator, ParamGridBuilder
from pyspark.sql import SparkSession

import headrace
import headrace.spark
from headrace.autologging import beside

RNG = np.random.default_rng(0)
TABLE = pd.DataFrame(RNG.normal(size=(60, 2)), columns=["a", "b"])
TABLE["label"] = (TABLE["a"] > 0).astype("float64")


@pytest.fixture(scope="module")
def spark():
    session = (
        SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "1").config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1").getOrCreate()
    )  # fmt: skip
    yield session
    session.stop()


@pytest.fixture(scope="module")
def rows(spark):
    return spark.createDataFrame(TABLE).cache()


@pytest.fixture(autouse=True)
def off():
    yield
    headrace.spark.autolog(disable=True)


def pipeline(strength=0.1):
    parts = [VectorAssembler(inputCols=["a", "b"], outputCol="raw"),
             StandardScaler(inputCol="raw", outputCol="features"),
             LogisticRegression(regParam=strength, maxIter=5)]  # fmt: skip
    return Pipeline(stages=parts)


@pytest.mark.parametrize(
    ("save", "load"), [(headrace, mlflow), (mlflow, headrace), (headrace, headrace)]
)
def test_both_predict_the_same(save, load, rows, folder):
    model = pipeline().fit(rows)
    needs = {"pip_requirements": []} if save is mlflow else {}
    save.spark.save_model(model, str(folder), **needs)
    allowed = {"allow_code": True} if load is headrace else {}
    expected = [row.prediction for row in model.transform(rows).collect()]
    again = load.spark.load_model(str(folder), **allowed)
    assert [row.prediction for row in again.transform(rows).collect()] == expected
    found = load.pyfunc.load_model(str(folder), **allowed).predict(TABLE[["a", "b"]])
    assert list(found) == expected


def test_classes_that_a_stranger_names_are_not_made(rows, folder, monkeypatch, tmp_path):
    headrace.spark.save_model(pipeline().fit(rows), folder)
    monkeypatch.setenv("HOME", str(tmp_path / "of another"))
    with pytest.raises(headrace.models.CodeRefusedError, match="names classes"):
        headrace.pyfunc.load_model(folder)
    with pytest.raises(ValueError, match="fitted model"):
        headrace.spark.save_model(pipeline(), tmp_path / "other")


def recorded():
    beside.flush()
    return headrace.search_runs(output_format="list", order_by=["start_time ASC"])


def test_a_training_is_recorded_and_not_changed(rows):
    plain = pipeline().fit(rows)
    headrace.spark.autolog()
    model = pipeline().fit(rows)
    assert model.stages[-1].coefficients == plain.stages[-1].coefficients
    (run,) = recorded()
    assert (run.info.status, run.data.tags["mlflow.autologging"]) == ("FINISHED", "spark")
    assert run.data.params["stages"] == "VectorAssembler, StandardScaler, LogisticRegression"
    assert run.data.params["LogisticRegression.regParam"] == "0.1"
    history = headrace.MlflowClient().get_metric_history(run.info.run_id, "objective")
    assert [one.value for one in history] == pytest.approx(
        model.stages[-1].summary.objectiveHistory
    )
    (output,) = run.outputs.model_outputs
    loaded = headrace.pyfunc.load_model(f"models:/{output.model_id}")
    assert len(loaded.predict(TABLE[["a", "b"]])) == 60


def test_a_search_has_its_settings_as_child_runs(rows):
    headrace.spark.autolog(log_models=False)
    steps = pipeline()
    grid = ParamGridBuilder().addGrid(steps.getStages()[-1].regParam, [0.01, 10.0]).build()
    search = CrossValidator(
        estimator=steps, estimatorParamMaps=grid, evaluator=BinaryClassificationEvaluator(),
        numFolds=2, seed=1, parallelism=2,
    )  # fmt: skip
    found = search.fit(rows)
    parent, *children = recorded()
    assert len(children) == 2
    assert {run.data.tags["mlflow.parentRunId"] for run in children} == {parent.info.run_id}
    scores = {run.data.params["regParam"]: run.data.metrics["areaUnderROC"] for run in children}
    assert scores == pytest.approx(dict(zip(["0.01", "10.0"], found.avgMetrics, strict=True)))
    assert parent.data.params["numFolds"] == "2"
    assert parent.data.metrics["best_areaUnderROC"] == max(found.avgMetrics)


def test_a_training_that_fails_fails_as_it_would(rows):
    headrace.spark.autolog()
    with pytest.raises(Exception, match="nowhere"):
        LogisticRegression(featuresCol="nowhere").fit(rows)
    (run,) = recorded()
    assert run.info.status == "FAILED"


def inputs(run):
    """What a run has read: name, source, context."""
    found = run.inputs.dataset_inputs
    tags = [{tag.key: tag.value for tag in one.tags}["mlflow.data.context"] for one in found]
    sources = [(one.dataset.source_type, json.loads(one.dataset.source)) for one in found]
    names = (one.dataset.name for one in found)
    return sorted(zip(names, sources, tags, strict=True), key=str)


def test_what_is_read_is_an_input_of_the_run(spark, tmp_path):
    place = str(tmp_path / "people")
    spark.createDataFrame(TABLE).write.parquet(place)
    spark.createDataFrame(TABLE[["a"]]).write.csv(str(tmp_path / "letters"))
    headrace.spark.autolog(log_models=False)
    with headrace.start_run() as run:
        assert spark.read.parquet(place).count() == 60
        assert (
            spark.read.format("csv")
            .option("header", "false")
            .load(str(tmp_path / "letters"))
            .count()
            == 60
        )
    found = headrace.get_run(run.info.run_id)
    letters = {"path": str(tmp_path / "letters"), "format": "csv"}
    people = {"path": place, "format": "parquet"}
    assert inputs(found) == [
        ("letters", ("spark", letters), "read"),
        ("people", ("spark", people), "read"),
    ]
    source = headrace.data.get_source(found.inputs.dataset_inputs[0])
    assert source.load().count() == 60
    frame = spark.read.load(place)
    pipeline().fit(frame)
    _, training = recorded()
    plain = ("people", ("spark", {"path": place}), "read")
    assert plain in inputs(training), "what was read before is an input of the next training"
