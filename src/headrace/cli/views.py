"""The option that says whether deleted things are meant, too."""

import click

from headrace.cli.output import Wrap
from headrace.entities import ViewType

_VIEWS = {
    "active_only": ViewType.ACTIVE_ONLY,
    "deleted_only": ViewType.DELETED_ONLY,
    "all": ViewType.ALL,
}


def _number(_context: click.Context, _option: click.Parameter, value: str) -> int:
    return _VIEWS[value.lower()]


view_option: Wrap = click.option(
    "--view", "-v", type=click.Choice(list(_VIEWS), case_sensitive=False),
    default="active_only", show_default=True, callback=_number,
    help="Active ones, deleted ones, or both.",
)  # fmt: skip
