"""Models that are written in Python, as a class or a function."""

import inspect
import io
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

from headrace import plugins
from headrace.errors import InvalidValueError, UnsupportedError
from headrace.pyfunc import portable


class PythonModelContext:
    """What a model finds when it is loaded: its files by name, and its configuration."""

    def __init__(self, artifacts: Mapping[str, str], model_config: Mapping[str, Any]) -> None:
        self._artifacts, self._config = dict(artifacts), dict(model_config)

    @property
    def artifacts(self) -> dict[str, str]:
        """The local path of each file or folder that the model was saved with."""
        return self._artifacts

    @property
    def model_config(self) -> dict[str, Any]:
        """The configuration it was saved with, with what `load_model` was told."""
        return self._config


class PythonModel:
    """The base of models of one's own: override `predict`, and `load_context` to read files.

    `predict` may take ``context`` first, and ``params`` last; both may be left out.
    """

    predict_type_hints = SimpleNamespace(input=None, output=None)
    """What MLflow converts tables to for `predict`: nothing, it takes them as they are."""

    def load_context(self, context: PythonModelContext) -> None:
        """Read what the model was saved with; called once, when it is loaded."""

    def predict(self, context: Any, model_input: Any, params: dict[str, Any] | None = None) -> Any:
        """The predictions for an input."""
        raise NotImplementedError(f"{type(self).__name__} has no predict.")

    def predict_stream(
        self, context: Any, model_input: Any, params: dict[str, Any] | None = None
    ) -> Any:
        """The predictions one by one."""
        raise NotImplementedError(f"{type(self).__name__} has no predict_stream.")


def as_model(given: Any) -> Any:
    """A model of what was given: itself, or a function as one."""
    if hasattr(given, "predict"):
        if inspect.isclass(given):
            raise InvalidValueError(
                f"python_model is the class {given.__name__}; give {given.__name__}()."
            )
        return given
    if not callable(given):
        raise InvalidValueError(
            f"python_model is a PythonModel, a function, or the path of a program, not {given!r}."
        )
    count = len(inspect.signature(given).parameters)
    if count == 0:
        raise InvalidValueError("A function as a model takes the input as its first argument.")
    return portable.FunctionModel(given)


def dumped(model: Any) -> bytes:
    """A model as a pickle that MLflow reads too, where Headrace is not installed."""
    try:
        cloudpickle = plugins.load("cloudpickle")
    except ImportError as error:
        raise UnsupportedError(
            "Custom models are saved by cloudpickle, which is missing: pip install 'headrace[models]'."
        ) from error
    cloudpickle.register_pickle_by_value(plugins.load("headrace.pyfunc.portable"))

    class Pickler(cloudpickle.Pickler):  # type: ignore[misc, name-defined]
        def reducer_override(self, value: Any) -> Any:
            if value is PythonModel:
                return portable.python_model, ()
            return super().reducer_override(value)

    file = io.BytesIO()
    Pickler(file).dump(model)
    return file.getvalue()


def call(method: Callable[..., Any], context: Any, data: Any, params: Mapping[str, Any]) -> Any:
    """Call a model's method with as much as it takes."""
    names = inspect.signature(method).parameters
    arguments = [context, data] if "context" in names else [data]
    takes_params = "params" in names or any(
        one.kind is inspect.Parameter.VAR_KEYWORD for one in names.values()
    )
    return method(*arguments, params=dict(params)) if takes_params else method(*arguments)
