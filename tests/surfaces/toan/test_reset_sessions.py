"""Which sessions a password set on Keycloak's own page ends: what SECURITY.md says of it stays true."""

from collections.abc import Iterator

import httpx
import pytest

from tests.conftest import Mailbox
from tests.servers.gateway import ServedGateway
from tests.surfaces import logged
from tests.surfaces.keycloak_page import KeycloakPage, link_in
from tests.surfaces.toan.answers import TokenOpenID, refusal, require_done
from tests.surfaces.toan.client import Toan
from tests.surfaces.toan.people import Member
from tests.surfaces.witness import Witness

_NEW = "N3w!password"
_PATIENCE = 20.0


@pytest.fixture
def told(gateway: ServedGateway, witness: Witness) -> Iterator[None]:
    """Keycloak knows where the gateway is."""
    with witness.client_with("gateway", backchannel__logout__url=f"{gateway.url}/backchannel-logout"):
        yield


@pytest.fixture
def sessions(toan: Toan, member: Member) -> list[TokenOpenID]:
    """The member's sessions, one of each kind."""
    return [member.tokens, toan.sign_in(member.person.username, member.person.password, remember_me=True)]


def _reset(toan: Toan, member: Member, mailbox: Mailbox, *, sign_out_elsewhere: bool | None) -> None:
    require_done(toan.reset(member.person.username))
    link = link_in(mailbox.wait_for(member.person.email, _PATIENCE))
    with httpx.Client(timeout=15) as http:
        assert KeycloakPage(http).set_password(link, _NEW, sign_out_elsewhere=sign_out_elsewhere)


@pytest.mark.usefixtures("told")
def test_sessions_end_when_the_person_sets_the_tick(
    gateway: ServedGateway, toan: Toan, member: Member, mailbox: Mailbox, sessions: list[TokenOpenID]
) -> None:
    _reset(toan, member, mailbox, sign_out_elsewhere=True)
    logged.awaited(gateway, "sessions_ended", member.person.id, times=len(sessions))
    for each in sessions:
        refusal(toan.bearing(each.access_token).change(_NEW, "An0ther!word", org=member.org.alias), 401)
        refusal(toan.refresh(each.refresh_token), 401)


@pytest.mark.usefixtures("told")
def test_sessions_go_on_when_the_page_is_left_as_it_comes(
    toan: Toan, member: Member, mailbox: Mailbox, sessions: list[TokenOpenID]
) -> None:
    _reset(toan, member, mailbox, sign_out_elsewhere=None)
    toan.sign_in(member.person.username, _NEW)
    for each in sessions:
        assert toan.refresh(each.refresh_token).status_code == 200


def test_sessions_that_were_left_end_by_a_change(
    toan: Toan, member: Member, mailbox: Mailbox, sessions: list[TokenOpenID]
) -> None:
    _reset(toan, member, mailbox, sign_out_elsewhere=False)
    owner = toan.bearing(toan.sign_in(member.person.username, _NEW).access_token)
    require_done(owner.change(_NEW, "An0ther!word", org=member.org.alias))
    for each in sessions:
        refusal(toan.refresh(each.refresh_token), 401)


def test_a_link_works_on_after_a_new_password_that_was_set_otherwise(
    toan: Toan, member: Member, mailbox: Mailbox
) -> None:
    require_done(toan.reset(member.person.username))
    link = link_in(mailbox.wait_for(member.person.email, _PATIENCE))
    owner = toan.bearing(member.tokens.access_token)
    require_done(owner.change(member.person.password, "An0ther!word", org=member.org.alias))
    with httpx.Client(timeout=15) as http:
        assert KeycloakPage(http).set_password(link, _NEW)
    toan.sign_in(member.person.username, _NEW)
