"""The organization's Keycloak, and the clients the gateway has in its realm."""

from datetime import timedelta
from typing import Annotated, Literal
from urllib.parse import SplitResult

from pydantic import ConfigDict, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from gateway.settings.credentials import ClientSecret, PrivateKey
from gateway.settings.values import Listed, Seconds, SecondsOrNone, Section, is_loopback, web_address

_IDS = ("client_id", "verified_client_id", "check_client_id", "check_otp_client_id", "admin_client_id")
_SECRETS = tuple(name.removesuffix("id") + "secret" for name in _IDS)
_OPTIONAL_SECRET = "check_otp_client_secret"  # noqa: S105 - a field's name; a realm without code generators needs no such client

ClientId = Annotated[str, Field(pattern=r"^[!-~]{1,255}$")]
CallTime = Annotated[Seconds, Field(le=timedelta(seconds=5))]

# RFC 6749 section 3.3, less what would end the scope or the form field it travels in.
Scope = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:*/-]{1,128}$")]


class KeycloakSettings(Section):
    """The organization's Keycloak, and the clients the gateway has in its realm."""

    model_config = ConfigDict(validate_default=True)

    # Before the address, which is judged by it.
    insecure_http: bool = Field(
        default=False, description="allow `http://` to a Keycloak that is not on loopback, also as `issuer`"
    )
    url: str = Field(description="base address of Keycloak, without `/realms/…`; one address everywhere")
    realm: str = Field(pattern=r"^[A-Za-z0-9_-][A-Za-z0-9._-]{0,254}$", description="name of the realm")
    issuer: str | None = Field(
        None, description="the realm's issuer when it differs from `<url>/realms/<realm>` (Keycloak's `--hostname`)"
    )
    # Before the secrets, which it replaces.
    private_key: PrivateKey | None = Field(
        None,
        description="one private key (PEM or JWK; EC P-256, or RSA of 2048 bits or more) by which all clients "
        "authenticate instead of secrets (`private_key_jwt`, RFC 7523); recommended in production",
    )
    private_key_id: str | None = Field(
        None, pattern=r"^[!-~]{1,255}$", description="`kid` under which Keycloak knows the key"
    )
    client_id: ClientId = Field("gateway", description="client for password sign-in, refresh and introspection")
    client_secret: ClientSecret | None = Field(
        None, description="secret of `client_id`; required without `private_key`"
    )
    verified_client_id: ClientId = Field(
        "gateway-verified", description="client whose tokens are for people the gateway verified itself"
    )
    verified_client_secret: ClientSecret | None = Field(
        None, description="secret of `verified_client_id`; required without `private_key`"
    )
    check_client_id: ClientId = Field(
        "gateway-check", description="client that only answers whether a password is right"
    )
    check_client_secret: ClientSecret | None = Field(
        None, description="secret of `check_client_id`; required without `private_key`"
    )
    check_otp_client_id: ClientId = Field(
        "gateway-check-otp", description="client that only answers whether a TOTP code is right"
    )
    check_otp_client_secret: ClientSecret | None = Field(
        None, description="secret of `check_otp_client_id`; without it or `private_key` no surface takes such codes"
    )
    admin_client_id: ClientId = Field("gateway-admin", description="client whose service account makes admin calls")
    admin_client_secret: ClientSecret | None = Field(
        None, description="secret of `admin_client_id`; required without `private_key`"
    )
    scopes: Annotated[list[Scope], Listed] = Field(
        [], max_length=20, description="scopes asked for at sign-in besides `openid`, such as `organization:*`"
    )
    connect_timeout: CallTime = Field(timedelta(seconds=1), description="longest wait for a connection")
    timeout: CallTime = Field(timedelta(seconds=3), description="longest wait for an answer")
    queue_timeout: CallTime = Field(
        timedelta(seconds=1), description="longest wait for a free place in the limits below"
    )
    max_in_flight: int = Field(40, ge=1, le=1000, description="most calls to Keycloak at a time")
    max_password_checks: int = Field(
        16, ge=1, le=1000, description="most password checks at a time: 8 for each of Keycloak's processors"
    )
    algorithms: Annotated[list[Literal["RS256", "PS256", "ES256"]], Listed] = Field(
        ["RS256", "PS256", "ES256"], min_length=1, description="signature algorithms accepted in access tokens"
    )
    access_token_lifetime: Seconds = Field(
        timedelta(hours=1),
        ge=timedelta(seconds=1),
        description="longest life of an access token in the realm: how long ended sessions are remembered",
    )
    keys_lifetime: Seconds = Field(timedelta(seconds=300), description="how long the realm's signing keys are kept")
    leeway: SecondsOrNone = Field(
        timedelta(seconds=10), le=timedelta(seconds=10), description="clock difference tolerated in tokens"
    )

    @field_validator("url")
    @classmethod
    def _safe(cls, url: str, info: ValidationInfo) -> str:
        address = _encrypted(url, info)
        if "/realms/" in address.path:
            raise ValueError("must end before /realms/; the name after it belongs into GATEWAY_KEYCLOAK__REALM")
        return url

    @field_validator("issuer")
    @classmethod
    def _safe_for_browsers(cls, issuer: str | None, info: ValidationInfo) -> str | None:
        """Judge it like `url`: below it are the pages where browsers are sent to type passwords."""
        if issuer is not None:
            _encrypted(issuer, info)
        return issuer

    @field_validator("private_key_id")
    @classmethod
    def _of_a_key(cls, key_id: str | None, info: ValidationInfo) -> str | None:
        if key_id is not None and info.data.get("private_key", ...) is None:
            raise ValueError("names a key, but GATEWAY_KEYCLOAK__PRIVATE_KEY is not set")
        return key_id

    @field_validator(*_SECRETS)
    @classmethod
    def _secret_or_key(cls, secret: ClientSecret | None, info: ValidationInfo) -> ClientSecret | None:
        private_key = info.data.get("private_key", ...)
        if secret is not None and private_key not in (None, ...):
            raise ValueError("must not be set beside GATEWAY_KEYCLOAK__PRIVATE_KEY, which stands for all secrets")
        if secret is None and private_key is None and info.field_name != _OPTIONAL_SECRET:
            raise PydanticCustomError("required", "required but not set (unless GATEWAY_KEYCLOAK__PRIVATE_KEY is)")
        return secret

    @field_validator(*_IDS)
    @classmethod
    def _clients_of_their_own(cls, client_id: str, info: ValidationInfo) -> str:
        """Refuse one client in two roles: where `gateway-verified` signs people in, no password is asked."""
        same = next((name for name in _IDS if info.data.get(name) == client_id), None)
        if same:
            raise ValueError(f"the same as GATEWAY_KEYCLOAK__{same.upper()}; each client has a flow of its own")
        return client_id


def _encrypted(url: str, info: ValidationInfo) -> SplitResult:
    """Demand an address of the web that passwords may be sent to."""
    address = web_address(url)
    encrypted = address.scheme == "https" or is_loopback(address.hostname or "")
    if not encrypted and not info.data.get("insecure_http", True):
        raise ValueError("passwords would travel unencrypted; use https, or set GATEWAY_KEYCLOAK__INSECURE_HTTP=true")
    return address
