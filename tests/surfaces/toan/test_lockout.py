"""One lock-out for an account over every way to guess (security S1 to S4)."""

import secrets
from collections.abc import Iterator
from functools import partial

import httpx
import pytest
import redis

from tests.conftest import Mailbox
from tests.servers.gateway import ServedGateway, served_gateway
from tests.servers.people import Person, PersonMaker
from tests.servers.stored import clock_of, lock_of
from tests.servers.waiting import until
from tests.surfaces.conftest import Apart
from tests.surfaces.keycloak_page import KeycloakPage, link_in
from tests.surfaces.logged import told_of
from tests.surfaces.parallel import at_once
from tests.surfaces.toan.answers import refusal, require_done
from tests.surfaces.toan.client import Toan
from tests.surfaces.toan.people import Member, Members
from tests.surfaces.witness import Witness

_WRONG = "Wr0ng!word"
_NEW = "N3w!password"
_MOST = 5
_PATIENCE = 20.0


def _fail(toan: Toan, person: Person, times: int = _MOST) -> None:
    for _ in range(times):
        refusal(toan.login(person.username, _WRONG), 401)


@pytest.fixture(scope="module")
def replica(quick_variables: dict[str, str]) -> Iterator[Toan]:
    """A second gateway beside the shared one, on the same Redis."""
    with served_gateway(quick_variables) as served, served.client() as client:
        yield Toan(client)


def test_right_password_is_refused_after_five_wrong_ones_in_the_same_words(
    toan: Toan, make_person: PersonMaker
) -> None:
    person = make_person()
    wrong = [toan.login(person.username, _WRONG) for _ in range(_MOST)]
    right = toan.login(person.username, person.password)
    refusal(right, 401)
    assert {each.content for each in wrong} == {right.content}
    assert {tuple(sorted(each.headers)) for each in wrong} == {tuple(sorted(right.headers))}


def test_four_wrong_are_no_lock(toan: Toan, make_person: PersonMaker) -> None:
    person = make_person()
    _fail(toan, person, _MOST - 1)
    toan.sign_in(person.username, person.password)


def test_sign_in_begins_the_count_anew(toan: Toan, make_person: PersonMaker) -> None:
    person = make_person()
    for _ in range(3):
        _fail(toan, person, _MOST - 1)
        toan.sign_in(person.username, person.password)


def test_only_that_account_is_locked(toan: Toan, make_person: PersonMaker) -> None:
    person, other = make_person(), make_person()
    _fail(toan, person)
    toan.sign_in(other.username, other.password)


def test_unknown_name_is_told_the_same_all_along(toan: Toan, make_person: PersonMaker) -> None:
    person, nobody = make_person(), f"nobody-{secrets.token_hex(4)}"
    known = [toan.login(person.username, _WRONG) for _ in range(8)]
    unknown = [toan.login(nobody, _WRONG) for _ in range(8)]
    assert [each.content for each in unknown] == [each.content for each in known]
    assert [each.status_code for each in unknown] == [each.status_code for each in known]


def test_replica_counts_along(toan: Toan, replica: Toan, make_person: PersonMaker) -> None:
    person = make_person()
    _fail(toan, person, 3)
    _fail(replica, person, 2)
    for each in (toan, replica):
        refusal(each.login(person.username, person.password), 401)


def test_sessions_from_before_work_on(toan: Toan, make_person: PersonMaker) -> None:
    person = make_person()
    before = toan.sign_in(person.username, person.password)
    _fail(toan, person)
    assert toan.refresh(before.refresh_token).status_code == 200


def test_malformed_requests_are_no_guesses(toan: Toan, make_person: PersonMaker) -> None:
    person = make_person()
    for body in ({"user": person.username}, {"user": person.username, "password": 1}, {"password": "x"}):
        for _ in range(_MOST):
            assert toan.post("/api/iam/login", body).status_code == 422
    toan.sign_in(person.username, person.password)


def test_password_that_needs_an_action_is_no_failure(toan: Toan, make_person: PersonMaker) -> None:
    person = make_person(required_actions=["UPDATE_PASSWORD"])
    for _ in range(_MOST + 1):
        refusal(toan.login(person.username, person.password), 403)


@pytest.mark.parametrize("first", [0, 4, 7])
def test_twelve_spellings_are_one_account(toan: Toan, make_person: PersonMaker, first: int) -> None:
    person = make_person()
    name, address = person.username, person.email
    spellings = [
        name,
        name.upper(),
        name.title(),
        f" {name}",
        f"{name} ",
        f"\t{name}\n",
        f"\u00a0{name}",
        address,
        address.upper(),
        f" {address} ",
        address.title(),
        f"{name}\u3000",
    ]
    for spelled in spellings[first : first + _MOST]:
        toan.login(spelled, _WRONG)
    for spelled in spellings:
        refusal(toan.login(spelled, person.password), 401)


def test_spelling_with_a_nul_is_none(toan: Toan, make_person: PersonMaker) -> None:
    person = make_person()
    _fail(toan, person)
    for spelled in (f"{person.username}\0", f"\0{person.username}", f"{person.username}\x01"):
        assert toan.login(spelled, person.password).status_code in (401, 422)


@pytest.mark.parametrize(("letter", "alike"), [("k", "\u212a"), ("i", "\u0131"), ("a", "\uff41"), ("s", "\u017f")])
def test_look_alike_is_nobody(toan: Toan, make_person: PersonMaker, letter: str, alike: str) -> None:
    # Each is that letter once it is lowered, raised or put into its compatibility form.
    person = make_person(username=f"kias-{secrets.token_hex(5)}")
    assert toan.login(person.username.replace(letter, letter.upper(), 1), person.password).status_code == 200
    refusal(toan.login(person.username.replace(letter, alike, 1), person.password), 401)


def test_wrong_passwords_of_login_and_change_count_together(toan: Toan, member: Member) -> None:
    _fail(toan, member.person, 3)
    for _ in range(2):
        refusal(member.toan.change(_WRONG, _NEW, org=member.org.alias), 400)
    refusal(toan.login(member.person.username, member.person.password), 401)
    refusal(member.toan.change(member.person.password, _NEW, org=member.org.alias), 400)


def test_change_alone_locks(toan: Toan, member: Member, witness: Witness) -> None:
    for _ in range(_MOST):
        refusal(member.toan.change(_WRONG, _NEW, org=member.org.alias), 400)
    refusal(toan.login(member.person.username, member.person.password), 401)
    refusal(member.toan.change(member.person.password, _NEW, org=member.org.alias), 400)
    assert witness.password_is(member.person.username, member.person.password)


def test_right_current_password_clears_no_failure(toan: Toan, member: Member) -> None:
    _fail(toan, member.person, _MOST - 1)
    refusal(member.toan.change(member.person.password, "weak", org=member.org.alias), 400)
    _fail(toan, member.person, 1)
    refusal(toan.login(member.person.username, member.person.password), 401)


def test_parallel_guesses_by_change_are_five(member: Member, witness: Witness) -> None:
    def guess() -> httpx.Response:
        return member.toan.change(_WRONG, _NEW, org=member.org.alias)

    with witness.realm_with(eventsEnabled=True):
        at_once([guess] * 30)
        assert witness.failed_sign_ins(member.person.id) <= _MOST
        for _ in range(_MOST):  # for those that found no place in time
            guess()
        assert witness.failed_sign_ins(member.person.id) == _MOST


def test_lock_ends_by_itself_and_the_next_one_is_longer(
    apart: Apart, make_person: PersonMaker, store: redis.Redis
) -> None:
    # A right password that needs an action tells the end of a lock and clears nothing.
    person, variables = make_person(required_actions=["UPDATE_PASSWORD"]), apart(LOCKOUT__DURATION="1")
    lasted = []
    with served_gateway(variables) as served, served.client() as client:
        toan = Toan(client)
        for _ in range(2):
            _fail(toan, person)
            lock = lock_of(store, variables["GATEWAY_REDIS__PREFIX"], "account", person.id)
            lasted.append(lock.ends - lock.began)
            until(partial(_is_told_to_act, toan, person))
            assert clock_of(store) >= lock.ends
    assert lasted == [1000, 2000]


def _is_told_to_act(toan: Toan, person: Person) -> bool:
    return toan.login(person.username, person.password).status_code == httpx.codes.FORBIDDEN


def test_password_set_by_an_administrator_ends_the_lock(toan: Toan, members: Members) -> None:
    administrator = members.administrator()
    target = administrator.colleague
    _fail(toan, target)
    require_done(administrator.toan.change_of_user(target.id, _NEW, org=administrator.org.alias))
    toan.sign_in(target.username, _NEW)


def test_password_set_after_the_guesses_lifts_the_lock(
    toan: Toan, gateway: ServedGateway, make_person: PersonMaker, mailbox: Mailbox
) -> None:
    person = make_person()
    _fail(toan, person)
    require_done(toan.reset(person.username))
    with httpx.Client(timeout=15) as http:
        assert KeycloakPage(http).set_password(link_in(mailbox.wait_for(person.email, _PATIENCE)), _NEW)
    answer = toan.login(person.username, person.password)
    refusal(answer, 401)
    (told,) = told_of(gateway, answer, "account_unlocked")
    assert (told["account"], told["reason"]) == (person.id, "new_password")
    toan.sign_in(person.username, _NEW)
