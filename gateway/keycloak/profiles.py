"""What Keycloak knows of the person behind an account, beyond the name."""

from pydantic import Field, TypeAdapter

from gateway.domain.accounts import Profile
from gateway.keycloak.accounts import WrittenAccount
from gateway.keycloak.admin import Admin
from gateway.keycloak.endpoints import is_id


class _User(WrittenAccount):
    firstName: str = ""  # noqa: N815 - Keycloak's spelling
    lastName: str = ""  # noqa: N815 - the same
    createdTimestamp: int = 0  # noqa: N815 - the same
    totp: bool = False
    requiredActions: list[str] = Field([])  # noqa: N815 - the same
    attributes: dict[str, list[str]] = Field({})

    def profile(self) -> Profile:
        return Profile(
            account=self.account(),
            first_name=self.firstName,
            last_name=self.lastName,
            created_at=self.createdTimestamp,
            locale=next(iter(self.attributes.get("locale", ())), None),
            needs_action=bool(self.requiredActions),
            second_factor=self.totp,
            attributes=self.attributes,
        )


_USER = TypeAdapter(_User)


class Profiles:
    """The realm's people."""

    def __init__(self, admin: Admin) -> None:
        self._admin = admin

    async def of(self, account_id: str) -> Profile | None:
        """Return what is known; None, without asking, for what cannot be an id.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        if not is_id(account_id):
            return None
        answer = await self._admin.get("users", account_id)
        if answer.is_missing:
            return None
        return answer.read("profile of a user", _USER).profile()
