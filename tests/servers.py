"""Real server processes for tests: started on a free port, waited for, and ended."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from clusters import free_port

READY_TIMEOUT_S = 60
QUIET = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true", "GIT_PYTHON_REFRESH": "quiet"}


@dataclass
class Server:
    """A server process that answers on ``url``; what it prints is in ``log``."""

    url: str
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes]

    def kill(self) -> None:
        """SIGKILL to the server and its workers: nothing gets a chance to finish."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def restart(self) -> None:
        """Starts it again on the same port and waits until it answers."""
        self.process = _spawn(self.command, self.log, self.environment)
        _wait(self)

    def memory(self) -> int:
        """Bytes of memory that the server and its workers hold now (Linux)."""
        return sum(_resident(pid) for pid in _family(self.process.pid))


def headrace_server(
    database_url: str, folder: Path, *options: str
) -> contextlib.AbstractContextManager[Server]:
    """`headrace server` on ``database_url``, with its artifacts under ``folder``."""
    port = free_port()
    # The command that the installed package brings, beside the interpreter that runs the tests.
    command = [str(Path(sys.executable).with_name("headrace")), "server", "--port", str(port)]
    command += ["--backend-store-uri", database_url, *options]
    command += ["--artifacts-destination", str(folder / "artifacts")]
    return _running(command, port, folder, {})


def headrace_ui(store: Path, folder: Path) -> contextlib.AbstractContextManager[Server]:
    """`headrace ui` on the embedded store in the folder ``store``."""
    port = free_port()
    command = [str(Path(sys.executable).with_name("headrace")), "ui", "--port", str(port)]
    return _running([*command, "--backend-store-uri", str(store)], port, folder, {})


def model_server(
    folder: Path, *options: str, python: Path | None = None, extra: Mapping[str, str] | None = None
) -> contextlib.AbstractContextManager[Server]:
    """`headrace models serve` with ``options``; it logs into ``folder``."""
    port = free_port()
    command = [str((python or Path(sys.executable)).with_name("headrace")), "models", "serve"]
    return _running([*command, "--port", str(port), *options], port, folder, extra or {})


def mlflow_server(python: Path, folder: Path) -> contextlib.AbstractContextManager[Server]:
    """The real `mlflow server` on SQLite: what the flows are held against to know that they are true."""
    port = free_port()
    command = [str(python), "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--workers", "1", "--backend-store-uri", f"sqlite:///{folder}/mlflow.db"]
    command += ["--artifacts-destination", str(folder / "artifacts")]
    return _running(command, port, folder, {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"})


@contextlib.contextmanager
def _running(
    command: Sequence[str], port: int, folder: Path, extra: Mapping[str, str]
) -> Iterator[Server]:
    log = folder / "server.log"
    environment = {**os.environ, **QUIET, **extra}
    environment.pop("MLFLOW_TRACKING_URI", None)
    server = Server(
        f"http://127.0.0.1:{port}", command, log, environment, _spawn(command, log, environment)
    )
    try:
        _wait(server)
        yield server
    finally:
        server.kill()


def _spawn(
    command: Sequence[str], log: Path, environment: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            stdout=output,
            stderr=output,
            env=environment,
            cwd=log.parent,
            start_new_session=True,
        )


def _wait(server: Server) -> None:
    deadline = time.monotonic() + READY_TIMEOUT_S
    while time.monotonic() < deadline and server.process.poll() is None:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"{server.url}/health", timeout=2).status_code == httpx.codes.OK:
                return
        time.sleep(0.05)
    raise RuntimeError(
        f"{' '.join(server.command)} does not answer:\n{server.log.read_text()[-4000:]}"
    )


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(member for child in children for member in _family(int(child)))]


def _resident(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
