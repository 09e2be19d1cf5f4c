"""One-time codes, issued and entered."""

from datetime import timedelta

from gateway.domain.purposes import CodePurpose
from gateway.state.one_time_codes import OneTimeCodes, Verdict
from gateway.state.subjects import Subject

LIFETIME = timedelta(minutes=10)
SIGN_IN = CodePurpose.SIGN_IN


async def issue(codes: OneTimeCodes, subject: Subject, purpose: CodePurpose = SIGN_IN) -> str:
    """Issue a code."""
    return await codes.issue(purpose, subject, lifetime=LIFETIME)


async def issue_two(codes: OneTimeCodes, subject: Subject) -> tuple[str, str]:
    """Issue two codes that differ, as one in a million pairs does not."""
    old = new = await issue(codes, subject)
    while new == old:
        new = await issue(codes, subject)
    return old, new


async def check(
    codes: OneTimeCodes, subject: Subject, code: str, purpose: CodePurpose = CodePurpose.SIGN_IN
) -> Verdict:
    """Enter a code."""
    return (await codes.check(purpose, subject, code)).verdict


async def check_settled(codes: OneTimeCodes, subject: Subject, code: str) -> Verdict:
    """Enter a code once all that was begun has ended."""
    await codes.end()
    return await check(codes, subject, code)


def other_than(code: str) -> str:
    """Make a code that is not this one."""
    return f"{(int(code) + 1) % 10**6:06}"


async def use_up_the_hour(codes: OneTimeCodes, subject: Subject, purpose: CodePurpose) -> None:
    """Enter as many wrong codes as there may be in an hour."""
    for _ in range(4):
        code = await issue(codes, subject, purpose)
        for _ in range(5):
            await check(codes, subject, other_than(code), purpose)
