"""The kinds of source: how each is known by its address, and who opens it."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import cast

from headrace import plugins
from headrace.errors import InvalidValueError, UnsupportedError
from headrace.importing.folder import SourceFolder
from headrace.importing.nouns import OpenSource, Source, Wishes
from headrace.importing.report import Report

BUILT_IN = {
    kind: f"headrace.importing.sources.{module}:connect"
    for kind, module in {
        "mlruns": "mlruns",
        "mlflow-database": "mlflow_database",
        "mlflow-server": "mlflow_server",
        "tensorboard": "tensorboard",
        "wandb": "wandb",
        "neptune": "neptune",
        "csv": "csv_table",
    }.items()
}
"""What ``--from`` takes."""

_GROUP = "headrace.sources"
_EXTRA = {"mlruns": "import", "tensorboard": "import", "neptune": "arrow"}
_SQLITE_MAGIC = b"SQLite format 3\0"
_WANDB_MAGIC = b":W&B"
_PARQUET_MAGIC = b"PAR1"
_SERVER = re.compile(r"https?://")
_DATABASE = re.compile(r"(sqlite|postgresql|postgres|mysql|mariadb)(\+\w+)?://")
_DEEPEST = 4


def open_source(address: str, kind: str | None, wishes: Wishes, report: Report) -> Source:
    """The source at an address, of the given kind or of the one that it looks like."""
    report.source, report.kind = address, kind or kind_of(address)
    try:
        connect = cast("OpenSource", plugins.find(_GROUP, report.kind, BUILT_IN))
    except ImportError as error:
        extra = _EXTRA.get(report.kind)
        advice = f"pip install 'headrace[{extra}]'" if extra else "install it"
        raise UnsupportedError(
            f"Importing from {report.kind} needs a further package: {error}; {advice}."
        ) from error
    return connect(address, wishes, report)


def kind_of(address: str) -> str:
    """What the address looks like; `InvalidValueError` for what looks like nothing, or like two things."""
    if _SERVER.match(address):
        return "mlflow-server"
    if _DATABASE.match(address):
        return "mlflow-database"
    path = Path(address)
    if path.is_dir():
        found = sorted(set(_of_folder(SourceFolder(path))))
    elif path.is_file():
        found = [kind] if (kind := _of_file(path)) else []
    else:
        raise InvalidValueError(f"There is no file, folder or URL '{address}'.")
    if len(found) != 1:
        seen = f"looks like {' and '.join(found)}" if found else "looks like no kind of source"
        raise InvalidValueError(
            f"'{address}' {seen}; say which it is: --from {'|'.join(found or BUILT_IN)}"
        )
    return found[0]


def _of_file(path: Path) -> str | None:
    with path.open("rb") as file:
        head = file.read(16)
    known = {_SQLITE_MAGIC: "mlflow-database", _WANDB_MAGIC: "wandb", _PARQUET_MAGIC: "neptune"}
    for magic, kind in known.items():
        if head.startswith(magic):
            return kind
    if ".tfevents." in path.name:
        return "tensorboard"
    return "csv" if path.suffix.lower() in (".csv", ".tsv") else None


def _of_folder(folder: SourceFolder) -> Iterable[str]:
    for place, files in _levels(folder, (), _DEEPEST):
        if any(".tfevents." in name for name in files):
            yield "tensorboard"
        if any(name.endswith(".wandb") for name in files):
            yield "wandb"
        if any(name.endswith(".parquet") for name in files):
            yield "neptune"
        if "meta.yaml" in files and place and place[-1].isdecimal():
            yield "mlruns"


def _levels(
    folder: SourceFolder, place: tuple[str, ...], deepest: int
) -> Iterable[tuple[tuple[str, ...], list[str]]]:
    """The folders and what they hold; below an experiment of MLflow are artifacts of any kind."""
    files = folder.files(*place)
    yield place, files
    if deepest and "meta.yaml" not in files:
        for name in folder.folders(*place):
            yield from _levels(folder, (*place, name), deepest - 1)
