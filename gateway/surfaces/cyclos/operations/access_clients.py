"""The operations for programs that act for a person (contract section 9)."""

from gateway.domain.callers import Caller
from gateway.domain.errors import (
    AccessClientRefused,
    AccountNotReady,
    ActivationRefused,
    AddressBlocked,
    MethodRefused,
    NotSignedIn,
    ProofBlocked,
    ProofRefused,
    RightsRefused,
    SignInOrganizationUnknown,
)
from gateway.identity.use_cases import Identity
from gateway.surfaces.cyclos.credential_answers import ActivatedAccessClient
from gateway.surfaces.cyclos.credentials import ACCESS_CLIENT, BASIC, SESSION, offered
from gateway.surfaces.cyclos.declared import OF_ANYBODY, surface
from gateway.surfaces.cyclos.schemas import (
    ActivationQuery,
    ConfirmedHeaders,
    CredentialCookies,
    CredentialHeaders,
    NetworkPath,
)
from gateway.web.operation import Reply


@surface.operation(
    "DELETE",
    "/api/auth/access-client",
    id="disconnectCurrentClient",
    errors=(NotSignedIn, AccessClientRefused, SignInOrganizationUnknown, ProofRefused, ProofBlocked, AddressBlocked),
)
async def disconnect_current_client(
    identity: Identity, caller: Caller, path: NetworkPath, headers: ConfirmedHeaders, cookies: CredentialCookies
) -> Reply[None]:
    """Disconnect the access client for ever; the sessions that it has begun end as well."""
    brought = offered(headers, cookies, path, (ACCESS_CLIENT,))
    if brought.access_client is None:
        raise NotSignedIn
    await identity.visitors.identify(brought, caller)
    await identity.access_clients.disconnect(brought.access_client, headers.confirmation_password, caller)
    return Reply(None)


@surface.operation(
    "POST",
    "/api/clients/activate",
    id="activateClient",
    errors=(*OF_ANYBODY, NotSignedIn, ActivationRefused, AccountNotReady, MethodRefused, RightsRefused),
)
async def activate_client(
    identity: Identity,
    caller: Caller,
    path: NetworkPath,
    query: ActivationQuery,
    headers: CredentialHeaders,
    cookies: CredentialCookies,
) -> ActivatedAccessClient:
    """Make an access client by a code of `gateway access-client`; its token is told once."""
    visitor = await identity.visitors.identify(offered(headers, cookies, path, (SESSION, BASIC)), caller)
    if visitor is None:
        raise NotSignedIn
    if visitor.is_pending:
        raise MethodRefused
    made = await identity.activations.activate(visitor.account_id, query.code, query.prefix, caller)
    return ActivatedAccessClient.of(made)
