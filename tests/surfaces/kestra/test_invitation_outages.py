"""An invitation that cannot be used to its end: nobody is left half made, and it stays good (contract section 1.5)."""

import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from operator import attrgetter

import httpx
import pytest

from tests.conftest import Stack
from tests.servers.people import Organization, PersonMaker
from tests.surfaces.conftest import Apart
from tests.surfaces.inviting import Inviting, an_address
from tests.surfaces.kestra.client import Kestra, invitation, refusal
from tests.surfaces.outages import FINISHED_WITHIN, Wired, in_time, recovered, until_nobody, wired_gateway
from tests.surfaces.wire import Moment
from tests.surfaces.witness import Witness

_UNDONE_WITHIN = 2.0
"""Seconds after which has failed what a request that has failed undoes beside."""
_HALF_WAY = [Moment("POST /admin/realms/{}/users ", "done"), Moment("/members ", "asked")]
_AGAIN = (httpx.codes.SERVICE_UNAVAILABLE, httpx.codes.CONFLICT)


@pytest.fixture(scope="module")
def plain(kestra_apart: Apart) -> dict[str, str]:
    """The variables of a gateway without wires, for the commands of the one with them."""
    return kestra_apart()


@pytest.fixture(scope="module")
def wired(plain: dict[str, str], stack: Stack) -> Iterator[Wired[Kestra]]:
    """A gateway behind wires, on the same part of Redis; they are open at first."""

    def same(**changed: str) -> dict[str, str]:
        return {**plain, **{f"GATEWAY_{name}": value for name, value in changed.items()}}

    with wired_gateway(same, stack, Kestra) as served:  # type: ignore[arg-type]  # it is only called
        yield served


def _recovered(call: Callable[[], httpx.Response]) -> httpx.Response:
    """Repeat a call until everything is there again, and what was half made is unmade."""
    return recovered(call, again=_AGAIN, within=FINISHED_WITHIN)


@pytest.mark.parametrize(
    "moment",
    [
        Moment("POST /admin/realms/{}/users ", "asked"),
        Moment("POST /admin/realms/{}/users ", "done"),
        Moment("/members ", "asked"),
        Moment("/groups/", "asked"),
        Moment("/role-mappings/realm ", "asked"),
        Moment("/role-mappings/realm ", "done"),
    ],
    ids=lambda moment: f"{moment.request.split('/')[-1].strip()} {moment.stage}",
)
def test_an_account_whose_making_breaks_off_leaves_nobody_and_a_good_invitation(
    wired: Wired[Kestra], plain: dict[str, str], witness: Witness, acme: Organization, moment: Moment
) -> None:
    email, role, group = an_address(), witness.make_role(), witness.make_group()
    secret = Inviting(plain).token(email, acme.alias, "--realm-role", role, "--group", group)
    at = Moment(moment.request.format(witness.realm), moment.stage)
    with wired.keycloak.cut(at) as sprung:
        refusal(wired.client.create(secret), 503)
        assert sprung.is_set()
    until_nobody(witness, email)
    invitation(_recovered(partial(wired.client.create, secret)))
    (made,) = witness.accounts(email)
    assert witness.organizations(made["id"]) == {acme.alias}
    assert role in witness.realm_roles(made["id"])


@pytest.mark.parametrize(
    "moment",
    [Moment("/members ", "asked"), Moment("/members ", "done"), Moment("/role-mappings/realm ", "asked")],
    ids=lambda moment: f"{moment.request.split('/')[-1].strip()} {moment.stage}",
)
def test_somebody_who_was_half_let_in_accepts_wholly_with_the_same_invitation(
    wired: Wired[Kestra],
    plain: dict[str, str],
    make_person: PersonMaker,
    witness: Witness,
    acme: Organization,
    moment: Moment,
) -> None:
    person, role, group = make_person(), witness.make_role(), witness.make_group()
    secret = Inviting(plain).token(person.email, acme.alias, "--realm-role", role, "--group", group)
    with wired.keycloak.cut(moment) as sprung:
        refusal(wired.client.accept(secret), 503)
        assert sprung.is_set()
    invitation(recovered(partial(wired.client.accept, secret)))
    assert witness.organizations(person.id) == {acme.alias}
    assert witness.groups(person.id) == {group}
    assert role in witness.realm_roles(person.id)


@pytest.mark.parametrize("moment", _HALF_WAY, ids=lambda moment: moment.request.split("/")[-1].strip())
def test_somebody_who_was_half_let_in_is_so_wholly_when_asked_for_again(
    wired: Wired[Kestra], service: str, witness: Witness, acme: Organization, moment: Moment
) -> None:
    email = an_address()
    let_in = partial(wired.client.invite, acme.alias, service, email=email, createUserIfNotExist=True)
    with wired.keycloak.cut(Moment(moment.request.format(witness.realm), moment.stage)) as sprung:
        refusal(let_in(), 503)
        assert sprung.is_set()
    assert _recovered(let_in).status_code == httpx.codes.NO_CONTENT
    (made,) = witness.accounts(email)
    assert witness.organizations(made["id"]) == {acme.alias}


@pytest.mark.parametrize("step", ["/groups/", "/role-mappings/realm "])
def test_somebody_with_an_account_who_was_half_let_in_is_so_wholly_when_asked_for_again(
    wired: Wired[Kestra], service: str, make_person: PersonMaker, witness: Witness, acme: Organization, step: str
) -> None:
    person, role, group = make_person(), witness.make_role(), witness.make_group()
    given = {"roles": [{"id": role}], "groups": [group]}
    let_in = partial(wired.client.invite, acme.alias, service, email=person.email, createUserIfNotExist=True, **given)
    with wired.keycloak.cut(Moment(f"/users/{person.id}{step}", "asked")) as sprung:
        refusal(let_in(), 503)
        assert sprung.is_set()
    assert recovered(let_in).status_code == httpx.codes.NO_CONTENT
    assert witness.organizations(person.id) == {acme.alias}
    assert witness.groups(person.id) == {group}
    assert role in witness.realm_roles(person.id)


@pytest.mark.parametrize("moment", _HALF_WAY, ids=lambda moment: moment.request.split("/")[-1].strip())
def test_nobody_is_let_in_with_an_account_that_is_to_be_unmade(
    wired: Wired[Kestra],
    plain: dict[str, str],
    service: str,
    witness: Witness,
    acme: Organization,
    moment: Moment,
) -> None:
    email = an_address()
    secret = Inviting(plain).made(email, "--organization", acme.alias)["id"]
    at = Moment(moment.request.format(witness.realm), moment.stage)
    with wired.keycloak.cut(at) as sprung:
        refusal(wired.client.create(secret), 503)
        assert sprung.is_set()
        time.sleep(_UNDONE_WITHIN)
    (made,) = witness.accounts(email)
    assert made["emailVerified"]
    let_in = partial(wired.client.invite, "main", service, email=email, createUserIfNotExist=True)
    for call in (partial(wired.client.accept, secret), let_in):
        refusal(recovered(call), 409)
    assert [each["id"] for each in witness.accounts(email)] == [made["id"]]
    until_nobody(witness, email)
    assert invitation(_recovered(partial(wired.client.create, secret)))["status"] == "ACCEPTED"
    (made,) = witness.accounts(email)
    assert witness.organizations(made["id"]) == {acme.alias}


@pytest.mark.parametrize("outage", ["keycloak cut", "keycloak frozen", "redis cut", "redis frozen"])
def test_an_outage_is_a_503_in_time_and_uses_nothing_up(  # noqa: PLR0913, PLR0917 - what a test needs
    wired: Wired[Kestra],
    plain: dict[str, str],
    make_person: PersonMaker,
    service: str,
    witness: Witness,
    acme: Organization,
    outage: str,
) -> None:
    email, invited, let_in, person = an_address(), an_address(), an_address(), make_person()
    created, accepted = (Inviting(plain).token(each, acme.alias) for each in (email, person.email))
    calls = {
        200: [partial(wired.client.create, created), partial(wired.client.accept, accepted)],
        201: [partial(wired.client.invite, acme.alias, service, email=invited)],
        204: [partial(wired.client.invite, acme.alias, service, email=let_in, createUserIfNotExist=True)],
    }
    with attrgetter(outage.replace(" ", "."))(wired)():
        for call in chain.from_iterable(calls.values()):
            refusal(in_time(call()), 503)
    assert [witness.accounts(each) for each in (email, invited, let_in)] == [[], [], []]
    for status, repeated in calls.items():
        assert [_recovered(each).status_code for each in repeated] == [status] * len(repeated)
    assert witness.organizations(person.id) == {acme.alias}
    assert len(witness.accounts(let_in)) == 1
    assert Inviting(plain).pending(acme.alias) == [invited]
