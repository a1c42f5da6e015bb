"""Experiments, as the explicit client offers them."""

from typing import Any

from headrace.client import values
from headrace.client.connection import Connected
from headrace.client.paging import PagedList
from headrace.entities import Experiment, ExperimentTag, ViewType
from headrace.errors import NotFoundError
from headrace.wire import tracking as w


class Experiments(Connected):
    """Creates, finds and changes experiments."""

    def create_experiment(
        self, name: str, artifact_location: str | None = None, tags: dict[str, Any] | None = None
    ) -> str:
        """The id of a new experiment; `AlreadyExistsError` if the name is taken, by a deleted one too."""
        question = w.CreateExperiment(name, artifact_location, values.tags(tags, ExperimentTag))
        return self._store.create_experiment(question).experiment_id

    def get_experiment(self, experiment_id: str) -> Experiment:
        """The experiment of this id, deleted or not."""
        return self._store.get_experiment(w.GetExperiment(str(experiment_id))).experiment

    def get_experiment_by_name(self, name: str) -> Experiment | None:
        """The experiment of this name, deleted or not; ``None`` if there is none."""
        try:
            return self._store.get_experiment_by_name(w.GetExperimentByName(name)).experiment
        except NotFoundError:
            return None

    def search_experiments(
        self,
        view_type: int = ViewType.ACTIVE_ONLY,
        max_results: int | None = 1000,
        filter_string: str | None = None,
        order_by: list[str] | None = None,
        page_token: str | None = None,
    ) -> PagedList[Experiment]:
        """A page of the experiments that match, newest first unless ordered otherwise."""
        size = 1000 if max_results is None else max_results
        question = w.SearchExperiments(size, page_token, filter_string, order_by or [], view_type)
        found = self._store.search_experiments(question)
        return PagedList(found.experiments, found.next_page_token)

    def rename_experiment(self, experiment_id: str, new_name: str) -> None:
        """Give an active experiment another name."""
        self._store.update_experiment(w.UpdateExperiment(str(experiment_id), new_name))

    def delete_experiment(self, experiment_id: str) -> None:
        """Mark it and its runs as deleted; `restore_experiment` takes that back."""
        self._store.delete_experiment(w.DeleteExperiment(str(experiment_id)))

    def restore_experiment(self, experiment_id: str) -> None:
        """Mark it and its runs as active."""
        self._store.restore_experiment(w.RestoreExperiment(str(experiment_id)))

    def set_experiment_tag(self, experiment_id: str, key: str, value: Any) -> None:
        """Set a tag; the last value wins."""
        name = values.name_of(key)
        self._store.set_experiment_tag(w.SetExperimentTag(str(experiment_id), name, str(value)))

    def delete_experiment_tag(self, experiment_id: str, key: str) -> None:
        """Remove a tag; `NotFoundError` if it is not there."""
        self._store.delete_experiment_tag(w.DeleteExperimentTag(str(experiment_id), key))
