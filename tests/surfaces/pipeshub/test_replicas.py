"""Several gateways that share everything: one goes on where another has stopped (security S14, R11)."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.conftest import Stack
from tests.servers.gateway import served_gateway
from tests.servers.people import PersonMaker
from tests.servers.waiting import until
from tests.surfaces.conftest import Apart
from tests.surfaces.pipeshub.client import Pipeshub, fully, next_step, refusal
from tests.surfaces.pipeshub.people import BOTH, Letters, Members
from tests.surfaces.wire import Moment, wire_to
from tests.surfaces.witness import Witness

_NEW = "An0ther!word"


def test_the_steps_of_one_sign_in_are_proven_at_two_gateways(
    pipeshub: Pipeshub, mailing: Mapping[str, str], members: Members, letters: Letters
) -> None:
    person = members(BOTH)
    with served_gateway(mailing) as served, served.client() as client:
        other = Pipeshub(client)
        token = other.begun(person.email)
        assert next_step(pipeshub.by_password(token, person.password)) == (1, ["otp"])
        assert other.ask_code(person.email).status_code == 200
        tokens = fully(pipeshub.by_code(token, letters.code(person)))
        refusal(other.by_code(token, letters.code(person)), 404, "SESSION_EXPIRED")
        assert other.refresh(tokens["refreshToken"]).status_code == 200
        assert other.bearing(tokens["accessToken"]).logout().status_code == 200
    refusal(pipeshub.refresh(tokens["refreshToken"]), 401, "INVALID_TOKEN")


def test_a_link_that_a_killed_gateway_was_using_works_at_another_one_soon(
    mailing_apart: Apart, stack: Stack, make_person: PersonMaker, letters: Letters, witness: Witness
) -> None:
    person, variables = make_person(), mailing_apart()
    with (
        wire_to(stack.keycloak_url) as (keycloak, url),
        served_gateway(variables) as served,
        served.client() as client,
        served_gateway({**variables, "GATEWAY_KEYCLOAK__URL": url}) as doomed,
        doomed.client() as doomed_client,
        ThreadPoolExecutor(1) as pool,
        keycloak.frozen(Moment(f"/users/{person.id}/reset-password ", "asked")) as reached,
    ):
        pipeshub = Pipeshub(client)
        assert pipeshub.forgot(person.email).status_code == 200
        link = letters.token(person)
        resetting = pool.submit(Pipeshub(doomed_client).reset, link, _NEW)
        assert reached.wait(5)
        doomed.kill()
        with pytest.raises(httpx.TransportError):
            resetting.result()
        refusal(pipeshub.reset(link, _NEW), 401, "INVALID_TOKEN")
        assert witness.password_is(person.username, person.password)
        until(lambda: pipeshub.reset(link, _NEW).status_code == 200)
        assert witness.password_is(person.username, _NEW)
