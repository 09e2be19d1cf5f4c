"""What a request offers to show who is asking, read from its headers and cookies (contract section 3)."""

import base64
import binascii
from collections.abc import Container

from gateway.domain.visits import Offered, OfferedPassword
from gateway.surfaces.cyclos.schemas import CredentialCookies, CredentialHeaders, NetworkPath

SESSION, ACCESS_CLIENT, BASIC = "session", "access client", "basic"
EVERY = (SESSION, ACCESS_CLIENT, BASIC)

_HALF = 32
"""Characters; a whole token has twice as many."""


def offered(
    headers: CredentialHeaders,
    cookies: CredentialCookies,
    path: NetworkPath,
    kinds: Container[str] = EVERY,
) -> Offered:
    """Read what is offered; kinds that the operation does not take are as if they were not there."""
    return Offered(
        session=_session(headers, cookies) if SESSION in kinds else None,
        access_client=headers.access_client_token or None if ACCESS_CLIENT in kinds else None,
        password=_password(headers) if BASIC in kinds else None,
        organization=path.network,
    )


def first_half(token: str) -> str:
    """Return the half that programs see."""
    return token[:_HALF]


def second_half(token: str) -> str:
    """Return the half that the browser keeps."""
    return token[_HALF:]


def shown(headers: CredentialHeaders) -> str:
    """Return the token, or its half, as it was sent: no answer tells a half that did not come with the request."""
    return headers.session_token or headers.session_prefix


def _session(headers: CredentialHeaders, cookies: CredentialCookies) -> str | None:
    """Join the halves; a cookie alone is nothing, and one beside a whole token is of no concern."""
    sent = shown(headers)
    if not sent:
        return None
    if headers.session_token and len(sent) != _HALF:
        return sent
    # A neighbouring host may have added a cookie of its own (security S41).
    kept = cookies.session_tokens if len(cookies.session_tokens) == 1 else [""]
    return sent + kept[0] if len(sent) == len(kept[0]) == _HALF else ""


def _password(headers: CredentialHeaders) -> OfferedPassword | None:
    """Read name and password; none for another scheme, and what cannot be read is like a name that nobody has."""
    scheme, _, encoded = headers.authorization.strip().partition(" ")
    if scheme.lower() != BASIC:
        return None
    name, colon, password = _decoded(encoded.strip()).partition(":")
    if colon and not name and not password:
        return None  # what a client sends that has been given neither
    if not colon:
        return OfferedPassword("", "", headers.principal_type)
    return OfferedPassword(only_name(name), password, headers.principal_type)


def only_name(sent: str) -> str:
    """Return a name without the quote in front, which says that what follows is a name, however it looks."""
    return sent.removeprefix("'")


def _decoded(encoded: str) -> str:
    try:
        plain = base64.b64decode(encoded.encode("latin-1"), validate=True)
    except binascii.Error:
        return ""
    try:
        return plain.decode()
    except UnicodeDecodeError:
        return plain.decode("latin-1")
