"""Scores that a program computes of a recorded model's predictions are recorded in the model's run.

``accuracy_score(y_test, model.predict(X_test))`` becomes the metric ``accuracy_score_X_test``, and
``model.score(X_test, y_test)`` becomes ``LogisticRegression_score_X_test``; the names are those of MLflow.
"""

import functools
import sys
import weakref
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from types import ModuleType
from typing import Any

from headrace import plugins
from headrace.autologging.guard import quietly
from headrace.autologging.integration import Patch
from headrace.autologging.session import is_inside
from headrace.fluent import current

_MOST_PREDICTIONS = 1_000
_SCORES = ("_score", "_error", "_loss", "_deviance")
_PREDICTING = ("predict", "predict_proba", "decision_function", "transform")

_runs: "weakref.WeakKeyDictionary[Any, str]" = weakref.WeakKeyDictionary()
_predictions: dict[int, tuple[Any, str, str]] = {}
_counts: Counter[tuple[str, str]] = Counter()
"""How often each score was computed of each dataset, by run: later ones get a number."""


def remember(estimator: Any, run_id: str) -> None:
    """What the estimator predicts from now on belongs to the run."""
    for name in _PREDICTING:
        _hear(type(estimator), name, _predicting)
    _hear(type(estimator), "score", _own_score)
    _runs[estimator] = run_id


def patches(options: Callable[[], Mapping[str, Any] | None]) -> Iterator[Patch]:
    """Replaces the functions of ``sklearn.metrics`` once that is imported; they train nothing."""

    def install(metrics: Any) -> None:
        replaced = {}
        for name in metrics.__all__:
            function = getattr(metrics, name)
            if hasattr(function, "__code__") and name.endswith(_SCORES):
                replaced[function] = _scoring(name, function, options)
                setattr(metrics, name, replaced[function])
        _replace_where_imported(replaced)

    plugins.load("wrapt").when_imported("sklearn.metrics")(install)
    yield from ()


def _replace_where_imported(replaced: Mapping[Any, Any]) -> None:
    """What a program imported by name before it switched autologging on is replaced there, too."""
    by_id = {id(function): replacement for function, replacement in replaced.items()}
    for place, module in list(sys.modules.items()):
        # Programs put other things than modules there, too.
        if place.partition(".")[0] == "sklearn" or not isinstance(module, ModuleType):
            continue
        for name, value in list(vars(module).items()):
            if id(value) in by_id:
                setattr(module, name, by_id[id(value)])


def _scoring(
    name: str, function: Callable[..., Any], options: Callable[[], Mapping[str, Any] | None]
) -> Callable[..., Any]:
    @functools.wraps(function)
    def scored(*args: Any, **kwargs: Any) -> Any:
        score = function(*args, **kwargs)
        chosen = options()
        if chosen and chosen["log_post_training_metrics"] and not is_inside():
            with quietly("sklearn", f"{name} of predictions"):
                _record_score(name, score, (*args, *kwargs.values()))
        return score

    return scored


def _record_score(name: str, score: Any, given: tuple[Any, ...]) -> None:
    for value in given:
        known = _predictions.get(id(value))
        if known is not None and known[0]() is value:
            _log(known[1], name, known[2], score)
            return


def _log(run_id: str, name: str, dataset: str, score: Any) -> None:
    if not isinstance(score, int | float) and getattr(score, "ndim", None) != 0:
        return
    key = f"{name}_{dataset}"
    _counts[run_id, key] += 1
    count = _counts[run_id, key]
    # By the client: the run has most often ended.
    chosen = f"{name}-{count}_{dataset}" if count > 1 else key
    current.client().log_metric(run_id, chosen, float(score))


def _hear(kind: type, name: str, heard: Callable[[Callable[..., Any]], Any]) -> None:
    """Replaces a method where it is defined, once."""
    owner = next((each for each in kind.__mro__ if name in vars(each)), None)
    original: Any = None if owner is None else vars(owner)[name]
    # A method that only some have, such as those of a pipeline, stands within a descriptor.
    place, key = (original, "fn") if hasattr(original, "fn") else (owner, name)
    function = getattr(original, "fn", original)
    if hasattr(function, "__code__") and not hasattr(function, "__headrace_heard__"):
        replacement = heard(function)
        replacement.__headrace_heard__ = True
        setattr(place, key, replacement)


def _predicting(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def predicted(self: Any, *args: Any, **kwargs: Any) -> Any:
        result = original(self, *args, **kwargs)
        if not is_inside():
            with quietly("sklearn", "what a model predicts"):
                _note(self, args[0] if args else next(iter(kwargs.values()), None), result)
        return result

    return predicted


def _note(estimator: Any, data: Any, result: Any) -> None:
    run = _runs.get(estimator)
    if run is None or not hasattr(result, "shape"):
        return
    if len(_predictions) >= _MOST_PREDICTIONS:
        for key in [key for key, (ref, *_) in _predictions.items() if ref() is None]:
            del _predictions[key]
    if len(_predictions) < _MOST_PREDICTIONS:
        _predictions[id(result)] = (weakref.ref(result), run, _name_of(data))


def _own_score(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def scored(self: Any, *args: Any, **kwargs: Any) -> Any:
        score = original(self, *args, **kwargs)
        run_id = _runs.get(self)
        if run_id is not None and not is_inside():
            with quietly("sklearn", "a score"):
                data = args[0] if args else kwargs.get("X")
                _log(run_id, f"{type(self).__name__}_score", _name_of(data), score)
        return score

    return scored


def _name_of(data: Any) -> str:
    """The variable that the program keeps the data in, looked for from here outwards."""
    frame = sys._getframe(1)  # noqa: SLF001  (there is no other way to a caller's variables)
    while frame is not None:
        if not frame.f_globals.get("__name__", "").startswith(("headrace", "sklearn")):
            for name, value in {**frame.f_globals, **frame.f_locals}.items():
                if value is data and not name.startswith("_"):
                    return name
            return "unknown_dataset"
        frame = frame.f_back  # type: ignore[assignment]
    return "unknown_dataset"
