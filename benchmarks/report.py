"""Tables of measured figures: each row with its target and the ratio to every peer beside us."""

import json
import os
import platform
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

OURS = "headrace"
Better = Literal["more", "less"]
_LOAD_AT_START = os.getloadavg()[0]


@dataclass(frozen=True)
class Row:
    """One thing measured on several systems."""

    what: str
    unit: str
    better: Better
    figures: Mapping[str, float]
    """By system; a system that cannot do it, or was not asked, is absent."""
    target: float | None = None
    notes: Mapping[str, str] = field(default_factory=dict)
    """What stands beside a system's figure, such as CPU a request."""

    @property
    def reached(self) -> bool | None:
        """Whether our figure is within the target; ``None`` where one of them is missing."""
        if self.target is None or OURS not in self.figures:
            return None
        ours = self.figures[OURS]
        return ours >= self.target if self.better == "more" else ours <= self.target

    def ratio(self, peer: str) -> float | None:
        """How many times better we are than ``peer``; below 1 we are worse."""
        ours, theirs = self.figures.get(OURS), self.figures.get(peer)
        if not ours or not theirs:
            return None
        return ours / theirs if self.better == "more" else theirs / ours


@dataclass(frozen=True)
class Table:
    """The rows of one benchmark."""

    name: str
    title: str
    command: str
    rows: list[Row]
    remarks: list[str] = field(default_factory=list)

    @property
    def systems(self) -> list[str]:
        """Every system with a figure, ours first."""
        names = dict.fromkeys(name for row in self.rows for name in row.figures)
        return sorted(names, key=lambda name: (name != OURS, list(names).index(name)))


def as_markdown(table: Table) -> str:
    """The table as it stands in RESULTS.md and on the terminal."""
    peers = [system for system in table.systems if system != OURS and OURS in table.systems]
    head = ["", "target", *table.systems, *(f"vs {peer}" for peer in peers)]
    body = [
        [row.what, _target(row), *_figures(row, table), *_ratios(row, peers)] for row in table.rows
    ]
    lines = [
        *(f"## {table.title}", "", f"`{table.command}`", ""),
        *map(_line, [head, ["---"] * len(head), *body]),
        *("", *(f"- {remark}" for remark in table.remarks)),
    ]
    return "\n".join(lines).rstrip() + "\n"


def publish(table: Table, folder: Path | None) -> None:
    """Print the table, and keep it in ``folder`` for RESULTS.md where one is given."""
    busy = f"Load average of the machine when the script began: {_LOAD_AT_START:.1f}."
    table = replace(table, remarks=[*table.remarks, busy])
    print(as_markdown(table), flush=True)
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{table.name}.json").write_text(json.dumps(asdict(table), indent=1))


def load(path: Path) -> Table:
    """A table that `publish` kept."""
    fields = json.loads(path.read_text())
    return Table(**fields | {"rows": [Row(**row) for row in fields["rows"]]})


def machine() -> list[str]:
    """What the figures were measured on."""
    model = _first(Path("/proc/cpuinfo").read_text().splitlines(), "model name")
    memory = int(_first(Path("/proc/meminfo").read_text().splitlines(), "MemTotal").split()[0])
    cores = Path("/proc/cpuinfo").read_text().count("processor\t:")
    return [
        f"CPU: {cores} cores, {model}; memory {memory / 2**20:.0f} GiB",
        f"kernel {platform.release()}; Python {platform.python_version()}",
        ", ".join(f"{name} {_version(name)}" for name in _PACKAGES),
        "the servers, their database and the load generator share the cores; traffic is on loopback",
    ]


_PACKAGES = (
    "headrace",
    "uvicorn",
    "uvloop",
    "starlette",
    "msgspec",
    "sqlalchemy",
    "psycopg",
    "numpy",
)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"


def _first(lines: Iterable[str], name: str) -> str:
    return next(line.partition(":")[2].strip() for line in lines if line.startswith(name))


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _target(row: Row) -> str:
    if row.target is None:
        return ""
    mark = {True: " ✓", False: " ✗", None: ""}[row.reached]
    return f"{'≥' if row.better == 'more' else '≤'} {_number(row.target)} {row.unit}{mark}"


def _figures(row: Row, table: Table) -> Iterable[str]:
    for system in table.systems:
        figure = row.figures.get(system)
        note = row.notes.get(system)
        text = "-" if figure is None else _number(figure)
        yield f"{text} ({note})" if note else text


def _ratios(row: Row, peers: Iterable[str]) -> Iterable[str]:
    for peer in peers:
        ratio = row.ratio(peer)
        yield "-" if ratio is None else f"{_number(ratio)}x"


def _number(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


if __name__ == "__main__":
    sys.exit("This module prints the tables of the others; run one of those, or run_all.py.")
