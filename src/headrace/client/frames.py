"""Runs and models as data frames: a row each, a column for every key that one of them has."""

from collections.abc import Sequence
from itertools import chain
from math import nan
from typing import TYPE_CHECKING, Any

from headrace import plugins
from headrace.entities import LoggedModel, Run

if TYPE_CHECKING:
    import pandas as pd


def of_runs(runs: Sequence[Run]) -> "pd.DataFrame":
    """A row a run. A metric that a run lacks is NaN, a param or a tag ``None``."""
    infos = [run.info for run in runs]
    columns: dict[str, Any] = {
        "run_id": [info.run_id for info in infos],
        "experiment_id": [info.experiment_id for info in infos],
        "status": [info.status for info in infos],
        "artifact_uri": [info.artifact_uri for info in infos],
        "start_time": _times([info.start_time for info in infos]),
        "end_time": _times([info.end_time for info in infos]),
    }
    columns |= _numbers("metrics.", [run.data.metric_list for run in runs])
    columns |= _texts("params.", [run.data.param_list for run in runs])
    columns |= _texts("tags.", [run.data.tag_list for run in runs])
    return _frame(columns)


def of_models(models: Sequence[LoggedModel]) -> "pd.DataFrame":
    """A row a model, with its params, tags and metrics as MLflow has them."""
    columns: dict[str, Any] = {
        name: [getattr(model, name) for model in models]
        for name in (
            "experiment_id",
            "model_id",
            "name",
            "artifact_location",
            "model_type",
            "source_run_id",
            "status",
            "status_message",
            "creation_timestamp",
            "last_updated_timestamp",
        )
    }
    columns["tags"] = [model.tags for model in models]
    columns["params"] = [model.params for model in models]
    columns["metrics"] = [model.metrics for model in models]
    return _frame(columns)


def _frame(columns: dict[str, Any]) -> "pd.DataFrame":
    frame: pd.DataFrame = plugins.load("pandas:DataFrame")(columns)
    return frame


def _times(milliseconds: list[int | None]) -> Any:
    return plugins.load("pandas:to_datetime")(milliseconds, unit="ms", utc=True)


def _numbers(prefix: str, rows: Sequence[Sequence[Any]]) -> dict[str, Any]:
    return _columns(prefix, rows, nan, "float64")


def _texts(prefix: str, rows: Sequence[Sequence[Any]]) -> dict[str, Any]:
    found = _columns(prefix, rows, None, "object")
    series = plugins.load("pandas:Series")
    return {name: series(values, dtype=object) for name, values in found.items()}


def _columns(
    prefix: str, rows: Sequence[Sequence[Any]], absent: float | None, kind: str
) -> dict[str, Any]:
    np = plugins.load("numpy")
    items = list(chain.from_iterable(rows))
    keys = [item.key for item in items]
    names = {key: number for number, key in enumerate(sorted(set(keys)))}
    cells = np.full((len(names), len(rows)), absent, kind)
    column = np.fromiter(map(names.__getitem__, keys), np.intp, len(keys))
    row = np.repeat(np.arange(len(rows)), [len(some) for some in rows])
    cells[column, row] = np.array([item.value for item in items], kind)
    return {prefix + key: cells[number] for key, number in names.items()}
