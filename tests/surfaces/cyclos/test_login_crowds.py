"""Many right passwords of one person at once (contract section 3)."""

from functools import partial

import httpx

from tests.servers.gateway import served_gateway
from tests.servers.people import PersonMaker
from tests.surfaces.conftest import Apart
from tests.surfaces.cyclos.client import Cyclos, token_of, told
from tests.surfaces.parallel import at_once, undisturbed
from tests.surfaces.witness import Witness


def test_many_at_once_all_pass_and_each_login_has_a_session_of_its_own(
    cyclos: Cyclos, make_person: PersonMaker, witness: Witness
) -> None:
    people = []

    def race() -> list[httpx.Response]:
        people.append(make_person())
        name, password = people[-1].username, people[-1].password
        return at_once([partial(cyclos.login, name, password)] * 6 + [partial(cyclos.auth, name, password)] * 6)

    answers = undisturbed(race)
    assert {told(each)["user"]["id"] for each in answers} == {people[-1].id}
    assert len({token_of(each) for each in answers[:6]}) == len(witness.sessions(people[-1].id)) == 6


def test_many_at_once_pass_beside_keycloak_s_own_detection(
    cyclos_apart: Apart, make_person: PersonMaker, witness: Witness
) -> None:
    with witness.own_detection(), served_gateway(cyclos_apart()) as served, served.client() as client:

        def race() -> list[httpx.Response]:
            person = make_person()
            return at_once([partial(Cyclos(client).auth, person.username, person.password)] * 8)

        for answer in undisturbed(race):
            told(answer)
