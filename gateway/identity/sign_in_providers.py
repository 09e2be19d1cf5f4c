"""Which identity provider each external method means to an organization's people (pipeshub contract section 4)."""

from collections.abc import Mapping

from gateway.domain.identity_providers import IdentityProvider
from gateway.domain.organizations import Organization
from gateway.domain.sign_in_methods import SignInMethod, SignInSteps
from gateway.keycloak.realm import Realm


class SignInProviders:
    """Reads them from Keycloak, at most a few seconds late."""

    def __init__(self, realm: Realm, aliases: Mapping[SignInMethod, str], creating: frozenset[SignInMethod]) -> None:
        """Take the rules.

        Args:
            aliases: the realm's name of each method's provider.
            creating: methods by which accounts are made.
        """
        self._realm = realm
        self._aliases = aliases
        self.creating = creating

    async def of(
        self, steps: SignInSteps, organization: Organization | None
    ) -> Mapping[SignInMethod, IdentityProvider]:
        """Return the providers of those methods of any step that have one which can be used.

        Raises:
            Unavailable: Keycloak cannot be asked, which it is only when there is such a method.
        """
        found: dict[SignInMethod, IdentityProvider] = {}
        for method in _external(steps):
            provider = await self._realm.providers.meant_by(self._aliases[method], organization)
            if provider is not None and provider.serves(method):
                found[method] = provider
        return found

    async def of_organization(
        self, steps: SignInSteps, organization_id: str | None
    ) -> Mapping[SignInMethod, IdentityProvider]:
        """Do as `of`, for an organization of which only the id is known; none when it has gone or is switched off.

        Raises:
            Unavailable: as there.
        """
        if not _external(steps):
            return {}
        if organization_id is None:
            return await self.of(steps, None)
        organization = await self._realm.organizations.find(organization_id)
        # Not the realm's own providers instead: its people are not sent elsewhere.
        return {} if organization is None else await self.of(steps, organization)


def _external(steps: SignInSteps) -> list[SignInMethod]:
    return [method for step in steps for method in step if method.is_external]
