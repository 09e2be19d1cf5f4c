"""What of the realm's clients works against the gateway, or gives others what only the gateway should have."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, Field, TypeAdapter

from gateway.domain.findings import Finding
from gateway.keycloak.clients import Client, Clients
from gateway.keycloak.written import Written

_USERNAME = "direct-grant-validate-username"
_PASSWORD = "direct-grant-validate-password"  # noqa: S105 - Keycloak's name of a step
_AUDIENCE = "oidc-audience-mapper"


class _Mapper(Written):
    protocol_mapper: str
    config: Mapping[str, str] = Field({})

    def adds(self, audience: str) -> bool:
        """Say whether it puts an audience into access tokens."""
        is_named = audience in (
            self.config.get("included.client.audience"),
            self.config.get("included.custom.audience"),
        )
        return self.protocol_mapper == _AUDIENCE and is_named and self.config.get("access.token.claim") == "true"


class ClientScope(Written):
    """A client scope."""

    name: str
    protocol_mappers: list[_Mapper] = Field([])


class ExaminedClient(ClientScope):
    """A client."""

    name: str = ""
    client_id: str
    enabled: bool = True
    public_client: bool = False
    direct_access_grants_enabled: bool = False
    authentication_flow_binding_overrides: Mapping[str, str] = Field({})
    attributes: Mapping[str, str] = Field({})
    default_client_scopes: list[str] = Field([])


class _Step(BaseModel):
    authenticator: str | None = None
    requirement: str


class Flow(Written):
    """A flow of the realm's."""

    id: str
    alias: str
    authentication_executions: list[_Step] = Field([])

    @property
    def steps(self) -> list[str | None]:
        """What it asks for; None for what another flow asks for."""
        return [each.authenticator for each in self.authentication_executions if each.requirement != "DISABLED"]


CLIENTS = TypeAdapter(list[ExaminedClient])
CLIENT_SCOPES = TypeAdapter(list[ClientScope])
FLOWS = TypeAdapter(list[Flow])


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What clients refer to.

    Attributes:
        scopes: the realm's client scopes.
        flows: the realm's flows.
        direct_grant: alias of the flow of clients without one of their own.
        token_lifespan: seconds that access tokens of clients without an own lifespan live.
        remembered_for: seconds for which the gateway remembers ended sessions.
    """

    scopes: list[ClientScope]
    flows: list[Flow]
    direct_grant: str
    token_lifespan: int
    remembered_for: int

    def flow_of(self, client: ExaminedClient) -> Flow | None:
        """Return the flow of a client's direct grants."""
        own = client.authentication_flow_binding_overrides.get("direct_grant")
        return next((each for each in self.flows if (each.id == own if own else each.alias == self.direct_grant)), None)

    def mappers_of(self, client: ExaminedClient) -> list[_Mapper]:
        """Return a client's mappers, those of its default scopes included."""
        shared = [each.protocol_mappers for each in self.scopes if each.name in client.default_client_scopes]
        return sum(shared, client.protocol_mappers)


def client_findings(clients: Sequence[ExaminedClient], ours: Clients, surroundings: Surroundings) -> Iterator[Finding]:
    """Say what should be set otherwise.

    Args:
        clients: all of the realm's.
        ours: which of them are the gateway's.
        surroundings: what they refer to.
    """
    by_id = {each.client_id: each for each in clients}
    for client in (ours.gateway, ours.verified):
        yield from _token_findings(by_id[client.id], ours.gateway, surroundings)
    yield from _flow_findings(by_id[ours.verified.id], [_USERNAME], "for the user name alone", surroundings)
    yield from _flow_findings(by_id[ours.check.id], [_USERNAME, _PASSWORD], "for user name and password", surroundings)
    keyless = surroundings.flow_of(by_id[ours.verified.id])
    for each in clients:
        yield from _strangers_findings(each, ours.verified, keyless, surroundings)


def _token_findings(client: ExaminedClient, audience: Client, surroundings: Surroundings) -> Iterator[Finding]:
    if not any(each.adds(audience.id) for each in surroundings.mappers_of(client)):
        yield _fault(
            f"Tokens of the client `{client.client_id}` are not for `{audience.id}`, so the gateway refuses them: give "
            f"it an audience mapper for `{audience.id}`"
        )
    lifespan = int(client.attributes.get("access.token.lifespan") or surroundings.token_lifespan)
    if lifespan > surroundings.remembered_for:
        yield _fault(
            f"Access tokens of the client `{client.client_id}` live {lifespan} s, and ended sessions are forgotten "
            f"after {surroundings.remembered_for} s: set GATEWAY_KEYCLOAK__ACCESS_TOKEN_LIFETIME={lifespan}"
        )
    if not client.attributes.get("backchannel.logout.url"):
        yield _warning(
            f"Keycloak does not tell the gateway which sessions of the client `{client.client_id}` it ends: set its "
            "`Backchannel logout URL` to <address of the gateway>/backchannel-logout"
        )


def _flow_findings(
    client: ExaminedClient, steps: Sequence[str], asked: str, surroundings: Surroundings
) -> Iterator[Finding]:
    flow = surroundings.flow_of(client)
    if flow is None or flow.steps != list(steps):
        yield _fault(
            f"The client `{client.client_id}` does not ask {asked}: set its `Direct Grant Flow` to one that does, as "
            "in realm-config/ (Clients → Advanced → Authentication flow overrides)"
        )


def _strangers_findings(
    client: ExaminedClient, verified: Client, keyless: Flow | None, surroundings: Surroundings
) -> Iterator[Finding]:
    if client.client_id == verified.id or not (client.enabled and client.direct_access_grants_enabled):
        return
    if keyless is not None and surroundings.flow_of(client) == keyless:
        yield _fault(
            f"The client `{client.client_id}` has the flow of `{verified.id}`, so it signs in as anybody: give it "
            "another one"
        )
    if client.public_client:
        yield _warning(
            f"The public client `{client.client_id}` takes passwords past the gateway's lock-out: switch off its "
            "`Direct access grants`"
        )


def _fault(text: str) -> Finding:
    return Finding("keycloak", "fault", text)


def _warning(text: str) -> Finding:
    return Finding("keycloak", "warning", text)
