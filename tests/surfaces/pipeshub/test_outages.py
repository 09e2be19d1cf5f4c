"""Keycloak or Redis out of reach (contract section 13, security R3 and R5)."""

from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.conftest import Stack
from tests.servers.gateway import served_gateway
from tests.servers.people import Person, PersonMaker
from tests.surfaces.conftest import Apart
from tests.surfaces.outages import Wired, in_time, recovered, undelivered, wired_gateway
from tests.surfaces.pipeshub.client import Pipeshub, fully, next_step, refusal
from tests.surfaces.pipeshub.people import BOTH, CODE, Letters, Members
from tests.surfaces.pipeshub.scoped import minted
from tests.surfaces.wire import Moment
from tests.surfaces.witness import Witness


@pytest.fixture(scope="module")
def wired(mailing_apart: Apart, stack: Stack) -> Iterator[Wired[Pipeshub]]:
    """A gateway behind wires; they are open at first."""
    with wired_gateway(mailing_apart, stack, Pipeshub) as served:
        yield served


@pytest.mark.parametrize("dependency", ["keycloak", "redis"])
def test_an_outage_is_a_503_in_time(
    wired: Wired[Pipeshub], make_person: PersonMaker, letters: Letters, dependency: str
) -> None:
    pipeshub = wired.client
    person = make_person()
    assert recovered(lambda: pipeshub.init(person.email)).status_code == 200
    tokens = pipeshub.sign_in(person.email, person.password)
    token = pipeshub.begun(person.email)
    assert pipeshub.forgot(person.email).status_code == 200
    link = letters.token(person)
    with getattr(wired, dependency).cut():
        calls: list[Callable[[], httpx.Response]] = [
            lambda: pipeshub.init(person.email),
            lambda: pipeshub.by_password(token, person.password),
            lambda: pipeshub.ask_code(person.email),
            lambda: pipeshub.bearing(tokens["accessToken"]).change(person.password, "An0ther!word"),
            lambda: pipeshub.bearing(tokens["accessToken"]).logout(),
            lambda: pipeshub.refresh(tokens["refreshToken"]),
            lambda: pipeshub.reset(link, "An0ther!word"),
            *_needing(dependency, pipeshub, person),
        ]
        for call in calls:
            answer = in_time(call())
            refusal(answer, 503, "UNAVAILABLE")
            assert answer.headers["retry-after"].isdecimal()
    assert recovered(lambda: pipeshub.reset(link, "An0ther!word")).status_code == 200


def _needing(dependency: str, pipeshub: Pipeshub, person: Person) -> list[Callable[[], httpx.Response]]:
    if dependency == "redis":
        return [lambda: pipeshub.forgot(person.email)]
    return [lambda: pipeshub.bearing(minted("fetch:config", person.id)).check()]


def test_services_are_answered_without_redis(wired: Wired[Pipeshub], make_person: PersonMaker) -> None:
    person = make_person()
    services = wired.client.bearing(minted("fetch:config", person.id))
    assert recovered(services.check).status_code == 200
    with wired.redis.cut():
        assert services.check().json() == {"hasPassword": True, "isPasswordAuthEnabled": True}


def test_a_sign_in_goes_on_after_an_outage(wired: Wired[Pipeshub], members: Members, letters: Letters) -> None:
    pipeshub = wired.client
    person = members(BOTH)
    assert recovered(lambda: pipeshub.init(person.email)).status_code == 200
    token = pipeshub.begun(person.email)
    next_step(pipeshub.by_password(token, person.password))
    pipeshub.ask_code(person.email)
    code = letters.code(person)
    for wire in (wired.keycloak, wired.redis):
        with wire.cut():
            refusal(pipeshub.by_code(token, code), 503, "UNAVAILABLE")
    assert recovered(lambda: pipeshub.init(person.email)).status_code == 200
    answer = pipeshub.by_code(token, code)
    fully(answer)


def test_a_forgotten_password_is_mailed_after_an_outage(
    wired: Wired[Pipeshub], make_person: PersonMaker, letters: Letters
) -> None:
    pipeshub = wired.client
    person = make_person()
    assert recovered(lambda: pipeshub.init(person.email)).status_code == 200
    with wired.keycloak.cut(), undelivered(wired.served, "reset_link"):
        assert pipeshub.forgot(person.email).status_code == 200
    assert letters.token(person)


def test_what_was_interrupted_while_a_stranger_was_put_out_is_done_again(
    wired: Wired[Pipeshub], members: Members, letters: Letters, witness: Witness
) -> None:
    pipeshub, person = wired.client, members(CODE, email_verified=False)
    assert recovered(lambda: pipeshub.ask_code(person.email)).status_code == 200
    token, code = pipeshub.begun(person.email), letters.code(person)
    with wired.keycloak.cut(Moment(f"PUT /admin/realms/{witness.realm}/users/{person.id} ", "asked")) as cut:
        refusal(pipeshub.by_code(token, code), 503, "UNAVAILABLE")
        assert cut.is_set()
    assert witness.admin.get_credentials(person.id) == []
    assert not witness.admin.get_user(person.id)["emailVerified"]
    fully(recovered(lambda: pipeshub.by_code(token, code)))
    assert witness.admin.get_user(person.id)["emailVerified"]


@pytest.mark.parametrize("other", ["LIMITS__MAILS_PER_MAILBOX", "PIPESHUB__OTP_REQUEST_LIMIT"])
def test_codes_that_could_not_be_sent_count_against_no_limit(
    mailing_apart: Apart, members: Members, letters: Letters, stack: Stack, other: str
) -> None:
    person = members(CODE)
    down = mailing_apart(MAIL__PORT="9", **{other: "100"})
    with served_gateway(down) as served, served.client() as client:
        for _ in range(7):
            refusal(Pipeshub(client).ask_code(person.email), 503, "UNAVAILABLE")
    with served_gateway({**down, "GATEWAY_MAIL__PORT": str(stack.smtp_port)}) as served, served.client() as client:
        for count in range(1, 6):
            assert Pipeshub(client).ask_code(person.email).status_code == 200
            letters.code(person, count)
        assert Pipeshub(client).ask_code(person.email).status_code == 429
