"""What a training loop pays for a logged value, beside other trackers; and how far ten million points get.

Each system runs in an environment of its own, on files of this machine: no server but where it is named.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

import peers
import report
from slow_proxy import DELAY_S, slowly

_LOOPS = Path(__file__).with_name("client_loops.py")
PEERS: Mapping[str, str] = {
    "mlflow": "mlflow==3.17.2",
    "wandb": "wandb",
    "trackio": "trackio",
    "mltraq": "mltraq",
    "aim": "aim",
    "tensorboardx": "tensorboardX",
}
_FEWER = {"mlflow": 50, "aim": 5}
"""Systems that are so slow that a share of the calls tells enough."""
_ROWS = (
    ("one p50", "log_metric, p50", "µs", 1.0),
    ("one p99", "log_metric, p99", "µs", 10.0),
    ("dict p50", "a dict of 20, p50", "µs", 15.0),
    ("empty run", "empty run, start to end", "ms", 2.0),
    ("first run", "first run in a fresh store, import included", "ms", 100.0),
    ("end", "end of the run", "ms", None),
)
_BULK = """
import json, resource, sys, time
import headrace
from headrace.stores.resolve import open_store
from headrace.wire.tracking import GetRun
points = int(sys.argv[1])
headrace.set_tracking_uri(sys.argv[2])
def rss():
    return int(open("/proc/self/status").read().partition("VmHWM:")[2].split()[0]) / 1024
values = {f"metric_{i}": 0.5 for i in range(20)}
with headrace.start_run() as run:
    headrace.log_metrics(values, step=0)
    before, begun = rss(), time.perf_counter()
    for step in range(1, points // 20):
        values["metric_0"] = step / 7
        headrace.log_metrics(values, step=step)
    logged = time.perf_counter() - begun
grown = rss() - before
begun = time.perf_counter()
found = headrace.MlflowClient().get_metric_columns(run.info.run_id, "metric_0")
taken = time.perf_counter() - begun
assert len(found[0]) == points // 20
print(json.dumps({"log": points / logged / 1e6, "take": points / taken / 1e6, "rss": grown}))
"""


_FAR = """
import json, sys, time
import headrace
points = int(sys.argv[1])
headrace.set_tracking_uri(sys.argv[2])
values = {f"metric_{i}": 0.5 for i in range(20)}
with headrace.start_run() as run:
    begun = time.perf_counter()
    for step in range(points // 20):
        values["metric_0"] = step / 7
        headrace.log_metrics(values, step=step)
taken = time.perf_counter() - begun
found = headrace.MlflowClient().get_metric_columns(run.info.run_id, "metric_0")
assert len(found[0]) == points // 20
print(json.dumps({"rate": points / taken / 1e6}))
"""
_STEPS = """
import json, sys, time
import headrace
def work():
    total = 0
    for i in range(size):
        total += i * i
    return total
size = 1_000
begun = time.perf_counter()
for _ in range(200):
    work()
size = int(size * 1e-3 / ((time.perf_counter() - begun) / 200))
def loop(log):
    begun = time.perf_counter()
    for step in range(500):
        work()
        log(step)
    return time.perf_counter() - begun
values = {f"metric_{i}": 0.5 for i in range(10)}
headrace.set_tracking_uri(sys.argv[1])
headrace.start_run()
loop(lambda step: headrace.log_metrics(values, step=step))
ratios = []
for number in range(1, 26):
    without = loop(lambda step: None)
    with_it = loop(lambda step: headrace.log_metrics(values, step=number * 500 + step))
    ratios.append(with_it / without)
print(json.dumps({"slower": (sorted(ratios)[12] - 1) * 100}), flush=True)
headrace.end_run()
"""


def loops(system: str, python: Path, calls: int) -> dict[str, float]:
    """The figures of one system."""
    with tempfile.TemporaryDirectory(prefix=f"bench-{system}-") as folder:
        inherited = {
            k: v for k, v in os.environ.items() if not k.startswith(("MLFLOW_", "HEADRACE_"))
        }
        done = subprocess.run(
            [str(python), str(_LOOPS), system, folder, str(calls // _FEWER.get(system, 1))],
            env=inherited | {"HEADRACE_SPOOL": f"{folder}/spool", "WANDB_SILENT": "true"},
            capture_output=True, text=True, check=False, cwd=folder,
        )  # fmt: skip
    if done.returncode:
        raise peers.BenchError(f"{system}:\n{done.stderr[-3000:]}")
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def bulk(points: int) -> dict[str, float]:
    """Many points from one process into the embedded store."""
    return _said(_BULK, str(points), "store")


def over_http(points: int) -> float:
    """Millions of points a second from one process into one server, all of them acknowledged."""
    with peers.running(report.OURS, "sqlite") as server:
        return _said(_FAR, str(points), server.url)["rate"]


def slower(server: str) -> float:
    """By how many percent a loop of 1 ms steps is slower for logging ten metrics a step."""
    with ExitStack() as stack:
        if server in ("up", "slow"):
            url = stack.enter_context(peers.running(report.OURS, "sqlite")).url
            if server == "slow":
                url = stack.enter_context(slowly(url))
        else:
            listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            if server == "away":
                listener.close()
        return _said(_STEPS, url)["slower"]


def _said(program: str, *arguments: str) -> dict[str, float]:
    """What a program of ours prints."""
    with tempfile.TemporaryDirectory(prefix="bench-client-") as folder:
        settings = {"HEADRACE_SPOOL": f"{folder}/spool", "HEADRACE_FLUSH_TIMEOUT": "300"}
        if program is _STEPS:
            settings["HEADRACE_FLUSH_TIMEOUT"] = "1"
        done = subprocess.run(
            [sys.executable, "-c", program, *arguments],
            env=os.environ | settings, cwd=folder, capture_output=True, text=True, check=True,
        )  # fmt: skip
    (said,) = [line for line in done.stdout.splitlines() if line.startswith("{")]
    figures: dict[str, float] = json.loads(said)
    return figures


def python_of(system: str) -> Path:
    """The interpreter that has it."""
    if system == report.OURS:
        return Path(sys.executable)
    folder = peers.ENVIRONMENTS / f"client-{system}"
    stamp = folder / "requirements.txt"
    if not stamp.exists() or stamp.read_text() != PEERS[system]:
        peers.create_environment(folder, [PEERS[system]])
        stamp.write_text(PEERS[system])
    return folder / "bin" / "python"


def run(options: argparse.Namespace) -> report.Table:
    """Measure all."""
    measured, remarks = {}, []
    for system in options.systems:
        try:
            measured[system] = loops(system, python_of(system), options.calls)
        except peers.BenchError as error:
            remarks.append(f"{system} could not be measured: {str(error).strip().splitlines()[-1]}")
    rows = [
        report.Row(what, unit, "less", {s: figures[key] for s, figures in measured.items()}, target)
        for key, what, unit, target in _ROWS
    ]
    many = bulk(options.points)
    millions = options.points / 1e6
    rows += [
        report.Row(f"{millions:g} M points logged, dicts of 20", "M points/s", "more", {report.OURS: many["log"]}),
        report.Row("taken into the embedded store by its first reader", "M points/s", "more", {report.OURS: many["take"]}),
        report.Row("both, one after the other", "M points/s", "more", {report.OURS: 1 / (1 / many["log"] + 1 / many["take"])}, 1.5),
        report.Row("growth of memory meanwhile", "MB", "less", {report.OURS: many["rss"]}, 100),
    ]  # fmt: skip
    rows.append(report.Row(
        f"{millions:g} M points into one server over HTTP, end to end", "M points/s", "more",
        {report.OURS: over_http(options.points)}, 1.0,
    ))  # fmt: skip
    rows += [
        report.Row(
            f"steps of 1 ms with ten metrics each, server {state}: slower by", "%", "less",
            {report.OURS: slower(state)}, 1.0,
        )
        for state in ("up", "slow", "hung", "away")
    ]  # fmt: skip
    remarks += [
        "The steps of 1 ms are computed in Python, which shares its lock with the thread that sends; the "
        "median of 25 pairs of loops of 500 steps, one without and one with logging.",
        f"A slow server answers {DELAY_S:g} s late; a hung one takes connections and says nothing.",
        "When a call returns, headrace's point is in a journal in the page cache: a killed process loses nothing. "
        "mlflow's is in the database; wandb's in another process; trackio's, mltraq's and tensorboardX's in memory.",
        "The first run of headrace needs no database; its first reader makes it, and takes in what the journals "
        "hold.",
    ]
    command = f"python benchmarks/client.py --calls {options.calls} --points {options.points}"
    return report.Table("B-client", "B. A call in the training loop", command, rows, remarks)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    names = (report.OURS, *PEERS)
    parser.add_argument("--systems", nargs="+", choices=names, default=list(names))
    parser.add_argument("--calls", type=int, default=100_000)
    parser.add_argument("--points", type=int, default=10_000_000)
    parser.add_argument("--json", type=Path, help="a folder that keeps the table for run_all.py")
    options = parser.parse_args()
    report.publish(run(options), options.json)


if __name__ == "__main__":
    main()
