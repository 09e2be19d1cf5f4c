"""Cookies: those that browsers are to keep, and those they send (RFC 6265)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from starlette.datastructures import Headers


@dataclass(frozen=True, slots=True)
class Site:
    """What an answer to a browser has to know of the place it comes from; all of it from settings (security S15).

    Attributes:
        front_end: address of the organization's front end, without a slash at its end.
        prefix: what stands before the surface's paths.
        https: whether browsers reach the gateway by https.
    """

    front_end: str = ""
    prefix: str = ""
    https: bool = False


@dataclass(frozen=True, slots=True)
class Cookie:
    """A cookie that a browser is to keep.

    Attributes:
        value: of letters, digits and `-_.~` only.
        max_age: seconds; 0 to have it forgotten, None to have it kept until the browser is closed.
        path: path of the document below which it is sent back; None for every path of the host.
        http_only: whether scripts of the page are kept from it.
        always_secure: have it sent by https only, even where the gateway is reached by http.
    """

    name: str
    value: str = field(repr=False)
    max_age: int | None
    same_site: Literal["Strict", "Lax", "None"]
    path: str | None = None
    http_only: bool = False
    always_secure: bool = False

    def header(self, site: Site) -> str:
        """Write the value of `Set-Cookie`."""
        path = "/" if self.path is None else site.prefix + self.path
        parts = [f"{self.name}={self.value}"]
        parts += [] if self.max_age is None else [f"Max-Age={self.max_age}"]
        parts += [f"Path={path}", f"SameSite={self.same_site}"]
        parts += ["Secure"] if self.always_secure or site.https else []
        parts += ["HttpOnly"] if self.http_only else []
        return "; ".join(parts)


def values_of(headers: Headers, name: str) -> list[str]:
    """Read every value that cookies of this name have; a neighbouring host may have added one of its own."""
    return [value for found, value in _pairs(headers) if found == name]


def _pairs(headers: Headers) -> Iterator[tuple[str, str]]:
    for sent in headers.getlist("cookie"):
        for pair in sent.split(";"):
            name, _, value = pair.partition("=")
            yield name.strip(), value.strip()
