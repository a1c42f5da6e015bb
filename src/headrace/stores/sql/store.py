"""The SQL store: which function answers which operation, and whether it reads or writes."""

from collections.abc import Callable
from concurrent.futures import Future
from contextlib import closing
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection

from headrace.clock import now_ms
from headrace.stores.base import Done, TrackingStore
from headrace.stores.sql import (
    banding,
    binned,
    evaluation,
    evaluation_records,
    experiments,
    finding,
    grouping,
    inputs,
    journals,
    models,
    new_runs,
    outbox,
    purging,
    reading,
    recounting,
    runs,
    schema,
    series,
    stray_rows,
    varying,
    webhooks,
)
from headrace.stores.sql.courier import Courier
from headrace.stores.sql.database import Database
from headrace.stores.sql.folding import Inboxes
from headrace.stores.sql.names import KeyNames
from headrace.stores.sql.place import Place
from headrace.stores.sql.registry import audit, policies, review, staging, versions
from headrace.stores.sql.registry import models as registered
from headrace.stores.sql.transaction import Transaction
from headrace.stores.sql.view import Shared, View
from headrace.stores.sql.writer import Job, Writer
from headrace.wire import webhooks as w_
from headrace.wire.limits import check

Q = TypeVar("Q")
A = TypeVar("A")
P = TypeVar("P")


_WRITES: dict[str, Callable[[Transaction, Any], Any]] = {}
_PREPARED: dict[str, Callable[[Courier, Any], Any]] = {}


def _read(act: Callable[[View, Q], A], *, steady: bool = False) -> Callable[["SqlStore", Q], A]:
    def method(self: "SqlStore", question: Q) -> A:
        check(question)  # type: ignore[arg-type]
        return self.read(lambda view: act(view, question), steady=steady)

    return method


def _read_points(act: Callable[[View, Q], A]) -> Callable[["SqlStore", Q], A]:
    """Points may move from one table to another between two statements."""
    return _read(act, steady=True)


def _write(name: str, act: Callable[[Transaction, Q], A]) -> Callable[["SqlStore", Q], A]:
    _WRITES[name] = act
    return _queued(name)


def _audited(name: str, act: Callable[[Transaction, Q], A]) -> Callable[["SqlStore", Q], A]:
    """A write that leaves a record of who did what."""
    return _write(name, audit.audited(name, act))


def _prepared(
    name: str, prepare: Callable[[Q], P], act: Callable[[Transaction, P], A]
) -> Callable[["SqlStore", Q], A]:
    """A write of what ``prepare`` makes of the question, once, however often it is tried."""
    return _sealed(name, lambda _courier, question: prepare(question), act)


def _sealed(
    name: str, prepare: Callable[[Courier, Any], P], act: Callable[[Transaction, P], A]
) -> Callable[["SqlStore", Any], A]:
    """As `_prepared`, with what calls other servers and keeps secrets."""
    _WRITES[name], _PREPARED[name] = act, prepare
    return _queued(name)


def _examined(name: str, act: Callable[[View, Q], A]) -> Callable[["SqlStore", Q], A]:
    """A read, unless it is to repair: then it writes what it finds wrong."""
    read, write = _read(act, steady=True), _write(name, act)

    def method(self: "SqlStore", question: Q) -> A:
        return (write if getattr(question, "repair", False) else read)(self, question)

    return method


def _queued(name: str) -> Callable[["SqlStore", Any], Any]:
    def method(self: "SqlStore", question: Any) -> Any:
        outcome: Future[Any] = Future()
        self.submit(name, question, settles(outcome))
        return outcome.result()

    return method


def settles(outcome: Future[Any]) -> Done:
    """What gives a future the outcome of a write."""

    def done(answer: Any, error: Exception | None) -> None:
        if error is None:
            outcome.set_result(answer)
        else:
            outcome.set_exception(error)

    return done


def is_write(method: str) -> bool:
    """Whether a method of the store changes something."""
    return method in _WRITES


class SqlStore:
    """A `TrackingStore` and `QueueingStore` on SQLite, PostgreSQL or MariaDB/MySQL."""

    def __init__(self, database: Database, place: Place, courier: Courier | None = None) -> None:
        """Takes the database over; its tables are made or upgraded first.

        ``courier`` calls the addresses of webhooks.
        """
        try:
            schema.prepare(database)
        except BaseException:
            database.close()
            raise
        self._database = database
        self._courier = courier or Courier()
        self._shared = Shared(place, KeyNames(), Inboxes())
        self._writer = Writer(database, self._shared)

    create_experiment = _write("create_experiment", experiments.create)
    get_experiment = _read(experiments.get)
    get_experiment_by_name = _read(experiments.get_by_name)
    search_experiments = _read(finding.search_experiments)
    summarize_experiments = _read(experiments.summarize)
    update_experiment = _write("update_experiment", experiments.rename)
    delete_experiment = _write("delete_experiment", experiments.delete)
    restore_experiment = _write("restore_experiment", experiments.restore)
    set_experiment_tag = _write("set_experiment_tag", experiments.set_tag)
    delete_experiment_tag = _write("delete_experiment_tag", experiments.delete_tag)
    create_run = _prepared("create_run", new_runs.with_id, runs.create)
    get_run = _read(reading.get, steady=True)
    update_run = _write("update_run", runs.change)
    delete_run = _write("delete_run", runs.remove)
    restore_run = _write("restore_run", runs.restore)
    search_runs = _read(finding.search_runs, steady=True)
    tabulate_runs = _read(finding.tabulate_runs, steady=True)
    list_columns = _read(experiments.columns)
    list_values = _read(grouping.list_values)
    find_variation = _read(varying.find_variation)
    group_runs = _read(grouping.group_runs, steady=True)
    log_param = _write("log_param", runs.log_param)
    log_metric = _write("log_metric", runs.log_metric)
    log_batch = _write("log_batch", runs.log_batch)
    set_tag = _write("set_tag", runs.set_tag)
    delete_tag = _write("delete_tag", runs.delete_tag)
    log_inputs = _write("log_inputs", inputs.log_inputs)
    log_outputs = _write("log_outputs", inputs.log_outputs)
    append_journal = _prepared("append_journal", journals.prepared, journals.append)
    log_model_record = _write("log_model_record", runs.log_model_record)
    get_metric_history = _read_points(series.get_history)
    get_metric_history_bulk = _read_points(series.get_history_bulk)
    get_metric_history_interval = _read_points(series.get_history_interval)
    sample_metrics = _read_points(series.sample)
    band_metrics = _read_points(banding.band_metrics)
    search_datasets = _read(inputs.search_datasets)
    create_logged_model = _write("create_logged_model", models.create)
    search_logged_models = _read(finding.search_models)
    get_logged_model = _read(models.get)
    finalize_logged_model = _write("finalize_logged_model", models.finalize)
    delete_logged_model = _write("delete_logged_model", models.remove)
    log_logged_model_params = _write("log_logged_model_params", models.add_params)
    set_logged_model_tags = _write("set_logged_model_tags", models.set_tags)
    delete_logged_model_tag = _write("delete_logged_model_tag", models.delete_tag)
    create_evaluation_dataset = _prepared(
        "create_evaluation_dataset", evaluation.prepared, evaluation.create
    )
    search_evaluation_datasets = _read(finding.search_evaluation_datasets)
    get_evaluation_dataset = _read(evaluation.get)
    delete_evaluation_dataset = _write("delete_evaluation_dataset", evaluation.remove)
    get_evaluation_records = _read(evaluation_records.get)
    upsert_evaluation_records = _prepared(
        "upsert_evaluation_records", evaluation_records.prepared, evaluation_records.upsert
    )
    delete_evaluation_records = _write("delete_evaluation_records", evaluation_records.remove)
    set_evaluation_dataset_tags = _write("set_evaluation_dataset_tags", evaluation.set_tags)
    delete_evaluation_dataset_tag = _write("delete_evaluation_dataset_tag", evaluation.delete_tag)
    add_evaluation_dataset_experiments = _write(
        "add_evaluation_dataset_experiments", evaluation.add_experiments
    )
    remove_evaluation_dataset_experiments = _write(
        "remove_evaluation_dataset_experiments", evaluation.remove_experiments
    )
    get_evaluation_dataset_experiments = _read(evaluation.get_experiments)
    create_registered_model = _audited("create_registered_model", registered.create)
    get_registered_model = _read(registered.get, steady=True)
    rename_registered_model = _audited("rename_registered_model", registered.rename)
    update_registered_model = _audited("update_registered_model", registered.change)
    delete_registered_model = _audited("delete_registered_model", registered.remove)
    search_registered_models = _read(registered.find, steady=True)
    set_registered_model_tag = _audited("set_registered_model_tag", registered.set_tag)
    delete_registered_model_tag = _audited("delete_registered_model_tag", registered.delete_tag)
    set_registered_model_alias = _audited("set_registered_model_alias", registered.set_alias)
    delete_registered_model_alias = _audited(
        "delete_registered_model_alias", registered.delete_alias
    )
    get_model_version_by_alias = _read(registered.get_by_alias, steady=True)
    get_latest_versions = _read(versions.get_latest, steady=True)
    create_model_version = _audited("create_model_version", versions.create)
    register_models = _audited("register_models", versions.register)
    get_model_version = _read(versions.get, steady=True)
    update_model_version = _audited("update_model_version", versions.change)
    delete_model_version = _audited("delete_model_version", versions.remove)
    search_model_versions = _read(versions.find, steady=True)
    set_model_version_tag = _audited("set_model_version_tag", versions.set_tag)
    delete_model_version_tag = _audited("delete_model_version_tag", versions.delete_tag)
    transition_model_version_stage = _audited("transition_model_version_stage", staging.transition)
    get_model_version_download_uri = _read(versions.get_download_uri)
    create_transition_request = _audited("create_transition_request", review.create)
    list_transition_requests = _read(review.find, steady=True)
    approve_transition_request = _audited("approve_transition_request", review.approve)
    reject_transition_request = _audited("reject_transition_request", review.reject)
    delete_transition_request = _audited("delete_transition_request", review.cancel)
    create_comment = _audited("create_comment", review.comment)
    update_comment = _audited("update_comment", review.change_comment)
    delete_comment = _audited("delete_comment", review.delete_comment)
    list_activities = _read(staging.list_activities)
    find_in_stage = _read(staging.find_in_stage, steady=True)
    check_transition = _read(policies.check_transition, steady=True)
    set_model_policy = _audited("set_model_policy", policies.set_policy)
    get_model_policy = _read(policies.get_policy)
    delete_model_policy = _audited("delete_model_policy", policies.delete_policy)
    list_audit = _read(audit.find)
    verify_audit = _read(audit.verify, steady=True)
    create_webhook = _sealed("create_webhook", webhooks.prepared, webhooks.create)
    list_webhooks = _read(webhooks.find)
    get_webhook = _read(webhooks.get)
    update_webhook = _sealed("update_webhook", webhooks.prepared, webhooks.change)
    delete_webhook = _write("delete_webhook", webhooks.remove)
    list_deliveries = _read(outbox.find)
    replay_delivery = _write("replay_delivery", outbox.replay)
    find_deleted = _read(binned.find)
    condemn = _write("condemn", purging.condemn)
    purge = _write("purge", purging.purge)
    examine_rows = _examined("examine_rows", stray_rows.examine)
    examine_series = _examined("examine_series", recounting.examine)

    def get_metric_columns(self, run_id: str, metric_key: str) -> bytes:
        """The whole series in the form of `points.pack`."""
        question = (run_id, metric_key)
        return self.read(lambda view: series.get_columns(view, question), steady=True)

    def test_webhook(self, question: w_.TestWebhook) -> w_.TestedWebhook:
        """See `TrackingStore`."""
        check(question)
        row = SqlStore.read(self, lambda view: webhooks.found(view, question.webhook_id))
        event = str(question.event or row.events.partition("\n")[0])
        body = outbox.example_of(event, now_ms())
        return w_.TestedWebhook(self._courier.trial(row.url, row.secret, row.webhook_id, body))

    def deliver(self) -> int:
        """See `DeliveringStore`."""
        if not SqlStore.read(self, lambda view: outbox.are_due(view, now_ms())):
            return 0
        messages = self._write_now(outbox.take, (self._courier.most, self._courier.lease_ms))
        self._write_now(outbox.settle, self._courier.send(messages))
        return len(messages)

    def end_lost_runs(self, silent_for_ms: int) -> int:
        """See `LeasingStore`."""
        return self._write_now(journals.end_lost_runs, silent_for_ms)

    def _write_now(self, act: Callable[[Transaction, Q], A], question: Q) -> A:
        outcome: Future[A] = Future()
        self._writer.submit(Job(act, question, None, None, settles(outcome)))
        return outcome.result()

    def submit(self, method: str, question: Any, done: Done) -> bool:
        """Start a write; false for a method that reads."""
        act = _WRITES.get(method)
        if act is None:
            return False
        check(question)
        prepare = _PREPARED.get(method)
        if prepare is not None:
            question = prepare(self._courier, question)
        points = runs.points_only(question)
        self._writer.submit(Job(act, question, getattr(question, "run_id", None), points, done))
        return True

    def read(self, act: Callable[[View], A], *, steady: bool = False) -> A:
        """What ``act`` finds on a connection of the readers, see `Database.read`."""

        def look(connection: Connection) -> A:
            with closing(View(connection, self._database.dialect, self._shared)) as view:
                return act(view)

        return self._database.read(look, steady=steady)

    def close(self) -> None:
        """Finish the writes that wait, then let go of the database."""
        self._writer.close()
        self._database.close()


if TYPE_CHECKING:  # the types of all promises, held by mypy
    from headrace.stores.keeping import KeptStore

    _AS_PROMISED: type[TrackingStore] = SqlStore
    _AS_KEPT: type[KeptStore] = SqlStore
