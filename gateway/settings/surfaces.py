"""A section for each surface; a setting of a contract is `GATEWAY_<SURFACE>__<NAME>` (design section 9)."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from gateway.domain.invitations import LONGEST_INVITATION
from gateway.settings.credentials import SharedSecret
from gateway.settings.mail import InvitationPage, TokenPage
from gateway.settings.values import Listed, Seconds, Section, is_loopback, web_address


def _origin(text: str) -> str:
    address = web_address(text)
    if address.path:
        raise ValueError("must be scheme://host[:port], without a path or a slash at its end")
    if address.scheme == "http" and not is_loopback(address.hostname or ""):
        raise ValueError("must begin with https:// unless its host is on loopback")
    return text


Origin = Annotated[str, AfterValidator(_origin)]


class SurfaceSettings(Section):
    """What every surface has."""

    enabled: bool = Field(default=True, description="serve this surface")
    prefix: str = Field(
        "",
        # No segment begins with a dot: clients resolve `/..` away before they ask.
        pattern=r"^(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*$",
        max_length=255,
        description="path put before the document's own paths, such as `/identity`",
    )


class ToanSettings(SurfaceSettings):
    """The ToanFndtn IAM surface."""

    org_check: Literal["strict", "off"] = Field(
        "strict", description="`off` for realms without organizations: `x-org` is demanded but not looked up"
    )
    mail_limit: int = Field(3, ge=1, le=1000, description="reset mails asked for one user name within the window")
    mail_window: Seconds = Field(timedelta(minutes=15), ge=timedelta(seconds=1), description="that window")
    reset_link_lifetime: Seconds = Field(
        timedelta(hours=1),
        ge=timedelta(seconds=1),
        le=timedelta(days=1),
        description="how long Keycloak's reset link works",
    )


class PipeshubSettings(SurfaceSettings):
    """The PipesHub UserAccount surface."""

    session_ttl: Seconds = Field(
        timedelta(hours=1),
        ge=timedelta(seconds=1),
        le=timedelta(days=1),
        description="life of a sign-in under way, anew from each step",
    )
    otp_request_limit: int = Field(5, ge=1, le=1000, description="codes asked for one address in 10 minutes")
    forgot_request_limit: int = Field(5, ge=1, le=1000, description="reset links asked for one address in an hour")
    reset_ttl: Seconds = Field(
        timedelta(minutes=20), ge=timedelta(seconds=1), le=timedelta(hours=1), description="how long a reset link works"
    )
    conceal_unknown_users: bool = Field(
        default=False, description="answer for unknown, disabled and locked addresses as for any other"
    )
    scoped_token_secret: SharedSecret | None = Field(
        None,
        description="key (32 bytes or more) of scoped tokens, shared with the services that make their own; "
        "one made from `SECRET_KEYS` when not set",
    )
    error_envelope: Literal["auto", "flat", "nested"] = Field(
        "auto", description="shape of refusals; `auto` nests them for `pipeshub-sdk` from 1.1 on"
    )
    cors_origins: Annotated[list[Origin], Listed] = Field(
        [], description="web pages that may call, such as `https://app.example.org`"
    )
    max_body: int = Field(1 << 20, ge=1024, le=1 << 24, description="largest request body of this surface, bytes")


class NapSettings(SurfaceSettings):
    """The NAP auth platform surface."""

    multitenancy: bool = Field(
        default=False, description="people sign in to one of their organizations, and choose where there are several"
    )
    api_keys: Annotated[list[SharedSecret], Listed] = Field(
        [],
        max_length=16,
        description="keys (32 bytes or more), one of which every request must carry in `X-NAP-API-Key`; "
        "without any, none is asked for",
    )
    debug: bool = Field(default=False, description="fill `debug` in refusals; tells callers more than they need")
    flow_lifetime: Seconds = Field(
        timedelta(minutes=10),
        ge=timedelta(seconds=1),
        le=timedelta(hours=1),
        description="how long a sign-in waits for the choice of an organization or for a one-time code",
    )
    mail_limit: int = Field(3, ge=1, le=1000, description="verification mails asked for one address within the window")
    mail_window: Seconds = Field(timedelta(minutes=15), ge=timedelta(seconds=1), description="that window")
    verification_lifetime: Seconds = Field(
        timedelta(hours=24),
        ge=timedelta(hours=1),
        le=timedelta(days=7),
        description="how long the link of a verification mail works",
    )
    refresh_grace: Seconds = Field(
        timedelta(seconds=10),
        ge=timedelta(seconds=1),
        le=timedelta(minutes=1),
        description="how long a refresh token that was used is answered as the first time; later it ends its session",
    )


class KestraSettings(SurfaceSettings):
    """The Kestra AuthApi surface."""

    reset_token_ttl: Seconds = Field(
        timedelta(hours=1), ge=timedelta(seconds=1), le=timedelta(days=1), description="how long a reset link works"
    )
    reset_cooldown: Seconds = Field(
        timedelta(minutes=5), ge=timedelta(seconds=1), description="least time between two reset mails to one person"
    )
    reset_max_requests: int = Field(
        10, ge=1, le=1_000_000, description="reset links asked for from one client address within the window"
    )
    reset_window: Seconds = Field(timedelta(hours=1), ge=timedelta(seconds=1), description="that window")
    reset_url: TokenPage = Field(
        "{frontend_url}/ui/reset-password?token={token}",
        description="page for a new password; `{frontend_url}` and `{token}` are filled in",
    )
    passwordless: bool = Field(
        default=False, description="people may sign in by a mailed code instead of their password; needs a mail server"
    )
    code_ttl: Seconds = Field(
        timedelta(minutes=10), ge=timedelta(seconds=1), le=timedelta(hours=1), description="how long a code works"
    )
    code_cooldown: Seconds = Field(
        timedelta(minutes=1), ge=timedelta(seconds=1), description="least time between two codes to one person"
    )
    code_max_attempts: int = Field(5, ge=1, le=5, description="wrong tries that void a code")
    code_max_requests: int = Field(
        10, ge=1, le=1_000_000, description="codes asked for from one client address within the window"
    )
    code_window: Seconds = Field(timedelta(hours=1), ge=timedelta(seconds=1), description="that window")
    invitation_ttl: Seconds = Field(
        timedelta(days=7),
        ge=timedelta(seconds=1),
        le=LONGEST_INVITATION,
        description="how long an invitation works that does not say otherwise; 30 days at most",
    )
    invitation_url: InvitationPage = Field(
        "{frontend_url}/ui/invitation/{invitation_id}",
        description="page that an invitation leads to; `{frontend_url}` and `{invitation_id}` are filled in",
    )
    accept_requires_login: bool = Field(
        default=False, description="an invitation is accepted only with a bearer token of the invited person"
    )
    default_tenant: str = Field(
        "main",
        min_length=1,
        max_length=255,
        description="tenant that means no organization, unless an organization has that alias",
    )


class BackchannelLogoutSettings(SurfaceSettings):
    """OpenID Connect Back-Channel Logout, by which Keycloak tells of the sessions it has ended."""
