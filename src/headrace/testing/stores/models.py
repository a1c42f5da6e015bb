"""Logged models: made, finished, described, measured and found."""

import itertools
import math
import re
import sys
import uuid
from typing import Any

import pytest

from headrace.clock import now_ms
from headrace.entities import (
    LoggedModel,
    LoggedModelInput,
    LoggedModelOutput,
    LoggedModelParameter,
    LoggedModelTag,
    Metric,
    ModelStatus,
    RunOutputs,
)
from headrace.errors import (
    BadRequestError,
    ConflictError,
    HeadraceError,
    InvalidValueError,
    NotFoundError,
)
from headrace.stores.base import TrackingStore
from headrace.testing.stores.given import (
    Given,
    exact_metrics,
    history,
    new_experiment,
    new_run,
    run_of,
)
from headrace.wire import tracking as w

MISSING = "m-" + "f" * 32
STATUSES: tuple[ModelStatus, ...] = (
    "LOGGED_MODEL_READY",
    "LOGGED_MODEL_UPLOAD_FAILED",
    "LOGGED_MODEL_PENDING",
    "LOGGED_MODEL_STATUS_UNSPECIFIED",
)


def model_of(store: TrackingStore, model_id: str) -> LoggedModel:
    """The model as the store has it now."""
    return store.get_logged_model(w.GetLoggedModel(model_id)).model


def new_model(
    store: TrackingStore, experiment_id: str, name: str | None = None, **more: Any
) -> str:
    """The id of a new model."""
    question = w.CreateLoggedModel(experiment_id, name, **more)
    return store.create_logged_model(question).model.model_id


def found(store: TrackingStore, experiment_ids: list[str], **more: Any) -> list[str]:
    """The names of the models that a search finds."""
    question = w.SearchLoggedModels(experiment_ids, **more)
    return [model.name for model in store.search_logged_models(question).models]


class ModelContract(Given):
    """A model is known by its id; names repeat freely."""

    def test_a_new_model_is_pending_and_as_it_was_asked_for(
        self, store: TrackingStore, experiment_id: str, run_id: str
    ) -> None:
        params = [LoggedModelParameter("a", "1"), LoggedModelParameter("b", "x" * 7_000)]
        tags = [LoggedModelTag("t", "1"), LoggedModelTag("u", "\u00e9")]
        question = w.CreateLoggedModel(experiment_id, "net", "agent", run_id, params, tags)
        before = now_ms()
        made = store.create_logged_model(question).model
        assert re.fullmatch(r"m-[0-9a-f]{32}", made.model_id)
        assert (made.name, made.model_type, made.source_run_id) == ("net", "agent", run_id)
        assert (made.experiment_id, made.status) == (experiment_id, "PENDING")
        assert made.params == {"a": "1", "b": "x" * 7_000}
        assert made.tags == {"t": "1", "u": "\u00e9"}
        assert made.metrics == []
        assert abs(made.creation_timestamp - before) < 60_000
        assert made.last_updated_timestamp == made.creation_timestamp
        location = store.get_experiment(w.GetExperiment(experiment_id)).experiment.artifact_location
        assert made.artifact_location == f"{location}/models/{made.model_id}/artifacts"
        assert model_of(store, made.model_id) == made

    def test_a_missing_name_is_made_up_and_names_repeat(
        self, store: TrackingStore, experiment_id: str
    ) -> None:
        for name in (None, ""):
            made = model_of(store, new_model(store, experiment_id, name))
            assert re.fullmatch(r"[a-z]+-[a-z]+-\d+", made.name)
            assert (made.info.model_type, made.info.source_run_id) == ("", "")
        ids = {new_model(store, experiment_id, "same") for _ in range(3)}
        assert len(ids) == 3

    @pytest.mark.parametrize("name", ["a/b", "a:b", "a.b", "a%b", 'a"b', "a'b"])
    def test_a_name_that_would_break_a_uri_is_refused(
        self, store: TrackingStore, experiment_id: str, name: str
    ) -> None:
        with pytest.raises(InvalidValueError):
            new_model(store, experiment_id, name)

    @pytest.mark.parametrize("experiment_id", ["123456789012345678", "9" * 25])
    def test_a_model_needs_an_experiment(self, store: TrackingStore, experiment_id: str) -> None:
        with pytest.raises(NotFoundError):
            new_model(store, experiment_id)

    @pytest.mark.parametrize("status", STATUSES)
    def test_a_model_is_finished_with_any_status(
        self, store: TrackingStore, experiment_id: str, status: ModelStatus
    ) -> None:
        model_id = new_model(store, experiment_id)
        answer = store.finalize_logged_model(w.FinalizeLoggedModel(model_id, status)).model
        assert answer.info.status == status
        assert model_of(store, model_id) == answer

    def test_an_unknown_model_is_not_found(self, store: TrackingStore) -> None:
        questions: list[tuple[str, Any]] = [
            ("get_logged_model", w.GetLoggedModel(MISSING)),
            ("get_logged_model", w.GetLoggedModel(MISSING, allow_deleted=True)),
            ("finalize_logged_model", w.FinalizeLoggedModel(MISSING, "LOGGED_MODEL_READY")),
            ("delete_logged_model", w.DeleteLoggedModel(MISSING)),
            ("log_logged_model_params", w.LogLoggedModelParams(MISSING)),
            ("set_logged_model_tags", w.SetLoggedModelTags(MISSING)),
            ("delete_logged_model_tag", w.DeleteLoggedModelTag(MISSING, "t")),
        ]
        for method, question in questions:
            with pytest.raises(NotFoundError, match=MISSING):
                getattr(store, method)(question)

    def test_a_deleted_model_is_found_only_when_asked_for(
        self, store: TrackingStore, experiment_id: str
    ) -> None:
        model_id = new_model(store, experiment_id, "gone")
        for _ in range(2):
            store.delete_logged_model(w.DeleteLoggedModel(model_id))
        with pytest.raises(NotFoundError):
            model_of(store, model_id)
        asked = w.GetLoggedModel(model_id, allow_deleted=True)
        assert store.get_logged_model(asked).model.name == "gone"
        assert found(store, [experiment_id]) == []
        with pytest.raises(NotFoundError):
            store.set_logged_model_tags(w.SetLoggedModelTags(model_id, [LoggedModelTag("t", "1")]))

    # Params and tags

    def test_a_param_of_a_model_is_written_once(
        self, store: TrackingStore, experiment_id: str
    ) -> None:
        model_id = new_model(store, experiment_id, params=[LoggedModelParameter("a", "1")])

        def add(**params: str) -> None:
            given = [LoggedModelParameter(key, value) for key, value in params.items()]
            store.log_logged_model_params(w.LogLoggedModelParams(model_id, given))

        add(b="2", a="1")
        with pytest.raises(BadRequestError, match="'a'"):
            add(c="3", a="other")
        assert model_of(store, model_id).params == {"a": "1", "b": "2"}

    def test_the_last_value_of_a_tag_of_a_model_wins(
        self, store: TrackingStore, experiment_id: str
    ) -> None:
        model_id = new_model(store, experiment_id, tags=[LoggedModelTag("t", "1")])
        given = [LoggedModelTag("t", "2"), LoggedModelTag("u", "3"), LoggedModelTag("t", "4")]
        answer = store.set_logged_model_tags(w.SetLoggedModelTags(model_id, given)).model
        assert answer.tags == {"t": "4", "u": "3"}
        store.delete_logged_model_tag(w.DeleteLoggedModelTag(model_id, "t"))
        assert model_of(store, model_id).tags == {"u": "3"}
        with pytest.raises(NotFoundError):
            store.delete_logged_model_tag(w.DeleteLoggedModelTag(model_id, "t"))

    def test_a_tag_key_may_have_a_slash(self, store: TrackingStore, experiment_id: str) -> None:
        model_id = new_model(store, experiment_id, tags=[LoggedModelTag("a/b c", "1")])
        store.delete_logged_model_tag(w.DeleteLoggedModelTag(model_id, "a/b c"))
        assert model_of(store, model_id).tags == {}

    # Metrics

    def test_a_metric_that_names_a_model_is_on_the_run_and_its_latest_on_the_model(
        self, store: TrackingStore, experiment_id: str
    ) -> None:
        model_id, run_id = new_model(store, experiment_id), new_run(store, experiment_id)
        points = [(2, 1, 5.0), (1, 9, 7.0), (2, 1, math.nan), (2, 1, -1.0)]
        for step, time, value in points[:2]:
            metric = Metric("m", value, time, step, model_id, "d", "1")
            store.log_batch(w.LogBatch(run_id, [metric]))
        for step, time, value in points[2:]:
            question = w.LogMetric(run_id, "m", value, time, step, model_id, "d", "1")
            store.log_metric(question)
        store.log_metric(w.LogMetric(run_id, "m", 3.0, 1, 1, model_id))
        (latest_alone, latest) = sorted(
            model_of(store, model_id).metrics, key=lambda metric: metric.dataset_name or ""
        )
        assert latest == Metric("m", 5.0, 1, 2, model_id, "d", "1", run_id)
        assert latest_alone == Metric("m", 3.0, 1, 1, model_id, run_id=run_id)
        assert len(history(store, run_id)) == 5
        assert {metric.model_id for metric in history(store, run_id)} == {None}

    @pytest.mark.parametrize("value", [math.nan, math.inf, -0.0, 5e-324])
    def test_a_metric_of_a_model_is_exact(
        self, store: TrackingStore, experiment_id: str, value: float
    ) -> None:
        model_id, run_id = new_model(store, experiment_id), new_run(store, experiment_id)
        metric = Metric("m", value, 2**53 + 1, -(2**53) - 1, model_id)
        store.log_batch(w.LogBatch(run_id, [metric]))
        assert exact_metrics(model_of(store, model_id).metrics) == exact_metrics([metric])

    def test_the_latest_metric_of_a_model_is_the_greatest_whatever_came_last(
        self, store: TrackingStore, experiment_id: str
    ) -> None:
        ordered = [
            -math.inf,
            -sys.float_info.max,
            -1.0,
            math.nan,
            1.0,
            sys.float_info.max,
            math.inf,
        ]
        run_id = new_run(store, experiment_id)
        for lower, higher in itertools.pairwise(ordered):
            for arrival in ((lower, higher), (higher, lower)):
                model_id = new_model(store, experiment_id)
                for value in arrival:
                    store.log_metric(w.LogMetric(run_id, "m", value, 1, 1, model_id))
                expected = exact_metrics([Metric("m", higher, 1, 1)])
                assert exact_metrics(model_of(store, model_id).metrics) == expected

    def test_a_metric_of_an_unknown_model_is_refused_whole(
        self, store: TrackingStore, run_id: str
    ) -> None:
        with pytest.raises(BadRequestError, match=MISSING):
            store.log_metric(w.LogMetric(run_id, "m", 1.0, 1, 1, MISSING))
        assert history(store, run_id) == []

    # Links

    def test_models_are_linked_to_the_runs_that_made_and_read_them(
        self, store: TrackingStore, experiment_id: str, run_id: str
    ) -> None:
        made, read = new_model(store, experiment_id), new_model(store, experiment_id)
        for _ in range(2):
            store.log_outputs(w.LogOutputs(run_id, [LoggedModelOutput(made, 3)]))
            store.log_inputs(w.LogInputs(run_id, models=[LoggedModelInput(read)]))
        run = run_of(store, run_id)
        assert run.outputs == RunOutputs([LoggedModelOutput(made, 3)])
        assert run.inputs is not None
        assert run.inputs.model_inputs == [LoggedModelInput(read)]

    def test_the_longest_names_that_are_taken_are_kept_whole(
        self, store: TrackingStore, experiment_id: str, run_id: str
    ) -> None:
        longest = "\u00fc" * 500
        question = w.CreateLoggedModel(experiment_id, longest, longest, longest)
        made = store.create_logged_model(question).model
        found = model_of(store, made.model_id)
        assert (found.name, found.model_type, found.source_run_id) == (longest, longest, longest)
        model_id = "m" * 500
        store.log_outputs(w.LogOutputs(run_id, [LoggedModelOutput(model_id, 1)]))
        store.log_inputs(w.LogInputs(run_id, models=[LoggedModelInput(model_id)]))
        run = run_of(store, run_id)
        assert run.outputs == RunOutputs([LoggedModelOutput(model_id, 1)])
        assert run.inputs is not None
        assert run.inputs.model_inputs == [LoggedModelInput(model_id)]

    # Search

    def test_models_are_found_newest_first_and_page_by_page(
        self, store: TrackingStore, experiment_id: str
    ) -> None:
        ids = [new_model(store, experiment_id, f"model {number}") for number in range(5)]
        pages: list[list[LoggedModel]] = []
        token = None
        while token is not None or not pages:
            question = w.SearchLoggedModels([experiment_id], max_results=2, page_token=token)
            answer = store.search_logged_models(question)
            pages.append(answer.models)
            token = answer.next_page_token
        assert [len(page) for page in pages] == [2, 2, 1]
        models = [model for page in pages for model in page]
        assert {model.model_id for model in models} == set(ids)
        order = [(-model.creation_timestamp, model.model_id) for model in models]
        assert order == sorted(order)

    def test_a_token_goes_with_its_search(self, store: TrackingStore, experiment_id: str) -> None:
        for _ in range(3):
            new_model(store, experiment_id)
        question = w.SearchLoggedModels([experiment_id], max_results=2)
        token = store.search_logged_models(question).next_page_token
        for other in (
            w.SearchLoggedModels([experiment_id], "name = 'x'", max_results=2, page_token=token),
            w.SearchLoggedModels([experiment_id, "0"], max_results=2, page_token=token),
            w.SearchLoggedModels(
                [experiment_id], max_results=2, page_token=token, order_by=[w.ModelOrderBy("name")]
            ),
            w.SearchLoggedModels([experiment_id], max_results=2, page_token="garbage"),  # noqa: S106
        ):
            with pytest.raises(InvalidValueError):
                store.search_logged_models(other)

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("name = 'b'", ["b"]),
            ("name != 'b'", ["c", "a"]),
            ("params.p = 'b' AND tags.t = 'x'", ["b"]),
            ("metrics.m > 1", ["c"]),
            ("model_type = 'kind a'", ["a"]),
            ("tags.t = 'absent'", []),
        ],
    )
    def test_a_filter_finds_the_models_that_match(
        self, store: TrackingStore, experiment_id: str, text: str, expected: list[str]
    ) -> None:
        run_id = new_run(store, experiment_id)
        for number, name in enumerate("abc"):
            model_id = new_model(
                store,
                experiment_id,
                name,
                model_type=f"kind {name}",
                params=[LoggedModelParameter("p", name)],
                tags=[LoggedModelTag("t", "x")],
            )
            store.log_metric(w.LogMetric(run_id, "m", float(number), 1, number, model_id))
        assert sorted(found(store, [experiment_id], filter=text)) == sorted(expected)

    def test_models_are_ordered_as_asked_and_only_those_of_the_experiments_are_found(
        self, store: TrackingStore, experiment_id: str
    ) -> None:
        for name in "bca":
            new_model(store, experiment_id, name)
        new_model(store, new_experiment(store), "elsewhere")
        upwards, downwards = [w.ModelOrderBy("name")], [w.ModelOrderBy("name", ascending=False)]
        assert found(store, [experiment_id], order_by=upwards) == ["a", "b", "c"]
        assert found(store, [experiment_id], order_by=downwards) == ["c", "b", "a"]

    def test_a_search_of_models_that_makes_no_sense_is_refused(
        self, store: TrackingStore, experiment_id: str
    ) -> None:
        for text in ("name =", "no_such_field = 'x'"):
            with pytest.raises(HeadraceError):
                found(store, [experiment_id], filter=text)
        with pytest.raises(InvalidValueError):
            found(store, ["x"])

    def test_a_model_from_another_store_keeps_its_id_its_times_and_its_status(
        self, store: TrackingStore, experiment_id: str
    ) -> None:
        model_id = f"m-{uuid.uuid4().hex}"
        question = w.CreateLoggedModel(
            experiment_id,
            "net",
            model_id=model_id,
            status="LOGGED_MODEL_UPLOAD_FAILED",
            status_message="why",
            creation_timestamp_ms=5,
            last_updated_timestamp_ms=7,
        )
        made = store.create_logged_model(question).model
        assert made == model_of(store, model_id)
        info = made.info
        assert (info.creation_timestamp_ms, info.last_updated_timestamp_ms) == (5, 7)
        assert (info.status, info.status_message) == ("LOGGED_MODEL_UPLOAD_FAILED", "why")

    def test_the_same_model_id_again_adds_nothing(
        self, store: TrackingStore, experiment_id: str
    ) -> None:
        question = w.CreateLoggedModel(experiment_id, "net", model_id=f"m-{uuid.uuid4().hex}")
        first = store.create_logged_model(question).model
        assert store.create_logged_model(question).model == first
        other = w.CreateLoggedModel(new_experiment(store), model_id=first.model_id)
        with pytest.raises(ConflictError, match=first.model_id):
            store.create_logged_model(other)
        for wrong in ("", "x", "m-", "m-" + "a" * 35, "m-../x"):
            with pytest.raises(InvalidValueError, match="model_id"):
                store.create_logged_model(w.CreateLoggedModel(experiment_id, model_id=wrong))
