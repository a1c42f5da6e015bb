"""A folder of TensorBoard event files: each folder that holds some is a run, as in TensorBoard."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple, cast

from headrace.client.images import LOGGED_IMAGES_TAG
from headrace.entities import PARENT_RUN_TAG, RunStatus
from headrace.errors import CorruptDataError
from headrace.importing.folder import Parts, SourceFolder
from headrace.importing.gathering import Gathering
from headrace.importing.names import derived_id
from headrace.importing.nouns import (
    Files,
    FoundExperiment,
    FoundFile,
    FoundModel,
    FoundRun,
    Series,
    Wishes,
)
from headrace.importing.report import Report
from headrace.importing.sources.tensorboard_events import Event, Value, event, session
from headrace.importing.tfrecord import records

PATH_TAG = "tensorboard.run"

_EVENTS = ".tfevents."
_HPARAMS = "hparams"
_ENDINGS = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpg", b"GIF8": "gif"}


def connect(address: str, wishes: Wishes, report: Report) -> "TensorboardSource":
    """A folder, or one event file."""
    path = Path(address).absolute()
    folder = SourceFolder(path if path.is_dir() else path.parent)
    only = None if path.is_dir() else path.name
    return TensorboardSource(folder, only, wishes, report)


class TensorboardSource:
    """Reads each file once for its points, and the texts and images again when they are stored."""

    def __init__(
        self, folder: SourceFolder, only: str | None, wishes: Wishes, report: Report
    ) -> None:
        """``only`` is the name of the one file that is wanted."""
        self._folder, self._only, self._wishes, self._report = folder, only, wishes, report
        self._name = wishes.experiment or folder.root.name or "tensorboard"

    def count(self) -> int | None:
        return len(self._places())

    def experiments(self) -> Iterator[FoundExperiment]:
        yield FoundExperiment(name=self._name)

    def models(self, experiment: FoundExperiment) -> Iterator[FoundModel]:  # noqa: ARG002
        return iter(())

    def runs(self, experiment: FoundExperiment) -> Iterator[FoundRun]:  # noqa: ARG002
        places = self._places()
        for place, files in places.items():
            run = _Run(self._folder, place, files, self._report)
            above = next((up for up in _above(place) if up in places), None)
            tags = {PATH_TAG: "/".join(place) or "."}
            if above is not None:
                tags[PARENT_RUN_TAG] = self._id(above)
            found = FoundRun(
                run_id=self._id(place),
                name="/".join(place) or self._folder.root.name,
                start_time=run.begin(),
                tags=tags,
                series=run.series(),
                rest=lambda: run.rest(found, artifacts=self._wishes.artifacts),  # noqa: B023
            )
            yield found

    def close(self) -> None:
        """Nothing is held."""

    def _id(self, place: Parts) -> str:
        return derived_id("tensorboard", self._name, *place)

    def _places(self) -> dict[Parts, list[Parts]]:
        """The files of each run, in the order in which they were begun."""
        found: dict[Parts, list[Parts]] = {}
        for place in self._folder.below():
            if _EVENTS in place[-1] and self._only in (None, place[-1]):
                found.setdefault(place[:-1], []).append(place)
        return found


def _above(place: Parts) -> Iterator[Parts]:
    for length in range(len(place) - 1, -1, -1):
        yield place[:length]


class _Medium(NamedTuple):
    """A text or an image, and where it is."""

    path: str
    size: int
    place: Parts
    record: int
    value: int
    string: int


class _Run:
    """What the event files of one folder hold."""

    def __init__(
        self, folder: SourceFolder, place: Parts, files: list[Parts], report: Report
    ) -> None:
        self._folder, self._place, self._files, self._report = folder, place, files, report
        self._plugins: dict[str, str] = {}
        self._params: dict[str, str] = {}
        self._status: str | None = None
        self._end: int | None = None
        self._media: list[_Medium] = []
        self._others: Counter[str] = Counter()

    def begin(self) -> int | None:
        """The time of the first event."""
        for place in self._files:
            for _, seen in self._events(place, quiet=True):
                return seen.time_ms
        return None

    def series(self) -> Iterator[Series]:
        """The scalars; all else is noted on the way."""
        points = Gathering()
        for place in self._files:
            for record, seen in self._events(place):
                self._end = max(self._end or 0, seen.time_ms)
                self._others["graphs"] += seen.graph
                for index, value in enumerate(seen.values):
                    if self._is_scalar(value):
                        points.add(value.tag, seen.step, seen.time_ms, value.number or 0.0)
                    else:
                        self._note(value, seen, (place, record, index))
                if points.is_full:
                    yield from points.taken()
        yield from points.taken()
        name = "/".join(self._place) or "."
        for kind, count in sorted((+self._others).items()):
            self._report.leave(kind, name, f"{count} of them; only scalars, texts, images and "
                               "hyperparameters are taken")  # fmt: skip

    def rest(self, found: FoundRun, *, artifacts: bool) -> FoundRun:
        """The run with what its series told beside their points."""
        images = any(medium.path.startswith("images/") for medium in self._media)
        return FoundRun(
            run_id=found.run_id,
            name=found.name,
            start_time=found.start_time,
            status=cast("RunStatus", self._status or "FINISHED"),
            end_time=self._end,
            tags={**found.tags, LOGGED_IMAGES_TAG: "True"} if images else found.tags,
            params=self._params,
            files=self._found_files() if artifacts else (),
        )

    def _events(self, place: Parts, *, quiet: bool = False) -> Iterator[tuple[int, Event]]:
        """The events of a file up to where it is damaged."""
        with self._folder.open(*place) as file:
            try:
                for record, data in records(file):
                    yield record, event(data)
            except CorruptDataError as error:
                if not quiet:
                    why = f"{error} What follows is not read."
                    self._report.leave("event file", "/".join(place), why)

    def _is_scalar(self, value: Value) -> bool:
        plugin = self._plugins.setdefault(value.tag, value.plugin or "")
        return value.number is not None and plugin in ("", "scalars")

    def _note(self, value: Value, seen: Event, where: tuple[Parts, int, int]) -> None:
        plugin = self._plugins[value.tag]
        if plugin == _HPARAMS:
            params, status = session(value.content)
            self._params |= params
            self._status = status or self._status
        elif plugin in ("text", "images") and value.strings:
            self._media += self._of(value, seen, where, images=plugin == "images")
        else:
            self._others[value.other or plugin or "tensors"] += 1

    def _of(
        self, value: Value, seen: Event, where: tuple[Parts, int, int], *, images: bool
    ) -> Iterator[_Medium]:
        # An image comes after two strings, its width and its height.
        for index, data in enumerate(value.strings):
            if images and index < 2:
                continue
            if images:
                mark = derived_id(value.tag, str(seen.step), str(seen.time_ms), str(index))
                tag = value.tag.replace("/", "~")
                path = f"images/{_safe(tag)}%step%{seen.step}%timestamp%{seen.time_ms}%{mark}.{_ending(data)}"
            else:
                number = f"-{index}" if index else ""
                path = f"text/{_safe(value.tag)}/{seen.step}{number}.md"
            yield _Medium(path, len(data), *where, index)

    def _found_files(self) -> Files:
        for medium in self._media:
            yield FoundFile(medium.path, medium.size, self._reader(medium))

    def _reader(self, medium: _Medium) -> Callable[[], list[bytes]]:
        def read() -> list[bytes]:
            with self._folder.open(*medium.place) as file:
                _, data = next(records(file, medium.record))
            return [event(data).values[medium.value].strings[medium.string]]

        return read


def _safe(tag: str) -> str:
    """A tag as a path that every system can keep."""
    kept = "".join(sign if sign.isalnum() or sign in "/_-.~ " else "_" for sign in tag)
    return "/".join(part.strip(" .") or "_" for part in kept.strip("/").split("/"))


def _ending(data: bytes) -> str:
    return next((ending for magic, ending in _ENDINGS.items() if data.startswith(magic)), "bin")
