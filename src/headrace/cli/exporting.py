"""Runs as CSV: the rows go through a file, so that memory does not grow with their number."""

import csv
import sys
import tempfile
from datetime import UTC, datetime
from io import TextIOBase
from pathlib import Path
from typing import IO, Any

import click
import msgspec

from headrace.cli.output import Wrap, wants_json
from headrace.entities import Run
from headrace.stores.base import TrackingStore
from headrace.stores.listing import all_runs
from headrace.wire import tracking as w

_IN_MEMORY = 16 << 20
_FACTS = ("run_id", "experiment_id", "status", "artifact_uri", "start_time", "end_time")

Row = dict[str, Any]

filename: Wrap = click.option(
    "--filename", "-o", help="The file to write; standard output if left out."
)


class Exported(msgspec.Struct, frozen=True):
    """What was written."""

    runs: int
    columns: list[str]
    filename: str | None = None


def told(done: Exported, _given: dict[str, Any]) -> None:
    """Say it, where the table itself did not go to the terminal."""
    if done.filename is not None:
        click.echo(f"Wrote {done.runs} runs and {len(done.columns)} columns to {done.filename}.")


def as_csv(store: TrackingStore, question: w.SearchRuns, target: str | None) -> Exported:
    """Write the runs that a question finds, with the columns of MLflow's data frame.

    Nothing is written before all runs were read: a file is whole or not there.
    """
    if target is None and wants_json():
        raise click.UsageError("--json says what was written to a file: give --filename, too.")
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as spool:
        columns, count = _spooled(store, question, spool)
        spool.seek(0)
        if target is None:
            _write(sys.stdout, columns, spool)
        else:
            path = Path(target)
            partial = path.with_name(f".{path.name}.partial")
            with partial.open("w", encoding="utf-8", newline="") as file:
                _write(file, columns, spool)
            partial.replace(path)
    return Exported(count, columns, target)


def _spooled(
    store: TrackingStore, question: w.SearchRuns, spool: IO[bytes]
) -> tuple[list[str], int]:
    keys: dict[str, set[str]] = {"metrics": set(), "params": set(), "tags": set()}
    count = 0
    for run in all_runs(store, question):
        values = _values(run)
        for kind, known in keys.items():
            known.update(values[kind])
        line = msgspec.json.encode(
            {f"{kind}.{key}": text for kind in keys for key, text in values[kind].items()}
            | _facts(run)
        )
        spool.write(line + b"\n")
        count += 1
    named = [f"{kind}.{key}" for kind, known in keys.items() for key in sorted(known)]
    return [*_FACTS, *named], count


def _values(run: Run) -> dict[str, dict[str, Any]]:
    return {
        "metrics": {key: repr(value) for key, value in run.data.metrics.items()},
        "params": run.data.params,
        "tags": run.data.tags,
    }


def _facts(run: Run) -> Row:
    info = run.info
    return {
        "run_id": info.run_id,
        "experiment_id": info.experiment_id,
        "status": info.status,
        "artifact_uri": info.artifact_uri,
        "start_time": _moment(info.start_time),
        "end_time": _moment(info.end_time),
    }


def _moment(milliseconds: int | None) -> str | None:
    if milliseconds is None:
        return None
    seconds, rest = divmod(milliseconds, 1_000)
    at = datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest * 1_000)
    return at.isoformat(sep=" ", timespec="milliseconds")


def _write(file: TextIOBase | Any, columns: list[str], spool: IO[bytes]) -> None:
    writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
    writer.writeheader()
    decoder = msgspec.json.Decoder(Row)
    writer.writerows(decoder.decode(line) for line in spool)
