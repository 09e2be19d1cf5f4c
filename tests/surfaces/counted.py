"""What a served gateway has counted, read from its management port."""

import httpx
from prometheus_client.parser import text_string_to_metric_families

from tests.servers.gateway import ServedGateway


def security_events(gateway: ServedGateway, event: str, **labels: str) -> float:
    """Add up the events of a kind that have these labels."""
    wanted = {"event": event, **labels}.items()
    told = httpx.get(f"{gateway.management_url}/metrics", timeout=5).raise_for_status().text
    samples = (sample for family in text_string_to_metric_families(told) for sample in family.samples)
    counted = (each for each in samples if each.name == "gateway_security_events_total")
    return sum(each.value for each in counted if wanted <= each.labels.items())
