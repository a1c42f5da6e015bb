"""``headrace experiments``."""

from typing import TYPE_CHECKING, Any

import click

from headrace.cli import exporting, output
from headrace.cli.views import view_option
from headrace.stores.base import TrackingStore
from headrace.wire import codec
from headrace.wire import tracking as w

if TYPE_CHECKING:
    from headrace.entities import Experiment

_PAGE = 1_000

_experiment_id = click.option(
    "--experiment-id", "-x", required=True, help="The experiment, by its id."
)


@click.group()
def experiments() -> None:
    """Make, find and change experiments."""


@experiments.command()
@click.option("--experiment-name", "-n", required=True, help="Its name, which nobody else has.")
@click.option(
    "--artifact-location", "-l", help="Where its files go; the store's own place if left out."
)
@output.gives(
    w.CreatedExperiment,
    output.says("Created experiment '{experiment_name}': {answer.experiment_id}"),
)
@output.on_store
def create(
    *, store: TrackingStore, experiment_name: str, artifact_location: str | None
) -> w.CreatedExperiment:
    """Make an experiment."""
    return store.create_experiment(w.CreateExperiment(experiment_name, artifact_location))


def _list(found: w.FoundExperiments, _given: dict[str, Any]) -> None:
    rows = [
        (
            one.experiment_id, one.name, one.lifecycle_stage,
            output.moment(one.creation_time), output.moment(one.last_update_time),
            one.artifact_location,
        )
        for one in found.experiments
    ]  # fmt: skip
    head = ("experiment id", "name", "stage", "created", "changed", "artifact location")
    made = output.table(head, rows, whole=("experiment id", "created"))
    output.print_table(made, nothing="There are no such experiments.")


@experiments.command()
@view_option
@click.option(
    "--filter", "filter_string", help="Only those that match, such as \"name LIKE 'digits%'\"."
)
@click.option(
    "--order-by", multiple=True, help="A field, with DESC for the other way round; repeatable."
)
@click.option(
    "--max-results", type=click.IntRange(min=1), help="Not more than so many; all if left out."
)
@output.gives(w.FoundExperiments, _list)
@output.on_store
def search(
    *,
    store: TrackingStore,
    view: int,
    filter_string: str | None,
    order_by: tuple[str, ...],
    max_results: int | None,
) -> w.FoundExperiments:
    """List experiments, newest first."""
    found: list[Experiment] = []
    token: str | None = None
    while max_results is None or len(found) < max_results:
        wanted = _PAGE if max_results is None else min(_PAGE, max_results - len(found))
        page = store.search_experiments(
            w.SearchExperiments(wanted, token, filter_string, list(order_by), view)
        )
        found += page.experiments
        token = page.next_page_token
        if not token:
            break
    return w.FoundExperiments(found, token)


experiments.add_command(search, "list")


def _one(got: w.GotExperiment, given: dict[str, Any]) -> None:
    if given["form"] == "json":
        click.echo(codec.encode(got.experiment).decode())
        return
    one = got.experiment
    facts = {
        "experiment id": one.experiment_id,
        "name": one.name,
        "stage": one.lifecycle_stage,
        "created": output.moment(one.creation_time),
        "changed": output.moment(one.last_update_time),
        "artifact location": one.artifact_location,
        **{f"tag {key}": value for key, value in one.tags.items()},
    }
    output.console().print(output.facts(facts))


@experiments.command()
@click.option("--experiment-id", "-x", help="The experiment, by its id.")
@click.option("--experiment-name", "-n", help="The experiment, by its name.")
@click.option(
    "--output", "form", type=click.Choice(["json", "table"]), default="table",
    help="`json` prints the experiment alone, as MLflow's command does.",
)  # fmt: skip
@output.gives(w.GotExperiment, _one)
@output.on_store
def get(
    *, store: TrackingStore, experiment_id: str | None, experiment_name: str | None, form: str
) -> w.GotExperiment:
    """Show one experiment, deleted or not."""
    del form  # of how it is shown
    if (experiment_id is None) == (experiment_name is None):
        raise click.UsageError("Say either --experiment-id or --experiment-name.")
    if experiment_id is not None:
        return store.get_experiment(w.GetExperiment(experiment_id))
    return store.get_experiment_by_name(w.GetExperimentByName(str(experiment_name)))


@experiments.command()
@_experiment_id
@click.option("--new-name", required=True, help="Its new name.")
@output.gives(w.Nothing, output.says("Experiment {experiment_id} is now called '{new_name}'."))
@output.on_store
def rename(*, store: TrackingStore, experiment_id: str, new_name: str) -> w.Nothing:
    """Give an experiment another name."""
    return store.update_experiment(w.UpdateExperiment(experiment_id, new_name))


@experiments.command()
@_experiment_id
@output.gives(w.Nothing, output.says("Experiment {experiment_id} and its runs are deleted."))
@output.on_store
def delete(*, store: TrackingStore, experiment_id: str) -> w.Nothing:
    """Mark an experiment and its runs as deleted; `restore` takes that back, `headrace gc` removes them."""
    return store.delete_experiment(w.DeleteExperiment(experiment_id))


@experiments.command()
@_experiment_id
@output.gives(w.Nothing, output.says("Experiment {experiment_id} and its runs are restored."))
@output.on_store
def restore(*, store: TrackingStore, experiment_id: str) -> w.Nothing:
    """Mark a deleted experiment and its runs as active."""
    return store.restore_experiment(w.RestoreExperiment(experiment_id))


@experiments.command()
@_experiment_id
@exporting.filename
@output.gives(exporting.Exported, exporting.told)
@output.on_store
def csv(*, store: TrackingStore, experiment_id: str, filename: str | None) -> exporting.Exported:
    """Write the active runs of an experiment as CSV: a row a run, a column for each key."""
    store.get_experiment(w.GetExperiment(experiment_id))
    return exporting.as_csv(store, w.SearchRuns([experiment_id]), filename)
