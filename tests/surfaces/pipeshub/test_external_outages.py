"""A provider that is down or slow (contract section 3, security R1, R5)."""

import time
from collections.abc import Iterator

import pytest

from tests.servers.identity_provider import CLIENT, IdentityProvider, Mood, listening
from tests.surfaces.outages import in_time
from tests.surfaces.parallel import at_once
from tests.surfaces.pipeshub.client import Pipeshub, fully, refusal
from tests.surfaces.pipeshub.external import Firm, FirmMaker, Offer, until_offered


@pytest.fixture
def moody() -> Iterator[IdentityProvider]:
    """A provider of this test's own."""
    with listening() as provider:
        yield provider


@pytest.fixture
def firm(pipeshub: Pipeshub, make_firm: FirmMaker, moody: IdentityProvider) -> Firm:
    """A firm whose people come from there."""
    config = {
        "clientId": CLIENT,
        "clientSecret": "x",
        "issuer": moody.url,
        "jwksUrl": f"{moody.url}/keys",
        "userInfoUrl": f"{moody.url}/userinfo",
        "authorizationUrl": f"{moody.url}/authorize",
        "tokenUrl": f"{moody.url}/token",
    }
    made = make_firm([["google", "oauth", "password"]], {"google": Offer(config), "oauth": Offer(config)})
    until_offered(pipeshub, made, "oauth")
    return made


@pytest.mark.parametrize("mood", ["slow", "failing", "garbage", "redirecting", "huge"])
def test_a_provider_without_keys_is_a_503_in_time_and_counts_for_nobody(
    pipeshub: Pipeshub, firm: Firm, moody: IdentityProvider, mood: Mood
) -> None:
    person = firm.employ()
    token, proof = pipeshub.begun(person.email), moody.token(person.email)
    with moody.being(mood):
        for answer in at_once([lambda: pipeshub.by_google(token, proof)] * 8):
            refusal(in_time(answer), 503, "UNAVAILABLE")
        assert moody.asked("/keys") == 1
        fully(pipeshub.by_password(pipeshub.begun(person.email), person.password))
    time.sleep(5)
    fully(pipeshub.by_google(token, proof))


@pytest.mark.parametrize(
    ("mood", "status"), [("slow", 503), ("huge", 503), ("failing", 401), ("garbage", 401), ("redirecting", 401)]
)
def test_userinfo_that_does_not_come_lets_nobody_in(
    pipeshub: Pipeshub, firm: Firm, moody: IdentityProvider, mood: Mood, status: int
) -> None:
    person = firm.employ()
    credentials = {"accessToken": moody.knows("access-token", person.email)}
    token = pipeshub.begun(person.email)
    with moody.being(mood):
        answer = pipeshub.authenticate(token, "oauth", credentials)
        refusal(answer, status, "UNAVAILABLE" if status == 503 else "INVALID_CREDENTIALS")
    fully(pipeshub.authenticate(token, "oauth", credentials))


def test_while_a_provider_is_slow_its_people_sign_in_by_password(
    pipeshub: Pipeshub, firm: Firm, moody: IdentityProvider
) -> None:
    person = firm.employ()
    credentials = {"accessToken": moody.knows("access-token", person.email)}
    slow = pipeshub.begun(person.email)
    with moody.being("slow"):
        answers = at_once(
            [
                *[lambda: pipeshub.authenticate(slow, "oauth", credentials)] * 6,
                lambda: pipeshub.by_password(pipeshub.begun(person.email), person.password),
            ]
        )
    assert [each.status_code for each in answers] == [503] * 6 + [200]
