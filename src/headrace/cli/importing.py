"""``headrace import``: runs that other tools recorded."""

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import click
import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from headrace.client.connection import get_tracking_uri, resolved, shown
from headrace.errors import InvalidValueError
from headrace.importing.into.target import Target
from headrace.importing.kinds import BUILT_IN, open_source
from headrace.importing.nouns import Source, Wishes
from headrace.importing.report import Remark, Report
from headrace.importing.whole import import_all
from headrace.stores.resolve import open_store

_SHOWN = 20


@click.command(name="import")
@click.argument("source")
@click.option("--to", "uri", help="The store to import into: a folder, a database or a server's URL. The tracking URI by default.")  # fmt: skip
@click.option("--from", "kind", type=click.Choice(sorted(BUILT_IN)), help="What SOURCE is. Found out by default.")  # fmt: skip
@click.option("--artifact-root", "roots", multiple=True, metavar="[OLD=]PLACE", help="A place outside of SOURCE where artifacts may be read: a folder or a URL. OLD is what their locations in SOURCE begin with, where they have moved. May be repeated.")  # fmt: skip
@click.option("--no-artifacts", is_flag=True, help="Leave files out.")
@click.option("--experiment", help="The experiment of runs that come without one. Named after SOURCE by default.")  # fmt: skip
@click.option("--column", "columns", multiple=True, metavar="NAME=ROLE[:KEY]", help="What a column of a CSV file is: run, experiment, name, user, status, start, end, step, time, param, metric, tag or skip. May be repeated.")  # fmt: skip
@click.option("--step-factor", type=click.IntRange(min=1), default=1, show_default=True, help="What steps that are fractions are multiplied by (Neptune).")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def import_(source: str, uri: str | None, kind: str | None, as_json: bool, **given: Any) -> None:
    """Import runs from SOURCE into a store.

    SOURCE is a folder mlruns, a database of MLflow (URL or SQLite file), the URL of an MLflow-compatible
    server, a folder of TensorBoard event files, a folder wandb, a Parquet export of Neptune, or a CSV file.

    Import again at any time: what is there is left alone, what is new is added, and an import that was cut
    short goes on. What cannot be taken is listed with the reason.
    """
    address = resolved(uri) if uri else get_tracking_uri()
    report = Report(target=shown(address))
    wishes = Wishes(
        roots=tuple(_moved(root) for root in given["roots"]),
        experiment=given["experiment"],
        columns=dict(_column(one) for one in given["columns"]),
        step_factor=given["step_factor"],
        artifacts=not given["no_artifacts"],
    )
    with closing(open_source(source, kind, wishes, report)) as opened:
        report.source = shown(source)
        with closing(open_store(address)) as store, _progress(opened) as tick:
            import_all(opened, Target(store, address, report), tick)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(report).decode(), indent=2))
    else:
        _tell(report)


def _moved(text: str) -> tuple[str, str]:
    old, sign, new = text.partition("=")
    return (old, new) if sign else (text, text)


def _column(text: str) -> tuple[str, str]:
    name, sign, role = text.rpartition("=")
    if not sign or not name or not role:
        raise InvalidValueError(f"--column takes NAME=ROLE, such as loss=metric; got '{text}'.")
    return name, role


@contextmanager
def _progress(source: Source) -> Iterator[Any]:
    """A bar on stderr; where nobody looks at it, nothing."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda: None
        return
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("Importing runs", total=source.count())
        yield lambda: bar.advance(task)


def _tell(report: Report) -> None:
    added = report.added
    counts = msgspec.structs.asdict(added)
    told = ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)
    click.echo(f"{report.kind} {report.source} -> {report.target}")
    click.echo(
        f"Runs: {report.runs_seen:,} seen, {added.runs:,} new, {report.runs_changed:,} completed"
    )
    click.echo(f"Added: {told or 'nothing; all of it was there'}")
    _list("Taken in another form", report.changed, report.changed_count)
    _list("Left out", report.left_out, report.left_out_count)


def _list(title: str, remarks: list[Remark], count: int) -> None:
    if not count:
        return
    click.echo(f"{title}: {count:,}")
    for remark in remarks[:_SHOWN]:
        click.echo(f"  {remark.kind} {remark.name}: {remark.why}")
    if count > _SHOWN:
        click.echo(f"  ... and {count - _SHOWN:,} more; --json lists them", err=sys.stdout.isatty())
