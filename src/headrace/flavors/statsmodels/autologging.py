"""Autologging of statsmodels: ``fit`` of every model."""

from collections.abc import Iterable, Iterator
from typing import Any

from headrace import plugins
from headrace.autologging import beside, classes, datasets, models, switch
from headrace.autologging.integration import Integration, Patch, Recorded
from headrace.autologging.session import Call, Session

_PACKAGE = "statsmodels"
_METHODS = ("fit", "fit_regularized", "fit_constrained")
_NUMBERS = (
    "aic", "aicc", "bic", "bic_llf", "centered_tss", "condition_number", "deviance", "df_model", "df_resid",
    "ess", "f_pvalue", "fvalue", "hqic", "llf", "llnull", "llr", "llr_pvalue", "mae", "mse", "mse_model",
    "mse_resid", "mse_total", "nobs", "null_deviance", "pearson_chi2", "prsquared", "rsquared", "rsquared_adj",
    "scale", "sse", "ssr", "uncentered_tss",
)  # fmt: skip
# Data, and what only says how much the fit prints.
_NO_PARAMS = ("self", "args", "kwargs", "kwds", "disp", "callback", "start_params")


def install(integration: Integration) -> Iterable[Patch]:
    """The methods of the classes that are there, and of each that is defined from now on."""
    base = plugins.load("statsmodels.base.model:Model")
    return classes.patches(integration, base, _patches)


def _patches(kind: type) -> Iterator[Patch]:
    if kind.__module__.partition(".")[0] != _PACKAGE:
        return
    for name in _METHODS:
        if hasattr(vars(kind).get(name), "__code__"):
            yield Patch(owner=kind, name=name, before=before, after=after)


def before(session: Session, call: Call) -> None:
    """What the model is, and how it is fitted."""
    model = call.instance
    kind = type(model)
    session.run.set_tags(
        {"model_name": kind.__name__, "model_class": f"{kind.__module__}.{kind.__name__}"}
    )
    given = {**call.arguments().get("kwargs", {}), **call.arguments()}
    session.params({key: value for key, value in given.items() if key not in _NO_PARAMS})
    formula = getattr(model, "formula", None)
    if formula is not None:
        session.params({"formula": formula})


def after(session: Session, call: Call, result: Any) -> None:
    """How well the model fits, each coefficient, the summary, the data, the result itself."""
    data = call.instance.data
    given = getattr(data, "frame", None)
    given = getattr(data, "orig_exog", None) if given is None else given
    datasets.record(session, given, getattr(data, "orig_endog", None))
    with session.quietly("the quality of the fit"):
        session.metrics({name: _number(session, result, name) for name in _NUMBERS})
    with session.quietly("the summary"):
        beside.do(
            session, "model_summary.txt",
            lambda client, run: client.log_text(run, str(result.summary()), "model_summary.txt"),
        )  # fmt: skip
    log_model = plugins.load("headrace.flavors.statsmodels.model:log_model")
    models.record(session, log_model, result, given, result.predict)


def _number(session: Session, result: Any, name: str) -> Any:
    """A property of the result; some are there and can't be told of every fit."""
    with session.quietly(f"{name} of the fit"):
        return getattr(result, name, None)
    return None


INTEGRATION = Integration(
    name="statsmodels",
    modules=("statsmodels.base.model",),
    distribution="statsmodels",
    install=install,
    without=("log_input_examples", "log_model_signatures"),
    records=(
        Recorded("tags", "`model_name`, `model_class`"),
        Recorded("params", "the arguments of `fit`, and the `formula` of a model that has one"),
        Recorded(
            "metrics", "those that the result has of " + ", ".join(f"`{name}`" for name in _NUMBERS)
        ),
        Recorded("artifacts", "`model_summary.txt`"),
        Recorded("dataset", "the data of the fit, as context `train`"),
        Recorded("model", "`model`, with its signature where it predicts from data"),
    ),
)
autolog = switch.function_of(INTEGRATION)
