"""What a run uses of its machine, as metrics with MLflow's names: ``system/cpu_utilization_percentage``..."""

import time
from collections.abc import Callable
from typing import Any

from headrace import plugins
from headrace.client import gpus, limits
from headrace.clock import now_ms
from headrace.entities import Metric

PREFIX = "system/"
_MEGABYTE = 1e6


class Usage:
    """Reads what this process and all that it started use; disk and network are the machine's.

    Percentages are of what the process may use: its control group's share, not the whole machine.
    """

    def __init__(self) -> None:
        self._psutil = plugins.load("psutil")
        self._gpus = gpus.found()
        self._processors = limits.processors()
        self._memory = limits.memory_bytes(self._psutil.virtual_memory().total)
        self._network = self._psutil.net_io_counters()
        self._spent, self._read_at = self._processor_seconds(self._tree()), time.monotonic()

    def read(self) -> dict[str, float]:
        """The metrics now, by name without prefix; processor time since the last call."""
        tree = self._tree()
        disk = self._psutil.disk_usage(".")
        memory = sum(self._resident(process) for process in tree)
        network = self._psutil.net_io_counters()
        found = {
            "cpu_utilization_percentage": self._processor_share(tree),
            "system_memory_usage_megabytes": memory / _MEGABYTE,
            "system_memory_usage_percentage": round(100 * memory / self._memory, 1),
            "disk_usage_percentage": disk.percent,
            "disk_usage_megabytes": disk.used / _MEGABYTE,
            "disk_available_megabytes": disk.free / _MEGABYTE,
            "network_receive_megabytes": (network.bytes_recv - self._network.bytes_recv)
            / _MEGABYTE,
            "network_transmit_megabytes": (network.bytes_sent - self._network.bytes_sent)
            / _MEGABYTE,
        }
        if self._gpus is not None:
            found |= self._gpus.usage({process.pid for process in tree})
        return found

    def _tree(self) -> list[Any]:
        own = self._psutil.Process()
        return [own, *own.children(recursive=True)]

    def _processor_share(self, tree: list[Any]) -> float:
        spent, now = self._processor_seconds(tree), time.monotonic()
        used = sum(seconds - self._spent.get(process, 0.0) for process, seconds in spent.items())
        passed = max(now - self._read_at, 1e-9)
        self._spent, self._read_at = spent, now
        return round(100 * used / passed / self._processors, 1)

    def _processor_seconds(self, tree: list[Any]) -> dict[Any, float]:
        found = {}
        for process in tree:
            try:
                times = process.cpu_times()
            except self._psutil.Error:
                continue  # it has ended meanwhile
            found[process] = times.user + times.system
        return found

    def _resident(self, process: Any) -> int:
        try:
            return int(process.memory_info().rss)
        except self._psutil.Error:
            return 0


class Sampler:
    """Turns samples into points: the mean of some of them, at a step that goes on when a run is resumed."""

    def __init__(
        self,
        record: Callable[[list[Metric]], object],
        *,
        started_ms: int,
        interval_s: float,
        samples: int,
        node: str | None,
    ) -> None:
        self._record, self._started_ms, self._samples = record, started_ms, samples
        self._step_ms = max(1, int(1000 * interval_s * samples))
        self._prefix = f"{PREFIX}{node}/" if node else PREFIX
        self._usage: Usage | None = None
        self._seen: list[dict[str, float]] = []

    def sample(self) -> None:
        """Take one; the first call only begins to count."""
        if self._usage is None:
            self._usage = Usage()
            return
        self._seen.append(self._usage.read())
        if len(self._seen) >= self._samples:
            self._write()

    def _write(self) -> None:
        at = now_ms()
        step = max(0, at - self._started_ms) // self._step_ms
        names = sorted({name for sample in self._seen for name in sample})
        points = []
        for name in names:
            values = [sample[name] for sample in self._seen if name in sample]
            points.append(Metric(self._prefix + name, sum(values) / len(values), at, step))
        self._seen.clear()
        self._record(points)
