"""Whom a name means, where people sign in by several kinds of names (cyclos contract sections 3 and 7)."""

from collections.abc import Sequence

from gateway.domain.accounts import Account
from gateway.domain.errors import NameKindRefused
from gateway.domain.phones import normalise_number
from gateway.domain.visits import NameKind
from gateway.keycloak.realm import Realm

ANY_KIND = "*"
_ORDER = (NameKind.EMAIL, NameKind.USERNAME, NameKind.PHONE)
"""As Keycloak's own sign-in looks: for addresses first."""


class Principals:
    """Looks for people by the kinds of names that are set."""

    def __init__(self, realm: Realm, kinds: Sequence[NameKind], phone_attribute: str) -> None:
        """Take where to look, and for what.

        Args:
            kinds: what people may sign in by.
            phone_attribute: of people, which holds their phone number.
        """
        self._realm = realm
        self._kinds = kinds
        self._phone_attribute = phone_attribute

    def kinds_called(self, word: str) -> Sequence[NameKind]:
        """Return the kinds that a caller means.

        Args:
            word: of one kind, `*` or nothing for all of them.

        Raises:
            NameKindRefused: nobody signs in by that.
        """
        if word in ("", ANY_KIND):
            return self._kinds
        called = [kind for kind in self._kinds if kind.value == word]
        if not called:
            raise NameKindRefused
        return called

    async def find(self, name: str, kinds: Sequence[NameKind]) -> tuple[Account, NameKind] | None:
        """Find the account that a name means, and what the name is to it.

        Args:
            name: normalised (`domain.accounts.normalise_name`).
            kinds: those that count.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        for kind in _ORDER:
            account = await self._of(kind, name) if kind in kinds else None
            if account is not None:
                return account, kind
        return None

    async def find_forgetful(self, name: str) -> Account | None:
        """Find the account of somebody who has forgotten the password, by any of these kinds of names or the address.

        Args:
            name: normalised (`domain.accounts.normalise_name`).

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        found = await self.find(name, (*self._kinds, NameKind.EMAIL))
        return found[0] if found else None

    async def _of(self, kind: NameKind, name: str) -> Account | None:
        match kind:
            case NameKind.USERNAME:
                return await self._realm.users.find_by_username(name)
            case NameKind.EMAIL:
                return await self._realm.users.find_by_email(name) if "@" in name else None
        number = normalise_number(name)
        return await self._realm.profiles.find_by_attribute(self._phone_attribute, number) if number else None
