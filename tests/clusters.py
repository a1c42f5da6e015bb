"""Throw-away PostgreSQL and MariaDB servers, started from the machine's own binaries."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import OperationalError

START_TIMEOUT_S = 60
_POSTGRES_FOLDERS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql*/bin",
)


@dataclass
class Running:
    """A database server on loopback; its data outlives `kill` and `stop`, so it can be started again."""

    url: str
    port: int
    command: Sequence[str]
    user: str | None
    log: Path
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self) -> None:
        """Returns when the server takes connections."""
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                self.command, stdout=output, stderr=output, user=self.user, start_new_session=True
            )
        deadline = time.monotonic() + START_TIMEOUT_S
        while not answers(make_url(self.url)):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(
                    f"{self.command[0]} did not start:\n{self.log.read_text()[-2000:]}"
                )
            time.sleep(0.05)

    def stop(self) -> None:
        """An orderly end; nothing happens if it does not run."""
        self._end(signal.SIGINT if "postgres" in self.command[0] else signal.SIGTERM)

    def kill(self) -> None:
        """As a crash of the machine would."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        if self._process is None or self._process.poll() is not None:
            return
        os.killpg(self._process.pid, how)
        self._process.wait(START_TIMEOUT_S)


def execute(server: URL, statement: str) -> None:
    """Run one statement outside any transaction, on a connection of its own."""
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(statement))
    finally:
        engine.dispose()


def answers(server: URL) -> bool:
    """Whether the server takes connections and runs queries now."""
    try:
        execute(server, "SELECT 1")
    except OperationalError:
        return False
    return True


def postgresql(folder: Path) -> Running:
    """A PostgreSQL server whose data is in ``folder``; superuser ``postgres`` without a password."""
    initdb = _binary("initdb", _POSTGRES_FOLDERS, "postgresql")
    user = _account("postgres", folder)
    data, port = folder / "data", free_port()
    _run(
        [initdb, "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"], user
    )
    command = [
        str(Path(initdb).with_name("postgres")),
        "-D",
        str(data),
        "-p",
        str(port),
        "-k",
        str(folder),
    ]
    command += ["-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200"]
    url = f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"
    running = Running(url, port, command, user, _log(folder, user))
    running.start()
    return running


def mariadb(folder: Path) -> Running:
    """A MariaDB server whose data is in ``folder``; account ``root`` without a password."""
    install = _binary("mariadb-install-db", (), "mariadb-server")
    server = _binary("mariadbd", ("/usr/sbin",), "mariadb-server")
    user = _account("mysql", folder)
    data, port = folder / "data", free_port()
    where = ["--no-defaults", f"--datadir={data}"]
    _run([install, *where, "--auth-root-authentication-method=normal", "--skip-test-db"], user)
    command = [
        server,
        *where,
        f"--port={port}",
        "--bind-address=127.0.0.1",
        f"--socket={folder}/socket",
    ]
    command += [f"--pid-file={folder}/pid", "--max-connections=300"]
    running = Running(
        f"mysql+pymysql://root@127.0.0.1:{port}/", port, command, user, _log(folder, user)
    )
    running.start()
    return running


def free_port() -> int:
    """A port of loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _binary(name: str, folders: Sequence[str], package: str) -> str:
    if found := shutil.which(name):
        return found
    for pattern in folders:
        if matches := sorted(Path("/").glob(f"{pattern[1:]}/{name}")):
            return str(matches[-1])
    raise RuntimeError(
        f"This test needs a database server and found none: '{name}' is not installed, and nothing "
        f"listens on the usual port. Install it (Debian: apt-get install {package}), start a server, or "
        "name one in HEADRACE_TEST_POSTGRES or HEADRACE_TEST_MARIADB."
    )


def _account(name: str, folder: Path) -> str | None:
    """Both servers refuse to run as root, so root lends them the account that their packages make."""
    if os.geteuid() != 0:
        return None
    shutil.chown(folder, name)
    return name


def _log(folder: Path, user: str | None) -> Path:
    log = folder / "log"
    log.touch()
    if user is not None:
        shutil.chown(log, user)
    return log


def _run(command: Sequence[str], user: str | None) -> None:
    done = subprocess.run(command, user=user, capture_output=True, text=True, check=False, cwd="/")
    if done.returncode != 0:
        raise RuntimeError(
            f"{' '.join(command)} failed:\n{done.stdout[-1000:]}\n{done.stderr[-1000:]}"
        )
