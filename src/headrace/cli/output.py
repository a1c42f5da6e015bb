"""How a command says what it found: for people as a table or a sentence, for programs as JSON."""

import functools
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal, TypeVar

import click
import msgspec
from msgspec import Struct
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from headrace.client.connection import get_tracking_uri, resolved, store_for
from headrace.wire import codec

Act = Callable[..., Any]
Wrap = Callable[[Act], Act]
Cell = str | Text
Show = Callable[[Any, dict[str, Any]], None]
F = TypeVar("F", bound=Act)

_UNLIMITED = 10_000
"""Columns of a table that no terminal shows: whoever reads a pipe wants whole values."""


def gives(
    answer: type[Struct], show: Show, *, wrong: Callable[[Any], bool] = lambda _: False
) -> Wrap:
    """A command whose function gives an ``answer``.

    It is shown by ``show``, which gets the command's arguments too, or printed in the wire's JSON. The
    exit code is 1 if the answer is ``wrong``.
    """

    def decorate(act: Act) -> Act:
        @functools.wraps(act)
        def command(*, as_json: bool, **given: Any) -> None:
            found = act(**given)
            if as_json:
                click.echo(in_json(found))
            else:
                show(found, given)
            if wrong(found):
                sys.exit(1)

        command.answer = answer  # type: ignore[attr-defined]  # for the reference page
        return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)

    return decorate


def in_json(answer: Struct) -> str:
    """The answer in the wire's JSON; its lists are there when they are empty, too."""
    names = {field.name: field.encode_name for field in msgspec.structs.fields(answer)}
    empty: dict[str, Any] = {
        spelled: [] for name, spelled in names.items() if getattr(answer, name) == []
    }
    data = codec.encode(answer)
    if empty:
        data = msgspec.json.encode(empty | msgspec.json.decode(data, type=dict[str, Any]))
    return data.decode()


def wants_json() -> bool:
    """Whether the command that runs was given ``--json``."""
    return bool(click.get_current_context().params.get("as_json"))


def says(text: str) -> Show:
    """A sentence about what was done, made of the command's arguments and its answer."""
    return lambda answer, given: click.echo(text.format(answer=answer, **given))


def tracking_uri(act: F) -> F:
    """The option that says which store is meant; the function gets it resolved, as ``uri``."""

    @functools.wraps(act)
    def command(*, uri: str | None, **given: Any) -> Any:
        return act(uri=resolved(uri) if uri else get_tracking_uri(), **given)

    return click.option(
        "--tracking-uri",
        "uri",
        help="A folder, a database URL or a server's URL; that of the environment by default.",
    )(command)  # type: ignore[return-value]


def on_store(act: F) -> F:
    """The same; the function gets the opened store, as ``store``."""

    @functools.wraps(act)
    def command(*, uri: str, **given: Any) -> Any:
        return act(store=store_for(uri), **given)

    return tracking_uri(command)  # type: ignore[return-value]


# Tables


def console(*, err: bool = False) -> Console:
    """A console as wide as the terminal, or as wide as it takes where there is none."""
    stream = sys.stderr if err else sys.stdout
    return Console(stderr=err, width=None if stream.isatty() else _UNLIMITED, highlight=False)


def table(
    head: Sequence[str], rows: Iterable[Sequence[Cell]], *, title: str | None = None,
    whole: Sequence[str] = (), right: Sequence[str] = (),
) -> Table:  # fmt: skip
    """A table; the columns ``whole`` are never cut, and those of ``right`` hold numbers."""
    made = Table(
        box=box.SIMPLE_HEAD, title=title, title_justify="left", show_edge=False, pad_edge=False
    )
    for name in head:
        align: Literal["left", "right"] = "right" if name in right else "left"
        made.add_column(name, no_wrap=True, overflow="ellipsis", justify=align,
                        min_width=_least(name, whole))  # fmt: skip
    for row in rows:
        cells = [cell if isinstance(cell, Text) else Text(cell) for cell in row]
        made.add_row(*cells)
    for column in made.columns:
        if column.header in whole:
            column.min_width = max((len(str(cell)) for cell in column.cells), default=0)
    return made


def _least(name: str, whole: Sequence[str]) -> int:
    return len(name) if name in whole else min(len(name), 6)


def facts(pairs: Mapping[str, Cell], *, title: str | None = None) -> Table:
    """Names and what they stand for, a line each; long texts are wrapped."""
    made = Table(box=None, show_header=False, title=title, title_justify="left", pad_edge=False)
    made.add_column(no_wrap=True, style="bold")
    made.add_column(overflow="fold")
    for name, value in pairs.items():
        made.add_row(Text(name), value if isinstance(value, Text) else Text(value))
    return made


def print_table(made: Table, *, nothing: str) -> None:
    """Print it, or say that there is nothing."""
    if made.row_count:
        console().print(made)
    else:
        click.echo(nothing)


# Cells


def moment(milliseconds: int | None) -> str:
    """A time of this machine's zone."""
    if not milliseconds:
        return ""
    return f"{datetime.fromtimestamp(milliseconds / 1000, UTC).astimezone():%Y-%m-%d %H:%M:%S}"


def duration(milliseconds: int | None) -> str:
    """How long something took, in its two largest units."""
    if milliseconds is None:
        return ""
    seconds = milliseconds / 1000
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, seconds = divmod(int(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {seconds:02} s"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes:02} min"
    return f"{hours // 24} d {hours % 24:02} h"


def size(count: int | None) -> str:
    """A number of bytes."""
    if count is None:
        return ""
    if count < 1024:
        return f"{count} B"
    value, unit = float(count), 0
    while value >= 1024 and unit < len(_UNITS):
        value, unit = value / 1024, unit + 1
    return f"{value:.1f} {_UNITS[unit - 1]}"


_UNITS = ("KiB", "MiB", "GiB", "TiB", "PiB")


def number(value: float) -> str:
    """A metric's value, short."""
    return f"{value:.6g}"


_COLOURS = {"RUNNING": "cyan", "FINISHED": "green", "FAILED": "red", "KILLED": "yellow"}


def status(text: str) -> Text:
    """A run's status in its colour."""
    return Text(text, style=_COLOURS.get(text, ""))
