"""Searches: what they find, in which order, and page by page."""

from typing import Any

import pytest

from headrace.entities import (
    Dataset,
    DatasetInput,
    InputTag,
    LoggedModelOutput,
    RunOutputs,
    ViewType,
)
from headrace.errors import InvalidValueError
from headrace.stores.base import TrackingStore
from headrace.testing.stores.given import (
    Given,
    log_points,
    log_texts,
    new_experiment,
    new_run,
    run_of,
    unique,
)
from headrace.wire import tracking as w


def found(store: TrackingStore, experiment_ids: list[str], **more: Any) -> list[str]:
    """The ids of the runs that a search finds."""
    question = w.SearchRuns(experiment_ids, **more)
    return [run.info.run_id for run in store.search_runs(question).runs]


class PageContract(Given):
    """A search gives each thing once, in its order, whatever the size of the page."""

    # Runs

    def test_runs_are_found_latest_start_first_and_then_by_id(
        self, store: TrackingStore, experiment_id: str
    ) -> None:
        runs = [(start, new_run(store, experiment_id, start)) for start in (5, 7, 7, 0, 6, 7)]
        expected = [run_id for _, run_id in sorted(runs, key=lambda run: (-run[0], run[1]))]
        assert found(store, [experiment_id]) == expected

    @pytest.mark.parametrize("size", [1, 3, 4, 12, 13])
    def test_pages_of_runs_give_each_once_and_the_last_has_no_token(
        self, store: TrackingStore, experiment_id: str, size: int
    ) -> None:
        for start in range(12):
            new_run(store, experiment_id, start // 3)
        pages: list[list[str]] = []
        token = None
        while token is not None or not pages:
            question = w.SearchRuns([experiment_id], max_results=size, page_token=token)
            answer = store.search_runs(question)
            pages.append([run.info.run_id for run in answer.runs])
            token = answer.next_page_token
        assert [len(page) for page in pages[:-1]] == [size] * (len(pages) - 1)
        assert pages[-1] != []
        assert [run for page in pages for run in page] == found(store, [experiment_id])

    def test_a_run_is_found_whole(self, store: TrackingStore, experiment_id: str) -> None:
        run_id, bare = new_run(store, experiment_id, 2), new_run(store, experiment_id, 1)
        log_texts(store, run_id, {"p": "x" * 300, "q": ""}, {"t": "1"})
        log_points(store, run_id, [(0, 0, 1.0), (1, 1, float("nan"))])
        dataset = DatasetInput(Dataset("d", "1", "local", "s"), [InputTag("k", "v")])
        store.log_inputs(w.LogInputs(run_id, [dataset]))
        store.log_outputs(w.LogOutputs(run_id, [LoggedModelOutput("m-1", 3)]))
        first, second = store.search_runs(w.SearchRuns([experiment_id])).runs
        whole = run_of(store, run_id)
        assert (first.info, second) == (whole.info, run_of(store, bare))
        assert first.data.params == whole.data.params == {"p": "x" * 300, "q": ""}
        assert first.data.tags == whole.data.tags
        assert [metric.step for metric in first.data.metric_list] == [1]
        assert first.inputs is not None
        assert first.inputs.dataset_inputs == [dataset]
        assert first.outputs == RunOutputs([LoggedModelOutput("m-1", 3)])

    def test_a_view_takes_in_active_runs_deleted_ones_or_all(
        self, store: TrackingStore, experiment_id: str
    ) -> None:
        active, deleted = new_run(store, experiment_id, 2), new_run(store, experiment_id, 1)
        store.delete_run(w.DeleteRun(deleted))
        views = (ViewType.ACTIVE_ONLY, ViewType.DELETED_ONLY, ViewType.ALL)
        shown = [found(store, [experiment_id], run_view_type=view) for view in views]
        assert shown == [[active], [deleted], [active, deleted]]
        assert found(store, [experiment_id]) == [active]

    def test_several_experiments_are_searched_together(self, store: TrackingStore) -> None:
        experiments = [new_experiment(store) for _ in range(3)]
        runs = [new_run(store, experiment, start) for start, experiment in enumerate(experiments)]
        assert found(store, experiments[:2]) == [runs[1], runs[0]]
        assert found(store, [experiments[2], "123456789012345678"]) == [runs[2]]
        assert found(store, []) == []
        assert found(store, ["123456789012345678"]) == []

    def test_any_number_of_experiments_is_searched_together(
        self, store: TrackingStore, experiment_id: str
    ) -> None:
        run_id = new_run(store, experiment_id)
        many = [*(f"{number:018d}" for number in range(10**17, 10**17 + 5_000)), experiment_id]
        assert found(store, many) == [run_id]
        (row,) = store.tabulate_runs(w.TabulateRuns(many)).rows
        assert row.run_id == run_id
        (summary,) = store.summarize_experiments(w.SummarizeExperiments(many)).summaries
        assert summary.experiment_id == experiment_id
        assert store.list_columns(w.ListColumns(many)).tags == ["mlflow.runName"]

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("params.p = 'b'", "b"),
            ("params.p != 'b'", "ac"),
            ("tags.t LIKE 'x%' AND metrics.m > 1", "bc"),
            ("metrics.m >= 2 and params.p = 'c'", "c"),
            ("attributes.status = 'FINISHED'", "a"),
            ("run_name = 'named c'", "c"),
            ("metrics.m > 100", ""),
            ("params.absent = 'x'", ""),
        ],
    )
    def test_a_filter_finds_the_runs_that_match(
        self, store: TrackingStore, experiment_id: str, text: str, expected: str
    ) -> None:
        for number, name in enumerate("abc"):
            question = w.CreateRun(experiment_id, run_name=f"named {name}", start_time=-number)
            run_id = store.create_run(question).run.info.run_id
            log_texts(store, run_id, {"p": name}, {"t": f"x{name}"})
            log_points(store, run_id, [(0, 0, 9.0), (1, 1, float(number + 1))])
        (first,) = found(store, [experiment_id], max_results=1)
        store.update_run(w.UpdateRun(first, "FINISHED"))
        names = {
            run.info.run_id: (run.info.run_name or "")[-1]
            for run in store.search_runs(w.SearchRuns([experiment_id])).runs
        }
        shown = [names[run] for run in found(store, [experiment_id], filter=text)]
        assert "".join(shown) == expected

    def test_an_order_puts_what_is_missing_last(
        self, store: TrackingStore, experiment_id: str
    ) -> None:
        runs = [new_run(store, experiment_id, start) for start in range(4)]
        for run_id, value in zip(runs, (2.0, 1.0, float("nan")), strict=False):
            log_points(store, run_id, [(0, 0, value)])
        upwards = found(store, [experiment_id], order_by=["metrics.m ASC"])
        downwards = found(store, [experiment_id], order_by=["metrics.m DESC"])
        assert upwards == [runs[1], runs[0], runs[2], runs[3]]
        assert downwards == [runs[0], runs[1], runs[2], runs[3]]

    @pytest.mark.parametrize(
        "bad",
        [
            {"max_results": 0},
            {"max_results": 50_001},
            {"page_token": "garbage"},
            {"page_token": "e30="},
            {"filter": "metrics.m >"},
            {"filter": "no_such_field = 'x'"},
            {"order_by": ["no_such_field"]},
            {"experiment_ids": ["x"]},
        ],
    )
    def test_a_search_that_makes_no_sense_is_refused(
        self, store: TrackingStore, experiment_id: str, bad: dict[str, Any]
    ) -> None:
        with pytest.raises(InvalidValueError):
            store.search_runs(w.SearchRuns(**{"experiment_ids": [experiment_id], **bad}))

    def test_a_page_past_the_end_is_empty(self, store: TrackingStore, experiment_id: str) -> None:
        runs = [new_run(store, experiment_id) for _ in range(3)]
        token = store.search_runs(w.SearchRuns([experiment_id], max_results=2)).next_page_token
        for run_id in runs:
            store.delete_run(w.DeleteRun(run_id))
        question = w.SearchRuns([experiment_id], max_results=2, page_token=token)
        assert store.search_runs(question) == w.FoundRuns()

    # Experiments

    def test_experiments_are_found_by_name_newest_first_and_page_by_page(
        self, store: TrackingStore
    ) -> None:
        stem = unique("page")
        ids = [new_experiment(store, f"{stem} {number}") for number in range(5)]
        store.delete_experiment(w.DeleteExperiment(ids[4]))
        text = f"name LIKE '{stem}%'"
        found_ids: list[str] = []
        token, pages = None, 0
        while token is not None or not pages:
            question = w.SearchExperiments(2, token, text, view_type=ViewType.ALL)
            answer = store.search_experiments(question)
            found_ids += [one.experiment_id for one in answer.experiments]
            token, pages = answer.next_page_token, pages + 1
        assert pages == 3
        assert set(found_ids) == set(ids)
        times = [
            store.get_experiment(w.GetExperiment(one)).experiment.creation_time or 0
            for one in found_ids
        ]
        assert times == sorted(times, reverse=True)
        shown = store.search_experiments(w.SearchExperiments(10, filter=text)).experiments
        assert {one.experiment_id for one in shown} == set(ids[:4])
        deleted = w.SearchExperiments(10, filter=text, view_type=ViewType.DELETED_ONLY)
        assert [one.experiment_id for one in store.search_experiments(deleted).experiments] == ids[
            4:
        ]

    def test_experiments_are_ordered_as_asked(self, store: TrackingStore) -> None:
        stem = unique("order")
        names = [f"{stem} {letter}" for letter in "bca"]
        for name in names:
            new_experiment(store, name)
        question = w.SearchExperiments(10, filter=f"name LIKE '{stem}%'", order_by=["name ASC"])
        shown = [one.name for one in store.search_experiments(question).experiments]
        assert shown == sorted(names)

    @pytest.mark.parametrize(
        "bad",
        [{"max_results": 0}, {"max_results": 50_001}, {"page_token": "x"}, {"filter": "name >"}],
    )
    def test_a_search_of_experiments_that_makes_no_sense_is_refused(
        self, store: TrackingStore, bad: dict[str, Any]
    ) -> None:
        with pytest.raises(InvalidValueError):
            store.search_experiments(w.SearchExperiments(**{"max_results": 5, **bad}))
