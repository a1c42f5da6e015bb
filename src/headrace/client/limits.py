"""What this process may use of its machine: as its control group says, which may be less than there is."""

import os
from pathlib import Path

_CGROUPS = Path("/sys/fs/cgroup")
_OWN = Path("/proc/self/cgroup")
_NO_LIMIT = 1 << 60


def processors(cgroups: Path = _CGROUPS, own: Path = _OWN) -> float:
    """How many processors may be busy for it at once."""
    if hasattr(os, "sched_getaffinity"):
        allowed = float(len(os.sched_getaffinity(0)))
    else:
        allowed = float(os.cpu_count() or 1)
    for folder in _folders(cgroups, own, "cpu"):
        whole = _words(folder / "cpu.max")
        quota = whole or [
            *_words(folder / "cpu.cfs_quota_us"),
            *_words(folder / "cpu.cfs_period_us"),
        ]
        if len(quota) == 2 and quota[0].isdigit() and int(quota[1]):  # neither "max" nor -1
            allowed = min(allowed, int(quota[0]) / int(quota[1]))
    return allowed


def memory_bytes(installed: int, cgroups: Path = _CGROUPS, own: Path = _OWN) -> int:
    """How much memory it may use, of what is ``installed``."""
    allowed = installed
    for folder in _folders(cgroups, own, "memory"):
        for name in ("memory.max", "memory.limit_in_bytes"):
            words = _words(folder / name)
            if words and words[0].isdigit() and int(words[0]) < _NO_LIMIT:
                allowed = min(allowed, int(words[0]))
    return allowed


def _folders(cgroups: Path, own: Path, controller: str) -> list[Path]:
    """Its group and those around it, in the first and the second version of control groups."""
    found: list[Path] = []
    for line in _lines(own):
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if controllers and controller not in controllers.split(","):
            continue
        top = cgroups / controller if controllers else cgroups
        inner = top / path.strip("/")
        found += [inner, *(up for up in inner.parents if up.is_relative_to(top))]
    return found


def _words(file: Path) -> list[str]:
    return [word for line in _lines(file) for word in line.split()]


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
