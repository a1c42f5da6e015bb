"""What travels inside of a pickled `PythonModel` by value, so that it can be read where Headrace is not.

Nothing of Headrace may be used here.
"""

from collections.abc import Callable
from importlib import import_module
from inspect import signature
from types import SimpleNamespace
from typing import Any


def python_model() -> type:
    """The class that custom models are of: Headrace's, else MLflow's, else any."""
    for package in ("headrace", "mlflow"):
        try:
            found: type = import_module(f"{package}.pyfunc").PythonModel
        except ImportError:
            continue
        return found
    return object


class FunctionModel:
    """A function of one input as a model."""

    def __init__(self, func: Callable[..., Any]) -> None:
        self.func = func

    predict_type_hints = SimpleNamespace(input=None, output=None)

    def load_context(self, context: object) -> None:
        """Nothing: a function has no files."""

    def predict(self, model_input: Any, params: dict[str, Any] | None = None) -> Any:
        """What the function gives."""
        if params and "params" in signature(self.func).parameters:
            return self.func(model_input, params=params)
        return self.func(model_input)
