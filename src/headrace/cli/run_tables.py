"""Runs as tables for people."""

from collections import Counter
from collections.abc import Iterator, Sequence

from rich.table import Table

from headrace.cli import output
from headrace.clock import now_ms
from headrace.entities import Run

_LEFT_FOR_NAMES = 100
"""Columns of the terminal that a run's id, name, status and times take."""
_METRIC_WIDTH = 14
_MOST_METRICS = 12


def run_table(runs: Sequence[Run], columns: Sequence[str] = ()) -> Table:
    """A row a run; without chosen columns, the metrics that most of them have, as many as fit."""
    chosen = list(columns) or _usual_metrics(runs)
    head = [
        "run id",
        "name",
        "status",
        "started",
        "took",
        *(name.partition(".")[2] for name in chosen),
    ]
    rows: list[list[output.Cell]] = [
        [
            run.info.run_id,
            run.info.run_name or "",
            output.status(run.info.status),
            output.moment(run.info.start_time),
            output.duration(took(run)),
            *(_cell(run, name) for name in chosen),
        ]
        for run in runs
    ]
    metrics = [name.partition(".")[2] for name in chosen if name.startswith("metrics.")]
    return output.table(head, rows, whole=("run id", "status"), right=("took", *metrics))


def took(run: Run) -> int | None:
    """How long a run ran, or has run until now."""
    info = run.info
    end = info.end_time or (now_ms() if info.status == "RUNNING" else None)
    return max(0, end - info.start_time) if end and info.start_time else None


def _usual_metrics(runs: Sequence[Run]) -> list[str]:
    counts = Counter(key for run in runs for key in run.data.metrics)
    room = max(1, (output.console().width - _LEFT_FOR_NAMES) // _METRIC_WIDTH)
    often = sorted(counts, key=lambda key: (-counts[key], key))[: min(room, _MOST_METRICS)]
    return [f"metrics.{key}" for key in sorted(often)]


def _cell(run: Run, column: str) -> str:
    kind, _, key = column.partition(".")
    if kind == "metrics":
        value = run.data.metrics.get(key)
        return "" if value is None else output.number(value)
    return (run.data.params if kind == "params" else run.data.tags).get(key, "")


def run_facts(run: Run) -> Iterator[Table]:
    """All that is known of one run."""
    info = run.info
    yield output.facts(
        {
            "run id": info.run_id,
            "name": info.run_name or "",
            "experiment id": info.experiment_id,
            "status": output.status(info.status),
            "stage": info.lifecycle_stage,
            "user": info.user_id,
            "started": output.moment(info.start_time),
            "ended": output.moment(info.end_time),
            "took": output.duration(took(run)),
            "artifacts": info.artifact_uri or "",
        }
    )
    if run.data.param_list:
        yield _values("Params", {one.key: one.value for one in run.data.param_list})
    if run.data.metric_list:
        rows = [
            (one.key, output.number(one.value), str(one.step), output.moment(one.timestamp))
            for one in sorted(run.data.metric_list, key=lambda one: one.key)
        ]
        yield output.table(
            ("metric", "latest", "step", "time"), rows, title="\nMetrics", right=("latest", "step")
        )
    if run.data.tag_list:
        yield _values("Tags", {one.key: one.value for one in run.data.tag_list})
    yield from _links(run)


def _values(title: str, values: dict[str, str]) -> Table:
    return output.facts(dict(sorted(values.items())), title=f"\n{title}")


def _links(run: Run) -> Iterator[Table]:
    if run.inputs and run.inputs.dataset_inputs:
        rows = [
            (one.dataset.name, one.dataset.digest, ", ".join(tag.value for tag in one.tags))
            for one in run.inputs.dataset_inputs
        ]
        yield output.table(("dataset", "digest", "context"), rows, title="\nDatasets")
    made = [one.model_id for one in run.outputs.model_outputs] if run.outputs else []
    used = [one.model_id for one in run.inputs.model_inputs] if run.inputs else []
    if made or used:
        models: list[tuple[output.Cell, ...]] = [(one, "made") for one in made]
        models += [(one, "used") for one in used]
        yield output.table(("model", ""), models, title="\nLogged models")
