"""Requests of one client for links and codes (contract sections 1.2 and 1.4)."""

from collections.abc import Callable

import httpx
import pytest

from tests.servers.gateway import served_gateway
from tests.servers.people import PersonMaker
from tests.surfaces.conftest import Apart
from tests.surfaces.kestra.client import Kestra, refusal, require_done

Ask = Callable[[Kestra, str], httpx.Response]


@pytest.mark.parametrize(("setting", "ask"), [("RESET", Kestra.forgot), ("CODE", Kestra.request_code)])
def test_requests_count_for_the_address_of_a_client_and_not_for_a_name(
    kestra_apart: Apart, make_person: PersonMaker, setting: str, ask: Ask
) -> None:
    variables = kestra_apart(**{f"KESTRA__{setting}_MAX_REQUESTS": "2"}, SERVER__TRUSTED_PROXIES="127.0.0.0/8")
    first, second, third = (make_person().email for _ in range(3))
    with (
        served_gateway(variables) as served,
        served.client(headers={"x-forwarded-for": "203.0.113.7"}) as one,
        served.client(headers={"x-forwarded-for": "203.0.113.8"}) as other,
    ):
        require_done(ask(Kestra(one), first))
        require_done(ask(Kestra(one), second))
        refusal(ask(Kestra(one), third), 429)
        require_done(ask(Kestra(other), third))
