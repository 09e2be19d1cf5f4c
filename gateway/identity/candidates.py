"""Who is about to sign in, and to what."""

import asyncio
from dataclasses import dataclass

from gateway.domain.accounts import Account
from gateway.domain.errors import AddressNotVerified, NoOrganization
from gateway.domain.organizations import Organization
from gateway.keycloak.realm import Realm


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody whose password is about to be tried.

    Attributes:
        name: the name that means the account to Keycloak's sign-in.
        organizations: those to sign in to.
        second_factor: a code generator is enrolled, and the gateway can check its codes.
        in_organizations: people sign in to one of their organizations.
    """

    account: Account
    name: str
    organizations: tuple[Organization, ...]
    second_factor: bool
    in_organizations: bool

    @property
    def is_complete_by_password(self) -> bool:
        """Whether a right password is all it takes."""
        is_settled = len(self.organizations) == 1 if self.in_organizations else True
        return self.account.email_verified and is_settled and not self.second_factor

    @property
    def organization(self) -> Organization | None:
        """The one to sign in to."""
        return next(iter(self.organizations), None)

    def require_verified(self) -> None:
        """Refuse whose address nobody has shown to receive mail at, although the password is right.

        Raises:
            AddressNotVerified: so it is.
        """
        if not self.account.email_verified:
            raise AddressNotVerified

    def require_admissible(self) -> None:
        """Refuse who may not sign in although the password is right, and no action is due.

        Raises:
            AddressNotVerified: nobody has shown to receive mail at the address.
            NoOrganization: a member of none, where that counts.
        """
        self.require_verified()
        if self.in_organizations and not self.organizations:
            raise NoOrganization


class Candidates:
    """Looks up what decides how a person signs in."""

    def __init__(self, realm: Realm, *, in_organizations: bool) -> None:
        """Take where to look.

        Args:
            in_organizations: people sign in to one of their organizations.
        """
        self._realm = realm
        self._in_organizations = in_organizations

    async def of(self, account: Account) -> Candidate | None:
        """Return the candidate behind an account; None when its password cannot be tried.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        name, profile, organizations = await asyncio.gather(
            self._realm.users.login_name(account),
            self._realm.profiles.of(account.id),
            self.organizations_of(account.id),
        )
        if name is None or profile is None:
            return None
        # Where the gateway cannot check codes, the realm's own flow refuses whoever would need one.
        second_factor = profile.second_factor and self._realm.factors.checks_codes
        return Candidate(profile.account, name, organizations, second_factor, self._in_organizations)

    async def organizations_of(self, account_id: str) -> tuple[Organization, ...]:
        """List what a person may sign in to, by alias; Keycloak drops the scope of another one without a word.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        if not self._in_organizations:
            return ()
        return tuple(sorted(await self._realm.organizations.of_member(account_id), key=lambda each: each.alias))
