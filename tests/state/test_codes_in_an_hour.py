"""Wrong codes of one account, counted together for an hour."""

import pytest

from gateway.domain.errors import TooManyAttempts
from gateway.domain.purposes import CodePurpose
from gateway.state.one_time_codes import OneTimeCodes
from gateway.state.store import State
from gateway.state.subjects import Subject
from tests.state.codes import SIGN_IN, check, issue, other_than, use_up_the_hour
from tests.state.redis_servers import RedisServer


async def test_twenty_wrong_within_an_hour_end_issuing_and_checking(codes: OneTimeCodes, subject: Subject) -> None:
    for _ in range(5):
        code = await issue(codes, subject)
        for _ in range(4):
            assert await check(codes, subject, other_than(code)) == "wrong"
    with pytest.raises(TooManyAttempts) as refusal:
        await check(codes, subject, code)
    assert 3590 <= refusal.value.retry_after <= 3600
    with pytest.raises(TooManyAttempts) as refusal:
        await issue(codes, subject)
    assert 3590 <= refusal.value.retry_after <= 3600


async def test_wrong_codes_of_every_purpose_are_counted_together(codes: OneTimeCodes, subject: Subject) -> None:
    await use_up_the_hour(codes, subject, CodePurpose.CONFIRMATION)
    with pytest.raises(TooManyAttempts):
        await issue(codes, subject, SIGN_IN)
    await issue(codes, Subject.account("somebody else"), SIGN_IN)


async def test_the_twentieth_last_wrong_code_says_how_long_to_wait(own_state: State, own_redis: RedisServer) -> None:
    ann = Subject.account("ann")
    await use_up_the_hour(own_state.one_time_codes, ann, SIGN_IN)
    wrong = own_redis.ask("LRANGE", "gateway:1:{account:ann}:wrong-codes", "0", "-1")
    assert len(wrong) == 20
    await _set_back(own_redis, wrong[-1], seconds=3590)
    with pytest.raises(TooManyAttempts) as refusal:
        await issue(own_state.one_time_codes, ann)
    assert 8 <= refusal.value.retry_after <= 10


async def test_a_wrong_code_older_than_an_hour_does_not_count(own_state: State, own_redis: RedisServer) -> None:
    ann = Subject.account("ann")
    await use_up_the_hour(own_state.one_time_codes, ann, SIGN_IN)
    earliest = own_redis.ask("LINDEX", "gateway:1:{account:ann}:wrong-codes", "-1")
    await _set_back(own_redis, earliest, seconds=3601)
    code = await issue(own_state.one_time_codes, ann)
    assert await check(own_state.one_time_codes, ann, other_than(code)) == "wrong"
    with pytest.raises(TooManyAttempts):
        await issue(own_state.one_time_codes, ann)


async def test_wrong_codes_are_kept_for_an_hour(own_state: State, own_redis: RedisServer) -> None:
    await use_up_the_hour(own_state.one_time_codes, Subject.account("ann"), SIGN_IN)
    assert own_redis.ask("TTL", "gateway:1:{account:ann}:wrong-codes") == pytest.approx(3600, abs=2)


async def _set_back(server: RedisServer, earliest: str, *, seconds: int) -> None:
    """Have Ann's earliest wrong code been entered that long ago."""
    server.ask("LSET", "gateway:1:{account:ann}:wrong-codes", "-1", str(int(earliest) - seconds * 1000))
