"""Virtual environments in which tests run other people's programs, each made once and kept."""

import contextlib
import fcntl
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

HOME = Path(__file__).parents[2] / ".venvs"

Step = Sequence[str]
"""The arguments of one ``uv pip install``."""


def environment(name: str, *steps: Step, by_pip: Step = ()) -> Path:
    """The interpreter of the environment ``name``, in which ``steps`` were installed one after another.

    ``by_pip`` is installed first, by pip: what comes from an index that uv is not told of. The
    environment is made again when the steps change. Safe to call from several processes at once.
    """
    HOME.mkdir(exist_ok=True)
    folder = HOME / name
    python = folder / "bin" / "python"
    wanted = hashlib.sha256(json.dumps([sys.version, steps, by_pip]).encode()).hexdigest()
    marker = folder / "installed"
    with _alone(HOME / f"{name}.lock"):
        if not marker.is_file() or marker.read_text() != wanted:
            seed = ["--seed"] if by_pip else []
            _uv("venv", "--clear", *seed, "--python", sys.executable, str(folder))
            if by_pip:
                _run([str(python), "-m", "pip", "install", "--quiet", *by_pip])
            for step in steps:
                _uv("pip", "install", "--python", str(python), *step)
            marker.write_text(wanted)
    return python


def _uv(*arguments: str) -> None:
    _run([*_uv_command(), *arguments])


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stderr[-4000:]}")


def _uv_command() -> list[str]:
    if found := shutil.which("uv"):
        return [found]
    if importlib.util.find_spec("uv") is not None:
        return [sys.executable, "-m", "uv"]
    raise RuntimeError(
        "This test makes a virtual environment with 'uv', which is neither on PATH nor a module of "
        f"{sys.executable}. Install it: python -m pip install uv"
    )


@contextlib.contextmanager
def _alone(lock: Path) -> Iterator[None]:
    handle = os.open(lock, os.O_CREAT | os.O_RDWR)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
