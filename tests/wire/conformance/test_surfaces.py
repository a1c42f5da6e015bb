"""Routes beside the operations, routes that are not there, and who may ask at all."""

import pytest

from wire.conformance.asking import API, Wire, read

# One or more of each area that the product leaves to later or to others.
ABSENT = [
    ("POST", "/api/3.0/mlflow/traces"),
    ("POST", "/api/3.0/mlflow/traces/search"),
    ("GET", "/api/3.0/mlflow/traces/tr-1"),
    ("POST", "/api/2.0/mlflow/traces"),
    ("POST", "/v1/traces"),
    ("POST", "/api/3.0/mlflow/traces/tr-1/assessments"),
    ("GET", "/api/3.0/mlflow/scorers/list?experiment_id=0"),
    ("POST", "/api/3.0/mlflow/scorers/register"),
    ("GET", "/api/3.0/mlflow/gateway/endpoints/list"),
    ("POST", "/gateway/openai/v1/chat/completions"),
    ("GET", "/ajax-api/3.0/mlflow/jobs/1"),
    ("GET", "/api/3.0/mlflow/skills"),
    ("GET", "/api/3.0/mlflow/workspaces"),
    ("POST", "/graphql"),
    ("GET", "/api/2.0/mlflow/experiments/list"),
    ("GET", "/api/2.0/preview/mlflow/runs/get"),
    ("GET", "/api/2.0/mlflow/"),
    ("GET", "/api/"),
    ("GET", "/api/2.0/mlflow/runs/get/"),
    ("POST", "/api/2.0/mlflow/runs//get"),
    ("GET", "/api/9.0/mlflow/runs/get"),
    ("GET", "/ajax-api/2.0/mlflow/nothing"),
]


@pytest.mark.parametrize(("verb", "target"), ABSENT)
def test_a_route_that_is_not_there_says_so_in_the_form_of_the_protocol(
    wire: Wire, verb: str, target: str
) -> None:
    response = wire.http.request(
        verb, target, json={} if verb in {"POST", "PATCH", "DELETE"} else None
    )
    assert response.status_code == 404, response.text
    assert response.headers["content-type"].startswith("application/json")
    # The client tries the next path of an operation upon this code, and gives up upon another.
    assert response.json()["error_code"] in {"ENDPOINT_NOT_FOUND", "NOT_FOUND"}
    assert response.json()["message"]


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("GET", "runs/create"),
        ("PUT", "runs/create"),
        ("DELETE", "runs/get"),
        ("POST", "runs/get"),
        ("PATCH", "runs/update"),
    ],
)
def test_a_verb_that_is_not_there(wire: Wire, verb: str, path: str) -> None:
    response = wire.http.request(verb, API + path)
    assert response.status_code == 405
    assert response.headers["content-type"].startswith("application/json")
    assert response.json()["error_code"]


def test_health_and_version(wire: Wire) -> None:
    health = wire.http.get("/health")
    assert (health.status_code, health.text) == (200, "OK")
    version = wire.http.get("/version")
    assert version.status_code == 200
    assert version.text.strip()[0].isdigit()


def test_server_info_says_what_clients_ask_for(wire: Wire) -> None:
    info = read(wire.http.get("/api/3.0/mlflow/server-info"))
    assert isinstance(info["multipart_uploads_enabled"], bool)
    assert isinstance(info["multipart_downloads_enabled"], bool)
    assert info["workspaces_enabled"] is False
    assert read(wire.http.get("/ajax-api/3.0/mlflow/server-info")) == info


def test_prometheus_counts_requests(wire: Wire) -> None:
    wire.get("runs/get", run_id="0" * 32)
    page = wire.http.get("/metrics")
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/plain")
    lines = [line for line in page.text.splitlines() if line and not line.startswith("#")]
    assert all(float(line.rpartition(" ")[2]) >= 0 for line in lines)
    assert any("runs/get" in line and "404" in line for line in lines)


HOSTILE_HOSTS = [
    "evil.example", "evil.example:5000", "127.0.0.1.evil.example", "localhost.evil.example", "127.0.0.1@evil.example",
    "evil.example#127.0.0.1", "192.168.0.1", "10.0.0.7:80", "169.254.169.254", "[::ffff:8.8.8.8]", "0x7f000001.evil",
    "localhost:80@evil.example", "xn--localhost-x", "127.0.0.1:80:evil", "", "LOCALHOST.", "evil.example/127.0.0.1",
    "2130706433.evil.example", "*", "localhost evil.example",
]  # fmt: skip


@pytest.mark.parametrize("host", HOSTILE_HOSTS)
def test_a_foreign_host_is_refused_and_not_echoed_into_headers(wire: Wire, host: str) -> None:
    status, _ = wire.send_raw(
        "GET", API + "experiments/search?max_results=1", headers={"Host": host}
    )
    assert status in {400, 403}


@pytest.mark.parametrize("order", [("127.0.0.1", "evil.example"), ("evil.example", "127.0.0.1")])
def test_two_hosts_in_one_request_are_refused(wire: Wire, order: tuple[str, str]) -> None:
    target = API + "experiments/search?max_results=1"
    # A header's name is case-insensitive, which lets one mapping hold it twice.
    status, _ = wire.send_raw(
        "GET", target, headers=dict(zip(("Host", "HOST"), order, strict=True))
    )
    assert status == 400


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:5000", "127.0.0.1", "127.0.0.1:9", "[::1]", "[::1]:80", "LocalHost"],
)
def test_the_names_of_this_machine_are_answered(wire: Wire, host: str) -> None:
    status, _ = wire.send_raw(
        "GET", API + "experiments/search?max_results=1", headers={"Host": host}
    )
    assert status == 200


HOSTILE_ORIGINS = [
    "http://evil.example", "https://evil.example", "null", "http://127.0.0.1.evil.example", "http://localhost.evil.example",
    "file://", "http://evil.example#{host}", "http://{host}@evil.example", "http://127.0.0.1:1", "http://localhost:3000",
]  # fmt: skip


@pytest.mark.parametrize("origin", HOSTILE_ORIGINS)
@pytest.mark.parametrize("verb", ["POST", "DELETE", "PUT", "PATCH"])
def test_a_page_of_another_site_changes_nothing(
    wire: Wire, run_id: str, origin: str, verb: str
) -> None:
    before = wire.run(run_id)
    host = wire.server.url.removeprefix("http://")
    headers = {"Host": host, "Origin": origin.format(host=host), "Content-Type": "application/json"}
    targets = {
        "POST": API + "runs/delete",
        "PUT": "/api/2.0/mlflow-artifacts/artifacts/x/y.txt",
        "PATCH": API + "logged-models/m-1",
        "DELETE": "/api/2.0/mlflow-artifacts/artifacts/x",
    }
    status, _ = wire.send_raw(verb, targets[verb], f'{{"run_id": "{run_id}"}}'.encode(), headers)
    assert status == 403
    assert wire.run(run_id) == before


def test_a_page_of_the_server_itself_may_change_things(wire: Wire, run_id: str) -> None:
    host = wire.server.url.removeprefix("http://")
    for headers in (
        {"Origin": f"http://{host}"},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
    ):
        wire.http.post(
            API + "runs/set-tag", json={"run_id": run_id, "key": "a", "value": "b"}, headers=headers
        ).raise_for_status()


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_the_browsers_own_word_is_heeded(wire: Wire, run_id: str, site: str) -> None:
    body = {"run_id": run_id, "key": "a", "value": "b"}
    assert (
        wire.http.post(
            API + "runs/set-tag", json=body, headers={"Sec-Fetch-Site": site}
        ).status_code
        == 403
    )


def test_every_answer_forbids_sniffing_and_framing(wire: Wire) -> None:
    for target in (
        "/health",
        "/version",
        "/api/nothing",
        API + "runs/get?run_id=0",
        API + "experiments/search?max_results=1",
    ):
        headers = wire.http.get(target).headers
        assert headers["x-content-type-options"] == "nosniff", target
        assert headers["x-frame-options"] in {"SAMEORIGIN", "DENY"}, target
        assert "access-control-allow-origin" not in headers


def test_no_cross_origin_answer_can_be_read(wire: Wire) -> None:
    response = wire.http.get(
        API + "experiments/search?max_results=1", headers={"Origin": "http://evil.example"}
    )
    assert "access-control-allow-origin" not in response.headers
    preflight = {"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}
    response = wire.http.options(API + "runs/create", headers=preflight)
    assert "access-control-allow-origin" not in response.headers
