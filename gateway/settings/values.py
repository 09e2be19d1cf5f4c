"""Shapes that several settings share: durations, lists, hosts, networks, addresses."""

import re
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

LONGEST = timedelta(days=366)
"""No duration is longer: what is kept in Redis always ends, and no sum of times overflows there."""

_MOST_SECRET = 255
_SECONDS = re.compile(r"\d+(\.\d+)?", re.ASCII)
_NOT_A_DURATION = "must be seconds (`900`, `0.5`) or ISO 8601 (`PT15M`)"
_NAME = re.compile(r"(?!-)[A-Za-z0-9._-]{1,253}")
_NOT_A_HOST = "must be a host name or an IP address, without scheme, port and wildcard"
_NOT_A_NETWORK = "must be a network such as `10.0.0.0/8` or `fd00::/8`"


class Section(BaseModel):
    """One room's settings."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def _duration(value: object) -> object:
    """Tell pydantic which of the forms it was: on its own it reads `900` as days, and true as a second."""
    if isinstance(value, bool):
        raise ValueError(_NOT_A_DURATION)  # noqa: TRY004 - pydantic reports a ValueError, and lets a TypeError through
    if not isinstance(value, str):
        return value
    if _SECONDS.fullmatch(value):
        return float(value)
    if not value.startswith("P"):
        raise ValueError(_NOT_A_DURATION)
    return value


def listed(value: object) -> object:
    """Let a list be written as `a,b` in a variable, or one a line in a file."""
    return value.replace(",", " ").split() if isinstance(value, str) else value


def _host(value: str) -> str:
    bare = value.removeprefix("[").removesuffix("]")
    try:
        ip_address(bare)
    except ValueError:
        if not _NAME.fullmatch(value):
            raise ValueError(_NOT_A_HOST) from None
    return bare


def _network(value: object) -> object:
    if isinstance(value, IPv4Network | IPv6Network):
        return value
    if not isinstance(value, str):
        raise ValueError(_NOT_A_NETWORK)  # noqa: TRY004 - as above
    try:
        loose = ip_network(value, strict=False)
    except ValueError:
        raise ValueError(_NOT_A_NETWORK) from None
    try:
        return ip_network(value)
    except ValueError:
        raise ValueError(f"has bits set after its prefix; did you mean {loose}?") from None


Seconds = Annotated[timedelta, BeforeValidator(_duration), Field(gt=timedelta(0), le=LONGEST)]
"""A duration, more than nothing: seconds or ISO 8601."""
SecondsOrNone = Annotated[timedelta, BeforeValidator(_duration), Field(ge=timedelta(0), le=LONGEST)]
"""A duration that may be 0."""
Listed = BeforeValidator(listed)
Host = Annotated[str, AfterValidator(_host)]
Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(_network)]


def web_address(text: str) -> SplitResult:
    """Split an http(s) address.

    Raises:
        ValueError: it is none, or holds more than a host, a port and a path; the text does not repeat it.
    """
    address = split_address(text)
    if address.scheme not in ("http", "https") or not address.hostname:
        raise ValueError("must begin with http:// or https:// and name a host")
    if "@" in address.netloc or address.query or address.fragment:
        raise ValueError("must hold no credentials, query or fragment")
    return address


def split_address(text: str) -> SplitResult:
    """Split an address as `urlsplit` does, but say nothing of what it holds when it cannot be split.

    Raises:
        ValueError: it holds a blank or control character, or its host or port is none.
    """
    refuse_blanks(text)
    try:
        address = urlsplit(text)
        _ = address.port
    except ValueError:
        # Its message quotes what it takes for the port: in `redis://user:password`, the password.
        raise ValueError("is not an address: its host or its port cannot be read") from None
    return address


def refuse_blanks(text: str) -> None:
    """Refuse what `urlsplit` would drop silently: line breaks, tabs, control characters, blanks.

    Raises:
        ValueError: there is one.
    """
    if " " in text or not text.isprintable():
        raise ValueError("must hold no blanks and no control characters")


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine for certain."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def printable_secret(secret: SecretStr) -> SecretStr:
    """Accept what a third party may have chosen and every header or form can hold.

    Raises:
        ValueError: it is none; the text does not repeat it.
    """
    text = secret.get_secret_value()
    if not text.isascii() or not text.isprintable() or " " in text or len(text) > _MOST_SECRET:
        raise ValueError(f"must be at most {_MOST_SECRET} printable ASCII characters without blanks")
    return secret
