"""Environments in which a model predicts with the packages that it was saved with, made once and kept."""

import fcntl
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Any

from headrace.errors import InvalidValueError, UnsupportedError
from headrace.models import environment, requirements, safe_yaml

MANAGERS = ("local", "uv", "virtualenv", "conda")
_DONE = "headrace-environment.json"


def prepare(model: Path, manager: str, root: Path, headrace: str | None = None) -> Path:
    """The interpreter of the environment of the model in a folder; the environment is made where it is missing.

    ``headrace`` is what to install Headrace from; by default what this one was installed from. Environments
    with the same contents are the same. Raises `UnsupportedError` if the manager is not on this machine,
    `InvalidValueError` with what the manager said if it fails.
    """
    if manager == "local":
        return Path(sys.executable)
    wanted = _wanted(model, manager, headrace or ours())
    folder = root / hashlib.sha256(json.dumps(wanted).encode()).hexdigest()[:20]
    python = folder / "bin" / "python"
    root.mkdir(parents=True, exist_ok=True)
    with _alone(root / f"{folder.name}.lock"):
        if not (folder / _DONE).is_file():
            shutil.rmtree(folder, ignore_errors=True)
            _MAKERS[manager](folder, python, wanted)
            (folder / _DONE).write_text(json.dumps(wanted), encoding="utf-8")
    return python


def ours() -> str:
    """What this Headrace was installed from, as pip takes it, with what models need."""
    name = f"{requirements.OURS}[models]"
    text = metadata.distribution(requirements.OURS).read_text("direct_url.json")
    if text is None:
        return f"{name}=={metadata.version(requirements.OURS)}"
    return f"{name} @ {json.loads(text)['url']}"


def lines_of(model: Path, headrace: str) -> list[str]:
    """What pip installs for the model in a folder, so that this Headrace can serve it."""
    said = [line for line in environment.read_pip(model) if not line.startswith("-c ")]
    tables = [] if any(requirements.name_of(line) == "pandas" for line in said) else ["pandas"]
    return [*requirements.merged(said, [headrace]), *tables]


def python_of(model: Path) -> str:
    """The version of Python that a model was saved with; this one's where it does not say."""
    path = model / environment.PYTHON
    said: Any = safe_yaml.read(path).get("python") if path.is_file() else None
    return str(said or platform.python_version())


def _wanted(model: Path, manager: str, headrace: str) -> dict[str, Any]:
    constraints = model / environment.CONSTRAINTS
    return {
        "manager": manager,
        "python": python_of(model),
        "lines": lines_of(model, headrace),
        "constraints": constraints.read_text(encoding="utf-8") if constraints.is_file() else "",
    }


def _by_uv(folder: Path, python: Path, wanted: Mapping[str, Any]) -> None:
    uv = _program("uv")
    minor = ".".join(wanted["python"].split(".")[:2])
    _run([uv, "venv", "--quiet", "--python", minor, str(folder)])
    _install([uv, "pip", "install", "--quiet", "--python", str(python)], folder, wanted)


def _by_virtualenv(folder: Path, python: Path, wanted: Mapping[str, Any]) -> None:
    here, there = (
        tuple(one.split(".")[:2]) for one in (platform.python_version(), wanted["python"])
    )
    if here != there:
        raise UnsupportedError(
            f"The model was saved with Python {wanted['python']}, and this is {platform.python_version()}. "
            "--env-manager uv fetches the other one."
        )
    _run([sys.executable, "-m", "venv", str(folder)])
    _install([str(python), "-m", "pip", "install", "--quiet"], folder, wanted)


def _by_conda(folder: Path, python: Path, wanted: Mapping[str, Any]) -> None:
    conda = _program("conda")
    version = f"python={wanted['python']}"
    _run([conda, "create", "--yes", "--quiet", "--prefix", str(folder), version, "pip"])
    _install([str(python), "-m", "pip", "install", "--quiet"], folder, wanted)


_MAKERS: Mapping[str, Callable[[Path, Path, Mapping[str, Any]], None]] = {
    "uv": _by_uv,
    "virtualenv": _by_virtualenv,
    "conda": _by_conda,
}


def _install(command: Sequence[str], folder: Path, wanted: Mapping[str, Any]) -> None:
    needed, limits = folder / environment.PIP, folder / environment.CONSTRAINTS
    needed.write_text("\n".join(wanted["lines"]), encoding="utf-8")
    limits.write_text(wanted["constraints"], encoding="utf-8")
    _run([*command, "-r", str(needed), "-c", str(limits)])


def _program(name: str) -> str:
    beside = f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}"
    found = shutil.which(name) or shutil.which(name, path=beside)
    if found is None:
        raise UnsupportedError(
            f"There is no program '{name}' here. Install it, or choose another --env-manager."
        )
    return found


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  (no shell, our own words)
    if done.returncode != 0:
        raise InvalidValueError(
            f"The model's environment could not be made. {' '.join(command[:3])} said:\n{done.stderr.strip()}"
        )


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """One process at a time makes an environment; the others wait for it."""
    with lock.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
