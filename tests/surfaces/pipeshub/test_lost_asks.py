"""Asks for a link that came to nothing in an outage: they count for nobody (security R5)."""

import redis

from gateway.state.keys import Keys
from tests.servers.gateway import served_gateway
from tests.servers.people import PersonMaker
from tests.surfaces.conftest import Apart
from tests.surfaces.outages import recovered
from tests.surfaces.pipeshub.client import Pipeshub, refusal
from tests.surfaces.pipeshub.people import Letters

_FORGOTTEN = 5
"""Links that may be asked for one address."""


def test_asks_for_a_link_that_an_outage_has_lost_count_for_nothing(
    mailing_apart: Apart, make_person: PersonMaker, store: redis.Redis, letters: Letters
) -> None:
    person, variables = make_person(), mailing_apart(LIMITS__MAILS_PER_ADDRESS=str(_FORGOTTEN))
    outbox = Keys(variables["GATEWAY_REDIS__PREFIX"]).outbox
    with served_gateway(variables) as served, served.client() as client:
        pipeshub = Pipeshub(client)
        store.delete(outbox)
        store.set(outbox, "no queue", ex=60)
        for _ in range(_FORGOTTEN + 1):
            refusal(pipeshub.forgot(person.email), 503, "UNAVAILABLE")
        store.delete(outbox)
        assert recovered(lambda: pipeshub.forgot(person.email)).status_code == 200
        assert letters.token(person)
