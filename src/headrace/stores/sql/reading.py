"""Reading runs: a page costs the same few queries, whatever it holds."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
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

_STAGES = ("active", "deleted")
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
    query = select(experiments.c.id, experiments.c.artifact_location).where(
        experiments.c.id.in_(wanted)
    )
    locations: dict[int, str | None] = dict(view.rows(query))
    return [
        (number, run_info(view, locations[rows[number]["experiment"]], rows[number]))
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


def run_info(view: View, location: str | None, row: Mapping[str, Any]) -> RunInfo:
    """The info of a run from its row; ``location`` is its experiment's, where one was given."""
    return RunInfo(
        run_id=row["run_id"],
        run_uuid=row["run_id"],
        experiment_id=str(row["experiment"]),
        status=cast("Any", STATUS_NAME[row["status"]]),
        start_time=row["start_time"],
        lifecycle_stage=cast("Any", _STAGES[row["deleted"]]),
        run_name=row["name"],
        user_id=row["user_id"],
        end_time=row["end_time"],
        artifact_uri=view.place.of_run(row["experiment"], location, row["run_id"]),
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
    text = view.dialect.select_by(table, ("run", "key", "value", "tail"), "run")
    rows = view.fetch(text, view.dialect.list_argument(numbers))
    names = view.names.of(view.connection, {row[1] for row in rows})
    entries = [
        kind(names[key], value if tail is None else value + tail) for _, key, value, tail in rows
    ]
    return _by_run(rows, entries)


def _metrics(view: View, numbers: Sequence[int]) -> dict[int, list[Metric]]:
    columns = ("run", "key", "last_bits", "last_time", "last_step")
    rows = view.fetch(
        view.dialect.select_by(metric_series, columns, "run"), view.dialect.list_argument(numbers)
    )
    names = view.names.of(view.connection, {row[1] for row in rows})
    values = floats([row[2] for row in rows])
    entries = [
        Metric(names[key], value, time, step)
        for (_, key, _, time, step), value in zip(rows, values, strict=True)
    ]
    return _by_run(rows, entries)


def _by_run(rows: Sequence[tuple[Any, ...]], entries: list[Any]) -> dict[int, list[Any]]:
    """The entries made of rows, by the rows' run. Most often the rows of a run stand together."""
    found: dict[int, list[Any]] = {}
    start = 0
    for run, some in groupby(rows, _FIRST):
        end = start + sum(1 for _ in some)
        if run in found:
            found[run] += entries[start:end]
        else:
            found[run] = entries[start:end]
        start = end
    return found


_FIRST = itemgetter(0)


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
    found: dict[int, list[DatasetInput]] = defaultdict(list)
    query = select(run_datasets.c.run, run_datasets.c.tags, datasets).join(
        datasets, datasets.c.id == run_datasets.c.dataset
    )
    for some in slices(numbers):
        for row in view.rows(query.where(run_datasets.c.run.in_(some)).order_by(datasets.c.id)):
            dataset = Dataset(
                row.name, row.digest, row.source_type, row.source, row.schema, row.profile
            )
            found[row.run].append(
                DatasetInput(dataset, msgspec.json.decode(row.tags, type=list[InputTag]))
            )
    return found


def _models(
    view: View, numbers: Sequence[int]
) -> tuple[dict[int, list[LoggedModelInput]], dict[int, list[LoggedModelOutput]]]:
    inputs: dict[int, list[LoggedModelInput]] = defaultdict(list)
    outputs: dict[int, list[LoggedModelOutput]] = defaultdict(list)
    for some in slices(numbers):
        for row in view.rows(select(run_models).where(run_models.c.run.in_(some))):
            if row.output:
                outputs[row.run].append(LoggedModelOutput(row.model_id, row.step))
            else:
                inputs[row.run].append(LoggedModelInput(row.model_id))
    return inputs, outputs


def slices(values: Sequence[T]) -> Iterable[Sequence[T]]:
    """The values in parts that fit into one statement."""
    for start in range(0, len(values), _SLICE):
        yield values[start : start + _SLICE]
