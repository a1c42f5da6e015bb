"""What the HTTP store does by itself: addresses, repetition, errors. What it keeps is in tests/contract."""

import json
import os
from collections.abc import Callable

import httpx
import pytest

from headrace.config import Settings
from headrace.entities import Metric
from headrace.errors import (
    EndpointNotFoundError,
    InternalError,
    InvalidValueError,
    NotFoundError,
    UnavailableError,
)
from headrace.stores import identity
from headrace.stores.base import TrackingStore
from headrace.stores.http import HttpStore, Retrying, http_client
from headrace.wire import codec
from headrace.wire import tracking as w
from headrace.wire.operations import TRACKING

Answer = httpx.Response | Exception


class Wire(httpx.BaseTransport):
    """The far end: gives the answers in order, the last one for ever, and remembers what was sent."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)


def ok(body: bytes = b"{}") -> httpx.Response:
    return httpx.Response(200, content=body)


@pytest.fixture
def store_on() -> Callable[[Wire], HttpStore]:
    def build(wire: Wire) -> HttpStore:
        store = HttpStore("http://server:5000/prefix", Settings())
        waits = Retrying(wire, attempts=4, backoff_s=0, jitter_s=0, sleep=lambda _: None)
        store._client = httpx.Client(base_url="http://server:5000/prefix", transport=waits)
        return store

    return build


def test_it_has_every_method_of_a_store() -> None:
    assert isinstance(HttpStore("http://server", Settings()), TrackingStore)


def test_a_write_is_a_post_of_json_below_the_path_of_the_server(store_on) -> None:
    wire = Wire(ok())
    store_on(wire).log_batch(w.LogBatch("r", [Metric("k", float("nan"), 1)]))
    (request,) = wire.requests
    assert (request.method, request.url.path) == ("POST", "/prefix/api/2.0/mlflow/runs/log-batch")
    assert request.headers["Content-Type"] == "application/json"
    assert json.loads(request.content)["metrics"] == [
        {"key": "k", "value": "NaN", "timestamp": 1, "step": 0}
    ]


def test_a_read_is_a_get_with_a_query(store_on) -> None:
    wire = Wire(ok(b'{"metrics":[{"key":"k","value":"NaN","timestamp":"1"}]}'))
    found = store_on(wire).get_metric_history(w.GetMetricHistory("r", "a b", max_results=5))
    assert found.metrics[0].timestamp == 1
    assert wire.requests[0].method == "GET"
    assert dict(wire.requests[0].url.params) == {
        "run_id": "r",
        "metric_key": "a b",
        "max_results": "5",
    }


def test_a_field_of_the_path_is_not_repeated_in_the_query(store_on) -> None:
    wire = Wire(ok())
    store_on(wire).delete_logged_model_tag(w.DeleteLoggedModelTag("m-1", "a/b"))
    request = wire.requests[0]
    assert request.method == "DELETE"
    assert request.url.raw_path == b"/prefix/api/2.0/mlflow/logged-models/m-1/tags/a%2Fb"


def test_the_columns_of_a_series_are_bytes(store_on) -> None:
    wire = Wire(ok(b"\x00\xff"))
    assert store_on(wire).get_metric_columns("r", "k") == b"\x00\xff"
    assert wire.requests[0].url.path == "/prefix/api/2.0/headrace/metrics/columns"


@pytest.mark.parametrize("error", [NotFoundError("no run"), InvalidValueError("bad")])
def test_a_refusal_is_the_error_of_the_store_behind_the_server(store_on, error) -> None:
    wire = Wire(httpx.Response(error.status, content=codec.error_body(error)))
    with pytest.raises(type(error), match=error.message):
        store_on(wire).get_run(w.GetRun("r"))
    assert len(wire.requests) == 1


SAFE = w.SetTag("r", "k", "v")
LOST = httpx.ReadError("connection reset")
AWAY = httpx.ConnectError("refused")
BUSY = httpx.Response(503, content=codec.error_body(UnavailableError("busy")))
SLOW_DOWN = httpx.Response(429, headers={"Retry-After": "0"})


@pytest.mark.parametrize("trouble", [LOST, AWAY, BUSY, SLOW_DOWN])
def test_what_may_be_repeated_is_repeated(store_on, trouble: Answer) -> None:
    wire = Wire(trouble, trouble, ok())
    store_on(wire).set_tag(SAFE)
    assert len(wire.requests) == 3


@pytest.mark.parametrize("trouble", [AWAY, SLOW_DOWN])
def test_what_was_never_taken_is_repeated_whatever_it_is(store_on, trouble: Answer) -> None:
    wire = Wire(trouble, ok(b'{"experiment_id":"1"}'))
    assert store_on(wire).create_experiment(w.CreateExperiment("n")).experiment_id == "1"


@pytest.mark.parametrize("trouble", [LOST, BUSY])
@pytest.mark.parametrize(
    ("method", "question"),
    [
        ("create_experiment", w.CreateExperiment("n")),
        ("create_logged_model", w.CreateLoggedModel("0")),
        ("create_run", w.CreateRun("0")),
        ("delete_tag", w.DeleteTag("r", "k")),
    ],
)
def test_what_would_be_done_twice_is_not_repeated_when_its_answer_is_lost(
    store_on, trouble: Answer, method: str, question
) -> None:
    wire = Wire(trouble)
    with pytest.raises(UnavailableError):
        getattr(store_on(wire), method)(question)
    assert len(wire.requests) == 1


def test_a_run_whose_id_the_client_made_may_be_created_again(store_on) -> None:
    wire = Wire(LOST, httpx.Response(404, content=codec.error_body(NotFoundError("reached"))))
    with pytest.raises(NotFoundError, match="reached"):
        store_on(wire).create_run(w.CreateRun("0", run_id="abc"))


def test_repetition_ends_and_says_who_did_not_answer(store_on) -> None:
    wire = Wire(AWAY)
    with pytest.raises(
        UnavailableError, match=r"No answer from http://server:5000/prefix: refused"
    ):
        store_on(wire).set_tag(SAFE)
    assert len(wire.requests) == 4


def test_waits_grow_and_obey_the_server() -> None:
    waits: list[float] = []
    wire = Wire(AWAY, AWAY, httpx.Response(503, headers={"Retry-After": "7"}), AWAY, ok())
    retrying = Retrying(wire, attempts=6, backoff_s=1, jitter_s=0, sleep=waits.append)
    request = httpx.Request("GET", "http://server", extensions={"repeatable": True})
    assert retrying.handle_request(request).status_code == 200
    assert waits == [0, 1, 7, 4]


def test_a_redirect_is_not_followed_but_told(store_on) -> None:
    wire = Wire(httpx.Response(308, headers={"Location": "https://elsewhere"}))
    with pytest.raises(EndpointNotFoundError, match="redirects to https://elsewhere"):
        store_on(wire).set_tag(SAFE)


def test_a_page_instead_of_an_answer_is_an_internal_error(store_on) -> None:
    with pytest.raises(InternalError, match="cannot be read"):
        store_on(Wire(ok(b"<html>"))).get_run(w.GetRun("r"))


@pytest.mark.parametrize(
    ("uri", "given", "header"),
    [
        ("http://h", {}, None),
        ("http://h", {"tracking_token": "t"}, "Bearer t"),
        ("http://h", {"tracking_username": "u", "tracking_password": "p"}, "Basic dTpw"),
        ("http://u:p@h", {}, "Basic dTpw"),
        ("http://u:p%40@h", {}, "Basic dTpwQA=="),
        ("http://u:p@h", {"tracking_token": "t"}, "Bearer t"),
    ],
)
def test_who_asks_is_said_by_token_or_by_name(uri, given, header) -> None:
    assert identity.headers(uri, Settings(**given)).get("Authorization") == header


def test_credentials_in_the_address_are_not_shown() -> None:
    assert HttpStore("https://u:p@host:1/x/", Settings()).uri == "https://host:1/x"


def test_a_missing_certificate_is_named() -> None:
    with pytest.raises(InvalidValueError, match="/no/such/file"):
        http_client("https://h", Settings(tracking_server_cert_path="/no/such/file"))


def test_an_address_without_a_host_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="names no server"):
        HttpStore("http:///x", Settings())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_opens_connections_of_its_own(store_on) -> None:
    store = HttpStore("http://server", Settings())
    before, store._pid = store._client, os.getpid() + 1
    store._make_client = lambda: httpx.Client(base_url="http://server", transport=Wire(ok()))
    store.set_tag(SAFE)
    assert store._client is not before
    assert store._pid == os.getpid()


def test_the_table_and_the_protocol_name_the_same_operations() -> None:
    promised = {name for name in vars(TrackingStore) if not name.startswith("_")}
    assert promised == {row.method for row in TRACKING} | {"get_metric_columns", "close"}
