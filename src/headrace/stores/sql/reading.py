"""Reading runs: a page costs the same few queries, whatever it holds."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, TypeVar, cast

import msgspec
import numpy as np
from sqlalchemy import Table, select

from headrace.entities import (
    Dataset,
    DatasetInput,
    InputTag,
    LoggedModelInput,
    LoggedModelOutput,
    Metric,
    NonFinite,
    Param,
    Run,
    RunData,
    RunInfo,
    RunInputs,
    RunOutputs,
    RunTag,
)
from headrace.errors import NotFoundError
from headrace.stores.sql.place import Place
from headrace.stores.sql.stages import stage_name
from headrace.stores.sql.tables import (
    STATUS_NAME,
    datasets,
    experiments,
    metric_series,
    params,
    run_datasets,
    run_models,
    runs,
    tags,
)
from headrace.stores.sql.view import View
from headrace.wire import tracking as w

T = TypeVar("T")

_SLICE = 500


def run_number(view: View, run_id: str) -> int:
    """The number of a run, deleted or not; `NotFoundError` without one."""
    rows = view.rows(select(runs.c.id).where(runs.c.run_id == run_id))
    if not rows:
        raise NotFoundError(f"Run with id={run_id} not found")
    return int(rows[0].id)


def get(view: View, question: w.GetRun) -> w.GotRun:
    """One run, whole."""
    return w.GotRun(load_runs(view, [run_number(view, question.run_id)])[0])


def load_infos(view: View, numbers: Sequence[int]) -> list[RunInfo]:
    """What identifies runs, in the order of their numbers."""
    return [info for _, info in _infos(view, numbers)]


def _infos(view: View, numbers: Sequence[int]) -> list[tuple[int, RunInfo]]:
    rows = {row["id"]: row for row in run_rows(view, numbers)}
    wanted = {row["experiment"] for row in rows.values()}
    text = view.dialect.select_by(experiments, ("id", "artifact_location"), "id")
    locations: dict[int, str | None] = dict(
        view.fetch(text, view.dialect.list_argument(list(wanted)))
    )
    return [
        (number, run_info(view.place, locations[rows[number]["experiment"]], rows[number]))
        for number in numbers
        if number in rows
    ]


_RUN_COLUMNS = (
    "id", "run_id", "experiment", "deleted", "status", "start_time", "end_time", "name", "user_id", "parent_run_id",
)  # fmt: skip


def run_rows(view: View, numbers: Sequence[int]) -> list[dict[str, Any]]:
    """The rows of runs, in no particular order."""
    text = view.dialect.select_by(runs, _RUN_COLUMNS, "id")
    found = view.fetch(text, view.dialect.list_argument(numbers))
    return [dict(zip(_RUN_COLUMNS, row, strict=True)) for row in found]


def run_info(place: Place, location: str | None, row: Mapping[str, Any]) -> RunInfo:
    """The info of a run from its row; ``location`` is its experiment's, where one was given."""
    return RunInfo(
        run_id=row["run_id"],
        run_uuid=row["run_id"],
        experiment_id=str(row["experiment"]),
        status=cast("Any", STATUS_NAME[row["status"]]),
        start_time=row["start_time"],
        lifecycle_stage=stage_name(row["deleted"]),
        run_name=row["name"],
        user_id=row["user_id"],
        end_time=row["end_time"],
        artifact_uri=place.of_run(row["experiment"], location, row["run_id"]),
    )


def load_runs(view: View, numbers: Sequence[int]) -> list[Run]:
    """Whole runs, in the order of their numbers."""
    infos = _infos(view, numbers)
    of_params = _values(view, params, numbers, Param)
    of_tags = _values(view, tags, numbers, RunTag)
    of_metrics = _metrics(view, numbers)
    inputs = _dataset_inputs(view, numbers)
    models_in, models_out = _models(view, numbers)
    return [
        Run(
            info,
            RunData(of_metrics.get(number, []), of_params.get(number, []), of_tags.get(number, [])),
            RunInputs(inputs.get(number, []), models_in.get(number, [])),
            RunOutputs(models_out.get(number, [])),
        )
        for number, info in infos
    ]


def _values(
    view: View, table: Table, numbers: Sequence[int], kind: type[Any]
) -> dict[int, list[Any]]:
    columns = ("run", "key", "value", "tail")
    of, keys, values, tails = view.columns(table, columns, numbers)
    if tails.count(None) < len(tails):
        values = [head + (tail or "") for head, tail in zip(values, tails, strict=True)]
    return _by_run(of, list(map(kind, _names(view, keys), values)))


def _metrics(view: View, numbers: Sequence[int]) -> dict[int, list[Metric]]:
    columns = ("run", "key", "last_bits", "last_time", "last_step")
    of, keys, bits, times, steps = view.columns(metric_series, columns, numbers)
    return _by_run(of, list(map(Metric, _names(view, keys), floats(bits), times, steps)))


def _names(view: View, keys: Sequence[int]) -> Iterable[str]:
    return map(view.names.of(view.connection, set(keys)).__getitem__, keys)


def _by_run(of: Sequence[int], entries: list[Any]) -> dict[int, list[Any]]:
    """The entries by the run that each is of. Most often the entries of a run stand together."""
    found: dict[int, list[Any]] = {}
    starts = np.flatnonzero(np.diff(np.array(of, np.int64), prepend=-1)).tolist()
    for start, end in pairwise((*starts, len(entries))):
        found.setdefault(of[start], []).extend(entries[start:end])
    return found


def floats(bits: Sequence[int]) -> list[float]:
    """The exact doubles that signed integers spell, ready for the wire."""
    return for_wire(np.array(bits, np.int64).view(np.float64))


def for_wire(values: Any) -> list[float]:
    """Python floats of an array; what is not finite becomes `NonFinite`, which the codec knows."""
    plain: list[float] = values.tolist()
    finite = np.isfinite(values)
    if finite.all():
        return plain
    for index in np.flatnonzero(~finite).tolist():
        plain[index] = NonFinite(plain[index])
    return plain


def _dataset_inputs(view: View, numbers: Sequence[int]) -> dict[int, list[DatasetInput]]:
    of, ids, tags = view.columns(run_datasets, ("run", "dataset", "tags"), numbers)
    if not of:
        return {}
    known = _datasets(view, set(ids))
    found: dict[int, list[DatasetInput]] = defaultdict(list)
    for run, number, text in sorted(zip(of, ids, tags, strict=True)):
        found[run].append(
            DatasetInput(known[number], msgspec.json.decode(text, type=list[InputTag]))
        )
    return found


def _datasets(view: View, numbers: Iterable[int]) -> dict[int, Dataset]:
    columns = ("id", "name", "digest", "source_type", "source", "schema", "profile")
    text = view.dialect.select_by(datasets, columns, "id")
    rows = view.fetch(text, view.dialect.list_argument(list(numbers)))
    return {number: Dataset(*fields) for number, *fields in rows}


def _models(
    view: View, numbers: Sequence[int]
) -> tuple[dict[int, list[LoggedModelInput]], dict[int, list[LoggedModelOutput]]]:
    inputs: dict[int, list[LoggedModelInput]] = defaultdict(list)
    outputs: dict[int, list[LoggedModelOutput]] = defaultdict(list)
    columns = view.columns(run_models, ("run", "output", "model_id", "step"), numbers)
    for run, is_output, model_id, step in zip(*columns, strict=True):
        if is_output:
            outputs[run].append(LoggedModelOutput(model_id, step))
        else:
            inputs[run].append(LoggedModelInput(model_id))
    return inputs, outputs


def slices(values: Sequence[T]) -> Iterable[Sequence[T]]:
    """The values in parts that fit into one statement."""
    for start in range(0, len(values), _SLICE):
        yield values[start : start + _SLICE]
