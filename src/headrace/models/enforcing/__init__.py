"""Data held to a schema before a model sees it."""

import logging
from collections.abc import Mapping
from typing import Any

from headrace import config
from headrace.errors import InvalidValueError
from headrace.models.enforcing.columns import enforce_columns
from headrace.models.enforcing.tensors import enforce_tensors
from headrace.models.params import ParamSchema
from headrace.models.schema import Schema

_log = logging.getLogger(__name__)


class SchemaError(InvalidValueError):
    """The data is not what the model's signature says."""


class ParamsError(SchemaError):
    """The params of a prediction are not what the model's signature says."""


def enforce(data: Any, schema: Schema) -> Any:
    """``data`` as the schema has it: columns in its order and of its types, tensors of its shapes.

    What is not named in the schema is left out, with a warning that names it. Nothing is converted that
    could lose anything. Raises `SchemaError` that names the input, what was expected and what came; the
    setting ``schema_enforcement`` says whether it is raised or logged.
    """
    mode = config.settings().schema_enforcement
    act = enforce_tensors if schema.is_tensor_spec() else enforce_columns
    try:
        return act(data, schema, strict=mode == "strict")
    except InvalidValueError as error:
        if mode == "warn":
            _log.warning("The model is given what its signature does not allow: %s", error)
            return data
        raise SchemaError(str(error)) from error


def validate_schema(data: Any, expected_schema: Schema) -> None:
    """Raise `SchemaError` where data does not fit, whatever the settings say."""
    act = enforce_tensors if expected_schema.is_tensor_spec() else enforce_columns
    try:
        act(data, expected_schema, strict=False)
    except InvalidValueError as error:
        raise SchemaError(str(error)) from error


def enforce_params(params: Mapping[str, Any] | None, schema: ParamSchema | None) -> dict[str, Any]:
    """The params with the defaults of those that are not given. Unknown ones are left out with a warning."""
    given = dict(params or {})
    if schema is None:
        if given:
            _log.warning("The model's signature has no params; ignored: %s", ", ".join(given))
        return {}
    known = {one.name: one for one in schema}
    unknown = [name for name in given if name not in known]
    if unknown:
        _log.warning(
            "Ignored params that the model does not have: %s. It has: %s.",
            ", ".join(map(str, unknown)),
            ", ".join(known),
        )
    try:
        return {
            name: one.taken(given[name]) if name in given else one.default
            for name, one in known.items()
        }
    except InvalidValueError as error:
        raise ParamsError(str(error)) from error
