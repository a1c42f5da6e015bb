"""``headrace sync``: runs that were written down offline, sent to where they are read."""

import sys
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from headrace.client import syncing
from headrace.client.connection import get_tracking_uri, resolved, shown
from headrace.client.syncing import Synced
from headrace.errors import InvalidValueError


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--to", "uri", help="A folder, a database URL or a server's URL; that of the environment else."
)
@click.option(
    "--clean", is_flag=True,
    help="Then remove from FOLDER the runs that are over and that the store has completely.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def sync(*, folder: Path, uri: str | None, clean: bool, as_json: bool) -> None:
    """Send the runs and files in FOLDER to a store.

    It may be done again at any time, also while runs are still logged to FOLDER, and from copies of it:
    what is there already is passed over. Nothing is removed from FOLDER without --clean.
    """
    target = resolved(uri) if uri else get_tracking_uri()
    if target.startswith("offline:"):
        raise InvalidValueError("Say with --to where the runs are to be sent.")
    done = _with_bar(folder.absolute(), target, clean=clean)
    if as_json:
        click.echo(msgspec.json.encode(done).decode())
    else:
        _tell(done, shown(target))
    if done.failed:
        sys.exit(1)


def _with_bar(folder: Path, uri: str, *, clean: bool) -> Synced:
    columns = (TextColumn("Sending"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("sync")
        return syncing.sync(
            folder,
            uri,
            lambda to: progress.update(bar, completed=to.done, total=to.total),
            clean=clean,
        )


def _tell(done: Synced, uri: str) -> None:
    for text in (*done.refused, *done.failed):
        click.echo(f"Not stored: {text}", err=True)
    running = f" {done.running} journals are still written." if done.running else ""
    removed = f" {done.removed} journals and files were removed here." if done.removed else ""
    click.echo(f"{done.runs} runs and {done.files} files are at {uri}.{running}{removed}")
