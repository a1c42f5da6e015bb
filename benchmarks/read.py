"""How long searching and reading take, with many runs and with long series.

Peers read from databases filled by their own schema (seed_peers.py), Headrace from one filled by
seed_runs.py and kept (under .cache/, and in PostgreSQL as bench_runs_*); series reach Headrace through ``log-batch``. The systems take turns on each question.
"""

import argparse
import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import repeat
from pathlib import Path

import load
import peers
import report
import seed_peers
import tracking

CHART_RUNS = 10
CHART_POINTS = 1_000
_SHORT = 100_000
"""Points of the shorter series."""
_BUDGET_S = 4.0
"""What one question may take on one system; slow systems are asked less often."""
_HERE = Path(__file__).parent

TO_PANDAS = """
import sys, time, mlflow
mlflow.set_tracking_uri(sys.argv[1])
for _ in range(int(sys.argv[3])):
    start = time.perf_counter()
    frame = mlflow.search_runs([sys.argv[2]], max_results=10_000)
    print((time.perf_counter() - start) * 1e3, len(frame))
"""
TO_NUMPY = """
import sys, time, headrace
client = headrace.MlflowClient(sys.argv[1])
for _ in range(int(sys.argv[3])):
    start = time.perf_counter()
    columns = client.get_metric_columns(sys.argv[2], "loss")
    print((time.perf_counter() - start) * 1e3, len(columns[0]))
"""

# Asking


@dataclass(frozen=True)
class Subject:
    """A system whose server holds what is asked for."""

    system: str
    server: peers.Server
    api: tracking.Api
    ids: list[str]
    """The experiment with the runs, or the runs with the series."""


Questions = list[tuple[Subject, Callable[[], object]]]


def timed(what: str, questions: Questions, most: int, target: float | None = None) -> report.Row:
    """The median times of each subject's question, asked in turns up to ``most`` times."""
    taken: dict[str, list[float]] = {subject.system: [] for subject, _ in questions}
    for _, ask in questions:
        ask()
    before = {subject.system: subject.server.cpu_s() for subject, _ in questions}
    for _ in range(most):
        for subject, ask in questions:
            if sum(taken[subject.system]) < _BUDGET_S:
                start = time.perf_counter()
                ask()
                taken[subject.system].append(time.perf_counter() - start)
    notes = {}
    for subject, _ in questions:
        cpu_s = subject.server.cpu_s() - before[subject.system]
        notes[subject.system] = f"{cpu_s / len(taken[subject.system]) * 1e3:,.1f} ms CPU"
    figures = {system: statistics.median(times) * 1e3 for system, times in taken.items()}
    return report.Row(what, "ms", "less", figures, target, notes)


def client_ms(program: str, python: Path, arguments: Sequence[str], count: int) -> float:
    """The median of what a client program prints, milliseconds and a count that must be right."""
    words = [str(python), "-c", program, *arguments]
    settings = {"MLFLOW_DISABLE_TELEMETRY": "true"}
    done = subprocess.run(
        words, capture_output=True, text=True, check=False, env=os.environ | settings
    )
    if done.returncode:
        raise peers.BenchError(f"{python}: {done.stderr[-2000:]}")
    lines = [line.split() for line in done.stdout.splitlines()]
    if any(int(line[1]) != count for line in lines):
        raise peers.BenchError(f"{python} read {lines}, not {count}.")
    return statistics.median(float(line[0]) for line in lines)


def python_of(system: str) -> Path:
    """The Python that runs ``system``'s client; fasttrackml is read with MLflow's."""
    return peers.environment("headrace" if system == "headrace" else "mlflow") / "bin" / "python"


# Databases


def seeded_runs(system: str, backend: str, runs: int, folder: Path) -> str:
    """The URL of a database with ``runs`` runs; Headrace's are kept, for to read them changes nothing."""
    if system != "headrace":
        return seed_peers.filled(
            system, f"runs-{runs}", lambda: seed_peers.mlflow_runs(seed_peers.Runs(runs)), folder
        )
    stamp = hashlib.sha256((_HERE / "seed_runs.py").read_bytes())
    stamp.update((peers.ROOT / "src/headrace/stores/sql/tables.py").read_bytes())
    name = f"bench_runs_{runs}_{stamp.hexdigest()[:12]}"
    return _kept_file(name, runs) if backend == "sqlite" else _kept_database(name, runs)


def _kept_file(name: str, runs: int) -> str:
    kept = peers.CACHE / f"{name}.db"
    if not kept.exists():
        for outdated in peers.CACHE.glob(f"bench_runs_{runs}_*"):
            outdated.unlink()
        peers.CACHE.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=peers.CACHE) as fresh:
            _seed(f"sqlite:///{fresh}/store.db", runs)
            (Path(fresh) / "store.db").rename(kept)
    return f"sqlite:///{kept}"


def _kept_database(name: str, runs: int) -> str:
    known = [str(row[0]) for row in peers.sql("SELECT datname FROM pg_database")]
    if name not in known:
        for outdated in known:
            if outdated.startswith((f"bench_runs_{runs}_", f"filling_bench_runs_{runs}_")):
                peers.sql(f'DROP DATABASE "{outdated}" WITH (FORCE)')
        peers.sql(f'CREATE DATABASE "filling_{name}"')
        _seed(
            f"{peers.POSTGRES.replace('postgresql:', 'postgresql+psycopg:')}/filling_{name}", runs
        )
        peers.sql(f'ALTER DATABASE "filling_{name}" RENAME TO "{name}"')
    return f"{peers.POSTGRES}/{name}"


def _seed(url: str, runs: int) -> None:
    words = [sys.executable, str(_HERE / "seed_runs.py"), url, str(runs)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise peers.BenchError(f"seed_runs.py {url} {runs}:\n{done.stderr[-2000:]}")
    print(f"headrace: {done.stdout.strip()}", flush=True)


@contextmanager
def serving(system: str, url: str, folder: Path) -> Iterator[peers.Server]:
    """A healthy server on the database at ``url``."""
    server = peers.start(system, url, folder)
    try:
        server.wait_until_healthy()
        yield server
    finally:
        server.stop()


# Searches


def search_bodies(experiment: str) -> Iterator[bytes]:
    """A filter on a metric and a param that 1 % match, ordered by another metric; values change."""
    number = 0
    while True:
        body = {
            "experiment_ids": [experiment],
            "filter": f"metrics.m0 > 0.9 and params.p{number % 10} = 'v{number // 10 % 10}'",
            "order_by": ["metrics.m1 DESC"],
            "max_results": 100,
        }
        yield json.dumps(body).encode()
        number += 1


def _search(api: tracking.Api, bodies: Iterator[bytes], runs: int) -> None:
    body = next(bodies)
    found = api.raw("POST", "runs/search", body).count(b'"artifact_uri"')
    if found < runs:
        raise peers.BenchError(f"runs/search gave {found} of {runs} runs: {body.decode()}")


def _page_ten(api: tracking.Api, experiment: str) -> Iterator[bytes]:
    body = {"experiment_ids": [experiment], "max_results": 1000}
    for _ in range(9):
        body["page_token"] = api.post("runs/search", body)["next_page_token"]
    return repeat(json.dumps(body).encode())


def measure_searches(
    backend: str, runs: int, systems: Sequence[str], most: int
) -> Iterator[report.Row]:
    """The rows about a database of ``runs`` runs."""
    label = f"{backend}, {runs:,} runs: "
    targets = _SEARCH_TARGETS.get(runs, {})
    with ExitStack() as stack:
        subjects = [_with_runs(system, backend, runs, stack) for system in systems]
        for what, questions in _search_questions(subjects, runs).items():
            yield timed(label + what, questions, most, targets.get(what))
        if runs == 10_000:
            figures = {subject.system: _to_pandas_ms(subject, runs) for subject in subjects}
            yield report.Row(f"{label}all to pandas", "ms", "less", figures, 1000)


def _with_runs(system: str, backend: str, runs: int, stack: ExitStack) -> Subject:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
    url = seeded_runs(system, backend, runs, folder)
    server = stack.enter_context(serving(system, url, folder))
    api = tracking.Api(server.port)
    found = api.get("experiments/get-by-name", {"experiment_name": "bench"})
    return Subject(system, server, api, [found["experiment"]["experiment_id"]])


def _to_pandas_ms(subject: Subject, runs: int) -> float:
    ours = subject.system == report.OURS
    program = TO_PANDAS.replace("mlflow", "headrace") if ours else TO_PANDAS
    arguments = [subject.server.url, *subject.ids, "3" if ours else "1"]
    return client_ms(program, python_of(subject.system), arguments, runs)


def _search_questions(subjects: Sequence[Subject], runs: int) -> dict[str, Questions]:
    questions: dict[str, Questions] = {name: [] for name in _SEARCH_TARGETS[100_000]}
    for subject in subjects:
        api, (experiment,) = subject.api, subject.ids
        asked: dict[str, tuple[Iterator[bytes], int]] = {
            FILTERED: (search_bodies(experiment), min(100, runs // 200)),
            FIRST_100: (_first(experiment, 100), 100),
        }
        if runs >= 100_000:
            asked[FIRST_1000] = _first(experiment, 1000), 1000
            asked[PAGE_10] = _page_ten(api, experiment), 1000
        for what, (bodies, least) in asked.items():
            questions[what].append((subject, partial(_search, api, bodies, least)))
        if subject.system == report.OURS:
            body = json.dumps(_table_question(experiment)).encode()
            url = "/api/2.0/headrace/runs/table"
            questions[TABLE].append((subject, partial(api.raw, "POST", url, body)))
    return {what: asked for what, asked in questions.items() if asked}


def _first(experiment: str, runs: int) -> Iterator[bytes]:
    return repeat(json.dumps({"experiment_ids": [experiment], "max_results": runs}).encode())


def _table_question(experiment: str) -> dict[str, object]:
    return {
        "experiment_ids": [experiment],
        "filter": "metrics.m0 > 0.9 and params.p0 = 'v3'",
        "order_by": ["metrics.m1 DESC"],
        "columns": [
            "metrics.m0",
            "metrics.m1",
            "metrics.m2",
            "params.p0",
            "params.p1",
            "tags.team",
        ],
        "max_results": 100,
    }


FILTERED = "filter on a metric and a param, ordered by another metric, 100 runs"
FIRST_100 = "first 100, no filter"
FIRST_1000 = "first 1,000, no filter"
PAGE_10 = "page 10 of 1,000, no filter"
TABLE = "the same filter and order, six columns and an exact count (runs/table)"
_SEARCH_TARGETS: dict[int, dict[str, float | None]] = {
    10_000: {FILTERED: 6},
    100_000: {FILTERED: 20, FIRST_100: 15, FIRST_1000: 60, PAGE_10: 60, TABLE: None},
    1_000_000: {FILTERED: 100, FIRST_100: None, FIRST_1000: None, PAGE_10: None, TABLE: None},
}


# Series


def measure_series(
    backend: str, systems: Sequence[str], most: int, long: int
) -> Iterator[report.Row]:
    """The rows about long series: ten runs of 100,000 points, and of ``long`` points (peers: one)."""
    with ExitStack() as stack:
        subjects = [_with_series(system, backend, long, stack) for system in systems]
        for points, first, (whole, numpy, chart) in (
            (_SHORT, 0, (150, 15, 15)),
            (long, CHART_RUNS, (1500, 100, 100)),
        ):
            label = f"{backend}, {points:,} points: "
            asked: Questions = [(s, _history(s.api, s.ids[first], points)) for s in subjects]
            yield timed(f"{label}whole history, MLflow's JSON", asked, most, whole)
            for subject in subjects:
                if subject.system == report.OURS:
                    arguments = [subject.server.url, subject.ids[first], "10"]
                    took = client_ms(TO_NUMPY, python_of(subject.system), arguments, points)
                    figures = {subject.system: took}
                    yield report.Row(f"{label}history to numpy", "ms", "less", figures, numpy)
            yield from _chart_rows(label, subjects, first, most, chart)


def _with_series(system: str, backend: str, long: int, stack: ExitStack) -> Subject:
    ours = system == report.OURS
    lengths = [_SHORT] * CHART_RUNS + [long] * (CHART_RUNS if ours else 1)
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
    if ours:
        url = stack.enter_context(peers.database(backend, folder))
    else:
        contents = partial(seed_peers.mlflow_history, lengths)
        url = seed_peers.filled(system, f"series-{len(lengths)}-{long}", contents, folder)
    server = stack.enter_context(serving(system, url, folder))
    api = tracking.Api(server.port)
    if ours:
        return Subject(system, server, api, log_series(server.port, api, lengths))
    return Subject(system, server, api, [seed_peers.run_id(n) for n in range(len(lengths))])


def _chart_rows(
    label: str, subjects: Sequence[Subject], first: int, most: int, target: float
) -> Iterator[report.Row]:
    what = f"{label}chart of {CHART_RUNS} runs, {CHART_POINTS:,} points a run"
    own: Questions = []
    same: Questions = []
    for subject in subjects:
        runs = subject.ids[first : first + CHART_RUNS]
        if len(runs) == CHART_RUNS and subject.system != "fasttrackml":
            theirs = _chart(subject.api, runs)
            ours = subject.system == report.OURS
            own.append((subject, _sampled(subject.api, runs) if ours else theirs))
            same.append((subject, theirs))
    if own:
        yield timed(what, own, most, target)
        yield timed(f"{what}, by MLflow's route", same, most)


def _history(api: tracking.Api, run_id: str, points: int) -> Callable[[], object]:
    query = urllib.parse.urlencode({"run_id": run_id, "metric_key": "loss"})

    def ask() -> None:
        answer = api.raw("GET", f"metrics/get-history?{query}")
        if answer.count(b'"timestamp"') != points:
            raise peers.BenchError(
                f"get-history gave {answer.count(b'timestamp')} of {points} points."
            )

    return ask


def _sampled(api: tracking.Api, run_ids: list[str]) -> Callable[[], object]:
    body = {"run_ids": run_ids, "metric_keys": ["loss"], "max_points": CHART_POINTS}
    url = "/ajax-api/2.0/headrace/metrics/sample"
    return partial(api.raw, "POST", url, json.dumps(body).encode())


def _chart(api: tracking.Api, run_ids: list[str]) -> Callable[[], object]:
    pairs = [("run_ids", run_id) for run_id in run_ids]
    query = urllib.parse.urlencode([*pairs, ("metric_key", "loss"), ("max_results", CHART_POINTS)])
    path = f"/ajax-api/2.0/mlflow/metrics/get-history-bulk-interval?{query}"
    return partial(api.raw, "GET", path)


def log_series(port: int, api: tracking.Api, lengths: Sequence[int]) -> list[str]:
    experiment = api.create_experiment("series")
    runs = [api.create_run(experiment) for _ in lengths]
    for number, (run_id, length) in enumerate(zip(runs, lengths, strict=True)):
        curves = {"loss": tracking.curve(length, number)}
        done = load.drive(port, [load.Lane(tracking.curve_requests(run_id, curves))])
        if done.refused or done.broken:
            raise peers.BenchError(f"Headrace refused {done.refused} batches of {length} points.")
        api.end_run(run_id)
    return runs


def run(options: argparse.Namespace) -> report.Table:
    """The whole table."""
    rows: list[report.Row] = []
    for backend in options.backends:
        for runs in options.sizes:
            bearable = _bearable(options.systems, backend, runs)
            rows += _told(measure_searches(backend, runs, bearable, options.repeat))
        bearable = _bearable(options.systems, backend, 0)
        rows += _told(measure_series(backend, bearable, options.repeat, options.long))
    remarks = [
        "A run has 20 params, 20 metrics and 5 tags. Milliseconds to the last byte of the answer over one "
        f"keep-alive connection; medians of up to {options.repeat} questions, the systems in turn. "
        "The filter's key and value change from question to question. CPU is that of the server's processes "
        "a question, without PostgreSQL's.",
        "To pandas and to numpy: in the system's own client (fasttrackml: MLflow's), in a process of its own.",
        "'-': the system has no such route, or was not asked because of the time that it takes to fill.",
    ]
    command = f"python benchmarks/read.py --repeat {options.repeat}"
    return report.Table("D-read", "D. Search and read", command, rows, remarks)


def _bearable(systems: Sequence[str], backend: str, runs: int) -> list[str]:
    """Peers are read on SQLite, and as large as can be filled."""
    alone = backend != "sqlite" or runs > 100_000
    return [system for system in systems if system == "headrace" or not alone]


def _told(rows: Iterator[report.Row]) -> Iterator[report.Row]:
    for row in rows:
        print(row.what, {s: round(f, 1) for s, f in row.figures.items()}, flush=True)
        yield row


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--systems", nargs="+", choices=peers.SYSTEMS, default=peers.SYSTEMS)
    parser.add_argument("--backends", nargs="+", choices=peers.BACKENDS, default=peers.BACKENDS)
    parser.add_argument("--sizes", nargs="*", type=int, default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--long", type=int, default=1_000_000, help="points of the long series")
    parser.add_argument("--repeat", type=int, default=30)
    parser.add_argument("--json", type=Path, help="a folder that keeps the table for run_all.py")
    options = parser.parse_args()
    report.publish(run(options), options.json)


if __name__ == "__main__":
    main()
