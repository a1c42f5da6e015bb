"""All that is installed for a model, pinned: what it requires, and what that requires in turn.

It is read from what the installed distributions say of themselves, without a network, and is what the model
was saved with: ``requirements.lock``, for `uv pip sync` or `pip install --no-deps -r`.
"""

import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from headrace import plugins
from headrace.errors import InvalidValueError, UnsupportedError
from headrace.models import requirements

FILE = "requirements.lock"
_OF_UV = ("uv.lock", "pyproject.toml", ".python-version")
_TIMEOUT_S = 120


def write(folder: Path, lines: Sequence[str]) -> None:
    """Write the lock of ``lines``; none where a line is not of what is installed here."""
    if find_spec("packaging") is None:
        return
    found = _closure(lines)
    if found is None:
        return
    head = f"# Python {platform.python_version()}, {platform.system()} {platform.machine()}\n"
    pins = [f"{name}=={version}\n" for name, version in sorted(found.items())]
    (folder / FILE).write_text(head + "".join(pins), encoding="utf-8")


def of_uv(
    project: str | Path, folder: Path, groups: Sequence[str] = (), extras: Sequence[str] = ()
) -> list[str]:
    """The requirements that a project's ``uv.lock`` says, with the lock itself kept beside the model."""
    place = Path(project)
    program = _uv()
    if not (place / "uv.lock").is_file():
        raise InvalidValueError(f"uv_project_path: there is no uv.lock in '{place}'.")
    command = [
        *program,
        "export",
        "--project",
        str(place),
        "--frozen",
        "--no-hashes",
        "--no-header",
    ]
    command += ["--no-emit-project", "--no-annotate", "--no-dev", "--quiet"]
    command += [word for name in groups for word in ("--group", name)]
    command += [word for name in extras for word in ("--extra", name)]
    done = subprocess.run(  # noqa: S603  (a program of the user's, on a project of the user's)
        command, capture_output=True, text=True, check=False, timeout=_TIMEOUT_S
    )
    if done.returncode:
        raise InvalidValueError(f"uv cannot read the lock of '{place}': {done.stderr.strip()}")
    for name in _OF_UV:
        if (place / name).is_file():
            shutil.copy2(place / name, folder / name)
    return [line for line in done.stdout.splitlines() if line and not line.startswith("#")]


def _uv() -> list[str]:
    if found := shutil.which("uv"):
        return [found]
    if find_spec("uv"):
        return [sys.executable, "-m", "uv"]
    raise UnsupportedError("uv_project_path needs the program uv: pip install uv.")


def _closure(lines: Sequence[str]) -> dict[str, str] | None:
    """Names and versions of the distributions that ``lines`` lead to."""
    found: dict[str, str] = {}
    waiting = [_parsed(line) for line in lines if not line.startswith("-c ")]
    while waiting:
        wanted = waiting.pop()
        if wanted is None:
            return None
        name = requirements.name_of(wanted.name)
        try:
            version = metadata.version(name)
        except metadata.PackageNotFoundError:
            return None
        if wanted.url or not wanted.specifier.contains(version, prereleases=True):
            return None
        fresh = name not in found
        found[name] = version
        for extra in ("", *wanted.extras) if fresh else wanted.extras:
            waiting += _needs(name, extra)
    return found


@cache
def _needs(name: str, extra: str) -> tuple[Any, ...]:
    """What a distribution requires on this machine, or with an extra besides."""
    every = [_parsed(line) for line in metadata.requires(name) or ()]
    return tuple(_chosen(every, extra))


def _chosen(every: Sequence[Any], extra: str) -> Iterator[Any]:
    for one in every:
        if one is None:
            continue
        always = one.marker is None or one.marker.evaluate({"extra": ""})
        wanted = one.marker is not None and one.marker.evaluate({"extra": extra})
        if (always and not extra) or (extra and wanted and not always):
            yield one


@cache
def _parsed(line: str) -> Any:
    try:
        return plugins.load("packaging.requirements:Requirement")(line)
    except ValueError:
        return None
