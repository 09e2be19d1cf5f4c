"""The headers that every answer carries, whoever gives it (security S38)."""

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


class SafetyHeaders:
    """Puts them on each answer of an application that nothing else dresses; what it says itself stays."""

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
                present = {name for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(each for each in self._headers if each[0] not in present)]
            await send(message)

        await self._app(scope, receive, dressed)
