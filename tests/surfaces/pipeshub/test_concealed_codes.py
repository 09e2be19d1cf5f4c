"""What the ask for a code tells of who has an account, where that is concealed: nothing (contract sections 5 and 8)."""

from collections.abc import Iterable

from tests.conftest import Mailbox
from tests.servers.gateway import served_gateway
from tests.servers.people import PersonMaker
from tests.surfaces.conftest import Apart
from tests.surfaces.pipeshub.client import Pipeshub
from tests.surfaces.pipeshub.people import BOTH, CODE, PASSWORD, Letters, Members


def _told(pipeshub: Pipeshub, emails: Iterable[str]) -> list[int]:
    """Ask for codes; return the status, of which there should be one, as there should be one body."""
    answers = {(each.status_code, each.text) for each in map(pipeshub.ask_code, emails)}
    return [status for status, _ in answers]


def test_steps_without_a_code_are_answered_like_steps_with_one(
    concealing: Pipeshub, members: Members, make_person: PersonMaker, mailbox: Mailbox, letters: Letters
) -> None:
    invited = members(BOTH)
    others = [members(PASSWORD).email, make_person().email, make_person(enabled=False).email, f"no-{invited.email}"]
    assert _told(concealing, [invited.email, *others]) == [200]
    assert letters.code(invited)
    assert [mailbox.count(email) for email in others] == [0] * len(others)


def test_too_many_wrong_codes_are_told_to_nobody(mailing_apart: Apart, members: Members) -> None:
    person = members(CODE)
    variables = mailing_apart(
        PIPESHUB__CONCEAL_UNKNOWN_USERS="true",
        PIPESHUB__OTP_REQUEST_LIMIT="100",
        SIGN_IN__STEPS='[["otp"]]',
        LIMITS__MAILS_PER_MAILBOX="100",
        LOCKOUT__MAX_FAILURES="50",
    )
    with served_gateway(variables) as served, served.client() as client:
        pipeshub = Pipeshub(client)
        emails = (person.email, f"no-{person.email}")
        for _ in range(5):
            assert _told(pipeshub, emails) == [200]
            for email in emails:
                token = pipeshub.begun(email)
                for _ in range(5):
                    pipeshub.by_code(token, "000000")
        assert _told(pipeshub, emails) == [200]


def test_the_ask_that_is_too_many_is_so_for_anybody(
    mailing_apart: Apart, members: Members, letters: Letters, mailbox: Mailbox
) -> None:
    person = members(CODE)
    variables = mailing_apart(
        PIPESHUB__CONCEAL_UNKNOWN_USERS="true",
        PIPESHUB__OTP_REQUEST_LIMIT="2",
        SIGN_IN__STEPS='[["otp"]]',
        LIMITS__MAILS_PER_MAILBOX="100",
    )
    emails = (person.email, f"no-{person.email}")
    with served_gateway(variables) as served, served.client() as client:
        assert [_told(Pipeshub(client), emails) for _ in range(3)] == [[200], [200], [429]]
        letters.code(person, 2)
    assert mailbox.count(person.email) == 2
