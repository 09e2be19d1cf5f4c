from datetime import timedelta

import pytest

from gateway.state.attempts import Subject
from gateway.state.store import State
from tests.state.redis_servers import RedisServer
from tests.state.tries import guess_wrong

pytestmark = pytest.mark.anyio

HOUR = timedelta(hours=1)
YEAR = 365 * 24 * 3600
NAME = "ann.of.acme"
MAILBOX = "ann@acme.example"


async def test_every_key_has_an_end_and_none_shows_a_name_or_secret(own_state: State, own_redis: RedisServer) -> None:
    await _leave_something_of_everything(own_state)
    kept = {key: own_redis.ask("TTL", key) for key in own_redis.ask("KEYS", "*")}
    assert len(kept) == 14
    assert {key: ttl for key, ttl in kept.items() if not 0 <= ttl <= YEAR} == {}
    assert all(key.startswith("gateway:1:") for key in kept)
    everything = "\n".join(own_redis.everything()) + "\n".join(kept)
    assert [secret for secret in (NAME, MAILBOX, "link to follow", "mail_kind") if secret in everything] == []


async def test_an_unlocked_record_of_an_account_is_kept_for_a_year(own_state: State, own_redis: RedisServer) -> None:
    await guess_wrong(own_state.attempts, Subject.account("ann"))
    assert own_redis.ask("TTL", "gateway:1:{account:ann}:failures") == pytest.approx(YEAR, abs=5)


async def test_a_name_nobody_has_is_kept_for_a_month_only(own_state: State, own_redis: RedisServer) -> None:
    await guess_wrong(own_state.attempts, Subject.name("digest"))
    assert own_redis.ask("TTL", "gateway:1:{name:digest}:failures") == pytest.approx(YEAR / 365 * 30, abs=5)


async def test_reading_leaves_nothing_behind(own_state: State, own_redis: RedisServer) -> None:
    await own_state.limits.address_is_open("203.0.113.7")
    await own_state.ended_sessions.includes("session", "ann", 0)
    await own_state.outbox.depth()
    await own_state.outbox.oldest_age()
    assert own_redis.ask("KEYS", "*") == []


async def _leave_something_of_everything(state: State) -> None:
    """Leave keys of every kind, with tries in flight and a lock among them."""
    name = state.secrets.digest("unknown-name", NAME)
    mailbox = state.secrets.digest("mailbox", MAILBOX)
    for subject in (Subject.account("id-of-ann"), Subject.name(name)):
        for _ in range(5):
            await guess_wrong(state.attempts, subject)
        await state.attempts.slot(Subject(subject.kind, f"{subject.key}-in-flight")).__aenter__()
    for _ in range(20):
        await state.limits.count_failure("203.0.113.7")
    await state.limits.admit_mail_request("203.0.113.7")
    await state.limits.admit("reset", name, most=3, window=HOUR)
    await state.limits.admit_mail(mailbox)
    await state.ended_sessions.end(["session-1", "session-2"], HOUR)
    await state.ended_sessions.end_all_but("id-of-ann", "session-3", HOUR)
    await state.ended_sessions.first_use("jti-1", HOUR)
    await state.ended_sessions.first_use("jti-2", HOUR)
    await state.outbox.add("mail_kind", {"to": MAILBOX, "text": "link to follow"}, HOUR)
    await state.outbox.add("mail_kind", {"to": MAILBOX, "text": "link to follow"}, HOUR)
