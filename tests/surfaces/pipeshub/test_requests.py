"""What is no address, what is too much, and refusals in the shape each client reads (contract sections 1 and 3)."""

import httpx
import pytest

from tests.servers.gateway import served_gateway
from tests.servers.people import PersonMaker
from tests.surfaces.conftest import Apart
from tests.surfaces.pipeshub.client import POSTS, WITH_BODY, Pipeshub, nested_refusal, refusal

_JSON = {"content-type": "application/json"}
_OLD = "speakeasy-sdk/python 0.0.3 2.815.1 1.0.0 pipeshub"
_FLAT = "speakeasy-sdk/python 1.0.0 2.846.1 1.0.0 pipeshub-sdk"
_NESTED = "speakeasy-sdk/python 1.7.0 2.900.0 1.0.0 pipeshub-sdk"


@pytest.mark.parametrize("path", WITH_BODY)
@pytest.mark.parametrize(
    "email",
    [
        "",
        "nobody",
        "@b.cd",
        "a@",
        "a@bcd",
        "a@@b.cd",
        " a@b.cd",
        "a@b.cd ",
        "a b@c.de",
        "a@b.c\nd",
        f"{'a' * 248}@bcd.ef",
    ],
)
def test_what_is_no_address_is_invalid(pipeshub: Pipeshub, path: str, email: str) -> None:
    message = refusal(pipeshub.post(path, {"email": email}), 400, "VALIDATION_ERROR")
    assert not email.strip() or email not in message


def test_an_address_of_254_characters_is_one(pipeshub: Pipeshub) -> None:
    refusal(pipeshub.init(f"{'a' * 247}@bcd.ef"), 404, "USER_NOT_FOUND")


@pytest.mark.parametrize("path", POSTS)
def test_two_mebibytes_are_too_much(pipeshub: Pipeshub, path: str) -> None:
    answer = pipeshub.post_raw(path, b" " * (2 << 20), _JSON)
    refusal(answer, 413, "PAYLOAD_TOO_LARGE")


def test_a_body_of_half_a_mebibyte_is_read(pipeshub: Pipeshub) -> None:
    body = b'{"email":"nobody@example.test"' + b" " * (1 << 19) + b"}"
    refusal(pipeshub.post_raw("/userAccount/initAuth", body, _JSON), 404, "USER_NOT_FOUND")


@pytest.mark.parametrize(("agent", "nested"), [(_OLD, False), (_FLAT, False), ("curl/8", False), (_NESTED, True)])
def test_each_client_gets_the_envelope_it_reads(pipeshub: Pipeshub, agent: str, nested: bool) -> None:  # noqa: FBT001 - a parameter of the test
    caller = pipeshub.sending(user_agent=agent)
    answers = [
        caller.init("nobody@example.test"),
        caller.init("x"),
        caller.http.get("/userAccount/x", headers={"user-agent": agent}),
    ]
    told = [
        ("HTTP_NOT_FOUND", "USER_NOT_FOUND"),
        ("VALIDATION_ERROR", "VALIDATION_ERROR"),
        ("HTTP_NOT_FOUND", "NOT_FOUND"),
    ]
    for answer, (code, identifier) in zip(answers, told, strict=True):
        if nested:
            nested_refusal(answer, answer.status_code, code, identifier)
        else:
            refusal(answer, answer.status_code, identifier)


@pytest.mark.parametrize(("shape", "agent"), [("nested", "curl/8"), ("flat", _NESTED)])
def test_the_envelope_can_be_set(mailing_apart: Apart, shape: str, agent: str) -> None:
    with served_gateway(mailing_apart(PIPESHUB__ERROR_ENVELOPE=shape)) as served, served.client() as client:
        answer = Pipeshub(client).sending(user_agent=agent).init("x")
        assert isinstance(answer.json()["error"], dict) == (shape == "nested")


def test_pages_of_configured_origins_may_call(mailing_apart: Apart, make_person: PersonMaker) -> None:
    variables = mailing_apart(PIPESHUB__CORS_ORIGINS="https://app.example", PIPESHUB__PREFIX="/api/v1")
    sent = "authorization,content-type,x-request-id,x-session-token"
    asked = {"access-control-request-method": "POST", "access-control-request-headers": sent}
    with served_gateway(variables) as served, served.client() as client:
        path = "/api/v1/userAccount/initAuth"
        ours = client.options(path, headers={"origin": "https://app.example", **asked})
        assert ours.headers["access-control-allow-origin"] == "https://app.example"
        assert set(sent.split(",")) <= set(ours.headers["access-control-allow-headers"].lower().split(", "))
        answer = client.post(path, json={"email": make_person().email}, headers={"origin": "https://app.example"})
        assert answer.headers["access-control-expose-headers"] == "x-session-token"
        assert answer.headers["access-control-allow-origin"] == "https://app.example"
        for answer in (
            client.options(path, headers={"origin": "https://evil.example", **asked}),
            client.post(path, json={"email": "x"}, headers={"origin": "https://evil.example"}),
        ):
            assert not [name for name in answer.headers if name.startswith("access-control")]
            assert answer.status_code >= httpx.codes.BAD_REQUEST
