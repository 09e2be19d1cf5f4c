"""What tries are counted against, and codes and links are for."""

from dataclasses import dataclass
from typing import Literal, Self


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose something is: an account's, or that of a name nobody has; or what only one may try at a time.

    Attributes:
        kind: which of them.
        key: Keycloak user id, or the digest of the name.
    """

    kind: Literal["account", "name", "new-password"]
    key: str

    @property
    def shown(self) -> str:
        """Return how a log names it: an account by its id, a name nobody has by 12 hex of its digest (security S48)."""
        return self.key[:12] if self.kind == "name" else self.key

    @classmethod
    def account(cls, account_id: str) -> Self:
        """Name an account by its Keycloak user id."""
        return cls("account", account_id)

    @classmethod
    def name(cls, digest: str) -> Self:
        """Name a name nobody has by its keyed digest, so that it locks like an account (security S2)."""
        return cls("name", digest)

    @classmethod
    def new_password(cls, account_id: str) -> Self:
        """Name the setting of an account's password, which never fails as a guess does."""
        return cls("new-password", account_id)
