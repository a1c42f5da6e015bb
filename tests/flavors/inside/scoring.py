"""Scoring servers of both, for a test."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx

BIN = Path(sys.executable).parent


@contextlib.contextmanager
def _serving(folder, *command, extra=None):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (folder / f"{port}.log").open("wb") as log:
        process = subprocess.Popen(
            [*map(str, command), "--port", str(port)], stdout=log, stderr=log,
            start_new_session=True, env={**os.environ, **(extra or {})}, cwd=folder,
        )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(1200):
            assert process.poll() is None, (folder / f"{port}.log").read_text()
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{url}/ping").status_code == 200:
                    break
            time.sleep(0.05)
        yield url
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def ours(folder, *options):
    return _serving(folder, BIN / "headrace", "models", "serve", *options)


def theirs(folder, model):
    command = [BIN / "mlflow", "models", "serve", "-m", model, "--env-manager", "local"]
    return _serving(folder, *command, extra={"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"})
