"""Autologging of Optuna: a study is a run, and each of its trials a child run of it.

What the objective logs, and what it trains while its library is recorded too, goes to the trial's run.
"""

import functools
from collections.abc import Callable, Iterable
from typing import Any

from headrace import plugins
from headrace.autologging import session as sessions
from headrace.autologging import switch
from headrace.autologging.integration import Integration, Patch, Recorded
from headrace.autologging.session import TAG, Call, Session
from headrace.fluent import runs

_STUDY_PARAMS = ("n_trials", "timeout", "n_jobs")


def install(integration: Integration) -> Iterable[Patch]:  # noqa: ARG001
    """``Study.optimize``."""
    kind = plugins.load("optuna.study:Study")
    yield Patch(owner=kind, name="optimize", before=before, after=after)


def before(session: Session, call: Call) -> Call:
    """What the study is, and a run around each trial."""
    study, given = call.instance, call.arguments()
    session.params(
        {
            **{key: given.get(key) for key in _STUDY_PARAMS},
            "sampler": type(study.sampler).__name__,
            "pruner": type(study.pruner).__name__,
        }
    )
    directions = ", ".join(one.name.lower() for one in study.directions)
    session.run.set_tags({"optuna.study": study.study_name, "optuna.directions": directions})
    return call.with_(func=_in_a_run(session, given["func"]))


def after(session: Session, call: Call, result: Any) -> None:  # noqa: ARG001
    """The best of the study."""
    study = call.instance
    if len(study.directions) > 1:
        session.metrics({"best_trials": len(study.best_trials)})
        return
    done = [one for one in study.trials if one.state.name == "COMPLETE"]
    session.metrics({"trials": len(study.trials), "complete_trials": len(done)})
    if done:
        session.params({f"best_{key}": value for key, value in study.best_params.items()})
        session.metrics({"best_value": study.best_value, "best_trial": study.best_trial.number})


def _in_a_run(session: Session, objective: Callable[..., Any]) -> Callable[..., Any]:
    parent = session.run.info.run_id
    tags = {TAG: session.integration.name, **(session.options.get("extra_tags") or {})}

    @functools.wraps(objective)
    def recorded(trial: Any) -> Any:
        child = None
        with session.quietly("a trial"):
            name = f"trial {trial.number}"
            child = runs.start_run(nested=True, parent_run_id=parent, run_name=name, tags=tags)
        if child is None:
            return objective(trial)
        value, status = None, "FAILED"
        try:
            with sessions.apart():
                value = objective(trial)
        except plugins.load("optuna:TrialPruned"):
            status = "FINISHED"
            child.set_tag("optuna.pruned", "true")
            raise
        else:
            status = "FINISHED"
            return value
        finally:
            with session.quietly("what came of a trial"):
                _record(session, child, trial, value)
            child.end(status)

    return recorded


def _record(session: Session, child: Any, trial: Any, value: Any) -> None:
    told = Session(session.integration, session.options, child, own=False)
    told.params(trial.params)
    values = value if isinstance(value, list | tuple) else [value]
    single = len(values) == 1
    told.metrics({"value" if single else f"value_{i}": one for i, one in enumerate(values)})
    frozen = trial.study._storage.get_trial(trial._trial_id)  # noqa: SLF001  (a live trial shows no values)
    for step, reported in sorted(frozen.intermediate_values.items()):
        told.metrics({"intermediate_value": reported}, step)


INTEGRATION = Integration(
    name="optuna",
    modules=("optuna",),
    distribution="optuna",
    install=install,
    without=(
        "log_input_examples",
        "log_model_signatures",
        "log_models",
        "log_datasets",
        "registered_model_name",
    ),
    records=(
        Recorded("tags", "`optuna.study`, `optuna.directions`; of a trial `optuna.pruned`"),
        Recorded("params", "`n_trials`, `timeout`, `n_jobs`, `sampler`, `pruner`; `best_…` params"),
        Recorded("metrics", "`best_value`, `best_trial`, `trials`, `complete_trials`"),
        Recorded(
            "runs",
            "each trial as a child run: its params, `value` (`value_0`, … of several objectives), and "
            "`intermediate_value` by step; what the objective logs goes there",
        ),
    ),
)
autolog = switch.function_of(INTEGRATION)
