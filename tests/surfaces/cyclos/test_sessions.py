"""Sessions: how long they last, and what ends them (contract sections 6 and 12)."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import redis

from gateway.state.keys import Keys
from tests.servers.gateway import ServedGateway, served_gateway
from tests.servers.people import OrganizationMaker, Person, PersonMaker
from tests.servers.waiting import until
from tests.surfaces.backchannel_logout.wire_shapes import PATH
from tests.surfaces.conftest import Apart
from tests.surfaces.cyclos.client import AUTH, SESSION, Cyclos, refusal, require_empty, token_of, told
from tests.surfaces.logged import awaited
from tests.surfaces.outages import Replica
from tests.surfaces.parallel import at_once
from tests.surfaces.toan.client import Toan
from tests.surfaces.witness import Witness

_NEW = "An0ther!word"


@pytest.fixture
def token(cyclos: Cyclos, person: Person) -> str:
    """The token of a session."""
    return token_of(cyclos.login(person.username, person.password))


@pytest.fixture(scope="module")
def doubting(cyclos_apart: Apart) -> Iterator[Cyclos]:
    """A gateway that asks Keycloak at every request."""
    with served_gateway(cyclos_apart(CYCLOS__SESSION_RECHECK="0")) as served, served.client() as client:
        yield Cyclos(client)


@pytest.fixture
def told_of_ends(cyclos_gateway: ServedGateway, witness: Witness) -> Iterator[None]:
    """Keycloak tells the gateway of the sessions that it ends."""
    with witness.client_with("gateway", backchannel__logout__url=f"{cyclos_gateway.url}{PATH}"):
        yield


@pytest.mark.parametrize("path", [SESSION, AUTH])
def test_a_logout_ends_one_session_for_ever(
    cyclos: Cyclos, person: Person, token: str, witness: Witness, path: str
) -> None:
    other = token_of(cyclos.login(person.username, person.password))
    answer = cyclos.by_session(token).call("DELETE", path)
    require_empty(answer, 200)
    assert "set-cookie" not in answer.headers
    assert len(witness.sessions(person.id)) == 1
    for _ in range(2):
        refusal(cyclos.by_session(token).call("DELETE", path), 401, code="loggedOut")
        refusal(cyclos.by_session(token).auth(), 401, code="loggedOut")
    assert told(cyclos.by_session(other).auth())["user"]["id"] == person.id


def test_many_logouts_at_once_end_the_session(cyclos: Cyclos, person: Person, token: str, witness: Witness) -> None:
    answers = at_once([cyclos.by_session(token).logout] * 8)
    assert {each.status_code for each in answers} <= {200, 401}
    assert 200 in {each.status_code for each in answers}
    assert witness.sessions(person.id) == set()


@pytest.mark.usefixtures("told_of_ends")
def test_an_end_that_keycloak_tells_of_ends_the_session_at_once(
    cyclos: Cyclos, cyclos_gateway: ServedGateway, person: Person, token: str, witness: Witness
) -> None:
    (session_id,) = witness.sessions(person.id)
    witness.end_session(session_id)
    awaited(cyclos_gateway, "sessions_ended", person.id)
    refusal(cyclos.by_session(token).auth(), 401, code="loggedOut")


def test_an_end_is_remembered_as_long_as_a_session_counts_unasked(
    cyclos_apart: Apart, person: Person, witness: Witness
) -> None:
    spans = {"KEYCLOAK__ACCESS_TOKEN_LIFETIME": "1", "CYCLOS__SESSION_RECHECK": "60"}
    with (
        served_gateway(cyclos_apart(**spans)) as served,
        served.client() as client,
        witness.client_with("gateway", backchannel__logout__url=f"{served.url}{PATH}"),
    ):
        cyclos = Cyclos(client)
        by_token = cyclos.by_session(token_of(cyclos.login(person.username, person.password)))
        (session_id,) = witness.sessions(person.id)
        witness.end_session(session_id)
        # Nobody uses it meanwhile.
        time.sleep(3)
        refusal(by_token.auth(), 401, code="loggedOut")


@pytest.mark.usefixtures("told_of_ends")
def test_an_end_of_another_session_is_of_no_concern(
    cyclos: Cyclos, person: Person, token: str, witness: Witness
) -> None:
    before = witness.sessions(person.id)
    other = token_of(cyclos.login(person.username, person.password))
    (session_id,) = witness.sessions(person.id) - before
    witness.end_session(session_id)
    until(lambda: cyclos.by_session(other).auth().status_code == 401)
    told(cyclos.by_session(token).auth())


@pytest.mark.parametrize("what", ["ended", "disabled", "deleted", "signed out everywhere"])
def test_without_being_told_keycloak_is_asked_within_the_recheck_span(
    doubting: Cyclos, person: Person, witness: Witness, what: str
) -> None:
    by_token = doubting.by_session(token_of(doubting.login(person.username, person.password)))
    told(by_token.auth())
    (session_id,) = witness.sessions(person.id)
    endings: dict[str, Callable[[], object]] = {
        "ended": lambda: witness.end_session(session_id),
        "disabled": lambda: witness.admin.update_user(person.id, {"enabled": False}),
        "deleted": lambda: witness.admin.delete_user(person.id),
        "signed out everywhere": lambda: witness.admin.user_logout(person.id),
    }
    endings[what]()
    refusal(by_token.auth(), 401, code="loggedOut")
    if what == "disabled":
        # Nor does it come back.
        witness.admin.update_user(person.id, {"enabled": True})
        refusal(by_token.auth(), 401, code="loggedOut")


def test_between_two_rechecks_keycloak_is_not_asked(cyclos_apart: Apart, person: Person, witness: Witness) -> None:
    variables = cyclos_apart(CYCLOS__SESSION_RECHECK="300")
    with (
        served_gateway(variables) as patient,
        served_gateway(Replica(variables)(CYCLOS__SESSION_RECHECK="2")) as brief,
        patient.client() as client,
        brief.client() as another,
    ):
        token = token_of(Cyclos(client).login(person.username, person.password))
        (session_id,) = witness.sessions(person.id)
        witness.end_session(session_id)
        time.sleep(2)
        assert Cyclos(client).by_session(token).data_for_login().status_code == 204
        assert Cyclos(another).by_session(token).data_for_login().status_code == 401


def test_many_uses_at_once_that_ask_keycloak_all_pass(doubting: Cyclos, person: Person) -> None:
    by_token = doubting.by_session(token_of(doubting.login(person.username, person.password)))
    for answer in at_once([by_token.data_for_login] * 12):
        require_empty(answer, 204)
    told(by_token.auth())


def test_every_use_renews_the_timeout(cyclos_apart: Apart, person: Person, store: redis.Redis) -> None:
    variables = cyclos_apart(CYCLOS__SESSION_TIMEOUT="600")
    with served_gateway(variables) as served, served.client() as client:
        token = token_of(Cyclos(client).login(person.username, person.password))
        key = Keys(variables["GATEWAY_REDIS__PREFIX"]).opaque_session(token)
        assert 500_000 < store.pttl(key) <= 600_000
        for _ in range(2):
            store.pexpire(key, 100_000)  # nobody has used it for a while
            require_empty(Cyclos(client).by_session(token).data_for_login(), 204)
            assert 500_000 < store.pttl(key) <= 600_000


def test_a_session_that_is_not_used_ends(cyclos: Cyclos, person: Person) -> None:
    by_token = cyclos.by_session(token_of(cyclos.login(person.username, person.password, timeoutInSeconds=1)))
    time.sleep(1.2)
    refusal(by_token.auth(), 401, code="loggedOut")


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        (None, 1800),
        ("1800", 1800),
        ("600", 600),
        ("1", 1),
        ("00060", 60),
        ("1801", 1800),
        ("9" * 40, 1800),
        ("9" * 4400, 1800),
    ],
)
def test_a_caller_may_ask_for_a_shorter_timeout(
    cyclos: Cyclos, person: Person, store: redis.Redis, cyclos_variables: dict[str, str], asked: str | None, kept: int
) -> None:
    query = {} if asked is None else {"timeoutInSeconds": asked}
    token = token_of(cyclos.login(person.username, person.password, **query))
    key = Keys(cyclos_variables["GATEWAY_REDIS__PREFIX"]).opaque_session(token)
    assert timedelta(seconds=kept - 5) < timedelta(milliseconds=store.pttl(key)) <= timedelta(seconds=kept)


def test_a_redis_that_lost_everything_knows_no_session(cyclos_apart: Apart, person: Person, store: redis.Redis) -> None:
    variables = cyclos_apart()
    with served_gateway(variables) as served, served.client() as client:
        cyclos = Cyclos(client)
        token = token_of(cyclos.login(person.username, person.password))
        store.delete(*store.scan_iter(f"{variables['GATEWAY_REDIS__PREFIX']}*", count=1000))
        for ask in (Cyclos.auth, Cyclos.data_for_login, Cyclos.logout):
            refusal(ask(cyclos.by_session(token)), 401, code="loggedOut")
        token_of(cyclos.login(person.username, person.password))


def test_a_password_that_is_changed_elsewhere_ends_the_session(
    cyclos: Cyclos, person: Person, token: str, make_organization: OrganizationMaker
) -> None:
    acme, toan = make_organization(members=[person]), Toan(cyclos.http)
    bearer = toan.sign_in(person.username, person.password).access_token
    assert toan.bearing(bearer).change(person.password, _NEW, org=acme.alias).status_code == 200
    refusal(cyclos.by_session(token).auth(), 401, code="loggedOut")
    token_of(cyclos.login(person.username, _NEW))


def test_the_session_is_of_whoever_logged_in(cyclos: Cyclos, make_person: PersonMaker) -> None:
    people = [make_person() for _ in range(3)]
    tokens = [token_of(cyclos.login(each.username, each.password)) for each in people]
    found = [told(cyclos.by_session(token).auth())["user"]["id"] for token in tokens]
    assert found == [each.id for each in people]


def test_a_refused_answer_leaves_no_session_when_the_query_is_wrong(
    cyclos: Cyclos, person: Person, witness: Witness
) -> None:
    for query in ({"fields": "a,-a"}, {"cookie": "maybe"}, {"timeoutInSeconds": "0"}, {"timeoutInSeconds": "soon"}):
        assert cyclos.login(person.username, person.password, **query).status_code == 422
        assert cyclos.login(person.username, "Wr0ng!word", **query).status_code == 422
    assert witness.sessions(person.id) == set()
