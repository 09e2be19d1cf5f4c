"""Who is calling: what the transport knows, before anybody has proved anything."""

from dataclasses import dataclass, field

NO_SURFACE = "none"
"""How the surface is told of what came through none."""


@dataclass(frozen=True, slots=True)
class Caller:
    """One request's sender.

    Attributes:
        address: the client's network address, already resolved through trusted proxies; an IPv6 address
            stands for its /64 (security S10).
        surface: name of the surface the request came through.
        exact_address: the address itself, for a third party that has to know it; never counted by, never logged.
        bearer: what the `Authorization` header offers as a bearer token, empty where that cannot be one; or None.
    """

    address: str
    surface: str
    exact_address: str | None = field(default=None, repr=False)
    bearer: str | None = field(default=None, repr=False)
