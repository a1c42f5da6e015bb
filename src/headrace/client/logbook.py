"""Where the journals of the runs of a tracking URI lie, and how a run begins there."""

from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from headrace.clock import now_ms
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
from headrace.errors import AlreadyExistsError
from headrace.journal.folder import ARTIFACTS, DATABASE_FILE, JOURNALS, private_temporary
from headrace.journal.keeper import keeper
from headrace.journal.writer import Journal
from headrace.naming import experiment_id_for, new_run_id, random_name
from headrace.stores import offline
from headrace.stores.base import TrackingStore
from headrace.stores.resolve import folder_of, prepared
from headrace.wire.journal import NamedExperiment, Opened
from headrace.wire.limits import check
from headrace.wire.tracking import CreateExperiment, CreateRun


class Logbook:
    """The journals of the folder of an embedded store, or of one where runs are only written down.

    Nothing here opens a store: its readers take in what the journals hold.
    """

    def __init__(self, folder: Path, *, offline: bool = False) -> None:
        self._folder = folder
        self.offline = offline
        self._named: dict[str, NamedExperiment] = {}

    def experiment(self, name: str) -> Experiment | None:
        """The experiment of a name, where the store need not be asked, since there is none yet."""
        if not self.offline and (self._folder / DATABASE_FILE).exists():
            return None
        check(CreateExperiment(name))
        experiment_id = (
            DEFAULT_EXPERIMENT_ID if name == DEFAULT_EXPERIMENT_NAME else experiment_id_for(name)
        )
        self._named[experiment_id] = NamedExperiment(experiment_id, name)
        return Experiment(experiment_id, name, self.location(experiment_id), "active")

    def knows(self, experiment_id: str) -> bool:
        """Whether runs of the experiment can begin without a look into the store."""
        return self.offline or experiment_id in {DEFAULT_EXPERIMENT_ID, *self._named}

    def settle(self, store: TrackingStore) -> None:
        """The store is opened after all: it gets the experiments that were named meanwhile."""
        for named in self._named.values():
            with suppress(AlreadyExistsError):
                store.create_experiment(CreateExperiment(named.name))

    def location(self, experiment_id: str) -> str:
        """Where the files of an experiment's runs are, unless it was given a place of its own."""
        return str(self._folder / ARTIFACTS / experiment_id)

    def begin(self, question: CreateRun, location: str) -> tuple[Run, Journal]:
        """A new run of an experiment whose files lie at ``location``."""
        tags = {tag.key: tag.value for tag in question.tags}
        run_id = new_run_id()
        name = question.run_name or tags.get(RUN_NAME_TAG) or random_name()
        tags[RUN_NAME_TAG] = name
        create = CreateRun(
            question.experiment_id,
            question.user_id,
            name,
            question.start_time or now_ms(),
            [RunTag(key, value) for key, value in tags.items()],
            run_id,
        )
        check(create)
        opened = Opened(run_id, owner=True, create=create)
        journal = self._journal(opened, experiment=self._named.get(question.experiment_id))
        info = RunInfo(
            run_id=run_id,
            run_uuid=run_id,
            experiment_id=create.experiment_id,
            status="RUNNING",
            start_time=create.start_time or 0,
            lifecycle_stage="active",
            run_name=name,
            user_id=create.user_id or "",
            artifact_uri=f"{location}/{run_id}/artifacts",
        )
        return Run(info, RunData(tag_list=create.tags), RunInputs()), journal

    def unseen(self, run_id: str, experiment_id: str) -> Run:
        """A run that is elsewhere, as far as it is known offline."""
        uri = f"{self.location(experiment_id)}/{run_id}/artifacts"
        info = RunInfo(
            run_id, run_id, experiment_id, "RUNNING", now_ms(), "active", artifact_uri=uri
        )
        return Run(info, RunData(), RunInputs())

    def go_on(self, run: Run, *, owner: bool) -> Journal:
        """A journal for a run that is there; with ``owner`` the run lives as long as this process."""
        return self._journal(Opened(run.info.run_id, owner), params=run.data.params)

    def _journal(
        self,
        opened: Opened,
        *,
        params: dict[str, str] | None = None,
        experiment: NamedExperiment | None = None,
    ) -> Journal:
        with suppress(OSError):  # the journal finds another place, and says so
            prepared(self._folder)
        journal = Journal(
            self._folder / JOURNALS,
            opened,
            elsewhere=self._elsewhere,
            params=params,
            experiment=experiment,
        )
        return keeper.keep(journal)

    def _elsewhere(self) -> Path:
        name = sha256(str(self._folder).encode()).hexdigest()[:16]
        return private_temporary() / name / JOURNALS


_logbooks: dict[str, Logbook] = {}


def logbook_of(uri: str) -> Logbook | None:
    """The logbook of a tracking URI, shared by the process; ``None`` where there are no journals."""
    if uri not in _logbooks:
        folder = folder_of(uri)
        if folder is not None:
            _logbooks[uri] = Logbook(folder)
        elif uri.startswith(offline.SCHEME):
            _logbooks[uri] = Logbook(offline.folder_of(uri), offline=True)
        else:
            return None
    return _logbooks[uri]
