"""The operations table as an OpenAPI document, and as TypeScript for the web application.

Both are made from the rows and the structs; nothing about an operation is said here.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from headrace.wire.artifacts import ARTIFACTS
from headrace.wire.operations import TRACKING, Operation

_Schema = Mapping[str, Any]

OPERATIONS: tuple[Operation[Any, Any], ...] = (*TRACKING, *ARTIFACTS)
"""All that the server answers with JSON."""

_REF = "#/components/schemas/"
_PLACEHOLDER = re.compile(r"\{(\w+)(?::path)?\}")
# JSON has no spelling for what is not finite; the protocol writes the name of the value.
_NOT_FINITE = ["NaN", "Infinity", "-Infinity"]
_REAL = {
    "description": "A number; one that is not finite travels as its name.",
    "anyOf": [{"type": "number"}, {"enum": _NOT_FINITE}],
}
_REFUSAL = {
    "type": "object",
    "required": ["error_code", "message"],
    "properties": {"error_code": {"type": "string"}, "message": {"type": "string"}},
}


def openapi(version: str, operations: Sequence[Operation[Any, Any]] = OPERATIONS) -> dict[str, Any]:
    """The OpenAPI 3.1 document of the operations, on every path where they answer."""
    schemas = _components(operations)
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        for url in operation.urls:
            entry = paths.setdefault(_PLACEHOLDER.sub(r"{\1}", url), {})
            for verb in operation.verbs:
                entry[verb.lower()] = _entry(operation, verb, url, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Headrace", "version": version, "license": {"name": "Apache-2.0"}},
        "paths": paths,
        "components": {"schemas": schemas},
    }


def typescript(operations: Sequence[Operation[Any, Any]] = OPERATIONS) -> str:
    """The questions, answers and nouns as TypeScript types, and the operations by their path."""
    called = _by_short_name([each for each in operations if "ajax-api" in each.surfaces])
    parts = [
        "// Written by ui/scripts/write_api_types.py from the server's tables of operations.\n",
        *(_declaration(name, schema) for name, schema in _components(operations).items()),
        "export interface Operations {",
        *(
            f'  "{name}": {{ question: {each.question.__name__}; answer: {each.answer.__name__} }};'
            for name, each in called.items()
        ),
        "}\n",
        "export const OPERATIONS: {",
        "  readonly [P in keyof Operations]: readonly [verb: string, path: string];",
        "} = {",
        *(f'  "{name}": ["{each.verbs[0]}", "{_path(each)}"],' for name, each in called.items()),
        "};\n",
    ]
    return "\n".join(parts)


# OpenAPI


def _components(operations: Iterable[Operation[Any, Any]]) -> dict[str, Any]:
    types = [kind for each in operations for kind in (each.question, each.answer)]
    _, found = msgspec.json.schema_components(types, ref_template=_REF + "{name}")
    return {"Real": _REAL, "Refusal": _REFUSAL} | {
        name: _with_reals(found[name]) for name in sorted(found)
    }


def _with_reals(schema: Any) -> Any:
    if schema == {"type": "number"}:
        return {"$ref": _REF + "Real"}
    if isinstance(schema, dict):
        return {name: _with_reals(part) for name, part in schema.items()}
    return [_with_reals(part) for part in schema] if isinstance(schema, list) else schema


def _entry(operation: Operation[Any, Any], verb: str, url: str, schemas: _Schema) -> dict[str, Any]:
    surface = url.split("/")[1]
    question = schemas[operation.question.__name__]
    in_path = _PLACEHOLDER.findall(operation.path)
    entry: dict[str, Any] = {
        "operationId": f"{surface}_{verb}_{operation.method}".lower().replace("-", "_"),
        "tags": [operation.path.split("/")[2]],
        "parameters": [_parameter("path", name, question) for name in in_path],
        "responses": {
            "200": {"description": "Done.", "content": _json(operation.answer.__name__)},
            "default": {"description": "Refused or failed.", "content": _json("Refusal")},
        },
    }
    if verb == "GET":
        rest = [name for name in question["properties"] if name not in in_path]
        entry["parameters"] += [_parameter("query", name, question) for name in rest]
    elif verb != "DELETE" or question["properties"].keys() - set(in_path):
        entry["requestBody"] = {"required": True, "content": _json(operation.question.__name__)}
    return entry


def _parameter(place: str, name: str, question: _Schema) -> dict[str, Any]:
    return {
        "in": place,
        "name": name,
        "required": place == "path" or name in question["required"],
        "schema": question["properties"][name],
    }


def _json(name: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": _REF + name}}}


# TypeScript


def _by_short_name(operations: Sequence[Operation[Any, Any]]) -> dict[str, Operation[Any, Any]]:
    """What the pages call each: its path without version and vendor, the verb where a path has several."""
    paths = [each.path for each in operations]
    return {
        re.sub(r"^[\d.]+/(mlflow/)?", "", each.path)
        + (f" {each.verbs[0]}" if paths.count(each.path) > 1 else ""): each
        for each in operations
    }


def _path(operation: Operation[Any, Any]) -> str:
    """Relative, so that it holds under any path prefix."""
    return "ajax-api/" + _PLACEHOLDER.sub(r"{\1}", operation.path)


def _declaration(name: str, schema: _Schema) -> str:
    if schema.get("type") != "object":
        return f"export type {name} = {_type(schema)};\n"
    if not schema.get("properties"):
        return f"export type {name} = Record<string, never>;\n"
    required = set(schema.get("required", ()))
    fields = (
        f"  {field}{'' if field in required else '?'}: {_type(part)};"
        for field, part in schema["properties"].items()
    )
    return "\n".join([f"export interface {name} {{", *fields, "}\n"])


_SCALARS = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean"}


def _type(schema: _Schema) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix(_REF)
    if "anyOf" in schema:
        return " | ".join(_type(part) for part in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(f'"{value}"' for value in schema["enum"])
    kind = schema["type"]
    if kind == "array":
        item = _type(schema["items"])
        return f"({item})[]" if "|" in item else f"{item}[]"
    if kind == "object":
        return f"Record<string, {_type(schema['additionalProperties'])}>"
    return "null" if kind == "null" else _SCALARS[kind]
