"""Which ways to sign in there are, for pages that ask before they know for whom (kestra contract 1.1)."""

from dataclasses import dataclass

from gateway.domain.sign_in_methods import SignInMethod, SignInSteps
from gateway.keycloak.realm import Realm


@dataclass(frozen=True, slots=True)
class WaysIn:
    """The ways.

    Attributes:
        password: a password is one at the first step of people without steps of their own.
        mails: forgotten passwords are mended by mail.
        mailed_code: so is a code by mail.
        providers: aliases of the identity providers that are offered to everybody, in order.
    """

    password: bool
    mails: bool
    mailed_code: bool
    providers: tuple[str, ...]


class OfferedWays:
    """Reads the providers from Keycloak, at most a few seconds late."""

    def __init__(self, realm: Realm, steps: SignInSteps, *, mails: bool, mailed_code: bool) -> None:
        """Take what is set.

        Args:
            steps: of people without steps of their own.
            mails: whether there is a mail server.
            mailed_code: whether people may sign in by a mailed code.
        """
        self._realm = realm
        self._mails = mails
        self.password = SignInMethod.PASSWORD in steps[0]
        self.mailed_code = mails and mailed_code

    async def current(self) -> WaysIn:
        """List them.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        providers = tuple(await self._realm.providers.shown())
        return WaysIn(self.password, self._mails, self.mailed_code, providers)
