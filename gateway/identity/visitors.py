"""Who is asking: by a session, a program's token or a password (cyclos contract sections 3 and 5)."""

from dataclasses import replace
from datetime import timedelta

from gateway.domain.access_clients import AccessClient
from gateway.domain.callers import Caller
from gateway.domain.errors import CredentialsRefused, NotSignedIn, SessionNeeded, SignInOrganizationUnknown
from gateway.domain.organizations import Organization
from gateway.domain.proofs import Proof
from gateway.domain.visits import Offered, OfferedPassword, OpaqueSession, Visitor
from gateway.identity.access_clients import AccessClients
from gateway.identity.current_users import CurrentUser, CurrentUsers
from gateway.identity.named_passwords import Authenticated, NamedPasswords
from gateway.identity.opaque_sessions import OpaqueSessions
from gateway.identity.proven_steps import ProvenSteps
from gateway.identity.second_proofs import SecondProofs
from gateway.keycloak.realm import Realm


class Visitors:
    """Takes the first of what is offered; a bad one never leads to the next, or who was ended would be somebody else.

    Attributes:
        second_proof: what is asked for beside a password, or None.
    """

    def __init__(  # noqa: PLR0913 - the rooms it needs
        self,
        realm: Realm,
        sessions: OpaqueSessions,
        passwords: NamedPasswords,
        clients: AccessClients,
        second_proofs: SecondProofs,
        *,
        current_users: CurrentUsers,
        proven_steps: ProvenSteps,
        second_proof: Proof | None,
    ) -> None:
        """Take what it works with.

        Args:
            second_proof: what is asked for beside a password, or None.
        """
        self._realm = realm
        self._sessions = sessions
        self._passwords = passwords
        self._clients = clients
        self._second_proofs = second_proofs
        self._current_users = current_users
        self._proven_steps = proven_steps
        self.second_proof = second_proof

    async def identify(self, offered: Offered, caller: Caller) -> Visitor | None:
        """Find out who is asking; None for a guest.

        Raises:
            SessionOver: the session is unknown, over, or another organization's.
            AccessClientRefused: the program's token is not good.
            CredentialsRefused: it is, but its person is no member of the organization.
            SessionNeeded: a password is not enough here.
            SignInOrganizationUnknown: there is no such organization.
            Unavailable: Keycloak or Redis cannot be asked.

        And of a password, whatever `NamedPasswords.prove` raises.
        """
        organization = await self._organization(offered.organization)
        if offered.session is not None:
            session = await self._sessions.find(offered.session, organization, caller)
            return _by_session(session, offered.session)
        if offered.access_client is not None:
            return _as_client(await self._client(offered.access_client, organization, caller))
        if offered.password is None:
            return None
        if self.second_proof is not None:
            raise SessionNeeded
        return _by_password(await self._passwords.prove(offered.password, organization, caller))

    async def sign_in(self, offered: Offered, lasting: timedelta | None, caller: Caller) -> CurrentUser:
        """Begin a session, and say whose; it awaits the second proof where one is asked for.

        Args:
            offered: what to sign in by.
            lasting: how long the session lasts without being used; None for what is set.
            caller: who is asking.

        Raises:
            NotSignedIn: nothing to sign in by.
            AccessClientRefused: the program's token is not good.
            SignInOrganizationUnknown: there is no such organization.
            Unavailable: Keycloak or Redis cannot be asked.

        And of a password, whatever `NamedPasswords.sign_in` raises; `ProofMissing` where a second proof is asked for
        that the person could never give.
        """
        organization = await self._organization(offered.organization)
        if offered.access_client is not None:
            client = await self._client(offered.access_client, organization, caller)
            return await self._begun_by(client, offered.access_client, organization, lasting, caller)
        if offered.password is None:
            raise NotSignedIn
        return await self._begun(offered.password, organization, lasting, caller)

    async def sign_out(self, offered: Offered, caller: Caller) -> None:
        """End the session.

        Raises:
            NotSignedIn: none was offered.
            SessionOver: it is unknown, over, or another organization's.
            SignInOrganizationUnknown: there is no such organization.
            Unavailable: Keycloak or Redis cannot be asked; asking again is safe.
        """
        organization = await self._organization(offered.organization)
        if offered.session is None:
            raise NotSignedIn
        session = await self._sessions.find(offered.session, organization, caller)
        await self._sessions.end(offered.session, session, caller)

    async def _begun(
        self, password: OfferedPassword, organization: Organization | None, lasting: timedelta | None, caller: Caller
    ) -> CurrentUser:
        if self.second_proof is not None:
            # Before the password is judged: who resets it meanwhile ends what the old one begins (security S21).
            begun = await self._sessions.now()
            who = await self._passwords.begin(password, organization, caller, self.second_proof)
            await self._second_proofs.require_possible(who.account.id, caller)
            user = await self._current_users.of(_by_password(who))
            return _with(user, *await self._sessions.begin_pending(_whose(who, organization), lasting, begun))
        who, tokens = await self._passwords.sign_in(password, organization, caller)
        async with self._proven_steps.ended_on_failure(tokens):
            user = await self._current_users.of(_by_password(who))
            return _with(user, *await self._sessions.begin(_whose(who, organization), tokens, lasting))

    async def _begun_by(
        self,
        client: AccessClient,
        token: str,
        organization: Organization | None,
        lasting: timedelta | None,
        caller: Caller,
    ) -> CurrentUser:
        """Begin a session that stands for the client's own in Keycloak, which goes on without it."""
        user = await self._current_users.of(_as_client(client))
        tokens = await self._clients.sign_in(token, caller)
        return _with(user, *await self._sessions.begin(_acting(client, organization), tokens, lasting))

    async def _client(self, token: str, organization: Organization | None, caller: Caller) -> AccessClient:
        client = await self._clients.recognise(token, caller)
        if organization and not await self._realm.organizations.has_member(organization, client.account_id):
            raise CredentialsRefused
        return client

    async def _organization(self, alias: str | None) -> Organization | None:
        if alias is None:
            return None
        found = await self._realm.organizations.find(alias)
        # An id would do for Keycloak, but is no name of ours.
        if found is None or found.alias != alias:
            raise SignInOrganizationUnknown
        return found


def _whose(who: Authenticated, organization: Organization | None) -> OpaqueSession:
    return OpaqueSession(who.account.id, who.principal, None, organization.id if organization else None)


def _as_client(client: AccessClient) -> Visitor:
    return Visitor(client.account_id, None, client)


def _acting(client: AccessClient, organization: Organization | None) -> OpaqueSession:
    return OpaqueSession(client.account_id, None, client, organization.id if organization else None)


def _by_password(who: Authenticated) -> Visitor:
    return Visitor(who.account.id, who.principal)


def _with(user: CurrentUser, token: str, session: OpaqueSession) -> CurrentUser:
    return replace(user, visitor=_by_session(session, token))


def _by_session(session: OpaqueSession, token: str) -> Visitor:
    return Visitor(session.account_id, session.principal, session.access_client, session, token)
