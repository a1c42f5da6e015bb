"""What `headrace top` knows of running runs, and how it draws it."""

from collections import Counter
from collections.abc import Sequence

import msgspec
from msgspec import Struct
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from headrace.cli import output
from headrace.cli.curves import curve
from headrace.cli.run_tables import took
from headrace.entities import Metric, Run
from headrace.errors import EndpointNotFoundError
from headrace.stores.base import TrackingStore
from headrace.wire import tracking as w

_RUNNING = "attributes.status = 'RUNNING'"
_LATEST = ["attributes.start_time DESC"]
_OTHERS = 10
"""Ended runs that are shown while none is running."""
_MOST_RUNS = 200
_CURVE_HEIGHT = 10
_METRIC_WIDTH = 12
_NAMES_WIDTH = 62
KEYS = "↑↓ run   ←→ metric   q quit"


class Watched(Struct, frozen=True):
    """The runs that are shown, and the curve of one of them."""

    runs: list[Run]
    running: int
    """How many of them are running; none: the latest that ended are shown."""
    run_id: str | None = None
    metric_key: str | None = None
    steps: list[int] = []
    values: list[float] = []


class Choice(Struct):
    """Which run and which metric the curve is of; changed by keys."""

    metric_key: str | None = None
    """A metric that was asked for by name, until a key chooses another."""
    run_id: str | None = None
    """The run that is followed, wherever it comes to stand in the table."""
    down: int = 0
    """How many lines keys have moved since the last look."""
    metric: int = 0

    def moved(self, key: str) -> bool:
        """Follow a key; false if it ends the watching."""
        down, across = {
            "up": (-1, 0), "k": (-1, 0), "down": (1, 0), "j": (1, 0),
            "left": (0, -1), "h": (0, -1), "right": (0, 1), "l": (0, 1), "\t": (0, 1),
        }.get(key, (0, 0))  # fmt: skip
        self.down += down
        self.metric += across
        if across:
            self.metric_key = None
        return key not in {"q", "escape", "\x03", "\x04"}

    def among(self, runs: Sequence[Run]) -> Run:
        """The run that is chosen now."""
        ids = [run.info.run_id for run in runs]
        at = ids.index(self.run_id) if self.run_id in ids else 0
        at, self.down = max(0, min(at + self.down, len(runs) - 1)), 0
        # The first line is nobody's choice: a run that starts takes it over.
        self.run_id = ids[at] if at else None
        return runs[at]


def watch(
    store: TrackingStore, experiment_ids: Sequence[str], choice: Choice, width: int
) -> Watched:
    """What there is to see now: the running runs, or the latest where none runs."""
    runs = _found(store, experiment_ids, _RUNNING, _MOST_RUNS)
    running = len(runs)
    if not runs:
        runs = _found(store, experiment_ids, None, _OTHERS)
    seen = Watched(runs, running)
    if not runs:
        return seen
    run = choice.among(runs)
    keys = sorted(metric.key for metric in run.data.metric_list)
    if not keys:
        return msgspec.structs.replace(seen, run_id=run.info.run_id)
    shown = choice.metric_key
    if shown not in keys:
        shown = keys[choice.metric % len(keys)]
    steps, values = _points(store, run.info.run_id, shown, max(4, width * 2))
    return Watched(runs, running, run.info.run_id, shown, steps, values)


def _found(
    store: TrackingStore, experiment_ids: Sequence[str], text: str | None, most: int
) -> list[Run]:
    question = w.SearchRuns(list(experiment_ids), text, max_results=most, order_by=_LATEST)
    return store.search_runs(question).runs


def _points(
    store: TrackingStore, run_id: str, key: str, most: int
) -> tuple[list[int], list[float]]:
    try:
        question = w.SampleMetrics([run_id], [key], most)
        for series in store.sample_metrics(question).series:
            return series.steps, [float(value) for value in series.values]
    except EndpointNotFoundError:  # a server of MLflow has no samples
        found: list[Metric] = store.get_metric_history(w.GetMetricHistory(run_id, key)).metrics
        points = sorted((metric.step, metric.timestamp, metric.value) for metric in found)
        every = max(1, len(points) // most)
        return [point[0] for point in points[::every]], [point[2] for point in points[::every]]
    return [], []


# Drawing


def drawn(seen: Watched, title: str, width: int, height: int | None = None) -> RenderableType:
    """A table of the runs, and the curve below it; cut to a ``height``, with the keys, if that is given."""
    if not seen.runs:
        return Text(f"{title}: there are no runs yet.")
    said = f"{seen.running} running" if seen.running else "none is running; the latest are shown"
    shown = seen.runs if height is None else _around(seen, max(1, height - _CURVE_HEIGHT - 7))
    parts: list[RenderableType] = [
        Text.assemble((title, "bold"), f"  {said}"),
        _table(shown, seen, width),
    ]
    if seen.metric_key is not None and seen.values:
        parts.append(_curve(seen, width))
    if height is not None:
        parts.append(Text(KEYS, style="dim"))
    return Group(*parts)


def _around(seen: Watched, room: int) -> Sequence[Run]:
    """As many runs as there is room for, the chosen one among them."""
    at = next((number for number, run in enumerate(seen.runs) if run.info.run_id == seen.run_id), 0)
    first = max(0, min(at - room // 2, len(seen.runs) - room))
    return seen.runs[first : first + room]


def _table(runs: Sequence[Run], seen: Watched, width: int) -> Table:
    counts = Counter(key for run in runs for key in run.data.metrics)
    room = max(1, (width - _NAMES_WIDTH) // _METRIC_WIDTH)
    keys = sorted(sorted(counts, key=lambda key: (-counts[key], key))[:room])
    rows: list[list[output.Cell]] = []
    for run in runs:
        step = max((metric.step for metric in run.data.metric_list), default=0)
        chosen = run.info.run_id == seen.run_id
        values = run.data.metrics
        rows.append(
            [
                Text(f"{'▶' if chosen else ' '} {run.info.run_name or run.info.run_id}",
                     style="bold" if chosen else ""),
                output.status(run.info.status),
                output.duration(took(run)),
                str(step),
                *(output.number(values[key]) if key in values else "" for key in keys),
            ]
        )  # fmt: skip
    head = ("  name", "status", "took", "step", *keys)
    return output.table(head, rows, right=("took", "step", *keys))


def _curve(seen: Watched, width: int) -> Panel:
    low, high = min(seen.values), max(seen.values)
    labels = [output.number(high), *[""] * (_CURVE_HEIGHT - 2), output.number(low)]
    space = max(len(label) for label in labels)
    lines = curve(seen.steps, seen.values, max(2, width - space - 6), _CURVE_HEIGHT)
    text = Text()
    for label, line in zip(labels, lines, strict=True):
        text.append(f"{label:>{space}} ", style="dim")
        text.append(f"{line}\n", style="cyan")
    text.append(f"{'':>{space}} steps {seen.steps[0]} to {seen.steps[-1]}", style="dim")
    latest = output.number(seen.values[-1])
    return Panel(text, title=f"{seen.metric_key}   {latest}", title_align="left", width=width)
