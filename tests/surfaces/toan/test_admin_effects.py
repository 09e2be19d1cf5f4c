"""What a password set by an administrator brings about, and what is no user id (contract section 3.7)."""

from functools import partial

import pytest

from tests.servers.gateway import ServedGateway, served_gateway
from tests.servers.people import OrganizationMaker, PersonMaker
from tests.surfaces.conftest import Apart
from tests.surfaces.logged import told_of
from tests.surfaces.parallel import at_once
from tests.surfaces.toan.answers import problems, refusal, require_done, tokens
from tests.surfaces.toan.client import Toan
from tests.surfaces.toan.people import Member, Members, require_unchanged
from tests.surfaces.witness import Witness

_NEW = "N3w!password"
_WRONG = "Wr0ng!word"


@pytest.mark.parametrize("remember_me", [False, True])
def test_all_sessions_of_the_target_end(
    administrator: Member, toan: Toan, witness: Witness, *, remember_me: bool
) -> None:
    target = administrator.colleague
    signed_in = toan.sign_in(target.username, target.password, remember_me=remember_me)
    require_done(administrator.toan.change_of_user(target.id, _NEW, org=administrator.org.alias))
    refusal(toan.refresh(signed_in.refresh_token), 401)
    bearing = toan.bearing(signed_in.access_token)
    refusal(bearing.change(_NEW, "An0ther!word", org=administrator.org.alias), 401)
    assert witness.sessions(target.id) | witness.offline_sessions(target.id) == set()


def test_administrators_own_session_stays(administrator: Member, toan: Toan) -> None:
    require_done(administrator.toan.change_of_user(administrator.colleague.id, _NEW, org=administrator.org.alias))
    tokens(toan.refresh(administrator.tokens.refresh_token))


def test_passwords_set_at_once_are_all_set_one_after_the_other(administrator: Member, witness: Witness) -> None:
    target, news = administrator.colleague, [f"N3w!password-{each}" for each in range(6)]
    org = administrator.org.alias
    for answer in at_once([partial(administrator.toan.change_of_user, target.id, new, org=org) for new in news]):
        require_done(answer)
    assert [witness.password_is(target.username, new) for new in news].count(True) == 1


def test_password_set_beside_a_change_of_ones_own(member: Member, members: Members, witness: Witness) -> None:
    person, caller = member.person, members.platform_administrator()
    org = member.org.alias
    changing = partial(member.toan.change, person.password, _NEW, org=org)
    setting = partial(caller.toan.change_of_user, person.id, "An0ther!word", org="anything", override=org)
    changed, was_set = at_once([changing, setting])
    require_done(was_set)
    assert changed.status_code in (200, 400, 401), changed.text
    assert [witness.password_is(person.username, new) for new in (_NEW, "An0ther!word")].count(True) == 1


def test_lock_is_lifted_and_told_of(administrator: Member, toan: Toan, gateway: ServedGateway) -> None:
    target = administrator.colleague
    for _ in range(5):
        refusal(toan.login(target.username, _WRONG), 401)
    answer = administrator.toan.change_of_user(target.id, _NEW, org=administrator.org.alias)
    require_done(answer)
    assert [each["account"] for each in told_of(gateway, answer, "account_unlocked")] == [target.id]
    toan.sign_in(target.username, _NEW)


def test_keycloaks_own_lock_is_lifted(administrator: Member, toan: Toan, witness: Witness) -> None:
    target = administrator.colleague
    with witness.own_detection():
        witness.lock(target.username)
        refusal(toan.login(target.username, target.password), 401)
        require_done(administrator.toan.change_of_user(target.id, _NEW, org=administrator.org.alias))
        toan.sign_in(target.username, _NEW)


def test_password_is_permanent(administrator: Member, witness: Witness) -> None:
    target = administrator.colleague
    witness.admin.set_user_password(target.id, "Tempor4ry!", temporary=True)
    require_done(administrator.toan.change_of_user(target.id, _NEW, org=administrator.org.alias))
    assert witness.admin.get_user(target.id)["requiredActions"] == []


def test_target_without_a_password_gets_one(
    members: Members, make_person: PersonMaker, make_organization: OrganizationMaker, toan: Toan
) -> None:
    person, target = make_person(), make_person(password=None)
    caller = members.signed_in(person, make_organization(members=[person, target], admins=[person]), target)
    require_done(caller.toan.change_of_user(target.id, _NEW, org=caller.org.alias))
    toan.sign_in(target.username, _NEW)


@pytest.mark.parametrize(
    ("new", "rule"),
    [("Sh0rt!x", "8"), ("l0wer!case", "upper"), ("N0special", ""), ("", ""), ("Aa1!" + "x" * 10000, "256")],
)
def test_password_that_breaks_a_rule_is_refused(administrator: Member, witness: Witness, new: str, rule: str) -> None:
    target = administrator.colleague
    assert rule in refusal(administrator.toan.change_of_user(target.id, new, org=administrator.org.alias), 400)
    require_unchanged(witness, target)


def test_refused_password_ends_no_session(administrator: Member, toan: Toan) -> None:
    target = administrator.colleague
    signed_in = toan.sign_in(target.username, target.password)
    refusal(administrator.toan.change_of_user(target.id, "weak", org=administrator.org.alias), 400)
    tokens(toan.refresh(signed_in.refresh_token))


@pytest.mark.parametrize("override", [None, "acme"])
def test_missing_organization_is_told(administrator: Member, override: str | None) -> None:
    answer = administrator.toan.change_of_user(administrator.colleague.id, _NEW, org=None, override=override)
    assert [(each.loc, each.type) for each in problems(answer)] == [(("header", "x-org"), "missing")]


@pytest.mark.parametrize(
    "spelled",
    [
        "../users/{id}",
        "..%2fusers%2f{id}",
        "%2e%2e%2fusers%2f{id}",
        "{id}/..",
        "{id}?x",
        "{id}%3fx",
        "{id}#x",
        "{id}%23x",
        "{id}%00",
        "{id}%20",
        "{id}%0d%0a",
        "{id};x",
        "{id}/",
        "{{{id}}}",
        "urn:uuid:{id}",
        "%7B{id}%7D",
        "",
        ".",
        "..",
        "*",
        "%",
        "count",
        "profile",
    ],
)
def test_odd_id_sets_no_password(steady: Member, witness: Witness, spelled: str) -> None:
    odd = spelled.format(id=steady.colleague.id)
    answer = steady.toan.change_of_user(odd, _NEW, org=steady.org.alias)
    assert answer.status_code in (404, 422), answer.text
    require_unchanged(witness, steady.colleague, steady.person)


def test_group_of_administrators_has_the_name_of_the_setting(
    apart: Apart, members: Members, make_person: PersonMaker, make_organization: OrganizationMaker
) -> None:
    person, colleague = make_person(), make_person()
    org = make_organization(members=[colleague], admins=[person], group="owners")
    owner, administrator = members.signed_in(person, org, colleague), members.administrator()
    with served_gateway(apart(ORGANIZATIONS__ADMINS_GROUP="owners")) as served, served.client() as client:
        as_owner, as_administrator = (Toan(client, each.tokens.access_token) for each in (owner, administrator))
        require_done(as_owner.change_of_user(colleague.id, _NEW, org=org.alias))
        refusal(as_administrator.change_of_user(administrator.colleague.id, _NEW, org=administrator.org.alias), 403)
