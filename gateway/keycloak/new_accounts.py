"""Accounts made in one call, and unmade."""

from http import HTTPStatus

from gateway.domain.accounts import NewPerson
from gateway.domain.errors import AccountRefused, AddressTaken, PasswordRefused
from gateway.keycloak.admin import Admin
from gateway.keycloak.answers import Answer
from gateway.keycloak.connection import PASSWORD_CHECK
from gateway.keycloak.credentials import rule_of
from gateway.keycloak.endpoints import is_id
from gateway.keycloak.errors import unexpected


class NewAccounts:
    """Makes accounts that people can sign in to; nobody has shown to receive mail at their addresses."""

    def __init__(self, admin: Admin) -> None:
        self._admin = admin

    async def make(self, person: NewPerson, made_at: int) -> str:
        """Make an account with a password; all of it, or nothing.

        Args:
            person: whose.
            made_at: milliseconds since the epoch that the account will tell as the time it was made, by which it can
                be known again when this call's answer is lost.

        Returns:
            Keycloak user id.

        Raises:
            AddressTaken: somebody has the address, as an address or as a user name.
            PasswordRefused: the realm's policy says no; with the rule in our words.
            AccountRefused: the realm's user profile says no to the names or the address.
            Unavailable: Keycloak cannot be asked; the account may have been made.
        """
        answer = await self._admin.post("users", json=_representation(person, made_at), terms=PASSWORD_CHECK)
        if answer.status == HTTPStatus.CONFLICT:
            raise AddressTaken
        if answer.status == HTTPStatus.BAD_REQUEST:
            raise _refusal(answer)
        answer.require("new account", HTTPStatus.CREATED)
        if not is_id(answer.made_id):
            raise unexpected("id of a new account", answer.status)
        return answer.made_id

    async def unmake(self, account_id: str) -> None:
        """Delete an account with all that belongs to it; asking again is safe.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        if not is_id(account_id):
            return
        answer = await self._admin.delete("users", account_id)
        answer.require("end of an account", HTTPStatus.NO_CONTENT, HTTPStatus.NOT_FOUND)


def _representation(person: NewPerson, made_at: int) -> dict[str, object]:
    return {
        "username": person.email,
        "email": person.email,
        "emailVerified": False,
        "enabled": True,
        "firstName": person.first_name,
        "lastName": person.last_name,
        "createdTimestamp": made_at,
        "credentials": [{"type": "password", "value": person.password, "temporary": False}],
    }


def _refusal(answer: Answer) -> AccountRefused | PasswordRefused:
    """Tell the policy's no, which has a code, from the user profile's, which names members instead."""
    return PasswordRefused(rule_of(answer)) if answer.error[0] else AccountRefused()
