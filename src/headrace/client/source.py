"""Where a run comes from: who, which program, which host, which commit. Read without any subprocess."""

import getpass
import os
import platform
import shlex
import socket
import sys
from pathlib import Path
from typing import Any

import msgspec

from headrace import config
from headrace.client import git, notebook, secrets, working_tree
from headrace.errors import InvalidValueError

USER_TAG = "mlflow.user"
SOURCE_NAME_TAG = "mlflow.source.name"
SOURCE_TYPE_TAG = "mlflow.source.type"
HOST_TAG = "headrace.source.host"
COMMAND_TAG = "headrace.source.command"
PYTHON_TAG = "headrace.source.python"
PLATFORM_TAG = "headrace.source.platform"

_LONGEST_COMMAND = 8_000


def source_tags() -> dict[str, str]:
    """The tags that each new run gets, what the settings add included."""
    tags = {
        USER_TAG: user(),
        SOURCE_NAME_TAG: notebook.path() or _script(),
        SOURCE_TYPE_TAG: "NOTEBOOK" if notebook.in_notebook() else "LOCAL",
        HOST_TAG: socket.gethostname(),
        COMMAND_TAG: command_line(sys.orig_argv),
        PYTHON_TAG: platform.python_version(),
        PLATFORM_TAG: f"{platform.system()} {platform.release()} {platform.machine()}",
    }
    folder = code_folder()
    changed = working_tree.changes.known((folder, config.settings().mask_secrets))
    dirty = {} if changed is None else {git.DIRTY_TAG: changed.dirty}
    return tags | git.tags(folder) | dirty | _tags_of_settings()


def script() -> Path | None:
    """The user's file that the program was started with, if it is one: no installed command."""
    path = Path(_script()).absolute()
    if path.suffix != ".py" or path.is_relative_to(sys.prefix) or not path.is_file():
        return None
    return path


def code_folder() -> Path:
    """Where the program's code lies: the folder of its script, else the working directory."""
    found = script()
    return Path.cwd() if found is None else found.parent


def user() -> str:
    """The name that the operating system knows the user by."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "unknown"  # a container may run under a number without a name


def process_name() -> str:
    """A name for this process among those that log to one run."""
    return f"{socket.gethostname()}-{os.getpid()}"


def command_line(arguments: list[str]) -> str:
    """The command as it could be typed again, without the values of options that look like secrets."""
    hide = config.settings().mask_secrets
    shown = secrets.masked_arguments(arguments) if hide else arguments
    return shlex.join(shown)[:_LONGEST_COMMAND]


def _script() -> str:
    return sys.argv[0] if sys.argv and sys.argv[0] not in ("", "-c", "-m") else sys.executable


def _tags_of_settings() -> dict[str, str]:
    text = config.settings().run_context
    if text is None:
        return {}
    try:
        given: dict[str, Any] = msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise InvalidValueError(f"HEADRACE_RUN_CONTEXT is not a JSON object: {error}.") from error
    return {key: str(value) for key, value in given.items()}
