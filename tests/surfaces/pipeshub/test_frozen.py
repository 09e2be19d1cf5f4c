"""Keycloak or Redis frozen: it takes what is sent, says nothing, and goes on later (security R1, R3, R5)."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import httpx
import pytest

from tests.conftest import Stack
from tests.servers.gateway import served_gateway
from tests.servers.patience import BY_DEFAULT
from tests.servers.people import Person
from tests.servers.waiting import until
from tests.state.redis_servers import running_redis
from tests.surfaces.conftest import Apart
from tests.surfaces.outages import Wired, recovered, wired_gateway
from tests.surfaces.parallel import at_once
from tests.surfaces.pipeshub.client import Pipeshub, fully, refusal
from tests.surfaces.pipeshub.people import CODE, PASSWORD, Letters, Members
from tests.surfaces.pipeshub.scoped import minted
from tests.surfaces.wire import Moment
from tests.surfaces.witness import Witness, claims

_NEW = "An0ther!word"
_WRONG = "Wr0ng!word"
_SECONDS = 10.0
"""Longest time to an answer (contract section 13)."""


@pytest.fixture(scope="module")
def wired(mailing_apart: Apart, stack: Stack) -> Iterator[Wired[Pipeshub]]:
    """A gateway behind wires; they are open at first."""
    with wired_gateway(mailing_apart, stack, Pipeshub) as served:
        yield served


@dataclass(frozen=True, slots=True)
class _UnderWay:
    """What two people have begun: one with a password and two sessions, one who signs in by code."""

    pipeshub: Pipeshub
    person: Person
    coded: Person
    here: Mapping[str, str]
    there: Mapping[str, str]
    link: str
    code: str
    token: str
    codeds_token: str

    def calls(self) -> dict[str, Callable[[], httpx.Response]]:
        """Write one call of every operation, and both ways of proving a step."""
        pipeshub, here = self.pipeshub, self.pipeshub.bearing(self.here["accessToken"])
        return {
            "initAuth": lambda: pipeshub.init(self.person.email),
            "authenticate by password": lambda: pipeshub.by_password(self.token, _WRONG),
            "authenticate by code": lambda: pipeshub.by_code(self.codeds_token, self.code),
            "generateLoginOtp": lambda: pipeshub.ask_code(self.coded.email),
            "resetPassword": lambda: here.change(self.person.password, _NEW),
            # Answered alike for every address; a mail to this person would void the link.
            "forgotPassword": lambda: pipeshub.forgot(f"no-{self.person.email}"),
            "resetPasswordWithToken": lambda: pipeshub.reset(self.link, _NEW),
            "checkPasswordStatus": lambda: pipeshub.bearing(minted("fetch:config", self.person.id)).check(),
            "refreshToken": lambda: pipeshub.refresh(self.here["refreshToken"]),
            "logout": lambda: pipeshub.bearing(self.there["accessToken"]).logout(),
        }

    def require_unavailable(self, *, answered: str) -> None:
        """Demand the documented refusal of all calls but one, all of them in time."""
        calls = self.calls()
        answers = dict(zip(calls, at_once(calls.values()), strict=True))
        assert {name for name, each in answers.items() if each.elapsed.total_seconds() > _SECONDS} == set()
        refused = {name: each.status_code for name, each in answers.items() if name != answered}
        assert (answers.pop(answered).status_code, refused) == (200, dict.fromkeys(answers, 503))
        for each in answers.values():
            refusal(each, 503, "UNAVAILABLE")

    def require_whole(self, witness: Witness, *, is_judged_late: bool = False) -> None:
        """Demand that nothing has changed, nothing was counted, and all that was begun can be finished.

        What Keycloak grants to nobody, once it goes on, nobody can end.
        """
        pipeshub, person = self.pipeshub, self.person
        assert witness.password_is(person.username, person.password)
        assert claims(self.here["accessToken"])["sid"] in witness.sessions(person.id)
        assert is_judged_late or witness.sessions(self.coded.id) == set()
        # One wrong password more would have locked the account.
        fully(recovered(lambda: pipeshub.by_password(self.token, person.password)))
        fully(recovered(lambda: pipeshub.by_code(self.codeds_token, self.code)))
        assert recovered(lambda: pipeshub.refresh(self.here["refreshToken"])).status_code == 200
        # Who has asked in vain may hold the link for a while; and what got a 503 for being slow may be done later.
        answers: list[httpx.Response] = []
        until(lambda: self._is_reset(witness, answers))
        until(lambda: pipeshub.refresh(self.here["refreshToken"]).status_code == 401)

    def _is_reset(self, witness: Witness, answers: list[httpx.Response]) -> bool:
        answers.append(self.pipeshub.reset(self.link, _NEW))
        return answers[-1].is_success or witness.password_is(self.person.username, _NEW)


def _begun(pipeshub: Pipeshub, members: Members, letters: Letters) -> _UnderWay:
    person, coded = members(PASSWORD), members(CODE)
    assert recovered(lambda: pipeshub.init(person.email)).status_code == 200
    here, there = (pipeshub.sign_in(person.email, person.password) for _ in range(2))
    assert pipeshub.forgot(person.email).status_code == 200
    assert pipeshub.ask_code(coded.email).status_code == 200
    token = pipeshub.begun(person.email)
    for _ in range(4):
        refusal(pipeshub.by_password(token, _WRONG), 401, "INVALID_CREDENTIALS")
    link, code = letters.token(person), letters.code(coded)
    return _UnderWay(pipeshub, person, coded, here, there, link, code, token, pipeshub.begun(coded.email))


def test_a_frozen_keycloak_is_a_503_in_time_and_nothing_is_half_done(
    wired: Wired[Pipeshub], members: Members, letters: Letters, witness: Witness
) -> None:
    under_way = _begun(wired.client, members, letters)
    with wired.keycloak.frozen():
        under_way.require_unavailable(answered="forgotPassword")
    under_way.require_whole(witness)


def test_a_frozen_redis_is_a_503_in_time_and_nothing_is_half_done(
    mailing_apart: Apart, members: Members, letters: Letters, witness: Witness
) -> None:
    with (
        running_redis() as own,
        served_gateway(mailing_apart(REDIS__URL=own.url, **BY_DEFAULT)) as served,
        served.client() as client,
    ):
        under_way = _begun(Pipeshub(client), members, letters)
        own.freeze()
        under_way.require_unavailable(answered="checkPasswordStatus")
        own.thaw()
        under_way.require_whole(witness)


@pytest.mark.parametrize("operation", ["resetPassword", "resetPasswordWithToken"])
def test_a_password_that_was_set_before_keycloak_froze_has_all_its_effects(
    wired: Wired[Pipeshub], members: Members, letters: Letters, witness: Witness, operation: str
) -> None:
    under_way = _begun(wired.client, members, letters)
    person, pipeshub = under_way.person, under_way.pipeshub
    with wired.keycloak.frozen(Moment(f"/users/{person.id}/reset-password ", "done")) as frozen:
        refusal(under_way.calls()[operation](), 503, "UNAVAILABLE")
        assert frozen.is_set()
    assert witness.password_is(person.username, _NEW)
    until(lambda: witness.sessions(person.id) == set())
    refusal(recovered(lambda: pipeshub.refresh(under_way.here["refreshToken"])), 401, "INVALID_TOKEN")
    refusal(recovered(lambda: pipeshub.reset(under_way.link, "Y3t!another")), 401, "INVALID_TOKEN")


@pytest.mark.parametrize("by", ["password", "code"])
def test_a_step_that_keycloak_judges_too_late_can_be_proven_again(
    wired: Wired[Pipeshub], members: Members, letters: Letters, witness: Witness, by: str
) -> None:
    under_way = _begun(wired.client, members, letters)
    prove = under_way.calls()[f"authenticate by {by}"]
    with wired.keycloak.frozen(Moment("/protocol/openid-connect/token ", "asked")) as frozen:
        refusal(prove(), 503, "UNAVAILABLE")
        assert frozen.is_set()
    under_way.require_whole(witness, is_judged_late=True)
