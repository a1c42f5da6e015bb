"""What becomes of a run when its process ends, however it ends."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import headrace
from headrace.entities import Run


def run_of(script: str, folder: Path, status: int = 0) -> Run:
    """The only run in the store of a folder after a script has run there."""
    file = folder / "train.py"
    file.write_text("import headrace\n" + script)
    environment = {name: value for name, value in os.environ.items() if "_URI" not in name}
    done = subprocess.run(
        [sys.executable, file, "--password", "secret-1", "--token=secret-2"],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == status, done.stderr
    headrace.set_tracking_uri(folder / ".headrace")
    (run,) = headrace.search_runs(["0"], output_format="list")
    return run


@pytest.mark.parametrize(
    ("end", "code", "status"),
    [
        ("", 0, "FINISHED"),
        ("headrace.end_run('KILLED')", 0, "KILLED"),
        ("import sys\nwith headrace.active_run(): sys.exit()", 0, "FINISHED"),
        ("import sys\nwith headrace.active_run(): sys.exit(3)", 3, "FAILED"),
        ("raise ValueError('diverged')", 1, "FAILED"),
        ("raise KeyboardInterrupt", 130, "KILLED"),
        ("import sys; sys.exit(3)", 3, "FAILED"),
        ("import sys; sys.exit()", 0, "FINISHED"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", -15, "KILLED"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGINT)", 130, "KILLED"),
    ],
)
def test_an_open_run_ends_with_its_process(
    tmp_path: Path, end: str, code: int, status: str
) -> None:
    code = -2 if code == 130 else code  # an interrupted interpreter dies of the signal
    run = run_of(f"headrace.start_run()\nheadrace.log_metric('m', 1)\n{end}\n", tmp_path, code)
    assert (run.info.status, run.data.metrics) == (status, {"m": 1.0})
    assert run.info.end_time is not None


@pytest.mark.parametrize(
    ("end", "code", "reason"),
    [
        ("raise ValueError('diverged')", 1, "ValueError: diverged"),
        ("import sys; sys.exit('no data')", 1, "SystemExit: no data"),
        ("import sys\nwith headrace.active_run(): sys.exit(3)", 3, "SystemExit: 3"),
        (
            "import os, signal; os.kill(os.getpid(), signal.SIGTERM)",
            -15,
            "The process was told to stop (SIGTERM).",
        ),
    ],
)
def test_a_run_says_why_it_ended(tmp_path: Path, end: str, code: int, reason: str) -> None:
    run = run_of(f"headrace.start_run()\n{end}\n", tmp_path, code)
    assert run.data.tags["headrace.end_reason"] == reason


def test_an_exit_that_was_caught_is_no_failure(tmp_path: Path) -> None:
    script = """
import sys
with headrace.start_run():
    try:
        sys.exit(3)
    except SystemExit:
        pass
"""
    assert run_of(script, tmp_path).info.status == "FINISHED"


def test_a_program_that_handles_sigterm_goes_on_doing_so(tmp_path: Path) -> None:
    script = """
import os, signal
signal.signal(signal.SIGTERM, lambda *_: headrace.log_metric("handled", 1))
with headrace.start_run():
    os.kill(os.getpid(), signal.SIGTERM)
"""
    run = run_of(script, tmp_path)
    assert (run.info.status, run.data.metrics) == ("FINISHED", {"handled": 1.0})


def test_a_worker_that_is_terminated_keeps_its_values_and_does_not_end_the_run(
    tmp_path: Path,
) -> None:
    script = """
import os, signal, time
with headrace.start_run() as run:
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        headrace.log_metric("child", 2)
        os.write(write, b"x")
        while True:  # no pause(), which would miss a signal that comes just before it
            time.sleep(0.01)
    os.read(read, 1)
    os.kill(child, signal.SIGTERM)
    assert os.waitpid(child, 0)[1] == signal.SIGTERM
    headrace.log_metric("after", 3)
"""
    run = run_of(script, tmp_path)
    assert (run.info.status, run.data.metrics) == ("FINISHED", {"child": 2.0, "after": 3.0})


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_processes_of_multiprocessing_log_to_the_run(tmp_path: Path, method: str) -> None:
    script = f"""
import multiprocessing
def work(run_id, worker):
    for step in range(50):
        headrace.log_metric(f"m{{worker}}", step, step=step, run_id=run_id)
if __name__ == "__main__":
    with headrace.start_run() as run:
        with multiprocessing.get_context("{method}").Pool(4) as pool:
            pool.starmap(work, [(run.info.run_id, worker) for worker in range(8)])
"""
    run = run_of(script, tmp_path)
    assert run.info.status == "FINISHED"
    assert run.data.metrics == {f"m{worker}": 49.0 for worker in range(8)}


def test_the_values_of_a_killed_process_are_kept(tmp_path: Path) -> None:
    script = "import os\nheadrace.log_metric('m', 1)\nheadrace.log_param('p', 1)\nos.kill(os.getpid(), 9)\n"
    run = run_of(script, tmp_path, -9)
    assert (run.data.metrics, run.data.params) == ({"m": 1.0}, {"p": "1"})


def test_what_waits_in_the_background_is_written_before_the_process_ends(tmp_path: Path) -> None:
    script = "headrace.start_run()\nfor i in range(200): headrace.log_metric('m', i, i, synchronous=False)\n"
    run = run_of(script, tmp_path)
    assert (run.info.status, run.data.metrics) == ("FINISHED", {"m": 199.0})


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("leave", ["os._exit(0)", "sys.exit(0)"])
def test_a_forked_child_logs_to_its_parents_run_and_does_not_end_it(
    tmp_path: Path, leave: str
) -> None:
    script = f"""
import os, sys
with headrace.start_run() as run:
    headrace.log_metric("before", 1)
    if os.fork() == 0:
        headrace.log_metric("child", 2)
        headrace.log_metric("child.async", 2, synchronous=False).wait()
        {leave}
    assert os.wait()[1] == 0
    assert headrace.get_run(run.info.run_id).info.status == "RUNNING"
    headrace.log_metric("after", 3)
"""
    run = run_of(script, tmp_path)
    assert run.info.status == "FINISHED"
    assert run.data.metrics == {"before": 1, "child": 2, "child.async": 2, "after": 3}


def test_the_source_of_a_run_is_its_script_its_commit_and_its_command(tmp_path: Path) -> None:
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "init.defaultBranch=trunk"]
    (tmp_path / "file").write_text("x")
    for command in (["init", "-q"], ["add", "file"], ["commit", "-q", "-m", "first"]):
        subprocess.run([*git, *command], cwd=tmp_path, check=True)
    commit = subprocess.check_output([*git, "rev-parse", "HEAD"], cwd=tmp_path, text=True).strip()
    tags = run_of("headrace.log_param('p', 1)", tmp_path).data.tags
    assert tags["mlflow.source.git.commit"] == commit
    assert tags["mlflow.source.git.branch"] == "trunk"
    assert tags["mlflow.source.name"] == str(tmp_path / "train.py")
    assert tags["mlflow.source.type"] == "LOCAL"
    command = tags["headrace.source.command"]
    assert command.endswith("train.py --password '***' '--token=***'")
    assert "secret" not in command
