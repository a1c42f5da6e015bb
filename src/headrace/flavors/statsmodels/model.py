"""Fitted models of statsmodels, which it saves as pickles."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from headrace import plugins
from headrace.errors import InvalidValueError
from headrace.models import functions, pickles, requirements
from headrace.models.flavor import Flavor, Saved
from headrace.models.loading import inside

_FILE = "model.statsmodels"


def save(statsmodels_model: Any, folder: Path, *, remove_data: bool = False) -> Saved:
    """Write what ``fit`` gave; with ``remove_data`` without the data that it was fitted to."""
    if not hasattr(statsmodels_model, "save"):
        raise InvalidValueError("statsmodels_model is the result of fit(), which can be saved.")
    statsmodels_model.save(str(folder / _FILE), remove_data=remove_data)
    config = {"statsmodels_version": plugins.load("statsmodels").__version__, "data": _FILE}
    modules = requirements.of_pickle((folder / _FILE).read_bytes())
    return Saved(config, {"data": _FILE}, sorted(modules))


def load(folder: Path, config: Mapping[str, Any]) -> Any:
    """The fitted model again."""
    return pickles.read(inside(folder, config.get("data", _FILE)))


def predict(model: Any, data: Any, params: Mapping[str, Any], config: Mapping[str, Any]) -> Any:  # noqa: ARG001
    """Predictions for rows; for a time series those from ``start`` to ``end`` of the one row there is."""
    series = plugins.load("statsmodels.tsa.base.tsa_model:TimeSeriesModel")
    if not isinstance(model.model, series):
        return model.predict(data, **params)
    columns = list(getattr(data, "columns", ()))
    if not {"start", "end"} <= set(columns) or len(data) != 1:
        raise InvalidValueError(
            f"A time series predicts from a table of one row with columns 'start' and 'end', not {columns}."
        )
    return model.predict(start=data["start"].iloc[0], end=data["end"].iloc[0])


FLAVOR = Flavor(
    name="statsmodels",
    requires=("statsmodels",),
    save=save,
    load=load,
    predict=predict,
    formats={"pickle": "a pickle runs whatever it names"},
    format_of=lambda _: "pickle",
)
save_model, log_model, load_model = functions.of(FLAVOR)
