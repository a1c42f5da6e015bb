"""The current experiment, and finding, making and removing experiments."""

from typing import Any

from headrace.client.connection import get_tracking_uri
from headrace.client.logbook import logbook_of
from headrace.client.paging import PagedList, all_pages
from headrace.client.tracking import MlflowClient
from headrace.config import settings
from headrace.entities import DEFAULT_EXPERIMENT_ID, Experiment, ViewType
from headrace.errors import (
    InvalidStateError,
    InvalidValueError,
    UnsupportedError,
)

_current: list[tuple[str, Experiment]] = []
"""The experiment that `set_experiment` chose last, with the tracking URI that it was chosen at."""


def set_experiment(
    experiment_name: str | None = None,
    experiment_id: str | None = None,
    trace_location: None = None,
) -> Experiment:
    """Make an experiment the one of new runs, by name (it is created if missing) or by id."""
    if trace_location is not None:
        raise UnsupportedError("Traces are not kept by this version; leave trace_location out.")
    if (experiment_name is None) == (experiment_id is None):
        raise InvalidValueError("Give the experiment's name or its id, and not both.")
    experiment = (
        _named(experiment_name)
        if experiment_name is not None
        else MlflowClient().get_experiment(str(experiment_id))
    )
    if experiment.lifecycle_stage == "deleted":
        raise InvalidStateError(
            f"Experiment '{experiment.name}' is deleted. "
            f"`restore_experiment('{experiment.experiment_id}')` brings it back."
        )
    _current[:] = [(get_tracking_uri(), experiment)]
    return experiment


def current_experiment_id() -> str:
    """The experiment of a run that names none: that of `set_experiment`, of the environment, or ``0``."""
    if _current:
        uri, experiment = _current[0]
        if uri == get_tracking_uri():
            return experiment.experiment_id
        return set_experiment(experiment.name).experiment_id  # the same experiment in another store
    given = settings()
    if given.experiment_name is None:
        return given.experiment_id or DEFAULT_EXPERIMENT_ID
    experiment = _named(given.experiment_name)
    if given.experiment_id not in (None, experiment.experiment_id):
        raise InvalidValueError(
            f"The environment names experiment '{given.experiment_name}', which has id "
            f"{experiment.experiment_id}, and experiment id {given.experiment_id}."
        )
    return experiment.experiment_id


def create_experiment(
    name: str,
    artifact_location: str | None = None,
    tags: dict[str, Any] | None = None,
    trace_location: None = None,
) -> str:
    """The id of a new experiment; it does not become the current one."""
    if trace_location is not None:
        raise UnsupportedError("Traces are not kept by this version; leave trace_location out.")
    return MlflowClient().create_experiment(name, artifact_location, tags)


def get_experiment(experiment_id: str) -> Experiment:
    """The experiment of this id, deleted or not."""
    return MlflowClient().get_experiment(experiment_id)


def get_experiment_by_name(name: str) -> Experiment | None:
    """The experiment of this name, deleted or not; ``None`` if there is none."""
    return MlflowClient().get_experiment_by_name(name)


def search_experiments(
    view_type: int = ViewType.ACTIVE_ONLY,
    max_results: int | None = None,
    filter_string: str | None = None,
    order_by: list[str] | None = None,
) -> list[Experiment]:
    """All experiments that match, at most ``max_results``."""
    client = MlflowClient()

    def page(size: int, token: str | None) -> PagedList[Experiment]:
        return client.search_experiments(view_type, size, filter_string, order_by, token)

    return all_pages(page, 1000, max_results)


def delete_experiment(experiment_id: str) -> None:
    """Mark an experiment and its runs as deleted."""
    MlflowClient().delete_experiment(experiment_id)


def restore_experiment(experiment_id: str) -> None:
    """Mark an experiment and its runs as active."""
    MlflowClient().restore_experiment(experiment_id)


def set_experiment_tag(key: str, value: Any) -> None:
    """Set a tag on the current experiment."""
    MlflowClient().set_experiment_tag(current_experiment_id(), key, value)


def set_experiment_tags(tags: dict[str, Any]) -> None:
    """Set tags on the current experiment."""
    for key, value in tags.items():
        set_experiment_tag(key, value)


def delete_experiment_tag(key: str) -> None:
    """Remove a tag of the current experiment."""
    MlflowClient().delete_experiment_tag(current_experiment_id(), key)


def _named(name: str) -> Experiment:
    return logbook_of(get_tracking_uri()).experiment(name)
