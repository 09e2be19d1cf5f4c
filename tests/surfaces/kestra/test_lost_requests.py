"""Requests for mail that came to nothing in an outage: they count for nobody (security R5)."""

from collections.abc import Callable

import httpx
import pytest
import redis

from gateway.state.keys import Keys
from tests.servers.gateway import served_gateway
from tests.servers.people import PersonMaker
from tests.surfaces.conftest import Apart
from tests.surfaces.kestra.client import Kestra, refusal
from tests.surfaces.outages import recovered

_MOST = 3


@pytest.mark.parametrize("ask", [Kestra.forgot, Kestra.request_code])
def test_requests_that_an_outage_has_lost_count_for_nothing(
    kestra_apart: Apart, make_person: PersonMaker, store: redis.Redis, ask: Callable[[Kestra, str], httpx.Response]
) -> None:
    most = str(_MOST)
    variables = kestra_apart(
        KESTRA__RESET_MAX_REQUESTS=most, KESTRA__CODE_MAX_REQUESTS=most, LIMITS__MAILS_PER_ADDRESS=most
    )
    person, outbox = make_person(), Keys(variables["GATEWAY_REDIS__PREFIX"]).outbox
    with served_gateway(variables) as served, served.client() as client:
        kestra = Kestra(client)
        store.delete(outbox)
        store.set(outbox, "no queue", ex=60)
        for _ in range(_MOST + 1):
            refusal(ask(kestra, person.email), 503)
        store.delete(outbox)
        assert recovered(lambda: ask(kestra, person.email)).status_code == 200
