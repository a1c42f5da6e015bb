"""``headrace runs``."""

import re
from typing import Any

import click

from headrace.cli import exporting, output
from headrace.cli.choosing import chosen_experiments, experiment_options
from headrace.cli.run_tables import run_facts, run_table
from headrace.cli.views import view_option
from headrace.clock import now_ms
from headrace.config import settings
from headrace.entities import PARENT_RUN_TAG, USER_TAG, Run, RunTag
from headrace.errors import NotFoundError
from headrace.naming import new_run_id
from headrace.stores.base import TrackingStore
from headrace.stores.listing import all_runs
from headrace.wire import tracking as w

_PAGE = 1_000
_NOTE_TAG = "mlflow.note.content"

_run_id = click.option("--run-id", required=True, help="The run, by its id.")


@click.group()
def runs() -> None:
    """Make, find and change runs."""


@runs.command()
@click.option("--experiment-id", help="The experiment, by its id.")
@click.option(
    "--experiment-name", help="The experiment, by its name; it is made where it is missing."
)
@click.option("--run-name", help="Its name; a random one if left out.")
@click.option("--description", help="What it is about.")
@click.option("--tags", "-t", multiple=True, help="A tag, as KEY=VALUE; repeatable.")
@click.option(
    "--status", type=click.Choice(["FINISHED", "FAILED", "KILLED"]), default="FINISHED",
    show_default=True, help="How it ended.",
)  # fmt: skip
@click.option("--parent-run-id", help="The run that it is nested in.")
@output.gives(w.GotRun, output.says("Created run {answer.run.info.run_id}"))
@output.on_store
def create(  # noqa: PLR0913  (the options of the command)
    *,
    store: TrackingStore,
    experiment_id: str | None,
    experiment_name: str | None,
    run_name: str | None,
    description: str | None,
    tags: tuple[str, ...],
    status: Any,
    parent_run_id: str | None,
) -> w.GotRun:
    """Make a run that has ended: a record of what was done elsewhere."""
    written = [_tag(text) for text in tags]
    if description:
        written.append(RunTag(_NOTE_TAG, description))
    if parent_run_id:
        store.get_run(w.GetRun(parent_run_id))
        written.append(RunTag(PARENT_RUN_TAG, parent_run_id))
    user = next((tag.value for tag in written if tag.key == USER_TAG), None)
    experiment = _of_new_run(store, experiment_id, experiment_name)
    now = now_ms()
    run_id = new_run_id()
    store.create_run(w.CreateRun(experiment, user, run_name, now, written, run_id))
    store.update_run(w.UpdateRun(run_id, status, now))
    return store.get_run(w.GetRun(run_id))


def _tag(text: str) -> RunTag:
    key, found, value = text.partition("=")
    if not found or not key:
        raise click.UsageError(f"A tag is written KEY=VALUE; got '{text}'.")
    return RunTag(key, value)


def _of_new_run(store: TrackingStore, experiment_id: str | None, name: str | None) -> str:
    if experiment_id and name:
        raise click.UsageError("Say either --experiment-id or --experiment-name.")
    if not experiment_id and not name:
        experiment_id, name = settings().experiment_id, settings().experiment_name
    if experiment_id:
        return experiment_id
    if not name:
        raise click.UsageError("Say --experiment-id or --experiment-name.")
    try:
        return store.get_experiment_by_name(w.GetExperimentByName(name)).experiment.experiment_id
    except NotFoundError:
        return store.create_experiment(w.CreateExperiment(name)).experiment_id


def _list(found: w.FoundRuns, given: dict[str, Any]) -> None:
    made = run_table(found.runs, given.get("column", ()))
    output.print_table(made, nothing="There are no such runs.")
    if found.next_page_token:
        click.echo(
            "There are more: raise --max-results, or narrow the search with --filter.", err=True
        )


@runs.command("list")
@experiment_options
@view_option
@output.gives(w.FoundRuns, _list)
@output.on_store
def list_runs(
    *,
    store: TrackingStore,
    experiment_id: tuple[str, ...],
    experiment_name: tuple[str, ...],
    view: int,
) -> w.FoundRuns:
    """List the runs of an experiment, latest first."""
    chosen = chosen_experiments(store, experiment_id, experiment_name)
    return w.FoundRuns(list(all_runs(store, w.SearchRuns(chosen, None, view))))


_filter = click.option(
    "--filter", "-f", "filter_string", help='Only those that match, such as "metrics.loss < 0.1".'
)
_order = click.option(
    "--order-by", multiple=True,
    help='A field such as "metrics.loss", with DESC for the other way round; repeatable.',
)  # fmt: skip


@runs.command()
@experiment_options
@_filter
@_order
@view_option
@click.option(
    "--max-results", type=click.IntRange(min=1), default=100, show_default=True,
    help="Not more than so many.",
)  # fmt: skip
@click.option(
    "--column", "-c", multiple=True,
    help="A column of the table: `metrics.KEY`, `params.KEY` or `tags.KEY`; repeatable.",
)  # fmt: skip
@output.gives(w.FoundRuns, _list)
@output.on_store
def search(  # noqa: PLR0913  (the options of the command)
    *,
    store: TrackingStore,
    experiment_id: tuple[str, ...],
    experiment_name: tuple[str, ...],
    filter_string: str | None,
    order_by: tuple[str, ...],
    view: int,
    max_results: int,
    column: tuple[str, ...],
) -> w.FoundRuns:
    """Find runs with the filter language; of all experiments unless some are named."""
    for name in column:
        if not re.fullmatch(r"(metrics|params|tags)\..+", name):
            raise click.UsageError(
                f"A column is metrics.KEY, params.KEY or tags.KEY; got '{name}'."
            )
    chosen = chosen_experiments(store, experiment_id, experiment_name)
    found: list[Run] = []
    token: str | None = None
    while len(found) < max_results:
        wanted = min(_PAGE, max_results - len(found))
        question = w.SearchRuns(chosen, filter_string, view, wanted, list(order_by), token)
        page = store.search_runs(question)
        found += page.runs
        token = page.next_page_token
        if not token:
            break
    return w.FoundRuns(found, token)


def _one(got: w.GotRun, _given: dict[str, Any]) -> None:
    console = output.console()
    for part in run_facts(got.run):
        console.print(part)


@runs.command()
@_run_id
@output.gives(w.GotRun, _one)
@output.on_store
def describe(*, store: TrackingStore, run_id: str) -> w.GotRun:
    """Show a run with its params, metrics, tags, datasets and models; deleted or not."""
    return store.get_run(w.GetRun(run_id))


@runs.command()
@_run_id
@output.gives(w.Nothing, output.says("Run {run_id} is deleted."))
@output.on_store
def delete(*, store: TrackingStore, run_id: str) -> w.Nothing:
    """Mark a run as deleted; `restore` takes that back, `headrace gc` removes it."""
    return store.delete_run(w.DeleteRun(run_id))


@runs.command()
@_run_id
@output.gives(w.Nothing, output.says("Run {run_id} is restored."))
@output.on_store
def restore(*, store: TrackingStore, run_id: str) -> w.Nothing:
    """Mark a deleted run as active."""
    return store.restore_run(w.RestoreRun(run_id))


@runs.command()
@experiment_options
@_filter
@_order
@view_option
@exporting.filename
@output.gives(exporting.Exported, exporting.told)
@output.on_store
def export(  # noqa: PLR0913  (the options of the command)
    *,
    store: TrackingStore,
    experiment_id: tuple[str, ...],
    experiment_name: tuple[str, ...],
    filter_string: str | None,
    order_by: tuple[str, ...],
    view: int,
    filename: str | None,
) -> exporting.Exported:
    """Write runs as CSV: a row a run, a column for each key that one of them has."""
    chosen = chosen_experiments(store, experiment_id, experiment_name)
    question = w.SearchRuns(chosen, filter_string, view, order_by=list(order_by))
    return exporting.as_csv(store, question, filename)
