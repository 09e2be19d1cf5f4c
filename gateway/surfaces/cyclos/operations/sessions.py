"""The operations that tell who is asking, and begin and end sessions (contract section 5)."""

from collections.abc import Sequence
from urllib.parse import quote

from gateway.domain.callers import Caller
from gateway.domain.errors import (
    AccessClientRefused,
    NotSignedIn,
    ProofMissing,
    SessionOver,
    SignInOrganizationUnknown,
)
from gateway.identity.use_cases import Identity
from gateway.surfaces.cyclos.answers import Auth, DataForLogin
from gateway.surfaces.cyclos.credentials import (
    ACCESS_CLIENT,
    BASIC,
    SESSION,
    first_half,
    offered,
    second_half,
    shown,
)
from gateway.surfaces.cyclos.declared import OF_A_PASSWORD, OF_ANYBODY, surface
from gateway.surfaces.cyclos.schemas import (
    COOKIE,
    CookieQuery,
    CredentialCookies,
    CredentialHeaders,
    FieldsQuery,
    LoginQuery,
    NetworkPath,
)
from gateway.web.cookies import Cookie
from gateway.web.operation import Reply
from gateway.web.refusals import Parting

_BASE = "/api"


@surface.operation("GET", "/api/auth", id="getCurrentAuth", errors=OF_ANYBODY)
async def get_current_auth(
    identity: Identity,
    caller: Caller,
    path: NetworkPath,
    query: FieldsQuery,
    headers: CredentialHeaders,
    cookies: CredentialCookies,
) -> Auth:
    """Tell who is asking; to guests as well."""
    visitor = await identity.visitors.identify(offered(headers, cookies, path), caller)
    second, terms = identity.visitors.second_proof, identity.current_users.terms
    if visitor is None:
        return Auth.of_guest(second, terms).selected(query.selection)
    user = await identity.current_users.of(visitor)
    return Auth.of(user, second, terms, shown(headers) if visitor.session else "").selected(query.selection)


@surface.operation("GET", "/api/auth/data-for-login", id="getDataForLogin", successes=(200, 204), errors=OF_ANYBODY)
async def get_data_for_login(
    identity: Identity,
    caller: Caller,
    path: NetworkPath,
    query: FieldsQuery,
    headers: CredentialHeaders,
    cookies: CredentialCookies,
) -> Reply[DataForLogin]:
    """Tell guests how to log in; to others there is nothing to tell."""
    if await identity.visitors.identify(offered(headers, cookies, path), caller) is not None:
        return Reply(None, 204)
    lengths = await identity.current_users.password_lengths()
    told = DataForLogin.of(identity.current_users.terms, lengths, identity.forgotten_keys.media)
    return Reply(told.selected(query.selection))


@surface.operation(
    "POST",
    "/api/auth/session",
    id="login",
    errors=(*OF_A_PASSWORD, ProofMissing, NotSignedIn, AccessClientRefused, SignInOrganizationUnknown),
)
async def login(
    identity: Identity,
    caller: Caller,
    path: NetworkPath,
    query: LoginQuery,
    headers: CredentialHeaders,
    cookies: CredentialCookies,
) -> Reply[Auth]:
    """Log in: a session, whose token is told once; half of it in a cookie where that is asked for."""
    brought = offered(headers, cookies, path, (ACCESS_CLIENT, BASIC))
    user = await identity.visitors.sign_in(brought, query.lasting, caller)
    token = user.visitor.token
    told = first_half(token) if query.cookie else token
    auth = Auth.of(user, identity.visitors.second_proof, identity.current_users.terms, told).selected(query.selection)
    return Reply(auth, cookies=_kept(second_half(token), path) if query.cookie else ())


async def _logged_out(
    identity: Identity,
    caller: Caller,
    path: NetworkPath,
    query: CookieQuery,
    headers: CredentialHeaders,
    cookies: CredentialCookies,
) -> Reply[None]:
    forgotten = _kept("", path, max_age=0) if query.cookie else ()
    try:
        await identity.visitors.sign_out(offered(headers, cookies, path, (SESSION,)), caller)
    except NotSignedIn as refusal:
        raise Parting(refusal, forgotten) from None
    return Reply(None, cookies=forgotten)


@surface.operation(
    "DELETE", "/api/auth/session", id="logout", errors=(NotSignedIn, SessionOver, SignInOrganizationUnknown)
)
async def logout(
    identity: Identity,
    caller: Caller,
    path: NetworkPath,
    query: CookieQuery,
    headers: CredentialHeaders,
    cookies: CredentialCookies,
) -> Reply[None]:
    """Log out: end the session, and have the browser forget its half of the token where that is asked for."""
    return await _logged_out(identity, caller, path, query, headers, cookies)


@surface.operation(
    "DELETE", "/api/auth", id="logoutByAlias", errors=(NotSignedIn, SessionOver, SignInOrganizationUnknown)
)
async def logout_by_alias(
    identity: Identity,
    caller: Caller,
    path: NetworkPath,
    query: CookieQuery,
    headers: CredentialHeaders,
    cookies: CredentialCookies,
) -> Reply[None]:
    """Do the same at the address that the document's text names."""
    return await _logged_out(identity, caller, path, query, headers, cookies)


def _kept(value: str, path: NetworkPath, max_age: int | None = None) -> Sequence[Cookie]:
    """Write the cookie of the second half, for the address that was called."""
    below = _BASE if path.network is None else f"/{quote(path.network, safe='')}{_BASE}"
    return (Cookie(COOKIE, value, max_age, "Lax", below, http_only=True),)
