"""Accounts made in one call, and unmade."""

import re
from http import HTTPStatus

from pydantic import BaseModel, TypeAdapter

from gateway.domain.accounts import NewPerson
from gateway.domain.errors import AccountRefused, AddressTaken, PasswordRefused
from gateway.domain.identity_providers import ExternalIdentity
from gateway.keycloak.admin import Admin
from gateway.keycloak.answers import Answer
from gateway.keycloak.connection import PASSWORD_CHECK
from gateway.keycloak.credentials import rule_of
from gateway.keycloak.endpoints import is_id
from gateway.keycloak.errors import unexpected
from gateway.keycloak.written import Written

_LONGEST_NAME = 255
# What Keycloak's validator of names refuses (`person-name-prohibited-characters`), and what cannot be seen.
_PROHIBITED = re.compile(r"[<>&\"$%!#?§;*~/\\|^=\[\]{}()\x00-\x1f\x7f-\x9f]")


class _Made(Written):
    id: str
    created_timestamp: int = 0


_MADE = TypeAdapter(list[_Made])


class _Complaint(BaseModel):
    field: str = ""


class _Complaints(_Complaint):
    """One complaint of the user profile stands alone, several are in `errors`."""

    errors: list[_Complaint] = []


_COMPLAINTS = TypeAdapter(_Complaints)
_MEMBERS = {"firstName": "first_name", "lastName": "last_name", "email": "email", "username": "email"}
"""Keycloak's names of what it may complain about → ours."""


class NewAccounts:
    """Makes accounts; each as a whole, or not at all."""

    def __init__(self, admin: Admin) -> None:
        self._admin = admin

    async def make(self, person: NewPerson, made_at: int) -> str:
        """Make an account, with a password if the person has one.

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
        answer = await self._admin.post("users", json=_own(person, made_at), terms=PASSWORD_CHECK)
        if answer.status == HTTPStatus.CONFLICT:
            raise AddressTaken
        if answer.status == HTTPStatus.BAD_REQUEST:
            raise _refusal(answer)
        return _id_in(answer)

    async def make_for(self, identity: ExternalIdentity) -> str | None:
        """Make an account that the identity is linked to, with its verified address and without a password.

        Both names are filled in, since Keycloak signs nobody in who lacks one where its realm demands them.

        Returns:
            Keycloak user id; None when the address or its user name is taken.

        Raises:
            Unavailable: Keycloak cannot be asked, or the realm's profile demands more than an identity provider tells.
        """
        answer = await self._admin.post("users", json=_vouched_for(identity))
        return None if answer.status == HTTPStatus.CONFLICT else _id_in(answer)

    async def find(self, email: str, made_at: int) -> str | None:
        """Look for the account that a call to `make` has left whose answer was lost.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        answer = await self._admin.get("users", params={"email": email, "exact": "true", "max": "2"})
        found = answer.read("search for a new account", _MADE)
        return next((each.id for each in found if each.created_timestamp == made_at), None)

    async def unmake(self, account_id: str) -> None:
        """Delete an account with all that belongs to it; asking again is safe.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        if not is_id(account_id):
            return
        answer = await self._admin.delete("users", account_id)
        answer.require("end of an account", HTTPStatus.NO_CONTENT, HTTPStatus.NOT_FOUND)


def _own(person: NewPerson, made_at: int) -> dict[str, object]:
    return {
        "username": person.email,
        "email": person.email,
        "emailVerified": person.email_verified,
        "enabled": True,
        "firstName": person.first_name,
        "lastName": person.last_name,
        "createdTimestamp": made_at,
        "credentials": [] if person.password is None else [_credential(person.password)],
    }


def _credential(password: str) -> dict[str, object]:
    return {"type": "password", "value": password, "temporary": False}


def _vouched_for(identity: ExternalIdentity) -> dict[str, object]:
    return {
        "username": identity.email,
        "email": identity.email,
        "emailVerified": True,
        "enabled": True,
        "firstName": _name(identity.first_name) or stand_in(identity.email),
        "lastName": _name(identity.last_name) or stand_in(identity.email),
        "federatedIdentities": [
            {"identityProvider": identity.alias, "userId": identity.subject, "userName": identity.email}
        ],
    }


def stand_in(email: str) -> str:
    """Return what stands for a name that nobody has told: Keycloak signs nobody in who lacks one."""
    return _name(email.partition("@")[0]) or "-"


def _name(text: str) -> str:
    return _PROHIBITED.sub("", text).strip()[:_LONGEST_NAME]


def _refusal(answer: Answer) -> AccountRefused | PasswordRefused:
    """Tell the policy's no, which has a code, from the user profile's, which names members instead."""
    if answer.error[0]:
        return PasswordRefused(rule_of(answer))
    try:
        told = _COMPLAINTS.validate_json(answer.body)
    except ValueError:
        return AccountRefused()
    fields = (told.field, *(each.field for each in told.errors))
    return AccountRefused(tuple(_MEMBERS[each] for each in fields if each in _MEMBERS))


def _id_in(answer: Answer) -> str:
    answer.require("new account", HTTPStatus.CREATED)
    account_id = answer.location.rpartition("/")[2]
    if not is_id(account_id):
        raise unexpected("place of a new account", answer.status)
    return account_id
