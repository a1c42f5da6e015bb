"""Train three families of models on the handwritten digits of scikit-learn, and track it all.

Run it with ``make demo``, or by itself: ``python examples/demo.py [FOLDER]``. Each setting of a family
is a run with its params, a metric per epoch, figures and the model as artifacts.
"""

import itertools
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, NamedTuple

import joblib
import matplotlib as mpl
import numpy as np
from sklearn.datasets import load_digits
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import ConfusionMatrixDisplay, accuracy_score, f1_score, log_loss
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

import headrace

mpl.use("Agg")

from matplotlib.figure import Figure

EXPERIMENT = "digits"


class Data(NamedTuple):
    """Scaled pixels and digits, split into a part to learn from and a part to check with."""

    x_train: np.ndarray
    x_test: np.ndarray
    y_train: np.ndarray
    y_test: np.ndarray


class Epoch(NamedTuple):
    """A model as it stands after an epoch."""

    number: int
    model: Any


class Family(NamedTuple):
    """A kind of model, its settings, and how it is trained an epoch at a time."""

    name: str
    grid: dict[str, list[Any]]
    train: Any


def load() -> Data:
    """The 1,797 pictures of 8 x 8 pixels that ship with scikit-learn."""
    digits = load_digits()
    parts = train_test_split(
        digits.data, digits.target, test_size=0.3, stratify=digits.target, random_state=7
    )
    scaler = StandardScaler().fit(parts[0])
    return Data(scaler.transform(parts[0]), scaler.transform(parts[1]), parts[2], parts[3])


def train_linear(data: Data, alpha: float, penalty: str) -> Iterator[Epoch]:
    """Logistic regression by stochastic gradient descent."""
    model = SGDClassifier(loss="log_loss", alpha=alpha, penalty=penalty, random_state=7)
    for epoch in range(40):
        model.partial_fit(data.x_train, data.y_train, classes=np.arange(10))
        yield Epoch(epoch, model)


def train_network(data: Data, hidden: int, learning_rate: float) -> Iterator[Epoch]:
    """A neural network with one hidden layer."""
    model = MLPClassifier((hidden,), learning_rate_init=learning_rate, random_state=7)
    for epoch in range(40):
        model.partial_fit(data.x_train, data.y_train, classes=np.arange(10))
        yield Epoch(epoch, model)


def train_boosting(data: Data, max_depth: int, learning_rate: float) -> Iterator[Epoch]:
    """Boosted trees, three more for each digit at a time."""
    model = GradientBoostingClassifier(
        max_depth=max_depth,
        learning_rate=learning_rate,
        subsample=0.5,
        max_features="sqrt",
        warm_start=True,
        random_state=7,
    )
    for epoch in range(12):
        model.set_params(n_estimators=3 * (epoch + 1))
        model.fit(data.x_train, data.y_train)
        yield Epoch(epoch, model)


FAMILIES = (
    Family(
        "linear",
        {"alpha": [1e-4, 1e-3, 1e-2, 1e-1], "penalty": ["l2", "l1", "elasticnet"]},
        train_linear,
    ),
    Family(
        "network",
        {"hidden": [8, 16, 32, 64], "learning_rate": [0.0003, 0.001, 0.01]},
        train_network,
    ),
    Family("boosting", {"max_depth": [2, 3, 4], "learning_rate": [0.05, 0.1, 0.3]}, train_boosting),
)


def settings(grid: dict[str, list[Any]]) -> Iterable[dict[str, Any]]:
    """Every combination of a grid."""
    for values in itertools.product(*grid.values()):
        yield dict(zip(grid, values, strict=True))


def track(data: Data, family: Family, chosen: dict[str, Any]) -> float:
    """One run: params, a metric per epoch, figures, the model; the final accuracy."""
    name = "-".join([family.name, *(str(value) for value in chosen.values())])
    with headrace.start_run(run_name=name):
        headrace.log_params({"model": family.name, **chosen})
        headrace.set_tags({"data": "digits", "task": "classification"})
        began, history = perf_counter(), []
        for epoch in family.train(data, **chosen):
            scores = score(data, epoch.model)
            headrace.log_metrics(scores, step=epoch.number)
            history.append(scores)
        headrace.log_metric("train_seconds", perf_counter() - began)
        headrace.log_figure(curves(history), "figures/learning_curve.png")
        headrace.log_figure(confusion(data, epoch.model), "figures/confusion_matrix.png")
        headrace.log_dict({"scores": history[-1], "settings": chosen}, "summary.json")
        log_model(epoch.model)
        return history[-1]["accuracy"]


def score(data: Data, model: Any) -> dict[str, float]:
    """How well a model does on both parts of the data."""
    predicted, probabilities = model.predict(data.x_test), model.predict_proba(data.x_test)
    return {
        "accuracy": accuracy_score(data.y_test, predicted),
        "f1": f1_score(data.y_test, predicted, average="macro"),
        "loss": log_loss(data.y_test, np.clip(probabilities, 1e-9, 1), labels=np.arange(10)),
        "train/accuracy": accuracy_score(data.y_train, model.predict(data.x_train)),
    }


def curves(history: list[dict[str, float]]) -> Figure:
    """Accuracy by epoch."""
    figure = Figure(figsize=(5, 3), layout="constrained")
    axes = figure.subplots()
    for key in ("train/accuracy", "accuracy"):
        axes.plot([scores[key] for scores in history], label=key)
    axes.set(xlabel="epoch", ylabel="accuracy")
    axes.legend()
    return figure


def confusion(data: Data, model: Any) -> Figure:
    """Which digits are taken for which."""
    figure = Figure(figsize=(4, 4), layout="constrained")
    ConfusionMatrixDisplay.from_predictions(
        data.y_test, model.predict(data.x_test), ax=figure.subplots(), colorbar=False, cmap="Blues"
    )
    return figure


def log_model(model: Any) -> None:
    """The trained model, as a file of the run."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "model.joblib"
        joblib.dump(model, path)
        headrace.log_artifact(path, "model")


def register() -> None:
    """The best run of each family becomes a version of one model: one is in production, another is to follow."""
    client = headrace.MlflowClient()
    if client.search_registered_models(f"name = '{EXPERIMENT}'"):
        return  # the demo was here before
    for family in FAMILIES:
        (best,) = headrace.search_runs(
            filter_string=f"params.model = '{family.name}'",
            order_by=["metrics.accuracy DESC"],
            max_results=1,
            output_format="list",
        )
        headrace.register_model(
            f"runs:/{best.info.run_id}/model", EXPERIMENT, tags={"model": family.name}
        )
    client.transition_model_version_stage(EXPERIMENT, "1", "Production")
    client.set_registered_model_alias(EXPERIMENT, "champion", "1")
    if len(FAMILIES) > 1:
        client.create_transition_request(
            EXPERIMENT, "2", "Production", comment="It makes half as many mistakes."
        )


def main(folder: str | None = None) -> None:
    """Train and track everything; ``folder`` is the store (by default ``./.headrace``)."""
    if folder:
        headrace.set_tracking_uri(folder)
    headrace.set_experiment(EXPERIMENT)
    data, began, runs = load(), perf_counter(), 0
    for family in FAMILIES:
        accuracies = [track(data, family, chosen) for chosen in settings(family.grid)]
        runs += len(accuracies)
        print(f"{family.name}: {len(accuracies)} settings, best accuracy {max(accuracies):.4f}")
    register()
    print(f"{runs} runs tracked in {perf_counter() - began:.0f} s.")


if __name__ == "__main__":
    main(*sys.argv[1:2])
