"""What Keycloak knows of the person behind an account, beyond the name."""

from pydantic import BaseModel, Field, TypeAdapter

from gateway.domain.accounts import Account, Profile
from gateway.keycloak.accounts import VERIFY_EMAIL, WrittenAccount
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
            attributes=self.attributes,
            needs_new_password=_NEW_PASSWORD in self.required_actions,
            needs_only_proof=self.required_actions == [VERIFY_EMAIL],
        )


class _Role(BaseModel):
    name: str


_NEW_PASSWORD = "UPDATE_PASSWORD"  # noqa: S105 - the name of an action
_USER = TypeAdapter(_User)
_USERS = TypeAdapter(list[_User])
_ROLES = TypeAdapter(list[_Role])


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

    async def find_by_attribute(self, name: str, value: str) -> Account | None:
        """Find the one account that has a value among those of an attribute; None where several have it.

        Args:
            name: of the attribute.
            value: exact, without blanks, colons and quotes, which the search would take for its own.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        answer = await self._admin.get("users", params={"q": f"{name}:{value}", "max": "3"})
        found = [each for each in answer.read("search for a user", _USERS) if value in each.attributes.get(name, ())]
        return found[0].account() if len(found) == 1 else None

    async def roles_of(self, account_id: str) -> frozenset[str]:
        """Name the roles of the realm that an account holds: directly, by a group or inside another role.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        if not is_id(account_id):
            return frozenset()
        answer = await self._admin.get("users", account_id, "role-mappings", "realm", "composite")
        roles = [] if answer.is_missing else answer.read("roles of a user", _ROLES)
        return frozenset(role.name for role in roles)
