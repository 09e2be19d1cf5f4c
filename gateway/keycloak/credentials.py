"""People's passwords, set and taken away, and what else they prove themselves by."""

import re
from http import HTTPStatus

from pydantic import TypeAdapter

from gateway.domain.errors import AccountNotFound, CredentialsRefused, PasswordRefused
from gateway.keycloak.admin import Admin
from gateway.keycloak.answers import Answer
from gateway.keycloak.endpoints import is_id
from gateway.keycloak.written import Written

_GENERIC = "The new password does not fulfil the rules for passwords"
_RULES = {
    "invalidPasswordMinLengthMessage": "The new password must have at least {} characters",
    "invalidPasswordMaxLengthMessage": "The new password must have at most {} characters",
    "invalidPasswordMinUpperCaseCharsMessage": "The new password must contain upper-case letters, at least {}",
    "invalidPasswordMinLowerCaseCharsMessage": "The new password must contain lower-case letters, at least {}",
    "invalidPasswordMinDigitsMessage": "The new password must contain digits, at least {}",
    "invalidPasswordMinSpecialCharsMessage": "The new password must contain special characters, at least {}",
    "invalidPasswordHistoryMessage": "The new password must differ from the last {}",
    "invalidPasswordRegexPatternMessage": "The new password does not have the form that is demanded of passwords",
    "invalidPasswordNotUsernameMessage": "The new password must not be the user name",
    "invalidPasswordNotContainsUsernameMessage": "The new password must not contain the user name",
    "invalidPasswordNotEmailMessage": "The new password must not be the e-mail address",
    "invalidPasswordBlacklistedMessage": "The new password is one that many people use",
    "Empty password not allowed": "The new password must not be empty",
}
# In Keycloak's text beside the code; the only thing taken from it, whatever language it is in.
_NUMBER = re.compile(r"[0-9]{1,4}")


class _Credential(Written):
    id: str
    type: str
    created_date: int = 0


_PASSWORD = frozenset({"password"})
_PASSKEY = frozenset({"webauthn-passwordless"})
_FIRST_FACTORS = _PASSWORD | _PASSKEY
"""Types of credentials that Keycloak's own pages take instead of each other, not one after the other."""

_CREDENTIALS = TypeAdapter(list[_Credential])
_TYPES = TypeAdapter(list[str])


class Credentials:
    """The realm's passwords."""

    def __init__(self, admin: Admin) -> None:
        self._admin = admin

    async def set_password(self, account_id: str, password: str) -> None:
        """Set a password for good.

        Raises:
            PasswordRefused: the realm's policy says no; with the rule in our words.
            AccountNotFound: there is no such account.
            Unavailable: Keycloak cannot be asked.
        """
        if not is_id(account_id):
            raise AccountNotFound
        representation = {"type": "password", "value": password, "temporary": False}
        answer = await self._admin.put("users", account_id, "reset-password", json=representation)
        if answer.is_missing:
            raise AccountNotFound
        if answer.status == HTTPStatus.BAD_REQUEST:
            raise PasswordRefused(rule_of(answer))
        answer.require("new password", HTTPStatus.NO_CONTENT)

    async def has_password(self, account_id: str) -> bool:
        """Say whether an account has a password, in Keycloak or in the directory it comes from.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        if not is_id(account_id):
            return False
        if await self._of_types(account_id, _PASSWORD):
            return True
        stored = await self._admin.get("users", account_id, "configured-user-storage-credential-types")
        return not stored.is_missing and "password" in stored.read("stored credential types", _TYPES)

    async def password_set_at(self, account_id: str) -> int:
        """Say when the account's password was set, milliseconds since the epoch; 0 when there is none in Keycloak.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        return max((each.created_date for each in await self._of_types(account_id, _PASSWORD)), default=0)

    async def has_any(self, account_id: str) -> bool:
        """Say whether an account has a password or anything else in Keycloak to prove itself by.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        return bool(await self._of(account_id))

    async def second_factors(self, account_id: str) -> frozenset[str]:
        """Name the types of an account's second factors, such as `otp`, `webauthn` or `recovery-authn-codes`.

        Every type that is no first factor is one: none may be skipped (security S29). Those of a type that Keycloak has
        no provider for (any more) it does not tell, and could not ask for itself.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        return frozenset(each.type for each in await self._of(account_id)) - _FIRST_FACTORS

    async def require_no_second_factor(self, account_id: str) -> None:
        """Refuse an account with a second factor, as Keycloak's direct grant itself does only of code generators.

        Raises:
            CredentialsRefused: it has one, and Keycloak has not asked for it.
            Unavailable: Keycloak cannot be asked.
        """
        if await self.second_factors(account_id):
            raise CredentialsRefused

    async def remove_first_factors(self, account_id: str) -> None:
        """Leave an account without password and passkeys; a directory's password stays. Asking again is safe.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        await self._remove(account_id, _FIRST_FACTORS)

    async def remove_passkeys(self, account_id: str) -> None:
        """Leave an account without passkeys, which take the place of a password. Asking again is safe.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        await self._remove(account_id, _PASSKEY)

    async def _remove(self, account_id: str, types: frozenset[str]) -> None:
        for each in await self._of_types(account_id, types):
            answer = await self._admin.delete("users", account_id, "credentials", each.id)
            answer.require("end of a credential", HTTPStatus.NO_CONTENT, HTTPStatus.NOT_FOUND)

    async def _of_types(self, account_id: str, types: frozenset[str]) -> list[_Credential]:
        return [each for each in await self._of(account_id) if each.type in types]

    async def _of(self, account_id: str) -> list[_Credential]:
        if not is_id(account_id):
            return []
        answer = await self._admin.get("users", account_id, "credentials")
        return [] if answer.is_missing else answer.read("credentials", _CREDENTIALS)


def rule_of(answer: Answer) -> str:
    """Say in our words which rule of the realm's policy a password breaks."""
    code, description = answer.error
    rule = _RULES.get(code, _GENERIC)
    if "{}" not in rule:
        return rule
    number = _NUMBER.search(description)
    return rule.format(number[0]) if number else _GENERIC
