"""The OpenAPI document and the TypeScript types say what the operations table says."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate

from headrace.wire import schema

UI_TYPES = Path(__file__).parents[2] / "ui/src/lib/api-types.ts"


@pytest.fixture(scope="module")
def document() -> Mapping[str, Any]:
    return schema.openapi("1.2.3")


def test_the_document_is_valid_openapi(document: Mapping[str, Any]) -> None:
    validate(document)


def test_every_operation_stands_on_each_of_its_paths_and_verbs(document: Mapping[str, Any]) -> None:
    said = {(path, verb.upper()) for path, entry in document["paths"].items() for verb in entry}
    assert said == {
        (url.replace(":path}", "}"), verb)
        for operation in schema.OPERATIONS
        for url in operation.urls
        for verb in operation.verbs
    }


def test_what_is_asked_by_get_is_a_parameter_and_what_is_posted_a_body(
    document: Mapping[str, Any],
) -> None:
    get = document["paths"]["/api/2.0/mlflow/runs/get"]["get"]
    assert [(each["name"], each["in"], each["required"]) for each in get["parameters"]] == [
        ("run_id", "query", True)
    ]
    assert "requestBody" not in get
    post = document["paths"]["/api/2.0/mlflow/runs/log-batch"]["post"]
    body = post["requestBody"]["content"]["application/json"]["schema"]
    assert (post["parameters"], body) == ([], {"$ref": "#/components/schemas/LogBatch"})


def test_what_a_path_names_is_required_in_it(document: Mapping[str, Any]) -> None:
    patch = document["paths"]["/api/2.0/mlflow/logged-models/{model_id}"]["patch"]
    assert [(each["name"], each["in"], each["required"]) for each in patch["parameters"]] == [
        ("model_id", "path", True)
    ]


def test_a_deletion_has_a_body_where_its_path_does_not_say_all(
    document: Mapping[str, Any],
) -> None:
    paths = document["paths"]
    assert "requestBody" in paths["/api/3.0/mlflow/datasets/{dataset_id}/records"]["delete"]
    assert "requestBody" not in paths["/api/3.0/mlflow/datasets/{dataset_id}"]["delete"]


def test_a_value_that_json_cannot_spell_may_be_its_name(document: Mapping[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    assert schemas["Metric"]["properties"]["value"] == {"$ref": "#/components/schemas/Real"}
    assert schemas["Real"]["anyOf"][1] == {"enum": ["NaN", "Infinity", "-Infinity"]}


def test_fields_are_named_as_on_the_wire(document: Mapping[str, Any]) -> None:
    assert set(document["components"]["schemas"]["RunData"]["properties"]) == {
        "metrics",
        "params",
        "tags",
    }


@pytest.mark.parametrize(
    "line",
    [
        'export type Real = number | "NaN" | "Infinity" | "-Infinity";',
        "  values?: (Real | string | null)[];",
        '  "runs/get": { question: GetRun; answer: GotRun };',
        '  "runs/get": ["GET", "ajax-api/2.0/mlflow/runs/get"],',
        '  "headrace/runs/table": ["POST", "ajax-api/2.0/headrace/runs/table"],',
        '  "logged-models/{model_id} PATCH": { question: FinalizeLoggedModel; answer: GotLoggedModel };',
        "  headers?: Record<string, string>;",
    ],
)
def test_the_types_say(line: str) -> None:
    assert line in schema.typescript().splitlines()


def test_the_web_application_has_the_types_of_this_table() -> None:
    written = UI_TYPES.read_text(encoding="utf-8")
    assert written == schema.typescript(), "run `python ui/scripts/write_api_types.py`"
