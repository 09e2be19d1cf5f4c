"""Settings of the surface, each with a value that no other has (contract section 3)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
import redis

from tests.servers.gateway import served_gateway
from tests.servers.people import Person
from tests.servers.stored import only_key
from tests.surfaces.conftest import Apart
from tests.surfaces.inviting import Inviting, an_address
from tests.surfaces.kestra.client import Kestra, invitation, problems, refusal, require_done, tokens
from tests.surfaces.kestra.letters import KestraLetters
from tests.surfaces.witness import Witness

_MINUTE = 60
_OTHERWISE = {
    "INVITATION_TTL": "P3D",
    "INVITATION_URL": "https://pages.example/join/{invitation_id}",
    "RESET_TOKEN_TTL": "PT40M",
    "RESET_COOLDOWN": "PT2M",
    "RESET_MAX_REQUESTS": "4",
    "RESET_WINDOW": "PT30M",
    "RESET_URL": "https://pages.example/reset#{token}",
    "CODE_TTL": "PT7M",
    "CODE_COOLDOWN": "PT3M",
    "CODE_MAX_ATTEMPTS": "2",
    "CODE_MAX_REQUESTS": "3",
    "CODE_WINDOW": "PT20M",
}


@dataclass(frozen=True, slots=True)
class Otherwise:
    """A gateway on which each of them is set."""

    kestra: Kestra
    inviting: Inviting
    left: Callable[[str], int]


@pytest.fixture
def otherwise(kestra_apart: Apart, store: redis.Redis) -> Iterator[Otherwise]:
    """One for each test, whose limits nobody has touched yet."""
    variables = kestra_apart(**{f"KESTRA__{name}": value for name, value in _OTHERWISE.items()})

    def left(pattern: str) -> int:
        key = only_key(store, f"{variables['GATEWAY_REDIS__PREFIX']}*{pattern}")
        return int(store.ttl(key))

    with served_gateway(variables) as served, served.client() as client:
        yield Otherwise(Kestra(client), Inviting(variables), left)


def _is_nearly(seconds: int, minutes: int) -> bool:
    return (minutes - 1) * _MINUTE < seconds <= minutes * _MINUTE


def test_links_for_new_passwords_are_as_set(otherwise: Otherwise, person: Person, letters: KestraLetters) -> None:
    for _ in range(4):
        require_done(otherwise.kestra.forgot(person.email))
    text = letters.text(person)
    assert "https://pages.example/reset#" in text
    assert "40 minutes" in text
    assert _is_nearly(otherwise.left(f"{person.id}*:links:reset"), 40)
    assert _is_nearly(otherwise.left(f":pause:*:{person.id}"), 2)
    assert _is_nearly(refusal(otherwise.kestra.forgot(person.email), 429)["retryAfter"], 30)


def test_codes_are_as_set(otherwise: Otherwise, person: Person, letters: KestraLetters) -> None:
    for _ in range(3):
        require_done(otherwise.kestra.request_code(person.email))
    code = letters.code(person)
    assert "7 minutes" in letters.text(person)
    assert _is_nearly(otherwise.left(f"{person.id}*:code:sign-in"), 7)
    assert _is_nearly(otherwise.left(f":pause:*:{person.id}"), 3)
    assert _is_nearly(refusal(otherwise.kestra.request_code(person.email), 429)["retryAfter"], 20)
    for _ in range(2):
        refusal(otherwise.kestra.login(person.email, f"{(int(code) + 1) % 1_000_000:06d}"), 401)
    refusal(otherwise.kestra.login(person.email, code), 401)
    tokens(otherwise.kestra.login(person.email, person.password))


def test_invitations_are_as_set(otherwise: Otherwise, person: Person, letters: KestraLetters) -> None:
    told = otherwise.inviting.made(person.email)
    assert "https://pages.example/join/" in letters.text(person)
    lasts = datetime.fromisoformat(told["expiredAt"]) - datetime.now(UTC)  # noqa: TID251 - compared with Redis' clock
    assert abs(lasts - timedelta(days=3)) < timedelta(minutes=2)
    handed = otherwise.inviting.made(an_address(), "--no-mail")
    assert handed["link"] == f"https://pages.example/join/{handed['id']}"


@pytest.mark.parametrize("said", [{}, {"password": None}, {"password": ""}], ids=str)
def test_where_nobody_signs_in_by_a_password_an_account_needs_none(
    codes_only: tuple[Kestra, Inviting], witness: Witness, said: dict[str, object]
) -> None:
    kestra, inviting = codes_only
    email = an_address()
    body = {"firstName": "Zoë", "lastName": "李", **said}
    told = invitation(kestra.post(f"/api/v1/invitation/create/{inviting.made(email, '--no-mail')['id']}", body))
    assert told["status"] == "ACCEPTED"
    (made,) = witness.accounts(email)
    assert (made["enabled"], witness.admin.get_credentials(made["id"])) == (True, [])


def test_where_nobody_signs_in_by_a_password_names_are_still_needed(codes_only: tuple[Kestra, Inviting]) -> None:
    kestra, inviting = codes_only
    secret = inviting.made(an_address(), "--no-mail")["id"]
    assert problems(kestra.post(f"/api/v1/invitation/create/{secret}", {})).keys() == {"firstName", "lastName"}


@pytest.fixture(scope="module")
def codes_only(kestra_apart: Apart) -> Iterator[tuple[Kestra, Inviting]]:
    """A gateway on which people sign in by a mailed code alone."""
    variables = kestra_apart(SIGN_IN__STEPS='[["otp"]]')
    with served_gateway(variables) as served, served.client() as client:
        yield Kestra(client), Inviting(variables)
