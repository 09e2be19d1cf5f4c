"""For whom an identity provider vouches, by what its tokens say (pipeshub contract section 10)."""

from gateway.domain.accounts import normalise_name
from gateway.domain.errors import IdentityRefused
from gateway.domain.identity_providers import MICROSOFT, ExternalIdentity, IdentityProvider, ProviderTokens
from gateway.domain.mail_addresses import MAX_ADDRESS
from gateway.domain.sign_in_methods import SignInMethod
from gateway.third_parties.identity_providers import Claims, IdentityProviders

# Where an address may stand besides `email`. It is what the provider calls the person, and no mail was sent there:
# `email_verified` says nothing of it.
_FURTHER_ADDRESSES = {
    SignInMethod.MICROSOFT: ("upn", "preferred_username"),
    SignInMethod.AZURE_AD: ("upn", "preferred_username"),
    SignInMethod.OAUTH: ("preferred_username",),
}


class ExternalIdentities:
    """Takes tokens for what they prove."""

    def __init__(self, providers: IdentityProviders) -> None:
        self._providers = providers

    async def proven(
        self, method: SignInMethod, provider: IdentityProvider, tokens: ProviderTokens
    ) -> ExternalIdentity:
        """Say whose tokens somebody has sent.

        Args:
            method: by which he signs in.
            provider: what it means to him.
            tokens: what he sends.

        Raises:
            IdentityRefused: they prove nobody, or nobody with a verified address.
            Unavailable: the provider cannot be asked.
        """
        claims = await self._claims(method, provider, tokens)
        return ExternalIdentity(
            provider.alias,
            _subject(provider, claims),
            _verified_address(method, provider, claims),
            _text(claims, "given_name"),
            _text(claims, "family_name"),
        )

    async def _claims(self, method: SignInMethod, provider: IdentityProvider, tokens: ProviderTokens) -> Claims:
        if method is not SignInMethod.OAUTH:
            return await self._providers.id_token(provider, tokens.identity)
        signed = await self._providers.id_token(provider, tokens.identity) if tokens.identity else None
        told = await self._providers.userinfo(provider, tokens.access)
        if signed is not None and signed["sub"] != told["sub"]:
            raise IdentityRefused("subject")
        return told


def _subject(provider: IdentityProvider, claims: Claims) -> str:
    # Keycloak's provider for Microsoft links people by the id of Microsoft Graph, which ID tokens call `oid`; their
    # `sub` is another one for each client.
    of_graph = _text(claims, "oid") if provider.kind == MICROSOFT else ""
    return of_graph or str(claims["sub"])


def _verified_address(method: SignInMethod, provider: IdentityProvider, claims: Claims) -> str:
    names = ("email", *_FURTHER_ADDRESSES.get(method, ()))
    name = next((each for each in names if _text(claims, each)), "")
    address = _text(claims, name)
    normalised = normalise_name(address) if len(address) <= MAX_ADDRESS and "@" in address else None
    if normalised is None:
        raise IdentityRefused("address")
    asserted = claims.get("email_verified")
    is_asserted = asserted is True and name == "email"
    is_trusted = provider.trusts_email and asserted in (None, True)
    if not is_asserted and not is_trusted:
        raise IdentityRefused("unverified_address")
    return normalised


def _text(claims: Claims, name: str) -> str:
    value = claims.get(name)
    return value if isinstance(value, str) else ""
