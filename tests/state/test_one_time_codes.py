import asyncio
import string
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest

from gateway.domain.errors import TooManyAttempts, Unavailable
from gateway.domain.purposes import CodePurpose
from gateway.settings import RedisSettings
from gateway.state.attempts import Subject
from gateway.state.one_time_codes import OneTimeCodes, Verdict
from gateway.state.store import State
from tests.state.cutting import Cutter
from tests.state.opening import opened, redis_at
from tests.state.redis_servers import RedisServer

pytestmark = pytest.mark.anyio

LIFETIME = timedelta(minutes=10)
SUBJECTS: list[Callable[[str], Subject]] = [Subject.account, Subject.name]
SIGN_IN = CodePurpose.SIGN_IN


@pytest.fixture
def subject() -> Subject:
    return Subject.account(str(uuid.uuid4()))


@pytest.fixture
def codes(state: State) -> OneTimeCodes:
    return state.one_time_codes


@pytest.mark.parametrize("kind", SUBJECTS)
async def test_the_right_code_is_right_once(codes: OneTimeCodes, kind: Callable[[str], Subject]) -> None:
    subject = kind(uuid.uuid4().hex)
    code = await _issue(codes, subject)
    assert [await _check(codes, subject, code) for _ in range(3)] == ["right", "none", "none"]


async def test_codes_are_six_ascii_digits_and_differ(codes: OneTimeCodes, subject: Subject) -> None:
    issued = [await _issue(codes, subject) for _ in range(100)]
    assert all(len(code) == 6 and set(code) <= set(string.digits) for code in issued)
    assert len(set(issued)) > 90
    assert len({code[0] for code in issued}) > 5


async def test_who_was_never_issued_a_code_has_none(codes: OneTimeCodes, subject: Subject) -> None:
    assert await _check(codes, subject, "123456") == "none"


async def test_a_code_is_out_until_it_is_used_and_for_what_it_is_bound_to(
    codes: OneTimeCodes, subject: Subject
) -> None:
    assert not await codes.is_out(SIGN_IN, subject)
    code = await codes.issue(SIGN_IN, subject, lifetime=LIFETIME, binding="one")
    seen = [await codes.is_out(SIGN_IN, subject, binding=each) for each in ("one", "another", None)]
    assert seen == [True, False, False]
    assert not await codes.is_out(CodePurpose.CONFIRMATION, subject, binding="one")
    await codes.check(SIGN_IN, subject, code, binding="one")
    assert not await codes.is_out(SIGN_IN, subject, binding="one")


async def test_a_code_that_was_withdrawn_or_has_expired_is_not_out(codes: OneTimeCodes, subject: Subject) -> None:
    code = await _issue(codes, subject)
    await codes.withdraw(SIGN_IN, subject, code)
    assert not await codes.is_out(SIGN_IN, subject)
    await codes.issue(SIGN_IN, subject, lifetime=timedelta(milliseconds=50))
    await asyncio.sleep(0.1)
    assert not await codes.is_out(SIGN_IN, subject)


@pytest.mark.parametrize(
    "entered", ["", "12345", "1234567", "\u0661\u0662\u0663\u0664\u0665\u0666", "\ud800", "0" * 9000]
)
async def test_what_is_no_code_is_wrong(codes: OneTimeCodes, subject: Subject, entered: str) -> None:
    await _issue(codes, subject)
    assert await _check(codes, subject, entered) == "wrong"


async def test_a_new_code_voids_the_old_one_at_once(codes: OneTimeCodes, subject: Subject) -> None:
    old, new = await _issue_two(codes, subject)
    assert [await _check(codes, subject, code) for code in (old, new)] == ["wrong", "right"]


async def test_a_code_is_void_after_five_wrong_entries(codes: OneTimeCodes, subject: Subject) -> None:
    code = await _issue(codes, subject)
    assert [await _check(codes, subject, _other_than(code)) for _ in range(6)] == ["wrong"] * 5 + ["none"]
    assert await _check(codes, subject, code) == "none"


async def test_fewer_wrong_entries_may_void_a_code(codes: OneTimeCodes, subject: Subject) -> None:
    code = await _issue(codes, subject)
    wrong = await codes.check(SIGN_IN, subject, _other_than(code), most_wrong=1)
    assert (wrong.verdict, await _check(codes, subject, code)) == ("wrong", "none")


async def test_a_code_is_right_after_four_wrong_entries(codes: OneTimeCodes, subject: Subject) -> None:
    code = await _issue(codes, subject)
    for _ in range(4):
        await _check(codes, subject, _other_than(code))
    assert await _check(codes, subject, code) == "right"


async def test_twenty_wrong_within_an_hour_end_issuing_and_checking(codes: OneTimeCodes, subject: Subject) -> None:
    for _ in range(5):
        code = await _issue(codes, subject)
        for _ in range(4):
            assert await _check(codes, subject, _other_than(code)) == "wrong"
    with pytest.raises(TooManyAttempts) as refusal:
        await _check(codes, subject, code)
    assert 3590 <= refusal.value.retry_after <= 3600
    with pytest.raises(TooManyAttempts) as refusal:
        await _issue(codes, subject)
    assert 3590 <= refusal.value.retry_after <= 3600


async def test_wrong_codes_of_every_purpose_are_counted_together(codes: OneTimeCodes, subject: Subject) -> None:
    await _use_up_the_hour(codes, subject, CodePurpose.CONFIRMATION)
    with pytest.raises(TooManyAttempts):
        await _issue(codes, subject, SIGN_IN)
    await _issue(codes, Subject.account("somebody else"), SIGN_IN)


async def test_the_twentieth_last_wrong_code_says_how_long_to_wait(own_state: State, own_redis: RedisServer) -> None:
    ann = Subject.account("ann")
    await _use_up_the_hour(own_state.one_time_codes, ann, SIGN_IN)
    wrong = own_redis.ask("LRANGE", "gateway:1:{account:ann}:wrong-codes", "0", "-1")
    assert len(wrong) == 20
    await _set_back(own_redis, wrong[-1], seconds=3590)
    with pytest.raises(TooManyAttempts) as refusal:
        await _issue(own_state.one_time_codes, ann)
    assert 8 <= refusal.value.retry_after <= 10


async def test_a_wrong_code_older_than_an_hour_does_not_count(own_state: State, own_redis: RedisServer) -> None:
    ann = Subject.account("ann")
    await _use_up_the_hour(own_state.one_time_codes, ann, SIGN_IN)
    earliest = own_redis.ask("LINDEX", "gateway:1:{account:ann}:wrong-codes", "-1")
    await _set_back(own_redis, earliest, seconds=3601)
    code = await _issue(own_state.one_time_codes, ann)
    assert await _check(own_state.one_time_codes, ann, _other_than(code)) == "wrong"
    with pytest.raises(TooManyAttempts):
        await _issue(own_state.one_time_codes, ann)


async def test_a_code_whose_life_is_over_is_told_from_one_never_issued(codes: OneTimeCodes, subject: Subject) -> None:
    code = await codes.issue(SIGN_IN, subject, lifetime=timedelta(milliseconds=30))
    await asyncio.sleep(0.06)
    assert [await _check(codes, subject, each) for each in (code, _other_than(code))] == ["expired", "expired"]
    assert await _check(codes, subject, await _issue(codes, subject)) == "right"
    assert await _check(codes, subject, code) == "none"


async def test_the_marks_live_as_long_as_told(own_state: State, own_redis: RedisServer) -> None:
    await _issue(own_state.one_time_codes, Subject.account("ann"))
    await own_state.one_time_codes.issue(SIGN_IN, Subject.account("bob"), lifetime=timedelta(days=2))
    lives = {key: own_redis.ask("TTL", key) for key in own_redis.ask("KEYS", "*")}
    assert lives == {
        "gateway:1:{account:ann}:code:sign-in": pytest.approx(600, abs=2),
        "gateway:1:{account:ann}:code-issued:sign-in": pytest.approx(86400, abs=2),
        "gateway:1:{account:bob}:code:sign-in": pytest.approx(172800, abs=2),
        "gateway:1:{account:bob}:code-issued:sign-in": pytest.approx(172800, abs=2),
    }


async def test_wrong_codes_are_kept_for_an_hour(own_state: State, own_redis: RedisServer) -> None:
    await _use_up_the_hour(own_state.one_time_codes, Subject.account("ann"), SIGN_IN)
    assert own_redis.ask("TTL", "gateway:1:{account:ann}:wrong-codes") == pytest.approx(3600, abs=2)


async def test_a_code_fits_its_purpose_subject_and_binding_only(codes: OneTimeCodes, subject: Subject) -> None:
    code = await codes.issue(SIGN_IN, subject, lifetime=LIFETIME, binding="this sign-in")
    other = Subject(kind="name", key=subject.key)
    for each in (Subject.account("bob"), other):
        while await _issue(codes, each) == code:
            pass
        assert await _check(codes, each, code) == "wrong"
    while await _issue(codes, subject, CodePurpose.CONFIRMATION) == code:
        pass
    assert await _check(codes, subject, code, CodePurpose.CONFIRMATION) == "wrong"
    for binding in (None, "", "another sign-in"):
        assert (await codes.check(SIGN_IN, subject, code, binding=binding)).verdict == "wrong"
    assert (await codes.check(SIGN_IN, subject, code, binding="this sign-in")).verdict == "right"


async def test_a_stored_code_is_worthless_in_another_place(own_state: State, own_redis: RedisServer) -> None:
    codes, ann = own_state.one_time_codes, Subject.account("ann")
    places = [
        (Subject.account("bob"), CodePurpose.SIGN_IN),
        (Subject.name("ann"), CodePurpose.SIGN_IN),
        (ann, CodePurpose.CONFIRMATION),
    ]
    code = await _issue(codes, ann)
    for subject, purpose in places:
        await _issue(codes, subject, purpose)
        place = f"gateway:1:{{{subject.kind}:{subject.key}}}:code:{purpose}"
        own_redis.ask("COPY", "gateway:1:{account:ann}:code:sign-in", place, "REPLACE")
        assert await _check(codes, subject, code, purpose) == "wrong"


async def test_a_code_of_one_purpose_leaves_that_of_another_alone(codes: OneTimeCodes, subject: Subject) -> None:
    first = await _issue(codes, subject, SIGN_IN)
    second = await _issue(codes, subject, CodePurpose.CONFIRMATION)
    assert await _check(codes, subject, first, SIGN_IN) == "right"
    assert await _check(codes, subject, second, CodePurpose.CONFIRMATION) == "right"


async def test_of_forty_right_entries_at_once_on_two_replicas_one_is_right(own_redis: RedisServer) -> None:
    ann = Subject.account("ann")
    async with opened(redis_at(own_redis.url)) as one, opened(redis_at(own_redis.url)) as other:
        code = await _issue(one.one_time_codes, ann)
        both = [one.one_time_codes, other.one_time_codes] * 20
        await asyncio.gather(*(_check(codes, Subject.account("warm"), code) for codes in both))
        own_redis.freeze()
        entered = [asyncio.create_task(_check(codes, ann, code)) for codes in both]
        await asyncio.sleep(0.6)
        own_redis.thaw()
        verdicts = await asyncio.gather(*entered)
    assert sorted(verdicts) == ["none"] * 39 + ["right"]


async def test_of_forty_wrong_entries_at_once_five_are_evaluated(codes: OneTimeCodes, subject: Subject) -> None:
    code = await _issue(codes, subject)
    verdicts = await asyncio.gather(*(_check(codes, subject, _other_than(code)) for _ in range(40)))
    assert sorted(verdicts) == ["none"] * 35 + ["wrong"] * 5


async def test_a_code_given_back_is_right_once_more(codes: OneTimeCodes, subject: Subject) -> None:
    code = await _issue(codes, subject)
    checked = await codes.check(SIGN_IN, subject, code)
    await checked.give_back()
    await checked.give_back()
    assert [await _check(codes, subject, code) for _ in range(2)] == ["right", "none"]


async def test_giving_back_does_not_prolong(own_state: State, own_redis: RedisServer) -> None:
    ann = Subject.account("ann")
    code = await _issue(own_state.one_time_codes, ann)
    for key in own_redis.ask("KEYS", "*"):
        own_redis.ask("EXPIRE", key, "5")
    await (await own_state.one_time_codes.check(SIGN_IN, ann, code)).give_back()
    assert {own_redis.ask("TTL", key) for key in own_redis.ask("KEYS", "*")} <= {4, 5}


async def test_a_code_given_back_after_its_life_is_expired(codes: OneTimeCodes, subject: Subject) -> None:
    code = await codes.issue(SIGN_IN, subject, lifetime=timedelta(milliseconds=100))
    checked = await codes.check(SIGN_IN, subject, code)
    await asyncio.sleep(0.15)
    assert await _check(codes, subject, code) == "none"
    await checked.give_back()
    assert await _check(codes, subject, code) == "expired"


async def test_giving_back_does_not_revive_a_replaced_code(codes: OneTimeCodes, subject: Subject) -> None:
    old = await _issue(codes, subject)
    checked = await codes.check(SIGN_IN, subject, old)
    new = await _issue(codes, subject)
    used = await codes.check(SIGN_IN, subject, new)
    await checked.give_back()
    assert used.verdict == "right"
    assert [await _check(codes, subject, code) for code in (old, new)] == ["none", "none"]


async def test_giving_back_what_was_not_right_changes_nothing(codes: OneTimeCodes, subject: Subject) -> None:
    code = await _issue(codes, subject)
    wrong = await codes.check(SIGN_IN, subject, _other_than(code))
    assert await _check(codes, subject, code) == "right"
    await wrong.give_back()
    assert await _check(codes, subject, code) == "none"


async def test_wrong_entries_stay_counted_when_the_code_is_given_back(codes: OneTimeCodes, subject: Subject) -> None:
    code = await _issue(codes, subject)
    for _ in range(4):
        await _check(codes, subject, _other_than(code))
    await (await codes.check(SIGN_IN, subject, code)).give_back()
    assert [await _check(codes, subject, each) for each in (_other_than(code), code)] == ["wrong", "none"]


async def test_a_withdrawn_code_is_as_if_never_issued(codes: OneTimeCodes, subject: Subject) -> None:
    code = await codes.issue(SIGN_IN, subject, lifetime=LIFETIME, binding="one")
    await codes.withdraw(SIGN_IN, subject, code)
    await codes.withdraw(SIGN_IN, subject, code, binding="one")
    assert (await codes.check(SIGN_IN, subject, code, binding="one")).verdict == "none"


async def test_withdrawing_leaves_a_newer_code_alone(codes: OneTimeCodes, subject: Subject) -> None:
    old, new = await _issue_two(codes, subject)
    await codes.withdraw(SIGN_IN, subject, old)
    assert await _check(codes, subject, new) == "right"


async def test_voiding_all_takes_the_codes_of_every_purpose_and_nobody_elses(
    codes: OneTimeCodes, subject: Subject
) -> None:
    issued = {purpose: await _issue(codes, subject, purpose) for purpose in CodePurpose}
    used = await codes.check(SIGN_IN, subject, issued[SIGN_IN])
    bystander = await _issue(codes, Subject.account("bystander"))
    await codes.void_all(subject)
    await used.give_back()
    assert {await _check(codes, subject, code, purpose) for purpose, code in issued.items()} == {"none"}
    assert await _check(codes, Subject.account("bystander"), bystander) == "right"


async def test_no_code_is_kept_in_clear(own_state: State, own_redis: RedisServer) -> None:
    ann = Subject.account("ann")
    code = await own_state.one_time_codes.issue(SIGN_IN, ann, lifetime=LIFETIME, binding="the-binding")
    kept = own_redis.ask("HGETALL", "gateway:1:{account:ann}:code:sign-in")
    assert kept == {"digest": kept["digest"], "wrong": "0", "bound": kept["bound"]}
    assert [len(kept[each]) for each in ("digest", "bound")] == [64, 64]
    assert kept["digest"] != own_state.secrets.digest("one-time-code", code)
    everything = "\n".join(own_redis.everything()) + "\n".join(own_redis.ask("KEYS", "*"))
    assert "the-binding" not in everything


async def test_replicas_with_another_key_do_not_take_the_code(redis_settings: RedisSettings, subject: Subject) -> None:
    async with opened(redis_settings) as one, opened(redis_settings, keys=("B" * 43,)) as other:
        code = await _issue(one.one_time_codes, subject)
        assert await _check(other.one_time_codes, subject, code) == "wrong"
        assert await _check(one.one_time_codes, subject, code) == "right"


async def test_flushed_scripts_are_taught_again(own_state: State, own_redis: RedisServer) -> None:
    codes, ann = own_state.one_time_codes, Subject.account("ann")
    code = await _issue(codes, ann)
    own_redis.ask("SCRIPT", "FLUSH")
    checked = await codes.check(SIGN_IN, ann, code)
    own_redis.ask("SCRIPT", "FLUSH")
    await checked.give_back()
    own_redis.ask("SCRIPT", "FLUSH")
    assert await _check(codes, ann, code) == "right"


async def test_a_right_code_whose_answer_is_lost_is_good_again(own_redis: RedisServer) -> None:
    way, ann = Cutter(own_redis.port), Subject.account("ann")
    async with way.listening() as url, opened(redis_at(url)) as state:
        code = await _issue(state.one_time_codes, ann)
        await _check(state.one_time_codes, Subject.account("warm"), code)
        way.answers_to_cut = 1
        with pytest.raises(Unavailable):
            await _check(state.one_time_codes, ann, code)
        assert await _check_settled(state.one_time_codes, ann, code) == "right"


async def test_a_wrong_code_whose_answer_is_lost_counts_once(own_redis: RedisServer) -> None:
    way, ann = Cutter(own_redis.port), Subject.account("ann")
    async with way.listening() as url, opened(redis_at(url)) as state:
        code = await _issue(state.one_time_codes, ann)
        await _check(state.one_time_codes, Subject.account("warm"), code)
        way.answers_to_cut = 1
        with pytest.raises(Unavailable):
            await _check(state.one_time_codes, ann, _other_than(code))
        await state.one_time_codes.end()
        verdicts = [await _check(state.one_time_codes, ann, _other_than(code)) for _ in range(5)]
    assert verdicts == ["wrong"] * 4 + ["none"]


async def test_a_right_code_checked_by_a_frozen_redis_is_good_afterwards(
    own_state: State, own_redis: RedisServer
) -> None:
    codes, ann = own_state.one_time_codes, Subject.account("ann")
    code = await _issue(codes, ann)
    own_redis.freeze()
    with pytest.raises(Unavailable):
        await _check(codes, ann, code)
    own_redis.thaw()
    await asyncio.sleep(2.6)
    assert await _check(codes, ann, code) == "right"


async def test_a_code_is_given_back_after_the_outage_in_which_giving_back_was_asked(
    own_state: State, own_redis: RedisServer
) -> None:
    codes, ann = own_state.one_time_codes, Subject.account("ann")
    code = await _issue(codes, ann)
    checked = await codes.check(SIGN_IN, ann, code)
    own_redis.freeze()
    await checked.give_back()
    own_redis.thaw()
    await asyncio.sleep(2.6)
    assert await _check(codes, ann, code) == "right"


async def test_a_cancelled_check_leaves_the_code_good(own_state: State, own_redis: RedisServer) -> None:
    codes, ann = own_state.one_time_codes, Subject.account("ann")
    code = await _issue(codes, ann)
    own_redis.freeze()
    entered = asyncio.create_task(_check(codes, ann, code))
    await asyncio.sleep(0.1)
    entered.cancel()
    with pytest.raises(asyncio.CancelledError):
        await entered
    own_redis.thaw()
    assert await _check_settled(codes, ann, code) == "right"


async def test_a_full_redis_evaluates_no_code(own_state: State, own_redis: RedisServer) -> None:
    codes, ann = own_state.one_time_codes, Subject.account("ann")
    code = await _issue(codes, ann)
    own_redis.ask("CONFIG", "SET", "maxmemory", "1")
    for entered in (code, _other_than(code)):
        with pytest.raises(Unavailable):
            await _check(codes, ann, entered)
    own_redis.ask("CONFIG", "SET", "maxmemory", "0")
    assert await _check_settled(codes, ann, code) == "right"


async def _issue(codes: OneTimeCodes, subject: Subject, purpose: CodePurpose = SIGN_IN) -> str:
    return await codes.issue(purpose, subject, lifetime=LIFETIME)


async def _issue_two(codes: OneTimeCodes, subject: Subject) -> tuple[str, str]:
    """Issue two codes that differ, as one in a million pairs does not."""
    old = new = await _issue(codes, subject)
    while new == old:
        new = await _issue(codes, subject)
    return old, new


async def _check(codes: OneTimeCodes, subject: Subject, code: str, purpose: CodePurpose = SIGN_IN) -> Verdict:
    return (await codes.check(purpose, subject, code)).verdict


async def _check_settled(codes: OneTimeCodes, subject: Subject, code: str) -> Verdict:
    await codes.end()
    return await _check(codes, subject, code)


def _other_than(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


async def _use_up_the_hour(codes: OneTimeCodes, subject: Subject, purpose: CodePurpose) -> None:
    for _ in range(4):
        code = await _issue(codes, subject, purpose)
        for _ in range(5):
            await _check(codes, subject, _other_than(code), purpose)


async def _set_back(server: RedisServer, earliest: str, *, seconds: int) -> None:
    """Have Ann's earliest wrong code been entered that long ago."""
    server.ask("LSET", "gateway:1:{account:ann}:wrong-codes", "-1", str(int(earliest) - seconds * 1000))
