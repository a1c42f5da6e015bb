"""``headrace doctor``."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import click
from rich.text import Text

from headrace.cli import output
from headrace.client.artifacts import open_files
from headrace.client.connection import store_for
from headrace.config import settings
from headrace.errors import UnsupportedError
from headrace.upkeep.examining import MOST_TOLD, Report, examine, examine_server
from headrace.upkeep.premises import address_of

_STYLES = {"damaged": "red", "repairable": "yellow", "repaired": "green", "note": "dim"}


def _show(report: Report, given: dict[str, Any]) -> None:
    console = output.console()
    console.print(Text(f"{report.uri}\n"))
    rows = [
        (
            check.name, str(check.looked_at),
            *(str(count or "") for count in (
                check.damaged, check.repairable, check.repaired, check.notes,
            )),
        )
        for check in report.checks
    ]  # fmt: skip
    head = ("check", "looked at", "damaged", "repairable", "repaired", "notes")
    console.print(output.table(head, rows, whole=head, right=head[1:]))
    for finding in report.findings:
        line = Text(f"{finding.state}: ", style=_STYLES[finding.state])
        console.print(line.append(f"{finding.subject}: {finding.problem}", style="default"))
    if len(report.findings) == MOST_TOLD:
        click.echo("... and more.")
    click.echo(f"\n{_summary(report, repair=given['repair'])}")


def _summary(report: Report, *, repair: bool) -> str:
    if report.healthy:
        return "The store is healthy."
    if not repair and any(check.repairable for check in report.checks):
        return "Something is wrong; --fix repairs what is repairable, and loses nothing by it."
    return "Something is wrong that cannot be repaired here; a backup has what is lost, if there is one."


@click.command()
@click.option("--tracking-uri", help="A folder, a database URL or a server's URL.")
@click.option(
    "--backend-store-uri",
    help="The folder of an embedded store, or its database; that of the environment by default.",
)
@click.option(
    "--artifacts-destination",
    help="Where the store's artifacts are; the folder `artifacts` of an embedded store, ./mlartifacts of a database.",
)
@click.option("--deep", is_flag=True, help="Read every artifact and compare its SHA-256.")
@click.option("--fix", "repair", is_flag=True, help="Repair what can be repaired without loss.")
@output.gives(Report, _show, wrong=lambda report: not report.healthy)
def doctor(
    *,
    tracking_uri: str | None,
    backend_store_uri: str | None,
    artifacts_destination: str | None,
    deep: bool,
    repair: bool,
) -> Report:
    """Look for damage in a store: its schema, database, rows, series of points, artifacts and uploads.

    Ends with exit code 1 when something is wrong and not repaired.
    """
    given = settings()
    uri = backend_store_uri or tracking_uri or given.backend_store_uri or given.tracking_uri
    with _shown() as tick:
        if uri is not None and uri.startswith(("http://", "https://")):
            if repair:
                raise UnsupportedError(
                    "A store is repaired where its data lies: say --backend-store-uri with its database."
                )
            opened = partial(open_files, tracking_uri=uri)
            return examine_server(uri, store_for(uri), opened, deep=deep, tick=tick)
        address = address_of(uri, artifacts_destination, given)
        return examine(address, deep=deep, repair=repair, tick=tick)


@contextmanager
def _shown() -> Iterator[Callable[[str], None]]:
    """Says on a terminal what is being looked at."""
    with output.console(err=True).status("Looking...") as status:
        yield lambda check: status.update(f"Looking at {check}...")
