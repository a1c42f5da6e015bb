"""A server that speaks MLflow's REST protocol: MLflow's own, or Headrace's."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import msgspec
import numpy as np

from headrace.client.artifacts import opening_for
from headrace.entities import Experiment, LoggedModel, Metric, Run, ViewType
from headrace.errors import (
    CorruptDataError,
    EndpointNotFoundError,
    HeadraceError,
    NotFoundError,
)
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
from headrace.stores.base import TrackingStore
from headrace.stores.http import connect as connect_store
from headrace.stores.points import Columns, unpack
from headrace.wire import tracking as w

_PAGE = 1_000
_RUNS_AT_ONCE = 200
_POINTS_AT_ONCE = 25_000


def connect(address: str, wishes: Wishes, report: Report) -> "ServerSource":
    """The server at an ``http:`` or ``https:`` URL."""
    places = Places(report, wishes.roots, opening=opening_for(address))
    return ServerSource(connect_store(address), places, wishes, report)


class ServerSource:
    """Asks what MLflow's own client asks; the models of all experiments before the first run."""

    def __init__(
        self, store: TrackingStore, places: Places, wishes: Wishes, report: Report
    ) -> None:
        """The store is closed with the source."""
        self._store, self._places, self._wishes, self._report = store, places, wishes, report
        self._measured: dict[str, list[Metric]] = {}
        self._has_columns = True

    def count(self) -> int | None:
        return None

    def experiments(self) -> Iterator[FoundExperiment]:
        ask = partial(w.SearchExperiments, _PAGE, view_type=ViewType.ALL)
        for page in _pages(lambda token: self._store.search_experiments(ask(page_token=token))):
            for one in page.experiments:
                yield _experiment(one)

    def models(self, experiment: FoundExperiment) -> Iterator[FoundModel]:
        def ask(token: str | None) -> w.FoundLoggedModels:
            question = w.SearchLoggedModels(
                [experiment.place], max_results=_RUNS_AT_ONCE // 4, page_token=token
            )
            return self._store.search_logged_models(question)

        try:
            for page in _pages(ask):
                for model in page.models:
                    self._note_metrics(model)
                    yield FoundModel(model=model, files=self._files(model.artifact_location))
        except (EndpointNotFoundError, NotFoundError):
            return  # MLflow before version 3 has none
        except HeadraceError as error:
            self._report.leave("models", experiment.name, error.message)

    def runs(self, experiment: FoundExperiment) -> Iterator[FoundRun]:
        ask = partial(
            w.SearchRuns,
            [experiment.place],
            run_view_type=ViewType.ALL,
            max_results=_RUNS_AT_ONCE,
            order_by=["attributes.start_time ASC"],
        )
        for page in _pages(lambda token: self._store.search_runs(ask(page_token=token))):
            for run in page.runs:
                try:
                    # A search of MLflow leaves out which models a run used.
                    whole = self._store.get_run(w.GetRun(run.info.run_id)).run
                except NotFoundError:
                    continue  # removed for good meanwhile
                yield self._run(whole)

    def close(self) -> None:
        self._store.close()

    def _run(self, run: Run) -> FoundRun:
        info = run.info
        return FoundRun(
            run_id=info.run_id or info.run_uuid,
            name=info.run_name,
            user_id=info.user_id or None,
            status=info.status,
            start_time=info.start_time,
            end_time=info.end_time or None,
            deleted=info.lifecycle_stage == "deleted",
            params=run.data.params,
            tags=run.data.tags,
            datasets=run.inputs.dataset_inputs if run.inputs else (),
            model_inputs=run.inputs.model_inputs if run.inputs else (),
            model_outputs=run.outputs.model_outputs if run.outputs else (),
            model_metrics=self._measured.get(info.run_id, ()),
            series=self._series(info.run_id, [metric.key for metric in run.data.metric_list]),
            files=self._files(info.artifact_uri),
        )

    def _files(self, uri: str | None) -> Files:
        return self._places.files(uri) if uri and self._wishes.artifacts else ()

    def _series(self, run_id: str, keys: list[str]) -> Iterator[Series]:
        for key in keys:
            if self._has_columns:
                try:
                    yield Series(key, unpack(self._store.get_metric_columns(run_id, key)))
                except (EndpointNotFoundError, NotFoundError):
                    self._has_columns = False  # it is not Headrace
                else:
                    continue
            for points in self._history(run_id, key):
                yield Series(key, points)

    def _history(self, run_id: str, key: str) -> Iterator[Columns]:
        def ask(token: str | None) -> w.MetricHistory:
            question = w.GetMetricHistory(run_id, key, token, _POINTS_AT_ONCE)
            return self._store.get_metric_history(question)

        for page in _pages(ask):
            yield Columns(
                np.array([point.step for point in page.metrics], np.int64),
                np.array([point.timestamp for point in page.metrics], np.int64),
                np.array([point.value for point in page.metrics], np.float64),
            )

    def _note_metrics(self, model: LoggedModel) -> None:
        """By the run that measured them, which may be of another experiment."""
        for metric in model.metrics:
            point = msgspec.structs.replace(metric, model_id=model.model_id, run_id=None)
            self._measured.setdefault(metric.run_id or "", []).append(point)


def _experiment(one: Experiment) -> FoundExperiment:
    return FoundExperiment(
        name=one.name,
        place=one.experiment_id,
        experiment_id=one.experiment_id,
        creation_time=one.creation_time,
        last_update_time=one.last_update_time,
        deleted=one.lifecycle_stage == "deleted",
        tags=one.tags,
    )


def _pages(ask: Callable[[str | None], Any]) -> Iterator[Any]:
    """Page after page, until one names no next; `CorruptDataError` for one that leads in a circle."""
    seen: set[str] = set()
    token: str | None = None
    while True:
        page = ask(token)
        yield page
        token = page.next_page_token
        if not token:
            return
        if token in seen:
            raise CorruptDataError(f"The server gives the page '{token[:80]}' again and again.")
        seen.add(token)
