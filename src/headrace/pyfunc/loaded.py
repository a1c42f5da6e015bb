"""A model that was loaded to predict."""

from collections.abc import Mapping
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
        fitting, given = self._fitting(data, params)
        config = self.metadata.flavors[PYFUNC]
        if self._flavor.predict is None:
            raise UnsupportedError(f"Models of {self._flavor.name} cannot be used as functions.")
        return self._flavor.predict(self._model, fitting, given, config)

    def predict_stream(self, data: Any, params: dict[str, Any] | None = None) -> Any:
        """The predictions one by one; `UnsupportedError` from a model that has no such method."""
        method = getattr(self._model, "predict_stream", None)
        if method is None:
            raise UnsupportedError("This model does not give predictions one by one.")
        fitting, given = self._fitting(data, params)
        return method(fitting, given)

    def unwrap_python_model(self) -> Any:
        """The custom model itself; `UnsupportedError` for one of a library."""
        if self._flavor.name != PYFUNC:
            raise UnsupportedError(f"This is a model of {self._flavor.name}: use get_raw_model().")
        return self._model.model

    def get_raw_model(self) -> Any:
        """The model as its library has it."""
        return self._model.model if self._flavor.name == PYFUNC else self._model

    def _fitting(self, data: Any, params: dict[str, Any] | None) -> tuple[Any, dict[str, Any]]:
        signature = self.metadata.signature
        if signature is None:
            return data, params or {}
        fitting = data if signature.inputs is None else enforcing.enforce(data, signature.inputs)
        return fitting, enforcing.enforce_params(params, signature.params)

    def __repr__(self) -> str:
        return f"PyFuncModel({self.loader_module}, {self._found.folder})"
