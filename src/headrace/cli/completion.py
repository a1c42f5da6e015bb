"""``headrace completion``."""

import click
from click.shell_completion import get_completion_class

from headrace.errors import UnsupportedError

_VARIABLE = "_HEADRACE_COMPLETE"


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the script that completes words of `headrace` in a shell.

    In ~/.bashrc or ~/.zshrc: eval "$(headrace completion bash)".
    """
    kind = get_completion_class(shell)
    if kind is None:
        raise UnsupportedError(f"Words cannot be completed in '{shell}'.")
    root = context.find_root()
    click.echo(kind(root.command, {}, "headrace", _VARIABLE).source())
