"""What an operator does about a lock."""

from gateway.domain.accounts import normalise_name
from gateway.domain.errors import AccountNotFound
from gateway.identity.security_events import SecurityEvents
from gateway.keycloak.realm import Realm
from gateway.state.attempts import Attempts


class Locks:
    """Lifts them."""

    def __init__(self, realm: Realm, attempts: Attempts, events: SecurityEvents) -> None:
        self._realm = realm
        self._attempts = attempts
        self._events = events

    async def lift(self, name: str) -> str:
        """Forget an account's wrong tries, here and in Keycloak's own detection.

        Args:
            name: e-mail address or user name.

        Returns:
            Keycloak user id.

        Raises:
            AccountNotFound: nobody has that name, or one has it as a user name and another as an address.
            Unavailable: Keycloak or Redis cannot be asked.
        """
        normalised = normalise_name(name)
        account = await self._realm.users.find_only(normalised) if normalised else None
        if account is None:
            raise AccountNotFound
        await self._attempts.lift(account.id)
        await self._realm.users.lift_lock(account.id)
        self._events.tell("account_unlocked", "done", account=account.id)
        return account.id
