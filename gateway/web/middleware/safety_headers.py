"""The headers that every answer carries, whoever gives it (security S38)."""

from collections.abc import Iterable, Iterator

from starlette.types import ASGIApp, Message, Receive, Scope, Send

Headers = tuple[tuple[bytes, bytes], ...]

_ALWAYS: Headers = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))
_STRICT_TRANSPORT = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")


def safety_headers(*, https: bool) -> Headers:
    """Return them.

    Args:
        https: whether `public_url` is https, so that browsers may be told to stay with it.
    """
    return (*_ALWAYS, _STRICT_TRANSPORT) if https else _ALWAYS


def missing(headers: Headers, present: Iterable[tuple[bytes, bytes]]) -> Iterator[tuple[bytes, bytes]]:
    """Give the headers that an answer does not have: what it says itself stays."""
    names = {name for name, _ in present}
    return (each for each in headers if each[0] not in names)


class SafetyHeaders:
    """Puts them on each answer of an application that nothing else dresses."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        """Wrap the application.

        Args:
            app: what answers.
            https: as for `safety_headers`.
        """
        self._app = app
        self._headers = safety_headers(https=https)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *missing(self._headers, message["headers"])]
            await send(message)

        await self._app(scope, receive, dressed)
