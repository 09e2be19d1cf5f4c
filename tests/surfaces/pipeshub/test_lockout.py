"""The lock-out as the document has it (contract section 7)."""

from functools import partial

import httpx
import pytest
import redis

from tests.conftest import Mailbox
from tests.servers.gateway import ServedGateway, served_gateway
from tests.servers.people import Person, PersonMaker
from tests.servers.stored import only_key
from tests.surfaces.conftest import Apart
from tests.surfaces.logged import events_of
from tests.surfaces.parallel import TOO_SLOW, at_once, undisturbed
from tests.surfaces.pipeshub.client import Pipeshub, fully, next_step, refusal
from tests.surfaces.pipeshub.people import BOTH, Letters, Members, other_than
from tests.surfaces.toan.client import Toan
from tests.surfaces.witness import Witness

_WRONG = "Wr0ng!word"


def _fail(pipeshub: Pipeshub, person: Person, times: int) -> None:
    token = pipeshub.begun(person.email)
    for _ in range(times):
        refusal(pipeshub.by_password(token, _WRONG), 401, "INVALID_CREDENTIALS")


def test_the_fifth_wrong_password_locks(
    pipeshub: Pipeshub, make_person: PersonMaker, mailbox: Mailbox, letters: Letters
) -> None:
    person = make_person()
    token = pipeshub.begun(person.email)
    _fail(pipeshub, person, 5)
    refusal(pipeshub.by_password(token, person.password), 403, "ACCOUNT_BLOCKED")
    refusal(pipeshub.init(person.email), 403, "ACCOUNT_BLOCKED")
    refusal(pipeshub.ask_code(person.email), 403, "ACCOUNT_BLOCKED")
    assert "Too many wrong passwords or codes" in letters.text(person)
    assert mailbox.count(person.email) == 1


def test_wrong_codes_and_passwords_share_one_counter(pipeshub: Pipeshub, members: Members, letters: Letters) -> None:
    person = members(BOTH)
    pipeshub.ask_code(person.email)
    code = letters.code(person)
    wrong = other_than(code)
    for _ in range(2):
        token = pipeshub.begun(person.email)
        refusal(pipeshub.by_password(token, _WRONG), 401, "INVALID_CREDENTIALS")
        next_step(pipeshub.by_password(token, person.password))
        refusal(pipeshub.by_code(token, wrong), 401, "INVALID_CREDENTIALS")
    token = pipeshub.begun(person.email)
    next_step(pipeshub.by_password(token, person.password))
    refusal(pipeshub.by_code(token, wrong), 401, "INVALID_CREDENTIALS")
    refusal(pipeshub.by_code(token, code), 403, "ACCOUNT_BLOCKED")


def test_only_a_complete_sign_in_clears_the_counter(pipeshub: Pipeshub, make_person: PersonMaker) -> None:
    person = make_person()
    for _ in range(2):
        _fail(pipeshub, person, 4)
        pipeshub.sign_in(person.email, person.password)


def test_of_twelve_guesses_at_once_five_are_evaluated(pipeshub: Pipeshub, make_person: PersonMaker) -> None:
    def race() -> list[httpx.Response]:
        person = make_person()
        token = pipeshub.begun(person.email)
        answers = at_once([lambda: pipeshub.by_password(token, _WRONG)] * 12)
        return [*answers, pipeshub.by_password(token, person.password)]

    *answers, right = undisturbed(race, by=TOO_SLOW)
    assert sorted(each.status_code for each in answers) == [401] * 5 + [403] * 7
    refusal(right, 403, "ACCOUNT_BLOCKED")


def test_of_two_hundred_guesses_over_surfaces_and_replicas_five_are_evaluated(
    pipeshub: Pipeshub,
    pipeshub_gateway: ServedGateway,
    mailing: dict[str, str],
    make_person: PersonMaker,
    witness: Witness,
) -> None:
    person = make_person()
    with served_gateway(mailing) as replica, replica.client() as client, witness.realm_with(eventsEnabled=True):
        served = [pipeshub, Pipeshub(client)]
        guesses = [partial(each.by_password, each.begun(person.email), _WRONG) for each in served]
        guesses += [partial(Toan(each.http).login, person.username, _WRONG) for each in served]
        statuses = [each.status_code for each in at_once(guesses * 50)]
        assert set(statuses) <= {401, 403, 429, 503}
        # Of whom Keycloak answers too late, nobody learns whether the guess was right.
        assert witness.failed_sign_ins(person.id) <= 5 + statuses.count(503)
        undisturbed(lambda: [guess() for guess in guesses * 2])
        for each in served:
            refusal(each.init(person.email), 403, "ACCOUNT_BLOCKED")
            assert Toan(each.http).login(person.username, person.password).status_code == 401
        told = [
            each["reason"]
            for gateway in (pipeshub_gateway, replica)
            for event in ("sign_in", "sign_in_step")
            for each in events_of(gateway, event, person.id)
        ]
    assert told.count("credentials") == 5
    assert set(told) == {"credentials", "locked"}


def test_a_lock_counts_at_every_surface(pipeshub: Pipeshub, make_person: PersonMaker) -> None:
    person = make_person()
    _fail(pipeshub, person, 5)
    assert Toan(pipeshub.http).login(person.username, person.password).status_code == 401


def test_a_session_survives_a_lock_but_is_not_refreshed_meanwhile(pipeshub: Pipeshub, make_person: PersonMaker) -> None:
    person = make_person()
    tokens = pipeshub.sign_in(person.email, person.password)
    _fail(pipeshub, person, 5)
    refusal(pipeshub.refresh(tokens["refreshToken"]), 400, "ACCOUNT_BLOCKED")
    signed_in = pipeshub.bearing(tokens["accessToken"])
    refusal(signed_in.change(person.password, "An0ther!word"), 400, "ACCOUNT_BLOCKED")
    assert signed_in.logout().status_code == 200


def test_a_lock_that_is_over_lets_in_again(
    pipeshub: Pipeshub, make_person: PersonMaker, store: redis.Redis, mailing: dict[str, str]
) -> None:
    person = make_person()
    _fail(pipeshub, person, 5)
    record = only_key(store, f"{mailing['GATEWAY_REDIS__PREFIX']}*{person.id}*:failures")
    store.hset(record, "locked_until", 1)
    _fail(pipeshub, person, 4)
    pipeshub.sign_in(person.email, person.password)


def test_a_wrong_current_password_counts(pipeshub: Pipeshub, make_person: PersonMaker) -> None:
    person = make_person()
    signed_in = pipeshub.bearing(pipeshub.sign_in(person.email, person.password)["accessToken"])
    for _ in range(5):
        refusal(signed_in.change(_WRONG, "An0ther!word"), 401, "INVALID_CREDENTIALS")
    refusal(signed_in.change(person.password, "An0ther!word"), 400, "ACCOUNT_BLOCKED")


def test_a_concealed_lock_tells_unknown_people_apart_in_nothing(concealing: Pipeshub, make_person: PersonMaker) -> None:
    person, told = make_person(), []
    for email in (person.email, f"no-{person.email}", make_person(enabled=False).email):
        token = concealing.begun(email)
        told.append([concealing.by_password(token, _WRONG).json() for _ in range(7)])
        told[-1].append(concealing.init(email).json())
    assert told[0] == told[1] == told[2]
    assert [each.get("statusCode") for each in told[0]] == [401] * 5 + [403] * 2 + [None]


@pytest.mark.parametrize("path", ["init", "ask_code"])
def test_unknown_people_are_concealed_when_that_is_set(concealing: Pipeshub, path: str) -> None:
    assert getattr(concealing, path)("nobody@example.test").status_code == 200


def test_keycloaks_own_lock_is_told_as_ours_and_counts_nothing(
    mailing_apart: Apart, members: Members, letters: Letters, witness: Witness
) -> None:
    person = members([["password", "otp"]])
    with witness.own_detection(), served_gateway(mailing_apart()) as served, served.client() as client:
        pipeshub = Pipeshub(client)
        pipeshub.ask_code(person.email)
        code, token = letters.code(person), pipeshub.begun(person.email)
        witness.lock(person.username)
        for _ in range(4):
            refusal(pipeshub.by_password(token, person.password), 403, "ACCOUNT_BLOCKED")
            refusal(pipeshub.by_code(token, code), 403, "ACCOUNT_BLOCKED")
        witness.unlock(person.id)
        fully(pipeshub.by_code(token, code))
