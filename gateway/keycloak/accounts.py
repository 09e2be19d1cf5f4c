"""How Keycloak writes an account."""

from pydantic import BaseModel

from gateway.domain.accounts import Account


class WrittenAccount(BaseModel):
    """What of a user's representation makes the account."""

    id: str
    username: str
    email: str | None = None
    enabled: bool = False
    emailVerified: bool = False  # noqa: N815 - Keycloak's spelling

    def account(self) -> Account:
        """Read it."""
        return Account(
            id=self.id,
            username=self.username,
            email=self.email,
            enabled=self.enabled,
            email_verified=self.emailVerified,
        )
