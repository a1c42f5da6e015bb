"""A database that goes away and comes back: 503 meanwhile, then service again by itself (promise R19)."""

import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

import httpx
import pytest
from sqlalchemy.engine import make_url

import clusters
import databases as db
import servers
from proxy import proxy
from wire.conformance.asking import API, read

BACK_S = 60


class Place(NamedTuple):
    """A server, and how to take its database away and give it back."""

    http: httpx.Client
    take: Callable[[], None]
    give: Callable[[], None]


@pytest.fixture(
    scope="module",
    params=["postgresql behind a wire", "mariadb behind a wire", "postgresql that crashes"],
)
def place(
    request: pytest.FixtureRequest,
    databases: db.Databases,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Place]:
    kind, _, how = request.param.partition(" ")
    folder = tmp_path_factory.mktemp("away")
    makers = {"behind a wire": _behind_a_wire, "that crashes": _that_crashes}
    yield from makers[how](kind, databases, folder)


def _behind_a_wire(kind: db.Kind, databases: db.Databases, folder: object) -> Iterator[Place]:
    url = make_url(databases.new(kind))
    with proxy(url.host or "127.0.0.1", url.port or 0) as between:
        through = url.set(host="127.0.0.1", port=between.port).render_as_string(hide_password=False)
        with (
            servers.headrace_server(through, folder) as server,
            httpx.Client(base_url=server.url, timeout=30) as http,
        ):
            yield Place(http, between.cut, between.mend)


def _that_crashes(_kind: db.Kind, _databases: db.Databases, folder: object) -> Iterator[Place]:
    with (
        db.started_cluster(clusters.postgresql) as cluster,
        servers.headrace_server(cluster.url, folder) as server,
        httpx.Client(base_url=server.url, timeout=30) as http,
    ):
        yield Place(http, cluster.kill, cluster.start)


def test_it_answers_503_meanwhile_and_comes_back_by_itself(place: Place) -> None:
    run_id = read(place.http.post(API + "runs/create", json={"experiment_id": "0"}))["run"]["info"][
        "run_id"
    ]
    for step in range(50):
        read(place.http.post(API + "runs/log-metric", json=_point(run_id, step)))
    place.take()
    asked = [
        ("GET", f"runs/get?run_id={run_id}", None),
        ("POST", "runs/log-metric", _point(run_id, 1_000)),
        ("POST", "runs/log-batch", {"run_id": run_id, "params": [{"key": "p", "value": "1"}]}),
        ("POST", "runs/search", {"experiment_ids": ["0"]}),
        ("POST", "runs/create", {"experiment_id": "0", "run_name": "never"}),
        ("POST", "experiments/create", {"name": "never"}),
    ]
    for verb, path, body in asked * 3:
        _is_unavailable(place.http, verb, path, body)
    assert place.http.get("/health").status_code == 200
    place.give()
    _comes_back(place.http, run_id)
    read(place.http.post(API + "runs/log-metric", json=_point(run_id, 50)))
    history = read(
        place.http.get(API + "metrics/get-history", params={"run_id": run_id, "metric_key": "m"})
    )
    assert [p["step"] for p in history["metrics"]] == list(range(51))
    runs = read(place.http.post(API + "runs/search", json={"experiment_ids": ["0"]}))["runs"]
    assert "never" not in {run["info"]["run_name"] for run in runs}
    assert (
        place.http.get(
            API + "experiments/get-by-name", params={"experiment_name": "never"}
        ).status_code
        == 404
    )


def test_it_comes_back_more_than_once(place: Place) -> None:
    run_id = read(place.http.post(API + "runs/create", json={"experiment_id": "0"}))["run"]["info"][
        "run_id"
    ]
    for step in range(2):
        place.take()
        _is_unavailable(place.http, "POST", "runs/log-metric", _point(run_id, 99))
        place.give()
        _comes_back(place.http, run_id)
        read(place.http.post(API + "runs/log-metric", json=_point(run_id, step)))


def _point(run_id: str, step: int) -> dict[str, object]:
    return {"run_id": run_id, "key": "m", "value": 1.0, "timestamp": step, "step": step}


def _is_unavailable(http: httpx.Client, verb: str, path: str, body: object) -> None:
    response = http.request(verb, API + path, json=body)
    assert response.status_code == 503, f"{path}: {response.status_code} {response.text}"
    assert int(response.headers["retry-after"]) >= 0
    assert response.json()["error_code"] == "TEMPORARILY_UNAVAILABLE"


def _comes_back(http: httpx.Client, run_id: str) -> None:
    deadline = time.monotonic() + BACK_S
    while time.monotonic() < deadline:
        response = http.get(API + "runs/get", params={"run_id": run_id})
        if response.status_code == 200:
            return
        assert response.status_code == 503, response.text
        time.sleep(0.1)
    pytest.fail(
        f"The database has been back for {BACK_S} s, and the server still answers {response.text}"
    )
