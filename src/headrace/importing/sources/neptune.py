"""What Neptune's exporter writes: Parquet files of attributes, and the files that they name."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from pyarrow import ArrowInvalid
from pyarrow.parquet import ParquetFile

from headrace.errors import CorruptDataError, HeadraceError
from headrace.importing.folder import Parts, SourceFolder, place_of
from headrace.importing.gathering import Gathering
from headrace.importing.names import can_be_run_id, derived_id
from headrace.importing.nouns import (
    Files,
    FoundExperiment,
    FoundFile,
    FoundModel,
    FoundRun,
    Series,
    Wishes,
)
from headrace.importing.places import Places
from headrace.importing.report import Report

RUN_TAG = "neptune.run"

_PART = re.compile(r"(?P<run>.*)_part_(?P<number>\d+)\.parquet")
_ROWS_AT_ONCE = 50_000
_COLUMNS = (
    "project_id",
    "run_id",
    "attribute_path",
    "attribute_type",
    "step",
    "timestamp",
    "int_value",
    "float_value",
    "string_value",
    "bool_value",
    "datetime_value",
    "string_set_value",
    "file_value",
)
_VALUES = {
    "int": "int_value",
    "float": "float_value",
    "string": "string_value",
    "bool": "bool_value",
    "datetime": "datetime_value",
    "string_set": "string_set_value",
}
_FILES = ("file", "file_series")
Row = Mapping[str, Any]


def connect(address: str, wishes: Wishes, report: Report) -> "NeptuneSource":
    """The folder that holds ``data`` and ``files``, the one with the data alone, or one Parquet file."""
    path = Path(address).absolute()
    folder = SourceFolder(path if path.is_dir() else path.parent)
    only = None if path.is_dir() else path.name
    return NeptuneSource(folder, only, wishes, report)


class NeptuneSource:
    """Reads the parts of each run twice: for its attributes, then for its series."""

    def __init__(
        self, folder: SourceFolder, only: str | None, wishes: Wishes, report: Report
    ) -> None:
        """``only`` is the name of the one file that is wanted."""
        self._folder, self._wishes, self._report = folder, wishes, report
        self._runs: dict[str, list[tuple[str, list[Parts]]]] = {}
        for parts in _groups(folder, only).values():
            try:
                project, run_id = self._whose(parts[0])
            except (HeadraceError, OSError) as error:
                report.leave("file", "/".join(parts[0]), str(error))
            else:
                self._runs.setdefault(wishes.experiment or project, []).append((run_id, parts))

    def count(self) -> int | None:
        return sum(map(len, self._runs.values()))

    def experiments(self) -> Iterator[FoundExperiment]:
        for project in sorted(self._runs):
            yield FoundExperiment(name=project, place=project)

    def models(self, experiment: FoundExperiment) -> Iterator[FoundModel]:  # noqa: ARG002
        return iter(())

    def runs(self, experiment: FoundExperiment) -> Iterator[FoundRun]:
        for run_id, parts in self._runs[experiment.place]:
            try:
                yield self._run(experiment.name, run_id, parts)
            except (HeadraceError, OSError) as error:
                self._report.leave("run", run_id, str(error))

    def close(self) -> None:
        """Nothing is held."""

    def _whose(self, place: Parts) -> tuple[str, str]:
        for row in self._rows([place], ("project_id", "run_id")):
            return str(row["project_id"]), str(row["run_id"])
        raise CorruptDataError("It holds no rows.")

    def _run(self, project: str, run_id: str, parts: Sequence[Parts]) -> FoundRun:
        system: dict[str, Any] = {}
        params: dict[str, str] = {}
        files: list[tuple[str, str]] = []
        for row in self._rows(parts, _COLUMNS):
            path, kind = row["attribute_path"], row["attribute_type"]
            if kind in _VALUES:
                value = row[_VALUES[kind]]
                if path.startswith("sys/"):
                    system[path.removeprefix("sys/")] = value
                else:
                    params[path] = _spelled(value)
            elif kind in _FILES and (row["file_value"] or {}).get("path"):
                step = f"/{_spelled(row['step'])}" if kind == "file_series" else ""
                files.append((f"{path}{step}", row["file_value"]["path"]))
        own_id = run_id if can_be_run_id(run_id) else derived_id("neptune", project, run_id)
        return FoundRun(
            run_id=own_id,
            name=str(system.get("name") or run_id),
            user_id=system.get("owner"),
            status="FAILED" if system.get("failed") else "FINISHED",
            start_time=_milliseconds(system.get("creation_time")),
            end_time=_milliseconds(system.get("modification_time") or system.get("ping_time")),
            deleted=bool(system.get("trashed")),
            params=params,
            tags=_tags(run_id, system),
            series=self._series(run_id, parts),
            files=self._files(run_id, files, parts) if self._wishes.artifacts else (),
        )

    def _series(self, run_id: str, parts: Sequence[Parts]) -> Iterator[Series]:
        points = Gathering()
        fractions: Counter[str] = Counter()
        others: Counter[str] = Counter()
        for row in self._rows(parts, _COLUMNS[:8]):
            kind, path = row["attribute_type"], row["attribute_path"]
            if kind == "histogram_series":
                others[path] += 1
            if kind != "float_series" or row["float_value"] is None:
                continue
            step = (row["step"] or Decimal(0)) * self._wishes.step_factor
            if step != int(step):
                fractions[path] += 1
                continue
            points.add(path, int(step), _milliseconds(row["timestamp"]) or 0, row["float_value"])
            if points.is_full:
                yield from points.taken()
        yield from points.taken()
        for path, count in sorted(fractions.items()):
            why = f"{count} steps are fractions; give a --step-factor that makes them whole"
            self._report.leave("metric", f"{run_id}: {path}", why)
        for path, count in sorted(others.items()):
            self._report.leave("histograms", f"{run_id}: {path}", f"{count} of them are not taken")

    def _files(
        self, run_id: str, files: Sequence[tuple[str, str]], parts: Sequence[Parts]
    ) -> Files:
        for attribute, path in files:
            try:
                yield from self._found(attribute, path)
            except (HeadraceError, OSError) as error:
                self._report.leave("artifact", f"{run_id}: {attribute}", str(error))
        names = sorted(
            {
                row["attribute_path"]
                for row in self._rows(parts, _COLUMNS[:4])
                if row["attribute_type"] == "string_series"
            }
        )
        for name in names:
            size = sum(map(len, self._lines(parts, name)))
            yield FoundFile(f"{name}.tsv", size, _again(self._lines, parts, name))

    def _lines(self, parts: Sequence[Parts], name: str) -> Iterator[bytes]:
        """A series of texts as lines of step, time and text."""
        for row in self._rows(parts, _COLUMNS):
            if row["attribute_type"] == "string_series" and row["attribute_path"] == name:
                said = (_spelled(row[one]) for one in ("step", "timestamp", "string_value"))
                yield ("\t".join(one.replace("\n", "\\n") for one in said) + "\n").encode()

    def _found(self, attribute: str, path: str) -> Files:
        if self._wishes.roots:
            (prefix, where), *_ = self._wishes.roots
            yield from Places(self._report, [(prefix, where)]).files(f"{prefix.rstrip('/')}/{path}")
            return
        place = ("files", *place_of(path))
        if self._folder.has(*place):
            for found in self._folder.artifacts(*place, report=self._report):
                yield found._replace(path=f"{attribute}/{found.path}")
        else:
            yield self._folder.artifact(attribute, *place)

    def _rows(self, parts: Sequence[Parts], wanted: Sequence[str]) -> Iterator[Row]:
        for place in parts:
            with self._folder.open(*place) as file:
                try:
                    parquet = ParquetFile(file)
                    there = [name for name in wanted if name in parquet.schema_arrow.names]
                    for batch in parquet.iter_batches(_ROWS_AT_ONCE, columns=there):
                        yield from batch.to_pylist()
                except (ArrowInvalid, OSError) as error:
                    raise CorruptDataError(
                        f"'{'/'.join(place)}' cannot be read: {error}"
                    ) from error


def _groups(folder: SourceFolder, only: str | None) -> dict[Parts, list[Parts]]:
    """The parts of each run, in their order."""
    numbered: dict[Parts, list[tuple[int, Parts]]] = {}
    for place in folder.below():
        if place[-1].endswith(".parquet") and only in (None, place[-1]):
            match = _PART.fullmatch(place[-1])
            run, number = (match["run"], int(match["number"])) if match else (place[-1], 0)
            numbered.setdefault((*place[:-1], run), []).append((number, place))
    return {run: [place for _, place in sorted(parts)] for run, parts in sorted(numbered.items())}


def _tags(run_id: str, system: Mapping[str, Any]) -> dict[str, str]:
    tags = {f"neptune.sys.{key}": _spelled(value) for key, value in system.items()}
    tags[RUN_TAG] = run_id
    if system.get("description"):
        tags["mlflow.note.content"] = str(system["description"])
    return tags


def _spelled(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    return "" if value is None else str(value)


def _milliseconds(moment: datetime | None) -> int | None:
    if moment is None:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return round(aware.timestamp() * 1000)


def _again(lines: Any, *given: Any) -> Any:
    return lambda: lines(*given)
