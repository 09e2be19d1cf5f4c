"""The few calls to Keycloak's admin API that setting up a stack needs."""

import json
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from typing import Any

from devstack.faults import StackFault

_TIMEOUT = 60.0


@dataclass(frozen=True, slots=True)
class Admin:
    """Keycloak's admin API, signed in.

    Attributes:
        url: base address of Keycloak.
        bearer: access token of an administrator; lives a minute, enough for a set-up.
    """

    url: str
    bearer: str

    @classmethod
    def signed_in(cls, url: str, username: str, password: str) -> "Admin":
        """Sign in to the master realm."""
        form = {"grant_type": "password", "client_id": "admin-cli", "username": username, "password": password}
        told = _call("POST", f"{url}/realms/master/protocol/openid-connect/token", urllib.parse.urlencode(form), {})
        return cls(url, told["access_token"])

    def get(self, path: str) -> Any:  # noqa: ANN401 - Keycloak's own JSON
        """Return what Keycloak says about `/admin/realms<path>`."""
        return self._request("GET", path, None)

    def post(self, path: str, body: object) -> None:
        """Make something at `/admin/realms<path>`."""
        self._request("POST", path, body)

    def put(self, path: str, body: object) -> None:
        """Change `/admin/realms<path>`."""
        self._request("PUT", path, body)

    def delete(self, path: str) -> None:
        """Delete `/admin/realms<path>`."""
        self._request("DELETE", path, None)

    def _request(self, method: str, path: str, body: object) -> Any:  # noqa: ANN401 - Keycloak's own JSON
        headers = {"Authorization": f"Bearer {self.bearer}", "Content-Type": "application/json"}
        return _call(method, f"{self.url}/admin/realms{path}", None if body is None else json.dumps(body), headers)


def _call(method: str, url: str, body: str | None, headers: dict[str, str]) -> Any:  # noqa: ANN401 - Keycloak's own JSON
    request = urllib.request.Request(url, body.encode() if body else None, headers, method=method)
    path = urllib.parse.urlsplit(url).path
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:
            text = answer.read()
    except urllib.error.HTTPError as error:
        with error:
            raise StackFault(f"Keycloak refused {method} {path}: {error.code} {error.read().decode()}") from None
    except OSError as error:
        raise StackFault(f"Keycloak did not answer {method} {path}: {error}") from None
    return json.loads(text) if text else None
