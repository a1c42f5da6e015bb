"""What the benchmarks say to a tracking server, in MLflow's REST protocol, and count back from it."""

import http.client
import itertools
import json
import re
import time
import urllib.parse
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import load
import msgspec
import numpy as np
from peers import BenchError

API = "/api/2.0/mlflow/"
BATCH = 1_000
KEYS = [f"metric_{number:02d}" for number in range(20)]
WIDE_KEYS = [f"layer_{number:04d}/grad_norm" for number in range(BATCH)]
_FIRST_BATCH = 100_000
"""Batches are numbered from here, so that every number has the six digits that the templates leave room for."""
_PAGE = 25_000
_IDLE_S = 2.0
"""After this long a kept connection is not trusted any more: servers close theirs after 5 s."""
_HOLE = b"~~~~~~"
_STEP = re.compile(rb'"step": ?"?(-?\d+)')
_TOKEN = re.compile(rb'"next_page_token": ?"([^"]*)"')
_RUN_ID = re.compile(rb'"run_id": ?"([0-9a-f]+)"')

Curve = tuple[np.ndarray, np.ndarray]
"""Times in ms and values of a series; its steps count from 0."""


class Api:
    """A blocking client of one server over one keep-alive connection."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._http = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
        self._used_at = 0.0

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """The decoded answer; anything but 200 is a `BenchError`."""
        return json.loads(self.raw("POST", path, json.dumps(body).encode()))

    def get(self, path: str, query: Mapping[str, Any] | Sequence[tuple[str, Any]]) -> Any:
        """The decoded answer; anything but 200 is a `BenchError`."""
        return json.loads(self.raw("GET", f"{path}?{urllib.parse.urlencode(query)}"))

    def raw(self, verb: str, path: str, body: bytes | None = None) -> bytes:
        """The answer as it came; anything but 200 is a `BenchError`."""
        path = path if path.startswith("/") else API + path
        if time.perf_counter() - self._used_at > _IDLE_S:
            self._http.close()  # it opens again by itself
        self._http.request(verb, path, body, {"Content-Type": "application/json"})
        answer = self._http.getresponse()
        content = answer.read()
        self._used_at = time.perf_counter()
        if answer.status != 200:
            raise BenchError(
                f"{verb} {path}: {answer.status} {content[:500].decode(errors='replace')}"
            )
        return content

    def create_experiment(self, name: str) -> str:
        """The id of a new experiment."""
        return str(self.post("experiments/create", {"name": name})["experiment_id"])

    def create_run(self, experiment_id: str) -> str:
        """The id of a new run."""
        body = {"experiment_id": experiment_id, "start_time": now_ms(), "run_name": "bench"}
        return str(self.post("runs/create", body)["run"]["info"]["run_id"])

    def end_run(self, run_id: str) -> None:
        """Mark the run finished."""
        self.post("runs/update", {"run_id": run_id, "status": "FINISHED", "end_time": now_ms()})

    def close(self) -> None:
        """Close the connection."""
        self._http.close()


def now_ms() -> int:
    """Now, as the protocol counts time."""
    return time.time_ns() // 1_000_000


# Requests without end, one stream a connection


def log_metric_requests(run_id: str) -> Iterator[bytes]:
    """One point a request, as MLflow's client sends it; steps count up from 100,000."""
    head = (
        f'{{"run_uuid": "{run_id}", "run_id": "{run_id}", "key": "{KEYS[0]}", "value": 0.'.encode()
    )
    for step in itertools.count(_FIRST_BATCH):
        value = step * 2654435761 % 10**16
        body = b'%b%016d, "timestamp": 17000%d00, "step": %d}' % (head, value, step, step)
        yield load.request("POST", API + "runs/log-metric", body)


def log_batch_requests(run_id: str) -> Iterator[bytes]:
    """A batch of 1,000 points a request: 20 keys by 50 steps."""
    places = [(key, f"~~~~~~{step:02d}") for step in range(BATCH // len(KEYS)) for key in KEYS]
    return _batches(run_id, places)


def wide_batch_requests(run_id: str) -> Iterator[bytes]:
    """A batch of 1,000 points a request: 1,000 keys, one step."""
    return _batches(run_id, [(key, "~~~~~~") for key in WIDE_KEYS])


def curve_requests(run_id: str, curves: Mapping[str, Curve]) -> Iterator[bytes]:
    """Whole series in batches of 1,000 points, steps from 0, all keys of a step together."""
    points = len(next(iter(curves.values()))[0])
    steps_a_batch = BATCH // len(curves)
    columns = [(key, times.tolist(), values.tolist()) for key, (times, values) in curves.items()]
    for start in range(0, points, steps_a_batch):
        metrics = [
            {"key": key, "value": values[step], "timestamp": times[step], "step": step}
            for step in range(start, min(points, start + steps_a_batch))
            for key, times, values in columns
        ]
        body = msgspec.json.encode({"run_id": run_id, "metrics": metrics})
        yield load.request("POST", API + "runs/log-batch", body)


def create_run_requests(experiment_id: str) -> Iterator[bytes]:
    """A new run a request, with the tags that MLflow's client sets."""
    tags = {
        "mlflow.user": "bench",
        "mlflow.source.name": "train.py",
        "mlflow.source.type": "LOCAL",
    }
    for number in itertools.count():
        body = {
            "experiment_id": experiment_id,
            "user_id": "bench",
            "run_name": f"run-{number}",
            "start_time": 1_700_000_000_000 + number,
            "tags": [{"key": key, "value": value} for key, value in tags.items()],
        }
        yield load.request("POST", API + "runs/create", json.dumps(body).encode())


def _batches(run_id: str, places: Sequence[tuple[str, str]]) -> Iterator[bytes]:
    """Batches that differ in every step and time, stamped from eight templates: C speed at run time."""
    random = np.random.default_rng(7)
    templates = []
    for _ in range(8):
        values = 1 / (1 + random.random(len(places)) * 10)
        metrics = ", ".join(
            f'{{"key": "{key}", "value": {float(value)!r}, "timestamp": 17000{place:0<8}, "step": {place}}}'
            for (key, place), value in zip(places, values, strict=True)
        )
        templates.append(
            f'{{"run_id": "{run_id}", "metrics": [{metrics}], "params": [], "tags": []}}'.encode()
        )
    return (
        load.request(
            "POST", API + "runs/log-batch", templates[number % 8].replace(_HOLE, b"%d" % number)
        )
        for number in itertools.count(_FIRST_BATCH)
    )


def curve(points: int, seed: int) -> Curve:
    """A noisy falling loss: full-precision floats, times with jitter, ascending."""
    random = np.random.default_rng(seed)
    steps = np.arange(points)
    values = 2.0 / (1 + steps / (points / 20)) + 0.05 * random.standard_normal(points)
    times = 1_700_000_000_000 + steps * 50 + random.integers(0, 20, points)
    return times, values


# Counting back


def batch_steps(acknowledged: Iterable[int]) -> np.ndarray:
    """The steps of each key after these batches of `log_batch_requests`."""
    numbers = _FIRST_BATCH + np.fromiter(acknowledged, dtype=np.int64)
    return (numbers[:, None] * 100 + np.arange(BATCH // len(KEYS))).ravel()


def single_steps(acknowledged: Iterable[int]) -> np.ndarray:
    """The steps of the key, or of each key, after these `log_metric` or `wide_batch_requests`."""
    return _FIRST_BATCH + np.fromiter(acknowledged, dtype=np.int64)


def stored_steps(port: int, run_id: str, keys: Sequence[str]) -> list[np.ndarray]:
    """The steps of all points of each key of a run, sorted, read through ``metrics/get-history``."""
    steps: dict[str, list[np.ndarray]] = {key: [] for key in keys}
    pages = dict.fromkeys(keys, "")
    while pages:
        lane = load.Lane(
            iter([_history_page(run_id, *page) for page in pages.items()]), keep_bodies=True
        )
        load.drive(port, [lane])
        if lane.broken or set(lane.statuses) != {200}:
            raise BenchError(
                f"The history of run {run_id} could not be read: {set(lane.statuses)}."
            )
        following = {}
        for key, body in zip(pages, lane.bodies, strict=True):
            steps[key].append(np.array(_STEP.findall(body), dtype=np.int64))
            if (token := _TOKEN.search(body)) and token[1]:
                following[key] = token[1].decode()
        pages = following
    return [np.sort(np.concatenate(steps[key])) for key in keys]


def missing_and_extra(expected: np.ndarray, stored: np.ndarray) -> tuple[int, int]:
    """How many acknowledged points are not stored, and how many are stored more than once."""
    unique, counts = np.unique(stored, return_counts=True)
    return int(np.setdiff1d(expected, unique).size), int((counts - 1).sum())


def stored_runs(api: Api, experiment_id: str) -> int:
    """How many different runs the experiment has, read page by page through ``runs/search``."""
    found: set[bytes] = set()
    token = ""
    while True:
        body = {"experiment_ids": [experiment_id], "max_results": 1000}
        answer = api.raw(
            "POST",
            "runs/search",
            json.dumps(body | ({"page_token": token} if token else {})).encode(),
        )
        found.update(_RUN_ID.findall(answer))
        match = _TOKEN.search(answer)
        if not match or not match[1]:
            return len(found)
        token = match[1].decode()


def _history_page(run_id: str, key: str, token: str) -> bytes:
    query = {"run_id": run_id, "metric_key": key, "max_results": _PAGE}
    if token:
        query["page_token"] = token
    return load.request("GET", f"{API}metrics/get-history?{urllib.parse.urlencode(query)}")
