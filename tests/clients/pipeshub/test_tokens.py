"""Refresh and sign-out with the published client."""

from tests.clients.pipeshub.sdk import Sdk, refusal
from tests.conftest import Realm
from tests.servers.people import PersonMaker
from tests.surfaces.witness import claims


def test_a_refresh_gives_an_access_token_and_tells_whose(sdk: Sdk, make_person: PersonMaker, realm: Realm) -> None:
    person = make_person()
    tokens = sdk.sign_in(person.email, person.password)
    for _ in range(2):  # the same refresh token goes on
        answer = sdk.refresh(tokens["refreshToken"]).answer
        assert claims(answer["accessToken"])["sid"] == claims(tokens["accessToken"])["sid"]
        expected = {"_id": person.id, "orgId": realm.name, "email": person.email, "fullName": "Test Person"}
        assert answer["user"] | expected == answer["user"]


def test_the_new_client_reads_the_whole_record(new_sdk: Sdk, make_person: PersonMaker) -> None:
    person = make_person()
    tokens = new_sdk.sign_in(person.email, person.password)
    user = new_sdk.refresh(tokens["refreshToken"]).answer["user"]
    expected = {"firstName": "Test", "lastName": "Person", "role": "member", "slug": person.username, "__v": 0}
    assert user | expected == user


def test_what_is_no_refresh_token_is_refused(sdk: Sdk, make_person: PersonMaker) -> None:
    person = make_person()
    for token in ("nonsense", sdk.sign_in(person.email, person.password)["accessToken"]):
        refusal(sdk.refresh(token), 401, "INVALID_TOKEN")


def test_a_deleted_account_is_told_at_refresh(sdk: Sdk, make_person: PersonMaker, realm: Realm) -> None:
    person = make_person()
    tokens = sdk.sign_in(person.email, person.password)
    realm.admin.delete_user(person.id)
    refusal(sdk.refresh(tokens["refreshToken"]), 404, "USER_NOT_FOUND")


def test_the_old_client_signs_out(old_sdk: Sdk, make_person: PersonMaker) -> None:
    person = make_person()
    tokens = old_sdk.sign_in(person.email, person.password)
    signed_in = old_sdk.bearing(tokens["accessToken"])
    assert signed_in.call("logout").answer == {"message": "Signed out"}
    refusal(old_sdk.refresh(tokens["refreshToken"]), 401, "INVALID_TOKEN")
    refusal(signed_in.call("logout"), 401, "INVALID_TOKEN")
