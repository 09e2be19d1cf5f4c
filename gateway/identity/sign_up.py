"""People who make themselves an account (nap contract section 4.8)."""

from gateway.domain.accounts import NewPerson
from gateway.domain.callers import Caller
from gateway.domain.errors import (
    AccountRefused,
    AddressTaken,
    GatewayError,
    InvitationRefused,
    InvitationUnusable,
    PasswordRefused,
    Unavailable,
)
from gateway.identity.admissions import Admission, Admissions
from gateway.identity.security_events import SecurityEvents
from gateway.identity.whole_accounts import WholeAccounts
from gateway.state.store import State

_REASONS: dict[type[GatewayError], str] = {
    InvitationRefused: "invitation",
    AddressTaken: "address_taken",
    AccountRefused: "person",
    PasswordRefused: "password",
}


class SignUp:
    """Makes accounts for whoever is let in."""

    def __init__(self, state: State, admissions: Admissions, accounts: WholeAccounts, events: SecurityEvents) -> None:
        self._state = state
        self._admissions = admissions
        self._accounts = accounts
        self._events = events

    async def register(self, person: NewPerson, invitation: str | None, caller: Caller) -> str:
        """Make an account whose address nobody has proven; no mail is sent and nobody is signed in.

        Args:
            person: who asks for it.
            invitation: secret of an invitation, or None.
            caller: who is asking.

        Returns:
            Keycloak user id.

        Raises:
            InvitationRefused: there is no way in for somebody with this address and invitation.
            AddressTaken: somebody has the address.
            AccountRefused: the realm's user profile says no.
            PasswordRefused: the realm's policy says no.
            Unavailable: Keycloak or Redis cannot be asked, or the organization has gone meanwhile; there is no account,
                or there will soon be none any more. The invitation is as good as before.
        """
        subject = self._state.unknown(person.email)
        with self._events.refusals_by(_REASONS, "account_created", caller, account=subject.shown):
            async with self._admissions.admitted(person.email, invitation) as admission:
                async with self._accounts.made(person) as account_id:
                    await self._let_in(account_id, admission)
                await admission.use_up()
        self._events.tell("account_created", "done", caller, account=account_id, reason="sign_up")
        return account_id

    async def _let_in(self, account_id: str, admission: Admission) -> None:
        try:
            await self._admissions.let_in(account_id, admission)
        except InvitationUnusable:
            # It was there a moment ago, so nobody is to blame: the next ask tells what is the matter (contract 4.8).
            raise Unavailable("keycloak") from None
