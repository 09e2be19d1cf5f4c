import asyncio
from datetime import timedelta

import pytest

from gateway.domain.errors import (
    InvitationExpired,
    InvitationRefused,
    InvitationUsed,
    Unavailable,
)
from gateway.domain.invitations import Invitation, InvitationStatus, Role
from gateway.settings import RedisSettings
from gateway.state.invitations import Invitations
from gateway.state.keys import Keys
from gateway.state.store import State
from tests.servers.waiting import until_async
from tests.state.cutting import Cutter
from tests.state.inviting import ACME, SOON, SOON_ENOUGH, issued, to_acme
from tests.state.opening import HOUR, opened, patiently, redis_at
from tests.state.redis_servers import RedisServer

PENDING, ACCEPTED, EXPIRED = InvitationStatus


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
    secret = await issued(invitations, lifetime=SOON_ENOUGH)
    await (await invitations.claim(secret)).consume()
    await asyncio.sleep(3.05)
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
    async with way.listening() as url, opened(patiently(redis_at(url))) as state:
        secret = await issued(state.invitations)
        await (await state.invitations.claim(secret)).release()
        way.answers_to_pass = way.answers_to_cut = 1
        with pytest.raises(Unavailable):
            await state.invitations.claim(secret)
        await state.invitations.end()
        await state.invitations.claim(secret)


async def test_the_time_that_a_claim_tells_is_the_one_that_is_kept(invitations: Invitations) -> None:
    claim = await invitations.claim(await issued(invitations))
    await asyncio.sleep(0.05)
    await claim.consume()
    assert await invitations.of(ACME) == [claim.used]


async def test_consuming_goes_on_after_the_outage_in_which_it_was_asked(
    hurried_state: State, own_redis: RedisServer
) -> None:
    secret = await issued(hurried_state.invitations)
    claim = await hurried_state.invitations.claim(secret)
    own_redis.freeze()
    await claim.consume()
    own_redis.thaw()

    async def is_accepted() -> bool:
        return [each.status for each in await hurried_state.invitations.of(ACME)] == [ACCEPTED]

    await until_async(is_accepted)


async def test_without_redis_nothing_is_made(hurried_state: State, own_redis: RedisServer) -> None:
    own_redis.freeze()
    with pytest.raises(Unavailable):
        await hurried_state.invitations.make(to_acme(), HOUR)
    own_redis.thaw()
