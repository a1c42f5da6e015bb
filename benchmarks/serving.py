"""Requests a second for a model behind HTTP, beside what else one serves models with.

One worker each, the same logistic regression of 20 features, one row or 1,000 rows a request, over 1 and over 32
connections; and the time from starting the server to its first prediction.
"""

import argparse
import itertools
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import load
import numpy as np
import peers
import report

sys.path.insert(0, str(peers.ROOT / "tests"))
from environments import models

ENDPOINTS = Path(__file__).with_name("endpoints")
FEATURES = 20
CASES = ((1, 1), (1, 32), (1000, 1), (1000, 32))
TARGETS = {(1, 1): 3500, (1, 32): 9000, (1000, 1): 600, (1000, 32): 800}
_SAVE = """
import sys
sys.path.insert(0, sys.argv[1])
import pandas, headrace.sklearn
from model import FEATURES, fitted
from sklearn.datasets import make_classification
names = [f"c{i}" for i in range(FEATURES)]
x, y = make_classification(2000, FEATURES, random_state=0)
data = pandas.DataFrame(x, columns=names)
model = type(fitted())().fit(data, y)
headrace.sklearn.save_model(model, sys.argv[2], input_example=data.head(3))
"""
Rows = list[list[float]]


class System(NamedTuple):
    """How something is started on a port, and asked."""

    command: Callable[[Path, int], list[str]]
    path: str
    body: Callable[[Rows], object]


def _split(rows: Rows) -> object:
    columns = [f"c{number}" for number in range(FEATURES)]
    return {"dataframe_split": {"columns": columns, "data": rows}}


def _plain(rows: Rows) -> object:
    return {"rows": rows}


def _v2(rows: Rows) -> object:
    flat = [value for row in rows for value in row]
    shape = [len(rows), FEATURES]
    return {"inputs": [{"name": "rows", "shape": shape, "datatype": "FP64", "data": flat}]}


def _program(name: str) -> str:
    return str(models.python().with_name(name))


def _ours(model: Path, port: int) -> list[str]:
    return [_program("headrace"), "models", "serve", "-m", str(model), "-p", str(port)]


def _mlflow(model: Path, port: int) -> list[str]:
    options = ["--env-manager", "local", "-p", str(port), "-w", "1"]
    return [_program("mlflow"), "models", "serve", "-m", str(model), *options]


def _uvicorn(module: str) -> Callable[[Path, int], list[str]]:
    def command(_model: Path, port: int) -> list[str]:
        python = str(peers.environment("fastapi") / "bin" / "python")
        return [
            python,
            "-m",
            "uvicorn",
            f"{module}:app",
            "--port",
            str(port),
            "--log-level",
            "warning",
        ]

    return command


def _bentoml(_model: Path, port: int) -> list[str]:
    program = str(peers.environment("bentoml") / "bin" / "bentoml")
    return [program, "serve", "by_bentoml:Classifier", "--port", str(port), "--host", "127.0.0.1"]


def _mlserver(model: Path, port: int) -> list[str]:
    """In process: its own workers would pass each request on to another."""
    folder = model.parent / "mlserver"
    folder.mkdir(exist_ok=True)
    ports = {"http_port": port, "grpc_port": peers.free_port(), "metrics_port": peers.free_port()}
    server = {"host": "127.0.0.1", "parallel_workers": 0, "debug": False, **ports}
    (folder / "settings.json").write_text(json.dumps(server))
    runtime = {"name": "classifier", "implementation": "by_mlserver.Classifier"}
    (folder / "model-settings.json").write_text(json.dumps(runtime))
    return [str(peers.environment("mlserver") / "bin" / "mlserver"), "start", str(folder)]


SYSTEMS: Mapping[str, System] = {
    report.OURS: System(_ours, "/invocations", _split),
    "mlflow": System(_mlflow, "/invocations", _split),
    "bentoml": System(_bentoml, "/invocations", _plain),
    "mlserver": System(_mlserver, "/v2/models/classifier/infer", _v2),
    "fastapi": System(_uvicorn("by_fastapi"), "/invocations", _plain),
    "fastapi+msgspec": System(_uvicorn("by_msgspec"), "/invocations", _plain),
}


@contextmanager
def serving(system: System, model: Path) -> Iterator[tuple[int, float]]:
    """The port of a server that predicts, and the seconds that it took until it did."""
    port = peers.free_port()
    command = system.command(model, port)
    path = f"{Path(command[0]).parent}{os.pathsep}{os.environ['PATH']}"
    surroundings = {**os.environ, "PYTHONPATH": str(ENDPOINTS), "PATH": path}
    log = model.parent / "server.log"
    began = time.perf_counter()
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env=surroundings, cwd=model.parent, stdout=output, stderr=output, start_new_session=True
        )  # fmt: skip
    try:
        while not _predicts(system, port):
            if process.poll() is not None or time.perf_counter() > began + 120:
                raise peers.BenchError(f"{command[0]} did not predict:\n{log.read_text()[-4000:]}")
            time.sleep(0.01)
        yield port, time.perf_counter() - began
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _request(system: System, rows: int) -> bytes:
    values = np.random.default_rng(rows).normal(size=(rows, FEATURES)).round(6).tolist()
    return load.request("POST", system.path, json.dumps(system.body(values)).encode())


def _predicts(system: System, port: int) -> bool:
    lane = load.Lane(iter([_request(system, 1)]))
    try:
        return load.drive(port, [lane]).acknowledged == 1
    except OSError:
        return False


def measure(
    name: str, model: Path, seconds: float
) -> tuple[float, dict[tuple[int, int], load.Load]]:
    """Seconds to the first prediction, and a load a case."""
    system, found = SYSTEMS[name], {}
    with serving(system, model) as (port, started):
        for rows, connections in CASES:
            message = _request(system, rows)
            for length in (min(1.0, seconds), seconds):  # the first only warms up
                lanes = [load.Lane(itertools.repeat(message)) for _ in range(connections)]
                found[rows, connections] = load.drive(port, lanes, length)
            one = found[rows, connections]
            if one.refused or one.broken:
                raise peers.BenchError(f"{name} refused {one.refused} requests of {rows} rows.")
            print(f"{name}, {rows} rows, {connections} connections: {one.rate:,.0f}/s", flush=True)
    return started, found


def _percentiles(one: load.Load) -> str:
    times = np.array([value for lane in one.lanes for value in lane.latencies_s]) * 1000
    middle, late = np.percentile(times, [50, 99])
    return f"{middle:.2g} / {late:.2g} ms"


def run(options: argparse.Namespace) -> report.Table:
    """The whole table."""
    with tempfile.TemporaryDirectory(prefix="bench-serving-") as folder:
        model = Path(folder) / "model"
        command = [str(models.python()), "-W", "ignore", "-c", _SAVE, str(ENDPOINTS), str(model)]
        subprocess.run(command, check=True, cwd=folder)
        found = {name: measure(name, model, options.seconds) for name in options.systems}
    rows = []
    for case in CASES:
        what = f"{case[0]:,} row{'s' if case[0] > 1 else ''}, {case[1]} connection{'s' if case[1] > 1 else ''}"
        rates = {name: loads[case].rate for name, (_, loads) in found.items()}
        notes = {name: _percentiles(loads[case]) for name, (_, loads) in found.items()}
        rows.append(report.Row(what, "requests/s", "more", rates, TARGETS[case], notes))
    started = {name: seconds for name, (seconds, _) in found.items()}
    rows.append(report.Row("start to first prediction", "s", "less", started, 2.0))
    remarks = [
        "One worker each; beside the figures the median and the 99th percentile of a request's time.",
        "The hand-written endpoints check no signature: they make an array of whatever comes.",
    ]
    return report.Table("E-serving", "E. Scoring", "python benchmarks/serving.py", rows, remarks)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--systems", nargs="+", choices=SYSTEMS, default=list(SYSTEMS))
    parser.add_argument("--json", type=Path, help="a folder that keeps the table for run_all.py")
    options = parser.parse_args()
    report.publish(run(options), options.json)


if __name__ == "__main__":
    main()
