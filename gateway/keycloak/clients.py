"""The gateway's own clients in the realm and how each proves itself (design section 2)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pydantic import SecretStr

from gateway.settings import KeycloakSettings

Proof = Callable[[str], Mapping[str, str]]
"""Client id → form fields that prove the client; new ones for every request."""


@dataclass(frozen=True, slots=True)
class Client:
    """One of the gateway's clients."""

    id: str
    prove: Proof = field(repr=False)

    def credentials(self) -> dict[str, str]:
        """Return the form fields that authenticate one request (RFC 6749 section 2.3.1, RFC 7523 section 2.2)."""
        return {"client_id": self.id, **self.prove(self.id)}


@dataclass(frozen=True, slots=True)
class Clients:
    """All of them.

    Attributes:
        gateway: password sign-in, refresh, introspection.
        verified: tokens for people whom the gateway verified itself.
        check: whether a password is right, and nothing else.
        admin: service account of the admin calls.
    """

    gateway: Client
    verified: Client
    check: Client
    admin: Client

    def client_of(self, azp: object) -> Client | None:
        """Return the client that refreshes and ends what was issued to `azp`; None when it is none of ours."""
        return next((client for client in (self.gateway, self.verified) if client.id == azp), None)

    @property
    def ids(self) -> frozenset[str]:
        """Return the ids of the clients whose tokens people hold."""
        return frozenset({self.gateway.id, self.verified.id})


def clients_of(settings: KeycloakSettings) -> Clients:
    """Make the clients that the settings name."""
    return Clients(
        gateway=Client(settings.client_id, _by_secret(settings.client_secret)),
        verified=Client(settings.verified_client_id, _by_secret(settings.verified_client_secret)),
        check=Client(settings.check_client_id, _by_secret(settings.check_client_secret)),
        admin=Client(settings.admin_client_id, _by_secret(settings.admin_client_secret)),
    )


def _by_secret(secret: SecretStr) -> Proof:
    proof = {"client_secret": secret.get_secret_value()}
    return lambda _: proof
