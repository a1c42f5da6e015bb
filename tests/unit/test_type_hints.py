"""Models whose `predict` says what it takes."""

import dataclasses
import typing
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import headrace.pyfunc
from headrace.errors import InvalidValueError
from headrace.models.schema import ColSpec, Map, Object, Property, Schema
from headrace.pyfunc import hints


@dataclasses.dataclass
class Order:
    item: str
    amount: int
    note: str | None = None


class Place(typing.TypedDict, total=False):
    city: typing.Required[str]
    street: str


ORDER = Object(
    [
        Property("item", "string"),
        Property("amount", "long"),
        Property("note", "string", required=False),
    ]
)
SCHEMAS: dict[Any, Any] = {
    str: ColSpec("string"),
    int | None: ColSpec("long", required=False),
    dict[str, float]: ColSpec(Map("double")),
    Order: ColSpec(ORDER),
    Place: ColSpec(
        Object([Property("city", "string"), Property("street", "string", required=False)])
    ),
}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.mark.parametrize("hint", SCHEMAS, ids=str)
def test_a_hint_is_a_schema(hint: Any) -> None:
    assert hints.schema_of(hint) == Schema([SCHEMAS[hint]])


def test_what_has_no_word_is_no_schema() -> None:
    assert hints.schema_of(set[int]) is None
    assert hints.hint_of(lambda data: data) is None


class Total(headrace.pyfunc.PythonModel):
    def predict(self, model_input: list[Order]) -> list[str]:  # type: ignore[override]
        return [f"{order.amount} {order.item}" for order in model_input]


def test_the_model_gets_what_it_says(tmp_path: Path) -> None:
    model = headrace.pyfunc.save_model(tmp_path / "m", python_model=Total())
    assert model.signature is not None
    assert model.signature.inputs == Schema([ColSpec(ORDER)])
    loaded = headrace.pyfunc.load_model(tmp_path / "m")
    rows = [{"item": "nut", "amount": 3}]
    assert loaded.predict(rows) == ["3 nut"]
    assert loaded.predict(pd.DataFrame(rows)) == ["3 nut"]
    with pytest.raises(InvalidValueError, match=r"Input 1\.amount: expected long, got str 'x'"):
        loaded.predict([*rows, {"item": "nut", "amount": "x"}])
    with pytest.raises(InvalidValueError, match="takes a list of"):
        loaded.predict("nut")


def shout(model_input: list[str]) -> list[str]:
    return [text.upper() for text in model_input]


def test_a_function_says_it_too(tmp_path: Path) -> None:
    headrace.pyfunc.save_model(tmp_path / "m", python_model=shout, input_example=["a"])
    loaded = headrace.pyfunc.load_model(tmp_path / "m")
    assert loaded.predict(["a", "b"]) == ["A", "B"]
    assert loaded.metadata.signature is not None
    assert loaded.metadata.signature.outputs == Schema([ColSpec("string")])
