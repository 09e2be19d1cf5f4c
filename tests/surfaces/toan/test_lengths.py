"""What is longer than the document says is refused, each in the contract's words (security S32, contract section 4)."""

from collections.abc import Callable

import httpx
import pytest

from tests.servers.gateway import ServedGateway
from tests.surfaces.logged import told_of
from tests.surfaces.toan.answers import problems, refusal, require_done
from tests.surfaces.toan.client import Toan
from tests.surfaces.toan.people import Member

_NEW = "N3w!password"


def _require_too_long(answer: httpx.Response, *place: str) -> None:
    assert [(each.loc, each.type) for each in problems(answer)] == [(place, "string_too_long")]


def test_name_of_256_characters_is_nobodys_and_nobody_is_asked(toan: Toan, gateway: ServedGateway) -> None:
    answers = [toan.login("x" * length, "Passw0rd!x") for length in (255, 256, 60000)]
    assert {refusal(answer, 401) for answer in answers} == {"Invalid user credentials"}
    reasons = [told_of(gateway, answer, "sign_in")[0]["reason"] for answer in answers]
    assert reasons == ["credentials", "malformed", "malformed"]


@pytest.mark.parametrize("call", [Toan.change, Toan.change_of_user])
def test_organization_of_256_characters_is_too_long(steady: Member, call: Callable[..., httpx.Response]) -> None:
    calls = steady.toan
    refusal(call(calls, steady.colleague.id, _NEW, org="x" * 255), 403)
    _require_too_long(call(calls, steady.colleague.id, _NEW, org="x" * 256), "header", "x-org")
    answer = call(calls, steady.colleague.id, _NEW, org=steady.org.alias, override="x" * 256)
    _require_too_long(answer, "header", "x-org-override")


def test_token_of_8193_characters_is_one_that_is_not_good(toan: Toan, member: Member) -> None:
    token = member.tokens.refresh_token
    for call in (toan.refresh, toan.logout):
        assert refusal(call(token + "A" * (8193 - len(token))), 401) == "Invalid refresh token"
    assert toan.refresh(token).status_code == 200


def test_password_of_257_characters_is_not_set_and_its_rule_is_told(administrator: Member) -> None:
    longest = "Aa1!" + "\U0001d4ab" * 252
    target, org = administrator.colleague, administrator.org.alias
    assert "256" in refusal(administrator.toan.change_of_user(target.id, f"{longest}x", org=org), 400)
    require_done(administrator.toan.change_of_user(target.id, longest, org=org))
