"""scikit-learn recorded by one line: what is recorded, and that the training does not notice."""

import pickle
import subprocess
import sys
import threading
from collections.abc import Callable

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.datasets import load_breast_cancer, make_regression
from sklearn.ensemble import RandomForestClassifier, VotingClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import accuracy_score, mean_squared_error
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

import headrace
from headrace.entities import Run

pytestmark = pytest.mark.slow

Recorded = Callable[[], list[Run]]
X, Y = load_breast_cancer(return_X_y=True, as_frame=True)
X_TEST, Y_TEST = X[400:], Y[400:]


def artifacts(run: Run) -> set[str]:
    return {file.path for file in headrace.MlflowClient().list_artifacts(run.info.run_id)}


def test_a_pipeline_is_one_run_with_its_params_scores_pictures_and_model(
    recorded: Recorded,
) -> None:
    headrace.autolog(extra_tags={"team": "ops"})
    model = make_pipeline(StandardScaler(), LogisticRegression(C=2.0)).fit(X, Y)
    (run,) = recorded()
    assert run.info.status == "FINISHED"
    assert run.data.params["logisticregression__C"] == "2.0"
    assert run.data.tags["estimator_class"] == "sklearn.pipeline.Pipeline"
    assert (run.data.tags["mlflow.autologging"], run.data.tags["team"]) == ("sklearn", "ops")
    # On a busy machine the scores are those of the first rows.
    rows = int(run.data.tags.get("headrace.training_scores.rows", len(X)))
    expected = accuracy_score(Y[:rows], model.predict(X[:rows]))
    assert run.data.metrics["training_accuracy_score"] == expected
    assert {"training_f1_score", "training_log_loss", "training_roc_auc"} <= run.data.metrics.keys()
    assert {
        "estimator.html", "training_confusion_matrix.png", "training_roc_curve.png",
        "training_precision_recall_curve.png",
    } <= artifacts(run)  # fmt: skip
    (data,) = run.inputs.dataset_inputs
    assert "mean radius" in (data.dataset.schema or "")
    (output,) = run.outputs.model_outputs
    loaded = headrace.pyfunc.load_model(f"models:/{output.model_id}")
    assert np.array_equal(loaded.predict(X), model.predict(X))
    assert loaded.metadata.signature is not None


def test_a_model_is_registered_as_it_is_recorded(recorded: Recorded) -> None:
    headrace.sklearn.autolog(registered_model_name="trees")
    models = [DecisionTreeClassifier(max_depth=depth).fit(X, Y) for depth in (2, 3)]
    runs = recorded()
    client = headrace.MlflowClient()
    for number, (model, run) in enumerate(zip(models, runs, strict=True), 1):
        assert client.get_model_version("trees", str(number)).run_id == run.info.run_id
        loaded = headrace.sklearn.load_model(f"models:/trees/{number}")
        assert loaded.max_depth == model.max_depth


def test_nothing_about_the_training_changes() -> None:
    def predictions() -> list[bytes]:
        models = (
            RandomForestClassifier(20, random_state=1),
            make_pipeline(StandardScaler(), KNeighborsClassifier()),
            GridSearchCV(DecisionTreeClassifier(random_state=2), {"max_depth": [1, 3]}, cv=3),
            VotingClassifier([("t", DecisionTreeClassifier(random_state=3))]),
        )
        return [pickle.dumps(model.fit(X, Y).predict(X_TEST)) for model in models]

    plain = predictions()
    headrace.sklearn.autolog(log_models=False)
    assert predictions() == plain
    headrace.sklearn.autolog(disable=True)
    assert predictions() == plain


def test_a_search_has_its_best_settings_as_child_runs(recorded: Recorded) -> None:
    headrace.sklearn.autolog(log_models=False, max_tuning_runs=2)
    grid = {"max_depth": [1, 2, 3, 5]}
    search = GridSearchCV(DecisionTreeClassifier(random_state=0), grid, cv=3).fit(X, Y)
    parent, *children = recorded()
    assert len(children) == 2
    assert all(child.data.tags["mlflow.parentRunId"] == parent.info.run_id for child in children)
    assert parent.data.params["best_max_depth"] == str(search.best_params_["max_depth"])
    assert parent.data.metrics["best_cv_score"] == search.best_score_
    assert "cv_results.csv" in artifacts(parent)
    best = max(child.data.metrics["mean_test_score"] for child in children)
    assert best == search.best_score_


def test_scores_of_later_predictions_go_to_the_models_run(recorded: Recorded) -> None:
    headrace.sklearn.autolog(log_models=False)
    features, target = make_regression(300, 4, random_state=0)
    later = features[200:]
    model = LinearRegression().fit(features[:200], target[:200])
    error = mean_squared_error(target[200:], model.predict(later))
    mean_squared_error(target[200:], model.predict(later))
    model.score(later, target[200:])
    mean_squared_error(target[200:], target[200:])  # of no model
    (run,) = recorded()
    assert run.data.metrics["mean_squared_error_later"] == error
    assert run.data.metrics["mean_squared_error-2_later"] == error
    assert run.data.metrics["LinearRegression_score_later"] > 0.99
    assert sum("mean_squared_error_" in key for key in run.data.metrics) == 1


def test_it_goes_along_with_what_is_logged_by_hand(recorded: Recorded) -> None:
    headrace.sklearn.autolog(log_models=False)
    with headrace.start_run() as mine:
        headrace.log_param("note", "by hand")
        KMeans(3, n_init=1, random_state=0).fit(X)
        headrace.log_metric("own", 1.0)
    (run,) = recorded()
    assert run.info.run_id == mine.info.run_id
    assert (run.data.params["note"], run.data.params["n_clusters"]) == ("by hand", "3")
    assert run.data.metrics["own"] == 1.0
    headrace.sklearn.autolog(log_models=False, exclusive=True)
    with headrace.start_run():
        KMeans(3, n_init=1).fit(X)
    assert "n_clusters" not in recorded()[-1].data.params


def test_a_training_that_fails_is_told_as_it_is_and_its_run_has_failed(recorded: Recorded) -> None:
    headrace.sklearn.autolog()
    with pytest.raises(ValueError, match="continuous"):
        LogisticRegression().fit(X, Y + 0.5 * np.arange(len(Y)))
    (run,) = recorded()
    assert run.info.status == "FAILED"


@pytest.mark.filterwarnings("ignore")
def test_what_cannot_be_recorded_stops_nothing(
    recorded: Recorded, caplog: pytest.LogCaptureFixture
) -> None:
    headrace.sklearn.autolog()

    class Odd(LogisticRegression):
        def get_params(self, deep: bool = True) -> dict[str, object]:
            if deep:  # scikit-learn itself asks for the own ones
                raise RuntimeError("no params")
            return dict(super().get_params(deep))

    assert Odd().fit(X, Y).coef_.shape == (1, 30)
    assert "no params" in caplog.text
    (run,) = recorded()
    assert run.info.status == "FINISHED"
    assert run.data.metrics["training_accuracy_score"] > 0.9


def test_threads_with_runs_of_their_own_are_recorded_side_by_side(recorded: Recorded) -> None:
    headrace.sklearn.autolog(log_models=False)

    def train(depth: int) -> None:
        with headrace.start_run(run_name=f"depth {depth}"):
            DecisionTreeClassifier(max_depth=depth).fit(X, Y)

    threads = [threading.Thread(target=train, args=(depth,)) for depth in (1, 2, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    depths = {run.info.run_name: run.data.params["max_depth"] for run in recorded()}
    assert depths == {"depth 1": "1", "depth 2": "2", "depth 3": "3"}


def test_other_ranks_of_a_distributed_training_record_nothing(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    headrace.sklearn.autolog()
    monkeypatch.setenv("RANK", "3")
    LinearRegression().fit(X, Y)
    assert recorded() == []


def test_an_unknown_option_is_refused_with_those_there_are() -> None:
    with pytest.raises(headrace.HeadraceError, match=r"log_model'.*Options: .*log_models"):
        headrace.sklearn.autolog(log_model=True)


def test_a_word_for_the_library_itself_wins(recorded: Recorded) -> None:
    headrace.sklearn.autolog(disable=True)
    headrace.autolog()
    LinearRegression().fit(X, Y)
    assert recorded() == []


def test_it_may_be_switched_on_before_the_library_is_imported() -> None:
    program = """
import sys, headrace
headrace.autolog(log_models=False)
assert "sklearn" not in sys.modules
from sklearn.linear_model import Ridge
Ridge().fit([[1.0], [2.0]], [1.0, 2.0])
run = headrace.last_active_run()
print(run.data.params["alpha"], run.data.metrics["training_r2_score"] > 0.5)
"""
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert done.stdout.split("\n")[-2] == "1.0 True", done.stdout


def test_things_among_the_modules_that_are_none_do_no_harm() -> None:
    """Cython puts such an object there."""
    program = (
        "import sys, tempfile\n"
        "import headrace\n"
        "class Slots: __slots__ = ()\n"
        "sys.modules['of.something.else'] = Slots()\n"
        "headrace.set_tracking_uri(tempfile.mkdtemp())\n"
        "import sklearn.metrics\n"
        "from sklearn.linear_model import LinearRegression\n"
        "headrace.sklearn.autolog(log_models=False)\n"
        "LinearRegression().fit([[0.0], [1.0]], [0, 1])\n"
        "print(len(headrace.search_runs(output_format='list')))\n"
    )
    command = [sys.executable, "-W", "ignore", "-c", program]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["1"], done.stderr


def test_what_is_patched_is_still_pickled_by_name(recorded: Recorded) -> None:
    headrace.sklearn.autolog(log_models=False)
    fit = pickle.loads(pickle.dumps(LinearRegression().fit))
    assert fit(X, Y).coef_.shape == (30,)
    assert len(recorded()) == 1
