"""The wire shapes that answers of PipesHub UserAccount take; what is not there is left out, never null (section 1)."""

import re
from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel, Field, RootModel

from gateway.domain.accounts import Profile
from gateway.domain.identity_providers import IdentityProvider
from gateway.domain.sign_in_methods import SignInMethod
from gateway.domain.sign_ins import OpenSignIn
from gateway.domain.tokens import Tokens
from gateway.identity.people import PasswordStatus, Renewed
from gateway.web.camel_case import CamelAnswer
from gateway.web.outputs import Omittable

_TENANT = re.compile(r"https://login\.microsoftonline\.com/([^/]+)/v2\.0")


class GoogleProvider(CamelAnswer):
    """What a page needs to offer Google."""

    client_id: str


class MicrosoftProvider(CamelAnswer):
    """What a page needs to offer Microsoft."""

    tenant_id: str
    client_id: str

    @classmethod
    def of(cls, provider: IdentityProvider) -> "MicrosoftProvider":
        """Write it in the document's words; the tenant may be told by the issuer alone."""
        told = (match[1] for each in provider.issuers if (match := _TENANT.fullmatch(each)))
        return cls(tenant_id=provider.tenant or next(told, "common"), client_id=provider.client_id)


class OauthProvider(CamelAnswer):
    """What a page needs to offer any other provider."""

    provider_name: str
    client_id: str
    authorization_url: str
    token_endpoint: str

    @classmethod
    def of(cls, provider: IdentityProvider) -> "OauthProvider":
        """Write it in the document's words."""
        return cls(
            provider_name=provider.name,
            client_id=provider.client_id,
            authorization_url=provider.authorization_url,
            token_endpoint=provider.token_url,
        )


class SamlProvider(BaseModel):
    """Nothing but that it is there: a page sends the browser to `/saml/signIn`."""


class AuthProviders(BaseModel):
    """What a page needs to offer the external methods of a step, and nothing that is secret."""

    google: Omittable[GoogleProvider] = None
    microsoft: Omittable[MicrosoftProvider] = None
    azuread: Omittable[MicrosoftProvider] = None
    oauth: Omittable[OauthProvider] = None
    saml: Omittable[SamlProvider] = None

    @classmethod
    def of(cls, sign_in: OpenSignIn) -> "AuthProviders":
        """Write the providers of the current step in the document's words."""
        offered = {method: sign_in.providers[method] for method in sign_in.methods if method in sign_in.providers}
        google, microsoft = offered.get(SignInMethod.GOOGLE), offered.get(SignInMethod.MICROSOFT)
        azure_ad, oauth = offered.get(SignInMethod.AZURE_AD), offered.get(SignInMethod.OAUTH)
        return cls(
            google=GoogleProvider(client_id=google.client_id) if google else None,
            microsoft=MicrosoftProvider.of(microsoft) if microsoft else None,
            azuread=MicrosoftProvider.of(azure_ad) if azure_ad else None,
            oauth=OauthProvider.of(oauth) if oauth else None,
            saml=SamlProvider() if SignInMethod.SAML in offered else None,
        )


class InitAuthAnswer(CamelAnswer):
    """Answer of *initAuth*; the session token travels in a header."""

    current_step: int
    allowed_methods: list[str]
    message: str
    auth_providers: AuthProviders
    jit_enabled: bool

    @classmethod
    def of(cls, sign_in: OpenSignIn) -> "InitAuthAnswer":
        """Write a sign-in that has begun in the document's words."""
        return cls(
            current_step=sign_in.step,
            allowed_methods=[method.value for method in sign_in.methods],
            message="Authentication initialized",
            auth_providers=AuthProviders.of(sign_in),
            jit_enabled=sign_in.offers_accounts,
        )


class NextStep(CamelAnswer):
    """Answer of *authenticate* before the last step."""

    status: Literal["success"] = "success"
    next_step: int
    allowed_methods: list[str]
    auth_providers: AuthProviders


class FullyAuthenticated(CamelAnswer):
    """Answer of *authenticate* at the last step."""

    message: str = "Fully authenticated"
    access_token: str
    refresh_token: str


class AuthenticateAnswer(RootModel[NextStep | FullyAuthenticated]):
    """Answer of *authenticate*."""

    @classmethod
    def of(cls, progress: Tokens | OpenSignIn) -> "AuthenticateAnswer":
        """Write what a proven step has led to in the document's words."""
        if isinstance(progress, Tokens):
            return cls(FullyAuthenticated(access_token=progress.access_token, refresh_token=progress.refresh_token))
        methods = [method.value for method in progress.methods]
        providers = AuthProviders.of(progress)
        return cls(NextStep(next_step=progress.step, allowed_methods=methods, auth_providers=providers))


class MessageAnswer(BaseModel):
    """Answer of what only has to be said."""

    message: str


class ForgotPasswordAnswer(BaseModel):
    """Answer of *forgotPassword*, the same for every address."""

    message: str = "If there is an account with this address, a mail with a link is on its way"
    data: str = "password reset mail sent"


class PasswordResetAnswer(CamelAnswer):
    """Answer of both resets."""

    data: str = "password reset"
    access_token: Omittable[str] = None

    @classmethod
    def of(cls, tokens: Tokens | None) -> "PasswordResetAnswer":
        """Tell the access token of the new session, if there is one."""
        return cls(access_token=tokens.access_token if tokens else None)


class PasswordStatusAnswer(CamelAnswer):
    """Answer of *checkPasswordStatus*."""

    has_password: bool
    is_password_auth_enabled: bool

    @classmethod
    def of(cls, status: PasswordStatus) -> "PasswordStatusAnswer":
        """Write it in the document's words."""
        return cls(has_password=status.is_set, is_password_auth_enabled=status.is_accepted)


class UserAnswer(CamelAnswer):
    """Who has refreshed a token; the members that some versions of the client require are always there."""

    id: str = Field(serialization_alias="_id")
    org_id: str
    email: str
    full_name: str
    first_name: Omittable[str] = None
    last_name: Omittable[str] = None
    account_type: Literal["business", "individual"]
    role: Literal["admin", "member"]
    has_logged_in: bool = True
    is_deleted: bool = False
    slug: str
    created_at: str
    updated_at: str
    version: int = Field(0, serialization_alias="__v")

    @classmethod
    def of(cls, renewed: Renewed) -> "UserAnswer":
        """Write a person in the document's words; Keycloak does not tell when an account was changed."""
        profile, organization = renewed.profile, renewed.organization
        created = _moment(profile)
        return cls(
            id=profile.account.id,
            org_id=organization.id if organization else renewed.realm,
            email=profile.account.email or "",
            full_name=profile.full_name,
            first_name=profile.first_name or None,
            last_name=profile.last_name or None,
            account_type="business" if organization else "individual",
            role="admin" if renewed.administers else "member",
            slug=profile.account.username,
            created_at=created,
            updated_at=created,
        )


class RefreshAnswer(CamelAnswer):
    """Answer of *refreshToken*; there is no new refresh token, the old one goes on."""

    user: UserAnswer
    access_token: str

    @classmethod
    def of(cls, renewed: Renewed) -> "RefreshAnswer":
        """Write it in the document's words."""
        return cls(user=UserAnswer.of(renewed), access_token=renewed.tokens.access_token)


def _moment(profile: Profile) -> str:
    at = datetime.fromtimestamp(profile.created_at / 1000, UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
