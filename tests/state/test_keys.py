from contextlib import AbstractAsyncContextManager

import pytest

from gateway.domain.errors import InvitationRefused
from gateway.domain.invitations import Invitation
from gateway.domain.purposes import CodePurpose, LinkPurpose
from gateway.domain.sign_in_methods import SignInMethod
from gateway.state.attempt import Attempt
from gateway.state.browser_sign_ins import BrowserSignIn
from gateway.state.sign_in_session import SignInSession
from gateway.state.spent_tokens import Turn
from gateway.state.store import State
from gateway.state.subjects import Subject
from tests.state.opening import HOUR
from tests.state.redis_servers import RedisServer
from tests.state.tries import guess_wrong

YEAR = 365 * 24 * 3600
NAME = "ann.of.acme"
MAILBOX = "ann@acme.example"


async def test_every_key_has_an_end_and_none_shows_a_name_or_secret(own_state: State, own_redis: RedisServer) -> None:
    tries = await _leave_something_of_everything(own_state)
    kept = {key: own_redis.ask("TTL", key) for key in own_redis.ask("KEYS", "*")}
    assert len(kept) == 37
    assert {key: ttl for key, ttl in kept.items() if not 0 <= ttl <= YEAR} == {}
    assert all(key.startswith("gateway:1:") for key in kept)
    everything = "\n".join(own_redis.everything()) + "\n".join(kept)
    assert [secret for secret in (NAME, MAILBOX, "link to follow", "mail_kind") if secret in everything] == []
    for each in tries:
        await each.__aexit__(None, None, None)


async def test_an_unlocked_record_of_an_account_is_kept_for_a_year(own_state: State, own_redis: RedisServer) -> None:
    await guess_wrong(own_state.attempts, Subject.account("ann"))
    assert own_redis.ask("TTL", "gateway:1:{account:ann}:failures") == pytest.approx(YEAR, abs=5)


async def test_a_name_nobody_has_is_kept_for_a_month_only(own_state: State, own_redis: RedisServer) -> None:
    await guess_wrong(own_state.attempts, Subject.name("digest"))
    assert own_redis.ask("TTL", "gateway:1:{name:digest}:failures") == pytest.approx(YEAR / 365 * 30, abs=5)


async def test_reading_leaves_nothing_behind(own_state: State, own_redis: RedisServer) -> None:
    await own_state.limits.require_open("203.0.113.7")
    await own_state.ended_sessions.includes("session", "ann", 0)
    await own_state.ended_sessions.includes_session("session")
    await own_state.checked_tokens.includes("made up")
    await own_state.one_time_codes.check(CodePurpose.SIGN_IN, Subject.account("ann"), "123456")
    await own_state.sign_in_sessions.get("made up", "pipeshub")
    await own_state.sign_in_sessions.finish("made up", 0, "ann")
    await own_state.browser_sign_ins.take("made up", "pipeshub")
    await own_state.sign_in_sessions.count_wrong("made up", 5)
    await own_state.spent_tokens.includes("made up")
    await own_state.links.claim(LinkPurpose.RESET, "made up")
    await own_state.links.is_good(LinkPurpose.RESET, "made up")
    await own_state.one_time_codes.is_out(CodePurpose.CONFIRMATION, Subject.account("ann"))
    with pytest.raises(InvitationRefused):
        await own_state.invitations.claim("made up")
    await own_state.invitations.of("id-of-acme")
    await own_state.outbox.depth()
    await own_state.outbox.oldest_age()
    assert own_redis.ask("KEYS", "*") == []


async def _leave_something_of_everything(state: State) -> list[AbstractAsyncContextManager[Attempt]]:
    """Leave keys of every kind, with a lock among them, and return the tries that are in flight."""
    name = state.secrets.digest("unknown-name", NAME)
    mailbox = state.secrets.digest("mailbox", MAILBOX)
    tries: list[AbstractAsyncContextManager[Attempt]] = []
    await _leave_codes_links_and_sign_ins(state, Subject.name(name))
    for subject in (Subject.account("id-of-ann"), Subject.name(name)):
        for _ in range(5):
            await guess_wrong(state.attempts, subject)
        tries.append(state.attempts.slot(Subject(subject.kind, f"{subject.key}-in-flight")))
        await tries[-1].__aenter__()
    for _ in range(20):
        await state.limits.count_failure("203.0.113.7")
    await state.limits.admit_mail_request("203.0.113.7")
    await state.limits.admit("reset", name, most=3, window=HOUR)
    await state.limits.admit_mail(mailbox, "1-0")
    await state.limits.admit_mail_of_kind("forgotten", "id-of-ann", "1-0", most=3, window=HOUR)
    await state.ended_sessions.end(["session-1", "session-2"], HOUR)
    await state.ended_sessions.end_all_but("id-of-ann", "session-3", HOUR)
    await state.attempts.outdate("id-of-ann")
    await state.checked_tokens.add("link to follow", HOUR)
    await state.ended_sessions.first_use("jti-1", HOUR)
    await state.ended_sessions.first_use("jti-2", HOUR)
    await state.outbox.add("mail_kind", {"to": MAILBOX, "text": "link to follow"}, HOUR)
    await state.outbox.add("mail_kind", {"to": MAILBOX, "text": "link to follow"}, HOUR)
    return tries


async def _leave_codes_links_and_sign_ins(state: State, subject: Subject) -> None:
    """Leave a code with a wrong entry, a claimed link and invitation, and a sign-in beside the mark of ended ones."""
    code = await state.one_time_codes.issue(CodePurpose.SIGN_IN, subject, lifetime=HOUR)
    await state.one_time_codes.check(CodePurpose.SIGN_IN, subject, f"{code}0")
    invitation, _ = await state.invitations.make(Invitation(MAILBOX, "id-of-acme", NAME), HOUR)
    await state.invitations.claim(invitation)
    await state.links.claim(LinkPurpose.RESET, await state.links.issue(LinkPurpose.RESET, subject, HOUR))
    await state.sign_in_sessions.begin(SignInSession("pipeshub", None, ((SignInMethod.PASSWORD,),), MAILBOX), HOUR)
    await state.sign_in_sessions.end_all("id-of-ann")
    await state.browser_sign_ins.begin(BrowserSignIn(MAILBOX, "id-of-ann", NAME, NAME, NAME), "pipeshub", HOUR)
    turn = await state.spent_tokens.turn(f"spent token of {MAILBOX}")
    assert isinstance(turn, Turn)
    await turn.spend(b"link to follow", grace=HOUR, remembered_for=HOUR)
    await state.spent_tokens.turn("token under way")
