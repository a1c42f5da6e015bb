"""What a process and all its descendants cost, read from ``/proc``."""

import os
from pathlib import Path

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def members(root: int) -> list[int]:
    """The process ``root`` and its living descendants."""
    parents = {pid: int(fields[1]) for pid, fields in _all_stats().items()}
    family = {root}
    grown = True
    while grown:
        grown = False
        for pid, parent in parents.items():
            if parent in family and pid not in family:
                family.add(pid)
                grown = True
    return sorted(family & parents.keys())


def cpu_s(root: int) -> float:
    """User and system seconds of the tree so far, waited-for children included."""
    stats = _all_stats()
    return sum(sum(map(int, stats[pid][11:15])) for pid in members(root) if pid in stats) / (
        _TICKS_PER_S
    )


def rss_bytes(root: int) -> int:
    """Resident memory of the tree now; pages that two processes share count twice."""
    total = 0
    for pid in members(root):
        try:
            statm = Path(f"/proc/{pid}/statm").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        total += int(statm.split()[1]) * _PAGE_BYTES
    return total


def cpu_s_of_program(name: str) -> float:
    """User and system seconds so far of all living processes that run ``name``."""
    total = 0
    for pid, fields in _all_stats().items():
        try:
            program = Path(f"/proc/{pid}/comm").read_text().strip()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if program == name:
            total += sum(map(int, fields[11:15]))
    return total / _TICKS_PER_S


def _all_stats() -> dict[int, list[str]]:
    """The fields of each ``/proc/PID/stat`` from the state on (after the bracketed name)."""
    stats = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                text = (entry / "stat").read_text()
            except (FileNotFoundError, ProcessLookupError):
                continue
            stats[int(entry.name)] = text.rpartition(")")[2].split()
    return stats
