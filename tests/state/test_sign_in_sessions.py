import asyncio
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from gateway.state.sign_in_sessions import SignInSessions
from gateway.state.store import State
from tests.state.opening import HOUR, two_replicas
from tests.state.redis_servers import RedisServer
from tests.state.sign_ins import CODE, GOOGLE, HERE, ONE_STEP, PASSWORD, TWO_STEPS, got

AT_THE_SECOND = replace(TWO_STEPS, step=1, account_id="ann", proven_by=(PASSWORD,))


async def test_a_sign_in_is_found_as_it_was_begun(sign_ins: SignInSessions) -> None:
    for begun in (TWO_STEPS, replace(TWO_STEPS, organization_id=None, name="Ånn"), replace(ONE_STEP, account_id="ann")):
        token = await sign_ins.begin(begun, HOUR)
        assert await sign_ins.get(token, HERE) == begun


async def test_how_far_a_sign_in_is_and_whose_is_said(sign_ins: SignInSessions) -> None:
    token = await sign_ins.begin(TWO_STEPS, HOUR)
    first = await got(sign_ins, token)
    assert (first.step, first.account_id) == (0, None)
    assert (await sign_ins.advance(token, 0, "ann", 0)).outcome == "completed"
    second = await got(sign_ins, token)
    assert (second.step, second.account_id, second.proven_by) == (1, "ann", (PASSWORD,))


async def test_what_has_proven_each_step_is_said(sign_ins: SignInSessions) -> None:
    token = await sign_ins.begin(replace(TWO_STEPS, steps=((PASSWORD, GOOGLE), (CODE, PASSWORD), (CODE,))), HOUR)
    await sign_ins.advance(token, 0, "ann", 1)
    renewed = await sign_ins.advance_renewed(token, 1, "ann", 0)
    assert (await got(sign_ins, renewed.token)).proven_by == (GOOGLE, CODE)
    await renewed.reopen()
    assert (await got(sign_ins, token)).proven_by == (GOOGLE,)
    await sign_ins.advance(token, 1, "ann", 1)
    assert (await got(sign_ins, token)).proven_by == (GOOGLE, PASSWORD)


async def test_of_many_that_renew_a_sign_in_one_does_and_it_goes_on_under_its_new_token_only(
    sign_ins: SignInSessions,
) -> None:
    token = await sign_ins.begin(TWO_STEPS, HOUR)
    outcomes = await asyncio.gather(*(sign_ins.advance_renewed(token, 0, "ann", 0) for _ in range(8)))
    (completed,) = [each for each in outcomes if each.outcome == "completed"]
    assert {each.outcome for each in outcomes} == {"completed", "gone"}
    assert await sign_ins.get(completed.token, HERE) == AT_THE_SECOND
    assert await sign_ins.get(token, HERE) is None
    assert (await sign_ins.finish(completed.token, 1, "ann")).outcome == "completed"


async def test_a_sign_in_whose_step_is_not_completed_is_not_renewed(sign_ins: SignInSessions) -> None:
    token = await sign_ins.begin(replace(TWO_STEPS, account_id="ann"), HOUR)
    for step, account, outcome in ((1, "ann", "elsewhere"), (0, "bob", "another_account")):
        assert (await sign_ins.advance_renewed(token, step, account, 0)).outcome == outcome
    assert (await got(sign_ins, token)).step == 0


async def test_tokens_are_long_and_url_safe_and_differ(sign_ins: SignInSessions) -> None:
    tokens = {await sign_ins.begin(TWO_STEPS, HOUR) for _ in range(20)}
    assert len(tokens) == 20
    assert all(len(token) == 43 and token.replace("-", "").replace("_", "").isalnum() for token in tokens)


@pytest.mark.parametrize("token", ["", "made-up", "\ud800", "A" * 43, "a:b}{c", "x" * 9000])
async def test_a_made_up_token_is_unknown(sign_ins: SignInSessions, token: str) -> None:
    assert await sign_ins.get(token, HERE) is None
    assert (await sign_ins.advance(token, 0, "ann", 0)).outcome == "gone"
    assert (await sign_ins.finish(token, 0, "ann")).outcome == "gone"


async def test_a_sign_in_goes_on_at_its_own_surface_only(sign_ins: SignInSessions) -> None:
    token = await sign_ins.begin(TWO_STEPS, HOUR)
    assert await sign_ins.get(token, "nap") is None


async def test_a_sign_in_finished_is_gone(sign_ins: SignInSessions) -> None:
    token = await sign_ins.begin(ONE_STEP, HOUR)
    assert (await sign_ins.finish(token, 0, "ann")).outcome == "completed"
    assert await sign_ins.get(token, HERE) is None
    assert (await sign_ins.finish(token, 0, "ann")).outcome == "gone"
    assert (await sign_ins.advance(token, 1, "ann", 0)).outcome == "gone"


async def test_no_step_is_skipped_or_done_twice(sign_ins: SignInSessions) -> None:
    token = await sign_ins.begin(TWO_STEPS, HOUR)
    for skipping in (partial(sign_ins.finish, token, 1), partial(sign_ins.finish, token, 0)):
        assert (await skipping("ann")).outcome == "elsewhere"
    await sign_ins.advance(token, 0, "ann", 0)
    for repeated in (0, 1):
        assert (await sign_ins.advance(token, repeated, "ann", 0)).outcome == "elsewhere"
    assert (await got(sign_ins, token)).step == 1


async def test_another_account_cannot_complete_a_later_step(sign_ins: SignInSessions) -> None:
    token = await sign_ins.begin(TWO_STEPS, HOUR)
    await sign_ins.advance(token, 0, "ann", 0)
    assert (await sign_ins.finish(token, 1, "bob")).outcome == "another_account"
    assert (await got(sign_ins, token)).account_id == "ann"
    assert (await sign_ins.finish(token, 1, "ann")).outcome == "completed"


async def test_an_account_proven_at_the_beginning_binds(sign_ins: SignInSessions) -> None:
    token = await sign_ins.begin(replace(ONE_STEP, account_id="ann"), HOUR)
    assert (await sign_ins.finish(token, 0, "bob")).outcome == "another_account"
    assert (await sign_ins.finish(token, 0, "ann")).outcome == "completed"


async def test_of_forty_last_steps_at_once_on_two_replicas_one_finishes(own_redis: RedisServer) -> None:
    async with two_replicas(own_redis.url) as (one, other):
        token = await one.sign_in_sessions.begin(ONE_STEP, HOUR)
        both = [one.sign_in_sessions, other.sign_in_sessions] * 20
        await asyncio.gather(*(sign_ins.finish("warm", 0, "ann") for sign_ins in both))
        finished = await own_redis.ask_at_once(sign_ins.finish(token, 0, "ann") for sign_ins in both)
    assert sorted(each.outcome for each in finished) == ["completed"] + ["gone"] * 39


async def test_of_two_accounts_proven_at_once_one_binds(sign_ins: SignInSessions) -> None:
    for _ in range(10):
        token = await sign_ins.begin(TWO_STEPS, HOUR)
        accounts = [f"account-{number}" for number in range(8)]
        done = await asyncio.gather(*(sign_ins.advance(token, 0, account, 0) for account in accounts))
        winners = [account for account, each in zip(accounts, done, strict=True) if each.outcome == "completed"]
        assert winners == [(await got(sign_ins, token)).account_id]


async def test_each_completed_step_counts_the_life_anew(own_state: State, own_redis: RedisServer) -> None:
    token = await own_state.sign_in_sessions.begin(TWO_STEPS, HOUR)
    (key,) = own_redis.ask("KEYS", "*")
    assert own_redis.ask("TTL", key) == pytest.approx(3600, abs=2)
    own_redis.ask("EXPIRE", key, "50")
    await own_state.sign_in_sessions.get(token, HERE)
    assert own_redis.ask("TTL", key) <= 50
    await own_state.sign_in_sessions.finish(token, 1, "ann")
    assert own_redis.ask("TTL", key) <= 50
    await own_state.sign_in_sessions.advance(token, 0, "ann", 0)
    assert own_redis.ask("TTL", key) == pytest.approx(3600, abs=2)


async def test_no_step_prolongs_a_sign_in_beyond_a_day(own_state: State, own_redis: RedisServer) -> None:
    token = await own_state.sign_in_sessions.begin(TWO_STEPS, HOUR)
    (key,) = own_redis.ask("KEYS", "*")
    begun = int(own_redis.ask("HGET", key, "begun"))
    own_redis.ask("HSET", key, "begun", str(begun - (24 * 3600 - 100) * 1000))
    await own_state.sign_in_sessions.advance(token, 0, "ann", 0)
    assert own_redis.ask("TTL", key) == pytest.approx(100, abs=2)


async def test_nothing_prolongs_a_sign_in_beyond_its_longest_life(own_state: State, own_redis: RedisServer) -> None:
    sign_ins = own_state.sign_in_sessions
    token = await sign_ins.begin(ONE_STEP, HOUR, longest=timedelta(seconds=100))
    (key,) = own_redis.ask("KEYS", "*")
    session = await got(sign_ins, token)
    assert session.ends_at - session.begun_at == 100_000
    for _ in range(2):
        assert own_redis.ask("TTL", key) <= 100
        await (await sign_ins.finish(token, 0, "ann")).reopen()
    assert own_redis.ask("TTL", key) <= 100


async def test_content_is_kept_with_a_sign_in_and_sealed(own_state: State, own_redis: RedisServer) -> None:
    token = await own_state.sign_in_sessions.begin(replace(ONE_STEP, content="whère to"), HOUR)
    assert (await got(own_state.sign_in_sessions, token)).content == "whère to"
    assert "to" not in "".join(own_redis.everything()).replace("token", "").split()


async def test_the_last_wrong_proof_ends_a_sign_in(sign_ins: SignInSessions) -> None:
    token, other = [await sign_ins.begin(ONE_STEP, HOUR) for _ in range(2)]
    for _ in range(2):
        await sign_ins.count_wrong(token, 3)
    assert await sign_ins.get(token, HERE) == ONE_STEP
    await sign_ins.count_wrong(token, 3)
    assert await sign_ins.get(token, HERE) is None
    assert (await sign_ins.finish(token, 0, "ann")).outcome == "gone"
    assert await sign_ins.get(other, HERE) == ONE_STEP


async def test_a_wrong_proof_makes_no_sign_in(own_state: State, own_redis: RedisServer) -> None:
    await own_state.sign_in_sessions.count_wrong("made up", 3)
    assert own_redis.ask("KEYS", "*") == []


async def test_a_sign_in_whose_life_is_over_is_unknown(sign_ins: SignInSessions) -> None:
    token = await sign_ins.begin(TWO_STEPS, timedelta(milliseconds=40))
    await asyncio.sleep(0.08)
    assert await sign_ins.get(token, HERE) is None
    assert (await sign_ins.advance(token, 0, "ann", 0)).outcome == "gone"


async def test_a_finished_sign_in_leaves_redis_within_two_minutes(own_state: State, own_redis: RedisServer) -> None:
    token = await own_state.sign_in_sessions.begin(ONE_STEP, HOUR)
    await own_state.sign_in_sessions.finish(token, 0, "ann")
    (key,) = own_redis.ask("KEYS", "*")
    assert 0 < own_redis.ask("TTL", key) <= 120


async def test_ending_all_ends_what_the_account_was_proven_in(sign_ins: SignInSessions) -> None:
    bound = await sign_ins.begin(TWO_STEPS, HOUR)
    await sign_ins.advance(bound, 0, "ann", 0)
    elsewhere = await sign_ins.begin(replace(ONE_STEP, surface="nap", account_id="ann"), HOUR)
    await sign_ins.end_all("ann")
    assert await sign_ins.get(bound, HERE) is None
    assert await sign_ins.get(elsewhere, "nap") is None
    assert (await sign_ins.finish(bound, 1, "ann")).outcome == "gone"
    assert (await sign_ins.finish(elsewhere, 0, "ann")).outcome == "gone"


async def test_ending_all_leaves_others_and_what_is_proven_later(sign_ins: SignInSessions) -> None:
    of_bob, open_to_ann = [await sign_ins.begin(TWO_STEPS, HOUR) for _ in range(2)]
    await sign_ins.advance(of_bob, 0, "bob", 0)
    await sign_ins.end_all("ann")
    await asyncio.sleep(0.005)
    await sign_ins.advance(open_to_ann, 0, "ann", 0)
    assert (await sign_ins.finish(of_bob, 1, "bob")).outcome == "completed"
    assert (await sign_ins.finish(open_to_ann, 1, "ann")).outcome == "completed"


async def test_flushed_scripts_are_taught_again(own_state: State, own_redis: RedisServer) -> None:
    sign_ins = own_state.sign_in_sessions
    token = await sign_ins.begin(TWO_STEPS, HOUR)
    own_redis.ask("SCRIPT", "FLUSH")
    advanced = await sign_ins.advance(token, 0, "ann", 0)
    own_redis.ask("SCRIPT", "FLUSH")
    await advanced.reopen()
    own_redis.ask("SCRIPT", "FLUSH")
    await sign_ins.end_all("ann")
    assert await sign_ins.get(token, HERE) == TWO_STEPS
