"""Code that says `mlflow.` finds each name of its tracking part here, with the same arguments."""

import inspect

import pytest

import headrace
from mlflow_names import CLASSES, CLIENT, FLUENT, MODULES


def signature(function: object) -> str:
    """The arguments with their defaults, as the table of MLflow's names writes them."""
    given = inspect.signature(function).parameters.values()
    bare = [one.replace(annotation=one.empty) for one in given if one.name != "self"]
    return str(inspect.Signature(bare))


@pytest.mark.parametrize("name", FLUENT)
def test_a_function_takes_what_mlflow_has_it_take(name: str) -> None:
    assert signature(getattr(headrace, name)) == FLUENT[name]


@pytest.mark.parametrize("name", CLIENT)
def test_a_method_of_the_client_takes_what_mlflow_has_it_take(name: str) -> None:
    assert signature(getattr(headrace.MlflowClient, name)) == CLIENT[name]


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_is_there(name: str) -> None:
    assert isinstance(getattr(headrace, name), type)


@pytest.mark.parametrize(
    ("module", "name"), [(module, name) for module in MODULES for name in MODULES[module]]
)
def test_a_function_of_a_module_takes_what_mlflow_has_it_take(module: str, name: str) -> None:
    assert signature(getattr(getattr(headrace, module), name)) == MODULES[module][name]
