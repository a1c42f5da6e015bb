"""Runs, as the explicit client offers them."""

from typing import TYPE_CHECKING, Any

from headrace import plugins
from headrace.client import values
from headrace.client.connection import Connected
from headrace.client.paging import PagedList, all_pages
from headrace.clock import now_ms
from headrace.entities import PARENT_RUN_TAG, Metric, Run, RunTag, ViewType
from headrace.naming import new_run_id
from headrace.wire import tracking as w

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_HISTORY_PAGE = 25_000
_USER_TAG = "mlflow.user"


class Runs(Connected):
    """Creates, finds, changes and ends runs, and reads what they logged."""

    def create_run(
        self,
        experiment_id: str,
        start_time: int | None = None,
        tags: dict[str, Any] | None = None,
        run_name: str | None = None,
    ) -> Run:
        """A new run, RUNNING; it is not the active run of anybody."""
        question = w.CreateRun(
            experiment_id=str(experiment_id),
            user_id=str((tags or {}).get(_USER_TAG, "unknown")),
            run_name=run_name,
            start_time=now_ms() if start_time is None else start_time,
            tags=values.tags(tags, RunTag),
            run_id=new_run_id(),
        )
        return self._store.create_run(question).run

    def get_run(self, run_id: str) -> Run:
        """The run with its params, tags, latest metrics, inputs and outputs; deleted ones too."""
        return self._store.get_run(w.GetRun(run_id)).run

    def get_parent_run(self, run_id: str) -> Run | None:
        """The run that this one is nested in, if it is."""
        parent_id = self.get_run(run_id).data.tags.get(PARENT_RUN_TAG)
        return None if parent_id is None else self.get_run(parent_id)

    def search_runs(
        self,
        experiment_ids: list[str],
        filter_string: str = "",
        run_view_type: int = ViewType.ACTIVE_ONLY,
        max_results: int = 1000,
        order_by: list[str] | None = None,
        page_token: str | None = None,
    ) -> PagedList[Run]:
        """A page of the runs that match, latest start first unless ordered otherwise."""
        ids = [experiment_ids] if isinstance(experiment_ids, str) else experiment_ids
        question = w.SearchRuns(
            experiment_ids=[str(experiment_id) for experiment_id in ids],
            filter=filter_string or None,
            run_view_type=run_view_type,
            max_results=max_results,
            order_by=order_by or [],
            page_token=page_token,
        )
        found = self._store.search_runs(question)
        return PagedList(found.runs, found.next_page_token)

    def update_run(self, run_id: str, status: str | None = None, name: str | None = None) -> None:
        """Change the status or the name, or both."""
        self._store.update_run(w.UpdateRun(run_id, _status(status), None, name))

    def set_terminated(
        self, run_id: str, status: str | None = None, end_time: int | None = None
    ) -> None:
        """End the run, FINISHED and now unless told otherwise."""
        ended = now_ms() if end_time is None else end_time
        self._store.update_run(w.UpdateRun(run_id, _status(status or "FINISHED"), ended))

    def delete_run(self, run_id: str) -> None:
        """Mark it as deleted; `restore_run` takes that back."""
        self._store.delete_run(w.DeleteRun(run_id))

    def restore_run(self, run_id: str) -> None:
        """Mark it as active."""
        self._store.restore_run(w.RestoreRun(run_id))

    def get_metric_history(self, run_id: str, key: str) -> list[Metric]:
        """All points by (timestamp, step, value); `get_metric_columns` is faster for many."""

        def page(size: int, token: str | None) -> PagedList[Metric]:
            found = self._store.get_metric_history(w.GetMetricHistory(run_id, key, token, size))
            return PagedList(found.metrics, found.next_page_token)

        return all_pages(page, _HISTORY_PAGE)

    def get_metric_columns(
        self, run_id: str, key: str
    ) -> "tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.float64]]":
        """The whole series as three NumPy arrays: steps, timestamps, values."""
        packed = self._store.get_metric_columns(run_id, key)
        steps, timestamps, numbers = plugins.load("headrace.stores.points:unpack")(packed)
        return steps, timestamps, numbers


def _status(status: str | None) -> Any:
    """The status as the wire spells it; what it does not know is refused by the gate of the store."""
    return None if status is None else str(status).upper()
