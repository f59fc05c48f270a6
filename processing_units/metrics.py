"""What a unit counts, in the Prometheus text format at its operations port.

What happens per request is counted in plain dictionaries and turned into metrics when somebody reads them: on the hot
path a count costs a dictionary lookup. What happens per batch or rarer uses the library's own metrics.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from itertools import accumulate

from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from grid_config.outcomes import Outcome

SECONDS_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Durations:
    """A histogram of seconds without locks: one event loop writes it."""

    __slots__ = ("counts", "total")

    def __init__(self) -> None:
        self.counts = [0] * (len(SECONDS_BOUNDS) + 1)
        self.total = 0.0

    def observe(self, seconds: float) -> None:
        self.counts[bisect_left(SECONDS_BOUNDS, seconds)] += 1
        self.total += seconds

    def buckets(self) -> list[tuple[str, float]]:
        bounds = [*map(str, SECONDS_BOUNDS), "+Inf"]
        return list(zip(bounds, map(float, accumulate(self.counts)), strict=True))


class Metrics(Collector):
    """All figures of one unit. Each has its own registry, so that tests can build as many units as they like."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests: dict[tuple[str, int], int] = {}  # (method and route, status) → answers
        self.durations: dict[str, Durations] = {}  # method and route → seconds to the answer
        self.outcomes: dict[int, int] = {}  # Outcome of a command → times
        self.gauges: dict[str, tuple[str, Callable[[], float]]] = {}  # name → (help, reading)
        self.counters: dict[str, tuple[str, str, Mapping[str, int]]] = {}  # name → (help, label, times by label's value)
        self.counts: dict[str, int] = {}  # rare things: dropped streams, lost records, ...
        self.batch_commands = Histogram(
            "front_row_batch_commands",
            "Commands in one batch to the grid",
            registry=self.registry,
            buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256),
        )
        self.grid_seconds = Histogram(
            "front_row_grid_seconds", "From sending a batch to its answer", registry=self.registry, buckets=SECONDS_BOUNDS
        )
        self.registry.register(self)
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)

    def answered(self, route: str, status: int, seconds: float) -> None:
        """Count one answer; `route` is `METHOD /path/{parameter}`."""
        key = (route, status)
        self.requests[key] = self.requests.get(key, 0) + 1
        durations = self.durations.get(route)
        if durations is None:
            durations = self.durations[route] = Durations()
        durations.observe(seconds)

    def count(self, name: str, times: int = 1) -> None:
        """Count something rare under `front_row_<name>_total`."""
        self.counts[name] = self.counts.get(name, 0) + times

    def gauge(self, name: str, text: str, read: Callable[[], float]) -> None:
        """Tell `read()` as `front_row_<name>` whenever the figures are read."""
        self.gauges[name] = (text, read)

    def counter(self, name: str, text: str, label: str, times: Mapping[str, int]) -> None:
        """Tell counts that somebody else keeps, by a label, as `front_row_<name>_total`."""
        self.counters[name] = (text, label, times)

    def collect(self) -> Iterator[Metric]:
        requests = CounterMetricFamily("front_row_requests", "Answers by route and status", labels=["method", "route", "status"])
        for (route, status), times in self.requests.items():
            requests.add_metric([*route.split(" ", 1), str(status)], times)
        yield requests
        seconds = HistogramMetricFamily("front_row_request_seconds", "From a request's headers to its answer", labels=["method", "route"])
        for route, durations in self.durations.items():
            seconds.add_metric(route.split(" ", 1), durations.buckets(), durations.total)
        yield seconds
        outcomes = CounterMetricFamily("front_row_outcomes", "What commands came to", labels=["outcome"])
        for outcome, times in self.outcomes.items():
            outcomes.add_metric([Outcome(outcome).name.lower()], times)
        yield outcomes
        for name, (text, read) in self.gauges.items():
            yield GaugeMetricFamily(f"front_row_{name}", text, value=read())
        for name, times in self.counts.items():
            yield CounterMetricFamily(f"front_row_{name}", name.replace("_", " "), value=times)
        for name, (text, label, by_label) in self.counters.items():
            counted = CounterMetricFamily(f"front_row_{name}", text, labels=[label])
            for value, times in by_label.items():
                counted.add_metric([value], times)
            yield counted

    def text(self) -> bytes:
        """Everything in the Prometheus text format."""
        return generate_latest(self.registry)
