"""MLflow's file store: a folder ``mlruns`` of YAML, one file for each param, tag and series."""

import contextlib
import struct
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import yaml

from headrace.artifacts.uris import scheme_of
from headrace.entities import (
    Dataset,
    DatasetInput,
    InputTag,
    LoggedModel,
    LoggedModelData,
    LoggedModelInfo,
    LoggedModelInput,
    LoggedModelOutput,
    LoggedModelParameter,
    LoggedModelTag,
    Metric,
)
from headrace.errors import HeadraceError, InvalidValueError
from headrace.importing.folder import Parts, SourceFolder
from headrace.importing.gathering import columns_of, whole, words, words_or_none
from headrace.importing.nouns import (
    Files,
    FoundExperiment,
    FoundModel,
    FoundRun,
    Series,
    Wishes,
)
from headrace.importing.places import Places
from headrace.importing.report import Report
from headrace.importing.sources.mlflow_fields import model_status, run_status
from headrace.stores.points import Columns

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_META = "meta.yaml"
_TRASH = ".trash"
_NO_RUNS = {"tags", "datasets", "traces", "models"}
_LINES_AT_ONCE = 50_000
_MOST_META_BYTES = 4 << 20
_DEEPEST_META = 20
_INT64 = struct.Struct("<qq")


def connect(address: str, wishes: Wishes, report: Report) -> "MlrunsSource":
    """The folder, which may also be the one that ``mlruns`` lies in."""
    folder = given = SourceFolder(Path(address))
    if not is_mlruns(folder) and folder.has("mlruns"):
        folder = SourceFolder(Path(address) / "mlruns")
    return MlrunsSource(folder, Places(report, wishes.roots, folder=given), wishes, report)


def is_mlruns(folder: SourceFolder) -> bool:
    """Whether there is an experiment in the folder, live or deleted."""
    names = (place for parent in ((), (_TRASH,)) for place in _below(folder, parent))
    return any(_META in folder.files(*place) for place in names if place[-1].isdecimal())


def _below(folder: SourceFolder, parent: Parts) -> Iterator[Parts]:
    for name in folder.folders(*parent):
        yield (*parent, name)


class MlrunsSource:
    """Reads the folder as it is, of whatever version of MLflow."""

    def __init__(
        self, folder: SourceFolder, places: Places, wishes: Wishes, report: Report
    ) -> None:
        """``places`` are for artifacts that do not lie beside their run."""
        self._folder, self._places = folder, places
        self._wishes, self._report = wishes, report
        self._measured: dict[str, list[Metric]] | None = None

    def count(self) -> int | None:
        return sum(1 for place in self._experiment_places() for _ in self._run_places(place))

    def experiments(self) -> Iterator[FoundExperiment]:
        self._tell_registry()
        for place in self._experiment_places():
            with self._noted("experiment", place):
                meta = self._meta(place)
                if str(meta.get("experiment_id")) != place[-1]:
                    raise InvalidValueError(
                        f"its {_META} is about experiment '{meta.get('experiment_id')}'"
                    )
                yield FoundExperiment(
                    name=str(meta.get("name", place[-1])),
                    place="/".join(place),
                    experiment_id=place[-1],
                    creation_time=whole(meta.get("creation_time")),
                    last_update_time=whole(meta.get("last_update_time")),
                    deleted=place[0] == _TRASH or meta.get("lifecycle_stage") == "deleted",
                    tags=self._texts(*place, "tags"),
                )

    def models(self, experiment: FoundExperiment) -> Iterator[FoundModel]:
        home = (*experiment.place.split("/"), "models")
        for place in _below(self._folder, home):
            # MLflow puts what a run measures of another experiment's model into a folder of its own.
            if _META in self._folder.files(*place) or not self._folder.has(*place, "metrics"):
                with self._noted("model", place):
                    yield self._model(place)

    def runs(self, experiment: FoundExperiment) -> Iterator[FoundRun]:
        home = tuple(experiment.place.split("/"))
        datasets = self._datasets(home)
        traces = len(self._folder.folders(*home, "traces"))
        if traces:
            self._report.leave("traces", experiment.name, f"{traces} traces: Headrace keeps none")
        for place in self._run_places(home):
            with self._noted("run", place):
                yield self._run(place, datasets)

    def close(self) -> None:
        """Nothing is held."""

    def _experiment_places(self) -> Iterator[Parts]:
        for parent in ((), (_TRASH,)):
            for place in _below(self._folder, parent):
                # Of the other folders one is the trash, and one may be the model registry.
                if _META in self._folder.files(*place):
                    yield place
                elif place[-1].isdecimal():
                    self._report.leave("experiment", "/".join(place), f"it has no {_META}")

    def _run_places(self, home: Parts) -> Iterator[Parts]:
        for place in _below(self._folder, home):
            if place[-1] not in _NO_RUNS:
                yield place

    def _tell_registry(self) -> None:
        for name in self._folder.folders("models"):
            if _META in self._folder.files("models", name):
                why = "it is a registered model; Headrace has no model registry yet"
                self._report.leave("registered model", name, why)

    @contextlib.contextmanager
    def _noted(self, kind: str, place: Parts) -> Iterator[None]:
        """What cannot be read of one thing is said, and the next one is looked at."""
        try:
            yield
        except (HeadraceError, OSError, TypeError, ValueError) as error:
            self._report.leave(kind, "/".join(place), str(error))

    def _meta(self, place: Parts) -> Mapping[str, Any]:
        data = self._folder.read(*place, _META, most=_MOST_META_BYTES)
        try:
            _require_shallow(data)
            meta = yaml.load(data, Loader=_LOADER)  # noqa: S506  (a safe loader, in C where there is one)
        except yaml.YAMLError as error:
            told = " ".join(str(error).split())
            raise InvalidValueError(f"its {_META} cannot be read: {told[:300]}") from error
        if not isinstance(meta, dict):
            raise InvalidValueError(f"its {_META} holds no fields")
        return meta

    def _texts(self, *place: str) -> dict[str, str]:
        """Params and tags: the path of a file is the key, what is in it the value."""
        return {
            "/".join(found[len(place) :]): self._folder.text(*found)
            for found in self._folder.below(*place, report=self._report)
        }

    def _run(self, place: Parts, datasets: Mapping[str, Dataset]) -> FoundRun:
        meta = self._meta(place)
        run_id = str(meta.get("run_id") or meta.get("run_uuid") or place[-1])
        if run_id != place[-1]:
            raise InvalidValueError(f"its {_META} is about run '{run_id}'")
        dataset_inputs, model_inputs = self._inputs(place, datasets)
        return FoundRun(
            run_id=run_id,
            name=str(meta["run_name"]) if meta.get("run_name") else None,
            user_id=str(meta["user_id"]) if meta.get("user_id") else None,
            status=run_status(meta.get("status")),
            start_time=whole(meta.get("start_time")),
            end_time=whole(meta.get("end_time")),
            deleted=meta.get("lifecycle_stage") == "deleted",
            params=self._texts(*place, "params"),
            tags=self._texts(*place, "tags"),
            datasets=dataset_inputs,
            model_inputs=model_inputs,
            model_outputs=self._outputs(place),
            model_metrics=self._metrics_of_models().get(run_id, ()),
            series=self._series(place),
            files=self._files(place, meta.get("artifact_uri")),
        )

    def _files(self, place: Parts, uri: Any) -> Files:
        """In the run's own folder, wherever that is now, unless its URI says that they are elsewhere."""
        if not self._wishes.artifacts:
            return
        tail = "/".join([*(part for part in place if part != _TRASH), "artifacts"])
        spelled = str(uri or "").replace("\\", "/").rstrip("/")
        if not spelled or (scheme_of(spelled) == "file" and spelled.endswith(f"/{tail}")):
            yield from self._folder.artifacts(*place, "artifacts", report=self._report)
        else:
            yield from self._places.files(spelled)

    def _series(self, place: Parts) -> Iterator[Series]:
        home = (*place, "metrics")
        for found in self._folder.below(*home, report=self._report):
            key = "/".join(found[len(home) :])
            with self._noted("metric", found), self._folder.open(*found) as file:
                for points, bad in _points(file):
                    if bad:
                        why = f"{bad} lines are no points"
                        self._report.leave("metric", f"{place[-1]}: {key}", why)
                    yield Series(key, points)

    def _datasets(self, home: Parts) -> dict[str, Dataset]:
        found = {}
        for place in _below(self._folder, (*home, "datasets")):
            with self._noted("dataset", place):
                meta = self._meta(place)
                given = {name: words(meta.get(name)) for name in ("name", "digest", "source_type")}
                found[place[-1]] = Dataset(
                    **given,
                    source=words(meta.get("source")),
                    schema=words_or_none(meta.get("schema")),
                    profile=words_or_none(meta.get("profile")),
                )
        return found

    def _inputs(
        self, place: Parts, datasets: Mapping[str, Dataset]
    ) -> tuple[list[DatasetInput], list[LoggedModelInput]]:
        found: list[DatasetInput] = []
        models: list[LoggedModelInput] = []
        for one in _below(self._folder, (*place, "inputs")):
            with self._noted("input", one):
                meta = self._meta(one)
                if meta.get("source_type") != "DATASET":
                    models.append(LoggedModelInput(words(meta.get("destination_id"))))
                elif meta.get("source_id") in datasets:
                    tags = [InputTag(str(k), str(v)) for k, v in (meta.get("tags") or {}).items()]
                    found.append(DatasetInput(datasets[meta["source_id"]], tags))
                else:
                    raise InvalidValueError(f"there is no dataset '{meta.get('source_id')}'")
        return found, models

    def _outputs(self, place: Parts) -> list[LoggedModelOutput]:
        found = []
        for one in _below(self._folder, (*place, "outputs")):
            with self._noted("output", one):
                meta = self._meta(one)
                found.append(
                    LoggedModelOutput(
                        words(meta.get("destination_id")), whole(meta.get("step")) or 0
                    )
                )
        return found

    def _model(self, place: Parts) -> FoundModel:
        meta = self._meta(place)
        model_id = str(meta.get("model_id", place[-1]))
        if model_id != place[-1]:
            raise InvalidValueError(f"its {_META} is about model '{model_id}'")
        params, tags = self._texts(*place, "params"), self._texts(*place, "tags")
        info = LoggedModelInfo(
            model_id=model_id,
            experiment_id=words(meta.get("experiment_id")),
            name=words(meta.get("name")),
            creation_timestamp_ms=whole(meta.get("creation_timestamp")) or 0,
            last_updated_timestamp_ms=whole(meta.get("last_updated_timestamp")) or 0,
            artifact_uri=words(meta.get("artifact_location")),
            status=model_status(meta.get("status")),
            model_type=words(meta.get("model_type")),
            source_run_id=words(meta.get("source_run_id")),
            status_message=words_or_none(meta.get("status_message")),
            tags=[LoggedModelTag(*pair) for pair in tags.items()],
        )
        data = LoggedModelData([LoggedModelParameter(*pair) for pair in params.items()])
        return FoundModel(
            model=LoggedModel(info, data),
            deleted=meta.get("lifecycle_stage") == "deleted",
            files=self._files(place, meta.get("artifact_location")),
        )

    def _metrics_of_models(self) -> Mapping[str, list[Metric]]:
        """By the run that measured them, which may be of another experiment."""
        if self._measured is None:
            self._measured = {}
            for experiment in self._experiment_places():
                for place in _below(self._folder, (*experiment, "models")):
                    self._measure((*place, "metrics"), place[-1])
        return self._measured

    def _measure(self, home: Parts, model_id: str) -> None:
        assert self._measured is not None
        for found in self._folder.below(*home, report=self._report):
            key = "/".join(found[len(home) :])
            with self._noted("model metric", found), self._folder.open(*found) as file:
                for line in file:
                    time, value, step, run_id, *dataset = line.decode().split()
                    name, digest = (
                        (" ".join(dataset[:-1]), dataset[-1]) if dataset else (None, None)
                    )
                    point = Metric(key, float(value), int(time), int(step), model_id, name, digest)
                    self._measured.setdefault(run_id, []).append(point)


def _require_shallow(data: bytes) -> None:
    """Fields of fields are all that MLflow writes; the loader in C falls over at a hundred thousand levels."""
    depth = 0
    for event in yaml.parse(data, Loader=_LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST_META:
            raise InvalidValueError(f"its {_META} is nested too deeply")


def _points(file: BinaryIO) -> Iterator[tuple[Columns, int]]:
    """The points of a file of lines ``time value [step [...]]``, and how many lines are none."""
    while lines := list(islice(file, _LINES_AT_ONCE)):
        steps, times, values, bad = [], [], [], 0
        for line in lines:
            parts = line.split()
            try:
                time, value = int(parts[0]), float(parts[1])
                step = int(parts[2]) if len(parts) > 2 else 0
                _INT64.pack(time, step)  # which refuses what no 64 bits hold
            except (ValueError, IndexError, struct.error):
                bad += bool(parts)
            else:
                times.append(time)
                values.append(value)
                steps.append(step)
        yield columns_of(steps, times, values), bad
