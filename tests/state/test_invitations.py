import asyncio
import secrets
from datetime import timedelta

import pytest

from gateway.domain.errors import (
    InvitationExpired,
    InvitationPending,
    InvitationRefused,
    InvitationUsed,
    Unavailable,
)
from gateway.domain.invitations import Invitation, InvitationStatus, Role
from gateway.settings import RedisSettings
from gateway.state.invitations import Invitations
from gateway.state.keys import Keys
from gateway.state.store import State
from tests.state.cutting import Cutter
from tests.state.opening import opened, redis_at
from tests.state.redis_servers import RedisServer

HOUR = timedelta(hours=1)
SOON = timedelta(milliseconds=150)
ACME = "id-of-acme"
PENDING, ACCEPTED, EXPIRED = InvitationStatus


@pytest.fixture
def invitations(state: State) -> Invitations:
    return state.invitations


def to_acme(email: str | None = None, role: Role = Role.MEMBER) -> Invitation:
    return Invitation(email or f"{secrets.token_hex(4)}@example.test", ACME, "acme", role, invited_by="operator")


async def issued(invitations: Invitations, invitation: Invitation | None = None, lifetime: timedelta = HOUR) -> str:
    secret, _ = await invitations.make(invitation or to_acme(), lifetime)
    return secret


async def test_an_invitation_works_once(invitations: Invitations) -> None:
    secret = await issued(invitations)
    await (await invitations.claim(secret)).consume()
    with pytest.raises(InvitationUsed):
        await invitations.claim(secret)


async def test_a_claim_tells_everything_that_was_said(invitations: Invitations) -> None:
    invitation = Invitation("zoë@example.test", ACME, "acme", Role.OWNER, "id-of-bob")
    assert (await invitations.claim(await issued(invitations, invitation))).invitation == invitation


async def test_an_invitation_may_be_to_no_organization(invitations: Invitations) -> None:
    invitation = Invitation("ann@example.test", None, None)
    secret = await issued(invitations, invitation)
    assert [each.invitation for each in await invitations.of(None)] == [invitation]
    assert (await invitations.claim(secret)).invitation == invitation


async def test_while_it_is_claimed_nobody_else_gets_it(invitations: Invitations) -> None:
    secret = await issued(invitations)
    claim = await invitations.claim(secret)
    with pytest.raises(InvitationUsed):
        await invitations.claim(secret)
    await claim.release()
    assert (await invitations.claim(secret)).invitation == claim.invitation


async def test_of_many_claims_at_once_one_succeeds(invitations: Invitations) -> None:
    secret = await issued(invitations)
    claims = await asyncio.gather(*(invitations.claim(secret) for _ in range(50)), return_exceptions=True)
    assert sum(isinstance(each, InvitationUsed) for each in claims) == 49


async def test_whoever_died_with_a_claim_loses_it(redis_settings: RedisSettings) -> None:
    async with opened(redis_settings, deadline=timedelta(milliseconds=50)) as state:
        secret = await issued(state.invitations)
        await state.invitations.claim(secret)
        await asyncio.sleep(0.2)
        await state.invitations.claim(secret)


async def test_one_that_was_consumed_is_not_good_again_when_it_is_released(invitations: Invitations) -> None:
    secret = await issued(invitations)
    claim = await invitations.claim(secret)
    await claim.consume()
    await claim.release()
    with pytest.raises(InvitationUsed):
        await invitations.claim(secret)


async def test_after_its_time_it_is_told_to_have_expired(invitations: Invitations) -> None:
    secret = await issued(invitations, lifetime=SOON)
    await asyncio.sleep(0.2)
    with pytest.raises(InvitationExpired):
        await invitations.claim(secret)


async def test_one_that_was_used_is_told_so_after_its_time_too(invitations: Invitations) -> None:
    secret = await issued(invitations, lifetime=SOON)
    await (await invitations.claim(secret)).consume()
    await asyncio.sleep(0.2)
    with pytest.raises(InvitationUsed):
        await invitations.claim(secret)


@pytest.mark.parametrize("secret", ["", "made-up", "\ud800", "A" * 43, "a:b}{c", "x" * 9000])
async def test_a_made_up_secret_is_refused(invitations: Invitations, secret: str) -> None:
    with pytest.raises(InvitationRefused) as refused:
        await invitations.claim(secret)
    assert refused.type is InvitationRefused


async def test_secrets_are_long_and_url_safe_and_differ(invitations: Invitations) -> None:
    made = [await issued(invitations) for _ in range(500)]
    assert len(set(made)) == 500
    assert all(len(secret) == 43 and secret.replace("-", "").replace("_", "").isalnum() for secret in made)


async def test_no_secret_can_be_taken_for_an_option_of_a_command(invitations: Invitations) -> None:
    # Of 500 that were drawn freely eight would begin so, and none in one of 2600 runs.
    made = [await issued(invitations) for _ in range(500)]
    assert [secret for secret in made if secret.startswith("-")] == []


async def test_a_second_one_for_the_same_address_and_organization_is_not_made(invitations: Invitations) -> None:
    first = await issued(invitations, to_acme("ann@example.test"))
    with pytest.raises(InvitationPending):
        await invitations.make(to_acme("ann@example.test", Role.OWNER), HOUR)
    assert (await invitations.claim(first)).invitation.role is Role.MEMBER


async def test_of_many_made_at_once_for_the_same_address_one_is(invitations: Invitations) -> None:
    makes = (invitations.make(to_acme("ann@example.test"), HOUR) for _ in range(20))
    made = await asyncio.gather(*makes, return_exceptions=True)
    assert sum(isinstance(each, InvitationPending) for each in made) == 19


async def test_a_replaced_one_is_void(invitations: Invitations) -> None:
    older = await issued(invitations, to_acme("ann@example.test"))
    newer, _ = await invitations.make(to_acme("ann@example.test", Role.ADMIN), HOUR, replace=True)
    with pytest.raises(InvitationRefused):
        await invitations.claim(older)
    assert (await invitations.claim(newer)).invitation.role is Role.ADMIN
    assert [each.invitation.role for each in await invitations.of(ACME)] == [Role.ADMIN]


async def test_there_may_be_another_one_once_the_first_is_used_or_over(invitations: Invitations) -> None:
    used, over = to_acme(), to_acme()
    await (await invitations.claim(await issued(invitations, used))).consume()
    await issued(invitations, over, SOON)
    await asyncio.sleep(0.2)
    for invitation in (used, over):
        assert await issued(invitations, invitation)


@pytest.mark.parametrize("is_replaced", [False, True])
async def test_one_that_was_void_is_not_told_to_have_expired_after_its_time(
    invitations: Invitations, *, is_replaced: bool
) -> None:
    invitation = to_acme()
    secret = await issued(invitations, invitation, SOON)
    if is_replaced:
        await invitations.make(invitation, SOON, replace=True)
    else:
        assert await invitations.revoke(invitation.email, ACME)
    await asyncio.sleep(0.2)
    with pytest.raises(InvitationRefused) as refused:
        await invitations.claim(secret)
    assert refused.type is InvitationRefused
    assert [each.status for each in await invitations.of(ACME)] == [EXPIRED] * is_replaced


async def test_one_that_is_revoked_while_it_is_claimed_is_used_in_the_end(invitations: Invitations) -> None:
    invitation = to_acme()
    secret = await issued(invitations, invitation)
    claim = await invitations.claim(secret)
    assert await invitations.revoke(invitation.email, ACME)
    await claim.consume()
    with pytest.raises(InvitationUsed):
        await invitations.claim(secret)
    assert [each.status for each in await invitations.of(ACME)] == [ACCEPTED]


async def test_of_many_replaced_at_once_one_is_good(invitations: Invitations) -> None:
    invitation = to_acme()
    made = await asyncio.gather(*(invitations.make(invitation, HOUR, replace=True) for _ in range(20)))
    claims = await asyncio.gather(*(invitations.claim(secret) for secret, _ in made), return_exceptions=True)
    assert sum(isinstance(each, InvitationRefused) for each in claims) == 19
    assert [each.status for each in await invitations.of(ACME)] == [PENDING]


async def test_a_revoked_one_is_void_and_not_listed(invitations: Invitations) -> None:
    revoked, kept = to_acme(), to_acme()
    secret = await issued(invitations, revoked)
    await issued(invitations, kept)
    assert await invitations.revoke(revoked.email, ACME)
    assert not await invitations.revoke(revoked.email, ACME)
    assert not await invitations.revoke(kept.email, "another-organization")
    with pytest.raises(InvitationRefused):
        await invitations.claim(secret)
    assert [each.invitation for each in await invitations.of(ACME)] == [kept]


async def test_an_organizations_invitations_are_listed_with_what_has_become_of_them(invitations: Invitations) -> None:
    used, over, good = to_acme(), to_acme(), to_acme()
    await (await invitations.claim(await issued(invitations, used))).consume()
    await issued(invitations, over, SOON)
    await asyncio.sleep(0.2)
    _, made = await invitations.make(good, HOUR)
    await issued(invitations, Invitation(good.email, "another-organization", "other"))
    listed = await invitations.of(ACME)
    assert [(each.invitation, each.status) for each in listed] == [(used, ACCEPTED), (over, EXPIRED), (good, PENDING)]
    assert listed[2] == made
    assert made.expires_at - made.made_at == 3_600_000
    assert listed[0].accepted_at is not None
    assert listed[0].made_at <= listed[0].accepted_at <= made.made_at


async def test_it_is_remembered_for_thirty_days_after_its_time_used_or_not(
    own_state: State, own_redis: RedisServer
) -> None:
    kept = 3_600_000 + 30 * 86_400_000
    for is_used in (False, True):
        secret = await issued(own_state.invitations)
        if is_used:
            await (await own_state.invitations.claim(secret)).consume()
        for key in (Keys("gateway:").invitation(secret)[0], Keys("gateway:").invitations_of(ACME)):
            assert kept - 60_000 < own_redis.ask("PTTL", key) <= kept


async def test_a_claim_whose_answer_is_lost_is_released(own_redis: RedisServer) -> None:
    way = Cutter(own_redis.port)
    async with way.listening() as url, opened(redis_at(url)) as state:
        secret = await issued(state.invitations)
        await (await state.invitations.claim(secret)).release()
        way.answers_to_pass = way.answers_to_cut = 1
        with pytest.raises(Unavailable):
            await state.invitations.claim(secret)
        await state.invitations.end()
        await state.invitations.claim(secret)


async def test_one_whose_making_nobody_hears_of_is_void_and_in_nobody_s_way(own_redis: RedisServer) -> None:
    way, invitation = Cutter(own_redis.port), to_acme()
    async with way.listening() as url, opened(redis_at(url)) as state:
        other = to_acme()
        await issued(state.invitations, other)
        way.answers_to_cut = 1
        with pytest.raises(Unavailable):
            await state.invitations.make(invitation, HOUR)
        await state.invitations.end()
        assert [each.invitation for each in await state.invitations.of(ACME)] == [other]
        assert await issued(state.invitations, invitation)


async def test_taking_one_back_leaves_the_one_that_has_replaced_it(invitations: Invitations) -> None:
    invitation = to_acme()
    older = await issued(invitations, invitation)
    newer, _ = await invitations.make(invitation, HOUR, replace=True)
    await invitations.take_back(older, invitation)
    await (await invitations.claim(newer)).release()
    await invitations.take_back(newer, invitation)
    with pytest.raises(InvitationRefused):
        await invitations.claim(newer)


async def test_the_time_that_a_claim_tells_is_the_one_that_is_kept(invitations: Invitations) -> None:
    claim = await invitations.claim(await issued(invitations))
    await asyncio.sleep(0.05)
    await claim.consume()
    assert await invitations.of(ACME) == [claim.used]


async def test_consuming_goes_on_after_the_outage_in_which_it_was_asked(
    own_state: State, own_redis: RedisServer
) -> None:
    secret = await issued(own_state.invitations)
    claim = await own_state.invitations.claim(secret)
    own_redis.freeze()
    await claim.consume()
    own_redis.thaw()
    await asyncio.sleep(2.6)
    assert [each.status for each in await own_state.invitations.of(ACME)] == [ACCEPTED]


async def test_without_redis_nothing_is_made(own_state: State, own_redis: RedisServer) -> None:
    own_redis.freeze()
    with pytest.raises(Unavailable):
        await own_state.invitations.make(to_acme(), HOUR)
    own_redis.thaw()
