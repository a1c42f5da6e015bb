"""Pictures of a fit, drawn beside the program: drawing takes longer than recording may."""

from typing import Any

from headrace import plugins
from headrace.autologging import beside
from headrace.autologging.session import Session
from headrace.client.tracking import MlflowClient
from headrace.flavors.sklearn.scores import Scores

_MOST_CLASSES = 30
_BINARY = 2


def later(session: Session, estimator: Any, found: Scores) -> None:
    """Have the pictures drawn, once there is time."""
    shown = plugins.load("sklearn.utils:estimator_html_repr")
    beside.do(
        session, "estimator.html",
        lambda client, run: client.log_text(run, shown(estimator), "estimator.html"),
    )  # fmt: skip
    if found.target is None or not plugins.load("sklearn.base:is_classifier")(estimator):
        return
    classes: Any = getattr(estimator, "classes_", ())
    if len(classes) <= _MOST_CLASSES:
        _draw(
            session, "training_confusion_matrix",
            lambda display, axes: display.ConfusionMatrixDisplay.from_predictions(
                found.target, found.predicted, ax=axes, colorbar=False
            ),
        )  # fmt: skip
    if found.probabilities is None or len(classes) != _BINARY:
        return
    positive = found.probabilities[:, 1]
    for name, kind in (
        ("training_roc_curve", "RocCurveDisplay"),
        ("training_precision_recall_curve", "PrecisionRecallDisplay"),
    ):
        _draw(
            session, name,
            lambda display, axes, kind=kind: getattr(display, kind).from_predictions(
                found.target, positive, pos_label=classes[1], ax=axes
            ),
        )  # fmt: skip


def _draw(session: Session, name: str, draw: Any) -> None:
    def drawn(client: MlflowClient, run_id: str) -> None:
        try:
            figure = plugins.load("matplotlib.figure:Figure")()
        except ImportError:
            return
        draw(plugins.load("sklearn.metrics"), figure.add_subplot())
        client.log_figure(run_id, figure, f"{name}.png")

    beside.do(session, f"{name}.png", drawn)
