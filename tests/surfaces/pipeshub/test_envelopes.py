"""Refusals in the shape each client reads, every code of the nested one (contract section 3)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import httpx
import pytest
import redis

from devstack.children import free_port
from tests.servers.gateway import served_gateway
from tests.servers.people import Person
from tests.surfaces.conftest import Apart
from tests.surfaces.pipeshub.client import INIT, Pipeshub, nested_refusal, refusal
from tests.surfaces.pipeshub.people import BOTH, Letters, Members, expire_code

_JSON = {"content-type": "application/json"}


def _agent(version: str, name: str = "pipeshub-sdk") -> str:
    return f"speakeasy-sdk/python {version} 2.846.1 1.0.0 {name}"


@dataclass(frozen=True, slots=True)
class _Scene:
    """Somebody of two steps, at a client that reads nested refusals."""

    pipeshub: Pipeshub
    person: Person
    letters: Letters
    store: redis.Redis
    prefix: str

    def begun(self) -> str:
        return self.pipeshub.begun(self.person.email)

    def by_password(self, password: str) -> httpx.Response:
        return self.pipeshub.by_password(self.begun(), password)

    def locked(self) -> httpx.Response:
        token = self.begun()
        for _ in range(5):
            self.pipeshub.by_password(token, "wrong")
        return self.pipeshub.init(self.person.email)

    def expired(self) -> httpx.Response:
        token = self.begun()
        assert self.pipeshub.by_password(token, self.person.password).status_code == 200
        assert self.pipeshub.ask_code(self.person.email).status_code == 200
        code = self.letters.code(self.person)
        expire_code(self.store, self.prefix, self.person)
        return self.pipeshub.by_code(token, code)

    def insistent(self) -> httpx.Response:
        return [self.pipeshub.forgot(self.person.email) for _ in range(6)][-1]


_REFUSED: Mapping[str, tuple[Callable[[_Scene], httpx.Response], int, str]] = {
    "VALIDATION_ERROR": (lambda scene: scene.pipeshub.init("x"), 400, "VALIDATION_ERROR"),
    "HTTP_BAD_REQUEST": (lambda scene: scene.pipeshub.by_code(scene.begun(), "000000"), 400, "METHOD_NOT_ALLOWED"),
    "HTTP_UNAUTHORIZED": (lambda scene: scene.by_password("wrong"), 401, "INVALID_CREDENTIALS"),
    "HTTP_FORBIDDEN": (_Scene.locked, 403, "ACCOUNT_BLOCKED"),
    "HTTP_NOT_FOUND": (lambda scene: scene.pipeshub.by_code("made-up", "000000"), 404, "SESSION_EXPIRED"),
    "HTTP_METHOD_NOT_ALLOWED": (
        lambda scene: scene.pipeshub.http.get(INIT, headers=scene.pipeshub.headers),
        405,
        "METHOD_NOT_ALLOWED",
    ),
    "HTTP_GONE": (_Scene.expired, 410, "OTP_EXPIRED"),
    "HTTP_PAYLOAD_TOO_LARGE": (
        lambda scene: scene.pipeshub.post_raw(INIT, b" " * (2 << 20), _JSON),
        413,
        "PAYLOAD_TOO_LARGE",
    ),
    "HTTP_TOO_MANY_REQUESTS": (_Scene.insistent, 429, "TOO_MANY_REQUESTS"),
}
"""Code of the nested shape → who gets it, with which status and identifier."""


@pytest.fixture
def scene(
    pipeshub: Pipeshub, members: Members, letters: Letters, store: redis.Redis, mailing: Mapping[str, str]
) -> _Scene:
    """Somebody of two steps."""
    nested = pipeshub.sending(user_agent=_agent("1.7.0"))
    return _Scene(nested, members(BOTH), letters, store, mailing["GATEWAY_REDIS__PREFIX"])


@pytest.mark.parametrize("code", _REFUSED)
def test_every_refusal_has_its_code_in_the_nested_shape(scene: _Scene, code: str) -> None:
    refused, status, identifier = _REFUSED[code]
    nested_refusal(refused(scene), status, code, identifier)


def test_what_is_unavailable_is_an_internal_error_in_the_nested_shape(mailing_apart: Apart) -> None:
    variables = mailing_apart(REDIS__URL=f"redis://127.0.0.1:{free_port()}/0")
    with served_gateway(variables, wait_ready=False) as served, served.client() as client:
        caller = Pipeshub(client).sending(user_agent=_agent("1.7.0"))
        answer = caller.forgot("nobody@example.test")
        nested_refusal(answer, 503, "INTERNAL_ERROR", "UNAVAILABLE")
        assert answer.headers["retry-after"].isdecimal()


@pytest.mark.parametrize(
    ("agent", "is_nested"),
    [
        (_agent("0.0.3", "pipeshub"), False),
        (_agent("1.7.0", "pipeshub"), False),
        (_agent("0.1.1"), False),
        (_agent("1.0.0"), False),
        (_agent("1.0.99"), False),
        (_agent("1.1.0"), True),
        (_agent("1.1.0rc1"), True),
        (_agent("1.9.0"), True),
        (_agent("1.10.0"), True),
        (_agent("2.0.0"), True),
        (_agent("10.0.0"), True),
        (_agent("1.1.0") + " and more", False),
        ("speakeasy-sdk/typescript 1.1.0 2.846.1 1.0.0 pipeshub-sdk", False),
        (_agent("11111.1.0"), False),
        (_agent("one"), False),
        ("curl/8", False),
    ],
)
def test_the_nested_shape_begins_with_version_1_1(pipeshub: Pipeshub, agent: str, *, is_nested: bool) -> None:
    answer = pipeshub.sending(user_agent=agent).init("nobody@example.test")
    if is_nested:
        nested_refusal(answer, 404, "HTTP_NOT_FOUND", "USER_NOT_FOUND")
    else:
        refusal(answer, 404, "USER_NOT_FOUND")
