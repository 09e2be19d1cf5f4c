"""What an operator has set is what pipeshub does: values that no default has, on one gateway."""

from collections.abc import Iterator, Mapping

import pytest
import redis

from gateway.state.keys import Keys
from tests.servers.gateway import served_gateway
from tests.servers.people import OrganizationMaker, PersonMaker
from tests.servers.stored import only_key
from tests.surfaces.conftest import Apart
from tests.surfaces.pipeshub.client import FORGOT, INIT, POSTS, Pipeshub, refusal
from tests.surfaces.pipeshub.people import CODE, Letters, Members

_SESSION = 1234
_CODE = 321
_BODY = 2000


@pytest.fixture(scope="module")
def variables(mailing_apart: Apart) -> Mapping[str, str]:
    """Odd settings."""
    of_pipeshub = {
        "PIPESHUB__SESSION_TTL": str(_SESSION),
        "PIPESHUB__FORGOT_REQUEST_LIMIT": "2",
        "PIPESHUB__MAX_BODY": str(_BODY),
    }
    return mailing_apart(**of_pipeshub, ORGANIZATIONS__ADMINS_GROUP="chiefs", SIGN_IN__CODE_LIFETIME=str(_CODE))


@pytest.fixture(scope="module")
def odd(variables: Mapping[str, str]) -> Iterator[Pipeshub]:
    """A gateway with these."""
    with served_gateway(variables) as served, served.client() as client:
        yield Pipeshub(client)


def test_sign_in_lives_as_long_as_is_set(
    odd: Pipeshub, make_person: PersonMaker, store: redis.Redis, variables: Mapping[str, str]
) -> None:
    key = Keys(variables["GATEWAY_REDIS__PREFIX"]).sign_in(odd.begun(make_person().email))
    assert _SESSION - 10 < store.ttl(key) <= _SESSION


def test_code_works_as_long_as_is_set_and_its_mail_says_so(
    odd: Pipeshub, members: Members, letters: Letters, store: redis.Redis, variables: Mapping[str, str]
) -> None:
    person = members(CODE)
    assert odd.ask_code(person.email).status_code == 200
    assert f"{_CODE // 60} minutes" in letters.text(person)
    key = only_key(store, f"{variables['GATEWAY_REDIS__PREFIX']}*{person.id}*:code:sign-in")
    assert _CODE - 10 < store.ttl(key) <= _CODE


def test_reset_links_of_one_address_are_as_many_as_are_set(odd: Pipeshub, make_person: PersonMaker) -> None:
    email = make_person().email
    assert [odd.post(FORGOT, {"email": email}).status_code for _ in range(3)] == [200, 200, 429]


@pytest.mark.parametrize(("group", "role"), [("chiefs", "admin"), ("admins", "member")])
def test_members_of_the_group_that_is_set_are_told_as_administrators(
    odd: Pipeshub, make_person: PersonMaker, make_organization: OrganizationMaker, group: str, role: str
) -> None:
    person = make_person()
    make_organization(admins=[person], group=group)
    tokens = odd.sign_in(person.email, person.password)
    assert odd.refresh(tokens["refreshToken"]).json()["user"]["role"] == role


@pytest.mark.parametrize("path", POSTS)
def test_body_longer_than_is_set_is_refused(odd: Pipeshub, path: str) -> None:
    refusal(odd.post_raw(path, b" " * (_BODY + 1), {}), 413, "PAYLOAD_TOO_LARGE")


def test_body_as_long_as_is_set_is_read(odd: Pipeshub) -> None:
    refusal(odd.post_raw(INIT, b" " * _BODY, {}), 400, "VALIDATION_ERROR")
