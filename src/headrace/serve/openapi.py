"""The page of a scoring server for programs, made from the signatures of its models."""

from collections.abc import Mapping
from typing import Any

from headrace.models.mlmodel import Model
from headrace.models.schema import DataType, Schema
from headrace.serve import formats

_TYPES: Mapping[str, dict[str, Any]] = {
    "boolean": {"type": "boolean"},
    "integer": {"type": "integer", "format": "int32"},
    "long": {"type": "integer", "format": "int64"},
    "float": {"type": "number", "format": "float"},
    "double": {"type": "number", "format": "double"},
    "string": {"type": "string"},
    "binary": {"type": "string", "format": "byte"},
    "datetime": {"type": "string", "format": "date-time"},
}


def describe(models: Mapping[str, Model], release: str) -> dict[str, Any]:
    """OpenAPI 3.1 of a server of these models, by name; the first answers without its name, too."""
    operations = {name: _invocation(name, model) for name, model in models.items()}
    first = next(iter(operations))
    paths: dict[str, Any] = {
        "/ping": {"get": _plain("ping", "Says that the server is up.")},
        "/health": {"get": _plain("health", "Says that the server is up.")},
        "/version": {"get": _plain("version", "The release of Headrace.")},
        "/metrics": {"get": _plain("metrics", "What the server counts, for Prometheus.")},
        "/invocations": {"post": {**operations[first], "operationId": "invocations"}},
    }
    for name, operation in operations.items():
        paths[f"/models/{name}/invocations"] = {"post": operation}
    info = {"title": f"Predictions of {', '.join(models)}", "version": release}
    return {"openapi": "3.1.0", "info": info, "paths": paths}


def _plain(name: str, text: str) -> dict[str, Any]:
    return {"operationId": name, "summary": text, "responses": {"200": {"description": text}}}


def _invocation(name: str, model: Model) -> dict[str, Any]:
    given: dict[str, Any] = {formats.JSON: {"schema": _body(model)}}
    given |= {kind: {} for kind in (formats.CSV, formats.PARQUET, formats.ARROW)}
    found = {"type": "object", "properties": {"predictions": {}}, "required": ["predictions"]}
    answers = {
        formats.JSON: {"schema": found},
        formats.ARROW: {},
        formats.PARQUET: {},
    }
    return {
        "operationId": f"invocations_{name}",
        "summary": f"Predictions of {name}.",
        "requestBody": {"required": True, "content": given},
        "responses": {
            "200": {
                "description": "The predictions, in the order of the rows.",
                "content": answers,
            },
            "400": {"description": "The body or a row cannot be taken; the message names it."},
            "408": {"description": "The body took too long to arrive."},
            "413": {"description": "The body is too large."},
            "415": {"description": "The content type is not taken."},
            "429": {"description": "Too many requests wait."},
            "504": {"description": "The prediction took too long."},
        },
    }


def _body(model: Model) -> dict[str, Any]:
    schema = model.get_input_schema()
    params = {one.name: _of_type(one.dtype) for one in model.get_params_schema() or ()}
    beside = {"params": {"type": "object", "properties": params}} if params else {}
    if schema is None:
        return {"type": "object", "properties": {"inputs": {}, **beside}}
    forms = _of_tensors(schema) if schema.is_tensor_spec() else _of_columns(schema)
    return {
        "oneOf": [
            {"type": "object", "properties": {name: form, **beside}, "required": [name]}
            for name, form in forms.items()
        ]
    }


def _of_columns(schema: Schema) -> dict[str, Any]:
    row = {
        str(name): _of_type(one.type)
        for name, one in zip(schema.input_names(), schema, strict=True)
    }
    needed = [str(name) for name in schema.required_input_names()]
    record = {"type": "object", "properties": row, "required": needed}
    split = {
        "columns": {"type": "array", "items": {"type": "string"}, "examples": [list(row)]},
        "data": {"type": "array", "items": {"type": "array", "prefixItems": list(row.values())}},
    }
    columns = {name: {"type": "array", "items": one} for name, one in row.items()}
    return {
        "dataframe_split": {"type": "object", "properties": split, "required": ["data"]},
        "dataframe_records": {"type": "array", "items": record},
        "instances": {"type": "array", "items": record},
        "inputs": {"type": "object", "properties": columns, "required": needed},
    }


def _of_tensors(schema: Schema) -> dict[str, Any]:
    if not schema.has_input_names():
        form = _of_shape(schema.inputs[0])
        return {"inputs": form, "instances": form}
    named = {str(name): _of_shape(one) for name, one in schema.input_dict().items()}
    return {"inputs": {"type": "object", "properties": named, "required": list(named)}}


def _of_shape(spec: Any) -> dict[str, Any]:
    form: dict[str, Any] = {}
    for length in reversed(tuple(spec.shape)):
        bounds = {} if length < 0 else {"minItems": int(length), "maxItems": int(length)}
        form = {"type": "array", "items": form, **bounds}
    return form


def _of_type(kind: Any) -> dict[str, Any]:
    return _TYPES[kind.name] if isinstance(kind, DataType) else {}
