"""What is told of those who get nowhere, before anything is proven (security S49)."""

import pytest

from tests.servers.gateway import ServedGateway
from tests.servers.people import Person, PersonMaker
from tests.surfaces.counted import security_events
from tests.surfaces.logged import told_of
from tests.surfaces.pipeshub.client import Pipeshub, refusal
from tests.surfaces.pipeshub.people import Members

_WRONG = "Wr0ng!word"


def _locked(pipeshub: Pipeshub, person: Person) -> Person:
    token = pipeshub.begun(person.email)
    for _ in range(5):
        refusal(pipeshub.by_password(token, _WRONG), 401, "INVALID_CREDENTIALS")
    return person


@pytest.mark.parametrize(("call", "event"), [("init", "sign_in_begun"), ("ask_code", "code_asked")])
def test_who_reads_out_addresses_is_told(
    pipeshub: Pipeshub,
    pipeshub_gateway: ServedGateway,
    members: Members,
    make_person: PersonMaker,
    call: str,
    event: str,
) -> None:
    disabled, locked, stuck = make_person(enabled=False), _locked(pipeshub, make_person()), members("not steps")
    tried = [
        ("nobody@example.test", None, 404, "unknown"),
        (disabled.email, disabled.id, 404, "unknown"),
        (locked.email, locked.id, 403, "locked"),
        (stuck.email, stuck.id, 404, "not_allowed"),
    ]
    before = security_events(pipeshub_gateway, event, outcome="refused", surface="pipeshub")
    for email, account, status, reason in tried:
        answer = getattr(pipeshub, call)(email)
        assert answer.status_code == status
        (told,) = told_of(pipeshub_gateway, answer, event)
        assert (told["outcome"], told["reason"], told["address"]) == ("refused", reason, "127.0.0.1")
        assert told["account"] == account or (account is None and len(told["account"]) == 12)
    counted = security_events(pipeshub_gateway, event, outcome="refused", surface="pipeshub")
    assert counted == before + len(tried)


def test_a_code_that_no_step_takes_is_told(
    pipeshub: Pipeshub, pipeshub_gateway: ServedGateway, make_person: PersonMaker
) -> None:
    person = make_person()
    answer = pipeshub.ask_code(person.email)
    refusal(answer, 400, "METHOD_NOT_ALLOWED")
    (told,) = told_of(pipeshub_gateway, answer, "code_asked")
    assert (told["outcome"], told["reason"], told["account"]) == ("refused", "not_allowed", person.id)


def test_a_locked_account_at_a_change_of_its_password_is_told(
    pipeshub: Pipeshub, pipeshub_gateway: ServedGateway, make_person: PersonMaker
) -> None:
    person = make_person()
    signed_in = pipeshub.bearing(pipeshub.sign_in(person.email, person.password)["accessToken"])
    _locked(pipeshub, person)
    answer = signed_in.change(person.password, "An0ther!word")
    refusal(answer, 400, "ACCOUNT_BLOCKED")
    (told,) = told_of(pipeshub_gateway, answer, "password_changed")
    assert (told["outcome"], told["reason"], told["account"]) == ("refused", "locked", person.id)
