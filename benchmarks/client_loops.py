"""What a training loop does with one tracker, run in that tracker's environment; prints figures as JSON.

``python client_loops.py SYSTEM FOLDER CALLS``: nothing of this project is imported but what SYSTEM is.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

KEYS = [f"metric_{i}" for i in range(20)]
Log = Callable[[dict[str, float], int], object]
Start = Callable[[Path], tuple[Log, Callable[[], object]]]


def headrace(folder: Path) -> tuple[Log, Callable[[], object]]:
    import headrace

    headrace.set_tracking_uri(os.environ.get("BENCH_URI") or str(folder))
    headrace.start_run()

    return headrace.log_metrics, headrace.end_run


def mlflow(folder: Path) -> tuple[Log, Callable[[], object]]:
    import mlflow

    mlflow.set_tracking_uri(os.environ.get("BENCH_URI") or f"sqlite:///{folder}/mlflow.db")
    mlflow.start_run()

    return mlflow.log_metrics, mlflow.end_run


def wandb(folder: Path) -> tuple[Log, Callable[[], object]]:
    import wandb

    run = wandb.init(mode="offline", dir=str(folder), settings=wandb.Settings(silent=True))
    return lambda values, step: run.log(values, step=step), run.finish


def trackio(folder: Path) -> tuple[Log, Callable[[], object]]:
    os.environ["TRACKIO_DIR"] = str(folder)
    import trackio

    trackio.init(project="bench")
    return lambda values, step: trackio.log(values, step=step), trackio.finish


def mltraq(folder: Path) -> tuple[Log, Callable[[], object]]:
    import mltraq

    session = mltraq.create_session(f"sqlite:///{folder}/mltraq.db")
    experiment = session.create_experiment(f"bench {time.time_ns()}")
    run = mltraq.Run()
    run.fields.metrics = mltraq.Sequence()
    experiment.runs.add(run)
    return lambda values, step: run.fields.metrics.append(step=step, **values), experiment.persist


def aim(folder: Path) -> tuple[Log, Callable[[], object]]:
    from aim import Run

    run = Run(repo=str(folder), system_tracking_interval=None, log_system_params=False)

    def log(values: dict[str, float], step: int) -> None:
        for key, value in values.items():
            run.track(value, name=key, step=step)

    return log, run.close


def tensorboardx(folder: Path) -> tuple[Log, Callable[[], object]]:
    from tensorboardX import SummaryWriter

    writer = SummaryWriter(str(folder))

    def log(values: dict[str, float], step: int) -> None:
        for key, value in values.items():
            writer.add_scalar(key, value, step)

    return log, writer.close


SYSTEMS: dict[str, Start] = {
    "headrace": headrace,
    "mlflow": mlflow,
    "wandb": wandb,
    "trackio": trackio,
    "mltraq": mltraq,
    "aim": aim,
    "tensorboardx": tensorboardx,
}


def single(system: str, log: Log) -> Callable[[str, float, int], object]:
    """What logs one value: the tracker's own function, where it has one."""
    module = sys.modules.get(system)
    return getattr(module, "log_metric", None) or (lambda key, value, step: log({key: value}, step))


def timed_one(log_one: Callable[[str, float, int], object], calls: int) -> list[int]:
    """Nanoseconds of each call, the clock's own included."""
    clock = time.perf_counter_ns
    taken = []
    for step in range(calls):
        start = clock()
        log_one("loss", 0.5, step)
        taken.append(clock() - start)
    return sorted(taken)


def timed(log: Log, values: dict[str, float], calls: int) -> list[int]:
    """The same of dicts."""
    clock = time.perf_counter_ns
    taken = []
    for step in range(calls):
        start = clock()
        log(values, step)
        taken.append(clock() - start)
    return sorted(taken)


def measure(system: str, folder: Path, calls: int) -> dict[str, float]:
    """What one process pays."""
    start = SYSTEMS[system]
    begun = time.perf_counter()
    log, end = start(folder)
    log({"loss": 0.5}, 0)
    end()
    figures = {"first run": (time.perf_counter() - begun) * 1e3}
    empty = []
    for _ in range(5):
        begun = time.perf_counter()
        _, end = start(folder)
        end()
        empty.append((time.perf_counter() - begun) * 1e3)
    figures["empty run"] = sorted(empty)[len(empty) // 2]
    log, end = start(folder)
    taken = timed_one(single(system, log), calls)
    figures["one p50"], figures["one p99"] = taken[calls // 2] / 1e3, taken[calls * 99 // 100] / 1e3
    taken = timed(log, dict.fromkeys(KEYS, 0.5), calls // 10)
    figures["dict p50"] = taken[len(taken) // 2] / 1e3
    begun = time.perf_counter()
    end()
    figures["end"] = (time.perf_counter() - begun) * 1e3
    return figures


if __name__ == "__main__":
    system, place, count = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    print("\n" + json.dumps(measure(system, place, count)))
