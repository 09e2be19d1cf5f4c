"""`x-org` is never a fault of ours, whatever it holds (contract section 4)."""

import httpx
import pytest

from tests.surfaces.toan.client import CHANGE, admin_path
from tests.surfaces.toan.people import Member
from tests.surfaces.witness import Witness


@pytest.mark.parametrize(
    "name",
    [
        b"x" * 256,
        b"x" * 8000,
        b"a\tb",
        b"\xff\xfe",
        "zoë".encode(),
        b"../acme",
        b"%2e%2e",
        b"*",
        b"a/b",
        b"?x=y",
    ],
)
@pytest.mark.parametrize("header", ["x-org", "x-org-override"])
@pytest.mark.parametrize("administrates", [False, True])
def test_odd_name_is_refused(
    steady: Member, steady_platform_administrator: Member, header: str, name: bytes, *, administrates: bool
) -> None:
    member = steady_platform_administrator if administrates else steady
    named = {"x-org": member.org.alias.encode(), header: name}
    for path, body in _calls(member).items():
        answer = _post(member, path, body, named)
        assert answer.status_code in (403, 404, 422), answer.text


@pytest.mark.parametrize("character", [b"\x01", b"\x7f"])
@pytest.mark.parametrize("header", ["x-org", "x-org-override"])
def test_control_character_is_no_http(steady: Member, header: str, character: bytes) -> None:
    named = {"x-org": steady.org.alias.encode(), header: b"a" + character}
    for path, body in _calls(steady).items():
        assert _post(steady, path, body, named).status_code == 400


def _post(member: Member, path: str, body: dict[str, str], named: dict[str, bytes]) -> httpx.Response:
    headers = [(b"authorization", f"Bearer {member.toan.bearer}".encode())]
    headers += [(each.encode(), named[each]) for each in named]
    return member.toan.http.post(path, json=body, headers=headers)


@pytest.mark.parametrize("second", [None, "nowhere"])
def test_header_sent_twice_is_refused(steady: Member, witness: Witness, second: str | None) -> None:
    member = steady
    twice = [("x-org", member.org.alias), ("x-org", second or member.org.alias)]
    for path, body in _calls(member).items():
        answer = member.toan.http.post(
            path, json=body, headers=[("authorization", f"Bearer {member.toan.bearer}"), *twice]
        )
        assert answer.status_code in (403, 404, 422), answer.text
    assert witness.password_is(member.person.username, member.person.password)


def _calls(member: Member) -> dict[str, dict[str, str]]:
    new = "N3w!password"
    return {
        CHANGE: {"current_password": member.person.password, "new_password": new},
        admin_path(member.colleague.id): {"new_password": new},
    }
