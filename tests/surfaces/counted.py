"""What a served gateway has counted, read from its management port."""

from collections.abc import Iterator

import httpx
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from tests.servers.gateway import ServedGateway


def security_events(gateway: ServedGateway, event: str, **labels: str) -> float:
    """Add up the events of a kind that have these labels."""
    return total(gateway, "gateway_security_events_total", event=event, **labels)


def total(gateway: ServedGateway, metric: str, **labels: str) -> float:
    """Add up the samples of a metric that have these labels."""
    return sum(each.value for each in _samples(gateway, metric) if labels.items() <= each.labels.items())


def operations_counted(gateway: ServedGateway) -> set[str]:
    """Name the operations that have been asked for."""
    return {each.labels["operation"] for each in _samples(gateway, "gateway_request_seconds_count")}


def _samples(gateway: ServedGateway, metric: str) -> Iterator[Sample]:
    told = httpx.get(f"{gateway.management_url}/metrics", timeout=5).raise_for_status().text
    samples = (sample for family in text_string_to_metric_families(told) for sample in family.samples)
    return (each for each in samples if each.name == metric)
