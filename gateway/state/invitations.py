"""Invitations: each works once, for one address and organization, and is remembered for a month after its time.

What is kept is found by the hash of the secret and sealed. Of the invitations of an address to an organization one at
most is good: the one that a mark names, until it is revoked, replaced or used.
"""

import json
import secrets
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict
from datetime import timedelta
from functools import partial

from gateway.domain.errors import InvitationExpired, InvitationPending, InvitationRefused, InvitationUsed
from gateway.domain.invitations import Grants, Invitation, InvitationStatus, KnownInvitation, Role, RoleOrGroup
from gateway.state import claims
from gateway.state.connection import Connection
from gateway.state.keys import Keys, sha256
from gateway.state.secrets import Secrets
from gateway.state.times import milliseconds
from gateway.state.undoing import Undoing

_VERSION = 2
_PURPOSE = "invitation"
_SECRET_BYTES = 32
_REMEMBERED = timedelta(days=30)
"""How long an invitation is told from one that never was, once it cannot be used any more."""
_TIMES = ("made_at", "until", "accepted_at")
_REFUSALS = {b"unknown": InvitationRefused, b"used": InvitationUsed, b"expired": InvitationExpired}


class InvitationClaim(claims.Claim):
    """An invitation that is nobody else's for a while.

    Attributes:
        known: what is known of it.
        used: what is known of it once it is consumed.
    """

    __slots__ = ("known", "used")

    def __init__(self, known: KnownInvitation, claimed_at: int, settle: claims.Settle, undoing: Undoing) -> None:
        super().__init__(settle, undoing)
        self.known = known
        self.used = known.used(claimed_at)

    @property
    def invitation(self) -> Invitation:
        """What it says."""
        return self.known.invitation


class Invitations:
    """Makes invitations, lists and revokes them, and gives each to one claimant at a time."""

    def __init__(self, redis: Connection, keys: Keys, secrets: Secrets, *, deadline: timedelta) -> None:
        """Take what they are made of.

        Args:
            redis: where they are kept.
            keys: what they are called.
            secrets: seals them.
            deadline: longest time a request may take; a claim that was never settled expires after thrice that.
        """
        self._redis = redis
        self._keys = keys
        self._secrets = secrets
        self._claim_life = milliseconds(3 * deadline)
        self._make, self._claim, self._settle, self._revoke = (
            redis.script(f"{name}_invitation") for name in ("make", "claim", "settle", "revoke")
        )
        self._undoing = Undoing()

    async def make(
        self, invitation: Invitation, lifetime: timedelta, *, replace: bool = False
    ) -> tuple[str, KnownInvitation]:
        """Keep a new invitation.

        Args:
            invitation: what it says.
            lifetime: how long it is good.
            replace: an older one for the same address and organization is void; otherwise it is in the way.

        Returns:
            Its secret, 43 random URL-safe characters, which nobody is told again; and what is known of it.

        Raises:
            InvitationPending: there is another one that is good.
            Unavailable: Redis cannot be asked; the older one may be void, and the new one will be.
        """
        secret = _drawn()
        mark = self._pending(invitation.email, invitation.organization_id)
        keys = (self._keys.invitation(secret)[0], mark, self._keys.invitations_of(_shelf(invitation.organization_id)))
        lives = (milliseconds(lifetime), milliseconds(_REMEMBERED))
        told = (sha256(secret), self._sealed(invitation), *lives)
        with self._undoing.of_lost_answers(partial(self._revoked, sha256(secret), mark)):
            while (made := await self._redis.run(self._make, keys, told)) is None:
                if not replace:
                    raise InvitationPending
                await self.revoke(invitation.email, invitation.organization_id)
        return secret, KnownInvitation(invitation, InvitationStatus.PENDING, *made)

    async def claim(self, secret: str) -> InvitationClaim:
        """Take an invitation, so that nobody else can use it meanwhile; settle the claim in a `finally`.

        Args:
            secret: as the request has it, of any shape.

        Raises:
            InvitationExpired: it comes after its time.
            InvitationUsed: it was used, or another request has it.
            InvitationRefused: it is unknown, revoked, replaced, or forgotten long after its time.
            Unavailable: Redis cannot be asked; the invitation is good as before as soon as Redis can.
        """
        record, claim = self._keys.invitation(secret)
        sealed, made_at, until = await self._redis.read("HMGET", record, "sealed", "made_at", "until")
        invitation = self._unsealed(sealed)
        if invitation is None:
            raise InvitationRefused
        keys = (record, self._pending(invitation.email, invitation.organization_id), claim)
        nonce = secrets.token_hex(8)
        settle = partial(self._settled, keys, sha256(secret), nonce)
        with self._undoing.of_lost_answers(partial(settle, 0, "release")):
            claimed = await self._redis.run(self._claim, keys, (sha256(secret), nonce, self._claim_life))
        if claimed in _REFUSALS:
            raise _REFUSALS[claimed]
        known = KnownInvitation(invitation, InvitationStatus.PENDING, int(made_at), int(until))
        return InvitationClaim(known, claimed, partial(settle, claimed), self._undoing)

    async def of(self, organization_id: str | None) -> list[KnownInvitation]:
        """List an organization's invitations, the oldest first; revoked and replaced ones are left out.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        known = [each async for each in self._known(organization_id)]
        return sorted(known, key=lambda each: each.made_at)

    async def revoke(self, email: str, organization_id: str | None) -> bool:
        """Make the good invitation of an address to an organization worthless; one that is claimed goes on to its end.

        Returns:
            Whether there was one.

        Raises:
            Unavailable: Redis cannot be asked; it may be revoked.
        """
        mark = self._pending(email, organization_id)
        while digest := await self._redis.read("GET", mark):
            if await self._revoked(digest.decode(), mark):
                return True
        return False

    async def take_back(self, secret: str, invitation: Invitation) -> None:
        """Make one worthless that nobody has been told of, now or when Redis can be asked again; never raises."""
        mark = self._pending(invitation.email, invitation.organization_id)
        await self._undoing.of(partial(self._revoked, sha256(secret), mark))

    async def is_pending(self, email: str, organization_id: str | None) -> bool:
        """Say whether an address has a good invitation to an organization; raises as `of`."""
        return bool(await self._redis.read("EXISTS", self._pending(email, organization_id)))

    async def pending(self, secret: str) -> Invitation:
        """Return what a good invitation says.

        Raises:
            InvitationRefused: there is no such one, or it is not good (any more).
            Unavailable: Redis cannot be asked.
        """
        (sealed,) = await self._redis.read("HMGET", self._keys.invitation(secret)[0], "sealed")
        invitation = self._unsealed(sealed)
        if invitation is None:
            raise InvitationRefused
        good = await self._redis.read("GET", self._pending(invitation.email, invitation.organization_id))
        if good != sha256(secret).encode():
            raise InvitationRefused
        return invitation

    async def end(self) -> None:
        """Wait for the settling that requests left behind."""
        await self._undoing.end()

    async def _known(self, organization_id: str | None) -> AsyncIterator[KnownInvitation]:
        seconds, microseconds = map(int, await self._redis.read("TIME"))
        now = seconds * 1000 + microseconds // 1000
        shelf = self._keys.invitations_of(_shelf(organization_id))
        for digest in await self._redis.read("ZRANGE", shelf, 0, -1):
            known = await self._one(digest, now)
            if known is not None:
                yield known

    async def _one(self, digest: bytes, now: int) -> KnownInvitation | None:
        record = self._keys.kept_invitation(digest.decode())
        sealed, void, *times = await self._redis.read("HMGET", record, "sealed", "void", *_TIMES)
        invitation = self._unsealed(sealed)
        made_at, until, accepted_at = (int(each) if each else None for each in times)
        if invitation is None or (void and accepted_at is None):
            return None
        status = _status(is_used=accepted_at is not None, is_over=(until or 0) <= now)
        return KnownInvitation(invitation, status, made_at or 0, until or 0, accepted_at)

    async def _revoked(self, digest: str, mark: str) -> bool:
        return bool(await self._redis.run(self._revoke, (self._keys.kept_invitation(digest), mark), (digest,)))

    async def _settled(
        self, keys: tuple[str, str, str], digest: str, nonce: str, claimed_at: int, settlement: claims.Settlement
    ) -> None:
        await self._redis.run(self._settle, keys, (digest, nonce, claimed_at, settlement))

    def _pending(self, email: str, organization_id: str | None) -> str:
        return self._keys.pending_invitation(self._secrets.digest("invited", json.dumps([email, organization_id])))

    def _sealed(self, invitation: Invitation) -> bytes:
        return self._secrets.seal(_PURPOSE, json.dumps([_VERSION, asdict(invitation)]).encode())

    def _unsealed(self, sealed: bytes | None) -> Invitation | None:
        plain = self._secrets.unseal(_PURPOSE, sealed) if sealed else None
        version, *rest = json.loads(plain) if plain else (None,)
        if version != _VERSION:  # nothing there, or another version of the gateway wrote it (security R18)
            return None
        (said,) = rest
        return Invitation(**{**said, "role": Role(said["role"]), "grants": _grants(said["grants"])})


def _status(*, is_used: bool, is_over: bool) -> InvitationStatus:
    if is_used:
        return InvitationStatus.ACCEPTED
    return InvitationStatus.EXPIRED if is_over else InvitationStatus.PENDING


def _drawn() -> str:
    """Draw a secret; one that began with a hyphen would be an option where an operator types it."""
    while (secret := secrets.token_urlsafe(_SECRET_BYTES)).startswith("-"):
        pass
    return secret


def _grants(said: Mapping[str, list[dict[str, str]]]) -> Grants:
    return Grants(**{kind: tuple(RoleOrGroup(**each) for each in given) for kind, given in said.items()})


def _shelf(organization_id: str | None) -> str:
    return organization_id or "none"
