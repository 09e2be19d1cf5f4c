import asyncio
import string
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest

from gateway.domain.purposes import CodePurpose
from gateway.settings import RedisSettings
from gateway.state.one_time_codes import OneTimeCodes
from gateway.state.store import State
from gateway.state.subjects import Subject
from tests.state.codes import LIFETIME, SIGN_IN, check, issue, issue_two, other_than
from tests.state.opening import opened, two_replicas
from tests.state.redis_servers import RedisServer


@pytest.mark.parametrize("kind", [Subject.account, Subject.name])
async def test_the_right_code_is_right_once(codes: OneTimeCodes, kind: Callable[[str], Subject]) -> None:
    subject = kind(uuid.uuid4().hex)
    code = await issue(codes, subject)
    assert [await check(codes, subject, code) for _ in range(3)] == ["right", "none", "none"]


async def test_codes_are_six_ascii_digits_and_differ(codes: OneTimeCodes, subject: Subject) -> None:
    issued = [await issue(codes, subject) for _ in range(100)]
    assert all(len(code) == 6 and set(code) <= set(string.digits) for code in issued)
    assert len(set(issued)) > 90
    assert len({code[0] for code in issued}) > 5


async def test_who_was_never_issued_a_code_has_none(codes: OneTimeCodes, subject: Subject) -> None:
    assert await check(codes, subject, "123456") == "none"


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
    code = await issue(codes, subject)
    await codes.withdraw(SIGN_IN, subject, code)
    assert not await codes.is_out(SIGN_IN, subject)
    await codes.issue(SIGN_IN, subject, lifetime=timedelta(milliseconds=50))
    await asyncio.sleep(0.1)
    assert not await codes.is_out(SIGN_IN, subject)


@pytest.mark.parametrize(
    "entered", ["", "12345", "1234567", "\u0661\u0662\u0663\u0664\u0665\u0666", "\ud800", "0" * 9000]
)
async def test_what_is_no_code_is_wrong(codes: OneTimeCodes, subject: Subject, entered: str) -> None:
    await issue(codes, subject)
    assert await check(codes, subject, entered) == "wrong"


async def test_a_new_code_voids_the_old_one_at_once(codes: OneTimeCodes, subject: Subject) -> None:
    old, new = await issue_two(codes, subject)
    assert [await check(codes, subject, code) for code in (old, new)] == ["wrong", "right"]


async def test_a_code_is_void_after_five_wrong_entries(codes: OneTimeCodes, subject: Subject) -> None:
    code = await issue(codes, subject)
    assert [await check(codes, subject, other_than(code)) for _ in range(6)] == ["wrong"] * 5 + ["none"]
    assert await check(codes, subject, code) == "none"


async def test_fewer_wrong_entries_may_void_a_code(codes: OneTimeCodes, subject: Subject) -> None:
    code = await issue(codes, subject)
    wrong = await codes.check(SIGN_IN, subject, other_than(code), most_wrong=1)
    assert (wrong.verdict, await check(codes, subject, code)) == ("wrong", "none")


async def test_a_code_is_right_after_four_wrong_entries(codes: OneTimeCodes, subject: Subject) -> None:
    code = await issue(codes, subject)
    for _ in range(4):
        await check(codes, subject, other_than(code))
    assert await check(codes, subject, code) == "right"


async def test_a_code_whose_life_is_over_is_told_from_one_never_issued(codes: OneTimeCodes, subject: Subject) -> None:
    code = await codes.issue(SIGN_IN, subject, lifetime=timedelta(milliseconds=30))
    await asyncio.sleep(0.06)
    assert [await check(codes, subject, each) for each in (code, other_than(code))] == ["expired", "expired"]
    assert await check(codes, subject, await issue(codes, subject)) == "right"
    assert await check(codes, subject, code) == "none"


async def test_the_marks_live_as_long_as_told(own_state: State, own_redis: RedisServer) -> None:
    await issue(own_state.one_time_codes, Subject.account("ann"))
    await own_state.one_time_codes.issue(SIGN_IN, Subject.account("bob"), lifetime=timedelta(days=2))
    lives = {key: own_redis.ask("TTL", key) for key in own_redis.ask("KEYS", "*")}
    assert lives == {
        "gateway:1:{account:ann}:code:sign-in": pytest.approx(600, abs=2),
        "gateway:1:{account:ann}:code-issued:sign-in": pytest.approx(86400, abs=2),
        "gateway:1:{account:bob}:code:sign-in": pytest.approx(172800, abs=2),
        "gateway:1:{account:bob}:code-issued:sign-in": pytest.approx(172800, abs=2),
    }


async def test_a_code_fits_its_purpose_subject_and_binding_only(codes: OneTimeCodes, subject: Subject) -> None:
    code = await codes.issue(SIGN_IN, subject, lifetime=LIFETIME, binding="this sign-in")
    other = Subject(kind="name", key=subject.key)
    for each in (Subject.account("bob"), other):
        while await issue(codes, each) == code:
            pass
        assert await check(codes, each, code) == "wrong"
    while await issue(codes, subject, CodePurpose.CONFIRMATION) == code:
        pass
    assert await check(codes, subject, code, CodePurpose.CONFIRMATION) == "wrong"
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
    code = await issue(codes, ann)
    for subject, purpose in places:
        await issue(codes, subject, purpose)
        place = f"gateway:1:{{{subject.kind}:{subject.key}}}:code:{purpose}"
        own_redis.ask("COPY", "gateway:1:{account:ann}:code:sign-in", place, "REPLACE")
        assert await check(codes, subject, code, purpose) == "wrong"


async def test_a_code_of_one_purpose_leaves_that_of_another_alone(codes: OneTimeCodes, subject: Subject) -> None:
    first = await issue(codes, subject, SIGN_IN)
    second = await issue(codes, subject, CodePurpose.CONFIRMATION)
    assert await check(codes, subject, first, SIGN_IN) == "right"
    assert await check(codes, subject, second, CodePurpose.CONFIRMATION) == "right"


async def test_of_forty_right_entries_at_once_on_two_replicas_one_is_right(own_redis: RedisServer) -> None:
    ann = Subject.account("ann")
    async with two_replicas(own_redis.url) as (one, other):
        code = await issue(one.one_time_codes, ann)
        both = [one.one_time_codes, other.one_time_codes] * 20
        await asyncio.gather(*(check(codes, Subject.account("warm"), code) for codes in both))
        verdicts = await own_redis.ask_at_once(check(codes, ann, code) for codes in both)
    assert sorted(verdicts) == ["none"] * 39 + ["right"]


async def test_of_forty_wrong_entries_at_once_five_are_evaluated(codes: OneTimeCodes, subject: Subject) -> None:
    code = await issue(codes, subject)
    verdicts = await asyncio.gather(*(check(codes, subject, other_than(code)) for _ in range(40)))
    assert sorted(verdicts) == ["none"] * 35 + ["wrong"] * 5


async def test_a_withdrawn_code_is_as_if_never_issued(codes: OneTimeCodes, subject: Subject) -> None:
    code = await codes.issue(SIGN_IN, subject, lifetime=LIFETIME, binding="one")
    await codes.withdraw(SIGN_IN, subject, code)
    await codes.withdraw(SIGN_IN, subject, code, binding="one")
    assert (await codes.check(SIGN_IN, subject, code, binding="one")).verdict == "none"


async def test_withdrawing_leaves_a_newer_code_alone(codes: OneTimeCodes, subject: Subject) -> None:
    old, new = await issue_two(codes, subject)
    await codes.withdraw(SIGN_IN, subject, old)
    assert await check(codes, subject, new) == "right"


async def test_voiding_all_takes_the_codes_of_every_purpose_and_nobody_elses(
    codes: OneTimeCodes, subject: Subject
) -> None:
    issued = {purpose: await issue(codes, subject, purpose) for purpose in CodePurpose}
    used = await codes.check(SIGN_IN, subject, issued[SIGN_IN])
    bystander = await issue(codes, Subject.account("bystander"))
    await codes.void_all(subject)
    await used.give_back()
    assert {await check(codes, subject, code, purpose) for purpose, code in issued.items()} == {"none"}
    assert await check(codes, Subject.account("bystander"), bystander) == "right"


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
        code = await issue(one.one_time_codes, subject)
        assert await check(other.one_time_codes, subject, code) == "wrong"
        assert await check(one.one_time_codes, subject, code) == "right"
