"""The files beside a model that say which Python and which packages it needs."""

import platform
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

from headrace.errors import InvalidValueError, NotFoundError
from headrace.models import requirements, safe_yaml

CONDA = "conda.yaml"
PYTHON = "python_env.yaml"
PIP = "requirements.txt"
CONSTRAINTS = "constraints.txt"
ENV = {"conda": CONDA, "virtualenv": PYTHON}
"""What ``env`` of a flavor says."""


class Asked(NamedTuple):
    """What the caller says of the environment; what is not said is found out."""

    conda_env: Any = None
    """A conda environment, as a dict or a file."""
    pip_requirements: Any = None
    """Lines, or a file with them: all there is."""
    extra_pip_requirements: Any = None
    """Lines, or a file with them: beside what is found."""


def write(folder: Path, found: Sequence[str], asked: Asked) -> list[str]:
    """Write the files into a model's folder; the answer is what pip has to install."""
    if asked.conda_env is not None and (asked.pip_requirements or asked.extra_pip_requirements):
        raise InvalidValueError("conda_env says all; it does not go with pip_requirements.")
    constraints: list[str] = []
    if asked.conda_env is not None:
        described = _conda_given(asked.conda_env)
        lines = _pip_of(described)
    else:
        lines, constraints = _resolved(found, asked)
        described = conda(lines)
    (folder / CONDA).write_text(safe_yaml.written(described), encoding="utf-8")
    (folder / PYTHON).write_text(safe_yaml.written(_python_env()), encoding="utf-8")
    (folder / PIP).write_text("\n".join(lines), encoding="utf-8")
    if constraints:
        (folder / CONSTRAINTS).write_text("\n".join(constraints), encoding="utf-8")
    return lines


def read_pip(folder: Path) -> list[str]:
    """What pip has to install for a model."""
    path = folder / PIP
    if not path.is_file():
        raise NotFoundError(f"The model in {folder} has no {PIP}.")
    return _lines_of(path.read_text(encoding="utf-8"))


def change_pip(folder: Path, lines: Sequence[str]) -> None:
    """Have a model need ``lines``, in each file that says so."""
    (folder / PIP).write_text("\n".join(lines), encoding="utf-8")
    path = folder / CONDA
    if path.is_file():
        described = safe_yaml.read(path)
        kept = [one for one in described.get("dependencies", []) if not isinstance(one, dict)]
        described["dependencies"] = [*kept, {"pip": list(lines)}]
        path.write_text(safe_yaml.written(described), encoding="utf-8")


def _resolved(found: Sequence[str], asked: Asked) -> tuple[list[str], list[str]]:
    given, constraints = _requirements(asked.pip_requirements)
    extra, more = _requirements(asked.extra_pip_requirements)
    if given and extra:
        raise InvalidValueError(
            "pip_requirements says all; it does not go with extra_pip_requirements."
        )
    lines = requirements.merged([requirements.pinned(requirements.OURS)], given) if given else None
    lines = requirements.merged(found, extra) if lines is None else lines
    limits = [*constraints, *more]
    return ([*lines, f"-c {CONSTRAINTS}"] if limits else lines), limits


def _requirements(given: Any) -> tuple[list[str], list[str]]:
    """Lines and constraints, with the files that they name read in."""
    if given is None:
        return [], []
    texts = (
        _lines_of(Path(given).read_text(encoding="utf-8"))
        if isinstance(given, str | Path)
        else given
    )
    lines: list[str] = []
    constraints: list[str] = []
    for text in texts:
        option, _, file = str(text).strip().partition(" ")
        if option in ("-r", "--requirement"):
            inner, limits = _requirements(file.strip())
            lines += inner
            constraints += limits
        elif option in ("-c", "--constraint"):
            constraints += _lines_of(Path(file.strip()).read_text(encoding="utf-8"))
        else:
            lines.append(str(text).strip())
    return lines, constraints


def _lines_of(text: str) -> list[str]:
    bare = (line.partition(" #")[0].strip() for line in text.splitlines())
    return [line for line in bare if line and not line.startswith("#")]


def _conda_given(given: Any) -> dict[str, Any]:
    return dict(given) if isinstance(given, dict) else safe_yaml.read(Path(given))


def _pip_of(conda: dict[str, Any]) -> list[str]:
    parts = [
        one["pip"]
        for one in conda.get("dependencies", [])
        if isinstance(one, dict) and "pip" in one
    ]
    return [str(line) for part in parts for line in part]


def conda(lines: Sequence[str]) -> dict[str, Any]:
    """A conda environment with what pip has to install."""
    pip = metadata.version("pip") if _has("pip") else None
    tools = [f"python={platform.python_version()}", f"pip<={pip}" if pip else "pip"]
    return {
        "name": "mlflow-env",
        "channels": ["conda-forge"],
        "dependencies": [*tools, {"pip": list(lines)}],
    }


def _python_env() -> dict[str, Any]:
    tools = [
        requirements.pinned(name) if _has(name) else name for name in ("pip", "setuptools", "wheel")
    ]
    return {
        "python": platform.python_version(),
        "build_dependencies": tools,
        "dependencies": [f"-r {PIP}"],
    }


def _has(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True
