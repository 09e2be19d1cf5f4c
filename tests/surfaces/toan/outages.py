"""What a dependency's absence looks like from outside."""

from collections.abc import Callable, Mapping

import httpx

from tests.surfaces.outages import in_time
from tests.surfaces.toan.answers import refusal
from tests.surfaces.toan.client import Toan
from tests.surfaces.toan.people import Member

_NEW = "N3w!password"

Call = Callable[[Toan, Member], httpx.Response]

# With genuine tokens and good rights, so that nothing but the outage can be what refuses them.
CALLS: Mapping[str, Call] = {
    "login": lambda toan, member: toan.login(member.person.username, member.person.password),
    "refresh": lambda toan, member: toan.refresh(member.tokens.refresh_token),
    "logout": lambda toan, member: toan.logout(member.tokens.refresh_token),
    "change": lambda toan, member: _bearing(toan, member).change(member.person.password, _NEW, org=member.org.alias),
    "admin": lambda toan, member: _bearing(toan, member).change_of_user(
        member.colleague.id, _NEW, org=member.org.alias
    ),
}


def _bearing(toan: Toan, member: Member) -> Toan:
    return toan.bearing(member.tokens.access_token)


def require_unavailable(answer: httpx.Response) -> None:
    """Demand the 503, in time."""
    assert refusal(in_time(answer), 503)
    assert int(answer.headers["retry-after"]) > 0
