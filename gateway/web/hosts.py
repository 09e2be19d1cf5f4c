"""Which `Host` values are answered (security S15)."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.types import Scope

from gateway.web.refusals import HostNotAllowed

_HOST = re.compile(rb"(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<name>[^:\[\]]+))(?::\d*)?")


class AllowedHosts:
    """The names this gateway answers to; links are never built from what a request says."""

    def __init__(self, public_url: str, further: Iterable[str]) -> None:
        """Gather the names.

        Args:
            public_url: its host is allowed.
            further: allowed besides, without ports.
        """
        names = (urlsplit(public_url).hostname or "", *further)
        self._names = {name.lower().strip("[]").encode() for name in names}

    def check(self, scope: Scope) -> None:
        """Accept a request's one `Host`; the address it was sent to is always one of ours, as probes use it.

        Raises:
            HostNotAllowed: it is missing, sent twice, or none of ours.
        """
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        if len(hosts) != 1:
            raise HostNotAllowed
        name = _name(hosts[0])
        if name not in self._names and name != scope["server"][0].encode():
            raise HostNotAllowed


def _name(host: bytes) -> bytes:
    """Cut the port off `name:port` or `[v6]:port`; anything else has no name."""
    match = _HOST.fullmatch(host)
    return (match["v6"] or match["name"] or b"").lower() if match else b""
