"""What the server counts of itself, for Prometheus."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import Metric

_BOUNDS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Telemetry:
    """Requests by route, status and time; counting one costs well under a microsecond."""

    content_type = CONTENT_TYPE_LATEST.encode()

    def __init__(self) -> None:
        self._counts: defaultdict[tuple[str, str, int], int] = defaultdict(int)
        self._buckets: defaultdict[str, list[int]] = defaultdict(lambda: [0] * (len(_BOUNDS_S) + 1))
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._registry = CollectorRegistry()
        self._registry.register(self)
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self._registry)

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered request; ``route`` is a pattern, never a path that a client made up."""
        self._counts[method, route, status] += 1
        self._buckets[route][bisect_left(_BOUNDS_S, seconds)] += 1
        self._seconds[route] += seconds

    def collect(self) -> Iterable[Metric]:
        """What Prometheus reads."""
        requests = CounterMetricFamily(
            "headrace_http_requests", "Requests answered.", labels=["method", "route", "status"]
        )
        for (method, route, status), count in list(self._counts.items()):
            requests.add_metric([method, route, str(status)], count)
        yield requests
        times = HistogramMetricFamily(
            "headrace_http_request_seconds",
            "Time from the request to the answer.",
            labels=["route"],
        )
        for route, buckets in list(self._buckets.items()):
            total, cumulative = 0, []
            for bound, count in zip((*map(str, _BOUNDS_S), "+Inf"), buckets, strict=True):
                total += count
                cumulative.append((bound, float(total)))
            times.add_metric([route], cumulative, self._seconds[route])
        yield times

    def page(self) -> bytes:
        """The text that ``/metrics`` answers."""
        return generate_latest(self._registry)
