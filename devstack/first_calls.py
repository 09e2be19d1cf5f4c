"""A first call for each surface, to copy and paste."""

import json
import shlex

PASSWORD = "Passw0rd!x"  # noqa: S105 - the demo people's, documented in realm-config/README.md


def first_calls(public_url: str) -> dict[str, str]:
    """Return surface → `curl` command that the gateway answers with success.

    Args:
        public_url: where the gateway is called.
    """
    return {
        "toan": _post(f"{public_url}/api/iam/login", {"user": "alice", "password": PASSWORD}),
        "pipeshub": _post(f"{public_url}/userAccount/initAuth", {"email": "grace@globex.test"}, shown="-i"),
        "nap": _post(f"{public_url}/api/auth/login", {"email": "alice@example.test", "password": PASSWORD}),
        "cyclos": _words("curl", "-sS", "-u", f"alice:{PASSWORD}", "-X", "POST", f"{public_url}/api/auth/session"),
        "kestra": _post(f"{public_url}/login", {"username": "carol", "password": PASSWORD}),
    }


def _post(url: str, body: dict[str, str], *, shown: str = "") -> str:
    shown_too = filter(None, [shown])
    return _words("curl", "-sS", *shown_too, url, "-H", "Content-Type: application/json", "-d", json.dumps(body))


def _words(*words: str) -> str:
    return " ".join(map(shlex.quote, words))
