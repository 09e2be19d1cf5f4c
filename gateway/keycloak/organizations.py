"""Keycloak Organizations: who belongs to which, and to which of its groups."""

from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, TypeAdapter

from gateway.domain.organizations import Organization
from gateway.keycloak.admin import Admin
from gateway.keycloak.endpoints import is_alias, is_id

STEPS_ATTRIBUTE = "gateway.auth_steps"
"""The organization's attribute that holds its sign-in steps (pipeshub contract section 4)."""

JOIN_ATTRIBUTE = "autoJoin"
"""The organization's attribute that is `false` where having an address of its domain is no way in."""

_FULL = {"briefRepresentation": "false"}


class _Domain(BaseModel):
    name: str
    verified: bool = False


class _Organization(BaseModel):
    id: str
    alias: str
    name: str = ""
    description: str | None = None
    enabled: bool = True
    domains: list[_Domain] = []
    attributes: dict[str, list[str]] = {}

    def organization(self) -> Organization:
        return Organization(
            id=self.id,
            alias=self.alias,
            name=self.name,
            description=self.description or "",
            domains=frozenset(each.name.lower() for each in self.domains),
            sign_in_steps=tuple(self.attributes.get(STEPS_ATTRIBUTE, ())),
            is_on=self.enabled,
        )

    def takes_in(self, domain: str) -> bool:
        """Say whether whoever has an address of a domain may join."""
        verified = {each.name.lower() for each in self.domains if each.verified}
        return self.enabled and domain in verified and self.attributes.get(JOIN_ATTRIBUTE) != ["false"]


class _Group(BaseModel):
    path: str


_ORGANIZATION = TypeAdapter(_Organization)
_ORGANIZATIONS = TypeAdapter(list[_Organization])
_GROUPS = TypeAdapter(list[_Group])
_REPRESENTATION = TypeAdapter(dict[str, Any])


class Organizations:
    """The realm's organizations; one that is switched off is not there, unless a question says otherwise."""

    def __init__(self, admin: Admin) -> None:
        self._admin = admin

    async def of_member(self, account_id: str) -> list[Organization]:
        """List the organizations an account belongs to.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        return [each for each in await self.joined_by(account_id) if each.is_on]

    async def joined_by(self, account_id: str) -> list[Organization]:
        """List the same, those that are switched off among them.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        if not is_id(account_id):
            return []
        answer = await self._admin.get("organizations", "members", account_id, "organizations", params=_FULL)
        if answer.is_missing:
            return []
        return [each.organization() for each in answer.read("organizations of a user", _ORGANIZATIONS)]

    async def find(self, alias_or_id: str) -> Organization | None:
        """Find an organization by its exact alias or id.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        found = await self._get(alias_or_id) if is_id(alias_or_id) else await self._with_alias(alias_or_id)
        return found.organization() if found and found.enabled else None

    async def is_alias_taken(self, alias: str) -> bool:
        """Say whether an organization has an alias, also one that is switched off.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        return await self._with_alias(alias) is not None

    async def owning(self, domain: str) -> Organization | None:
        """Find the organization that a domain of e-mail addresses belongs to, also one that is switched off.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        found = [each.organization() for each in await self._with_domain(domain)]
        return next((each for each in found if domain.lower() in each.domains), None)

    async def taking_in(self, domain: str) -> Organization | None:
        """Find the organization that whoever has an address of a domain may join: the domain itself is verified.

        Args:
            domain: in lower case; that of a sub-domain is another one.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        found = await self._with_domain(domain)
        return next((each.organization() for each in found if each.takes_in(domain)), None)

    async def _with_domain(self, domain: str) -> list[_Organization]:
        params = {"search": domain, "exact": "true", **_FULL}
        answer = await self._admin.get("organizations", params=params)
        return [] if answer.is_missing else answer.read("organization by domain", _ORGANIZATIONS)

    async def set_sign_in_steps(self, organization: Organization, steps: str) -> None:
        """Write the attribute for sign-in steps; the others stay as they are.

        Raises:
            Unavailable: Keycloak cannot be asked, or refuses.
        """
        answer = await self._admin.get("organizations", organization.id)
        whole = answer.read("organization", _REPRESENTATION)
        attributes = {**whole.get("attributes", {}), STEPS_ATTRIBUTE: [steps]}
        written = await self._admin.put("organizations", organization.id, json={**whole, "attributes": attributes})
        written.require("sign-in steps of an organization", HTTPStatus.NO_CONTENT)

    async def _get(self, organization_id: str) -> _Organization | None:
        answer = await self._admin.get("organizations", organization_id)
        return None if answer.is_missing else answer.read("organization", _ORGANIZATION)

    async def _with_alias(self, alias: str) -> _Organization | None:
        if not is_alias(alias):
            return None
        # `search` looks at names and domains only; `q` finds the alias, and exactly (seen on 26.7.5).
        answer = await self._admin.get("organizations", params={"q": f"alias:{alias}", **_FULL})
        found = [] if answer.is_missing else answer.read("organization by alias", _ORGANIZATIONS)
        return next((each for each in found if each.alias == alias), None)

    async def has_member(self, organization: Organization, account_id: str) -> bool:
        """Say whether an account belongs to an organization.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        if not is_id(account_id):
            return False
        answer = await self._admin.get("organizations", organization.id, "members", account_id)
        answer.require("member of an organization", HTTPStatus.OK, HTTPStatus.NOT_FOUND)
        return answer.is_ok

    async def is_in_group(self, organization: Organization, account_id: str, group_name: str) -> bool:
        """Say whether a member belongs to the organization's top-level group of that name.

        False on a Keycloak without organization groups.

        Args:
            organization: which.
            account_id: Keycloak user id.
            group_name: exact; a group of that name inside another one is another group.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        if not is_id(account_id):
            return False
        answer = await self._admin.get("organizations", organization.id, "members", account_id, "groups")
        if answer.is_missing:
            return False
        groups = answer.read("groups of a member", _GROUPS)
        return any(group.path == f"/{group_name}" for group in groups)
