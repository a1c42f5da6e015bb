"""Where a run comes from: who, which program, which host, which commit. Read without any subprocess."""

import getpass
import re
import shlex
import socket
import sys
from pathlib import Path
from typing import Any

import msgspec

from headrace import config
from headrace.errors import InvalidValueError

USER_TAG = "mlflow.user"
SOURCE_NAME_TAG = "mlflow.source.name"
SOURCE_TYPE_TAG = "mlflow.source.type"
GIT_COMMIT_TAG = "mlflow.source.git.commit"
GIT_BRANCH_TAG = "mlflow.source.git.branch"
HOST_TAG = "headrace.source.host"
COMMAND_TAG = "headrace.source.command"

_SECRET_OPTION = re.compile(r"(?i)(pass|secret|token|credential|api[-_]?key|access[-_]?key)")
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_LONGEST_COMMAND = 8_000


def source_tags() -> dict[str, str]:
    """The tags that each new run gets, what the settings add included."""
    script = _script()
    tags = {
        USER_TAG: user(),
        SOURCE_NAME_TAG: _notebook() or script,
        SOURCE_TYPE_TAG: "NOTEBOOK" if _in_notebook() else "LOCAL",
        HOST_TAG: socket.gethostname(),
        COMMAND_TAG: command_line(sys.orig_argv),
    }
    folder = Path(script).parent if Path(script).is_file() else Path.cwd()
    return tags | git_tags(folder) | _tags_of_settings()


def user() -> str:
    """The name that the operating system knows the user by."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "unknown"  # a container may run under a number without a name


def command_line(arguments: list[str]) -> str:
    """The command as it could be typed again, without the values of options that look like secrets."""
    shown: list[str] = []
    hide_next = False
    for argument in arguments:
        name, equals, _ = argument.partition("=")
        secret = bool(_SECRET_OPTION.search(name)) and (name.startswith("-") or bool(equals))
        if hide_next and not argument.startswith("-"):
            shown.append("***")
        else:
            shown.append(f"{name}=***" if secret and equals else argument)
        hide_next = secret and not equals
    return shlex.join(shown)[:_LONGEST_COMMAND]


def git_tags(folder: Path) -> dict[str, str]:
    """The commit and the branch that are checked out where ``folder`` lies; none outside a repository."""
    try:
        found = _git_folder(folder)
        if found is None:
            return {}
        head = (found / "HEAD").read_text(encoding="utf-8").strip()
        if not head.startswith("ref: "):
            return {GIT_COMMIT_TAG: head} if _COMMIT.fullmatch(head) else {}
        name = head.removeprefix("ref: ")
        commit = _commit(found, name)
    except (OSError, UnicodeDecodeError):
        return {}  # a repository that cannot be read says nothing
    if commit is None:
        return {}
    return {GIT_COMMIT_TAG: commit, GIT_BRANCH_TAG: name.removeprefix("refs/heads/")}


def _git_folder(folder: Path) -> Path | None:
    for place in (folder.absolute(), *folder.absolute().parents):
        git = place / ".git"
        if git.is_dir():
            return git
        if git.is_file():  # a worktree or a submodule: the file says where the folder is
            return place / git.read_text(encoding="utf-8").strip().removeprefix("gitdir: ")
    return None


def _commit(git: Path, name: str) -> str | None:
    shared = git / "commondir"
    homes = [git]
    if shared.is_file():
        homes.append(git / shared.read_text(encoding="utf-8").strip())
    for home in homes:
        if (home / name).is_file():
            commit = (home / name).read_text(encoding="utf-8").strip()
            return commit if _COMMIT.fullmatch(commit) else None
    for home in homes:
        packed = home / "packed-refs"
        lines = packed.read_text(encoding="utf-8").splitlines() if packed.is_file() else []
        for line in lines:
            commit, _, packed_name = line.partition(" ")
            if packed_name == name:
                return commit
    return None


def _script() -> str:
    return sys.argv[0] if sys.argv and sys.argv[0] not in ("", "-c", "-m") else sys.executable


def _in_notebook() -> bool:
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return shell is not None and "ipykernel" in sys.modules


def _notebook() -> str | None:
    return config.notebook() if _in_notebook() else None


def _tags_of_settings() -> dict[str, str]:
    text = config.settings().run_context
    if text is None:
        return {}
    try:
        given: dict[str, Any] = msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise InvalidValueError(f"HEADRACE_RUN_CONTEXT is not a JSON object: {error}.") from error
    return {key: str(value) for key, value in given.items()}
