"""Runs and models as data frames: a row each, a column for every key that one of them has."""

from collections.abc import Callable, Iterable, Sequence
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
    columns |= _numbers("metrics.", len(runs), (run.data.metric_list for run in runs))
    columns |= _texts("params.", len(runs), (run.data.param_list for run in runs))
    columns |= _texts("tags.", len(runs), (run.data.tag_list for run in runs))
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


def _numbers(prefix: str, count: int, rows: Iterable[Sequence[Any]]) -> dict[str, Any]:
    return _columns(prefix, rows, lambda: [nan] * count)


def _texts(prefix: str, count: int, rows: Iterable[Sequence[Any]]) -> dict[str, Any]:
    found = _columns(prefix, rows, lambda: [None] * count)
    series = plugins.load("pandas:Series")
    return {name: series(values, dtype=object) for name, values in found.items()}


def _columns(
    prefix: str, rows: Iterable[Sequence[Any]], absent: Callable[[], list[Any]]
) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for i, row in enumerate(rows):
        for item in row:
            column = found.get(item.key)
            if column is None:
                column = found[item.key] = absent()
            column[i] = item.value
    return {prefix + key: found[key] for key in sorted(found)}
