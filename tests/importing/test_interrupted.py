"""An import that is killed at any instant is completed by the same command."""

import contextlib
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from importing import written
from importing.made import COMMAND, imported, read

KILLS = 12
LONGEST_S = 3.0


@pytest.mark.slow
def test_killed_again_and_again_it_ends_with_all_there_is(tmp_path: Path) -> None:
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")  # noqa: T201  (shown if the test fails)
    instants = random.Random(seed)
    source = written.mlruns(tmp_path, runs=40, points=3_000, keys=3)
    killed = 0
    for _ in range(KILLS):
        command = [COMMAND, "import", str(source), "--to", str(tmp_path / "killed")]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(instants.uniform(0.2, LONGEST_S))
        process.send_signal(signal.SIGKILL)
        killed += process.wait() == -signal.SIGKILL
    assert killed
    last = imported(source, tmp_path / "killed")
    imported(source, tmp_path / "whole")
    assert read(tmp_path / "killed")["many"]["runs"] == read(tmp_path / "whole")["many"]["runs"]
    assert last["left_out"] == []
    assert not any(imported(source, tmp_path / "killed")["added"].values())


@pytest.mark.slow
def test_memory_does_not_grow_with_the_source(tmp_path: Path) -> None:
    small = written.mlruns(tmp_path / "small", runs=5, points=10_000)
    large = written.mlruns(tmp_path / "large", runs=200, points=10_000)
    few, many = (peak_memory(source, source.parent / "store") for source in (small, large))
    runs = read(tmp_path / "large" / "store")["many"]["runs"]
    assert {len(run["metrics"]["m0"]) for run in runs.values()} == {10_000}
    assert len(runs) == 200
    assert many - few < 80_000_000, (few, many)


def peak_memory(source: Path, store: Path) -> int:
    """Bytes that an import holds at most."""
    code = (
        "import resource, sys\n"
        "from headrace.cli.main import headrace\n"
        "headrace(['import', sys.argv[1], '--to', sys.argv[2]], standalone_mode=False)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(source), str(store)],
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout.splitlines()[-1])
