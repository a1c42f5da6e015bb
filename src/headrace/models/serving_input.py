"""Requests to a model's scoring server, made from examples and held to the model's signature."""

import json
from typing import Any

from headrace.errors import InvalidValueError
from headrace.models import enforcing, example, loading


def convert_input_example_to_serving_input(input_example: Any) -> str | None:
    """The body of the request that scores an example."""
    return (
        None if input_example is None else json.dumps(example.serving_of(input_example), indent=2)
    )


def validate_serving_input(model_uri: str, serving_input: str | dict[str, Any]) -> Any:
    """The data that a request's body holds, as the model takes it.

    Raises `SchemaError` that names what does not fit, `InvalidValueError` for a body that is none.
    """
    found = loading.find(model_uri)
    body = json.loads(serving_input) if isinstance(serving_input, str) else serving_input
    data = example.data_of(body)
    schema = found.model.get_input_schema()
    if schema is None:
        raise InvalidValueError(
            f"The model at '{model_uri}' has no signature to hold a request to."
        )
    return enforcing.enforce(data, schema)
