"""``headrace top``."""

from functools import partial
from typing import Any

import click
from rich.console import Console
from rich.live import Live
from rich.text import Text

from headrace.cli import output
from headrace.cli.choosing import chosen_experiments, experiment_options
from headrace.cli.keyboard import keys
from headrace.cli.watching import Choice, Watched, drawn, watch
from headrace.client.connection import shown, store_for
from headrace.errors import UnavailableError

_WIDTH = 100
"""Of a picture that goes into a pipe."""


def _show(seen: Watched, given: dict[str, Any]) -> None:
    """What it ends with: the picture of a terminal is gone then, a pipe gets its one."""
    console = output.console()
    if given["once"] or not console.is_terminal:
        console.print(drawn(seen, shown(given["uri"]), _width(console)))


def _width(console: Console) -> int:
    return console.width if console.is_terminal else _WIDTH


@click.command()
@experiment_options
@click.option("--metric", "-m", help="The metric whose curve is drawn, where a run has it.")
@click.option(
    "--interval", "-i", type=click.FloatRange(min=0.1), default=1.0, show_default=True,
    help="Seconds between two looks.",
)  # fmt: skip
@click.option("--once", is_flag=True, help="Print one picture and end, as it does in a pipe.")
@output.gives(Watched, _show)
@output.tracking_uri
def top(
    *,
    uri: str,
    experiment_id: tuple[str, ...],
    experiment_name: tuple[str, ...],
    metric: str | None,
    interval: float,
    once: bool,
) -> Watched:
    """Watch running runs in the terminal: a table of them, and the curve of one.

    The arrow keys choose the run and the metric, q ends it. Where no run is running the latest are shown.
    """
    store = store_for(uri)
    experiments = chosen_experiments(store, experiment_id, experiment_name)
    console = output.console()
    choice = Choice(metric)
    look = partial(watch, store, experiments, choice)
    seen = look(_width(console))
    if once or output.wants_json() or not console.is_terminal:
        return seen
    with keys() as pressed, Live(console=console, screen=True, auto_refresh=False) as live:
        while True:
            picture = drawn(seen, shown(uri), console.width, console.height)
            live.update(picture, refresh=True)
            key = pressed(interval)
            if key is not None and not choice.moved(key):
                return seen
            try:
                seen = look(console.width)
            except UnavailableError as error:  # it may come back
                live.update(Text(f"{shown(uri)}: {error.message}"), refresh=True)
                pressed(interval)
