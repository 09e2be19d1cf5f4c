"""What setting a password brings about, whatever is lost meanwhile: the process, Redis or Keycloak's answer."""

from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta

from gateway.domain.callers import Caller
from gateway.domain.errors import AccountNotFound, CredentialsRefused, PasswordRefused, Unavailable
from gateway.domain.purposes import LinkPurpose
from gateway.identity.foretold import foretell, postpone
from gateway.identity.notices import Notices
from gateway.identity.ownership import Ownership
from gateway.identity.security_events import SecurityEvents
from gateway.identity.sessions import Sessions, in_any_case
from gateway.keycloak.realm import Realm
from gateway.state.outbox import Parcel
from gateway.state.store import State
from gateway.state.subjects import Subject

MAX_NEW_PASSWORD = 256
"""Longest new password, code points (security S32)."""

EFFECTS = "effects_of_a_new_password"
GENERATED_PASSWORD = "generated_password"  # noqa: S105 - the kind of a parcel
_MAILED_WITHIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Effects:
    """What setting a password brings about.

    Attributes:
        kept: the one session that goes on, or None.
        unlocks: whether the lock-out is lifted, in the gateway and in Keycloak.
        proven: an address that nobody has verified, of whose owner the password is: what strangers may still have of
            the account goes, and the address is verified; empty where there is nothing to be proven.
        mailed: the password, where its owner is to read it in a mail; empty where he knows it.
        is_set: Keycloak has said that the password is set; otherwise it is only foretold.
        before: when the one was set that it replaces, milliseconds since the epoch by Keycloak's clock; 0 for none.
    """

    account_id: str
    kept: str | None = None
    unlocks: bool = False
    proven: str = field(default="", repr=False)
    mailed: str = field(default="", repr=False)
    is_set: bool = False
    before: int = 0

    @classmethod
    def of(cls, parcel: Parcel) -> "Effects":
        """Read what `content` wrote."""
        content = parcel.content
        kept, unlocks = content["kept"] or None, bool(content["unlocks"])
        proven, mailed, is_set = content["proven"], content["mailed"], bool(content["is_set"])
        before = int(content["before"])
        return cls(content["account"], kept, unlocks, proven, mailed, is_set, before)

    def content(self) -> dict[str, str]:
        """Write it for the outbox."""
        return {
            "account": self.account_id,
            "kept": self.kept or "",
            "unlocks": "yes" if self.unlocks else "",
            "proven": self.proven,
            "mailed": self.mailed,
            "is_set": "yes" if self.is_set else "",
            "before": str(self.before),
        }

    @property
    def standing(self) -> bool:
        """Whether access clients end too: a stranger may have made them."""
        return bool(self.proven)


class NewPasswords:
    """Sets passwords; whoever else was signed in as the account is signed out, and its owner is told.

    Access clients stay: they prove themselves by nothing that the password has to do with (cyclos contract section 9).
    Not so where the address is proven by it: until then the account may have been a stranger's (security S18).
    """

    def __init__(
        self,
        realm: Realm,
        state: State,
        sessions: Sessions,
        notices: Notices,
        ownership: Ownership,
        *,
        events: SecurityEvents,
    ) -> None:
        self._realm = realm
        self._state = state
        self._sessions = sessions
        self._notices = notices
        self._ownership = ownership
        self._events = events

    async def set(self, new: str, effects: Effects, caller: Caller | None = None) -> None:
        """Set a password, with all that it brings about.

        It has to be run to its end (`Unfinished.to_the_end`): a request that goes away shall not leave half of it.

        Args:
            new: the password.
            effects: whose, and what it brings about.
            caller: who is told to have proven the address, where that is one of the effects.

        Raises:
            PasswordRefused: it is too long, or the realm's policy says no.
            AccountNotFound: the account has gone meanwhile.
            TooManyAttempts: others have been setting it for too long.
            Unavailable: Keycloak or Redis cannot be asked. If Keycloak did set the password and only its answer was
                lost, the effects follow.
        """
        require_settable(new)
        # One at a time: Keycloak fails at two new passwords for one account at once.
        async with self._state.attempts.slot(Subject.new_password(effects.account_id), at_once=1):
            foretold = await self._foretold_and_set(new, effects)
        brought = replace(effects, is_set=True)
        with suppress(Unavailable):
            # What is certain needs no look at the account later, where a directory may keep the password.
            noted = await self._note(brought)
            await self._state.outbox.take_out(foretold)
            ending = self._sessions.end_all_but(brought.kept, brought.account_id, standing=brought.standing)
            await self._bring_about(brought, ending, caller)
            await self._state.outbox.take_out(noted)

    async def _foretold_and_set(self, new: str, effects: Effects) -> str:
        # Noted first: whatever is lost from here on, the process, Redis or Keycloak's answer, the effects are not.
        before = await self._realm.credentials.password_set_at(effects.account_id)
        foretold = await self._note(replace(effects, before=before))
        try:
            await self._realm.credentials.set_password(effects.account_id, new)
        except (PasswordRefused, AccountNotFound):
            await self._state.outbox.take_out(foretold)
            raise
        return foretold

    async def _note(self, effects: Effects) -> str:
        return await foretell(self._state.outbox, EFFECTS, effects.content())

    async def resume(self, parcel: Parcel) -> None:
        """Let a password have its effects that was set, or that seems to have been set as the parcel foretold.

        Raises:
            Unavailable: Keycloak or Redis cannot be asked; or nothing was set yet, but may still be.
        """
        effects = Effects.of(parcel)
        set_at = await self._realm.credentials.password_set_at(effects.account_id)
        if effects.is_set:
            await self._bring_about_later(effects, set_at or parcel.added_at)
        elif set_at > effects.before:
            await self._bring_about_later(await self._judged(effects), set_at)
            self._events.tell("password_set", "done", account=effects.account_id, reason="resumed")
        else:
            postpone(parcel)

    async def _bring_about_later(self, effects: Effects, begun_until: int) -> None:
        ending = self._sessions.end_in_keycloak(
            effects.kept, effects.account_id, begun_until=begun_until, standing=effects.standing
        )
        await self._bring_about(effects, ending)

    async def _bring_about(self, effects: Effects, ending: Awaitable[None], caller: Caller | None = None) -> None:
        works = [ending, self._lift_lock(effects.account_id)] if effects.unlocks else [ending]
        try:
            # First: a sign-in that goes on beside it has a session by the time they are listed, or gets none any more.
            await self._void_what_was_open(effects)
        finally:
            await in_any_case(*works)
        if effects.proven and effects.is_set:
            await self._ownership.confirm_address(effects.account_id, effects.proven, caller)
        # Last: what was cut off is done again, and the owner is not told twice.
        if effects.mailed:
            content = {"account": effects.account_id, "password": effects.mailed}
            await self._state.outbox.add(GENERATED_PASSWORD, content, _MAILED_WITHIN)
        await self._notices.password_changed(effects.account_id)

    async def _judged(self, effects: Effects) -> Effects:
        """Say whether the account's password is the one that was foretold: a stranger may have set another one.

        It is known here only where it is to be mailed. Otherwise strangers lose what they have, but nothing is proven.
        """
        account = await self._realm.users.get(effects.account_id) if effects.mailed else None
        name = await self._realm.users.login_name(account) if account else None
        if name is None:
            return replace(effects, mailed="")
        # Keycloak refuses whoever it has locked, right or wrong.
        await self._realm.users.lift_lock(effects.account_id)
        try:
            await self._realm.factors.check_password(name, effects.mailed)
        except CredentialsRefused:
            if await self._realm.users.is_locked(effects.account_id):
                raise Unavailable("keycloak") from None
            return replace(effects, mailed="")
        return replace(effects, is_set=True)

    async def _lift_lock(self, account_id: str) -> None:
        await in_any_case(self._lift(account_id), self._realm.users.lift_lock(account_id))

    async def _lift(self, account_id: str) -> None:
        if await self._state.attempts.lift(account_id):
            self._events.tell("account_unlocked", "done", account=account_id, reason="new_password")

    async def _void_what_was_open(self, effects: Effects) -> None:
        """End sign-ins under way, codes and links: whoever had them may be why the password was changed (S21)."""
        account_id, subject = effects.account_id, Subject.account(effects.account_id)
        try:
            # To its end before tries are outdated: who is signed in by a link until then has a session, or gets none.
            if effects.proven:
                await self._ownership.drop_other_ways(account_id, effects.proven)
        finally:
            await in_any_case(
                self._state.attempts.outdate(account_id),
                self._state.sign_in_sessions.end_all(account_id),
                self._state.one_time_codes.void_all(subject),
                self._state.links.void_all(LinkPurpose.RESET, subject),
            )


def require_settable(new: str) -> None:
    """Refuse a new password before Keycloak is asked to hash it.

    Raises:
        PasswordRefused: it is too long.
    """
    if len(new) > MAX_NEW_PASSWORD:
        raise PasswordRefused(f"The new password must not be longer than {MAX_NEW_PASSWORD} characters")
