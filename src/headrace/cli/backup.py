"""``headrace backup`` and ``headrace restore``."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from headrace.cli import output
from headrace.cli.premises import premises_options
from headrace.upkeep import copying
from headrace.upkeep.copying import Copied
from headrace.upkeep.premises import Address


def _show(done: Copied, _given: dict[str, Any]) -> None:
    for problem in done.failed:
        click.echo(f"Not copied: {problem.subject}: {problem.problem}", err=True)
    for place in done.elsewhere:
        click.echo(f"Not copied, for it lies elsewhere: {place}", err=True)
    runs, experiments = done.rows["runs"], done.rows["experiments"]
    click.echo(
        f"{runs} runs of {experiments} experiments, {done.files} files ({output.size(done.bytes)}) copied "
        f"to {done.target}; {done.unchanged} files were there already."
    )


@contextmanager
def _shown() -> Iterator[Callable[[int], None]]:
    """Says on a terminal how far it is."""
    with output.console(err=True).status("Copying the database...") as status:
        yield lambda files: status.update(f"Copying artifacts: {files}")


@click.command()
@click.argument("dest")
@output.gives(Copied, _show, wrong=lambda done: bool(done.failed))
@premises_options
def backup(*, address: Address, dest: str) -> Copied:
    """Copy an embedded store or a SQLite database, with its artifacts, into the folder DEST.

    The store may be used meanwhile: the database is copied as of one moment. Into the folder of an
    earlier backup only what changed is copied. Each file is checked against its digest.
    """
    with _shown() as tick:
        return copying.back_up(address, Path(dest).expanduser().absolute(), tick)


@click.command()
@click.argument("src")
@output.gives(Copied, _show, wrong=lambda done: bool(done.failed))
@premises_options
def restore(*, address: Address, src: str) -> Copied:
    """Make a store from the backup in the folder SRC, where there is none yet.

    Each file is checked against its digest; the database comes last, so what is cut off is no store.
    """
    with _shown() as tick:
        return copying.restore(Path(src).expanduser().absolute(), address, tick)
