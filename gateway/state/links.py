"""Secrets of mailed links: each works once, for one purpose (security S9, S14, S26).

A link is claimed, then used, then consumed; whoever fails in between releases it, and whoever dies loses his claim.
"""

import json
import secrets
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import NamedTuple

from gateway.domain.errors import Unavailable
from gateway.domain.purposes import LinkPurpose
from gateway.state import claims
from gateway.state.connection import Connection
from gateway.state.keys import Keys, sha256
from gateway.state.secrets import Secrets
from gateway.state.subjects import Subject
from gateway.state.times import milliseconds
from gateway.state.undoing import Undoing

_VERSION = 1
_SECRET_BYTES = 32


class _Link(NamedTuple):
    """What a secret opens."""

    subject: Subject
    content: Mapping[str, str]


class Claim(claims.Claim):
    """A link that is nobody else's for a while.

    Attributes:
        subject: whose link it is.
        content: what was kept with it.
    """

    __slots__ = ("content", "subject")

    def __init__(self, link: _Link, settle: claims.Settle, undoing: Undoing) -> None:
        super().__init__(settle, undoing)
        self.subject = link.subject
        self.content = link.content


class Links:
    """Issues secrets for links, and gives each to one claimant at a time."""

    def __init__(self, redis: Connection, keys: Keys, secrets: Secrets, *, deadline: timedelta) -> None:
        """Take what they are made of.

        Args:
            redis: where they are kept.
            keys: what they are called.
            secrets: seals what is kept with them.
            deadline: longest time a request may take; a claim that was never settled expires after thrice that.
        """
        self._redis = redis
        self._keys = keys
        self._secrets = secrets
        self._claim_life = milliseconds(3 * deadline)
        self._scripts = {name: redis.script(f"{name}_link") for name in ("issue", "claim", "settle")}
        self._undoing = Undoing()

    async def issue(
        self,
        purpose: LinkPurpose,
        subject: Subject,
        lifetime: timedelta,
        *,
        content: Mapping[str, str] | None = None,
        limit_one: bool = True,
        secret: str | None = None,
    ) -> str:
        """Make the secret of a link.

        Args:
            purpose: what it allows.
            subject: whose link it is; a name's digest for an address that has no account yet.
            lifetime: how long it works.
            content: what whoever claims it must know; sealed before it is kept.
            limit_one: older ones for the same purpose and subject are void.
            secret: what cannot be guessed either; None to draw one.

        Returns:
            The secret; drawn, it is 256 random bits in URL-safe characters.

        Raises:
            Unavailable: Redis cannot be asked; older ones may be void.
        """
        secret, life = secret or secrets.token_urlsafe(_SECRET_BYTES), milliseconds(lifetime)
        record = json.dumps([_VERSION, subject.kind, subject.key, dict(content or {})])
        sealed = self._secrets.seal(_label(purpose), record.encode())
        await self._redis.write("SET", self._keys.link(purpose, secret), sealed, "PX", life)
        good = self._keys.good_links(subject.kind, subject.key, purpose)
        await self._redis.run(self._scripts["issue"], (good,), (sha256(secret), life, int(limit_one)))
        return secret

    async def claim(self, purpose: LinkPurpose, secret: str) -> Claim | None:
        """Take a link, so that nobody else can use it meanwhile; settle the claim in a `finally`.

        Args:
            purpose: what it is to be used for.
            secret: as the request has it, of any shape.

        Returns:
            None when it is unknown, expired, used, void, of another purpose, or claimed by another request.

        Raises:
            Unavailable: Redis cannot be asked; the link works as before as soon as Redis can.
        """
        link = self._unsealed(purpose, await self._redis.read("GET", self._keys.link(purpose, secret)))
        if link is None:
            return None
        nonce = secrets.token_hex(8)
        settle = partial(self._settle, purpose, link.subject, secret, nonce)
        keys, arguments = self._claimed(purpose, link.subject, secret), (sha256(secret), nonce, self._claim_life)
        with self._undoing.of_lost_answers(partial(settle, "release")):
            is_claimed = await self._redis.run(self._scripts["claim"], keys, arguments)
        return Claim(link, settle, self._undoing) if is_claimed else None

    async def is_good(self, purpose: LinkPurpose, secret: str) -> bool:
        """Say whether a link works, or is just being used; looking takes nothing of it away.

        Args:
            purpose: what it is to be used for.
            secret: as the request has it, of any shape.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        link = self._unsealed(purpose, await self._redis.read("GET", self._keys.link(purpose, secret)))
        if link is None:
            return False
        good = self._keys.good_links(link.subject.kind, link.subject.key, purpose)
        return await self._redis.read("ZSCORE", good, sha256(secret)) is not None

    async def void(self, purpose: LinkPurpose, subject: Subject, secret: str) -> None:
        """Make one link worthless that could not be delivered; never raises.

        One that cannot be voided now expires without anybody having seen it.
        """
        with suppress(Unavailable):
            await self._redis.write("ZREM", self._keys.good_links(subject.kind, subject.key, purpose), sha256(secret))

    async def void_all(self, purpose: LinkPurpose, subject: Subject) -> None:
        """Make every link of a subject for this purpose worthless; one that is claimed goes on to its end.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        await self._redis.write("DEL", self._keys.good_links(subject.kind, subject.key, purpose))

    async def end(self) -> None:
        """Wait for the settling that requests left behind."""
        await self._undoing.end()

    async def _settle(
        self, purpose: LinkPurpose, subject: Subject, secret: str, nonce: str, settlement: claims.Settlement
    ) -> None:
        keys = self._claimed(purpose, subject, secret)
        await self._redis.run(self._scripts["settle"], keys, (sha256(secret), nonce, settlement))

    def _claimed(self, purpose: LinkPurpose, subject: Subject, secret: str) -> tuple[str, str]:
        good = self._keys.good_links(subject.kind, subject.key, purpose)
        return good, self._keys.link_claim(subject.kind, subject.key, purpose, secret)

    def _unsealed(self, purpose: LinkPurpose, sealed: bytes | None) -> _Link | None:
        plain = self._secrets.unseal(_label(purpose), sealed) if sealed else None
        version, *rest = json.loads(plain) if plain else (None,)
        if version != _VERSION:  # nothing there, or another version of the gateway wrote it (security R18)
            return None
        kind, key, content = rest
        return _Link(Subject(kind, key), content)


def _label(purpose: LinkPurpose) -> str:
    return f"link {purpose}"
