"""One training that is recorded: its run, and which of the calls within it is the outermost."""

import functools
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from inspect import signature
from typing import Any

from headrace.autologging.guard import quietly
from headrace.autologging.integration import Integration
from headrace.config import process_rank
from headrace.fluent import runs
from headrace.fluent.current import ActiveRun

TAG = "mlflow.autologging"
LONGEST_PARAM = 6_000

_training: ContextVar["Session | None"] = ContextVar("headrace_training", default=None)
_lock = threading.Lock()
_open = 0
"""Sessions in the process: a library's worker threads have contexts of their own."""


@dataclass(frozen=True)
class Call:
    """A call of a function that trains."""

    function: Callable[..., Any]
    instance: Any
    """The object whose method it is; ``None`` for a function of a module."""
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]

    def __call__(self) -> Any:
        """Train."""
        own = () if self.instance is None else (self.instance,)
        return self.function(*own, *self.args, **self.kwargs)

    def arguments(self) -> dict[str, Any]:
        """The arguments by name, with the defaults of those that are not given."""
        own = () if self.instance is None else (self.instance,)
        bound = signature(self.function).bind_partial(*own, *self.args, **self.kwargs)
        bound.apply_defaults()
        return dict(bound.arguments)

    def given(self, name: str, default: Any = None) -> Any:
        """One argument by its name."""
        return self.arguments().get(name, default)

    def with_(self, **kwargs: Any) -> "Call":
        """The same call with other arguments, by the names that the function has for them."""
        names = list(signature(self.function).parameters)[0 if self.instance is None else 1 :]
        args = list(self.args)
        rest = dict(self.kwargs)
        for name, value in kwargs.items():
            place = names.index(name) if name in names else len(args)
            if place < len(args):
                args[place] = value
            else:
                rest[name] = value
        return replace(self, args=tuple(args), kwargs=rest)

    def within(self, surroundings: AbstractContextManager[Any]) -> "Call":
        """The same call, made within a context."""

        @functools.wraps(self.function)
        def surrounded(*args: Any, **kwargs: Any) -> Any:
            with surroundings:
                return self.function(*args, **kwargs)

        return replace(self, function=surrounded)


@dataclass
class Session:
    """The recording of one training."""

    integration: Integration
    options: Mapping[str, Any]
    run: ActiveRun
    own: bool
    """Whether the run was started for this training, and ends with it."""
    notes: dict[str, Any] = field(default_factory=dict)
    """What `before` leaves for `after`."""

    def quietly(self, what: str) -> AbstractContextManager[None]:
        """A part of the recording that may fail without the others."""
        return quietly(self.integration.name, what, silent=bool(self.options.get("silent")))

    def params(self, given: Mapping[str, Any]) -> None:
        """Params as texts; one that the run already has with another value is left as it is.

        Several trainings may be recorded in one run of the user's, and a param is written once.
        """
        known = _params.setdefault(self.run.info.run_id, {})
        texts = {str(key): str(value)[:LONGEST_PARAM] for key, value in given.items()}
        new = {key: text for key, text in texts.items() if key not in known}
        clashing = [key for key, text in texts.items() if known.get(key, text) != text]
        known.update(new)
        if new:
            self.run.log_params(new)
        if clashing:
            with self.quietly("a second training in one run"):
                raise ValueError(
                    f"params of run {self.run.info.run_id} stay those of its first training: "
                    f"{', '.join(clashing[:10])}. Start a run for each training."
                )

    def metrics(self, given: Mapping[str, Any], step: int | None = None) -> None:
        """Numbers; what is none is left out."""
        numbers = {
            key: number for key, value in given.items() if (number := _number(value)) is not None
        }
        if numbers:
            self.run.log_metrics(numbers, step)


_params: dict[str, dict[str, str]] = {}
"""The params that autologging wrote, by run."""


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def is_inside() -> bool:
    """Whether this code runs within a training that is being recorded.

    A thread that the library started counts as inside, unless it has a run of its own.
    """
    if _training.get() is not None:
        return True
    return (
        _open > 0
        and threading.current_thread() is not threading.main_thread()
        and (runs.active_run() is None)
    )


def around() -> "Session | None":
    """The training that this code is a part of."""
    return _training.get()


@contextmanager
def apart() -> Iterator[None]:
    """Within it, what is trained is recorded by itself, in the run that is then the current one."""
    token = _training.set(None)
    try:
        yield
    finally:
        _training.reset(token)


def begin(integration: Integration, options: Mapping[str, Any]) -> Session | None:
    """The recording of a training that starts now; ``None`` where there is nothing to record.

    That is within another training, in all processes but the first of a distributed one, and, with
    ``exclusive``, in a run of the user's.
    """
    if is_inside() or process_rank() > 0:
        return None
    active = runs.active_run()
    if active is not None and options.get("exclusive"):
        return None
    tags = dict(options.get("extra_tags") or {})
    if active is not None:
        if tags:
            active.set_tags(tags)
        return Session(integration, options, active, own=False)
    run = runs.start_run(tags={TAG: integration.name, **tags})
    return Session(integration, options, run, own=True)


@contextmanager
def within(session: Session) -> Iterator[None]:
    """Trains: what is trained within it is a part of it, and its run ends with it."""
    global _open  # noqa: PLW0603
    token = _training.set(session)
    with _lock:
        _open += 1
    try:
        yield
    except BaseException:
        _end(session, "FAILED")
        raise
    else:
        _end(session, "FINISHED")
    finally:
        with _lock:
            _open -= 1
        _training.reset(token)


def _end(session: Session, status: str) -> None:
    if not session.own:
        return
    _params.pop(session.run.info.run_id, None)
    with session.quietly("the end of the run"):
        session.run.end(status)
