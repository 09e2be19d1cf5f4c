"""The people behind accounts, by the address they sign in with."""

from dataclasses import dataclass

from gateway.domain.accounts import Account, Profile
from gateway.domain.callers import Caller
from gateway.domain.errors import AccountNotFound, TokenRefused
from gateway.domain.organizations import Organization
from gateway.domain.sign_in_methods import SignInMethod
from gateway.domain.tokens import Tokens
from gateway.identity.guesses import Guesses
from gateway.identity.organization_steps import OrganizationSteps
from gateway.identity.sessions import Sessions
from gateway.keycloak.realm import Realm
from gateway.state.subjects import Subject


@dataclass(frozen=True, slots=True)
class Renewed:
    """Tokens anew, and whose they are.

    Attributes:
        organization: the one the person signs in with, or None.
        administers: whether the person is in the organization's group of administrators.
        realm: name of the realm, which stands for the organization of who has none.
    """

    tokens: Tokens
    profile: Profile
    organization: Organization | None
    administers: bool
    realm: str


@dataclass(frozen=True, slots=True)
class PasswordStatus:
    """What services ask about a person's password.

    Attributes:
        is_set: there is one.
        is_accepted: the person's organization lets people sign in by password, at some step.
    """

    is_set: bool
    is_accepted: bool


class People:
    """What is told of people to themselves and to the organization's services."""

    def __init__(
        self, realm: Realm, guesses: Guesses, sessions: Sessions, steps: OrganizationSteps, admins_group: str
    ) -> None:
        self._realm = realm
        self._guesses = guesses
        self._sessions = sessions
        self._steps = steps
        self._admins_group = admins_group

    async def renewed(self, refresh_token: str, caller: Caller) -> Renewed:
        """Exchange a refresh token for an access token, and say whose it is (pipeshub contract section 10).

        Raises:
            TokenRefused: not a good refresh token of ours.
            AccountNotFound: the account it belongs to has been deleted.
            AccountLocked: too many wrong tries; the session itself goes on.
            Unavailable: Keycloak or Redis cannot be asked.
        """
        tokens = await self._tokens(refresh_token, caller)
        profile = await self._realm.profiles.of(self._realm.tokens.presented(refresh_token).account_id)
        if profile is None:
            raise AccountNotFound
        await self._guesses.require_open(Subject.account(profile.account.id))
        organization = await self._steps.organization_of(profile.account.email or "", profile.account)
        administers = await self._administers(organization, profile.account)
        return Renewed(tokens, profile, organization, administers, self._realm.name)

    async def password_status(self, account_id: str | None) -> PasswordStatus:
        """Say whether an account has a password, and whether that is a way in.

        Raises:
            AccountNotFound: there is no such account, or it is disabled.
            Unavailable: Keycloak cannot be asked.
        """
        account = await self._realm.users.get(account_id) if account_id else None
        if account is None or not account.enabled:
            raise AccountNotFound
        is_set = await self._realm.credentials.has_password(account.id)
        methods = await self._steps.methods_of(account.email or "", account)
        return PasswordStatus(is_set, SignInMethod.PASSWORD in methods)

    async def _tokens(self, refresh_token: str, caller: Caller) -> Tokens:
        try:
            return await self._sessions.refresh(refresh_token, caller)
        except TokenRefused:
            # Keycloak says the same of an ended session and of a deleted account.
            if await self._realm.users.get(self._realm.tokens.presented(refresh_token).account_id) is not None:
                raise
        # Nobody has verified the token so far, and whoever makes one up shall not learn who has an account (S25): what
        # ends a session is refused for any but a genuine one, also when the session is over.
        await self._realm.tokens.end_session(refresh_token)
        raise AccountNotFound

    async def _administers(self, organization: Organization | None, account: Account) -> bool:
        if organization is None:
            return False
        return await self._realm.organizations.is_in_group(organization, account.id, self._admins_group)
