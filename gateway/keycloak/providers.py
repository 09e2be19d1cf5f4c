"""The identity providers that the realm trusts; what signs the gateway in there never leaves Keycloak."""

import asyncio
from collections.abc import Callable, Mapping
from uuid import UUID

from pydantic import Field, TypeAdapter

from gateway.domain.identity_providers import MICROSOFT, IdentityProvider
from gateway.domain.organizations import Organization
from gateway.keycloak.admin import Admin
from gateway.keycloak.written import Written

_LIFETIME = 5.0
_PAGE = 100
_MOST_PAGES = 20
_GOOGLE = "google"
# Keycloak's providers for these two know their keys by heart, and an organization may write others into the config.
_GOOGLE_ISSUERS = frozenset({"https://accounts.google.com", "accounts.google.com"})
_GOOGLE_KEYS = "https://www.googleapis.com/oauth2/v3/certs"
_MICROSOFT = "https://login.microsoftonline.com"


class _Provider(Written):
    alias: str
    provider_id: str
    display_name: str | None = None
    enabled: bool = False
    trust_email: bool = False
    link_only: bool = False
    hide_on_login: bool = False
    organization_id: str | None = None
    config: dict[str, str | None] = Field({})

    def provider(self) -> IdentityProvider:
        said = {name: value.strip() for name, value in self.config.items() if value}
        # A filter by claim is Keycloak's to apply; who would get around it is not let in by us.
        is_open = not self.link_only and said.get("filteredByClaim") != "true"
        return IdentityProvider(
            alias=self.alias,
            kind=self.provider_id,
            name=self.display_name or self.alias,
            enabled=self.enabled and is_open,
            is_shown=self.enabled and not (self.link_only or self.hide_on_login or self.organization_id),
            trusts_email=self.trust_email,
            organization_id=self.organization_id,
            client_id=said.get("clientId", ""),
            tenant=said.get("tenantId", ""),
            hosted_domains=_listed(said.get("hostedDomain", "")),
            issuers=_issuers(self.provider_id, said),
            keys_url=_keys_url(self.provider_id, said),
            userinfo_url=said.get("userInfoUrl", ""),
            authorization_url=said.get("authorizationUrl", ""),
            token_url=said.get("tokenUrl", ""),
        )


_PROVIDERS = TypeAdapter(list[_Provider])


class Providers:
    """Asks for the providers at most every 5 s."""

    def __init__(self, admin: Admin, clock: Callable[[], float]) -> None:
        """Take whom to ask.

        Args:
            admin: the admin API; its service account needs the role `view-identity-providers`.
            clock: seconds that only go up.
        """
        self._admin = admin
        self._clock = clock
        self._known: Mapping[str, IdentityProvider] = {}
        self._known_until = 0.0
        self._lock = asyncio.Lock()

    async def meant_by(self, alias: str, organization: Organization | None) -> IdentityProvider | None:
        """Find the provider that an alias means to an organization's people (pipeshub contract section 4).

        One of the organization's own wins, of that alias or of `<alias>-<the organization's alias>`, also when it is
        switched off: its people are not sent elsewhere. Another organization's is nobody else's.

        Raises:
            Unavailable: Keycloak cannot be asked, or does not tell.
        """
        known = await self._current()
        if organization is not None:
            for name in (alias, f"{alias}-{organization.alias}"):
                own = known.get(name)
                if own is not None and own.organization_id == organization.id:
                    return own
        shared = known.get(alias)
        return shared if shared is not None and shared.organization_id is None else None

    async def shown(self) -> list[str]:
        """Name those that Keycloak's own page offers to everybody, by their aliases in order.

        Raises:
            Unavailable: Keycloak cannot be asked, or does not tell.
        """
        return sorted(alias for alias, each in (await self._current()).items() if each.is_shown)

    async def _current(self) -> Mapping[str, IdentityProvider]:
        async with self._lock:
            if self._clock() >= self._known_until:
                asked_at = self._clock()
                self._known = {each.alias: each for each in await self._asked()}
                self._known_until = asked_at + _LIFETIME
            return self._known

    async def _asked(self) -> list[IdentityProvider]:
        found: list[IdentityProvider] = []
        for page in range(_MOST_PAGES):
            params = {"first": str(page * _PAGE), "max": str(_PAGE)}
            answer = await self._admin.get("identity-provider", "instances", params=params)
            listed = answer.read("identity providers", _PROVIDERS)
            found += [each.provider() for each in listed]
            if len(listed) < _PAGE:
                break
        return found


def _listed(text: str) -> frozenset[str]:
    return frozenset(each.strip() for each in text.split(",") if each.strip())


def _issuers(kind: str, said: Mapping[str, str]) -> frozenset[str]:
    written = _listed(said.get("issuer", ""))
    # Google's own two spellings of itself; Keycloak writes one of them.
    if kind == _GOOGLE and written <= _GOOGLE_ISSUERS:
        return _GOOGLE_ISSUERS
    if written:
        return written
    if kind == MICROSOFT and _is_one_tenant(said):
        return frozenset({f"{_MICROSOFT}/{said['tenantId'].lower()}/v2.0"})
    return frozenset()


def _keys_url(kind: str, said: Mapping[str, str]) -> str:
    if "jwksUrl" in said:
        return said["jwksUrl"] if said.get("useJwksUrl", "true") == "true" else ""
    if kind == _GOOGLE:
        return _GOOGLE_KEYS
    if kind != MICROSOFT:
        return ""
    return f"{_MICROSOFT}/{said['tenantId']}/discovery/v2.0/keys" if _is_one_tenant(said) else ""


def _is_one_tenant(said: Mapping[str, str]) -> bool:
    """Tell one organization from `common` and its like: there, any organization could name any address its own."""
    try:
        UUID(said.get("tenantId", ""))
    except ValueError:
        return False
    return True
