"""What a run records of itself: its code, its environment, what it prints, what it uses."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import headrace
from headrace.client import circumstances
from headrace.client.chores import chores


@pytest.fixture
def captured(nothing_current: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs record what they do by default."""
    for what in ("CODE", "ENVIRONMENT", "CONSOLE"):
        monkeypatch.delenv(f"HEADRACE_CAPTURE_{what}")
    chores.wait()
    chores._told.clear()  # each is told once a process, and another test's may have been


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder of code under Git: a commit, and changes that are not in it."""
    folder = tmp_path / "project"
    (folder / "pkg").mkdir(parents=True)
    (folder / "pkg" / "model.py").write_text("depth = 3\nwidth = 4\n")
    (folder / "train.py").write_text(TRAIN)
    (folder / ".gitignore").write_text(".headrace/\n*.ckpt\n")
    git(folder, "init", "-q", "-b", "main")
    git(folder, "remote", "add", "origin", "https://me:hunter2@example.com/team/project.git")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "first")
    return folder


TRAIN = """
import sys
import headrace

headrace.set_tracking_uri(sys.argv[1])
with headrace.start_run() as run:
    print("training", flush=True)
    print("careful", file=sys.stderr)
    headrace.log_param("lr", 0.1)
"""


def git(folder: Path, *command: str) -> str:
    names = ["-c", "user.name=a", "-c", "user.email=a@b.c"]
    return subprocess.check_output(["git", *names, *command], cwd=folder, text=True).strip()


def trained(folder: Path, tracking_uri: str, **environment: str) -> headrace.entities.Run:
    """The run that the project's script made."""
    surroundings = {k: v for k, v in os.environ.items() if not k.startswith("HEADRACE_CAPTURE")}
    done = subprocess.run(
        [sys.executable, "train.py", tracking_uri], cwd=folder, env={**surroundings, **environment},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "training" in done.stdout
    assert done.stderr == "careful\n"
    headrace.set_tracking_uri(tracking_uri)
    (run,) = headrace.search_runs(["0"], output_format="list", max_results=1)
    return run


def files(run: headrace.entities.Run) -> dict[str, str]:
    """The text of all files of a run, by path."""
    client = headrace.MlflowClient()

    def walk(folder: str) -> Iterator[str]:
        for entry in client.list_artifacts(run.info.run_id, folder):
            yield from walk(entry.path) if entry.is_dir else (entry.path,)

    return {
        path: Path(client.download_artifacts(run.info.run_id, path)).read_text()
        for path in walk("")
    }


def until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_script_without_changes_is_known_by_its_commit(project: Path, tracking_uri: str) -> None:
    run = trained(project, tracking_uri)
    tags = run.data.tags
    assert tags["mlflow.source.git.commit"] == git(project, "rev-parse", "HEAD")
    assert tags["mlflow.source.git.branch"] == "main"
    assert tags["mlflow.source.git.repoURL"] == "https://example.com/team/project.git"
    assert tags["mlflow.source.git.dirty"] == "false"
    assert tags["headrace.source.python"] == sys.version.split()[0]
    assert tags["headrace.source.command"].endswith(f"train.py {tracking_uri}")
    assert set(files(run)) == {"console/output.log", "environment/requirements.txt"}


def test_the_patch_of_a_run_makes_its_code_again(project: Path, tmp_path: Path) -> None:
    (project / "pkg" / "model.py").write_text("depth = 30\nwidth = 4\n")
    (project / "train.py").write_text(TRAIN + "# changed, without a line's end")
    (project / "pkg" / "new.py").write_text("new = 1\n\nlast = 'no newline'")
    (project / "pkg" / "empty.py").write_text("")
    (project / "pkg" / "ünï code.py").write_text("x = 1\r\ny = 2\r\n")
    (project / "weights.ckpt").write_text("ignored")
    kept = files(run := trained(project, str(tmp_path / "store")))
    assert run.data.tags["mlflow.source.git.dirty"] == "true"
    again = tmp_path / "again"
    git(tmp_path, "clone", "-q", str(project), str(again))
    client = headrace.MlflowClient()
    patch = client.download_artifacts(run.info.run_id, "source/uncommitted.patch")
    git(again, "apply", patch)
    for name in ("pkg/model.py", "train.py", "pkg/new.py", "pkg/empty.py", "pkg/ünï code.py"):
        assert (again / name).read_bytes() == (project / name).read_bytes()
    assert not (again / "weights.ckpt").exists()
    assert "source/left_out.txt" not in kept


def test_what_is_large_binary_or_private_is_left_out_and_named(project, tmp_path: Path) -> None:
    (project / "data.bin").write_bytes(b"\0" * 100)
    (project / "big.txt").write_text("x" * 200_000)
    (project / ".env").write_text("PASSWORD=hunter2")
    (project / "link.py").symlink_to("/etc/passwd")
    (project / "small.py").write_text("password = 'hunter22'\n")
    kept = files(trained(project, str(tmp_path / "store")))
    left_out = kept["source/left_out.txt"].splitlines()
    assert [line.partition(":")[0] for line in left_out] == [
        ".env", "big.txt", "data.bin", "link.py",
    ]  # fmt: skip
    assert "password = '***'" in kept["source/uncommitted.patch"]
    assert not any("hunter2" in text or "root:" in text for text in kept.values())


SECRETIVE = (
    TRAIN
    + """    headrace.log_params({"api_key": "abcdefgh", "at": "postgres://me:hunter2@db/x"})
    headrace.set_tags({"db_password": "hunter2"})
    print("using sk-abcdefghijklmnopqrstuvwxyz")
"""
)


def test_likely_secrets_are_masked_unless_told_otherwise(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(SECRETIVE)
    run = trained(tmp_path, str(tmp_path / "masked"))
    assert run.data.params == {"lr": "0.1", "api_key": "***", "at": "postgres://me:***@db/x"}
    assert run.data.tags["db_password"] == "***"
    kept = files(run)
    assert "using ***" in kept["console/output.log"]
    assert not any("hunter2" in text or "abcdefgh" in text for text in kept.values())
    run = trained(tmp_path, str(tmp_path / "plain"), HEADRACE_MASK_SECRETS="false")
    assert run.data.params["at"] == "postgres://me:hunter2@db/x"
    assert files(run)["source/train.py"] == SECRETIVE


def test_a_script_outside_git_is_kept_itself(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(TRAIN)
    kept = files(trained(tmp_path, str(tmp_path / "store")))
    assert kept["source/train.py"] == TRAIN


def test_the_installed_packages_are_kept_as_pip_reads_them(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(TRAIN)
    kept = files(trained(tmp_path, str(tmp_path / "store")))["environment/requirements.txt"]
    lines = kept.splitlines()
    from importlib.metadata import version

    assert f"msgspec=={version('msgspec')}" in lines
    assert lines[0].startswith(f"# CPython {sys.version.split()[0]} at ")
    assert any(line.startswith("# editable headrace==") for line in lines)
    (tmp_path / "requirements.txt").write_text(kept)
    # Dry: every line is one that pip understands, and what is here satisfies it.
    done = subprocess.run(
        [sys.executable, "-m", "uv", "pip", "install", "--offline", "--dry-run", "--no-deps", "-r",
         "requirements.txt", "--python", sys.executable],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Would make no changes" in done.stderr, done.stderr


def test_what_a_run_prints_is_kept(captured: None, fluent: headrace.MlflowClient) -> None:
    print("before")
    with headrace.start_run() as run:
        print("one")
        print("\r10 %", end="\r100 %\n")
        sys.stderr.write("two\n")
    print("after")
    chores.wait()
    kept = files(run)["console/output.log"].splitlines()
    assert [line[25:] for line in kept] == ["  one", "  100 %", "! two"]


def test_it_can_be_read_while_the_run_goes_on(captured: None, fluent) -> None:
    with headrace.start_run() as run:
        print("early")
        until(lambda: "early" in files(run).get("console/output.log", ""))
        print("late")
        until(lambda: "late" in files(run).get("console/output.log", ""))


def test_nested_runs_print_into_the_one_that_has_the_console(captured: None, fluent) -> None:
    with headrace.start_run() as outer:
        with headrace.start_run(nested=True) as inner:
            print("inside")
        print("outside")
    chores.wait()
    assert [line[27:] for line in files(outer)["console/output.log"].splitlines()] == [
        "inside",
        "outside",
    ]
    assert "console/output.log" not in files(inner)


def test_a_process_that_joins_a_run_has_a_console_file_of_its_own(captured: None, fluent) -> None:
    with headrace.start_run() as run:
        print("first")
    with headrace.start_run(run_id=run.info.run_id):
        print("second")
    chores.wait()
    consoles = {path: text for path, text in files(run).items() if path.startswith("console/")}
    assert len(consoles) == 2
    assert "first" in consoles.pop("console/output.log")
    assert "second" in consoles.popitem()[1]


def test_a_test_runners_own_capture_goes_on(captured, fluent, capsys) -> None:
    with headrace.start_run():
        print("seen")
    assert capsys.readouterr().out == "seen\n"


def test_each_kind_can_be_switched_off(fluent: headrace.MlflowClient) -> None:
    with headrace.start_run(log_system_metrics=False) as run:
        print("unseen")
    chores.wait()
    assert files(run) == {}


def test_that_the_files_cannot_be_kept_is_said_once_and_stops_nothing(
    captured: None, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    headrace.set_tracking_uri(tmp_path / "store")
    place = headrace.create_experiment("no place", artifact_location=str(tmp_path / "file"))
    for _ in range(3):
        with headrace.start_run(experiment_id=place) as run:
            headrace.log_metric("m", 1)
        chores.wait()
    assert headrace.get_run(run.info.run_id).data.metrics == {"m": 1.0}
    assert [record.getMessage().partition(" could")[0] for record in caplog.records] == [
        "The environment"
    ]


def system_metrics(run: headrace.entities.Run) -> dict[str, float]:
    found = headrace.get_run(run.info.run_id).data.metrics
    return {key: value for key, value in found.items() if key.startswith("system/")}


NAMES = {
    "cpu_utilization_percentage", "system_memory_usage_megabytes", "system_memory_usage_percentage",
    "disk_usage_percentage", "disk_usage_megabytes", "disk_available_megabytes",
    "network_receive_megabytes", "network_transmit_megabytes",
}  # fmt: skip


def test_a_run_records_what_it_uses_of_its_machine(fluent: headrace.MlflowClient) -> None:
    headrace.set_system_metrics_sampling_interval(0.05)
    with headrace.start_run(log_system_metrics=True) as run:
        until(lambda: len(fluent.get_metric_history(run.info.run_id, CPU)) > 2)
    found = system_metrics(run)
    assert {key.removeprefix("system/") for key in found} >= NAMES
    assert 0 < found["system/system_memory_usage_percentage"] <= 100
    points = fluent.get_metric_history(run.info.run_id, CPU)
    assert len({point.step for point in points}) == len(points)


CPU = "system/cpu_utilization_percentage"


def test_only_this_program_is_counted_with_all_that_it_started(fluent) -> None:
    headrace.set_system_metrics_sampling_interval(0.1)
    burn = [sys.executable, "-c", "while True: pass"]
    with headrace.start_run(log_system_metrics=True) as run:
        until(lambda: system_metrics(run))
        with subprocess.Popen(burn) as process:
            share = 100 / len(os.sched_getaffinity(0))
            until(lambda: system_metrics(run)[CPU] > share / 3)
            process.kill()


def test_a_long_run_records_it_without_being_asked(fluent, monkeypatch) -> None:
    monkeypatch.setattr(circumstances, "LONG_S", 0.2)
    headrace.set_system_metrics_sampling_interval(0.1)
    with headrace.start_run() as run:
        until(lambda: system_metrics(run))
    headrace.disable_system_metrics_logging()
    with headrace.start_run() as silent:
        time.sleep(0.5)
    assert system_metrics(silent) == {}


def test_machines_that_log_to_one_run_are_told_apart(fluent: headrace.MlflowClient) -> None:
    headrace.set_system_metrics_sampling_interval(0.05)
    headrace.set_system_metrics_samples_before_logging(2)
    headrace.set_system_metrics_node_id("worker-1")
    headrace.enable_system_metrics_logging()
    with headrace.start_run() as run:
        until(lambda: system_metrics(run))
    assert all(key.startswith("system/worker-1/") for key in system_metrics(run))
