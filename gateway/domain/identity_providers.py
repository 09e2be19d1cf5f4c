"""Identity providers that an organization's Keycloak trusts, and the identities they vouch for."""

from dataclasses import dataclass, field

from gateway.domain.sign_in_methods import SignInMethod

MICROSOFT = "microsoft"
"""The kind of Keycloak's provider made for Microsoft."""

ANY_DOMAIN = "*"
"""Stands for all of Google's organizations, as in Keycloak's setting *Hosted Domain*."""


@dataclass(frozen=True, slots=True)
class IdentityProvider:
    """What is known of a provider; never its client's secret. A text is empty where the realm has none.

    Attributes:
        alias: the realm's name of it.
        kind: Keycloak's type of provider, such as `google`, `microsoft`, `oidc`.
        name: shown to people.
        enabled: people may sign in by it.
        is_shown: Keycloak's own page offers it to everybody.
        trusts_email: its addresses count as verified although it does not say so.
        organization_id: the one organization it is for; None for all.
        client_id: the organization's client there.
        tenant: Microsoft's name of the organization.
        hosted_domains: Google's organizations that alone may sign in; empty for everybody.
        issuers: what `iss` of its tokens may be.
        keys_url: where its signing keys are.
        userinfo_url: where it tells whose an access token is.
        authorization_url: where browsers begin.
        token_url: where codes are exchanged.
    """

    alias: str
    kind: str
    name: str
    enabled: bool
    is_shown: bool
    trusts_email: bool
    organization_id: str | None
    client_id: str
    tenant: str
    hosted_domains: frozenset[str]
    issuers: frozenset[str]
    keys_url: str
    userinfo_url: str
    authorization_url: str
    token_url: str

    @property
    def signs_identities(self) -> bool:
        """Whether its ID tokens can be judged."""
        return bool(self.client_id and self.issuers and self.keys_url)

    def serves(self, method: SignInMethod) -> bool:
        """Say whether people can be signed in by this method with what is known of the provider."""
        if not self.enabled:
            return False
        if method is SignInMethod.OAUTH:
            return bool(self.client_id and self.userinfo_url and self.authorization_url and self.token_url)
        # Keycloak itself speaks with a provider of SAML, or of whatever protocol.
        return method is SignInMethod.SAML or self.signs_identities


@dataclass(frozen=True, slots=True)
class ProviderTokens:
    """What somebody got from a provider and sends as proof.

    Attributes:
        identity: the ID token; empty when there is none.
        access: the access token; empty when there is none.
    """

    identity: str = field(default="", repr=False)
    access: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class ExternalIdentity:
    """Somebody for whom a provider has vouched, with an address that counts as verified.

    Attributes:
        alias: the realm's name of the provider.
        subject: how the provider calls the person.
        email: normalised.
        first_name: as the provider has it; may be empty.
        last_name: the same.
    """

    alias: str
    subject: str = field(repr=False)
    email: str = field(repr=False)
    first_name: str = field(default="", repr=False)
    last_name: str = field(default="", repr=False)
