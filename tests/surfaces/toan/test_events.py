"""What is told of refused passwords (security S49)."""

from tests.servers.gateway import ServedGateway
from tests.surfaces import counted
from tests.surfaces.logged import awaited
from tests.surfaces.toan.answers import refusal
from tests.surfaces.toan.people import Member

_TOO_SHORT = "Ab1!"


def _counted(gateway: ServedGateway, event: str) -> float:
    return counted.security_events(gateway, event, outcome="refused", reason="policy", surface="toan")


def test_own_new_password_that_breaks_a_rule_is_told(gateway: ServedGateway, member: Member) -> None:
    before = _counted(gateway, "password_changed")
    refusal(member.toan.change(member.person.password, _TOO_SHORT, org=member.org.alias), 400)
    (told,) = awaited(gateway, "password_changed", member.person.id)
    assert (told["outcome"], told["reason"], told["level"]) == ("refused", "policy", "warning")
    assert _counted(gateway, "password_changed") == before + 1


def test_anothers_new_password_that_breaks_a_rule_is_told_with_who_set_it(
    gateway: ServedGateway, administrator: Member
) -> None:
    target = administrator.colleague
    before = _counted(gateway, "password_set")
    refusal(administrator.toan.change_of_user(target.id, _TOO_SHORT, org=administrator.org.alias), 400)
    (told,) = awaited(gateway, "password_set", target.id)
    assert (told["outcome"], told["reason"], told["actor"]) == ("refused", "policy", administrator.person.id)
    assert _counted(gateway, "password_set") == before + 1
