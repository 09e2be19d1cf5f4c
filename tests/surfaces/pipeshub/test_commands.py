"""What an operator types: `unlock`, `org-steps`, `scoped-token` (contract sections 4, 7 and 11)."""

from collections.abc import Mapping

import pytest

from tests.servers.commands import typed
from tests.servers.people import OrganizationMaker, PersonMaker
from tests.surfaces.pipeshub.client import Pipeshub, refusal
from tests.surfaces.pipeshub.people import Members
from tests.surfaces.witness import claims


def test_unlock_lets_a_locked_account_in(
    pipeshub: Pipeshub, mailing: Mapping[str, str], make_person: PersonMaker
) -> None:
    person = make_person()
    token = pipeshub.begun(person.email)
    for _ in range(5):
        pipeshub.by_password(token, "wrong")
    refusal(pipeshub.init(person.email), 403, "ACCOUNT_BLOCKED")
    done = typed(mailing, "unlock", person.email.upper())
    assert (done.returncode, done.stdout) == (0, f"unlocked: {person.id}\n"), done.stderr
    assert "account_unlocked" in done.stderr
    pipeshub.sign_in(person.email, person.password)


def test_org_steps_are_shown_and_set(
    pipeshub: Pipeshub, mailing: Mapping[str, str], members: Members, make_person: PersonMaker
) -> None:
    organization = members.make_organization()
    person = make_person(organizations=[organization])
    steps = '[["otp"],["password"]]'
    assert "default" in typed(mailing, "org-steps", organization.alias).stdout
    done = typed(mailing, "org-steps", organization.alias, steps)
    assert (done.returncode, done.stdout) == (0, f"{steps}\n"), done.stderr
    assert pipeshub.init(person.email).json()["allowedMethods"] == ["otp"]
    assert typed(mailing, "org-steps", organization.alias).stdout == f"{steps}\n"
    refused = typed(mailing, "org-steps", organization.alias, '[["sms"]]')
    assert refused.returncode == 2
    assert "unknown methods ['sms']" in refused.stderr
    assert pipeshub.init(person.email).json()["allowedMethods"] == ["otp"]


def test_scoped_token_is_good_for_its_scope(
    pipeshub: Pipeshub, mailing: Mapping[str, str], make_person: PersonMaker
) -> None:
    person = make_person()
    done = typed(mailing, "scoped-token", "--scope", "fetch:config", "--user", person.id)
    assert done.returncode == 0, done.stderr
    assert pipeshub.bearing(done.stdout.strip()).check().json()["hasPassword"] is True
    other = typed(mailing, "scoped-token", "--scope", "password:reset", "--user", person.id)
    refusal(pipeshub.reset(other.stdout.strip(), "An0ther!word"), 401, "INVALID_TOKEN")


@pytest.mark.parametrize(("given", "seconds"), [((), 3600), (("--ttl", "90"), 90)])
def test_scoped_token_says_whom_it_is_about(
    mailing: Mapping[str, str],
    make_person: PersonMaker,
    make_organization: OrganizationMaker,
    given: tuple[str, ...],
    seconds: int,
) -> None:
    organization = make_organization()
    person = make_person(organizations=[organization])
    done = typed(mailing, "scoped-token", "--scope", "fetch:config", "--user", person.id, *given)
    said = claims(done.stdout.strip())
    assert said.pop("exp") - said.pop("iat") == seconds
    assert said.pop("jti")
    expected = {"scopes": ["fetch:config"], "userId": person.id, "orgId": organization.id, "userEmail": person.email}
    assert said == expected


def test_scoped_token_names_the_organization_that_refresh_names_as_well(
    pipeshub: Pipeshub, mailing: Mapping[str, str], members: Members, make_person: PersonMaker
) -> None:
    owner, *others = (members.make_organization() for _ in range(3))
    members.set_steps(owner, '[["password"]]', domain=f"{owner.alias}.test")
    strangers = sorted(others, key=lambda each: each.alias, reverse=True)
    placed = make_person(email=f"somebody@{owner.alias}.test", organizations=[*strangers, owner])
    stranger, nobodys = make_person(organizations=strangers), make_person()
    named = []
    for person in (placed, stranger, nobodys):
        done = typed(mailing, "scoped-token", "--scope", "fetch:config", "--user", person.id)
        named.append(claims(done.stdout.strip())["orgId"])
        tokens = pipeshub.sign_in(person.email, person.password)
        assert pipeshub.refresh(tokens["refreshToken"]).json()["user"]["orgId"] == named[-1]
    assert named == [owner.id, strangers[-1].id, members.realm.name]


def test_scoped_token_of_a_service_says_its_name_alone(mailing: Mapping[str, str]) -> None:
    done = typed(mailing, "scoped-token", "--scope", "invitation:create", "--user", "a/service ü")
    said = claims(done.stdout.strip())
    assert {name: said[name] for name in said if name not in ("iat", "exp", "jti")} == {
        "scopes": ["invitation:create"],
        "userId": "a/service ü",
    }


@pytest.mark.parametrize(
    "arguments",
    [
        ("unlock", "nobody@example.test"),
        ("org-steps", "no-such-organization"),
    ],
)
def test_what_is_not_there_is_one_sentence(mailing: Mapping[str, str], arguments: tuple[str, ...]) -> None:
    done = typed(mailing, *arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.endswith("There is nobody and nothing of that name\n")
    assert "Traceback" not in done.stderr
