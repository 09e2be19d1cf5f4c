"""Accounts made for people whom an identity provider has vouched for."""

import re
from http import HTTPStatus

from gateway.domain.identity_providers import ExternalIdentity
from gateway.keycloak.admin import Admin
from gateway.keycloak.endpoints import is_id
from gateway.keycloak.errors import unexpected

_LONGEST_NAME = 255
# What Keycloak's validator of names refuses (`person-name-prohibited-characters`), and what cannot be seen.
_PROHIBITED = re.compile(r"[<>&\"$%!#?§;*~/\\|^=\[\]{}()\x00-\x1f\x7f-\x9f]")


class NewAccounts:
    """Makes accounts."""

    def __init__(self, admin: Admin) -> None:
        self._admin = admin

    async def create(self, identity: ExternalIdentity) -> str | None:
        """Make an account that the identity is linked to, with its verified address and without a password.

        Both names are filled in, since Keycloak signs nobody in who lacks one where its realm demands them.

        Returns:
            Keycloak user id; None when the address or its user name is taken.

        Raises:
            Unavailable: Keycloak cannot be asked, or the realm's profile demands more than an identity provider tells.
        """
        local_part = identity.email.partition("@")[0]
        representation = {
            "username": identity.email,
            "email": identity.email,
            "emailVerified": True,
            "enabled": True,
            "firstName": _name(identity.first_name) or _name(local_part) or "-",
            "lastName": _name(identity.last_name) or _name(local_part) or "-",
            "federatedIdentities": [
                {"identityProvider": identity.alias, "userId": identity.subject, "userName": identity.email}
            ],
        }
        answer = await self._admin.post("users", json=representation)
        if answer.status == HTTPStatus.CONFLICT:
            return None
        answer.require("new account", HTTPStatus.CREATED)
        return _id_in(answer.location)


def _name(text: str) -> str:
    return _PROHIBITED.sub("", text).strip()[:_LONGEST_NAME]


def _id_in(location: str) -> str:
    account_id = location.rpartition("/")[2]
    if not is_id(account_id):
        raise unexpected("place of a new account", HTTPStatus.CREATED)
    return account_id
