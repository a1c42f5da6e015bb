"""The command ``headrace``: its groups are loaded when they are asked for."""

import sys
from typing import Any

import click

from headrace import plugins
from headrace.errors import HeadraceError

_COMMANDS = {
    "db": ("headrace.cli.db:db", "Look after the database of a store."),
    "import": ("headrace.cli.importing:import_", "Import runs that other tools recorded."),
    "server": ("headrace.cli.server:server", "Serve a store to a team: REST API and web UI."),
    "ui": ("headrace.cli.server:ui", "Look at the runs of this folder in the browser."),
}


class _LazyGroup(click.Group):
    """Lists its commands without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = plugins.load(_COMMANDS[cmd_name][0])
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in sorted(_COMMANDS.items())])


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="headrace")
def headrace() -> None:
    """Track, package, review and serve machine-learning models."""


def main(arguments: list[str] | None = None) -> Any:
    """Run the command line; what a user can mend is told in one line, without a traceback."""
    try:
        return headrace.main(args=arguments, prog_name="headrace")
    except HeadraceError as error:
        click.echo(f"headrace: {error}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
