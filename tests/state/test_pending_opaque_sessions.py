"""Sessions that await a second proof, and what a new password does to them."""

import asyncio
import secrets
from dataclasses import replace
from datetime import timedelta

from gateway.state.opaque_sessions import OpaqueSessions
from gateway.state.store import State
from tests.state.opening import HOUR
from tests.state.visiting import ALWAYS, ANN, BY_PROGRAM, MINUTES, PENDING, begun, used


async def test_no_use_renews_what_awaits_a_second_proof(sessions: OpaqueSessions) -> None:
    token = await sessions.begin(PENDING, HOUR, pending_for=timedelta(milliseconds=600))
    for word_counts in (HOUR, ALWAYS, HOUR):
        await asyncio.sleep(0.25)
        if found := await sessions.use(token, word_counts):
            await found.goes_on()
    assert await sessions.use(token, HOUR) is None


async def test_a_second_proof_completes_a_session_once(sessions: OpaqueSessions) -> None:
    token = await sessions.begin(PENDING, HOUR, pending_for=timedelta(seconds=2))
    assert sorted(await asyncio.gather(*(sessions.complete(token, ANN) for _ in range(20)))) == [False] * 19 + [True]
    await asyncio.sleep(2.1)
    assert (await used(sessions, token)).session == ANN


async def test_a_session_that_awaits_a_proof_can_be_ended_and_one_that_was_completed_goes_on(
    sessions: OpaqueSessions,
) -> None:
    ended, completed = await begun(sessions, PENDING), await begun(sessions, PENDING)
    assert await sessions.complete(completed, ANN)
    for token in (ended, completed, "made-up"):
        await sessions.end_pending(token)
    assert await sessions.use(ended, HOUR) is None
    assert not await sessions.complete(ended, ANN)
    assert (await used(sessions, completed)).session == ANN


async def test_a_new_password_lets_no_session_be_completed_that_was_begun_before(state: State) -> None:
    sessions, person = state.opaque_sessions, f"id-{secrets.token_hex(4)}"
    pending, full = replace(PENDING, account_id=person), replace(ANN, account_id=person)
    before = await begun(sessions, pending)
    await state.sign_in_sessions.end_all(person)
    await asyncio.sleep(0.01)
    after = await begun(sessions, pending)
    assert not await sessions.complete(before, full)
    assert await sessions.complete(after, full)


async def test_a_new_password_ends_what_is_said_to_have_begun_before(state: State) -> None:
    sessions, person = state.opaque_sessions, f"id-{secrets.token_hex(4)}"
    at_first = await sessions.now()
    await asyncio.sleep(0.01)
    await state.sign_in_sessions.end_all(person)
    await asyncio.sleep(0.01)
    pending = replace(PENDING, account_id=person)
    before = await sessions.begin(pending, HOUR, pending_for=MINUTES, begun=at_first)
    after = await sessions.begin(pending, HOUR, pending_for=MINUTES, begun=await sessions.now())
    assert await sessions.use(before, HOUR) is None
    assert (await used(sessions, after)).session == pending


async def test_a_new_password_ends_what_a_program_has_begun_for_ever(state: State) -> None:
    sessions, person = state.opaque_sessions, f"id-{secrets.token_hex(4)}"
    session = replace(BY_PROGRAM, account_id=person)
    before, by_name = await begun(sessions, session), await begun(sessions, replace(ANN, account_id=person))
    await state.sign_in_sessions.end_all(person)
    await asyncio.sleep(0.01)
    after = await begun(sessions, session)
    assert await sessions.use(before, HOUR) is None
    assert (await used(sessions, after)).session == session
    # Keycloak has a session of this one, and the deny list knows it.
    await used(sessions, by_name)


async def test_only_what_awaits_a_proof_is_completed(sessions: OpaqueSessions) -> None:
    token = await begun(sessions)
    assert not await sessions.complete(token, replace(ANN, account_id="id-of-eve"))
    assert not await sessions.complete("made-up", ANN)
    assert (await used(sessions, token)).session == ANN


async def test_a_session_that_was_completed_meanwhile_is_not_thrown_back(sessions: OpaqueSessions) -> None:
    token = await begun(sessions, PENDING)
    found = await used(sessions, token, ALWAYS)
    assert await sessions.complete(token, ANN)
    assert await found.goes_on()
    assert (await used(sessions, token)).session == ANN


async def test_what_an_account_has_begun_ends_with_its_sign_ins(state: State) -> None:
    sessions = state.opaque_sessions
    pending, others = await begun(sessions, PENDING), await begun(sessions, replace(PENDING, account_id="id-of-eve"))
    full = await begun(sessions)
    await state.sign_in_sessions.end_all("id-of-ann")
    assert await sessions.use(pending, HOUR) is None
    assert await sessions.use(others, HOUR) is not None
    assert await sessions.use(full, HOUR) is not None
    await asyncio.sleep(0.01)
    assert await sessions.use(await begun(sessions, PENDING), HOUR) is not None
