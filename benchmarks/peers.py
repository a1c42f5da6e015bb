"""The systems that are measured side by side: their environments, servers and databases.

``python peers.py`` sets up the peers' environments; every other script does so too where they are
missing. Each environment is a folder of its own under ``.venvs/``, so no system sees another's packages.
"""

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import process_tree

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENTS = ROOT / ".venvs"
CACHE = ROOT / "benchmarks" / ".cache"
POSTGRES = os.environ.get("HEADRACE_BENCH_POSTGRES", "postgresql://postgres@127.0.0.1:5432")

PINS: Mapping[str, Sequence[str]] = {
    "mlflow": ["mlflow==3.17.2", "psycopg2-binary"],
    "fasttrackml": ["fasttrackml==0.6.0"],
    "fastapi": ["fastapi", "msgspec", "scikit-learn", "uvicorn[standard]"],
    "bentoml": ["bentoml", "scikit-learn"],
    "mlserver": ["mlserver", "scikit-learn"],
}
SYSTEMS = ("headrace", "mlflow", "fasttrackml")
BACKENDS = ("sqlite", "postgresql")

DURABILITY = {
    (
        "headrace",
        "sqlite",
    ): "WAL, synchronous=FULL: fsync before each answer, shared by group commit",
    ("headrace", "postgresql"): "commit waits for the WAL's fsync (synchronous_commit=on)",
    ("mlflow", "sqlite"): "rollback journal, synchronous=FULL: several fsyncs a request",
    ("mlflow", "postgresql"): "commit waits for the WAL's fsync (synchronous_commit=on)",
    ("fasttrackml", "sqlite"): "WAL, synchronous=NORMAL: a power cut loses the latest answers",
    ("fasttrackml", "postgresql"): "commit waits for the WAL's fsync (synchronous_commit=on)",
}
"""What is safe when a server answers 200, by system and database."""


class BenchError(Exception):
    """A benchmark cannot go on; the message says what to do."""


def _leave(_number: int, _frame: object) -> None:
    sys.exit("stopped")


# A script that is told to stop takes its servers and databases with it.
signal.signal(signal.SIGTERM, _leave)


# Environments


def find_uv() -> str:
    """The program ``uv``: that of the project's own environment, or another one."""
    found = shutil.which("uv", path=f"{Path(sys.prefix) / 'bin'}{os.pathsep}{os.environ['PATH']}")
    if found is None:
        raise BenchError("Benchmarks install and build with uv: 'pip install uv'.")
    return found


def create_environment(folder: Path, requirements: Sequence[str]) -> Path:
    """Make a fresh virtual environment holding ``requirements``; its Python."""
    uv = find_uv()
    python = folder / "bin" / "python"
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    for arguments in (
        ["venv", "--clear", "--python", version, str(folder)],
        ["pip", "install", "--compile-bytecode", "--python", str(python), *requirements],
    ):
        done = subprocess.run([uv, *arguments], capture_output=True, text=True, check=False)
        if done.returncode:
            shutil.rmtree(folder, ignore_errors=True)
            raise BenchError(f"uv {' '.join(arguments)} failed:\n{done.stderr}")
    return python


def environment(system: str) -> Path:
    """The folder of ``system``'s environment; a peer's is made where it is missing or outdated."""
    if system == "headrace":
        return Path(sys.prefix)
    folder = ENVIRONMENTS / system
    stamp = folder / "requirements.txt"
    wanted = "\n".join(PINS[system])
    if not stamp.exists() or stamp.read_text() != wanted:
        print(f"setting up {system} in {folder.relative_to(ROOT)} ...", flush=True)
        create_environment(folder, PINS[system])
        stamp.write_text(wanted)
    return folder


# Databases


@contextmanager
def database(backend: str, folder: Path) -> Iterator[str]:
    """The URL of an empty database that is gone afterwards."""
    if backend == "sqlite":
        yield f"sqlite:///{folder / 'store.db'}"
    else:
        name = f"bench_{uuid.uuid4().hex[:12]}"
        sql(f'CREATE DATABASE "{name}"')
        try:
            yield f"{POSTGRES}/{name}"
        finally:
            sql(f'DROP DATABASE "{name}" WITH (FORCE)')


def sql(statement: str, name: str = "postgres") -> list[tuple[object, ...]]:
    """Run one statement in PostgreSQL database ``name``; its rows."""
    import psycopg

    try:
        with psycopg.connect(f"{POSTGRES}/{name}", autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []
    except psycopg.OperationalError as error:
        raise BenchError(
            f"PostgreSQL at {POSTGRES}: {error}. Set HEADRACE_BENCH_POSTGRES to a server where databases "
            "may be created, or leave it out with --backends sqlite."
        ) from error


# Servers


@dataclass
class Server:
    """A running tracking server: one process tree on one port."""

    system: str
    port: int
    process: subprocess.Popen[bytes]
    log: Path
    started_at: float
    """`time.perf_counter` just before the process was started."""

    @property
    def url(self) -> str:
        """Where clients find it."""
        return f"http://127.0.0.1:{self.port}"

    def cpu_s(self) -> float:
        """CPU seconds of the process tree so far."""
        return process_tree.cpu_s(self.process.pid)

    def rss_bytes(self) -> int:
        """Resident memory of the process tree."""
        return process_tree.rss_bytes(self.process.pid)

    def processes(self) -> int:
        """How many processes the tree has."""
        return len(process_tree.members(self.process.pid))

    def wait_until_healthy(self, timeout_s: float = 60.0) -> float:
        """Seconds from its start to the first 200 on ``/health``."""
        while time.perf_counter() < self.started_at + timeout_s:
            if self.process.poll() is not None:
                break
            if answers(self.port, "/health"):
                return time.perf_counter() - self.started_at
            time.sleep(0.002)
        raise BenchError(f"{self.system} did not come up:\n{self.log.read_text()[-4000:]}")

    def kill(self) -> None:
        """End the whole tree at once, as a crash would."""
        self._signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """End it as an operator would; killed where it has not gone after 15 s."""
        self._signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(15)
        self.kill()

    def _signal(self, number: signal.Signals) -> None:
        # Each server leads a process group of its own (see start), which outlives its leader.
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            return


def answers(port: int, path: str) -> bool:
    """Whether ``path`` gives 200 now."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except OSError:
        return False
    except http.client.HTTPException:
        return False
    finally:
        connection.close()


def free_port() -> int:
    """A port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(system: str, url: str, folder: Path, port: int | None = None) -> Server:
    """Start ``system``'s server on the database at ``url``; files and its log go to ``folder``."""
    port = port or free_port()
    argv, settings = _COMMANDS[system](environment(system) / "bin", url, folder, port)
    foreign = ("MLFLOW_", "HEADRACE_", "FML_", "PYTHON")
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(foreign)}
    log = folder / f"{system}.log"
    with log.open("ab") as output:
        started_at = time.perf_counter()
        process = subprocess.Popen(
            argv,
            cwd=folder,
            env=inherited | settings,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Server(system, port, process, log, started_at)


@contextmanager
def running(system: str, backend: str) -> Iterator[Server]:
    """A healthy server on an empty database; server, files and database are gone afterwards."""
    with (
        tempfile.TemporaryDirectory(prefix=f"bench-{system}-") as folder,
        database(backend, Path(folder)) as url,
    ):
        server = start(system, url, Path(folder))
        try:
            server.wait_until_healthy()
            yield server
        finally:
            server.stop()


_Command = tuple[list[str], dict[str, str]]


def _headrace(programs: Path, url: str, folder: Path, port: int) -> _Command:
    program = programs / "headrace"
    if not program.exists():
        raise BenchError(
            f"{program} is missing: install the project first ('uv pip install -e .')."
        )
    options = {
        "--backend-store-uri": url,
        "--artifacts-destination": str(folder / "artifacts"),
        "--host": "127.0.0.1",
        "--port": str(port),
    }
    return [str(program), "server", *_flat(options)], {}


def _mlflow(programs: Path, url: str, folder: Path, port: int) -> _Command:
    options = {
        # The driver is named because SQLAlchemy 2.1 takes psycopg 3 for a plain postgresql: URL.
        "--backend-store-uri": url.replace("postgresql:", "postgresql+psycopg2:"),
        "--artifacts-destination": str(folder / "artifacts"),
        "--host": "127.0.0.1",
        "--port": str(port),
        "--workers": "1",
    }
    settings = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "true"}
    return [str(programs / "mlflow"), "server", *_flat(options)], settings


def _fasttrackml(programs: Path, url: str, folder: Path, port: int) -> _Command:
    options = {
        "--database-uri": url.replace("sqlite:///", "sqlite://"),
        "--default-artifact-root": str(folder / "artifacts"),
        "--listen-address": f"127.0.0.1:{port}",
    }
    return [str(programs / "fml"), "server", *_flat(options)], {}


def _flat(options: Mapping[str, str]) -> list[str]:
    return [word for pair in options.items() for word in pair]


_COMMANDS: Mapping[str, Callable[[Path, str, Path, int], _Command]] = {
    "headrace": _headrace,
    "mlflow": _mlflow,
    "fasttrackml": _fasttrackml,
}


def main() -> None:
    """Set up the peers' environments."""
    for system in PINS:
        environment(system)
        print(f"{system}: ready")


if __name__ == "__main__":
    main()
