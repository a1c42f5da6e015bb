"""What the files of a Git repository say, read without running Git."""

import re
from pathlib import Path

from headrace.client.secrets import masked_text

COMMIT_TAG = "mlflow.source.git.commit"
BRANCH_TAG = "mlflow.source.git.branch"
REMOTE_TAG = "mlflow.source.git.repoURL"
DIRTY_TAG = "mlflow.source.git.dirty"

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_SECTION = re.compile(r'\[remote "(?P<name>[^"]+)"\]')
_URL = re.compile(r"url\s*=\s*(?P<url>\S+)")
_USER = re.compile(r"(?<=://)[^\s/@]*@")


def tags(folder: Path) -> dict[str, str]:
    """Commit, branch and remote of what is checked out where ``folder`` lies; none outside a repository."""
    try:
        found = git_folder(folder)
        if found is None:
            return {}
        head = (found / "HEAD").read_text(encoding="utf-8").strip()
        if not head.startswith("ref: "):
            return ({COMMIT_TAG: head} | _remote(found)) if _COMMIT.fullmatch(head) else {}
        name = head.removeprefix("ref: ")
        commit = _commit(found, name)
        if commit is None:
            return {}
        here = {COMMIT_TAG: commit, BRANCH_TAG: name.removeprefix("refs/heads/")}
        return here | _remote(found)
    except (OSError, UnicodeDecodeError):
        return {}  # a repository that cannot be read says nothing


def git_folder(folder: Path) -> Path | None:
    """The ``.git`` folder that ``folder`` belongs to."""
    for place in (folder.absolute(), *folder.absolute().parents):
        git = place / ".git"
        if git.is_dir():
            return git
        if git.is_file():  # a worktree or a submodule: the file says where the folder is
            return place / git.read_text(encoding="utf-8").strip().removeprefix("gitdir: ")
    return None


def _homes(git: Path) -> list[Path]:
    """Where its files are: a worktree has some of its own and shares the others."""
    shared = git / "commondir"
    if not shared.is_file():
        return [git]
    return [git, git / shared.read_text(encoding="utf-8").strip()]


def _commit(git: Path, name: str) -> str | None:
    homes = _homes(git)
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


def _remote(git: Path) -> dict[str, str]:
    """The URL of ``origin``, else of the first remote, without who signs in there."""
    urls: dict[str, str] = {}
    for home in _homes(git):
        config = home / "config"
        remote = None
        for line in config.read_text(encoding="utf-8").splitlines() if config.is_file() else []:
            if line.lstrip().startswith("["):
                section = _SECTION.match(line.strip())
                remote = section["name"] if section else None
            elif remote is not None and (found := _URL.match(line.strip())):
                urls.setdefault(remote, found["url"])
    url = urls.get("origin") or next(iter(urls.values()), None)
    return {REMOTE_TAG: masked_text(_USER.sub("", url))} if url else {}
