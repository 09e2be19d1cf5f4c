"""What is counted of requests and of the process, for the management port."""

import asyncio

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
_LAG_INTERVAL = 0.5


class Metrics:
    """The gateway's own registry; no label ever holds a person, an address or a raw path."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry(auto_describe=True)
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)
        self.requests = Histogram(
            "gateway_request_seconds",
            "Time to answer, by surface, operation and status.",
            ("surface", "operation", "status"),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.in_flight = Gauge("gateway_requests_in_flight", "Requests being answered.", registry=self.registry)
        self.loop_lag = Histogram(
            "gateway_loop_lag_seconds",
            "How late the event loop runs what is due (security R8).",
            buckets=(0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1),
            registry=self.registry,
        )
        self.dependency_up = Gauge(
            "gateway_dependency_up",
            "1 when the dependency answered its last check.",
            ("dependency",),
            registry=self.registry,
        )
        self.dependency_changes = Counter(
            "gateway_dependency_changes",
            "How often a dependency was found to be up or down, when it had not been before (security S49).",
            ("dependency", "state"),
            registry=self.registry,
        )
        self.outbox_depth = Gauge(
            "gateway_outbox_depth", "Jobs waiting to be done after an answer.", registry=self.registry
        )
        self.outbox_age = Gauge("gateway_outbox_age_seconds", "Age of the oldest waiting job.", registry=self.registry)
        self.outbox_given_up = Counter(
            "gateway_outbox_given_up",
            "Jobs that were not done because their lifetime was over (security R10).",
            ("kind",),
            registry=self.registry,
        )
        self.events = Counter(
            "gateway_security_events",
            "Security events (security S49).",
            ("event", "outcome", "reason", "surface"),
            registry=self.registry,
        )

    async def watch_loop(self) -> None:
        """Measure the loop's lag until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + _LAG_INTERVAL
            await asyncio.sleep(_LAG_INTERVAL)
            self.loop_lag.observe(max(0.0, loop.time() - due))
