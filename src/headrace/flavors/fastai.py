"""Learners of fastai, which it exports as pickles."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from headrace import plugins
from headrace.errors import InvalidValueError
from headrace.models import functions
from headrace.models.flavor import Flavor, Saved
from headrace.models.loading import inside

_FILE = "model.fastai"


def save(fastai_learner: Any, folder: Path) -> Saved:
    """Export the learner: its model and how its data is prepared, without the data."""
    kind = plugins.load("fastai.learner:Learner")
    if not isinstance(fastai_learner, kind):
        raise InvalidValueError(
            f"fastai_learner is a Learner, not {type(fastai_learner).__name__}."
        )
    home = fastai_learner.path
    try:
        fastai_learner.path = folder  # which is where it exports to
        fastai_learner.export(_FILE)
    finally:
        fastai_learner.path = home
    config = {"fastai_version": plugins.load("fastai").__version__, "data": _FILE}
    parts = {type(part).__module__ for part in fastai_learner.model.modules()}
    return Saved(config, {"data": _FILE}, sorted(parts))


def load(folder: Path, config: Mapping[str, Any]) -> Any:
    """The learner again, on the CPU."""
    return plugins.load("fastai.learner:load_learner")(inside(folder, config.get("data", _FILE)))


def predict(model: Any, data: Any, params: Mapping[str, Any], config: Mapping[str, Any]) -> Any:  # noqa: ARG001
    """The predictions for each row of a table, as the lists in the column ``predictions``."""
    rows = model.dls.test_dl(data)
    with model.no_bar(), model.no_logging():
        found, _ = model.get_preds(dl=rows, **params)
    return plugins.load("pandas:DataFrame")({"predictions": found.tolist()}, index=data.index)


FLAVOR = Flavor(
    name="fastai",
    requires=("fastai", "torch"),
    save=save,
    load=load,
    predict=predict,
    formats={"pickle": "a pickle runs whatever it names"},
    format_of=lambda _: "pickle",
)
save_model, log_model, load_model = functions.of(FLAVOR)
