"""Sessions that await a secondary password: what ends them, what is looked at first (contract sections 5, 8, 12)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest

from tests.conftest import Stack
from tests.servers.gateway import watched_gateway
from tests.servers.people import Person
from tests.surfaces.conftest import Apart
from tests.surfaces.cyclos.client import JSON, Cyclos, refusal, require_empty, token_of, told
from tests.surfaces.cyclos.further import (
    OTP_TYPE,
    SECOND,
    CyclosLetters,
    activated_by_session,
    activation_code,
    ask_for_code,
    by_client,
    disconnect,
    give,
    require_proof,
)
from tests.surfaces.mailing import mailing_through
from tests.surfaces.witness import Witness


@dataclass(frozen=True, slots=True)
class Doubting:
    """A gateway that asks for sent codes everywhere, and Keycloak at every request.

    Attributes:
        variables: its settings.
    """

    cyclos: Cyclos
    variables: Mapping[str, str]

    def pending(self, person: Person) -> Cyclos:
        """Log in; the session awaits a code."""
        return self.cyclos.by_session(token_of(self.cyclos.login(person.username, person.password)))


@pytest.fixture(scope="module")
def doubting(cyclos_apart: Apart, stack: Stack) -> Iterator[Doubting]:
    further = {"CYCLOS__SECONDARY_PASSWORD": "otp", "CYCLOS__CONFIRMATION_PASSWORD": "otp"}
    variables = cyclos_apart(CYCLOS__SESSION_RECHECK="0", **further, **mailing_through(stack))
    with watched_gateway(variables) as served, served.client() as client:
        yield Doubting(Cyclos(client), variables)


@pytest.mark.parametrize("what", ["disabled", "deleted"])
def test_a_session_of_somebody_who_is_gone_is_over(
    doubting: Doubting, person: Person, witness: Witness, what: str
) -> None:
    asked, told_of = doubting.pending(person), doubting.pending(person)
    assert asked.auth().status_code == told_of.call("GET", SECOND).status_code == 200
    if what == "disabled":
        witness.admin.update_user(person.id, {"enabled": False})
    else:
        witness.admin.delete_user(person.id)
    refusal(asked.auth(), 401, code="loggedOut")
    refusal(told_of.call("GET", SECOND), 401, code="loggedOut")
    if what == "disabled":
        # Nor does it come back.
        witness.admin.update_user(person.id, {"enabled": True})
        refusal(asked.auth(), 401, code="loggedOut")


def test_a_session_is_looked_at_after_the_size_and_before_the_value(
    doubting: Doubting, person: Person, letters: CyclosLetters
) -> None:
    full = doubting.pending(person)
    ask_for_code(full)
    require_empty(give(full, letters.code(person)), 204)
    assert _sent(doubting.cyclos, b"9" * 4097) == (413, "general")
    assert _sent(full, b"9" * 4097) == (413, "general")
    assert _sent(doubting.cyclos, b"") == (401, "missingAuthorization")
    assert _sent(doubting.cyclos.by_session("x" * 64), b"") == (401, "loggedOut")
    assert _sent(full, b"") == (403, "illegalAction")
    assert _sent(doubting.pending(person), b"") == (422, "missingParameter")


def _sent(cyclos: Cyclos, content: bytes) -> tuple[int, str]:
    answer = cyclos.http.post(SECOND, content=content, headers={**JSON, **cyclos.default})
    return answer.status_code, answer.json()["code"]


def test_a_code_for_one_purpose_is_none_for_another(doubting: Doubting, person: Person, letters: CyclosLetters) -> None:
    full, pending = doubting.pending(person), doubting.pending(person)
    ask_for_code(full)
    require_empty(give(full, letters.code(person)), 204)
    token = str(told(activated_by_session(full, activation_code(doubting.variables, person)))["token"])
    ask_for_code(pending)
    to_log_in = letters.code(person, 2)
    require_proof(disconnect(doubting.cyclos, token, to_log_in), OTP_TYPE)
    ask_for_code(by_client(doubting.cyclos, token))
    to_confirm = letters.code(person, 3)
    if to_confirm != to_log_in:
        require_proof(give(pending, to_confirm), OTP_TYPE)
    require_empty(give(pending, to_log_in), 204)
    require_empty(disconnect(doubting.cyclos, token, to_confirm), 200)
