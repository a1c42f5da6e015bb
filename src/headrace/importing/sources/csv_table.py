"""A table as CSV: a row a run, or a row a point.

A column is known by its header: ``run_id``, ``experiment``, ``run_name``, ``user_id``, ``status``,
``start_time``, ``end_time``, ``step``, ``timestamp``; or by its beginning, ``params.``, ``metrics.`` and
``tags.``, as tables of runs are exported. With a column of steps or times a row is a point, and every other
column a metric; without one a row is a run, and every other column a param.
"""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import cast, get_args

from msgspec import Struct, field

from headrace.entities import RunStatus
from headrace.errors import InvalidValueError
from headrace.importing.folder import SourceFolder
from headrace.importing.gathering import MOST_HELD, Gathering
from headrace.importing.names import can_be_run_id, derived_id
from headrace.importing.nouns import FoundExperiment, FoundModel, FoundRun, Wishes
from headrace.importing.report import Report

RUN_TAG = "csv.run"

_BY_HEADER = {
    "run_id": "run",
    "run": "run",
    "experiment": "experiment",
    "experiment_name": "experiment",
    "experiment_id": "skip",
    "artifact_uri": "skip",
    "run_name": "name",
    "name": "name",
    "user_id": "user",
    "user": "user",
    "status": "status",
    "start_time": "start",
    "end_time": "end",
    "step": "step",
    "timestamp": "time",
    "time": "time",
}
_BY_PREFIX = {"params.": "param", "param.": "param", "metrics.": "metric", "metric.": "metric", "tags.": "tag", "tag.": "tag"}  # fmt: skip
_ROLES = {*_BY_HEADER.values(), "param", "metric", "tag"}
_STATUSES = get_args(RunStatus)
_LONGEST_FIELD = 1 << 24


class Column(Struct, frozen=True):
    """What a column is, and under which key its values go."""

    role: str
    key: str


class _Row(Struct):
    """A run as far as its rows have been read."""

    label: str
    fields: dict[str, str] = field(default_factory=dict)
    params: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    points: Gathering = field(default_factory=Gathering)


def connect(address: str, wishes: Wishes, report: Report) -> "CsvSource":
    """The file; one with the ending ``.tsv`` is parted by tabs."""
    return CsvSource(Path(address).absolute(), wishes, report)


class CsvSource:
    """Reads the file once for its experiments and once for its runs."""

    def __init__(self, path: Path, wishes: Wishes, report: Report) -> None:
        """Raises `InvalidValueError` for headers or wishes that make no sense."""
        self._path, self._wishes, self._report = path, wishes, report
        self._columns = self._understood(next(self._lines(), []))
        roles = [column.role for column in self._columns]
        for role in _ROLES - {"param", "metric", "tag", "skip"}:
            if roles.count(role) > 1:
                raise InvalidValueError(
                    f"{path.name} has {roles.count(role)} columns for '{role}'."
                )
        self._is_points = "step" in roles or "time" in roles

    def count(self) -> int | None:
        return None

    def experiments(self) -> Iterator[FoundExperiment]:
        names = dict.fromkeys(self._experiment_of(fields) for fields in self._rows())
        for name in names:
            yield FoundExperiment(name=name, place=name)

    def models(self, experiment: FoundExperiment) -> Iterator[FoundModel]:  # noqa: ARG002
        return iter(())

    def runs(self, experiment: FoundExperiment) -> Iterator[FoundRun]:
        held: dict[str, _Row] = {}
        cells_held = 0
        bad: Counter[str] = Counter()
        for number, cells in enumerate(self._rows()):
            if self._experiment_of(cells) != experiment.name:
                continue
            label = self._one(cells, "run") or ("" if self._is_points else f"row {number + 1}")
            row = held.setdefault(label, _Row(label))
            self._take(row, cells, bad)
            cells_held += len(cells)
            if cells_held > MOST_HELD:
                yield from (self._found(experiment.name, one, bad) for one in held.values())
                held, cells_held = {}, 0
        yield from (self._found(experiment.name, one, bad) for one in held.values())
        for where, count in sorted(bad.items()):
            self._report.leave("column", where, f"{count} cells cannot be read")

    def close(self) -> None:
        """Nothing is held."""

    def _lines(self) -> Iterator[list[str]]:
        folder = SourceFolder(self._path.parent)
        csv.field_size_limit(_LONGEST_FIELD)
        with (
            folder.open(self._path.name) as file,
            io.TextIOWrapper(file, "utf-8-sig", errors="replace", newline="") as text,
        ):
            reader = csv.reader(text, delimiter="\t" if self._path.suffix == ".tsv" else ",")
            try:
                yield from reader
            except csv.Error as error:
                why = f"line {reader.line_num}: {error}; what follows is not read"
                self._report.leave("file", self._path.name, why)

    def _rows(self) -> Iterator[list[str]]:
        lines = self._lines()
        next(lines, None)
        width = len(self._columns)
        for cells in lines:
            if cells:
                yield cells[:width] + [""] * (width - len(cells))

    def _understood(self, headers: list[str]) -> list[Column]:
        for name in self._wishes.columns:
            if name not in headers:
                raise InvalidValueError(
                    f"{self._path.name} has no column '{name}'; it has: {', '.join(headers)}."
                )
        roles = [self._role(header) for header in headers]
        points = any(column is not None and column.role in ("step", "time") for column in roles)
        other = "metric" if points else "param"
        return [
            column or Column(other, header.strip()) if header.strip() else Column("skip", "")
            for header, column in zip(headers, roles, strict=True)
        ]

    def _role(self, header: str) -> Column | None:
        if header in self._wishes.columns:
            role, _, key = self._wishes.columns[header].partition(":")
            if role not in _ROLES:
                known = ", ".join(sorted(_ROLES))
                raise InvalidValueError(f"--column {header}={role}: a column is one of {known}.")
            return Column(role, key or header.strip())
        plain = header.strip()
        if plain.lower() in _BY_HEADER:
            return Column(_BY_HEADER[plain.lower()], plain)
        for prefix, role in _BY_PREFIX.items():
            if plain.startswith(prefix) and plain != prefix:
                return Column(role, plain.removeprefix(prefix))
        return None

    def _one(self, cells: list[str], role: str) -> str:
        return next(
            (
                cell
                for cell, column in zip(cells, self._columns, strict=True)
                if column.role == role
            ),
            "",
        )

    def _experiment_of(self, cells: list[str]) -> str:
        return self._one(cells, "experiment") or self._wishes.experiment or self._path.stem

    def _take(self, row: _Row, cells: list[str], bad: Counter[str]) -> None:
        step = self._read(cells, "step", _whole, bad) or 0
        time_ms = self._read(cells, "time", _moment, bad) or 0
        for cell, column in zip(cells, self._columns, strict=True):
            if not cell:
                continue
            if column.role == "param":
                row.params.setdefault(column.key, cell)
            elif column.role == "tag":
                row.tags[column.key] = cell
            elif column.role == "metric":
                number = _number(cell)
                if number is None:
                    bad[column.key] += 1
                else:
                    row.points.add(column.key, step, time_ms, number)
            else:
                row.fields[column.role] = cell

    def _read(
        self, cells: list[str], role: str, read: Callable[[str], int], bad: Counter[str]
    ) -> int | None:
        cell = self._one(cells, role)
        if not cell:
            return None
        try:
            return read(cell)
        except ValueError:
            bad[role] += 1
            return None

    def _found(self, experiment: str, row: _Row, bad: Counter[str]) -> FoundRun:
        times: dict[str, int | None] = {}
        for role in ("start", "end"):
            try:
                times[role] = _moment(row.fields[role]) if role in row.fields else None
            except ValueError:
                bad[role] += 1
                times[role] = None
        status = row.fields.get("status", "FINISHED").upper()
        label = row.label or self._path.stem
        tags = dict(row.tags)
        if can_be_run_id(row.label):
            run_id = row.label
        else:
            run_id = derived_id("csv", experiment, label)
            tags[RUN_TAG] = label
        return FoundRun(
            run_id=run_id,
            name=row.fields.get("name") or label,
            user_id=row.fields.get("user"),
            status=cast("RunStatus", status if status in _STATUSES else "FINISHED"),
            start_time=times["start"],
            end_time=times["end"],
            params=row.params,
            tags=tags,
            series=row.points.taken(),
        )


def _whole(cell: str) -> int:
    """A step, which may be spelled as 3.0."""
    try:
        step = int(cell)
    except ValueError:
        number = float(cell)
        if not number.is_integer():
            raise
        step = int(number)
    return _of_64_bits(step, cell)


def _of_64_bits(number: int, cell: str) -> int:
    if abs(number) >= 1 << 63:
        raise ValueError(cell)
    return number


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return {"true": 1.0, "false": 0.0}.get(cell.strip().lower())


def _moment(cell: str) -> int:
    """Milliseconds from an ISO time (UTC unless it says otherwise), or from a number of seconds or more."""
    try:
        number = float(cell)
    except ValueError:
        moment = datetime.fromisoformat(cell.strip())
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return round(aware.timestamp() * 1000)
    if number != number or abs(number) == float("inf"):
        raise ValueError(cell)
    return _of_64_bits(round(number if abs(number) >= _SECONDS_BELOW else number * 1000), cell)


# Seconds stay below this until the year 5138; milliseconds have been above it since 1973.
_SECONDS_BELOW = 1e11
