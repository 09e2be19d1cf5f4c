"""The realm's public signing keys."""

from collections.abc import Callable

from pydantic import BaseModel, TypeAdapter

from gateway.jose.key_sets import KeySet, KeySetTerms
from gateway.keycloak.connection import Connection


class _Keys(BaseModel):
    keys: list[dict[str, object]]


_KEYS = TypeAdapter(_Keys)


def signing_keys(connection: Connection, path: str, lifetime: float, clock: Callable[[], float]) -> KeySet:
    """Return the realm's keys; none is fetched yet.

    Before the first success every caller may fetch: the breaker spares Keycloak then.

    Args:
        connection: to Keycloak.
        path: of the JWKS, which lists an encryption key beside them.
        lifetime: seconds after which keys are fetched again.
        clock: seconds that only go up.
    """

    async def listed() -> list[dict[str, object]]:
        answer = await connection.request("GET", path)
        return answer.read("signing keys", _KEYS).keys

    return KeySet(listed, KeySetTerms("keycloak", lifetime), clock)
