"""Limits that are low, and what reaches them."""

import itertools
import secrets

from tests.servers.people import Person
from tests.surfaces.toan.answers import refusal
from tests.surfaces.toan.client import Toan

WRONG = "Wr0ng!word"
FAILURES = 6
MAILS = 4
PER_MAILBOX = 2
LOW = {
    "LIMITS__FAILURES_PER_ADDRESS": str(FAILURES),
    "LIMITS__MAILS_PER_ADDRESS": str(MAILS),
    "LIMITS__MAILS_PER_MAILBOX": str(PER_MAILBOX),
    "LOCKOUT__MAX_FAILURES": "100",
    "TOAN__MAIL_LIMIT": "100",
}

_numbers = itertools.count(1)


def an_address() -> str:
    """Take an address that no other test has."""
    return f"203.0.113.{next(_numbers)}"


def fail(toan: Toan, times: int) -> None:
    """Fail to sign in, each time as somebody else."""
    for _ in range(times):
        refusal(toan.login(f"nobody-{secrets.token_hex(4)}", WRONG), 401)


def require_blocked(toan: Toan, person: Person) -> None:
    """Demand that not even the right password is taken."""
    answer = toan.login(person.username, person.password)
    refusal(answer, 429)
    assert 0 < int(answer.headers["retry-after"]) <= 600
