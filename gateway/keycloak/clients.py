"""The gateway's own clients in the realm and how each proves itself (design section 2)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pydantic import SecretStr

from gateway.keycloak.assertions import Assertions
from gateway.settings import KeycloakSettings

Proof = Callable[[str], Mapping[str, str]]
"""Client id → form fields that prove the client; new ones for every request."""


@dataclass(frozen=True, slots=True)
class Client:
    """One of the gateway's clients.

    Attributes:
        id: client id.
        prove: makes the proof that it is this client.
        remedy: what an operator does when Keycloak does not accept the proof.
    """

    id: str
    prove: Proof = field(repr=False)
    remedy: str

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
        check_otp: whether a one-time code is right, and nothing else; None when there is no such client.
        admin: service account of the admin calls.
    """

    gateway: Client
    verified: Client
    check: Client
    check_otp: Client | None
    admin: Client

    def client_of(self, azp: object) -> Client | None:
        """Return the client that refreshes and ends what was issued to `azp`; None when it is none of ours."""
        return next((client for client in (self.gateway, self.verified) if client.id == azp), None)

    @property
    def signing_in(self) -> list[Client]:
        """Return the clients that ask for people, each by a flow of its own."""
        every = (self.gateway, self.verified, self.check, self.check_otp)
        return [client for client in every if client is not None]

    @property
    def ids(self) -> frozenset[str]:
        """Return the ids of the clients whose tokens people hold."""
        return frozenset({self.gateway.id, self.verified.id})


_Make = Callable[[str, SecretStr | None, str], Client]


def clients_of(settings: KeycloakSettings, issuer: str, clock: Callable[[], float]) -> Clients:
    """Make the clients that the settings name.

    Args:
        settings: ids, and secrets or the private key.
        issuer: the realm's issuer.
        clock: seconds since the epoch.
    """
    made: _Make = _with_secret
    if settings.private_key is not None:
        key = settings.private_key.get_secret_value()
        made = _with_key(Assertions(key, settings.private_key_id, issuer, clock))
    has_check_otp = settings.private_key is not None or settings.check_otp_client_secret is not None
    check_otp = made(settings.check_otp_client_id, settings.check_otp_client_secret, "CHECK_OTP_CLIENT_SECRET")
    return Clients(
        gateway=made(settings.client_id, settings.client_secret, "CLIENT_SECRET"),
        verified=made(settings.verified_client_id, settings.verified_client_secret, "VERIFIED_CLIENT_SECRET"),
        check=made(settings.check_client_id, settings.check_client_secret, "CHECK_CLIENT_SECRET"),
        check_otp=check_otp if has_check_otp else None,
        admin=made(settings.admin_client_id, settings.admin_client_secret, "ADMIN_CLIENT_SECRET"),
    )


def _with_secret(client_id: str, secret: SecretStr | None, setting: str) -> Client:
    proof = {"client_secret": secret.get_secret_value() if secret else ""}
    remedy = f"set GATEWAY_KEYCLOAK__{setting} to what Keycloak shows under its `Credentials`"
    return Client(client_id, lambda _: proof, remedy)


def _with_key(assertions: Assertions) -> _Make:
    remedy = "give it `Signed JWT` and the public half of GATEWAY_KEYCLOAK__PRIVATE_KEY under its `Credentials`"
    return lambda client_id, *_: Client(client_id, assertions.prove, remedy)
