"""Everything that the room does, once."""

import asyncio
import time
from dataclasses import replace
from datetime import timedelta

from gateway.domain.invitations import Invitation, InvitationStatus
from gateway.domain.purposes import CodePurpose, LinkPurpose
from gateway.domain.sign_in_methods import SignInMethod
from gateway.domain.visits import OpaqueSession
from gateway.state.browser_sign_ins import BrowserSignIn
from gateway.state.sign_in_session import SignInSession
from gateway.state.spent_tokens import Answered, Turn
from gateway.state.store import State
from gateway.state.subjects import Subject
from tests.state.opening import HOUR, opened, patiently, redis_at
from tests.state.tries import guess_wrong, sign_in

ANN = Subject.account("ann")


async def use_everything(url: str, prefix: str = "gateway:") -> None:
    """Do it all at a Redis."""
    async with opened(patiently(redis_at(url, prefix))) as state:
        await state.ping()
        assert abs(await state.try_out() - time.time()) < 5  # noqa: TID251 - Redis reads the machine's clock as well
        assert [await guess_wrong(state.attempts, ANN) for _ in range(5)][-1] == 900
        await state.attempts.lift("ann")
        await sign_in(state.attempts, ANN)
        await state.attempts.require_open(ANN)
        await state.limits.require_open("203.0.113.7")
        assert [await state.limits.count_failure("203.0.113.7") for _ in range(20)][-1]
        await state.limits.admit("reset", "ann", most=3, window=HOUR)
        assert await state.limits.admit_mail("mailbox", "1-0")
        await state.ended_sessions.end(["one", "two", "three"], HOUR)
        await state.ended_sessions.end_all_but("ann", "one", HOUR)
        await state.ended_sessions.end_issued_until(1, "ann", HOUR)
        assert await state.ended_sessions.includes("two", "bob", 0)
        assert await state.ended_sessions.first_use("jti", HOUR)
        await _use_codes_links_and_sign_ins(state)
        await _use_spent_tokens(state)
        await _use_opaque_sessions(state)
        assert await state.outbox.withdraw(await state.outbox.add("mail", {}, HOUR))
        await state.outbox.add("mail", {}, HOUR)
        async with asyncio.timeout(20):
            parcel = await anext(state.outbox.parcels())
        assert await parcel.failed() is False
        await parcel.done()
        assert (await state.outbox.depth(), await state.outbox.oldest_age()) == (0, timedelta())


async def _use_spent_tokens(state: State) -> None:
    for _ in range(2):
        turn = await state.spent_tokens.turn("token")
        assert isinstance(turn, Turn)
        await turn.give_back()
    await state.spent_tokens.promise("token", remembered_for=HOUR)
    turn = await state.spent_tokens.turn("token")
    assert isinstance(turn, Turn)
    await turn.spend(b"answer", grace=HOUR, remembered_for=HOUR)
    assert await state.spent_tokens.includes("token")
    assert await state.spent_tokens.turn("token") == Answered(b"answer")
    await state.sign_in_sessions.count_wrong("made up", 5)


async def _use_opaque_sessions(state: State) -> None:
    pending = OpaqueSession("ann", None, None, None)
    token = await state.opaque_sessions.begin(pending, HOUR, pending_for=HOUR)
    assert await state.opaque_sessions.complete(token, replace(pending, session_id="sid"))
    for word_counts in (timedelta(), HOUR):
        found = await state.opaque_sessions.use(token, word_counts)
        assert found
        await found.goes_on("refresh token")
        await found.give_back()
    await state.opaque_sessions.end_one(token)


async def _use_codes_links_and_sign_ins(state: State) -> None:
    code = await state.one_time_codes.issue(CodePurpose.SIGN_IN, ANN, lifetime=HOUR)
    assert (await state.one_time_codes.check(CodePurpose.SIGN_IN, ANN, f"{code}0")).verdict == "wrong"
    checked = await state.one_time_codes.check(CodePurpose.SIGN_IN, ANN, code)
    assert checked.verdict == "right"
    await checked.give_back()
    await state.one_time_codes.withdraw(CodePurpose.SIGN_IN, ANN, code)
    await state.one_time_codes.void_all(ANN)
    begun = SignInSession("pipeshub", None, ((SignInMethod.PASSWORD,),), "ann")
    token = await state.sign_in_sessions.begin(begun, HOUR)
    await (await state.sign_in_sessions.finish(token, 0, "ann")).reopen()
    assert await state.sign_in_sessions.get(token, "pipeshub") == begun
    await state.sign_in_sessions.end_all("ann")
    sent = BrowserSignIn(token, "ann", "verifier", "nonce", "hash")
    assert await state.browser_sign_ins.take(await state.browser_sign_ins.begin(sent, "nap", HOUR), "nap") == sent
    await _use_invitations(state)
    secret = await state.links.issue(LinkPurpose.VERIFY, ANN, HOUR, limit_one=False)
    claim = await state.links.claim(LinkPurpose.VERIFY, secret)
    assert claim
    await claim.consume()
    await state.links.issue(LinkPurpose.RESET, ANN, HOUR)
    await state.links.void_all(LinkPurpose.RESET, ANN)


async def _use_invitations(state: State) -> None:
    invitation = Invitation("ann@example.test", "id-of-acme", "acme")
    secret, _ = await state.invitations.make(invitation, HOUR)
    await (await state.invitations.claim(secret)).consume()
    assert [each.status for each in await state.invitations.of("id-of-acme")] == [InvitationStatus.ACCEPTED]
    assert not await state.invitations.revoke("ann@example.test", "id-of-acme")
