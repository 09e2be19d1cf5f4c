"""The tokens of access clients: an offline token of Keycloak's, sealed, and kept by nobody here (cyclos contract 9)."""

import json
import re
from dataclasses import dataclass, field

from gateway.domain.tokens import Tokens
from gateway.state.secrets import Secrets

MOST_CHARACTERS = 4096
"""Longest token that is looked at; what is made here has some 1,200."""

_PURPOSE = "access-client"
_VERSION = 1
_MARK = "~"
"""Stands before what is sealed, and occurs nowhere in it, so that a prefix can be told from it."""
_PREFIX = re.compile(r"([!-}][ -}]{0,254})?")
"""Printable ASCII without the mark: what a header can hold before a token, such as `Bearer `."""


@dataclass(frozen=True, slots=True)
class OpenedToken:
    """What a token holds.

    Attributes:
        name: of the client, as the operator has called it.
        offline_token: Keycloak's.
    """

    name: str
    offline_token: str = field(repr=False)


class AccessClientTokens:
    """Seals and opens them; a replica needs nothing but the keys."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets

    def sealed(self, name: str, tokens: Tokens, prefix: str) -> str:
        """Make the token of a client.

        Args:
            name: of the client.
            tokens: of its offline session.
            prefix: what the client will send before the token; it is not kept.

        Returns:
            What the client has to keep, without the prefix.
        """
        content = json.dumps([_VERSION, name, tokens.refresh_token]).encode()
        return _MARK + self._secrets.seal(_PURPOSE, content, beside=prefix).decode()

    def opened(self, token: str) -> OpenedToken | None:
        """Open a token with its prefix, if any; None for what is none of ours, or comes without its own prefix."""
        if len(token) > MOST_CHARACTERS or not token.isascii():
            return None
        prefix, mark, sealed = token.rpartition(_MARK)
        plain = self._secrets.unseal(_PURPOSE, sealed.encode(), beside=prefix) if mark else None
        version, *rest = json.loads(plain) if plain else (None,)
        if version != _VERSION:
            return None
        name, offline_token = rest
        return OpenedToken(name, offline_token)


def is_prefix(text: str) -> bool:
    """Say whether a text may stand before a token."""
    return _PREFIX.fullmatch(text) is not None
