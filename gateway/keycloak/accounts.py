"""How Keycloak writes an account."""

from gateway.domain.accounts import Account
from gateway.keycloak.written import Written

VERIFY_EMAIL = "VERIFY_EMAIL"
"""The action by which people prove their address; Keycloak has it stay when the address is marked as verified."""


class WrittenAccount(Written):
    """What of a user's representation makes the account."""

    id: str
    username: str
    email: str | None = None
    enabled: bool = False
    email_verified: bool = False

    def account(self) -> Account:
        """Read it."""
        return Account(
            id=self.id,
            username=self.username,
            email=self.email,
            enabled=self.enabled,
            email_verified=self.email_verified,
        )
