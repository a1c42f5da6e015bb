"""How runs begin at a tracking URI, and where their journals lie."""

import atexit
import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Protocol, cast

from msgspec.structs import replace

from headrace import plugins
from headrace.client import connection
from headrace.client.connection import shown, store_for
from headrace.client.translating import Translating
from headrace.clock import now_ms
from headrace.config import settings, state_folder
from headrace.entities import (
    DEFAULT_EXPERIMENT_ID,
    DEFAULT_EXPERIMENT_NAME,
    RUN_NAME_TAG,
    Experiment,
    Run,
    RunData,
    RunInfo,
    RunInputs,
    RunTag,
)
from headrace.errors import (
    AWAY,
    AlreadyExistsError,
    EndpointNotFoundError,
    InvalidStateError,
    InvalidValueError,
    NotFoundError,
    UnavailableError,
)
from headrace.journal.folder import ARTIFACTS, DATABASE_FILE, JOURNALS, private_temporary
from headrace.journal.keeper import keeper
from headrace.journal.shipper import Shipper
from headrace.journal.writer import Journal
from headrace.naming import experiment_id_for, new_run_id, random_name
from headrace.stores import offline
from headrace.stores.base import TrackingStore
from headrace.stores.resolve import folder_of, prepared
from headrace.wire.journal import NamedExperiment, Opened
from headrace.wire.journals import AppendedJournal, AppendJournal
from headrace.wire.limits import check
from headrace.wire.tracking import (
    CreateExperiment,
    CreateRun,
    GetExperiment,
    GetExperimentByName,
    GetRun,
)

_log = logging.getLogger(__name__)

_AT_THE_START_S = 5.0
"""How long the start of a run waits for a server that does not answer."""
_ONE_REQUEST_S = 20.0


class Logbook(Protocol):
    """The runs of this process at one tracking URI."""

    def experiment(self, name: str) -> Experiment:
        """The experiment of a name, deleted or not; it is made if it is missing."""
        ...

    def begin(self, question: CreateRun) -> tuple[Run, Journal]:
        """A new run, which lives as long as this process, and its journal."""
        ...

    def resume(
        self, run_id: str, experiment_id: str | None = None, *, owner: bool
    ) -> tuple[Run, Journal]:
        """A run that is there, and a journal for it; with ``owner`` it lives as long as this process.

        Raises `InvalidStateError` for a deleted run, `InvalidValueError` for one of another experiment.
        """
        ...

    def flush(self, timeout_s: float) -> bool:
        """Wait until the store can tell what was logged; false if it cannot in time."""
        ...

    @property
    def away(self) -> bool:
        """Whether the store was away when it was last asked."""
        ...

    def stored(self, run_id: str) -> Run:
        """A run as the store has it now; `AWAY` soon, where it is that."""
        ...

    def unsent(self) -> list[Path]:
        """Journals of which the store lacks something."""
        ...

    def close(self) -> None:
        """Let go of connections and threads; it is not used afterwards."""
        ...


class FolderLogbook:
    """Of an embedded store's folder: its readers take in what the journals hold."""

    away = False

    def __init__(self, folder: Path, uri: str) -> None:
        self._folder, self._uri = folder, uri
        self._named: dict[str, NamedExperiment] = {}

    def experiment(self, name: str) -> Experiment:
        if self._has_store():
            return _found_or_made(store_for(self._uri), name)
        named = _named(name)
        self._named[named.experiment_id] = named
        location = str(self._folder / ARTIFACTS / named.experiment_id)
        return Experiment(named.experiment_id, name, location, "active")

    def _has_store(self) -> bool:
        return (self._folder / DATABASE_FILE).exists()

    def begin(self, question: CreateRun) -> tuple[Run, Journal]:
        create = _complete(question)
        location = self._location(create.experiment_id)
        opened = Opened(create.run_id or "", owner=True, create=create)
        experiment = self._named.get(create.experiment_id)
        return _as_begun(create, location), self._journal(opened, {}, experiment)

    def _location(self, experiment_id: str) -> str:
        """Where the files of an experiment's runs are; the experiment must be active."""
        if experiment_id in {DEFAULT_EXPERIMENT_ID, *self._named}:
            return str(self._folder / ARTIFACTS / experiment_id)
        experiment = store_for(self._uri).get_experiment(GetExperiment(experiment_id)).experiment
        if experiment.lifecycle_stage == "deleted":
            raise InvalidStateError(
                f"Experiment '{experiment.name}' is deleted. "
                f"`restore_experiment('{experiment_id}')` brings it back."
            )
        return experiment.artifact_location

    def resume(
        self, run_id: str, experiment_id: str | None = None, *, owner: bool
    ) -> tuple[Run, Journal]:
        run = _active(store_for(self._uri), run_id, experiment_id)
        return run, self._journal(Opened(run_id, owner), run.data.params, None)

    def _journal(
        self, opened: Opened, params: dict[str, str], experiment: NamedExperiment | None
    ) -> Journal:
        with suppress(OSError):  # the journal finds another place, and says so
            prepared(self._folder)
        return keeper.keep(
            Journal(
                self._folder / JOURNALS,
                opened,
                elsewhere=lambda: _elsewhere(str(self._folder)),
                params=params,
                experiment=experiment,
            )
        )

    def stored(self, run_id: str) -> Run:
        return store_for(self._uri).get_run(GetRun(run_id)).run

    def flush(self, timeout_s: float) -> bool:  # noqa: ARG002  (there is nothing to wait for)
        return True

    def unsent(self) -> list[Path]:
        return []

    def close(self) -> None:
        """There is nothing to let go of."""

    def settle(self, store: TrackingStore) -> None:
        """The store is opened after all: it gets the experiments that were named meanwhile."""
        for named in self._named.values():
            with suppress(AlreadyExistsError):
                store.create_experiment(CreateExperiment(named.name))


class OfflineLogbook(FolderLogbook):
    """Of a folder where runs are only written down."""

    def _has_store(self) -> bool:
        return False

    def _location(self, experiment_id: str) -> str:
        return str(self._folder / ARTIFACTS / experiment_id)

    def resume(
        self, run_id: str, experiment_id: str | None = None, *, owner: bool
    ) -> tuple[Run, Journal]:
        """What is known of the run is what the caller says."""
        run = _unseen(run_id, experiment_id, self._location(experiment_id or DEFAULT_EXPERIMENT_ID))
        return run, self._journal(Opened(run_id, owner), {}, None)

    def settle(self, store: TrackingStore) -> None:
        """There is no store."""


class ShippedLogbook:
    """Of a store that is far: journals lie in a folder of the user's, and a thread sends them."""

    def __init__(self, uri: str) -> None:
        self._uri = uri
        self._far = uri.startswith(("http://", "https://"))
        self._named: dict[str, NamedExperiment] = {}
        self._stores: dict[float, TrackingStore] = {}
        self._lock = threading.Lock()
        self._folder = spool_of(uri)
        self._shipper = Shipper(
            self._folder / JOURNALS, self._connect, packed=not _is_here(uri), leased=self._far
        )

    def _connect(self) -> Callable[[AppendJournal], AppendedJournal]:
        """What takes pieces: the store, or what makes calls of them where it knows no journals."""
        store = self._patient(_ONE_REQUEST_S)
        translating = Translating(store)
        append = getattr(store, "append_journal", translating.append)

        def act(question: AppendJournal) -> AppendedJournal:
            nonlocal append
            try:
                return cast("AppendedJournal", append(question))
            except EndpointNotFoundError:
                append = translating.append
                return translating.append(question)

        return act

    def _patient(self, timeout_s: float) -> TrackingStore:
        """The store, which raises after so many seconds without an answer."""
        if not self._far:
            return store_for(self._uri)
        given = settings()
        given = replace(
            given,
            http_request_timeout=min(timeout_s, given.http_request_timeout),
            http_request_max_retries=0,
        )
        with self._lock:
            if timeout_s not in self._stores:
                connect = plugins.load("headrace.stores.http:connect")
                self._stores[timeout_s] = connect(self._uri, given)
            return self._stores[timeout_s]

    def experiment(self, name: str) -> Experiment:
        try:
            return _found_or_made(self._patient(_AT_THE_START_S), name)
        except AWAY as error:
            named = _named(name)
            self._named[named.experiment_id] = named
            _log.warning("The experiment '%s' is made when the store is back: %s", name, error)
            return Experiment(named.experiment_id, name, "", "active")

    def begin(self, question: CreateRun) -> tuple[Run, Journal]:
        create = _complete(question)
        try:
            run = self._patient(_AT_THE_START_S).create_run(create).run
        except AWAY as error:
            _log.warning(
                "Run %s is made when the store is back: %s Training goes on.", create.run_id, error
            )
            run = _as_begun(create, None)
        if run.info.run_id != create.run_id:  # a server that chooses ids itself
            return run, self._journal(Opened(run.info.run_id, owner=True), {}, None)
        opened = Opened(run.info.run_id, owner=True, create=create)
        return run, self._journal(opened, {}, self._named.get(create.experiment_id))

    def resume(
        self, run_id: str, experiment_id: str | None = None, *, owner: bool
    ) -> tuple[Run, Journal]:
        try:
            run = _active(self._patient(_AT_THE_START_S), run_id, experiment_id)
        except AWAY as error:
            _log.warning("Run %s could not be looked up: %s Training goes on.", run_id, error)
            run = _unseen(run_id, experiment_id, None)
        return run, self._journal(Opened(run_id, owner), run.data.params, None)

    def _journal(
        self, opened: Opened, params: dict[str, str], experiment: NamedExperiment | None
    ) -> Journal:
        journal = Journal(
            self._folder / JOURNALS,
            opened,
            elsewhere=lambda: _elsewhere(self._uri),
            params=params,
            experiment=experiment,
        )
        with suppress(OSError):  # only for people who look into the folder
            (self._folder / "target").write_text(f"{shown(self._uri)}\n", encoding="utf-8")
        return self._shipper.keep(keeper.keep(journal))

    def flush(self, timeout_s: float) -> bool:
        return self._shipper.flush(timeout_s)

    @property
    def away(self) -> bool:
        return self._shipper.away

    def stored(self, run_id: str) -> Run:
        return self._patient(_AT_THE_START_S).get_run(GetRun(run_id)).run

    def unsent(self) -> list[Path]:
        return self._shipper.unsent()

    def settle(self, store: TrackingStore) -> None:
        """It knows what was named, or is told by the journals."""

    def close(self) -> None:
        self._shipper.close()
        with self._lock:
            for store in self._stores.values():
                store.close()
            self._stores.clear()


def _found_or_made(store: TrackingStore, name: str) -> Experiment:
    question = GetExperimentByName(name)
    try:
        return store.get_experiment_by_name(question).experiment
    except NotFoundError:
        with suppress(AlreadyExistsError):  # another process may be faster
            store.create_experiment(CreateExperiment(name))
    return store.get_experiment_by_name(question).experiment


def _named(name: str) -> NamedExperiment:
    """The experiment that a name stands for on every machine."""
    check(CreateExperiment(name))
    is_default = name == DEFAULT_EXPERIMENT_NAME
    return NamedExperiment(DEFAULT_EXPERIMENT_ID if is_default else experiment_id_for(name), name)


def _unseen(run_id: str, experiment_id: str | None, location: str | None) -> Run:
    """A run that cannot be looked up."""
    experiment_id = experiment_id or DEFAULT_EXPERIMENT_ID
    create = CreateRun(experiment_id, start_time=now_ms(), run_id=run_id)
    return _as_begun(create, location)


def _active(store: TrackingStore, run_id: str, experiment_id: str | None) -> Run:
    run = store.get_run(GetRun(run_id)).run
    if experiment_id not in (None, run.info.experiment_id):
        raise InvalidValueError(
            f"Run {run_id} is in experiment {run.info.experiment_id}, not in {experiment_id}."
        )
    if run.info.lifecycle_stage == "deleted":
        raise InvalidStateError(
            f"Run {run_id} is deleted. `restore_run('{run_id}')` brings it back."
        )
    return run


def _complete(question: CreateRun) -> CreateRun:
    """The question with an id, a name and a time, so that it makes the same run whenever it is asked."""
    tags = {tag.key: tag.value for tag in question.tags}
    name = question.run_name or tags.get(RUN_NAME_TAG) or random_name()
    tags.setdefault(RUN_NAME_TAG, name)
    create = replace(
        question,
        run_id=new_run_id(),
        run_name=name,
        start_time=question.start_time or now_ms(),
        tags=[RunTag(key, value) for key, value in tags.items()],
    )
    check(create)
    return create


def _as_begun(create: CreateRun, location: str | None) -> Run:
    """The run that a question makes."""
    run_id = create.run_id or ""
    info = RunInfo(
        run_id=run_id,
        run_uuid=run_id,
        experiment_id=create.experiment_id,
        status="RUNNING",
        start_time=create.start_time or 0,
        lifecycle_stage="active",
        run_name=create.run_name,
        user_id=create.user_id or "",
        artifact_uri=None if location is None else f"{location}/{run_id}/artifacts",
    )
    return Run(info, RunData(tag_list=create.tags), RunInputs())


def _elsewhere(place: str) -> Path:
    """A folder for journals that cannot be written where they belong."""
    return private_temporary() / sha256(place.encode()).hexdigest()[:16] / JOURNALS


def _is_here(uri: str) -> bool:
    """Whether nothing is gained by making small what is sent."""
    return "://127.0.0.1" in uri or "://localhost" in uri or not uri.startswith("http")


def spool_of(uri: str) -> Path:
    """The folder of this machine where waits what a store does not have yet, in the shape of an offline one."""
    name = sha256(uri.encode()).hexdigest()[:16]
    return Path(settings().spool or state_folder() / "spool") / name


_logbooks: dict[str, FolderLogbook | ShippedLogbook] = {}


def logbook_of(uri: str) -> Logbook:
    """The logbook of a tracking URI, shared by the process."""
    if uri not in _logbooks:
        folder = folder_of(uri)
        if folder is not None:
            _logbooks[uri] = FolderLogbook(folder, uri)
        elif uri.startswith(offline.SCHEME):
            _logbooks[uri] = OfflineLogbook(offline.folder_of(uri), uri)
        else:
            _logbooks[uri] = ShippedLogbook(uri)
    return _logbooks[uri]


def logbooks() -> list[Logbook]:
    """All that this process has."""
    return list(_logbooks.values())


def close_logbooks() -> None:
    """Let go of all of them; they are made anew when asked for."""
    for logbook in list(_logbooks.values()):
        logbook.close()
    _logbooks.clear()


class Stored:
    """What was logged so far, to be waited for as if it were a `Future`."""

    def __init__(self, uri: str) -> None:
        self._uri = uri

    def result(self) -> None:
        """Return when the store has it; `UnavailableError` if it has not in time."""
        if not logbook_of(self._uri).flush(settings().flush_timeout):
            raise UnavailableError(
                f"{shown(self._uri)} does not have all that was logged yet; it is kept, and sent later."
            )


def _settle(uri: str, store: TrackingStore) -> None:
    known = _logbooks.get(uri)
    if known is not None:
        known.settle(store)


def _flush_before_use(uri: str) -> None:
    """Whoever asks the store in this process sees what was logged before."""
    known = _logbooks.get(uri)
    if known is not None and known.unsent() and not known.flush(settings().flush_timeout):
        _log.warning("%s does not have all that was logged yet.", shown(uri))


atexit.register(close_logbooks)
connection.when_opened.append(_settle)
connection.before_use.append(_flush_before_use)
