"""Sessions that an opaque token stands for (cyclos contract section 6, security S9, S45).

A session is found by its token only, and what is kept of it can be read with the token at hand and in no other way.
"""

import json
import secrets
import string
from collections.abc import Awaitable, Callable
from dataclasses import astuple, dataclass, field, replace
from datetime import timedelta
from functools import partial

from gateway.domain.access_clients import AccessClient
from gateway.domain.visits import NameKind, OpaqueSession, Principal
from gateway.state import turns
from gateway.state.connection import Connection
from gateway.state.keys import Keys
from gateway.state.secrets import Secrets
from gateway.state.times import milliseconds
from gateway.state.undoing import Undoing

TOKEN_LENGTH = 64
_CHARACTERS = string.ascii_letters + string.digits
_PURPOSE = "opaque-session"
_VERSION = 2


@dataclass(frozen=True, slots=True)
class FoundSession:
    """A session that is there.

    Attributes:
        session: what is kept of it.
        is_due: Keycloak has to be asked before it counts; end that by `goes_on` or `give_back`.
    """

    session: OpaqueSession
    is_due: bool
    _settle: Callable[..., Awaitable[bool]] = field(repr=False, compare=False)
    _undoing: Undoing = field(repr=False, compare=False)

    async def goes_on(self, refresh_token: str = "") -> bool:
        """Note that Keycloak lets it go on.

        Args:
            refresh_token: from now on; empty for the one there is.

        Returns:
            False when it has ended meanwhile.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        return await self._settle(replace(self.session, refresh_token=refresh_token) if refresh_token else "")

    async def give_back(self) -> None:
        """Let others ask Keycloak; never raises, since a turn ends by itself."""
        await self._undoing.of(self._settle)


class OpaqueSessions:
    """Begins sessions, finds them, completes and ends them."""

    def __init__(self, redis: Connection, keys: Keys, secrets: Secrets, *, deadline: timedelta) -> None:
        """Take what they are made of.

        Args:
            redis: where they are kept.
            keys: what they are called.
            secrets: seals what is kept.
            deadline: longest time a request may take; a turn that was never ended expires after twice that.
        """
        self._redis = redis
        self._keys = keys
        self._secrets = secrets
        self._turn_life = milliseconds(2 * deadline)
        self._patience = deadline.total_seconds()
        self._begin = redis.script("begin_opaque_session")
        self._use = redis.script("use_opaque_session")
        self._settle = redis.script("settle_opaque_session")
        self._complete = redis.script("complete_opaque_session")
        self._end_pending = redis.script("end_pending_session")
        self._undoing = Undoing()

    async def now(self) -> int:
        """Return the time by which sessions begin, in milliseconds since the epoch.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        seconds, microseconds = map(int, await self._redis.read("TIME"))
        return seconds * 1000 + microseconds // 1000

    async def begin(
        self, session: OpaqueSession, lasting: timedelta, *, pending_for: timedelta, begun: int | None = None
    ) -> str:
        """Begin a session.

        Args:
            session: what is to be known of it.
            lasting: how long it lasts without being used.
            pending_for: how long a second proof is awaited, where one is; no use makes that longer.
            begun: when, by `now`, where that was before; what ends sessions afterwards ends this one.

        Returns:
            Its token: two halves of 190 random bits each, told to nobody else.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        token = "".join(secrets.choice(_CHARACTERS) for _ in range(TOKEN_LENGTH))
        life = milliseconds(pending_for if session.is_pending else lasting)
        arguments = (self._sealed(token, session), milliseconds(lasting), int(session.is_pending), life)
        await self._redis.run(self._begin, (self._keys.opaque_session(token),), (*arguments, begun or ""))
        return token

    async def use(self, token: str, word_counts: timedelta) -> FoundSession | None:
        """Find a session and renew its timeout, or get the turn to ask Keycloak first; wait while another has it.

        Args:
            token: as the request has it, of any shape.
            word_counts: how long after Keycloak was asked it need not be asked again.

        Returns:
            None when it is unknown, expired, ended or of another version.

        Raises:
            Unavailable: Redis cannot be asked, or another takes too long.
        """
        nonce = secrets.token_hex(8)
        settle = partial(self._settled, token, nonce)
        asking = partial(self._asked, token, nonce, word_counts, settle)
        verdict, *kept = await turns.awaited(asking, self._patience)
        return await self._found(token, kept, settle, is_due=verdict == b"due") if kept else None

    async def complete(self, token: str, session: OpaqueSession) -> bool:
        """Make a full session of one that awaited a second proof, under the same token.

        Call it when Keycloak's session has begun: a new password ends that one then, or this one here.

        Args:
            token: the session's.
            session: what is to be known of it now.

        Returns:
            False when it was awaiting none: it has ended, or another request has completed it.

        Raises:
            Unavailable: Redis cannot be asked; it may be completed.
        """
        key, ended_until = self._keys.opaque_session(token), await self._ended_until(session.account_id)
        return bool(await self._redis.run(self._complete, (key,), (self._sealed(token, session), ended_until)))

    async def end_one(self, token: str) -> None:
        """End a session; one already gone is fine.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        await self._redis.write("DEL", self._keys.opaque_session(token))

    async def end_pending(self, token: str) -> None:
        """End a session that awaits a second proof; one that does not goes on.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        await self._redis.run(self._end_pending, (self._keys.opaque_session(token),), ())

    async def end(self) -> None:
        """Wait for the turns that requests left behind."""
        await self._undoing.end()

    async def _asked(
        self, token: str, nonce: str, word_counts: timedelta, settle: Callable[..., Awaitable[bool]]
    ) -> tuple[bytes, ...] | None:
        """Return `good` or `due` with what is kept, `none` alone for none, and None while another has the turn."""
        # Milliseconds here, of which 0 is one: then Keycloak is asked every time.
        span = word_counts // timedelta(milliseconds=1)
        with self._undoing.of_lost_answers(settle):
            verdict, *kept = await self._redis.run(
                self._use, (self._keys.opaque_session(token),), (nonce, span, self._turn_life)
            ) or (b"none",)
        return None if verdict == b"taken" else (verdict, *kept)

    async def _found(
        self, token: str, kept: list[bytes], settle: Callable[..., Awaitable[bool]], *, is_due: bool
    ) -> FoundSession | None:
        sealed, begun = kept
        plain = self._secrets.unseal(_PURPOSE, sealed, beside=token)
        session = _read(plain) if plain is not None else None
        if session is None:
            return None
        if session.has_no_own_end and int(begun) <= await self._ended_until(session.account_id):
            await self.end_one(token)  # or it would count again when the mark is forgotten
            return None
        return FoundSession(session, is_due, settle, self._undoing)

    async def _ended_until(self, account_id: str) -> int:
        """Say until when what the account had begun to sign in to was ended, as by a new password (security S21)."""
        return int(await self._redis.read("GET", self._keys.ended_sign_ins(account_id)) or 0)

    async def _settled(self, token: str, nonce: str, going_on: OpaqueSession | str | None = None) -> bool:
        content: tuple[bytes | str, ...] = ()
        if going_on is not None:
            content = (going_on if isinstance(going_on, str) else self._sealed(token, going_on),)
        return bool(await self._redis.run(self._settle, (self._keys.opaque_session(token),), (nonce, *content)))

    def _sealed(self, token: str, session: OpaqueSession) -> bytes:
        return self._secrets.seal(_PURPOSE, json.dumps([_VERSION, *astuple(session)]).encode(), beside=token)


def _read(plain: bytes) -> OpaqueSession | None:
    """Read what was kept, or return None when another version of the gateway wrote it (security R18)."""
    version, *written = json.loads(plain)
    if version != _VERSION:
        return None
    account_id, principal, client, *rest = written
    try:
        named = Principal(NameKind(principal[0]), principal[1]) if principal else None
    except ValueError:  # a kind of name that only newer replicas know
        return None
    return OpaqueSession(account_id, named, AccessClient(*client) if client else None, *rest)
