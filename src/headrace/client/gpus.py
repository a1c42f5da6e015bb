"""The NVIDIA GPUs that this program uses, through the driver's own library (``nvidia-ml-py``)."""

from collections.abc import Collection
from importlib.util import find_spec
from typing import Any

from headrace import config, plugins

_MEGABYTE = 1e6


class Gpus:
    """Reads what the GPUs do. One that no process of the program computes on is left out.

    Where the driver cannot tell whose processes they are (in a container it numbers them otherwise),
    those count that ``CUDA_VISIBLE_DEVICES`` names, or else all that the container was given.
    """

    def __init__(self, nvml: Any) -> None:
        self._nvml = nvml
        nvml.nvmlInit()
        self._handles = [
            nvml.nvmlDeviceGetHandleByIndex(i) for i in range(nvml.nvmlDeviceGetCount())
        ]

    def usage(self, pids: Collection[int]) -> dict[str, float]:
        """The metrics of the GPUs that these processes use, by MLflow's names."""
        found: dict[str, float] = {}
        for i in self._used(pids):
            found |= {
                f"gpu_{i}_{name}": value for name, value in self._of(self._handles[i]).items()
            }
        return found

    def _used(self, pids: Collection[int]) -> list[int]:
        everyone = range(len(self._handles))
        running = [self._processes(handle) for handle in self._handles]
        own = [i for i in everyone if not running[i].isdisjoint(pids)]
        if own or not _in_container():
            return own
        named = config.visible_gpus()
        return [i for i in everyone if named is None or str(i) in named]

    def _processes(self, handle: Any) -> set[int]:
        try:
            return {one.pid for one in self._nvml.nvmlDeviceGetComputeRunningProcesses(handle)}
        except self._nvml.NVMLError:
            return set()

    def _of(self, handle: Any) -> dict[str, float]:
        found: dict[str, float] = {}
        # A card may lack a sensor; what the others say counts all the same.
        for read in (self._memory, self._load, self._power):
            try:
                found |= read(handle)
            except self._nvml.NVMLError:
                continue
        return found

    def _memory(self, handle: Any) -> dict[str, float]:
        memory = self._nvml.nvmlDeviceGetMemoryInfo(handle)
        return {
            "memory_usage_percentage": round(100 * memory.used / memory.total, 1),
            "memory_usage_megabytes": memory.used / _MEGABYTE,
        }

    def _load(self, handle: Any) -> dict[str, float]:
        load = self._nvml.nvmlDeviceGetUtilizationRates(handle)
        return {"utilization_percentage": float(load.gpu)}

    def _power(self, handle: Any) -> dict[str, float]:
        watts = self._nvml.nvmlDeviceGetPowerUsage(handle) / 1000
        limit = self._nvml.nvmlDeviceGetEnforcedPowerLimit(handle) / 1000
        return {
            "power_usage_watts": watts,
            "power_usage_percentage": round(100 * watts / limit, 1) if limit else 0.0,
        }


def found() -> Gpus | None:
    """The GPUs of this machine, where it has some and ``nvidia-ml-py`` is installed."""
    if find_spec("pynvml") is None:
        return None
    nvml = plugins.load("pynvml")
    try:
        return Gpus(nvml)
    except nvml.NVMLError:
        return None  # no driver


def _in_container() -> bool:
    """Whether this process has another number outside than inside."""
    try:
        with open("/proc/self/status", encoding="utf-8") as status:  # noqa: PTH123
            (numbers,) = [line.split()[1:] for line in status if line.startswith("NSpid:")]
    except (OSError, ValueError):
        return False
    return len(numbers) > 1
