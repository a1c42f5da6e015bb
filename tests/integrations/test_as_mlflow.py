"""Libraries' own integrations with mlflow, unmodified, log to Headrace; mlflow itself is not installed."""

import subprocess
import sys
from collections.abc import Callable

import pytest

import headrace
from headrace.entities import Run
from mlflow_names import CLASSES, CLIENT, FLUENT, MODULES


def the_runs(experiment: str = "Default") -> list[Run]:
    return headrace.search_runs(
        experiment_names=[experiment], order_by=["start_time ASC"], output_format="list"
    )


def series(run: Run, key: str) -> list[int]:
    """The steps of a metric."""
    return [
        point.step for point in headrace.MlflowClient().get_metric_history(run.info.run_id, key)
    ]


@pytest.mark.slow
def test_transformers(run: Callable[[str], None]) -> None:
    run("with_transformers.py")
    (trained,) = the_runs()
    assert (trained.info.run_name, trained.info.status) == ("tiny bert", "FINISHED")
    assert series(trained, "loss") == [1, 2, 3, 4]
    assert series(trained, "eval_loss") == [2, 4]
    assert trained.data.params["learning_rate"] == "0.01"
    assert trained.data.params["hidden_size"] == "8"


@pytest.mark.slow
def test_lightning(run: Callable[[str], None]) -> None:
    run("with_lightning.py")
    (trained,) = the_runs("lines")
    assert (trained.info.run_name, trained.info.status) == ("line", "FINISHED")
    assert series(trained, "train_loss") == [0, 1, 2, 3]
    assert trained.data.params == {"rate": "0.1"}
    assert trained.data.tags["kind"] == "toy"
    assert "mlflow.user" in trained.data.tags
    (checkpoint,) = headrace.MlflowClient().list_artifacts(trained.info.run_id)
    names = {
        entry.path
        for entry in headrace.MlflowClient().list_artifacts(trained.info.run_id, checkpoint.path)
    }
    assert names == {
        f"{checkpoint.path}/{name}"
        for name in (f"{checkpoint.path}.ckpt", "metadata.yaml", "aliases.txt")
    }


@pytest.mark.slow
def test_optuna(run: Callable[[str], None]) -> None:
    run("with_optuna.py")
    trials = the_runs("parabola")
    assert [trial.info.run_name for trial in trials] == ["0", "1", "2"]
    for trial in trials:
        x = float(trial.data.params["x"])
        assert trial.data.metrics == {"inside": x, "distance": pytest.approx((x - 0.5) ** 2)}
        assert trial.data.tags["direction"] == "MINIMIZE"


@pytest.mark.slow
def test_ignite(run: Callable[[str], None]) -> None:
    run("with_ignite.py")
    (trained,) = the_runs()
    assert trained.info.status == "FINISHED"
    assert trained.data.params == {"rate": "0.25"}
    assert series(trained, "training loss") == [1, 2, 3, 4, 5, 6]
    assert trained.data.metrics["training loss"] < 0.01
    assert "lr group_0" in trained.data.metrics


def in_new_process(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_every_name_is_there_under_mlflows() -> None:
    names = [
        *FLUENT,
        *CLASSES,
        *(f"{module}.{name}" for module in MODULES for name in MODULES[module]),
    ]
    checks = "\n".join(f"mlflow.{name}" for name in names)
    clients = "\n".join(f"mlflow.tracking.MlflowClient.{name}" for name in CLIENT)
    in_new_process(
        f"import headrace; headrace.install_as_mlflow()\nimport mlflow\n{checks}\n{clients}"
    )


def test_libraries_find_it_in_every_way_they_look() -> None:
    assert (
        in_new_process("""
import headrace
headrace.install_as_mlflow()
headrace.install_as_mlflow()
import importlib.metadata, importlib.util, sys
assert importlib.util.find_spec("mlflow") is not None
assert "mlflow" not in sys.modules
import mlflow
assert mlflow.__version__ == importlib.metadata.version("mlflow")
from mlflow import MlflowException, start_run
from mlflow.entities import LoggedModelStatus, Metric, RunStatus, SourceType, ViewType
from mlflow.exceptions import RestException
from mlflow.utils.async_logging.run_operations import RunOperations
from mlflow.utils.mlflow_tags import MLFLOW_PARENT_RUN_ID
from mlflow.utils.validation import MAX_PARAM_VAL_LENGTH, validate_param_and_metric_name
assert RunStatus.to_string(RunStatus.FINISHED) == "FINISHED"
assert RunStatus.from_string("KILLED") == RunStatus.KILLED == 5
assert RunStatus.is_terminated(RunStatus.FAILED) and len(RunStatus.all_status()) == 5
assert (ViewType.ALL, ViewType.from_string("all"), SourceType.to_string(4)) == (3, 3, "LOCAL")
assert LoggedModelStatus.READY == "READY"
assert validate_param_and_metric_name("a/b") and not validate_param_and_metric_name("a@b")
assert MlflowException is headrace.MlflowException
print(MLFLOW_PARENT_RUN_ID)
""")
        == "mlflow.parentRunId"
    )


def test_what_is_not_there_is_said_with_its_name() -> None:
    assert "has no 'mlflow.nope'" in in_new_process("""
import headrace
headrace.install_as_mlflow()
import mlflow
try:
    mlflow.nope
except AttributeError as error:
    print(error)
try:
    import mlflow.nope
except ModuleNotFoundError as error:
    assert error.name == "mlflow.nope"
""")


def test_it_must_come_before_mlflow() -> None:
    assert "before the first import" in in_new_process("""
import sys, types
sys.modules["mlflow"] = types.ModuleType("mlflow")
import headrace
try:
    headrace.install_as_mlflow()
except headrace.HeadraceError as error:
    print(error)
""")
