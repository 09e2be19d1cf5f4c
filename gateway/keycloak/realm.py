"""The realm as the use-cases see it: every room's part of Keycloak, on one connection."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Self

from gateway.domain.findings import Finding
from gateway.domain.password_rules import PasswordPolicy
from gateway.keycloak.access_tokens import AccessTokens
from gateway.keycloak.admin import Admin, ServiceAccount
from gateway.keycloak.administrators import Administrators
from gateway.keycloak.calls import ClientCalls
from gateway.keycloak.clients import clients_of
from gateway.keycloak.code_flow import CodeFlow
from gateway.keycloak.connection import Connection
from gateway.keycloak.credentials import Credentials
from gateway.keycloak.endpoints import Endpoints
from gateway.keycloak.examination import Examination
from gateway.keycloak.factors import Factors
from gateway.keycloak.identity_links import IdentityLinks
from gateway.keycloak.memberships import Memberships
from gateway.keycloak.new_accounts import NewAccounts
from gateway.keycloak.options import Options
from gateway.keycloak.organizations import Organizations
from gateway.keycloak.profiles import Profiles
from gateway.keycloak.providers import Providers
from gateway.keycloak.roles_and_groups import RolesAndGroups
from gateway.keycloak.sessions import Sessions
from gateway.keycloak.setup import Setup
from gateway.keycloak.signing_keys import signing_keys
from gateway.keycloak.tokens import TokenEndpoint
from gateway.keycloak.users import Users
from gateway.settings import KeycloakSettings


class Realm:
    """One realm of one Keycloak.

    Attributes:
        name: the realm's.
        tokens: sign in, refresh, end a session, ask whether a token is live.
        factors: find out whether a password or code is right.
        code_flow: sign-in on Keycloak's own pages.
        access_tokens: tokens verified locally.
        users: accounts looked up.
        administrators: who may administer the realm.
        profiles: the people behind them.
        credentials: passwords set and taken away.
        identity_links: identities at other providers.
        providers: those providers.
        sessions: sessions listed and ended.
        organizations: organizations, their members and groups.
        memberships: people put into organizations.
        roles_and_groups: given to people.
        new_accounts: accounts made, and unmade.
    """

    def __init__(self, connection: Connection, settings: KeycloakSettings, clock: Callable[[], float]) -> None:
        """Build the parts.

        Args:
            connection: to Keycloak.
            settings: which realm, and as whom.
            clock: seconds since the epoch.
        """
        ticks = asyncio.get_running_loop().time
        self.name = settings.realm
        self._connection = connection
        self._endpoints = Endpoints(settings.realm)
        issuer = settings.issuer or settings.url.rstrip("/") + self._endpoints.realm
        clients = clients_of(settings, issuer, clock)
        keys = signing_keys(connection, self._endpoints.keys, settings.keys_lifetime.total_seconds(), ticks)
        admin = Admin(connection, self._endpoints, ServiceAccount(connection, self._endpoints, clients.admin, ticks))
        self._options = Options(admin, ticks)
        self._admin = admin
        self._setup = Setup(connection, self._endpoints, clients, admin, issuer)
        self._examination = Examination(self._setup, admin, clients, settings.access_token_lifetime)
        scope = " ".join(("openid", *settings.scopes))
        calls = ClientCalls(connection, self._endpoints)
        self.tokens = TokenEndpoint(calls, self._endpoints, clients, scope)
        self.factors = Factors(calls, clients)
        self.code_flow = CodeFlow(connection, self._endpoints, clients.gateway, issuer, scope)
        self.access_tokens = AccessTokens(keys, issuer, clients, settings, clock)
        self.users = Users(admin, self._options)
        self.administrators = Administrators(admin)
        self.profiles = Profiles(admin)
        self.credentials = Credentials(admin)
        self.identity_links = IdentityLinks(admin)
        self.providers = Providers(admin, ticks)
        self.sessions = Sessions(admin, clients.verified.id)
        self.organizations = Organizations(admin)
        self.memberships = Memberships(admin)
        self.roles_and_groups = RolesAndGroups(admin)
        self.new_accounts = NewAccounts(admin)

    @classmethod
    @asynccontextmanager
    async def open(cls, settings: KeycloakSettings, clock: Callable[[], float]) -> AsyncIterator[Self]:
        """Open the realm; Keycloak need not be up (security R14).

        Args:
            settings: which realm, and as whom.
            clock: seconds since the epoch.
        """
        async with Connection.open(settings) as connection:
            realm = cls(connection, settings, clock)
            try:
                yield realm
            finally:
                await realm.factors.finish()

    async def ping(self) -> None:
        """Have Keycloak answer for this realm.

        Raises:
            Unavailable: it does not.
        """
        answer = await self._connection.request("GET", self._endpoints.realm)
        answer.require("realm", HTTPStatus.OK)

    async def brute_force_detection(self) -> bool:
        """Say whether Keycloak's own brute-force detection is on, as of the last minute.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        return (await self._options.current()).brute_force_detection

    async def password_policy(self) -> PasswordPolicy:
        """Return what the realm's policy demands of passwords, as of the last minute.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        return PasswordPolicy.of((await self._options.current()).password_policy)

    async def password_lengths(self) -> tuple[int | None, int | None]:
        """Say how many characters a password has at least and at most, as of the last minute; None for not said.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        policy = await self.password_policy()
        return policy.at_least or None, policy.at_most

    async def check_setup(self) -> list[str]:
        """List what keeps the gateway from working with this realm, each a sentence with its remedy.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        return await self._setup.faults()

    async def examine(self, *, needs_organizations: bool) -> list[Finding]:
        """List what should be mended in this realm; what keeps the gateway from working at all comes alone.

        Args:
            needs_organizations: somebody is let in only as a member of one.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        return await self._examination.findings(needs_organizations=needs_organizations)

    async def clock(self) -> int:
        """Return the second of Keycloak's clock, since the epoch.

        Raises:
            Unavailable: Keycloak cannot be asked, or refuses the service account.
        """
        return await self._admin.clock()
