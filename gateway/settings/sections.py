"""A section for each room: what an operator can set, within which bounds, and what it means."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from gateway.settings.redis_address import check_redis_address, check_redis_passwords
from gateway.settings.values import Host, Listed, Network, Seconds, SecondsOrNone, Section, is_loopback, web_address

_ANY_ADDRESS = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared with, never listened on
_MOST = 1_000_000
_LEAST_WINDOW = timedelta(seconds=1)
"""The library that counts in windows knows whole seconds."""


class ServerSettings(Section):
    """Where the gateway listens and what it takes from the network."""

    host: Host = Field("127.0.0.1", description="address of the public port; `0.0.0.0` in a container")
    port: int = Field(8000, ge=0, le=65535, description="public port; 0 takes a free one")
    management_host: Host = Field("127.0.0.1", description="address of the management port")
    management_port: int = Field(
        9090, ge=0, le=65535, description="port of metrics, detailed health and API documents; 0 takes a free one"
    )
    public_url: str = Field(
        "http://127.0.0.1:8000", description="the address callers use, without a path; https unless on loopback"
    )
    allowed_hosts: Annotated[list[Host], Listed] = Field(
        [], description="`Host` values answered besides the host of `public_url` and the listening address"
    )
    trusted_proxies: Annotated[list[Network], Listed] = Field(
        [], description="networks whose `X-Forwarded-For` is believed"
    )
    max_body: int = Field(65536, ge=1024, le=1 << 24, description="largest request body, bytes")
    body_timeout: Seconds = Field(
        timedelta(seconds=10),
        le=timedelta(minutes=1),
        description="longest time for a request's head, and for its body, to arrive",
    )
    keep_alive: Seconds = Field(
        timedelta(seconds=75),
        ge=timedelta(seconds=1),
        le=timedelta(hours=1),
        description="how long an idle connection stays open; longer than the load balancer's own time",
    )
    deadline: Seconds = Field(
        timedelta(seconds=4.8), le=timedelta(seconds=5), description="longest time to answer a request"
    )
    shutdown_delay: SecondsOrNone = Field(
        timedelta(seconds=1),
        le=timedelta(minutes=5),
        description="time between SIGTERM and closing the port; readiness says 503 meanwhile",
    )
    drain_timeout: SecondsOrNone = Field(
        timedelta(seconds=20), le=timedelta(minutes=10), description="longest wait for requests in flight at the end"
    )
    readiness_follows_outages: bool = Field(
        default=False,
        description="`/readyz` says 503 while Keycloak or Redis is down; otherwise only until both were reached once",
    )
    public_documents: bool = Field(default=False, description="serve the API documents on the public port too")

    @property
    def is_https(self) -> bool:
        """Whether callers reach the public port by https."""
        return web_address(self.public_url).scheme == "https"

    @field_validator("management_port")
    @classmethod
    def _free(cls, port: int, info: ValidationInfo) -> int:
        hosts = {info.data.get("host"), info.data.get("management_host")}
        if port and port == info.data.get("port") and (len(hosts) == 1 or hosts & _ANY_ADDRESS):
            raise ValueError("the same as GATEWAY_SERVER__PORT on the same address")
        return port

    @field_validator("public_url")
    @classmethod
    def _safe(cls, url: str) -> str:
        address = web_address(url)
        if address.path not in ("", "/"):
            raise ValueError("must be http(s)://host[:port], without a path")
        if address.scheme == "http" and not is_loopback(address.hostname or ""):
            raise ValueError("must begin with https:// unless its host is on loopback")
        return url


class RedisSettings(Section):
    """Where what expires is kept."""

    # Before the address, which is judged by it.
    insecure_plaintext: bool = Field(
        default=False, description="allow `redis…://` without TLS to a Redis that is not on loopback"
    )
    url: SecretStr = Field(
        description="`rediss://[user:password@]host:6379/0`, `rediss+sentinel://host1:26379,host2:26379/service/0`, "
        "`rediss+cluster://host1:6379,host2:6379`; `redis…` without TLS; `unix:///path/to/socket`; "
        "a password in it is random, 32 bytes or more"
    )
    prefix: str = Field("gateway:", pattern=r"^[A-Za-z0-9_:.-]{1,64}$", description="what every key begins with")
    connect_timeout: Seconds = Field(
        timedelta(seconds=0.5), le=timedelta(seconds=5), description="longest wait for a connection"
    )
    timeout: Seconds = Field(timedelta(seconds=1), le=timedelta(seconds=5), description="longest wait for an answer")
    max_connections: int = Field(50, ge=2, le=10000, description="size of the connection pool")

    @field_validator("url")
    @classmethod
    def _safe(cls, url: SecretStr, info: ValidationInfo) -> SecretStr:
        check_redis_address(url.get_secret_value(), plaintext=info.data.get("insecure_plaintext", True))
        check_redis_passwords(url.get_secret_value())
        return url


class LockoutSettings(Section):
    """One lock-out for an account over all surfaces and factors."""

    max_failures: int = Field(5, ge=1, le=100, description="wrong tries in a row that lock an account")
    duration: Seconds = Field(timedelta(minutes=15), description="first lock; doubles with each further one in 24 h")
    max_duration: Seconds = Field(timedelta(hours=24), description="longest lock; at least `duration`")

    @field_validator("max_duration")
    @classmethod
    def _not_shorter(cls, longest: timedelta, info: ValidationInfo) -> timedelta:
        if longest < info.data.get("duration", longest):
            raise ValueError("shorter than GATEWAY_LOCKOUT__DURATION")
        return longest


class LimitSettings(Section):
    """Limits by client address and mailbox, and what hides why a sign-in was refused."""

    failures_per_address: int = Field(
        20, ge=1, le=_MOST, description="failed credentials of one address within the window"
    )
    failure_window: Seconds = Field(
        timedelta(minutes=10), ge=_LEAST_WINDOW, description="that window, and the block that follows"
    )
    mails_per_address: int = Field(60, ge=1, le=_MOST, description="mail-sending requests of one address in an hour")
    mails_per_mailbox: int = Field(5, ge=1, le=_MOST, description="mails to one mailbox in 10 minutes")
    mails_per_mailbox_and_day: int = Field(20, ge=1, le=_MOST, description="mails to one mailbox in a day")
    refusal_floor: SecondsOrNone = Field(
        timedelta(milliseconds=150),
        le=timedelta(seconds=1),
        description="a refused sign-in takes at least this long; above Keycloak's p95",
    )
    refusal_jitter: SecondsOrNone = Field(
        timedelta(milliseconds=20), le=timedelta(seconds=1), description="random time on top of the floor"
    )


class OrganizationSettings(Section):
    """What organizations are in the realm."""

    admins_group: str = Field(
        "admins", min_length=1, max_length=255, description="organization group whose members administer it"
    )


class LogSettings(Section):
    """What the gateway writes to standard output."""

    format: Literal["json", "console"] = Field("json", description="one JSON object a line, or colours for people")
    level: Literal["debug", "info", "warning", "error"] = Field("info", description="least level written")
