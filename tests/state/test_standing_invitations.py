"""Of the invitations to one address and organization one stands; the others are refused, replaced, revoked or over."""

import asyncio

import pytest

from gateway.domain.errors import (
    InvitationPending,
    InvitationRefused,
    InvitationUsed,
    Unavailable,
)
from gateway.domain.invitations import Invitation, InvitationStatus, Role
from gateway.state.invitations import Invitations
from tests.state.cutting import Cutter
from tests.state.inviting import ACME, SOON, issued, to_acme
from tests.state.opening import HOUR, opened, patiently, redis_at
from tests.state.redis_servers import RedisServer

PENDING, ACCEPTED, EXPIRED = InvitationStatus


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


async def test_one_whose_making_nobody_hears_of_is_void_and_in_nobody_s_way(own_redis: RedisServer) -> None:
    way, invitation = Cutter(own_redis.port), to_acme()
    async with way.listening() as url, opened(patiently(redis_at(url))) as state:
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
