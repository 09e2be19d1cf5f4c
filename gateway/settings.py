"""The only reader of the environment: every setting of the gateway, with its type, default and meaning.

A setting comes from, first one wins: its variable (`GATEWAY_REDIS__URL`), a file that holds its value
(`GATEWAY_REDIS__URL_FILE`, for secrets mounted by an orchestrator), or the TOML file that
`GATEWAY_CONFIG` names. All faults are reported at once, by the names an operator types.
"""

import base64
import difflib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

_PREFIX = "GATEWAY_"
_MIN_SECRET_BYTES = 32

Seconds = timedelta
"""A duration: seconds (`900`, `0.5`) or ISO 8601 (`PT15M`)."""


class SettingsError(Exception):
    """The settings cannot be used; the text lists every fault, one a line."""


def _split(value: object) -> object:
    """Let a list be written as `a,b` in a variable."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


def _long_enough(secret: SecretStr) -> SecretStr:
    if len(secret.get_secret_value().encode()) < _MIN_SECRET_BYTES:
        raise ValueError(f"shorter than {_MIN_SECRET_BYTES} bytes; regenerate it in Keycloak (Clients → Credentials)")
    return secret


def _strong_key(key: SecretStr) -> SecretStr:
    if len(decode_key(key)) < _MIN_SECRET_BYTES:
        raise ValueError(
            f"not base64url of {_MIN_SECRET_BYTES} bytes or more; "
            'make one: python -c "import secrets; print(secrets.token_urlsafe(32))"'
        )
    return key


def decode_key(key: SecretStr) -> bytes:
    """Return the bytes of one of `secret_keys`; empty when it is not base64url."""
    text = key.get_secret_value()
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return b""


ClientSecret = Annotated[SecretStr, AfterValidator(_long_enough)]
SecretKey = Annotated[SecretStr, AfterValidator(_strong_key)]
Listed = (NoDecode, BeforeValidator(_split))


def _fault(name: str, what: str) -> ValueError:
    return ValueError(f"{_PREFIX}{name}: {what}")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


class Section(BaseModel):
    """One room's settings."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ServerSettings(Section):
    """Where the gateway listens and what it takes from the network."""

    host: str = Field("127.0.0.1", description="address of the public port; `0.0.0.0` in a container")
    port: int = Field(8000, ge=0, le=65535, description="public port; 0 takes a free one")
    management_host: str = Field("127.0.0.1", description="address of the management port")
    management_port: int = Field(
        9090, ge=0, le=65535, description="port of metrics, detailed health and API documents; 0 takes a free one"
    )
    public_url: str = Field("http://127.0.0.1:8000", description="the address callers use, without a path")
    allowed_hosts: Annotated[list[str], *Listed] = Field(
        [], description="`Host` values answered besides the host of `public_url` and the listening address"
    )
    trusted_proxies: Annotated[list[IPv4Network | IPv6Network], *Listed] = Field(
        [], description="networks whose `X-Forwarded-For` is believed"
    )
    max_body: int = Field(65536, ge=1024, le=1 << 24, description="largest request body, bytes")
    body_timeout: Seconds = Field(
        timedelta(seconds=10), description="longest time for a request's head, and for its body, to arrive"
    )
    keep_alive: Seconds = Field(timedelta(seconds=75), description="how long an idle connection is kept open")
    deadline: Seconds = Field(timedelta(seconds=4.8), description="longest time to answer a request")
    shutdown_delay: Seconds = Field(
        timedelta(seconds=1), description="time between SIGTERM and closing the port; readiness says 503 meanwhile"
    )
    drain_timeout: Seconds = Field(timedelta(seconds=20), description="longest wait for requests in flight at the end")
    public_documents: bool = Field(default=False, description="serve the API documents on the public port too")

    @model_validator(mode="after")
    def _safe(self) -> Self:
        url = urlsplit(self.public_url)
        if url.scheme not in ("http", "https") or not url.hostname or url.path not in ("", "/"):
            raise _fault("SERVER__PUBLIC_URL", "must be http(s)://host[:port] without a path")
        if url.scheme == "http" and not _is_loopback(url.hostname):
            raise _fault("SERVER__PUBLIC_URL", "https is required unless the host is on loopback")
        return self


class KeycloakSettings(Section):
    """The organization's Keycloak, and the clients the gateway has in its realm."""

    url: str = Field(description="base address of Keycloak, without `/realms/…`; one address everywhere")
    realm: str = Field(pattern=r"^[A-Za-z0-9._-]{1,255}$", description="name of the realm")
    issuer: str | None = Field(
        None, description="the realm's issuer when it differs from `<url>/realms/<realm>` (Keycloak's `--hostname`)"
    )
    private_key: SecretStr | None = Field(
        None, description="one key (PEM or JWK) by which all clients authenticate instead of secrets (RFC 7523)"
    )
    private_key_id: str | None = Field(None, description="`kid` sent with what `private_key` signs")
    client_id: str = Field("gateway", description="client for password sign-in, refresh and introspection")
    client_secret: ClientSecret | None = Field(
        None, description="secret of `client_id`; required without `private_key`"
    )
    verified_client_id: str = Field(
        "gateway-verified", description="client whose tokens are for people the gateway verified itself"
    )
    verified_client_secret: ClientSecret | None = Field(
        None, description="secret of `verified_client_id`; required without `private_key`"
    )
    check_client_id: str = Field("gateway-check", description="client that only answers whether a password is right")
    check_client_secret: ClientSecret | None = Field(
        None, description="secret of `check_client_id`; required without `private_key`"
    )
    check_otp_client_id: str = Field(
        "gateway-check-otp", description="client that only answers whether a TOTP code is right"
    )
    check_otp_client_secret: ClientSecret | None = Field(None, description="secret of `check_otp_client_id`")
    admin_client_id: str = Field("gateway-admin", description="client whose service account makes admin calls")
    admin_client_secret: ClientSecret | None = Field(
        None, description="secret of `admin_client_id`; required without `private_key`"
    )
    connect_timeout: Seconds = Field(timedelta(seconds=1), description="longest wait for a connection")
    timeout: Seconds = Field(timedelta(seconds=3), description="longest wait for an answer")
    queue_timeout: Seconds = Field(
        timedelta(seconds=1), description="longest wait for a free place in the limits below"
    )
    max_in_flight: int = Field(40, ge=1, le=1000, description="most calls to Keycloak at a time")
    max_password_checks: int = Field(
        16, ge=1, le=1000, description="most password checks at a time: 8 for each of Keycloak's processors"
    )
    algorithms: Annotated[list[Literal["RS256", "PS256", "ES256"]], *Listed] = Field(
        ["RS256", "PS256", "ES256"], description="signature algorithms accepted in access tokens"
    )
    access_token_lifetime: Seconds = Field(
        timedelta(hours=1), description="longest life of an access token: how long ended sessions are remembered"
    )
    keys_lifetime: Seconds = Field(timedelta(seconds=300), description="how long the realm's signing keys are kept")
    leeway: Seconds = Field(timedelta(seconds=10), description="clock difference tolerated in tokens")
    insecure_http: bool = Field(default=False, description="allow `http://` to a Keycloak that is not on loopback")

    @model_validator(mode="after")
    def _safe(self) -> Self:
        url = urlsplit(self.url)
        if url.scheme not in ("http", "https") or not url.hostname:
            raise _fault("KEYCLOAK__URL", "not an http(s) address")
        if url.scheme == "http" and not self.insecure_http and not _is_loopback(url.hostname):
            raise _fault(
                "KEYCLOAK__URL",
                f"passwords would travel unencrypted; use https, or set {_PREFIX}KEYCLOAK__INSECURE_HTTP=true",
            )
        if self.private_key is None:
            for name in ("client", "verified_client", "check_client", "admin_client"):
                if getattr(self, f"{name}_secret") is None:
                    raise _fault(
                        f"KEYCLOAK__{name.upper()}_SECRET", f"required unless {_PREFIX}KEYCLOAK__PRIVATE_KEY is set"
                    )
        secrets = [secret for name, secret in self if name.endswith("client_secret") and secret is not None]
        if len({secret.get_secret_value() for secret in secrets}) < len(secrets):
            raise _fault("KEYCLOAK__…_SECRET", "two clients share a secret; give each its own")
        return self


class RedisSettings(Section):
    """Where what expires is kept."""

    url: SecretStr = Field(description="`redis://`, `rediss://` or `unix://` address, credentials inside")
    prefix: str = Field("gateway:", pattern=r"^[\w:.-]{1,64}$", description="what every key begins with")
    connect_timeout: Seconds = Field(timedelta(seconds=0.5), description="longest wait for a connection")
    timeout: Seconds = Field(timedelta(seconds=1), description="longest wait for an answer")
    max_connections: int = Field(50, ge=2, le=10000, description="size of the connection pool")
    insecure_plaintext: bool = Field(
        default=False, description="allow `redis://` without TLS to a Redis that is not on loopback"
    )

    @model_validator(mode="after")
    def _safe(self) -> Self:
        url = urlsplit(self.url.get_secret_value())
        if url.scheme.partition("+")[0] not in ("redis", "rediss", "unix"):
            raise _fault("REDIS__URL", "must begin with redis://, rediss:// or unix://")
        hosts = [host.rpartition(":")[0] or host for host in url.netloc.rpartition("@")[2].split(",")]
        plain = url.scheme.startswith("redis") and not url.scheme.startswith("rediss")
        if plain and not self.insecure_plaintext and not all(_is_loopback(host.strip("[]")) for host in hosts):
            raise _fault("REDIS__URL", f"not encrypted; use rediss://, or set {_PREFIX}REDIS__INSECURE_PLAINTEXT=true")
        return self


class LockoutSettings(Section):
    """One lock-out for an account over all surfaces and factors (security S1)."""

    max_failures: int = Field(5, ge=1, le=100, description="wrong tries in a row that lock an account")
    duration: Seconds = Field(timedelta(minutes=15), description="first lock; doubles with each further one in 24 h")
    max_duration: Seconds = Field(timedelta(hours=24), description="longest lock")


class LimitSettings(Section):
    """Limits by client address and mailbox (security S10, S11)."""

    failures_per_address: int = Field(20, ge=1, description="failed credentials of one address within the window")
    failure_window: Seconds = Field(timedelta(minutes=10), description="that window, and the block that follows")
    mails_per_address: int = Field(60, ge=1, description="mail-sending requests of one address in an hour")
    mails_per_mailbox: int = Field(5, ge=1, description="mails to one mailbox in 10 minutes")
    mails_per_mailbox_and_day: int = Field(20, ge=1, description="mails to one mailbox in a day")
    refusal_floor: Seconds = Field(
        timedelta(milliseconds=150), description="a refused sign-in takes at least this long; above Keycloak's p95"
    )
    refusal_jitter: Seconds = Field(timedelta(milliseconds=20), description="random time on top of the floor")


class LogSettings(Section):
    """What the gateway writes to standard output."""

    format: Literal["json", "console"] = Field("json", description="one JSON object a line, or colours for people")
    level: Literal["debug", "info", "warning", "error"] = Field("info", description="least level written")


class SurfaceSettings(Section):
    """What every surface has."""

    enabled: bool = Field(default=True, description="serve this surface")
    prefix: str = Field("", pattern=r"^(/[A-Za-z0-9._~-]+)*$", description="path put before the document's own paths")


class ToanSettings(SurfaceSettings):
    """The ToanFndtn IAM surface."""

    org_check: Literal["strict", "off"] = Field(
        "strict", description="`off` for realms without organizations: `x-org` is demanded but not looked up"
    )
    admins_group: str = Field(
        "admins", min_length=1, max_length=255, description="organization group whose members administer it"
    )
    mail_limit: int = Field(3, ge=1, le=1000, description="reset mails asked for one user name within the window")
    mail_window: Seconds = Field(timedelta(seconds=900), description="that window")
    reset_link_lifetime: Seconds = Field(timedelta(hours=1), description="how long Keycloak's reset link works")


class BackchannelLogoutSettings(SurfaceSettings):
    """OpenID Connect Back-Channel Logout, by which Keycloak tells of the sessions it has ended."""


class Settings(BaseSettings):
    """Everything an operator can set; a room receives its section, never the whole."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True, env_ignore_empty=True
    )

    secret_keys: Annotated[list[SecretKey], *Listed] = Field(
        min_length=1,
        description="keys (base64url, 32 bytes or more) that seal and hash what is kept; the first seals, all open",
    )
    server: ServerSettings = ServerSettings()
    keycloak: KeycloakSettings
    redis: RedisSettings
    lockout: LockoutSettings = LockoutSettings()
    limits: LimitSettings = LimitSettings()
    log: LogSettings = LogSettings()
    toan: ToanSettings = ToanSettings()
    backchannel_logout: BackchannelLogoutSettings = BackchannelLogoutSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read what `load` gathered: its variables first, then the TOML file it names."""
        del env_settings, dotenv_settings, file_secret_settings
        variables: dict[str, str] = init_settings()["variables"]
        config = variables.pop(f"{_PREFIX}CONFIG", None)
        return (_Variables(settings_cls, variables), TomlConfigSettingsSource(settings_cls, config))


class _Variables(EnvSettingsSource):
    """The given variables instead of the process's own."""

    def __init__(self, settings_cls: type[BaseSettings], variables: Mapping[str, str]) -> None:
        self._given = {name.lower(): value for name, value in variables.items()}
        super().__init__(settings_cls)

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return dict(self._given)


def load(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings.

    Args:
        environment: the variables to read; the process's own when left out.

    Raises:
        SettingsError: with every fault, one a line.
    """
    variables = dict(os.environ if environment is None else environment)  # noqa: TID251 - the one reader of it
    faults: list[str] = []
    gathered = dict(_gather(variables, faults))
    try:
        settings = Settings(variables=gathered)  # type: ignore[call-arg]  # read by settings_customise_sources
    except ValidationError as error:
        raise SettingsError(
            "\n".join(faults + sorted({line for each in error.errors() for line in _told(each)}))
        ) from None
    except (OSError, ValueError) as error:
        raise SettingsError("\n".join([*faults, f"{_PREFIX}CONFIG: cannot be read: {error}"])) from None
    if faults:
        raise SettingsError("\n".join(faults))
    return settings


def _gather(variables: Mapping[str, str], faults: list[str]) -> Iterator[tuple[str, str]]:
    """Yield our variables, with `…_FILE` replaced by what the file holds."""
    known = {setting.name for setting in describe()} | {f"{_PREFIX}CONFIG"}
    for name, value in sorted(variables.items()):
        if not name.startswith(_PREFIX) or value == "":
            continue
        target = name.removesuffix("_FILE")
        if name in known:
            yield name, value
        elif target in known:
            try:
                yield target, Path(value).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeError) as error:
                faults.append(f"{name}: cannot read {value}: {error}")
        else:
            close = difflib.get_close_matches(name, known, n=1)
            faults.append(f"{name}: no such setting" + (f"; did you mean {close[0]}?" if close else ""))


def _told(error: Any) -> Iterator[str]:  # noqa: ANN401 - pydantic's own error dict
    """Turn one of pydantic's errors into lines that name the variable."""
    message = str(error["msg"]).removeprefix("Value error, ")
    name = _PREFIX + "__".join(str(part).upper() for part in error["loc"] if isinstance(part, str))
    if error["type"] == "missing":
        required = [each.name for each in describe() if each.default is None and each.name.startswith(name)]
        yield from (f"{each}: required but not set" for each in required)
    elif error["type"] == "extra_forbidden":
        yield f"{name}: no such setting"
    elif message.startswith(_PREFIX):
        yield message
    else:
        yield f"{name}: {message}"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as documented: variable, type, default (None when required) and meaning."""

    name: str
    type: str
    default: str | None
    meaning: str


def describe() -> list[Setting]:
    """List every setting, in the order of the model."""
    return list(_described(Settings, _PREFIX))


def _described(model: type[BaseModel], prefix: str) -> Iterator[Setting]:
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, Section):
            yield from _described(kind, f"{prefix}{name.upper()}__")
            continue
        default = None if field.is_required() else _shown(field.default)
        yield Setting(prefix + name.upper(), _type_name(kind), default, field.description or "")


def _shown(value: object) -> str:
    if isinstance(value, timedelta):
        return f"{value.total_seconds():g}"
    if isinstance(value, list):
        return ",".join(map(str, value))
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


_TYPE_NAMES = {
    "timedelta": "duration",
    "SecretStr": "secret",
    "Network": "network",
    "int": "integer",
    "bool": "boolean",
}


def _type_name(kind: object) -> str:
    text = str(kind)
    name = next((name for sign, name in _TYPE_NAMES.items() if sign in text), "text")
    if "Literal" in text:
        name = " or ".join(re.findall(r"'([^']+)'", text))
    return f"list of {name}" if text.startswith("list") else name
