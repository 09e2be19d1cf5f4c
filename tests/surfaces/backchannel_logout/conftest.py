import secrets
from collections.abc import Mapping
from typing import Any

import pytest

from tests.servers.people import Person, PersonMaker
from tests.surfaces.backchannel_logout.wire_shapes import EVENT, Claims
from tests.surfaces.witness import Witness
from tests.surfaces.witness import claims as claims_of


@pytest.fixture
def person(make_person: PersonMaker) -> Person:
    """Somebody."""
    return make_person()


@pytest.fixture
def held(witness: Witness, person: Person) -> Mapping[str, Any]:
    """The tokens of a session that lives on in Keycloak, so that only the gateway can refuse it."""
    return witness.verified(person.username)


@pytest.fixture
def claims(witness: Witness, person: Person, held: Mapping[str, Any]) -> Claims:
    """What Keycloak would say when that session ends."""
    now = claims_of(held["access_token"])["iat"]
    return {
        "iss": f"{str(witness.http.base_url).rstrip('/')}/realms/{witness.realm}",
        "aud": "gateway",
        "sub": person.id,
        "sid": held["session_state"],
        "iat": now,
        "exp": now + 120,
        "jti": secrets.token_hex(8),
        "typ": "Logout",
        "events": {EVENT: {}},
    }
