"""Folders that W&B writes, offline or beside its server: ``wandb/offline-run-*`` and ``wandb/run-*``."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from headrace.entities import RunStatus
from headrace.errors import CorruptDataError, HeadraceError
from headrace.importing.folder import Parts, SourceFolder
from headrace.importing.gathering import Gathering
from headrace.importing.nouns import (
    Files,
    FoundExperiment,
    FoundFile,
    FoundModel,
    FoundRun,
    Series,
    Wishes,
)
from headrace.importing.protobuf import fields, last, signed, text
from headrace.importing.report import Report
from headrace.importing.wandb_log import records

# Fields of Record and of what is in it.
_HISTORY, _SUMMARY, _CONFIG, _STATS, _OUTPUT, _OUTPUT_RAW, _RUN, _EXIT = 2, 3, 5, 7, 4, 13, 17, 18
_KEY, _NESTED_KEY, _VALUE = 1, 2, 16
_UPDATE, _REMOVE = 1, 2
# Without a record of its exit a run was killed, or still goes on; importing again finds out.
_BY_EXIT: dict[bool | None, RunStatus] = {None: "KILLED", True: "FINISHED", False: "FAILED"}
_TEXT_FIELDS = {2: "entity", 6: "group", 7: "job_type", 12: "sweep", 13: "host"}
_NO_PROJECT = "uncategorized"
_OUTPUT_FILE = "output.log"


def connect(address: str, wishes: Wishes, report: Report) -> "WandbSource":
    """A folder ``wandb``, one of its runs, any folder above, or one log."""
    path = Path(address).absolute()
    folder = SourceFolder(path if path.is_dir() else path.parent)
    only = None if path.is_dir() else path.name
    return WandbSource(folder, only, wishes, report)


class WandbSource:
    """Reads each log twice: for the project that it belongs to, and for what is in it."""

    def __init__(
        self, folder: SourceFolder, only: str | None, wishes: Wishes, report: Report
    ) -> None:
        """``only`` is the name of the one log that is wanted."""
        self._folder, self._wishes, self._report = folder, wishes, report
        self._logs: dict[str, list[tuple[Parts, dict[int, list[Any]]]]] = {}
        for place in folder.below():
            if place[-1].endswith(".wandb") and only in (None, place[-1]):
                self._sort_in(place)

    def count(self) -> int | None:
        return sum(map(len, self._logs.values()))

    def experiments(self) -> Iterator[FoundExperiment]:
        for project in sorted(self._logs):
            yield FoundExperiment(name=project, place=project)

    def models(self, experiment: FoundExperiment) -> Iterator[FoundModel]:  # noqa: ARG002
        return iter(())

    def runs(self, experiment: FoundExperiment) -> Iterator[FoundRun]:
        for place, begun in self._logs[experiment.place]:
            log = _Log(self._folder, place, begun, self._report)
            yield log.found(artifacts=self._wishes.artifacts)

    def close(self) -> None:
        """Nothing is held."""

    def _sort_in(self, place: Parts) -> None:
        try:
            with self._folder.open(*place) as file:
                begun = next(
                    (run for data in records(file) if (run := last(data).get(_RUN)) is not None),
                    None,
                )
        except (HeadraceError, OSError) as error:
            self._report.leave("run", "/".join(place), str(error))
            return
        if begun is None:
            self._report.leave(
                "run", "/".join(place), "its log ends before it says what run it is of"
            )
            return
        run = _all(begun)
        project = self._wishes.experiment or _text(run, 3) or _NO_PROJECT
        self._logs.setdefault(project, []).append((place, run))


class _Log:
    """What one log says of its run."""

    def __init__(
        self, folder: SourceFolder, place: Parts, run: Mapping[int, list[Any]], report: Report
    ) -> None:
        self._folder, self._place, self._report = folder, place, report
        self._run = run
        self.run_id = _text(run, 1)
        self._config: dict[tuple[str, ...], Any] = {}
        self._summary: dict[tuple[str, ...], Any] = {}
        self._logged: set[str] = set()
        self._media: set[str] = set()
        self._no_numbers: Counter[str] = Counter()
        self._exit_code: int | None = None
        self._end: int | None = None
        self._step, self._samples, self._output_bytes = 0, 0, 0
        for config in run.get(4, []):
            self._update(self._config, config)
        for summary in run.get(5, []):
            self._update(self._summary, summary)

    def found(self, *, artifacts: bool) -> FoundRun:
        """The run; what is not known at its beginning follows its series."""
        started = last(self._run[17][-1]) if 17 in self._run else {}
        first = FoundRun(
            run_id=self.run_id,
            name=_text(self._run, 8) or self.run_id,
            status="RUNNING",
            start_time=_milliseconds(started) if started else None,
            tags=self._tags(),
            series=self._series(),
            rest=lambda: self._rest(first, artifacts=artifacts),
        )
        return first

    def _tags(self) -> dict[str, str]:
        tags = {f"wandb.{name}": _text(self._run, field) for field, name in _TEXT_FIELDS.items()}
        tags |= {f"wandb.tag.{text(tag)}": "" for tag in self._run.get(10, [])}
        tags["mlflow.note.content"] = _text(self._run, 9)
        return {key: value for key, value in tags.items() if value or key.startswith("wandb.tag.")}

    def _series(self) -> Iterator[Series]:
        points = Gathering()
        with self._folder.open(*self._place) as file:
            try:
                for data in records(file):
                    self._take(last(data), points)
                    if points.is_full:
                        yield from points.taken()
            except CorruptDataError as error:
                why = f"{error} What follows is not read."
                self._report.leave("log", "/".join(self._place), why)
        yield from points.taken()
        yield from self._summarised()
        for key, count in sorted(self._no_numbers.items()):
            self._report.leave("metric", f"{self.run_id}: {key}", f"{count} values are no numbers")

    def _take(self, record: Mapping[int, Any], points: Gathering) -> None:
        if _HISTORY in record:
            self._history(record[_HISTORY], points)
        elif _STATS in record:
            self._system(record[_STATS], points)
        elif _SUMMARY in record:
            self._update(self._summary, record[_SUMMARY])
        elif _CONFIG in record:
            self._update(self._config, record[_CONFIG])
        elif _EXIT in record:
            self._exit_code = signed(last(record[_EXIT]).get(1, 0))
        elif _OUTPUT in record or _OUTPUT_RAW in record:
            self._output_bytes += len(_line(record))

    def _history(self, data: bytes, points: Gathering) -> None:
        values: dict[tuple[str, ...], Any] = {}
        for number, item in fields(data):
            if number == 1:
                key, value = _item(item)
                values[key] = value
            elif number == 2:
                self._step = signed(last(item).get(1, 0))
        self._step = int(values.pop(("_step",), self._step))
        time_ms = round(float(values.pop(("_timestamp",), 0)) * 1000)
        self._end = max(self._end or 0, time_ms)
        values.pop(("_runtime",), None)
        for name, value in _flat(values):
            self._logged.add(name)
            if isinstance(value, _Medium):
                self._medium(name, value.kind)
            elif (number_of := _number(value)) is not None:
                points.add(name, self._step, time_ms, number_of)
            else:
                self._no_numbers[name] += 1

    def _medium(self, key: str, kind: str) -> None:
        if key in self._media:
            return
        self._media.add(key)
        if kind.endswith("-file"):
            self._report.change("metric", f"{self.run_id}: {key}", f"{kind}: kept as files only")
        else:
            self._report.leave("metric", f"{self.run_id}: {key}", f"it is a {kind or 'medium'}")

    def _system(self, data: bytes, points: Gathering) -> None:
        stats = _all(data)
        time_ms = _milliseconds(last(stats[2][-1])) if 2 in stats else 0
        for item in stats.get(3, []):
            key, value = _item(item)
            if (number := _number(value)) is not None:
                points.add("system/" + ".".join(key), self._samples, time_ms, number)
        self._samples += 1

    def _update(self, into: dict[tuple[str, ...], Any], data: bytes) -> None:
        for number, item in fields(data):
            if number not in (_UPDATE, _REMOVE):
                continue
            key, value = _item(item)
            if number == _UPDATE:
                into[key] = value
            else:
                for gone in [one for one in into if one[: len(key)] == key]:
                    del into[gone]

    def _summarised(self) -> Iterator[Series]:
        """Numbers that were only set in the summary, at the last step."""
        points = Gathering()
        for key, value in _flat(self._summary):
            if key not in self._logged and not key.startswith("_"):
                number = _number(value)
                if number is not None:
                    points.add(key, self._step, self._end or 0, number)
        yield from points.taken()

    def _rest(self, first: FoundRun, *, artifacts: bool) -> FoundRun:
        words = {
            f"wandb.summary.{key}": value
            for key, value in _flat(self._summary)
            if isinstance(value, str) and not key.startswith("_")
        }
        params = {
            key: value if isinstance(value, str) else json.dumps(value)
            for key, value in _flat(self._config, media=False)
            if not key.startswith("_wandb")
        }
        code = self._exit_code
        return FoundRun(
            run_id=first.run_id,
            name=first.name,
            status=_BY_EXIT[None if code is None else code == 0],
            start_time=first.start_time,
            end_time=self._end or first.start_time,
            tags={**first.tags, **words},
            params=params,
            files=self._files() if artifacts else (),
        )

    def _files(self) -> Files:
        home = (*self._place[:-1], "files")
        yield from self._folder.artifacts(*home, report=self._report)
        if self._output_bytes and _OUTPUT_FILE not in self._folder.files(*home):
            yield FoundFile(_OUTPUT_FILE, self._output_bytes, self._output)

    def _output(self) -> Iterator[bytes]:
        with self._folder.open(*self._place) as file:
            try:
                for data in records(file):
                    yield _line(last(data))
            except CorruptDataError:
                return  # told when the series were read; what came before it is kept


class _Medium(NamedTuple):
    """Stands for an image, a table or the like."""

    kind: str


def _flat(
    values: Mapping[tuple[str, ...], Any], *, media: bool = True
) -> Iterator[tuple[str, Any]]:
    """Nested keys joined by dots; of a medium only that it is one."""
    kinds = {key[:-1]: str(values[key]) for key in values if media and key[-1:] == ("_type",)}
    for medium, kind in sorted(kinds.items()):
        yield ".".join(medium), _Medium(kind)
    for key, value in values.items():
        if not any(key[:length] in kinds for length in range(1, len(key) + 1)):
            yield from _inside(key, value, media=media)


def _inside(key: tuple[str, ...], value: Any, *, media: bool) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        if media and "_type" in value:
            yield ".".join(key), _Medium(str(value["_type"]))
            return
        for name, below in value.items():
            yield from _inside((*key, str(name)), below, media=media)
    else:
        yield ".".join(key), value


def _number(value: Any) -> float | None:
    if isinstance(value, bool | int | float):
        try:
            return float(value)
        except OverflowError:
            return None
    # Some versions write these in quotes.
    return float(value) if value in ("NaN", "Infinity", "-Infinity") else None


def _item(data: bytes) -> tuple[tuple[str, ...], Any]:
    """Key and value of an item of a history, a config or a summary."""
    found = _all(data)
    nested = [text(part) for part in found.get(_NESTED_KEY, [])]
    key = tuple(nested) if nested else (_text(found, _KEY),)
    spelled = _text(found, _VALUE)
    try:
        return key, json.loads(spelled) if spelled else None
    except (ValueError, RecursionError):
        return key, spelled


def _line(record: Mapping[int, Any]) -> bytes:
    """What a record of the console's output adds to it."""
    data = record.get(_OUTPUT, record.get(_OUTPUT_RAW))
    line: bytes = last(data).get(3, b"") if data is not None else b""
    return line


def _milliseconds(timestamp: Mapping[int, Any]) -> int:
    return int(timestamp.get(1, 0)) * 1000 + int(timestamp.get(2, 0)) // 1_000_000


def _all(data: bytes) -> dict[int, list[Any]]:
    """All values of each field."""
    found: dict[int, list[Any]] = {}
    for number, value in fields(data):
        found.setdefault(number, []).append(value)
    return found


def _text(found: Mapping[int, list[Any]], number: int) -> str:
    return text(found[number][-1]) if number in found else ""
