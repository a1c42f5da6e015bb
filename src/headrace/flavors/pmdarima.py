"""Models of pmdarima, which are saved as pickles."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from headrace import plugins
from headrace.errors import InvalidValueError
from headrace.models import functions, pickles
from headrace.models.flavor import Flavor, Saved
from headrace.models.loading import inside

_FILE = "model.pmd"
_ASKED = ("n_periods", "X", "return_conf_int", "alpha")


def save(pmdarima_model: Any, folder: Path) -> Saved:
    """Write the fitted model, or the pipeline that ends in one."""
    modules = pickles.write(pmdarima_model, folder / _FILE, "pickle")
    config = {
        "pmdarima_version": plugins.load("pmdarima").__version__,
        "model_type": type(pmdarima_model).__name__,
        "data": _FILE,
    }
    return Saved(config, {"data": _FILE}, sorted(modules))


def load(folder: Path, config: Mapping[str, Any]) -> Any:
    """The fitted model again."""
    return pickles.read(inside(folder, config.get("data", _FILE)))


def predict(model: Any, data: Any, params: Mapping[str, Any], config: Mapping[str, Any]) -> Any:  # noqa: ARG001
    """The forecast for the next ``n_periods``, which the one row of a table asks for.

    Its other columns may be ``X`` (a list of rows), ``return_conf_int`` and ``alpha``. The answer has the
    column ``yhat``, and ``yhat_lower`` and ``yhat_upper`` where the interval was asked for.
    """
    columns = list(getattr(data, "columns", ()))
    if len(data) != 1 or "n_periods" not in columns:
        raise InvalidValueError(
            "A forecast is asked for by a table of one row with the column 'n_periods', and perhaps "
            f"{', '.join(_ASKED[1:])}; this has {len(data)} rows and {columns}."
        )
    asked = {name: data[name].iloc[0] for name in _ASKED if name in columns}
    found = model.predict(**{**asked, "n_periods": int(asked["n_periods"]), **params})
    table = plugins.load("pandas:DataFrame")
    if not isinstance(found, tuple):
        return table({"yhat": found})
    values, interval = found
    return table({"yhat": values, "yhat_lower": interval[:, 0], "yhat_upper": interval[:, 1]})


FLAVOR = Flavor(
    name="pmdarima",
    requires=("pmdarima",),
    save=save,
    load=load,
    predict=predict,
    formats={"pickle": "a pickle runs whatever it names"},
    format_of=lambda _: "pickle",
)
save_model, log_model, load_model = functions.of(FLAVOR)
