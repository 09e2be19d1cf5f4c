"""Bodies, media types, sizes, paths and methods: each no in the error model (contract section 5)."""

import json

import pytest

from tests.servers.people import Person, PersonMaker
from tests.surfaces.bodies import BEHIND, BESIDE, ENDLESS_NUMBERS, MALFORMED, NO_OBJECT, OTHER_MEDIA_TYPES, spoiled
from tests.surfaces.nap.client import (
    COMPLETE,
    LOGIN,
    LOGOUT,
    REFRESH,
    SEND,
    SIGNUP,
    VERIFY,
    Nap,
    flow_id,
    refusal,
    tokens,
    user_id,
)
from tests.surfaces.nap.newcomers import newcomer
from tests.surfaces.nap.people import Members
from tests.surfaces.paths import OTHER_METHODS, near_misses
from tests.surfaces.witness import Witness

_FLOW = "/api/auth/flow/x"
_POSTED = (LOGIN, LOGOUT, REFRESH, SIGNUP, SEND, VERIFY, f"{_FLOW}/complete")
_METHODS = {**dict.fromkeys(_POSTED, "POST"), _FLOW: "GET"}
_WITH_BODY = {**{path: path for path in (LOGIN, SIGNUP, SEND, VERIFY)}, f"{_FLOW}/complete": COMPLETE}
"""Path → as the document writes it."""
_JSON = {"content-type": "application/json"}


@pytest.mark.parametrize("kind", [*MALFORMED, *NO_OBJECT])
@pytest.mark.parametrize("path", _WITH_BODY)
def test_a_body_of_another_shape_is_a_400(nap: Nap, path: str, kind: str) -> None:
    content = {**MALFORMED, **NO_OBJECT}[kind]
    refusal(nap.call("POST", _WITH_BODY[path], content=content, headers=_JSON, target=path), 400)


@pytest.mark.parametrize("kind", [*BEHIND, *BESIDE])
def test_what_is_good_is_a_400_with_something_malformed_beside_it(
    tenants: Nap, members: Members, make_person: PersonMaker, witness: Witness, kind: str
) -> None:
    member, unverified, invited = members(2), make_person(email_verified=False), newcomer()
    begun = flow_id(tenants.login(*member.credentials))
    good: dict[str, dict[str, object]] = {
        LOGIN: {"email": member.person.email, "password": member.person.password},
        SIGNUP: invited.body(),
        SEND: {"email": unverified.email},
        COMPLETE: {"orgId": member.organizations[0].id},
    }
    for path, body in good.items():
        target = path.replace("{flowId}", begun)
        refusal(tenants.call("POST", path, content=spoiled(kind, body), headers=_JSON, target=target), 400)
    assert not witness.sessions(member.person.id)
    tokens(tenants.complete(begun, **good[COMPLETE]))


@pytest.mark.parametrize("headers", [{}, _JSON])
@pytest.mark.parametrize("path", _WITH_BODY)
def test_a_body_that_is_not_there_is_a_400(nap: Nap, path: str, headers: dict[str, str]) -> None:
    refusal(nap.call("POST", _WITH_BODY[path], headers=headers, target=path), 400)


@pytest.mark.parametrize("number", ENDLESS_NUMBERS)
def test_an_endless_number_breaks_nothing(nap: Nap, number: bytes) -> None:
    refusal(nap.call("POST", LOGIN, content=b'{"email":' + number + b"}"), 400)


@pytest.mark.parametrize("media_type", OTHER_MEDIA_TYPES)
def test_json_counts_whatever_its_type_says(nap: Nap, person: Person, media_type: str | None) -> None:
    content = json.dumps({"email": person.email, "password": person.password}).encode()
    headers = {} if media_type is None else {"content-type": media_type}
    tokens(nap.call("POST", LOGIN, content=content, headers=headers))


@pytest.mark.parametrize("media_type", OTHER_MEDIA_TYPES)
def test_a_sign_up_counts_whatever_its_type_says(nap: Nap, media_type: str | None) -> None:
    content = json.dumps(newcomer().body()).encode()
    user_id(
        nap.call("POST", SIGNUP, content=content, headers={} if media_type is None else {"content-type": media_type})
    )


@pytest.mark.parametrize("media_type", ["application/json", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_form_does_not_count_whatever_its_type_says(nap: Nap, person: Person, media_type: str) -> None:
    form = f"email={person.email}&password={person.password}".encode()
    refusal(nap.call("POST", LOGIN, content=form, headers={"content-type": media_type}), 400)


def test_an_encoded_body_does_not_count(nap: Nap, person: Person) -> None:
    content = json.dumps({"email": person.email, "password": person.password}).encode()
    refusal(nap.call("POST", LOGIN, content=content, headers={"content-encoding": "gzip"}), 400)


def test_what_was_sent_is_not_repeated(nap: Nap) -> None:
    answer = nap.post(LOGIN, {"email": ["S3cret!marked"], "password": {"S3cret!member": 1}, "S3cret!other": 1})
    refusal(answer, 400)
    assert "S3cret" not in answer.text


@pytest.mark.parametrize("path", _METHODS)
def test_more_than_64_kib_is_too_much(nap: Nap, path: str) -> None:
    document = {**_WITH_BODY, _FLOW: "/api/auth/flow/{flowId}"}.get(path, path)
    answer = nap.call(_METHODS[path], document, content=b" " * 65537, target=path)
    refusal(answer, 413)
    assert "retry-after" not in answer.headers


@pytest.mark.parametrize(
    ("path", "method"),
    [(path, other) for path, method in _METHODS.items() for other in OTHER_METHODS if other != method],
)
def test_another_method_is_told_what_is_allowed(nap: Nap, path: str, method: str) -> None:
    answer = nap.http.request(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, _METHODS[path])
    if method != "HEAD":
        refusal(answer, 405)


@pytest.mark.parametrize(
    "path",
    [
        f"{LOGIN}/x",
        "/api/auth/flow",
        "/api/auth/flow/",
        "/api/auth/flow/a%2Fb",
        f"{LOGOUT}/",
        f"{REFRESH}//x",
        "/api/auth/verify-email",
        f"{SIGNUP}/x",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_unknown_path_is_not_found_and_redirects_nowhere(nap: Nap, path: str, method: str) -> None:
    answer = nap.http.request(method, "/", extensions={"target": path.encode()})
    refusal(answer, 404)
    assert "location" not in answer.headers


@pytest.mark.parametrize("path", [*near_misses([LOGIN, LOGOUT, REFRESH, SIGNUP, SEND, VERIFY])])
def test_no_other_spelling_of_a_path_is_one(nap: Nap, path: str) -> None:
    answer = nap.http.post("/", extensions={"target": path.encode()})
    assert answer.status_code == 404
    assert "location" not in answer.headers


@pytest.mark.parametrize("path", _METHODS)
def test_no_answer_may_be_stored_or_sniffed(nap: Nap, path: str) -> None:
    answer = nap.http.request(_METHODS[path], path)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert not {"server", "x-powered-by", "access-control-allow-origin", "location"} & set(answer.headers)


def test_another_host_is_a_400(nap: Nap, person: Person, witness: Witness) -> None:
    content = json.dumps({"email": person.email, "password": person.password}).encode()
    headers = {"host": "evil.example", **_JSON}
    assert refusal(nap.call("POST", LOGIN, content=content, headers=headers), 400) == "Invalid host"
    assert not witness.sessions(person.id)
