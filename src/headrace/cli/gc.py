"""``headrace gc``."""

import re
import sys
from collections.abc import Sequence
from typing import Any

import click
from rich.progress import Progress
from rich.text import Text

from headrace.cli import output
from headrace.cli.premises import premises_options
from headrace.clock import now_ms
from headrace.upkeep.collecting import Collected, Item, Wanted, look, remove, summed
from headrace.upkeep.premises import Address, open_premises

_AGE = re.compile(r"(?:([\d.]+)d)?(?:([\d.]+)h)?(?:([\d.]+)m)?(?:([\d.]+)s)?")
_UNITS_MS = (86_400_000, 3_600_000, 60_000, 1_000)
_SHOWN = 200
_COLOURS = {"removable": "yellow", "removed": "green", "kept": "", "failed": "red"}


def _before(_context: click.Context, _option: click.Parameter, value: str | None) -> int | None:
    """The time before which something must have been deleted."""
    if value is None:
        return None
    found = _AGE.fullmatch(value)
    if not value or found is None:
        raise click.BadParameter(f"'{value}' is no age; write it like 30d, 12h or 1d2h3m4s.")
    try:
        parts = [float(part or 0) for part in found.groups()]
    except ValueError as error:
        raise click.BadParameter(f"'{value}' holds what is no number.") from error
    return now_ms() - int(sum(part * unit for part, unit in zip(parts, _UNITS_MS, strict=True)))


def _ids(_context: click.Context, _option: click.Parameter, value: str | None) -> list[str] | None:
    found = [part.strip() for part in (value or "").split(",") if part.strip()]
    return found or None


def _show(done: Collected, given: dict[str, Any]) -> None:
    if done.dry_run and not given["dry_run"]:
        click.echo("Nothing was removed.")  # what there is was shown before the question
        return
    _table(done.items)
    text = f"{done.removed} removed, {output.size(done.bytes)}"
    if done.dry_run:
        text = f"{done.removed} would be removed, {output.size(done.bytes)}"
    click.echo(f"{text}; {done.kept} kept; {done.failed} failed.")


def _table(items: Sequence[Item]) -> None:
    rows = [
        (
            item.kind.replace("_", " "), item.id, item.name, output.moment(item.deleted_time),
            str(item.files), output.size(item.bytes),
            Text(item.state, style=_COLOURS[item.state]), item.reason or "",
        )
        for item in items[:_SHOWN]
    ]  # fmt: skip
    head = ("what", "id", "name", "deleted", "files", "size", "", "why")
    made = output.table(head, rows, whole=("id", "size"), right=("files", "size"))
    output.print_table(made, nothing="There is nothing to remove.")
    if len(items) > _SHOWN:
        click.echo(f"... and {len(items) - _SHOWN} more; --json lists them all.")


@click.command()
@click.option(
    "--older-than", "before", callback=_before,
    help="Only what was deleted longer ago, such as 30d, 12h or 1d2h3m4s.",
)  # fmt: skip
@click.option("--run-ids", callback=_ids, help="Only these deleted runs; separated by commas.")
@click.option(
    "--experiment-ids", callback=_ids,
    help="Only these deleted experiments, with all in them; separated by commas.",
)  # fmt: skip
@click.option("--logged-model-ids", callback=_ids, help="Only these deleted models; by commas.")
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@output.gives(Collected, _show, wrong=lambda done: done.failed > 0)
@premises_options
def gc(  # noqa: PLR0913  (the options of the command)
    *,
    address: Address,
    before: int | None,
    run_ids: list[str] | None,
    experiment_ids: list[str] | None,
    logged_model_ids: list[str] | None,
    dry_run: bool,
    yes: bool,
) -> Collected:
    """Remove for good the runs, experiments and logged models that were deleted, with their artifacts.

    What something active leads to stays: a run whose model or nested run is active, a folder that
    another experiment uses. In a terminal it shows what it would remove and asks. It can be stopped at
    any time and started again.
    """
    premises = open_premises(address)
    try:
        items = look(premises, Wanted(before, run_ids, experiment_ids, logged_model_ids))
        found = summed(items, dry_run=True)
        if dry_run or not found.removed or not (yes or _agreed(found)):
            return found if dry_run or found.removed else summed(items, dry_run=False)
        with Progress(console=output.console(err=True), transient=True) as bar:
            task = bar.add_task("Removing", total=len(items))
            done = []
            for item in remove(premises, items, before):
                done.append(item)
                bar.advance(task)
        return summed(done, dry_run=False)
    finally:
        premises.store.close()


def _agreed(found: Collected) -> bool:
    """Whether it may go on: asked of people; a script has said so by calling."""
    if not sys.stdin.isatty():
        return True
    if output.wants_json():
        return False
    _table(found.items)
    text = f"Remove {found.removed} of them for good ({output.size(found.bytes)})?"
    return click.confirm(text, default=False)
