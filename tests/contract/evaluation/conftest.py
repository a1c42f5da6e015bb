"""The stores that evaluation datasets are tried on."""

from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from contract.evaluation.asking import new_dataset, new_experiment
from databases import KINDS, Databases
from headrace.stores import http
from headrace.stores.base import TrackingStore
from headrace.stores.sql import connect
from servers import Server


@pytest.fixture(scope="module", params=[*KINDS, "http"])
def store(
    request: pytest.FixtureRequest,
    databases: Databases,
    headrace_server: Callable[..., Server],
) -> Iterator[TrackingStore]:
    if request.param == "http":
        opened: TrackingStore = http.connect(headrace_server(databases.new("sqlite")).url)
    else:
        opened = connect(databases.new(request.param))
    with closing(opened):
        yield opened


@pytest.fixture
def experiment(store: TrackingStore, request: pytest.FixtureRequest) -> str:
    return new_experiment(store, request.node.name)


@pytest.fixture
def dataset(store: TrackingStore) -> str:
    return new_dataset(store).dataset_id
