"""What takes longer than a training may be held up, done by a thread and waited for at the program's end."""

import atexit
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait

from headrace.autologging.session import Session
from headrace.client.tracking import MlflowClient
from headrace.fluent import current

_PATIENCE_S = 60.0
_lock = threading.Lock()
_workers: list[ThreadPoolExecutor] = []
_waiting: set[Future[None]] = set()


def do(session: Session, what: str, act: Callable[[MlflowClient, str], None]) -> None:
    """Have ``act`` called with a client and the run's id, which may have ended by then."""
    client, run_id = current.client(), session.run.info.run_id

    def done() -> None:
        with session.quietly(what):
            act(client, run_id)

    with _lock:
        if not _workers:
            _workers.append(ThreadPoolExecutor(1, "headrace-autologging"))
            atexit.register(flush)
        future = _workers[0].submit(done)
        _waiting.add(future)
    future.add_done_callback(_waiting.discard)


def flush(timeout_s: float = _PATIENCE_S) -> None:
    """Wait until what was handed over is done."""
    wait(list(_waiting), timeout_s)
