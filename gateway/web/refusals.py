"""Why a request is refused before any use-case sees it: HTTP's own reasons, beside those of `domain/errors.py`.

As there, a class is a reason; the words are each surface's own (`surfaces/<name>/wire_errors.py`).

    Refusal
    ├── HostNotAllowed         400  `Host` is none of ours
    ├── UnknownPath            404
    ├── MethodNotAllowed       405
    ├── UnreadBody
    │   ├── BodyTooSlow        408
    │   └── BodyTooLarge       413
    └── InvalidRequest         422  or what the document says
        ├── InvalidBody            400  where the document tells a bad body from bad parameters
        └── UnsupportedMediaType   415  or what the document says
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.domain.errors import GatewayError
from gateway.web.cookies import Cookie

_CLOSE = {"connection": "close"}


class Refusal(Exception):
    """The root of every reason of HTTP's own."""

    @property
    def headers(self) -> Mapping[str, str]:
        """What HTTP itself asks the answer to carry, whatever the document."""
        return {}


class HostNotAllowed(Refusal):
    """`Host` is neither that of `public_url` nor one of `allowed_hosts` (security S15)."""


class UnknownPath(Refusal):
    """No operation has this path; also for trailing and double slashes: nothing redirects (security S35)."""


@dataclass(eq=False)
class MethodNotAllowed(Refusal):
    """The path is known, the method is not.

    Attributes:
        allowed: the methods the path has, for `Allow`.
    """

    allowed: tuple[str, ...]

    @property
    def headers(self) -> Mapping[str, str]:
        """RFC 9110 section 15.5.6."""
        return {"allow": ", ".join(sorted(self.allowed))}


class UnreadBody(Refusal):
    """The rest of the body is not wanted, so the connection cannot be used again."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Close the connection."""
        return _CLOSE


class BodyTooSlow(UnreadBody):
    """The body did not arrive in its time (security R9)."""


class BodyTooLarge(UnreadBody):
    """The body is over the limit, by its own declaration or as counted (security S30)."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a request.

    Attributes:
        place: where: `body`, `query`, `header` or `path` first, then the member.
        kind: the validator's name for it, such as `missing` or `string_type`.
        message: what should be there instead; never what was there.
        sent: what was there, where a document tells it again; empty everywhere else.
    """

    place: tuple[str | int, ...]
    kind: str
    message: str
    sent: str = ""


@dataclass(eq=False)
class InvalidRequest(Refusal):
    """Parameters or body do not fit the document.

    Attributes:
        problems: all of them.
    """

    problems: tuple[Problem, ...]


class InvalidBody(InvalidRequest):
    """The body cannot be read, or has another shape; parameters may be wrong besides."""


class UnsupportedMediaType(InvalidRequest):
    """The body comes as something else than the operation takes (security S33)."""


class Parting(Exception):
    """A reason that is told as ever, beside cookies that the browser is to keep or to forget.

    Attributes:
        reason: why there is a no.
        cookies: what goes with it.
    """

    def __init__(self, reason: GatewayError, cookies: Sequence[Cookie]) -> None:
        super().__init__(reason)
        self.reason = reason
        self.cookies = cookies
