"""Starting, ending, finding and removing runs."""

from typing import TYPE_CHECKING, Any, Literal, overload

from msgspec.structs import replace

from headrace.client import values
from headrace.client.background import background
from headrace.client.connection import get_tracking_uri
from headrace.client.frames import FORMATS, of_runs
from headrace.client.logbook import logbook_of, logbooks
from headrace.client.paging import PagedList, all_pages
from headrace.client.source import USER_TAG, source_tags
from headrace.clock import now_ms
from headrace.config import settings, take_run_id
from headrace.entities import PARENT_RUN_TAG, Run, RunTag, ViewType
from headrace.errors import InvalidStateError, InvalidValueError
from headrace.fluent import current
from headrace.fluent.current import ActiveRun
from headrace.fluent.experiments import current_experiment_id
from headrace.journal.writer import Journal
from headrace.wire.tracking import CreateRun

if TYPE_CHECKING:
    import pandas as pd

DESCRIPTION_TAG = "mlflow.note.content"
_PAGE = 10_000


def start_run(
    run_id: str | None = None,
    experiment_id: str | None = None,
    run_name: str | None = None,
    nested: bool = False,
    parent_run_id: str | None = None,
    tags: dict[str, Any] | None = None,
    description: str | None = None,
    log_system_metrics: bool | None = None,
) -> ActiveRun:
    """Start a run, or resume the one of ``run_id``, and make it the current one.

    Best used as ``with start_run():``. Raises `InvalidStateError` if a run is open and ``nested`` is false.
    """
    opened = current.top()
    if opened is not None and not nested:
        raise InvalidStateError(
            f"Run {opened.run_id} is open. End it with `end_run()`, or start one within it with "
            "`start_run(nested=True)`."
        )
    parent = parent_run_id or (opened.run_id if opened is not None else None)
    noted = _noted(tags, description)
    run, journal, created = _begun(run_id or take_run_id(), experiment_id, run_name, parent, noted)
    return current.push(run, journal, created=created, log_system_metrics=log_system_metrics).run


def open_run(
    run_id: str | None = None,
    experiment_id: str | None = None,
    run_name: str | None = None,
    parent_run_id: str | None = None,
    tags: dict[str, Any] | None = None,
    description: str | None = None,
    log_system_metrics: bool | None = None,
) -> ActiveRun:
    """Start a run, or resume the one of ``run_id``, without making it the current one.

    Any number may be open at once; each is logged to by its own methods, and ends with `end`, or with
    its block as a context manager.
    """
    noted = _noted(tags, description)
    run, journal, created = _begun(run_id, experiment_id, run_name, parent_run_id, noted)
    opened = current.push(
        run, journal, current=False, created=created, log_system_metrics=log_system_metrics
    )
    return opened.run


def end_run(status: str = "FINISHED") -> None:
    """End the current run, if there is one."""
    opened = current.top()
    if opened is not None:
        current.end(opened, status)


def active_run() -> ActiveRun | None:
    """The current run as it was when it started; `get_run` has what it logged since."""
    opened = current.top()
    return None if opened is None else opened.run


def last_active_run() -> Run | None:
    """The run that was started last in this process, with all that it has logged."""
    last = current.last()
    if last is None:
        return None
    flush()
    uri, run_id = last
    return type(current.client())(uri).get_run(run_id)


def flush() -> None:
    """Hand over to the store what was logged and still waits."""
    background.flush()
    for logbook in logbooks():
        logbook.flush(settings().flush_timeout)


def get_run(run_id: str) -> Run:
    """The run with its params, tags, latest metrics, inputs and outputs."""
    flush()
    return current.client().get_run(run_id)


def get_parent_run(run_id: str) -> Run | None:
    """The run that this one is nested in, if it is."""
    return current.client().get_parent_run(run_id)


def delete_run(run_id: str) -> None:
    """Mark a run as deleted."""
    current.client().delete_run(run_id)


def restore_run(run_id: str) -> None:
    """Mark a deleted run as active."""
    current.client().restore_run(run_id)


@overload
def search_runs(
    experiment_ids: list[str] | None = ...,
    filter_string: str = ...,
    run_view_type: int = ...,
    max_results: int = ...,
    order_by: list[str] | None = ...,
    *,
    output_format: Literal["list"],
    search_all_experiments: bool = ...,
    experiment_names: list[str] | None = ...,
) -> list[Run]: ...


@overload
def search_runs(
    experiment_ids: list[str] | None = ...,
    filter_string: str = ...,
    run_view_type: int = ...,
    max_results: int = ...,
    order_by: list[str] | None = ...,
    output_format: Literal["pandas"] = ...,
    search_all_experiments: bool = ...,
    experiment_names: list[str] | None = ...,
) -> "pd.DataFrame": ...


@overload
def search_runs(
    experiment_ids: list[str] | None = ...,
    filter_string: str = ...,
    run_view_type: int = ...,
    max_results: int = ...,
    order_by: list[str] | None = ...,
    *,
    output_format: Literal["polars", "arrow"],
    search_all_experiments: bool = ...,
    experiment_names: list[str] | None = ...,
) -> Any: ...


def search_runs(
    experiment_ids: list[str] | None = None,
    filter_string: str = "",
    run_view_type: int = ViewType.ACTIVE_ONLY,
    max_results: int = 100_000,
    order_by: list[str] | None = None,
    output_format: str = "pandas",
    search_all_experiments: bool = False,
    experiment_names: list[str] | None = None,
) -> Any:
    """The runs that match, with a row each for pandas, Polars or Arrow, or as a list.

    They are searched in the experiments given, in all, or else in the current one.
    """
    if output_format not in FORMATS:
        raise InvalidValueError(
            f"output_format is one of {', '.join(FORMATS)}, not '{output_format}'."
        )
    flush()
    client = current.client()
    ids = _experiments(experiment_ids, experiment_names, everywhere=search_all_experiments)

    def page(size: int, token: str | None) -> PagedList[Run]:
        return client.search_runs(ids, filter_string, run_view_type, size, order_by, token)

    found = all_pages(page, _PAGE, max_results) if ids else []
    return found if output_format == "list" else of_runs(found, output_format)


def _experiments(
    experiment_ids: list[str] | None, experiment_names: list[str] | None, *, everywhere: bool
) -> list[str]:
    if experiment_ids and experiment_names:
        raise InvalidValueError("Give experiment_ids or experiment_names, not both.")
    client = current.client()
    if experiment_names:
        named = [client.get_experiment_by_name(name) for name in experiment_names]
        return [experiment.experiment_id for experiment in named if experiment is not None]
    if experiment_ids:
        return [str(experiment_id) for experiment_id in experiment_ids]
    if everywhere:
        pages = all_pages(
            lambda size, token: client.search_experiments(
                ViewType.ACTIVE_ONLY, size, None, None, token
            ),
            1000,
        )
        return [experiment.experiment_id for experiment in pages]
    return [current_experiment_id()]


def _noted(tags: dict[str, Any] | None, description: str | None) -> dict[str, Any]:
    return dict(tags or {}) | ({DESCRIPTION_TAG: description} if description else {})


def _begun(
    resumed: str | None,
    experiment_id: str | None,
    run_name: str | None,
    parent: str | None,
    tags: dict[str, Any],
) -> tuple[ActiveRun, Journal, bool]:
    """The run, what it logs to, and whether it is a new one."""
    if resumed is not None:
        run, journal = _resume(resumed, experiment_id, tags)
    else:
        tags |= {PARENT_RUN_TAG: parent} if parent else {}
        run, journal = _create(experiment_id, run_name, tags)
    begun = ActiveRun(run.info, run.data, run.inputs, run.outputs)
    return begun, journal, resumed is None


def _create(
    experiment_id: str | None, run_name: str | None, tags: dict[str, Any]
) -> tuple[Run, Journal]:
    given = source_tags() | tags
    given.setdefault(USER_TAG, "unknown")
    chosen = str(experiment_id or current_experiment_id())
    noted = values.tags(given, RunTag)
    question = CreateRun(chosen, str(given[USER_TAG]), run_name, now_ms(), noted)
    return logbook_of(get_tracking_uri()).begin(question)


def _resume(run_id: str, experiment_id: str | None, tags: dict[str, Any]) -> tuple[Run, Journal]:
    wanted = None if experiment_id is None else str(experiment_id)
    run, journal = logbook_of(get_tracking_uri()).resume(run_id, wanted, owner=True)
    noted = values.tags(tags, RunTag)
    journal.log_tags(noted)
    data = replace(run.data, tag_list=[*run.data.tag_list, *noted])
    return replace(run, info=replace(run.info, status="RUNNING"), data=data), journal
