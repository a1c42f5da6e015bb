"""What a process logs while others log to the same run; a module, so that processes find it by name."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

from headrace.entities import Metric, Param
from headrace.stores.sql import connect
from headrace.wire import tracking as w

ROUNDS = 12
SHARED = 40
"""Points that everybody logs."""


def log_much(url: str, run_id: str, number: int, threads: int) -> int:
    """Log to a run with some threads: points of one's own, points that all log, params; how many own points."""
    with closing(connect(url)) as store:

        def log(thread: int) -> None:
            own = f"own {number} {thread}"
            for turn in range(ROUNDS):
                points = [Metric(own, turn, turn, 3 * turn + step) for step in range(3)]
                store.log_batch(w.LogBatch(run_id, points))
                mixed = [Metric("mixed", number, thread, turn)]
                store.log_batch(w.LogBatch(run_id, mixed, [Param(f"p {own} {turn}", "v")]))
                shared = [Metric("shared", step / 3, step, step) for step in range(SHARED)]
                store.log_batch(w.LogBatch(run_id, shared[turn:] if thread % 2 else shared[::-1]))

        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(log, range(threads)))
    return threads * ROUNDS * 3
