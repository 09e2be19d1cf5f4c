"""What tokens are good for: refresh, sign-out, and the services' own (contract sections 10 and 11)."""

import secrets
from collections.abc import Iterator
from datetime import datetime

import pytest

from tests.conftest import Mailbox, Realm
from tests.servers.people import Person, PersonMaker
from tests.surfaces.foreign_realm import ForeignRealm
from tests.surfaces.pipeshub.client import CODE as CODE_PATH
from tests.surfaces.pipeshub.client import FORGOT, Pipeshub, fully, refusal
from tests.surfaces.pipeshub.people import CODE, Letters, Members
from tests.surfaces.pipeshub.scoped import minted
from tests.surfaces.witness import Witness, claims


@pytest.fixture
def person(make_person: PersonMaker) -> Person:
    """Somebody with a password."""
    return make_person()


def test_refresh_gives_an_access_token_and_tells_whose(pipeshub: Pipeshub, person: Person, realm: Realm) -> None:
    tokens = pipeshub.sign_in(person.email, person.password)
    for _ in range(2):  # the same refresh token goes on
        answer = pipeshub.refresh(tokens["refreshToken"])
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert body.keys() == {"user", "accessToken"}
        assert claims(body["accessToken"])["sid"] == claims(tokens["accessToken"])["sid"]
        created = datetime.fromisoformat(body["user"].pop("createdAt"))
        assert created.year >= 2020
        assert datetime.fromisoformat(body["user"].pop("updatedAt")) == created
        assert body["user"] == {
            "_id": person.id,
            "orgId": realm.name,
            "email": person.email,
            "fullName": "Test Person",
            "firstName": "Test",
            "lastName": "Person",
            "accountType": "individual",
            "role": "member",
            "hasLoggedIn": True,
            "isDeleted": False,
            "slug": person.username,
            "__v": 0,
        }


def test_refresh_works_for_tokens_of_a_mailed_code(
    pipeshub: Pipeshub, members: Members, letters: Letters, make_person: PersonMaker
) -> None:
    chief = make_person()
    organization = members.make_organization(admins=[chief])
    members.set_steps(organization, '[["otp"]]')
    pipeshub.ask_code(chief.email)
    tokens = fully(pipeshub.by_code(pipeshub.begun(chief.email), letters.code(chief)))
    user = pipeshub.refresh(tokens["refreshToken"]).json()["user"]
    assert (user["orgId"], user["accountType"], user["role"]) == (organization.id, "business", "admin")


def test_what_is_absent_is_left_out(pipeshub: Pipeshub, person: Person, witness: Witness) -> None:
    tokens = pipeshub.sign_in(person.email, person.password)
    witness.admin.update_user(person.id, {**witness.admin.get_user(person.id), "lastName": ""})
    user = pipeshub.refresh(tokens["refreshToken"]).json()["user"]
    assert "lastName" not in user
    assert user["fullName"] == "Test"


@pytest.mark.parametrize(("first", "last", "full"), [("", "Person", "Person"), (" ", "", None), ("", "", None)])
def test_who_has_no_name_is_called_by_the_user_name(
    pipeshub: Pipeshub, person: Person, witness: Witness, first: str, last: str, full: str | None
) -> None:
    tokens = pipeshub.sign_in(person.email, person.password)
    account = witness.admin.get_user(person.id)
    witness.admin.update_user(person.id, {**account, "firstName": first, "lastName": last})
    user = pipeshub.refresh(tokens["refreshToken"]).json()["user"]
    assert user["fullName"] == (full or person.username)
    assert "firstName" not in user
    assert user.get("lastName", "") == last


def test_a_refresh_token_that_is_none_is_refused(pipeshub: Pipeshub, person: Person) -> None:
    tokens = pipeshub.sign_in(person.email, person.password)
    refresh = tokens["refreshToken"]
    bad = [tokens["accessToken"], "", "nonsense", refresh[:-4] + "AAAA", minted("fetch:config", person.id), "a" * 9000]
    for token in bad:
        refusal(pipeshub.refresh(token), 401, "INVALID_TOKEN")
    refusal(pipeshub.post_raw("/userAccount/refresh/token", b"", {}), 401, "INVALID_TOKEN")


@pytest.mark.parametrize("kind", ["access_token", "refresh_token", "id_token"])
def test_a_token_of_another_realm_is_refused_by_every_operation_that_takes_one(
    pipeshub: Pipeshub, foreign_realm: ForeignRealm, kind: str
) -> None:
    bearer = foreign_realm.tokens()[kind]
    calls = pipeshub.bearing(bearer)
    for answer in (
        calls.change("Passw0rd!x", "An0ther!word"),
        calls.reset(bearer, "An0ther!word"),
        calls.check(),
        calls.refresh(bearer),
        calls.logout(),
    ):
        refusal(answer, 401, "INVALID_TOKEN")


def test_a_disabled_account_is_not_refreshed(pipeshub: Pipeshub, person: Person, witness: Witness) -> None:
    tokens = pipeshub.sign_in(person.email, person.password)
    witness.admin.update_user(person.id, {**witness.admin.get_user(person.id), "enabled": False})
    refusal(pipeshub.refresh(tokens["refreshToken"]), 401, "INVALID_TOKEN")
    refusal(pipeshub.bearing(tokens["accessToken"]).logout(), 401, "INVALID_TOKEN")


def test_a_deleted_account_is_told_at_refresh(pipeshub: Pipeshub, person: Person, witness: Witness) -> None:
    tokens = pipeshub.sign_in(person.email, person.password)
    witness.admin.delete_user(person.id)
    refusal(pipeshub.refresh(tokens["refreshToken"]), 404, "USER_NOT_FOUND")
    refusal(pipeshub.bearing(tokens["accessToken"]).logout(), 401, "INVALID_TOKEN")


def test_sign_out_ends_one_session(pipeshub: Pipeshub, person: Person, witness: Witness) -> None:
    here, there = (pipeshub.sign_in(person.email, person.password) for _ in range(2))
    signed_in = pipeshub.bearing(here["accessToken"])
    answer = signed_in.logout()
    assert answer.status_code == 200
    assert answer.json().keys() == {"message"}
    refusal(signed_in.logout(), 401, "INVALID_TOKEN")
    refusal(signed_in.change(person.password, "An0ther!word"), 401, "INVALID_TOKEN")
    refusal(pipeshub.refresh(here["refreshToken"]), 401, "INVALID_TOKEN")
    assert pipeshub.refresh(there["refreshToken"]).status_code == 200
    assert witness.sessions(person.id) == {claims(there["accessToken"])["sid"]}


def test_sign_out_takes_access_tokens_only(pipeshub: Pipeshub, person: Person) -> None:
    tokens = pipeshub.sign_in(person.email, person.password)
    for token in (tokens["refreshToken"], minted("fetch:config", person.id), "nonsense", ""):
        refusal(pipeshub.bearing(token).logout(), 401, "INVALID_TOKEN")
    assert pipeshub.refresh(tokens["refreshToken"]).status_code == 200


def test_a_bearer_scheme_of_any_case_will_do(pipeshub: Pipeshub, person: Person) -> None:
    tokens = pipeshub.sign_in(person.email, person.password)
    called = pipeshub.sending(authorization=f"bEARER {tokens['accessToken']}")
    assert called.logout().status_code == 200


def test_a_bearer_where_none_is_wanted_is_ignored(pipeshub: Pipeshub, person: Person) -> None:
    pipeshub.bearing("nonsense").sign_in(person.email, person.password)


@pytest.mark.parametrize("path", [CODE_PATH, FORGOT])
def test_a_bearer_changes_nothing_about_who_is_mailed(
    pipeshub: Pipeshub, members: Members, make_person: PersonMaker, mailbox: Mailbox, path: str
) -> None:
    asked, other = members(CODE), make_person()
    tokens = pipeshub.sign_in(other.email, other.password)
    for count, bearer in enumerate(("nonsense", tokens["accessToken"], tokens["refreshToken"]), 1):
        assert pipeshub.bearing(bearer).post(path, {"email": asked.email}).status_code == 200
        mailbox.wait_for_count(asked.email, count)
    assert pipeshub.sending(authorization="Basic dTpw").post(path, {"email": asked.email}).status_code == 200
    mailbox.wait_for_count(asked.email, 4)
    assert (mailbox.count(asked.email), mailbox.count(other.email)) == (4, 0)
    assert pipeshub.refresh(tokens["refreshToken"]).status_code == 200


def test_services_ask_whether_a_password_is_set(
    pipeshub: Pipeshub, person: Person, make_person: PersonMaker, members: Members
) -> None:
    for asked, expected in (
        (person, {"hasPassword": True, "isPasswordAuthEnabled": True}),
        (make_person(password=None), {"hasPassword": False, "isPasswordAuthEnabled": True}),
        (members(CODE), {"hasPassword": True, "isPasswordAuthEnabled": False}),
    ):
        answer = pipeshub.bearing(minted("fetch:config", asked.id)).check()
        assert (answer.status_code, answer.json()) == (200, expected)


@pytest.fixture
def passwordless(make_person: PersonMaker) -> Person:
    """Somebody without a password."""
    return make_person(password=None)


@pytest.fixture
def directory(witness: Witness, passwordless: Person) -> Iterator[str]:
    """Id of a directory that keeps passwords of its own; nobody listens there, so nobody new can be made any more."""
    del passwordless
    made = {
        "name": f"directory-{secrets.token_hex(4)}",
        "providerId": "kerberos",
        "providerType": "org.keycloak.storage.UserStorageProvider",
        "config": {
            "kerberosRealm": ["EXAMPLE.TEST"],
            "serverPrincipal": ["HTTP/keycloak.example.test@EXAMPLE.TEST"],
            "keyTab": ["/nowhere"],
            "allowPasswordAuthentication": ["true"],
            "editMode": ["UNSYNCED"],
            "priority": ["0"],
            "enabled": ["true"],
        },
    }
    directory_id = str(witness.admin.create_component(made))
    yield directory_id
    witness.admin.delete_component(directory_id)


def test_a_password_in_a_directory_is_a_password(
    pipeshub: Pipeshub, passwordless: Person, witness: Witness, directory: str
) -> None:
    person = passwordless
    services = pipeshub.bearing(minted("fetch:config", person.id))
    assert services.check().json()["hasPassword"] is False
    account = witness.admin.get_user(person.id)
    witness.admin.update_user(person.id, {**account, "federationLink": directory})
    assert witness.admin.get_credentials(person.id) == []
    assert services.check().json() == {"hasPassword": True, "isPasswordAuthEnabled": True}


def test_services_ask_about_nobody(pipeshub: Pipeshub, make_person: PersonMaker) -> None:
    disabled = make_person(enabled=False).id
    for user in (None, "00000000-0000-4000-8000-000000000000", "nobody", "../users", disabled):
        refusal(pipeshub.bearing(minted("fetch:config", user)).check(), 404, "USER_NOT_FOUND")


def test_services_need_a_good_token(pipeshub: Pipeshub, person: Person) -> None:
    tokens = pipeshub.sign_in(person.email, person.password)
    bad = [
        minted("password:reset", person.id),
        minted("fetch:config", person.id, algorithm="none"),
        minted("fetch:config", person.id, algorithm="HS512"),
        minted("fetch:config", person.id, key="another-key-of-32-bytes-or-more!!"),
        minted("fetch:config", person.id, exp=None),
        minted("fetch:config", person.id, exp=1),
        minted("fetch:config", person.id, exp="9999999999"),
        minted("fetch:config", person.id, exp=True),
        minted("fetch:config", person.id, nbf=9999999999),
        minted("fetch:config", person.id, scopes="fetch:config"),
        minted("fetch:config", person.id, scopes=None),
        tokens["accessToken"],
        tokens["refreshToken"],
        "a.b.c",
        "",
    ]
    for token in bad:
        refusal(pipeshub.bearing(token).check(), 401, "INVALID_TOKEN")
