"""The environment that a run works in: its packages as a file that pip reads, and what they run on."""

import json
import os
import platform
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from headrace.client.secrets import masked_text

_NAMED = re.compile(r"(?P<name>[^/]+?)-(?P<version>\d[^/-]*)(?:-[^/]*)?\.(?:dist|egg)-info")
_NVIDIA = Path("/proc/driver/nvidia/version")
_DRIVER = re.compile(r"Module\s+(?:for \S+\s+)?(?P<version>\d+\.\d+(?:\.\d+)?)")


def requirements(path: Sequence[str]) -> str:
    """The distributions on a search path as a requirements file: pinned, or by where they came from.

    Its first lines say what they run on.
    """
    found: dict[str, str] = {}
    for entry in path:
        for name, line in _installed(Path(entry or ".")):
            found.setdefault(name, line)  # the first on the path is the one that is imported
    head = [f"# {line}" for line in machine()]
    return "\n".join([*head, *(found[name] for name in sorted(found))]) + "\n"


def machine() -> list[str]:
    """What the program runs on, a line each: Python, operating system, processors, graphics driver."""
    facts = [
        f"{platform.python_implementation()} {platform.python_version()} at {sys.executable}",
        f"{platform.platform()}, {os.cpu_count()} processors",
    ]
    driver = _driver()
    return [*facts, f"NVIDIA driver {driver}"] if driver else facts


def _installed(folder: Path) -> Iterator[tuple[str, str]]:
    # The names of the folders say it all; reading each one's METADATA would take a second.
    try:
        names = os.listdir(folder)  # noqa: PTH208  (iterdir makes a Path of each)
    except OSError:
        return
    for found in filter(None, map(_NAMED.fullmatch, names)):
        name = re.sub(r"[-_.]+", "-", found["name"]).lower()
        yield name, _requirement(name, found["version"], folder / found.string)


def _requirement(name: str, version: str, info: Path) -> str:
    try:
        origin = json.loads((info / "direct_url.json").read_bytes())
    except (OSError, ValueError):
        return f"{name}=={version}"
    url, vcs = masked_text(str(origin.get("url", ""))), origin.get("vcs_info")
    if vcs:
        return f"{name} @ {vcs.get('vcs')}+{url}@{vcs.get('commit_id')}"
    if origin.get("dir_info", {}).get("editable"):
        return f"# editable {name}=={version} at {url}"
    return f"{name} @ {url}"


def _driver() -> str | None:
    try:
        found = _DRIVER.search(_NVIDIA.read_text(encoding="utf-8"))
    except OSError:
        return None
    return found["version"] if found else None
