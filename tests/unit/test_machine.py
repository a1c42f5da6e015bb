"""The limits of a control group, and the GPUs that a program uses, from files and a driver as they may be."""

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from headrace.client import limits
from headrace.client.gpus import Gpus
from headrace.client.system_metrics import Sampler

GIB = 1 << 30


def group(folder: Path, **files: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return tmp_path / "own"


@pytest.fixture
def cgroups(tmp_path: Path) -> Path:
    return tmp_path / "cgroups"


def test_the_second_version_says_it_in_one_tree(cgroups: Path, own: Path) -> None:
    own.write_text("0::/jobs/mine\n")
    group(cgroups / "jobs", cpu__max="50000 100000\n", memory__max="max\n")
    group(cgroups / "jobs" / "mine", cpu__max="max 100000\n", memory__max=f"{GIB}\n")
    assert limits.processors(cgroups, own) == 0.5
    assert limits.memory_bytes(64 * GIB, cgroups, own) == GIB


def test_the_first_version_has_a_tree_for_each_kind(cgroups: Path, own: Path) -> None:
    own.write_text("4:memory:/docker/a\n3:cpu,cpuacct:/docker/a\n0::/\n")
    place = cgroups / "cpu" / "docker" / "a"
    group(place, **{"cpu.cfs_quota_us": "25000\n", "cpu.cfs_period_us": "100000\n"})
    group(cgroups / "memory" / "docker" / "a", memory__limit_in_bytes=f"{2 * GIB}\n")
    assert limits.processors(cgroups, own) == 0.25
    assert limits.memory_bytes(64 * GIB, cgroups, own) == 2 * GIB


def test_without_a_limit_it_is_what_there_is(cgroups: Path, own: Path) -> None:
    assert limits.processors(cgroups, own) == len(os.sched_getaffinity(0))
    own.write_text("3:cpu:/\n4:memory:/\n")
    group(cgroups / "cpu", **{"cpu.cfs_quota_us": "-1\n", "cpu.cfs_period_us": "100000\n"})
    group(cgroups / "memory", memory__limit_in_bytes="9223372036854771712\n")
    assert limits.processors(cgroups, own) == len(os.sched_getaffinity(0))
    assert limits.memory_bytes(64 * GIB, cgroups, own) == 64 * GIB


class Driver:
    """What NVIDIA's library answers on a machine with three cards; the second has no power sensor."""

    class NVMLError(Exception):
        pass

    def __init__(self, running: dict[int, list[int]]) -> None:
        self._running = running

    def nvmlInit(self) -> None:  # noqa: N802
        pass

    def nvmlDeviceGetCount(self) -> int:  # noqa: N802
        return 3

    def nvmlDeviceGetHandleByIndex(self, i: int) -> int:  # noqa: N802
        return i

    def nvmlDeviceGetComputeRunningProcesses(self, i: int) -> list[SimpleNamespace]:  # noqa: N802
        return [SimpleNamespace(pid=pid) for pid in self._running.get(i, [])]

    def nvmlDeviceGetMemoryInfo(self, i: int) -> SimpleNamespace:  # noqa: N802
        return SimpleNamespace(used=(i + 1) * 1_000_000, total=10_000_000)

    def nvmlDeviceGetUtilizationRates(self, i: int) -> SimpleNamespace:  # noqa: N802
        return SimpleNamespace(gpu=10 * i)

    def nvmlDeviceGetPowerUsage(self, i: int) -> int:  # noqa: N802
        if i == 1:
            raise self.NVMLError
        return 50_000

    def nvmlDeviceGetEnforcedPowerLimit(self, i: int) -> int:  # noqa: N802
        return 200_000


def test_only_the_gpus_that_the_program_computes_on_are_read() -> None:
    assert Gpus(Driver({0: [99], 2: [7, 8]})).usage({7, 100}) == {
        "gpu_2_memory_usage_percentage": 30.0,
        "gpu_2_memory_usage_megabytes": 3.0,
        "gpu_2_utilization_percentage": 20.0,
        "gpu_2_power_usage_watts": 50.0,
        "gpu_2_power_usage_percentage": 25.0,
    }


def test_a_card_without_a_sensor_tells_the_rest() -> None:
    assert set(Gpus(Driver({1: [7]})).usage({7})) == {
        "gpu_1_memory_usage_percentage",
        "gpu_1_memory_usage_megabytes",
        "gpu_1_utilization_percentage",
    }


def test_a_program_that_uses_none_has_no_gpu_metrics() -> None:
    assert Gpus(Driver({0: [99]})).usage({7}) == {}


def test_samples_are_averaged_into_points_at_steps_that_go_on_when_a_run_is_resumed() -> None:
    points = []
    sampler = Sampler(
        points.extend, started_ms=0, interval_s=10, samples=2, node=None
    )  # started long ago
    for _ in range(3):
        sampler.sample()
    assert {point.key for point in points} >= {"system/cpu_utilization_percentage"}
    assert all(point.step > 1_000_000 for point in points)
    assert len(points) == len({point.key for point in points})
