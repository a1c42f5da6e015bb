"""Malformed and extreme requests: the right refusal, nothing changed, nothing worse."""

import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

from wire.conformance.asking import AJAX, API, Wire

LIMIT_OF_GROWTH = 200 * 2**20
JSON = "application/json"
INVALID = "INVALID_PARAMETER_VALUE"
MISSING = "RESOURCE_DOES_NOT_EXIST"
NOBODY = "0123456789abcdef0123456789abcdef"


class Case(NamedTuple):
    """A request, and how it must be refused. ``RUN`` and ``EXPERIMENT`` stand for real ids."""

    name: str
    path: str
    body: Any = None
    status: int = 400
    code: str = INVALID
    verb: str = "POST"
    raw: Callable[[], bytes] | None = None
    headers: dict[str, str] = {}  # noqa: RUF012 (never written to)


def metrics(*change: dict[str, Any]) -> dict[str, Any]:
    """A batch whose first metric is good."""
    good = {"key": "good", "value": 1.0, "timestamp": 1, "step": 0}
    return {"run_id": "RUN", "metrics": [good, *({**good, **part} for part in change)]}


def metric(**change: Any) -> dict[str, Any]:
    return {"run_id": "RUN", "key": "m", "value": 1.0, "timestamp": 1, "step": 0, **change}


def raw(name: str, make: Callable[[], bytes], status: int = 400, **more: Any) -> Case:
    return Case(
        f"body: {name}", more.pop("path", "runs/log-batch"), raw=make, status=status, **more
    )


MALFORMED = [
    raw("empty", lambda: b""),
    raw("blank", lambda: b"   \n"),
    raw("cut off", lambda: b'{"run_id": "RUN", "metrics": [{"key":'),
    raw("not JSON", lambda: b"run_id=RUN"),
    raw("an array", lambda: b'[{"run_id": "RUN"}]'),
    raw("a string", lambda: b'"hello"'),
    raw("a number", lambda: b"17"),
    raw("null", lambda: b"null"),
    raw("true", lambda: b"true"),
    raw("two objects", lambda: b'{"run_id": "RUN"}{"run_id": "RUN"}'),
    raw("trailing comma", lambda: b'{"run_id": "RUN",}'),
    raw("single quotes", lambda: b"{'run_id': 'RUN'}"),
    raw("a comment", lambda: b'{"run_id": "RUN" /* who */, "metrics": []}'),
    raw("a byte order mark", lambda: b'\xef\xbb\xbf{"run_id": "RUN"}'),
    raw("UTF-16", lambda: '{"run_id": "RUN"}'.encode("utf-16")),
    raw("bytes that are no UTF-8", lambda: b'{"run_id": "RUN", "tags": [{"key": "t", "value": "\xff\xfe"}]}'),
    raw("overlong UTF-8", lambda: b'{"run_id": "RUN", "tags": [{"key": "t", "value": "\xc0\xaf"}]}'),
    raw("NUL bytes", lambda: b'{"run_id": "RUN\x00"}'),
    raw("a raw control character", lambda: b'{"run_id": "RUN", "tags": [{"key": "t", "value": "a\x01b"}]}'),
    raw("half a surrogate pair", lambda: b'{"run_id": "RUN", "tags": [{"key": "t", "value": "\\ud800"}]}'),
    raw("an escaped NUL", lambda: b'{"run_id": "RUN", "tags": [{"key": "t", "value": "a\\u0000b"}]}'),
    raw("bare NaN", lambda: json.dumps(metric(value=float("nan"))).encode(), path="runs/log-metric"),
    raw("bare Infinity", lambda: json.dumps(metric(value=float("inf"))).encode(), path="runs/log-metric"),
    raw("nested arrays", lambda: b'{"run_id": "RUN", "metrics": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
    raw("nested objects", lambda: b'{"a":' * 100_000 + b"1" + b"}" * 100_000),
    raw("a string in strings", lambda: json.dumps(json.dumps(json.dumps({"run_id": "RUN"}))).encode()),
    raw("a number of a million digits", lambda: b'{"run_id": "RUN", "metrics": [{"key": "m", "value": 1, "timestamp": ' + b"9" * 10**6 + b"}]}"),
    raw("an exponent out of range", lambda: b'{"run_id": "RUN", "metrics": [{"key": "m", "value": 1e999999, "timestamp": 1, "step": 1.5}]}'),
]  # fmt: skip

TYPES = [
    Case("run_id is a number", "runs/log-batch", {"run_id": 5}),
    Case("run_id is an object", "runs/log-metric", metric(run_id={"a": 1})),
    Case("run_id is a list", "runs/delete", {"run_id": ["RUN"]}),
    Case("metrics is an object", "runs/log-batch", {"run_id": "RUN", "metrics": {"key": "m"}}),
    Case("metrics is a string", "runs/log-batch", {"run_id": "RUN", "metrics": "many"}),
    Case("a metric is a number", "runs/log-batch", {"run_id": "RUN", "metrics": [5]}),
    Case("a metric is null", "runs/log-batch", {"run_id": "RUN", "metrics": [None]}),
    Case("a param is a list", "runs/log-batch", {"run_id": "RUN", "params": [["k", "v"]]}),
    Case("a value is a word", "runs/log-metric", metric(value="high")),
    Case("a value is empty", "runs/log-metric", metric(value="")),
    Case("a value is a list", "runs/log-metric", metric(value=[1])),
    Case("a value is null", "runs/log-metric", metric(value=None)),
    Case("a value in a batch is a word", "runs/log-batch", metrics({"value": "high"})),
    Case("a time is a word", "runs/log-metric", metric(timestamp="now")),
    Case("a time is a fraction", "runs/log-metric", metric(timestamp=1.5)),
    Case("a time is past 64 bits", "runs/log-metric", metric(timestamp=2**63)),
    Case("a time is before 1970", "runs/log-metric", metric(timestamp=-1)),
    Case("a step is a fraction", "runs/log-metric", metric(step=0.5)),
    Case("a step is past 64 bits", "runs/log-metric", metric(step=-(2**63) - 1)),
    Case("a step in a batch is past 64 bits", "runs/log-batch", metrics({"step": 10**30})),
    Case("a key is a number", "runs/log-metric", metric(key=5)),
    Case("a name is a list", "experiments/create", {"name": ["a"]}),
    Case("tags are an object", "experiments/create", {"name": "tags-object", "tags": {"a": "b"}}),
    Case(
        "a status is unknown",
        "runs/update",
        {"run_id": "RUN", "status": "BOGUS", "run_name": "changed"},
    ),
    Case(
        "a status is out of range",
        "runs/update",
        {"run_id": "RUN", "status": 99, "run_name": "changed"},
    ),
    Case("ids are a string", "runs/search", {"experiment_ids": "EXPERIMENT"}),
    Case(
        "an order is a string",
        "runs/search",
        {"experiment_ids": ["EXPERIMENT"], "order_by": "start_time"},
    ),
    Case(
        "a page size is a word",
        "runs/search",
        {"experiment_ids": ["EXPERIMENT"], "max_results": "all"},
    ),
    Case(
        "a page size is huge",
        "runs/search",
        {"experiment_ids": ["EXPERIMENT"], "max_results": 10**20},
    ),
]

MISSING_FIELDS = [
    Case("no run", "runs/log-metric", {"key": "m", "value": 1, "timestamp": 1}),
    Case("no key", "runs/log-metric", {"run_id": "RUN", "value": 1, "timestamp": 1}),
    Case("no value", "runs/log-metric", {"run_id": "RUN", "key": "m", "timestamp": 1}),
    Case("no time", "runs/log-metric", {"run_id": "RUN", "key": "m", "value": 1}),
    Case("no key of a param", "runs/log-parameter", {"run_id": "RUN", "value": "1"}),
    Case("no key of a tag", "runs/set-tag", {"run_id": "RUN", "value": "1"}),
    Case(
        "no time in a batch",
        "runs/log-batch",
        {"run_id": "RUN", "metrics": [{"key": "m", "value": 1}]},
    ),
    Case("no key in a batch", "runs/log-batch", {"run_id": "RUN", "tags": [{"value": "1"}]}),
    Case("no name", "experiments/create", {"tags": []}),
    Case("no new name", "experiments/update", {"experiment_id": "EXPERIMENT"}),
    Case("no status", "logged-models/m-1", {"model_id": "m-1"}, verb="PATCH"),
]

SIZES = [
    Case("a long key", "runs/log-metric", metric(key="k" * 251)),
    Case("a very long key", "runs/log-parameter", {"run_id": "RUN", "key": "k" * 10**6, "value": "v"}),
    Case("a value over a megabyte", "runs/log-parameter", {"run_id": "RUN", "key": "p", "value": "v" * (2**20 + 1)}),
    Case("a tag over a megabyte", "runs/set-tag", {"run_id": "RUN", "key": "p", "value": "ä" * 2**20}),
    Case("a long experiment", "experiments/create", {"name": "n" * 501}),
    Case("a long tag of an experiment", "experiments/set-experiment-tag", {"experiment_id": "EXPERIMENT", "key": "a", "value": "v" * 20_001}),
    Case("a long location", "experiments/create", {"name": "long-location", "artifact_location": "mlflow-artifacts:/" + "a" * 2_048}),
    Case("1,001 metrics", "runs/log-batch", metrics(*({"step": n} for n in range(1_000)))),
    Case("101 params", "runs/log-batch", {"run_id": "RUN", "params": [{"key": f"p{n}", "value": "v"} for n in range(101)]}),
    Case("101 tags", "runs/log-batch", {"run_id": "RUN", "tags": [{"key": f"t{n}", "value": "v"} for n in range(101)]}),
    Case("1,001 items", "runs/log-batch", {**metrics(*({"step": n} for n in range(950))), "params": [{"key": f"p{n}", "value": "v"} for n in range(51)]}),
    Case("100,000 metrics", "runs/log-batch", metrics(*({"step": n} for n in range(100_000)))),
    Case("a long dataset", "runs/log-inputs", {"run_id": "RUN", "datasets": [{"dataset": {"name": "n" * 501, "digest": "d"}}]}),
    Case("a long digest", "runs/log-inputs", {"run_id": "RUN", "datasets": [{"dataset": {"name": "n", "digest": "d" * 37}}]}),
    Case("a long context", "runs/log-inputs", {"run_id": "RUN", "datasets": [{"dataset": {"name": "n", "digest": "d"}, "tags": [{"key": "k", "value": "v" * 501}]}]}),
    Case("50,001 runs", "runs/search", {"experiment_ids": ["EXPERIMENT"], "max_results": 50_001}),
    Case("no runs", "runs/search", {"experiment_ids": ["EXPERIMENT"], "max_results": 0}),
    Case("fewer than no runs", "runs/search", {"experiment_ids": ["EXPERIMENT"], "max_results": -1}),
    Case("21 experiments of datasets", AJAX + "experiments/search-datasets", {"experiment_ids": [str(n) for n in range(21)]}),
    raw("40 megabytes", lambda: b'{"run_id": "RUN", "tags": [{"key": "t", "value": "' + b"v" * (40 * 2**20) + b'"}]}', status=413),
    raw("40 megabytes of blanks", lambda: b" " * (40 * 2**20), status=413),
    raw("gzip", lambda: gzip.compress(b'{"run_id": "RUN"}'), headers={"Content-Encoding": "gzip"}),
    raw("a bomb of gzip", lambda: gzip.compress(b" " * 2**28, 9), headers={"Content-Encoding": "gzip"}),
    raw("a bomb of deflate", lambda: zlib.compress(b" " * 2**28, 9), headers={"Content-Encoding": "deflate"}),
]  # fmt: skip

NAMES = [
    *(Case(f"key {key!r}", "runs/log-metric", metric(key=key)) for key in
      ("", "/a", "a/", "a//b", ".", "..", "./a", "../a", "a/..", "a/./b", "a\nb", "a\n", "a\tb", "a\\b", "a@b", "a#b", "a?b", "a*b", "😀", "a\u202eb", "a,b")),
    *(Case(f"tag {key!r}", "runs/set-tag", {"run_id": "RUN", "key": key, "value": "v"}) for key in ("", "../a", "a#b")),
    *(Case(f"param {key!r}", "runs/log-parameter", {"run_id": "RUN", "key": key, "value": "v"}) for key in ("", "../a", "a#b")),
    *(Case(f"experiment {name!r}", "experiments/create", {"name": name}) for name in ("", "   ", "a\0b")),
    *(Case(f"location {where!r}", "experiments/create", {"name": f"at {where}", "artifact_location": where}) for where in
      ("http://example.org/a", "https://example.org/a", "ftp://h/a", "runs:/a/b", "mlflow-artifacts:/a#b", "mlflow-artifacts:/a?b", "s3://b/a;x",
       "mlflow-artifacts:/../../etc", "mlflow-artifacts:/a/../../etc", "mlflow-artifacts:/%2e%2e/etc", "file:///etc", "/etc", "../../etc", "mlflow-artifacts://evil.example/a")),
    *(Case(f"model {name!r}", "logged-models", {"experiment_id": "EXPERIMENT", "name": name}) for name in ("a/b", "a:b", "a.b", "a%b", 'a"b', "a'b")),
    *(Case(f"experiment id {given!r}", "experiments/get?experiment_id=" + given, verb="GET") for given in ("abc", "1.5", "1e3", "0x10", "%00", "1%3B2")),
    Case("experiment id in a search", "runs/search", {"experiment_ids": ["abc"]}),
    Case("two run names", "runs/create", {"experiment_id": "EXPERIMENT", "run_name": "a", "tags": [{"key": "mlflow.runName", "value": "b"}]}),
    Case("a param twice", "runs/log-batch", {"run_id": "RUN", "params": [{"key": "p", "value": "1"}, {"key": "p", "value": "1"}]}),
    Case("a run id of dots", "runs/log-batch", {"run_id": "../../etc", "metrics": []}),
]  # fmt: skip

FILTERS = [
    Case(f"filter {text[:40]!r}", "runs/search", {"experiment_ids": ["EXPERIMENT"], "filter": text}) for text in
    ("metrics.a", "metrics.a >", "> 1", "metrics.a = 'x'", "metrics.a == 1", "params.a = 1 2", "bogus.a = 'x'", "attributes.bogus = 'x'",
     "status = FINISHED", "a; DROP TABLE runs", "metrics.a = 1; metrics.b = 2", "params.a = 'x", 'params.a = "x', "params.`a = 'x'", "   ", "(", ")",
     "run_id IN ()", "start_time = 'x'", "tags.a ~ 'x'", "metrics.a = 1 -- x", "\0", "(" * 5_000 + "metrics.a = 1" + ")" * 5_000, "NOT " * 20_000 + "metrics.a = 1",
     " AND ".join(["metrics.a = 1"] * 100_000), "params.a = '" + "x" * 10**6)
] + [
    Case(f"order {text[:40]!r}", "runs/search", {"experiment_ids": ["EXPERIMENT"], "order_by": [text]}) for text in
    ("bogus", "metrics.a UP", "metrics.a, metrics.b", "dataset.name", "(select 1)", "start_time; drop", "", "`")
] + [
    Case("a token of garbage", "runs/search", {"experiment_ids": ["EXPERIMENT"], "page_token": "garbage"}),
    Case("a token of nothing", "runs/search", {"experiment_ids": ["EXPERIMENT"], "page_token": "eyJvZmZzZXQiOiAwfQ=="}),
    Case("a token before the start", "runs/search", {"experiment_ids": ["EXPERIMENT"], "page_token": "eyJvZmZzZXQiOiAtNX0="}),
    Case("a token of an array", "runs/search", {"experiment_ids": ["EXPERIMENT"], "page_token": "WzFd"}),
    Case("an experiment filter", "experiments/search", {"max_results": 5, "filter": "metrics.a = 1"}),
    Case("an experiment order", "experiments/search", {"max_results": 5, "order_by": ["bogus"]}),
    Case("a model filter", "logged-models/search", {"experiment_ids": ["EXPERIMENT"], "filter": "name ~ 'a'"}),
    Case("a model filter of nothing known", "logged-models/search", {"experiment_ids": ["EXPERIMENT"], "filter": "bogus = 'a'"}),
    Case("a model token", "logged-models/search", {"experiment_ids": ["EXPERIMENT"], "page_token": "garbage"}),
    Case("a model's dataset without a name", "logged-models/search", {"experiment_ids": ["EXPERIMENT"], "datasets": [{"dataset_digest": "d"}]}),
]  # fmt: skip

UNKNOWN = [
    Case("run: get", f"runs/get?run_id={NOBODY}", None, 404, MISSING, "GET"),
    Case("run: update", "runs/update", {"run_id": NOBODY, "run_name": "x"}, 404, MISSING),
    Case("run: delete", "runs/delete", {"run_id": NOBODY}, 404, MISSING),
    Case("run: restore", "runs/restore", {"run_id": NOBODY}, 404, MISSING),
    Case("run: metric", "runs/log-metric", metric(run_id=NOBODY), 404, MISSING),
    Case("run: param", "runs/log-parameter", {"run_id": NOBODY, "key": "a", "value": "b"}, 404, MISSING),
    Case("run: tag", "runs/set-tag", {"run_id": NOBODY, "key": "a", "value": "b"}, 404, MISSING),
    Case("run: untag", "runs/delete-tag", {"run_id": NOBODY, "key": "a"}, 404, MISSING),
    Case("run: batch", "runs/log-batch", {"run_id": NOBODY, "tags": [{"key": "a", "value": "b"}]}, 404, MISSING),
    Case("run: inputs", "runs/log-inputs", {"run_id": NOBODY, "datasets": [{"dataset": {"name": "n", "digest": "d"}}]}, 404, MISSING),
    Case("run: files", f"artifacts/list?run_id={NOBODY}", None, 404, MISSING, "GET"),
    Case("run with odd characters", "runs/get?run_id=%27%20OR%201%3D1", None, 404, MISSING, "GET"),
    Case("tag: delete", "runs/delete-tag", {"run_id": "RUN", "key": "none"}, 404, MISSING),
    Case("experiment: get", "experiments/get?experiment_id=987654321", None, 404, MISSING, "GET"),
    Case("experiment: huge", "experiments/get?experiment_id=" + "9" * 25, None, 404, MISSING, "GET"),
    Case("experiment: by name", "experiments/get-by-name?experiment_name=nobody", None, 404, MISSING, "GET"),
    Case("experiment: delete", "experiments/delete", {"experiment_id": "987654321"}, 404, MISSING),
    Case("experiment: restore", "experiments/restore", {"experiment_id": "EXPERIMENT"}, 404, MISSING),
    Case("experiment: run", "runs/create", {"experiment_id": "987654321"}, 404, MISSING),
    Case("model: get", "logged-models/m-" + "0" * 32, None, 404, MISSING, "GET"),
    Case("model: finalize", "logged-models/m-0", {"model_id": "m-0", "status": "LOGGED_MODEL_READY"}, 404, MISSING, "PATCH"),
    Case("model: tags", "logged-models/m-0/tags", {"model_id": "m-0", "tags": [{"key": "a", "value": "b"}]}, 404, MISSING, "PATCH"),
    Case("model: untag", "logged-models/m-0/tags/a", None, 404, MISSING, "DELETE"),
    Case("model: delete", "logged-models/m-0", None, 404, MISSING, "DELETE"),
    Case("model: params", "logged-models/m-0/params", {"model_id": "m-0", "params": [{"key": "a", "value": "b"}]}, 404, MISSING),
]  # fmt: skip

CASES = [*MALFORMED, *TYPES, *MISSING_FIELDS, *SIZES, *NAMES, *FILTERS, *UNKNOWN]


@pytest.fixture(scope="module")
def target(wire: Wire) -> dict[str, str]:
    """A run with something in it, which every refused request leaves as it is."""
    experiment_id = wire.answer("experiments/create", {"name": "refusals"})["experiment_id"]
    run_id = wire.answer("runs/create", {"experiment_id": experiment_id, "start_time": 1})["run"][
        "info"
    ]["run_id"]
    wire.answer(
        "runs/log-batch", {**metrics(), "run_id": run_id, "params": [{"key": "kept", "value": "1"}]}
    )
    return {"RUN": run_id, "EXPERIMENT": experiment_id}


@pytest.fixture(scope="module", autouse=True)
def nothing_changed(wire: Wire, target: dict[str, str]) -> Iterator[None]:
    """After all refusals of this module the store is as it was, and the server has not grown."""
    before, memory = wire.snapshot(), wire.server.memory()
    yield
    assert wire.snapshot() == before
    assert wire.server.memory() - memory < LIMIT_OF_GROWTH
    assert wire.server.process.poll() is None
    assert "Traceback" not in wire.server.log.read_text()


def send(wire: Wire, case: Case, target: dict[str, str]) -> tuple[int, Any]:
    body = None
    if case.raw is not None:
        body = case.raw()
    elif case.body is not None:
        body = json.dumps(case.body).encode()
    path = case.path
    for word, value in target.items():
        path = path.replace(word, value)
        body = body and body.replace(word.encode(), value.encode())
    headers = {"Content-Type": JSON, **case.headers}
    response = wire.http.request(
        case.verb, path if path.startswith("/") else API + path, content=body, headers=headers
    )
    return response.status_code, response


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_it_is_refused(wire: Wire, target: dict[str, str], case: Case) -> None:
    status, response = send(wire, case, target)
    assert status == case.status, response.text[:1000]
    assert response.headers["content-type"].startswith(JSON)
    body = response.json()
    assert body["error_code"] == case.code, body
    assert body["message"]
    assert len(response.content) < 20_000  # what was sent is not sent back whole


def test_a_refused_request_leaves_its_run_as_it_was(wire: Wire, target: dict[str, str]) -> None:
    before = wire.run(target["RUN"])
    for case in CASES:
        if "RUN" in json.dumps(case.body):
            send(wire, case, target)
            assert wire.run(target["RUN"]) == before, case.name


def test_a_body_that_never_ends_is_cut_off(wire: Wire) -> None:
    def blanks() -> Iterator[bytes]:
        for _ in range(64):
            yield b" " * 2**20

    response = wire.http.post(
        API + "runs/log-batch", content=blanks(), headers={"Content-Type": JSON}
    )
    assert response.status_code == 413
    assert response.json()["error_code"] == INVALID
