"""A whole import: everything of a source into a store."""

from collections.abc import Callable

from headrace.importing.into import experiments, models, runs
from headrace.importing.into.target import Target
from headrace.importing.nouns import Source


def import_all(source: Source, target: Target, tick: Callable[[], None]) -> None:
    """Add to the store what it lacks of the source; ``tick`` is called after each run.

    Nothing in the store is removed or overwritten, but what is deleted in the source is deleted in the
    store too. Cut short at any point, the same call again completes it; once complete it adds nothing.
    What cannot be taken is in the target's report. Raises `UnavailableError` and its like where the store
    or the source is gone.
    """
    placed = [
        place
        for found in source.experiments()
        if (place := experiments.place(target, found)) is not None
    ]
    for experiment in placed:
        for model in source.models(experiment.found):
            models.take(target, experiment, model)
    for experiment in placed:
        for run in source.runs(experiment.found):
            runs.take(target, experiment, run)
            tick()
    for experiment in placed:
        experiment.finish()
