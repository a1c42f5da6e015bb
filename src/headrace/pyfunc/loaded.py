"""A model that was loaded to predict."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from headrace.errors import UnsupportedError
from headrace.models import enforcing
from headrace.models.flavor import Flavor
from headrace.models.loading import Found
from headrace.models.mlmodel import PYFUNC, Model


class PyFuncModel:
    """Predicts with a model of whatever flavor; its input is held to the model's signature first."""

    def __init__(self, found: Found, flavor: Flavor, model: Any, config: Mapping[str, Any]) -> None:
        self._found, self._flavor, self._model, self._settings = found, flavor, model, config

    @property
    def metadata(self) -> Model:
        """The model's description."""
        return self._found.model

    @property
    def model_id(self) -> str | None:
        """The id of the logged model."""
        return self.metadata.model_id

    @property
    def loader_module(self) -> str:
        """The module that the format names as the loader."""
        return str(self.metadata.flavors[PYFUNC].get("loader_module"))

    @property
    def model_config(self) -> dict[str, Any]:
        """The configuration that it was loaded with."""
        return dict(self._settings)

    @property
    def input_example(self) -> Any:
        """The example that it was saved with."""
        return self.metadata.load_input_example(self._found.folder)

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Any:
        """The predictions for an input.

        Raises `SchemaError` that names what does not fit the signature and what came instead.
        """
        return self.predict_fitted(*self.fitted(data, params))

    def predict_fitted(self, data: Any, params: dict[str, Any]) -> Any:
        """The predictions for what `fitted` gave; nothing is held to the signature again."""
        if self._flavor.predict is None:
            raise UnsupportedError(f"Models of {self._flavor.name} cannot be used as functions.")
        return self._flavor.predict(self._model, data, params, self.metadata.flavors[PYFUNC])

    @property
    def is_rowwise(self) -> bool:
        """Whether the prediction for a row is known to be the same whatever rows come with it."""
        return self._flavor.rowwise

    def of_rows(self, names: Sequence[str]) -> Callable[[Any], Any] | None:
        """What predicts for an array as `predict_fitted` does for a table of it, where there is a quicker way."""
        if self._flavor.of_rows is None:
            return None
        return self._flavor.of_rows(self._model, self.metadata.flavors[PYFUNC], names)

    def predict_stream(self, data: Any, params: dict[str, Any] | None = None) -> Any:
        """The predictions one by one; `UnsupportedError` from a model that has no such method."""
        method = getattr(self._model, "predict_stream", None)
        if method is None:
            raise UnsupportedError("This model does not give predictions one by one.")
        fitting, given = self.fitted(data, params)
        return method(fitting, given)

    def unwrap_python_model(self) -> Any:
        """The custom model itself; `UnsupportedError` for one of a library."""
        if self._flavor.name != PYFUNC:
            raise UnsupportedError(f"This is a model of {self._flavor.name}: use get_raw_model().")
        return self._model.model

    def get_raw_model(self) -> Any:
        """The model as its library has it."""
        return self._model.model if self._flavor.name == PYFUNC else self._model

    def fitted(self, data: Any, params: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """An input and params as the model's signature has them.

        Raises `SchemaError` that names what does not fit and what came instead.
        """
        signature = self.metadata.signature
        if signature is None:
            return data, params or {}
        schema = None if self.metadata.holds_its_input else signature.inputs
        fitting = data if schema is None else enforcing.enforce(data, schema)
        return fitting, enforcing.enforce_params(params, signature.params)

    def __repr__(self) -> str:
        return f"PyFuncModel({self.loader_module}, {self._found.folder})"
