"""The gateway's own mails: who takes them, what they look like, and where their links lead."""

import re
from datetime import timedelta
from functools import partial
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, DirectoryPath, Field, SecretStr, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from gateway.domain.mail_addresses import mail_address
from gateway.settings.values import Host, Seconds, Section, is_loopback, web_address

_PORTS = {"starttls": 587, "tls": 465, "none": 25}
_PLACEHOLDER = re.compile(r"\{[^{}]*\}|[{}]")
_FRONT_END = "{frontend_url}"
_TOKEN = "{token}"  # noqa: S105 - a placeholder's name
_INVITATION = "{invitation_id}"
_KEY = "{key}"


def _label(text: str) -> str:
    if not text.isprintable() or text != text.strip():
        raise ValueError("must hold no line breaks, no control characters and no blanks around it")
    return text


def _page(link: str, secret: str) -> str:
    before, _, after = link.partition(secret)
    unknown = set(_PLACEHOLDER.findall(before + after)) - {_FRONT_END}
    if link.count(secret) != 1 or unknown or not link.isprintable() or " " in link:
        raise ValueError(f"must hold `{secret}` once and no other placeholder but `{_FRONT_END}`")
    if not before.startswith(_FRONT_END + "/"):
        # Up to the query or fragment, and with a path: the secret must never be part of a host.
        address = re.split(r"[?#]", before)[0]
        _check_encrypted(address)
        if not web_address(address).path:
            raise ValueError("must name a page below its host")
    return link


Label = Annotated[str, AfterValidator(_label), Field(min_length=1, max_length=64)]
TokenPage = Annotated[str, AfterValidator(partial(_page, secret=_TOKEN))]
"""Address of a page that a mail leads to, with a place for its token."""
InvitationPage = Annotated[str, AfterValidator(partial(_page, secret=_INVITATION))]
"""The same, with a place for an invitation."""
KeyPage = Annotated[str, AfterValidator(partial(_page, secret=_KEY))]
"""The same, with a place for a key."""


class MailSettings(Section):
    """The mail server that takes the gateway's own mails, and what they look like; without a host there are none."""

    model_config = ConfigDict(validate_default=True)

    # Before the security, which is judged by them.
    insecure_plaintext: bool = Field(
        default=False, description="allow `security` to be `none` for a mail server that is not on loopback"
    )
    host: Host | None = Field(None, description="mail server; without it the gateway sends no mails of its own")
    security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="TLS after STARTTLS, or from the first byte; both are required, not tried"
    )
    port: int | None = Field(None, ge=1, le=65535, description="its port; 587, 465 or 25 by `security`")
    username: str | None = Field(None, min_length=1, max_length=255, description="name the gateway signs in with")
    password: SecretStr | None = Field(None, description="password of `username`")
    from_address: str | None = Field(None, description="address that mails come from; required with `host`")
    from_name: Label | None = Field(None, description="name beside that address; `service_name` when not set")
    service_name: Label = Field("Account service", description="what mails call the service the account is for")
    accent_color: str = Field(
        "#2457d6", pattern=r"^#[0-9a-fA-F]{6}$", description="colour of heading and button, as `#rrggbb`"
    )
    default_locale: str = Field(
        "en", pattern=r"^[a-z]{2,3}$", description="language of mails to people whose own there is no template for"
    )
    templates: DirectoryPath | None = Field(
        None, description="folder of templates that go before the built-in ones, such as `de/sign_in_code.jinja`"
    )
    connect_timeout: Seconds = Field(
        timedelta(seconds=2), le=timedelta(seconds=30), description="longest wait for a connection and its greeting"
    )
    # The longest is less than the outbox waits before it gives a mail to another replica.
    timeout: Seconds = Field(
        timedelta(seconds=4),
        le=timedelta(seconds=45),
        description="longest time to hand over a mail; shorter than `SERVER__DEADLINE`, as some answers wait for it",
    )

    @field_validator("security")
    @classmethod
    def _encrypted(cls, security: str, info: ValidationInfo) -> str:
        host = info.data.get("host")
        plaintext = info.data.get("insecure_plaintext", True)
        if security == "none" and host is not None and not plaintext and not is_loopback(host):
            raise ValueError(
                "codes and links would travel unencrypted; use `starttls` or `tls`, "
                "or set GATEWAY_MAIL__INSECURE_PLAINTEXT=true"
            )
        return security

    @field_validator("port")
    @classmethod
    def _usual(cls, port: int | None, info: ValidationInfo) -> int | None:
        if info.data.get("host") is None:
            return port
        return port or _PORTS.get(info.data.get("security", ""))

    @field_validator("password")
    @classmethod
    def _of_somebody(cls, password: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        username = info.data.get("username", ...)
        if password is not None and username is None:
            raise ValueError("set without GATEWAY_MAIL__USERNAME")
        if password is None and username not in (None, ...):
            raise PydanticCustomError("required", "required but not set; GATEWAY_MAIL__USERNAME is")
        return password

    @field_validator("from_address")
    @classmethod
    def _address(cls, address: str | None, info: ValidationInfo) -> str | None:
        if address is None and info.data.get("host") is not None:
            raise PydanticCustomError("required", "required but not set; GATEWAY_MAIL__HOST is")
        return None if address is None else mail_address(address)


class LinkSettings(Section):
    """Where the links in mails lead; nothing of a request is ever part of them (security S15)."""

    frontend_url: str | None = Field(
        None,
        description="address of the organization's front end, which serves the pages of these links; when not set they "
        "are looked for at the gateway's own address, where it has none",
    )
    password_reset: TokenPage = Field(
        "{frontend_url}/reset-password#token={token}",
        description="page for a new password; `{frontend_url}` and `{token}` are filled in",
    )
    email_verification: TokenPage = Field(
        "{frontend_url}/auth/verify-email?token={token}",
        description="page that proves an address; `{frontend_url}` and `{token}` are filled in",
    )

    @field_validator("frontend_url")
    @classmethod
    def _safe(cls, url: str | None) -> str | None:
        if url is not None:
            _check_encrypted(url)
        return url


def _check_encrypted(url: str) -> None:
    address = web_address(url)
    if address.scheme == "http" and not is_loopback(address.hostname or ""):
        raise ValueError("must begin with https:// unless its host is on loopback")
