"""What Keycloak knows of the person behind an account, beyond the name."""

from pydantic import Field, TypeAdapter

from gateway.domain.accounts import Profile
from gateway.keycloak.accounts import WrittenAccount
from gateway.keycloak.admin import Admin
from gateway.keycloak.endpoints import is_id


class _User(WrittenAccount):
    first_name: str = ""
    last_name: str = ""
    created_timestamp: int = 0
    totp: bool = False
    required_actions: list[str] = Field([])
    attributes: dict[str, list[str]] = Field({})

    def profile(self) -> Profile:
        return Profile(
            account=self.account(),
            first_name=self.first_name,
            last_name=self.last_name,
            created_at=self.created_timestamp,
            locale=next(iter(self.attributes.get("locale", ())), None),
            needs_action=bool(self.required_actions),
            second_factor=self.totp,
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
