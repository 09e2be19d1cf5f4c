"""The realm's own options that the gateway has to follow."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from pydantic import TypeAdapter

from gateway.domain.errors import Unavailable
from gateway.keycloak.admin import Admin
from gateway.keycloak.written import Written

_LIFETIME = 60.0


class _Realm(Written):
    # Without the role view-realm Keycloak tells the first and keeps the others to itself.
    brute_force_protected: bool = True
    login_with_email_allowed: bool = True
    password_policy: str = ""


_REALM = TypeAdapter(_Realm)


@dataclass(frozen=True, slots=True)
class RealmOptions:
    """What an administrator has chosen for the realm.

    Attributes:
        brute_force_detection: Keycloak counts failures itself.
        sign_in_by_email: an e-mail address will do for a user name.
        password_policy: what passwords have to be like, in Keycloak's own words.
    """

    brute_force_detection: bool
    sign_in_by_email: bool
    password_policy: str


class Options:
    """Asks for the options at most once a minute; while Keycloak is down, the last ones go on."""

    def __init__(self, admin: Admin, clock: Callable[[], float]) -> None:
        """Take whom to ask.

        Args:
            admin: the admin API.
            clock: seconds that only go up.
        """
        self._admin = admin
        self._clock = clock
        self._known: RealmOptions | None = None
        self._asked_at = 0.0
        self._lock = asyncio.Lock()

    async def current(self) -> RealmOptions:
        """Return the options as of the last minute.

        Raises:
            Unavailable: they were never known and Keycloak cannot be asked.
        """
        if self._known is None or self._is_old():
            async with self._lock:
                await self._ask()
        if self._known is None:
            raise Unavailable("keycloak")
        return self._known

    def _is_old(self) -> bool:
        return self._clock() - self._asked_at >= _LIFETIME

    async def _ask(self) -> None:
        if self._known is not None and not self._is_old():
            return
        self._asked_at = self._clock()
        try:
            realm = (await self._admin.get()).read("realm", _REALM)
        except Unavailable:
            if self._known is None:
                raise
            return
        self._known = RealmOptions(realm.brute_force_protected, realm.login_with_email_allowed, realm.password_policy)
