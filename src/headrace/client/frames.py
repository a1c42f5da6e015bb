"""Runs and models as data frames: a row each, a column for every key that one of them has."""

from collections.abc import Sequence
from itertools import chain
from math import nan
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from headrace import plugins
from headrace.entities import LoggedModel, Run

if TYPE_CHECKING:
    import pandas as pd


FORMATS = ("pandas", "polars", "arrow", "list")


def of_runs(runs: Sequence[Run], output_format: str = "pandas") -> Any:
    """A row a run, for pandas, Polars or Arrow.

    A metric that a run lacks is NaN in pandas and null elsewhere; a param or a tag is null.
    """
    columns = _run_columns(runs)
    if output_format == "polars":
        return _polars(columns)
    if output_format == "arrow":
        return _arrow(columns)
    return _pandas(columns)


class _Column(NamedTuple):
    kind: Literal["text", "number", "time"]
    values: Any
    absent: Any = None
    """Of numbers: where there is none. (NaN may be one that was logged.)"""


def _run_columns(runs: Sequence[Run]) -> dict[str, _Column]:
    infos = [run.info for run in runs]
    found = {
        name: _Column("text", [getattr(info, name) for info in infos])
        for name in ("run_id", "experiment_id", "status", "artifact_uri")
    }
    found |= {
        name: _Column("time", [getattr(info, name) for info in infos])
        for name in ("start_time", "end_time")
    }
    found |= _keyed("metrics.", "number", [run.data.metric_list for run in runs])
    found |= _keyed("params.", "text", [run.data.param_list for run in runs])
    return found | _keyed("tags.", "text", [run.data.tag_list for run in runs])


def _keyed(
    prefix: str, kind: Literal["text", "number"], rows: Sequence[Sequence[Any]]
) -> dict[str, _Column]:
    np = plugins.load("numpy")
    items = list(chain.from_iterable(rows))
    keys = [item.key for item in items]
    names = {key: number for number, key in enumerate(sorted(set(keys)))}
    shape = (len(names), len(rows))
    dtype, missing = ("float64", nan) if kind == "number" else ("object", None)
    cells, absent = np.full(shape, missing, dtype), np.full(shape, fill_value=True)
    column = np.fromiter(map(names.__getitem__, keys), np.intp, len(keys))
    row = np.repeat(np.arange(len(rows)), [len(some) for some in rows])
    cells[column, row] = np.array([item.value for item in items], dtype)
    absent[column, row] = False
    return {prefix + key: _Column(kind, cells[i], absent[i]) for key, i in names.items()}


def _pandas(columns: dict[str, _Column]) -> "pd.DataFrame":
    series, times = plugins.load("pandas:Series"), plugins.load("pandas:to_datetime")
    return _frame(
        {
            name: times(column.values, unit="ms", utc=True)
            if column.kind == "time"
            else series(column.values, dtype="float64" if column.kind == "number" else object)
            for name, column in columns.items()
        }
    )


def _polars(columns: dict[str, _Column]) -> Any:
    polars, where = plugins.load("polars"), plugins.load("numpy:flatnonzero")
    kinds = {
        "text": polars.String,
        "number": polars.Float64,
        "time": polars.Datetime("ms", "UTC"),
    }
    found = []
    for name, column in columns.items():
        if column.kind == "number":
            numbers = polars.Series(name, column.values, kinds[column.kind])
            found.append(numbers.scatter(where(column.absent), None))
        else:
            found.append(polars.Series(name, list(column.values), kinds[column.kind]))
    return polars.DataFrame(found)


def _arrow(columns: dict[str, _Column]) -> Any:
    arrow = plugins.load("pyarrow")
    kinds = {
        "text": arrow.string(),
        "number": arrow.float64(),
        "time": arrow.timestamp("ms", "UTC"),
    }
    return arrow.table(
        {
            name: arrow.array(
                column.values,
                type=kinds[column.kind],
                mask=column.absent if column.kind == "number" else None,
            )
            for name, column in columns.items()
        }
    )


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
