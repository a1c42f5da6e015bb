import json
import subprocess
from pathlib import Path

import pytest

from headrace.client import git, source
from headrace.errors import InvalidValueError

COMMIT = "a" * 40
OTHER = "b" * 40


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with the branch ``main`` checked out, as files."""
    git = tmp_path / "repository" / ".git"
    (git / "refs" / "heads").mkdir(parents=True)
    (git / "HEAD").write_text("ref: refs/heads/main\n")
    (git / "refs" / "heads" / "main").write_text(f"{COMMIT}\n")
    return git


def test_the_commit_is_read_from_any_folder_of_the_repository(repository: Path) -> None:
    deep = repository.parent / "a" / "b"
    deep.mkdir(parents=True)
    assert git.tags(deep) == {
        "mlflow.source.git.commit": COMMIT,
        "mlflow.source.git.branch": "main",
    }


def test_a_packed_branch_is_found(repository: Path) -> None:
    (repository / "refs" / "heads" / "main").unlink()
    lines = ["# pack-refs with: peeled", f"{OTHER} refs/heads/mainly", f"{COMMIT} refs/heads/main"]
    (repository / "packed-refs").write_text("\n".join(lines) + "\n")
    assert git.tags(repository.parent)["mlflow.source.git.commit"] == COMMIT


def test_a_commit_that_is_checked_out_without_a_branch_is_found(repository: Path) -> None:
    (repository / "HEAD").write_text(f"{OTHER}\n")
    assert git.tags(repository.parent) == {"mlflow.source.git.commit": OTHER}


def test_a_worktree_is_read_where_its_repository_lies(tmp_path: Path) -> None:
    def run(*command: str, at: Path) -> str:
        names = ["-c", "user.name=a", "-c", "user.email=a@b.c"]
        return subprocess.check_output(["git", *names, *command], cwd=at, text=True).strip()

    main = tmp_path / "main"
    main.mkdir()
    run("init", "-q", "-b", "trunk", at=main)
    run("commit", "-q", "--allow-empty", "-m", "first", at=main)
    run("worktree", "add", "-q", "-b", "side", str(tmp_path / "side"), at=main)
    run("commit", "-q", "--allow-empty", "-m", "second", at=tmp_path / "side")
    assert git.tags(tmp_path / "side") == {
        "mlflow.source.git.commit": run("rev-parse", "HEAD", at=tmp_path / "side"),
        "mlflow.source.git.branch": "side",
    }


@pytest.mark.parametrize(
    "head", ["", "nonsense", "ref: refs/heads/none\n", "\xff\xfe", "ref: ../../x"]
)
def test_a_repository_that_makes_no_sense_says_nothing(repository: Path, head: str) -> None:
    (repository / "HEAD").write_bytes(head.encode("latin-1"))
    assert git.tags(repository.parent) == {}


def test_a_new_repository_without_a_commit_says_nothing(repository: Path) -> None:
    (repository / "refs" / "heads" / "main").unlink()
    assert git.tags(repository.parent) == {}


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (["python", "a b.py", "--lr", "0.1"], "python 'a b.py' --lr 0.1"),
        (["x", "--password", "p", "--epochs", "3"], "x --password '***' --epochs 3"),
        (["x", "--api-key=k", "--API_KEY", "k"], "x '--api-key=***' --API_KEY '***'"),
        (["x", "SECRET_TOKEN=k"], "x 'SECRET_TOKEN=***'"),
        (["x", "--token", "--verbose"], "x --token --verbose"),
        (["x", "my-token-file.txt"], "x my-token-file.txt"),
    ],
)
def test_the_command_is_shown_without_what_looks_like_a_secret(arguments, shown: str) -> None:
    assert source.command_line(arguments) == shown


def test_a_very_long_command_is_cut() -> None:
    assert len(source.command_line(["x"] * 100_000)) <= 8_000


def test_the_settings_add_tags(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_RUN_CONTEXT", json.dumps({"team": "a", "n": 1}))
    tags = source.source_tags()
    assert (tags["team"], tags["n"]) == ("a", "1")
    monkeypatch.setenv("MLFLOW_RUN_CONTEXT", "[1]")
    with pytest.raises(InvalidValueError, match="HEADRACE_RUN_CONTEXT"):
        source.source_tags()
