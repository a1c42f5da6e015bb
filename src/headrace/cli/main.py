"""The command ``headrace``: its groups are loaded when they are asked for."""

import os
import sys
import traceback
from typing import Any

import click

from headrace import plugins
from headrace.errors import HeadraceError

_COMMANDS = {
    "audit": (
        "headrace.cli.review:audit",
        "See who changed what of registered models, and check that the log is whole.",
    ),
    "gate": ("headrace.cli.review:gate", "Say whether a model version may move to a stage."),
    "promote": ("headrace.cli.review:promote", "Move a model version to a stage, or request it."),
    "review": ("headrace.cli.review:review", "Ask for moves of model versions, and decide."),
    "artifacts": ("headrace.cli.artifacts:artifacts", "List, fetch and store files of runs."),
    "backup": ("headrace.cli.backup:backup", "Copy a store, with its artifacts, while it is used."),
    "completion": ("headrace.cli.completion:completion", "Print the script that completes words."),
    "db": ("headrace.cli.db:db", "Look after the database of a store."),
    "doctor": (
        "headrace.cli.doctor:doctor",
        "Look for damage in a store, and repair what is safe.",
    ),
    "experiments": ("headrace.cli.experiments:experiments", "Make, find and change experiments."),
    "gc": ("headrace.cli.gc:gc", "Remove for good what was deleted."),
    "restore": ("headrace.cli.backup:restore", "Make a store from a backup."),
    "models": ("headrace.cli.models:models", "Look at models, predict with them, serve them."),
    "pyfunc": ("headrace.cli.serving:pyfunc", "Serve the models of runs."),
    "runs": ("headrace.cli.runs:runs", "Make, find and change runs."),
    "import": ("headrace.cli.importing:import_", "Import runs that other tools recorded."),
    "server": ("headrace.cli.server:server", "Serve a store to a team: REST API and web UI."),
    "sync": ("headrace.cli.sync:sync", "Send runs that were logged offline to a store."),
    "top": ("headrace.cli.top:top", "Watch running runs in the terminal."),
    "ui": ("headrace.cli.server:ui", "Look at the runs of this folder in the browser."),
    "webhooks": ("headrace.cli.webhooks:webhooks", "Have addresses called when something happens."),
}


_ADDED = "headrace.commands"
"""The group of entry points by which a package adds commands; what is built in comes first."""


class _LazyGroup(click.Group):
    """Lists its commands, and those of other distributions, without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return sorted({*_COMMANDS, *plugins.added(_ADDED)})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name in _COMMANDS:
            command: click.Command = plugins.load(_COMMANDS[cmd_name][0])
            return command
        entry = plugins.added(_ADDED).get(cmd_name)
        return None if entry is None else entry.load()

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in sorted(_COMMANDS.items())])
        foreign = [
            (name, f"From {entry.dist.name}." if entry.dist else "")
            for name, entry in sorted(plugins.added(_ADDED).items())
            if name not in _COMMANDS
        ]
        if foreign:
            with formatter.section("Added by other packages"):
                formatter.write_dl(foreign)


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="headrace")
@click.option("--traceback", is_flag=True, help="When a command fails, show where in the code.")
def headrace(*, traceback: bool) -> None:
    """Track, package, review and serve machine-learning models."""


def main(arguments: list[str] | None = None) -> Any:
    """Run the command line: what goes wrong is told in one sentence on stderr, with exit code 1."""
    try:
        return headrace.main(args=arguments, prog_name="headrace")
    except HeadraceError as error:
        _told(str(error), arguments)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        _told(f"{where}{error.strerror or error}", arguments)
    except Exception as error:  # noqa: BLE001  (the edge of the command line: a fault of ours is told as one)
        _told(f"A fault of Headrace itself: {type(error).__name__}: {error}", arguments)
    return None


def _told(text: str, arguments: list[str] | None) -> None:
    if "--traceback" in (sys.argv if arguments is None else arguments):
        traceback.print_exc()
    click.echo(f"headrace: {text}", err=True)
    _quiet_stdout()
    sys.exit(1)


def _quiet_stdout() -> None:
    """Who read stdout may be gone; the interpreter's last flush must not complain of it."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()
