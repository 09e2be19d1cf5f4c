"""People's accounts: looked up, told apart, mailed, verified, unlocked."""

from datetime import timedelta
from http import HTTPStatus

from pydantic import BaseModel, Field, TypeAdapter

from gateway.domain.accounts import Account
from gateway.domain.errors import AccountNotFound
from gateway.domain.mails import MailOutcome
from gateway.keycloak.accounts import VERIFY_EMAIL, WrittenAccount
from gateway.keycloak.admin import Admin
from gateway.keycloak.connection import Terms
from gateway.keycloak.endpoints import is_id
from gateway.keycloak.options import Options
from gateway.keycloak.written import Written

# Keycloak talks to its mail server before it answers. That must neither be cut off, or the mail would be asked for
# again, nor be taken for Keycloak's own health: a dead mail server would close the door to sign-in.
_MAIL = Terms(timeout=15, answers=frozenset({HTTPStatus.INTERNAL_SERVER_ERROR}), tells_health=False)

_MAIL_OUTCOMES = {
    HTTPStatus.NO_CONTENT: MailOutcome.SENT,
    HTTPStatus.BAD_REQUEST: MailOutcome.IMPOSSIBLE,
    HTTPStatus.NOT_FOUND: MailOutcome.IMPOSSIBLE,
    HTTPStatus.INTERNAL_SERVER_ERROR: MailOutcome.FAILED,
}


class _Actions(Written):
    required_actions: list[str] = Field([])


_USER = TypeAdapter(WrittenAccount)
_ACTIONS = TypeAdapter(_Actions)
_USERS = TypeAdapter(list[WrittenAccount])


class _Lock(BaseModel):
    disabled: bool


_LOCK = TypeAdapter(_Lock)


class Users:
    """The realm's accounts."""

    def __init__(self, admin: Admin, options: Options) -> None:
        self._admin = admin
        self._options = options

    async def find(self, name: str) -> Account | None:
        """Find the account that Keycloak's own sign-in would find: by e-mail address first, then by user name.

        Args:
            name: normalised (`domain.accounts.normalise_name`).

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        by_email = None
        if "@" in name and (await self._options.current()).sign_in_by_email:
            by_email = await self._search("email", name)
        return by_email or await self._search("username", name)

    async def find_by_email(self, email: str) -> Account | None:
        """Find the one account with that address, whether the realm lets people sign in by it or not.

        Args:
            email: normalised (`domain.accounts.normalise_name`).

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        return await self._search("email", email)

    async def find_by_username(self, name: str) -> Account | None:
        """Find the account of that user name.

        Args:
            name: normalised (`domain.accounts.normalise_name`).

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        return await self._search("username", name)

    async def find_only(self, name: str) -> Account | None:
        """Find the one account that has a name for its address or for its user name; None where several have it.

        Args:
            name: normalised (`domain.accounts.normalise_name`).

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        found = [*await self._holders("email", name), *await self._holders("username", name)]
        return found[0] if len({each.id for each in found}) == 1 else None

    async def is_taken(self, name: str) -> bool:
        """Say whether anybody has a name for an address or a user name.

        Args:
            name: normalised (`domain.accounts.normalise_name`).

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        return bool(await self._holders("email", name) or await self._holders("username", name))

    async def _search(self, by: str, name: str) -> Account | None:
        found = await self._holders(by, name)
        return found[0] if len(found) == 1 else None

    async def _holders(self, by: str, name: str) -> list[Account]:
        params = {by: name, "exact": "true", "briefRepresentation": "true", "max": "2"}
        answer = await self._admin.get("users", params=params)
        if answer.status == HTTPStatus.BAD_REQUEST:
            # Keycloak does not even look for some names; nobody has them.
            return []
        users = answer.read("search for a user", _USERS)
        # A database may take `é` for `e`: only the very name that was asked for counts (security S2).
        return [user.account() for user in users if _folded(getattr(user, by)) == _folded(name)]

    async def get(self, account_id: str) -> Account | None:
        """Return the account of that id; None, without asking, for what cannot be one.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        if not is_id(account_id):
            return None
        answer = await self._admin.get("users", account_id)
        if answer.is_missing:
            return None
        return answer.read("user", _USER).account()

    async def login_name(self, account: Account) -> str | None:
        """Return the name that means this account to Keycloak's sign-in, which looks for e-mail addresses first.

        Returns:
            None when its user name is somebody else's address, whose password would be evaluated.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        name = _folded(account.username)
        if "@" not in name or name == _folded(account.email):
            return account.username
        found = await self.find(name)
        return account.username if found and found.id == account.id else None

    async def send_reset_mail(self, account_id: str, lifetime: timedelta) -> MailOutcome:
        """Have Keycloak mail a link to its own page for a new password.

        Args:
            account_id: whose password.
            lifetime: how long the link works.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        if not is_id(account_id):
            return MailOutcome.IMPOSSIBLE
        answer = await self._admin.put(
            "users",
            account_id,
            "execute-actions-email",
            json=["UPDATE_PASSWORD"],
            params={"lifespan": str(int(lifetime.total_seconds()))},
            terms=_MAIL,
        )
        answer.require("reset mail", *_MAIL_OUTCOMES)
        return _MAIL_OUTCOMES[HTTPStatus(answer.status)]

    async def mark_email_verified(self, account_id: str) -> None:
        """Note that the person receives mail at the account's address, so that Keycloak does not ask for it any more.

        Everything else stays as it is.

        Raises:
            AccountNotFound: there is no such account.
            Unavailable: Keycloak cannot be asked.
        """
        if not is_id(account_id):
            raise AccountNotFound
        # Without `attributes` Keycloak changes only what is named.
        verified = {"emailVerified": True, **await self._actions_left(account_id)}
        answer = await self._admin.put("users", account_id, json=verified)
        if answer.is_missing:
            raise AccountNotFound
        answer.require("verified address", HTTPStatus.NO_CONTENT)

    async def _actions_left(self, account_id: str) -> dict[str, list[str]]:
        """Return what to write so that Keycloak's own demand to verify the address goes, and no other."""
        answer = await self._admin.get("users", account_id)
        if answer.is_missing:
            raise AccountNotFound
        actions = answer.read("required actions", _ACTIONS).required_actions
        if VERIFY_EMAIL not in actions:
            return {}
        return {"requiredActions": [each for each in actions if each != VERIFY_EMAIL]}

    async def is_locked(self, account_id: str) -> bool:
        """Say whether Keycloak's own brute-force detection lets nobody in as this account.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        if not is_id(account_id):
            return False
        answer = await self._admin.get("attack-detection", "brute-force", "users", account_id)
        return not answer.is_missing and answer.read("state of a lock", _LOCK).disabled

    async def lift_lock(self, account_id: str) -> None:
        """Forget the account's failures in Keycloak's own brute-force detection.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        if not is_id(account_id):
            return
        answer = await self._admin.delete("attack-detection", "brute-force", "users", account_id)
        answer.require("lift of a lock", HTTPStatus.NO_CONTENT, HTTPStatus.NOT_FOUND)


def _folded(name: str | None) -> str:
    """Fold ASCII letters only: Unicode folds make strangers of look-alikes equal."""
    return "".join(each.lower() if each.isascii() else each for each in name or "")
