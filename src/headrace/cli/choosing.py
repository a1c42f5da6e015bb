"""The options that name experiments, and the experiments that they mean."""

import click

from headrace.cli.output import Act
from headrace.config import settings
from headrace.entities import ViewType
from headrace.stores.base import TrackingStore
from headrace.stores.listing import all_experiments
from headrace.wire import tracking as w


def experiment_options(command: Act) -> Act:
    """The options; those of the environment count where none is given."""
    command = click.option(
        "--experiment-name", "-n", multiple=True, help="An experiment, by its name; repeatable."
    )(command)
    return click.option(
        "--experiment-id", "-x", multiple=True, help="An experiment, by its id; repeatable."
    )(command)


def chosen_experiments(
    store: TrackingStore, ids: tuple[str, ...], names: tuple[str, ...]
) -> list[str]:
    """The ids of the experiments that are meant, all where none is; an unknown one is a `NotFoundError`."""
    given = settings()
    if not ids and not names:
        ids = (given.experiment_id,) if given.experiment_id else ()
        names = (given.experiment_name,) if given.experiment_name and not ids else ()
    if not ids and not names:
        return [one.experiment_id for one in all_experiments(store, ViewType.ACTIVE_ONLY)]
    for experiment_id in ids:
        store.get_experiment(w.GetExperiment(experiment_id))
    named = [
        store.get_experiment_by_name(w.GetExperimentByName(name)).experiment.experiment_id
        for name in names
    ]
    return [*ids, *named]
