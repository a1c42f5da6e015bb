"""Autologging of scikit-learn: every ``fit`` of an estimator, searches and later scores included."""

from collections.abc import Iterable, Iterator
from typing import Any

from headrace import plugins
from headrace.autologging import classes, datasets, models, switch
from headrace.autologging.integration import Integration, Patch, Recorded
from headrace.autologging.session import Call, Session
from headrace.flavors.sklearn import figures, later, scores, searches

_METHODS = ("fit", "fit_predict")
_PACKAGE = "sklearn"
# What only prepares data is recorded as a part of the pipeline that it stands in.
_PREPARING = (
    "sklearn.preprocessing", "sklearn.impute", "sklearn.feature_extraction", "sklearn.compose",
    "sklearn.feature_selection", "sklearn.utils", "sklearn.kernel_approximation", "sklearn.model_selection._split",
)  # fmt: skip


def install(integration: Integration) -> Iterable[Patch]:
    """The methods of the classes that are there, and of each that is defined from now on."""
    base = plugins.load("sklearn.base:BaseEstimator")
    yield from later.patches(lambda: switch.options_of(integration))
    yield from classes.patches(integration, base, _patches)


def _patches(kind: type) -> Iterator[Patch]:
    module = kind.__module__
    if module.partition(".")[0] != _PACKAGE or module.startswith(_PREPARING):
        return
    for name in _METHODS:
        if callable(vars(kind).get(name)) and hasattr(vars(kind)[name], "__code__"):
            yield Patch(owner=kind, name=name, before=before, after=after)


def before(session: Session, call: Call) -> None:
    """What the estimator is, and how it is set up."""
    estimator = call.instance
    kind = type(estimator)
    session.run.set_tags(
        {"estimator_name": kind.__name__, "estimator_class": f"{kind.__module__}.{kind.__name__}"}
    )
    session.params(estimator.get_params(deep=True))


def after(session: Session, call: Call, result: Any) -> None:  # noqa: ARG001
    """What came of the fit: scores on its own data, pictures, the search, the model."""
    estimator, given = call.instance, call.arguments()
    data, target = given.get("X"), given.get("y")
    later.remember(estimator, session.run.info.run_id)
    datasets.record(session, data, target)
    with session.quietly("scores on the training data"):
        found = scores.training(
            estimator, data, target, given.get("sample_weight"), session.options
        )
        session.metrics({f"training_{name}": value for name, value in found.numbers.items()})
        if found.rows is not None:
            session.run.set_tag("headrace.training_scores.rows", found.rows)
        figures.later(session, estimator, found)
    if searches.is_search(estimator):
        with session.quietly("the search"):
            searches.record(session, estimator, session.options["max_tuning_runs"])
    chosen = session.options["serialization_format"]
    models.record(
        session,
        plugins.load("headrace.flavors.sklearn.model:log_model"),
        estimator,
        data,
        getattr(estimator, "predict", None),
        **({"serialization_format": chosen} if chosen else {}),
    )


INTEGRATION = Integration(
    name="sklearn",
    modules=("sklearn.base",),
    distribution="scikit-learn",
    install=install,
    options={
        "max_tuning_runs": 5,
        "log_post_training_metrics": True,
        "serialization_format": None,
        "pos_label": None,
    },
    records=(
        Recorded("tags", "`estimator_name`, `estimator_class`"),
        Recorded("params", "`get_params(deep=True)` of the estimator, pipeline or search"),
        Recorded(
            "metrics",
            "`training_…`: `score`, and for classifiers `accuracy_score`, `precision_score`, `recall_score`, "
            "`f1_score`, `log_loss`, `roc_auc`; for regressors `mean_absolute_error`, `mean_squared_error`, "
            "`root_mean_squared_error`, `r2_score`. Where predicting would cost more than the fit allows, of a "
            "sample, whose size is the tag `headrace.training_scores.rows`",
        ),
        Recorded(
            "metrics",
            "later calls of `sklearn.metrics` and of `score` with what the model predicts: "
            "`accuracy_score_X_test`",
        ),
        Recorded(
            "artifacts",
            "`estimator.html`; `training_confusion_matrix.png`, `training_roc_curve.png`, "
            "`training_precision_recall_curve.png` of classifiers, where Matplotlib is installed",
        ),
        Recorded(
            "runs",
            "of a search: `best_…` params, `best_cv_score`, `cv_results.csv`, and the best `max_tuning_runs` "
            "settings as child runs with their scores of each fold",
        ),
        Recorded("dataset", "the data of the fit, as context `train`"),
        Recorded("model", "`model`, with its signature"),
    ),
)
autolog = switch.function_of(INTEGRATION)
