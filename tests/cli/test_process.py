"""The command as a process: what it loads, how it ends, what a closed pipe does."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from headrace.client.tracking import MlflowClient

COMMAND = str(Path(sys.executable).with_name("headrace"))
HEAVY = {"sqlalchemy", "numpy", "starlette", "pandas", "httpx", "rich", "fsspec", "uvicorn"}


def run(*arguments: str, **options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **options},
    )


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from headrace.cli.main import headrace\n"
        "headrace.main(['--help'], standalone_mode=False)\n"
        "print('\\n'.join(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "experiments" in done.stdout
    assert {name.partition(".")[0] for name in done.stderr.split()} & HEAVY == set()


def test_a_closed_pipe_is_silent(tmp_path: Path) -> None:
    client = MlflowClient(str(tmp_path))
    for number in range(300):
        client.create_run("0", run_name=f"run {number} {'x' * 400}")
    script = f"{COMMAND} runs list --experiment-id 0 --tracking-uri {tmp_path} | head -1"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {script}"], capture_output=True, text=True, check=False
    )
    assert len(done.stdout.splitlines()) == 1
    assert done.stderr == ""


@pytest.mark.parametrize(("extra", "traced"), [((), False), (("--traceback",), True)])
def test_a_traceback_is_shown_only_when_asked_for(
    tmp_path: Path, extra: tuple[str, ...], traced: bool
) -> None:
    (tmp_path / "headrace.db").write_text("no database at all, and long enough to be read" * 50)
    done = run(*extra, "experiments", "list", "--tracking-uri", str(tmp_path))
    assert done.returncode == 1
    assert "damaged or not a database" in done.stderr
    assert ("Traceback" in done.stderr) is traced


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_words_are_completed_by_the_script_of_the_shell(shell: str) -> None:
    done = run("completion", shell)
    assert done.returncode == 0
    assert "_HEADRACE_COMPLETE" in done.stdout


def test_commands_and_options_are_completed() -> None:
    asked = {"_HEADRACE_COMPLETE": "bash_complete", "COMP_WORDS": "headrace exp", "COMP_CWORD": "1"}
    assert run(**asked).stdout.strip() == "plain,experiments"
    asked |= {"COMP_WORDS": "headrace runs search --fil", "COMP_CWORD": "3"}
    assert run(**asked).stdout.strip() == "plain,--filter"


def test_another_package_adds_commands(tmp_path: Path) -> None:
    (tmp_path / "a_package.py").write_text(
        "import click\n@click.command()\ndef hello(): click.echo('hello from a package')\n"
    )
    info = tmp_path / "a_package-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: a-package\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[headrace.commands]\nhello = a_package:hello\nruns = a_package:hello\n"
    )
    listed = run("--help", PYTHONPATH=str(tmp_path)).stdout
    assert "From a-package." in listed
    assert run("hello", PYTHONPATH=str(tmp_path)).stdout == "hello from a package\n"
    own = run("runs", "--help", PYTHONPATH=str(tmp_path)).stdout
    assert "hello from a package" not in own, "what is built in comes first"
