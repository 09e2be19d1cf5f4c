"""The operations for what is asked for beside a password: codes, sent or generated (contract section 8)."""

from gateway.domain.callers import Caller
from gateway.domain.errors import (
    AccountNotReady,
    AddressBlocked,
    EnoughSent,
    MediumUnusable,
    MethodRefused,
    NotDelivered,
    NotSignedIn,
    ProofBlocked,
    ProofRefused,
    SessionOver,
    SignInOrganizationUnknown,
)
from gateway.domain.visits import Offered, OpaqueSession
from gateway.identity.sent_codes import Occasion
from gateway.identity.use_cases import Identity
from gateway.surfaces.cyclos.credential_answers import Addresses, input_of
from gateway.surfaces.cyclos.credentials import SESSION, offered
from gateway.surfaces.cyclos.declared import OF_ANYBODY, surface
from gateway.surfaces.cyclos.schemas import (
    CredentialCookies,
    CredentialHeaders,
    NetworkPath,
    SendQuery,
    TypedPassword,
)
from gateway.surfaces.cyclos.shapes import PasswordInput
from gateway.surfaces.cyclos.wire_errors import MISSING_PASSWORD
from gateway.web.body import ANY
from gateway.web.operation import Reply
from gateway.web.refusals import InvalidRequest

_OF_A_SESSION = (NotSignedIn, SessionOver, SignInOrganizationUnknown, MethodRefused)


@surface.operation("GET", "/api/auth/session/secondary-password", id="getSecondaryPasswordInput", errors=_OF_A_SESSION)
async def get_secondary_password_input(
    identity: Identity,
    caller: Caller,
    path: NetworkPath,
    headers: CredentialHeaders,
    cookies: CredentialCookies,
) -> PasswordInput:
    """Tell what is asked for beside the password."""
    session, token = await _session(identity, caller, offered(headers, cookies, path, (SESSION,)))
    return input_of(await identity.second_proofs.awaited(session, token))


@surface.operation(
    "POST",
    "/api/auth/session/secondary-password",
    id="validateSecondaryPassword",
    media_type=ANY,
    successes=(204,),
    errors=(*_OF_A_SESSION, ProofRefused, ProofBlocked, AccountNotReady, AddressBlocked),
)
async def validate_secondary_password(
    identity: Identity,
    caller: Caller,
    path: NetworkPath,
    headers: CredentialHeaders,
    cookies: CredentialCookies,
    body: TypedPassword,
) -> Reply[None]:
    """Give what is asked for beside the password: the session is a full one then, under the same token."""
    session, token = await _session(identity, caller, offered(headers, cookies, path, (SESSION,)))
    identity.second_proofs.require_awaited(session)
    if not body.text:
        raise InvalidRequest((MISSING_PASSWORD,))
    await identity.second_proofs.give(session, token, body.text, caller)
    return Reply(None, 204)


@surface.operation(
    "POST",
    "/api/auth/otp",
    id="newOtp",
    errors=(*OF_ANYBODY, NotSignedIn, MethodRefused, MediumUnusable, EnoughSent, NotDelivered),
)
async def new_otp(
    identity: Identity,
    caller: Caller,
    path: NetworkPath,
    query: SendQuery,
    headers: CredentialHeaders,
    cookies: CredentialCookies,
) -> Addresses:
    """Send a one-time code: for the session that awaits one, otherwise to confirm something; an older one is void."""
    brought = offered(headers, cookies, path)
    visitor = await identity.visitors.identify(brought, caller)
    if visitor is None:
        raise NotSignedIn
    if visitor.session is not None and visitor.session.is_pending:
        sent = await identity.second_proofs.send(visitor.session, visitor.token, query.wanted, caller)
    else:
        sent = await identity.sent_codes.send(Occasion(visitor.account_id), query.wanted, caller)
    return Addresses(list(sent))


async def _session(identity: Identity, caller: Caller, brought: Offered) -> tuple[OpaqueSession, str]:
    visitor = await identity.visitors.identify(brought, caller)
    if visitor is None or visitor.session is None:
        raise NotSignedIn
    return visitor.session, visitor.token
