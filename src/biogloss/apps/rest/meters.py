"""What is counted, for Prometheus: requests by route and status, batches, what waits, jobs, and the process itself.

Never what was asked:

biogloss_requests_total{route="/v1/annotate",method="POST",status="200"} 41
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

if TYPE_CHECKING:
    from collections.abc import Callable

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_COUNTS = (1, 2, 4, 8, 16, 32, 64, 128)
MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Meters:
    """The counters of one service."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._requests = Counter(
            "biogloss_requests", "Requests answered.", ("route", "method", "status"), registry=registry
        )
        self._seconds = Histogram(
            "biogloss_request_seconds", "Time to answer.", ("route",), registry=registry, buckets=_SECONDS
        )
        self._batches = Histogram(
            "biogloss_batch_items", "Items done together.", ("queue",), registry=registry, buckets=_COUNTS
        )
        self._computing = Counter(
            "biogloss_computing_seconds", "Seconds that threads computed.", ("queue",), registry=registry
        )
        self._failures = Counter("biogloss_failures", "Documents that failed.", ("step",), registry=registry)
        self._gauges: dict[str, Gauge] = {}

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        """A request was answered."""
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def batch(self, queue: str, items: int, seconds: float) -> None:
        """A batch was done."""
        self._batches.labels(queue).observe(items)
        self._computing.labels(queue).inc(seconds)

    def failure(self, step: str) -> None:
        """A document failed."""
        self._failures.labels(step).inc()

    def watch(self, name: str, words: str, value: Callable[[], float], **labels: str) -> None:
        """A figure that is looked up when it is asked for."""
        if name not in self._gauges:
            self._gauges[name] = Gauge(name, words, tuple(labels), registry=self._registry)
        gauge = self._gauges[name]
        (gauge.labels(**labels) if labels else gauge).set_function(value)

    def text(self) -> bytes:
        """All of it, as Prometheus reads it."""
        return generate_latest(self._registry)
