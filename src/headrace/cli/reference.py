"""The reference pages of the command line and of the REST API: ``python -m headrace.cli.reference FOLDER``."""

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec

from headrace.cli.main import headrace
from headrace.flavors import BUILT_IN, autolog, get
from headrace.pyfunc.flavor import FLAVOR as PYFUNC
from headrace.stores.base import TrackingStore
from headrace.wire.operations import TRACKING

_MADE = "<!-- Made by `python -m headrace.cli.reference docs/reference`; do not edit. -->"


def pages() -> dict[str, str]:
    """The pages by their file names."""
    return {
        "autologging.md": _autologging(),
        "command-line.md": _command_line(),
        "flavors.md": _flavors(),
        "rest-api.md": _rest_api(),
    }


def _command_line() -> str:
    lines = ["# Command line", "", _MADE, ""]
    for path, command in _commands("headrace", headrace):
        lines += [f"## `{path}`", "", inspect.cleandoc(command.help or ""), ""]
        options = [one for one in command.params if isinstance(one, click.Option)]
        if options:
            lines += ["| option | what it does |", "|---|---|"]
            lines += [f"| {_spelling(option)} | {option.help or ''} |" for option in options]
            lines.append("")
        answer = getattr(command.callback, "answer", None)
        if answer is not None:
            lines += [f"With `--json` it prints `{_fields(answer)}`.", ""]
    return "\n".join(lines)


def _flavors() -> str:
    lines = [
        "# Flavors",
        "",
        _MADE,
        "",
        "What each library's models are saved in, and why loading one runs code of the model's author, if it does; "
        "then it takes [trust](../how/save-and-load-models.md#whom-to-trust). Options are those of `save_model` and "
        "`log_model` beside the common ones.",
        "",
        "| flavor | options | format | runs code |",
        "|---|---|---|---|",
    ]
    for flavor in (PYFUNC, *map(get, sorted(BUILT_IN))):
        given = inspect.signature(flavor.save).parameters.values()
        named = [one.name for one in given if one.kind is one.KEYWORD_ONLY]
        options = ", ".join(f"`{name}`" for name in named if name != "packaging")
        rows = [(name, reason or "no") for name, reason in flavor.formats.items()]
        lines += [f"| `{flavor.name}` | {options} | {rows[0][0]} | {rows[0][1]} |"]
        lines += [f"| | | {name} | {reason} |" for name, reason in rows[1:]]
    return "\n".join(lines) + "\n"


def _autologging() -> str:
    lines = [
        "# Autologging",
        "",
        _MADE,
        "",
        "What each library's trainings record, see [the guide](../how/record-trainings.md). Options are those of its "
        "`autolog` function.",
        "",
    ]
    for name, integration in sorted(autolog.integrations().items()):
        options = (f"`{key}={value!r}`" for key, value in integration.defaults.items())
        lines += [f"## `headrace.{name}.autolog`", "", f"Options: {', '.join(options)}.", ""]
        lines += ["| | what is recorded |", "|---|---|"]
        lines += [f"| {kind} | {what} |" for kind, what in integration.records]
        lines.append("")
    return "\n".join(lines)


def _commands(path: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    if not isinstance(command, click.Group):
        yield path, command
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        if found is not None:
            yield from _commands(f"{path} {name}", found)


def _spelling(option: click.Option) -> str:
    return ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))


def _rest_api() -> str:
    lines = [
        "# REST API",
        "",
        _MADE,
        "",
        "Questions and answers are JSON; a name with `?` may be left out. Each path also answers below `/ajax-api`. "
        "A server shows the same at `/api-reference`, and every type at `/openapi.json`.",
        "",
        "| verb | path | takes | gives | |",
        "|---|---|---|---|---|",
    ]
    for operation in TRACKING:
        promise = (getattr(TrackingStore, operation.method).__doc__ or "").split("\n")[0]
        fields = " | ".join(f"`{_fields(one)}`" for one in (operation.question, operation.answer))
        lines.append(
            f"| {' '.join(operation.verbs)} | `{operation.client_url}` | {fields} | {promise} |"
        )
    return "\n".join(lines) + "\n"


def _fields(struct: type[msgspec.Struct]) -> str:
    found = msgspec.structs.fields(struct)
    return ", ".join(one.encode_name + ("" if one.required else "?") for one in found) or "{}"


def main(folder: str) -> None:
    """Write the pages."""
    for name, text in pages().items():
        Path(folder, name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
