"""The operations of the NAP auth platform, in the document's order (contract section 4)."""

from gateway.domain.callers import Caller
from gateway.domain.errors import (
    AccountNotFound,
    AccountNotReady,
    AccountRefused,
    AddressNotVerified,
    AddressVerified,
    ChoiceRefused,
    CredentialsRefused,
    InvitationRefused,
    LinkRefused,
    NoOrganization,
    PasswordRefused,
    SignInNotFound,
    TokenRefused,
    TooManyAttempts,
)
from gateway.identity.use_cases import Identity
from gateway.surfaces.nap.answers import (
    HandlersLogoutResult,
    HandlersRefreshTokenResult,
    HandlersSendVerificationEmailResult,
    HandlersUserFlowData,
    HandlersUserLoginResult,
    HandlersUserSignupResult,
    HandlersVerifyEmailTokenResult,
)
from gateway.surfaces.nap.schemas import (
    REFRESH_HEADER,
    SESSION_HEADER,
    FlowAnswer,
    FlowPath,
    HandlersSendVerificationEmailData,
    HandlersUserLoginData,
    HandlersUserSignupData,
    HandlersVerifyEmailTokenData,
    LogoutHeaders,
    RefreshHeaders,
    missing,
    unwrapped,
)
from gateway.surfaces.nap.wire_errors import FLOW_REFUSED, WIRE_ERRORS, undebugged
from gateway.web.surface import Surface

API_KEY_HEADER = "X-NAP-API-Key"

surface = Surface(
    name="nap",
    title="NAP auth platform",
    version="0.0.1",
    base_path="/api/auth/login",
    further_paths=tuple(f"/api/auth/{each}" for each in ("logout", "refresh", "signup", "flow", "verify-email")),
    types_are_told=False,
    envelope=undebugged,
    errors=WIRE_ERRORS,
)


@surface.operation("GET", "/api/auth/flow/{flowId}", id="api_auth_flow_flow_id_get", errors=(SignInNotFound,))
async def flow(identity: Identity, caller: Caller, path: FlowPath) -> HandlersUserFlowData:
    """Tell what a flow waits for; that neither ends nor prolongs it."""
    return HandlersUserFlowData.of(await identity.pauses.find(path.flow_id, caller))


@surface.operation(
    "POST",
    "/api/auth/login",
    id="api_auth_login_post",
    errors=(CredentialsRefused, AddressNotVerified, AccountNotReady, NoOrganization, TooManyAttempts),
)
async def login(identity: Identity, caller: Caller, body: HandlersUserLoginData) -> HandlersUserLoginResult:
    """Log in with an e-mail address and a password: the tokens, or a flow where something is left to be said."""
    outcome = await identity.pausing_sign_in.with_password(
        body.email, body.password, caller, return_to=body.flow_return_to
    )
    return HandlersUserLoginResult.of(outcome)


@surface.operation("POST", "/api/auth/logout", id="api_auth_logout_post", errors=(TokenRefused,))
async def logout(identity: Identity, caller: Caller, headers: LogoutHeaders) -> HandlersLogoutResult:
    """Log out: end the session of the session token, or of the refresh token when the former is no good."""
    session_token, refresh_token = headers.session_token.strip(), headers.refresh_token.strip()
    if not session_token and not refresh_token:
        raise missing(SESSION_HEADER, REFRESH_HEADER)
    await identity.sign_outs.by_either(unwrapped(session_token), unwrapped(refresh_token), caller)
    return HandlersLogoutResult.signed_out()


@surface.operation("POST", "/api/auth/refresh", id="api_auth_refresh_post", errors=(TokenRefused,))
async def refresh(identity: Identity, caller: Caller, headers: RefreshHeaders) -> HandlersRefreshTokenResult:
    """Exchange a refresh token, which works once, for new tokens of its session."""
    refresh_token = headers.refresh_token.strip()
    if not refresh_token:
        raise missing(REFRESH_HEADER)
    tokens = await identity.single_use_refresh.refresh(unwrapped(refresh_token), caller)
    return HandlersRefreshTokenResult.of(tokens)


@surface.operation(
    "POST",
    "/api/auth/signup",
    id="api_auth_signup_post",
    errors=(InvitationRefused, AccountRefused, PasswordRefused),
)
async def signup(identity: Identity, caller: Caller, body: HandlersUserSignupData) -> HandlersUserSignupResult:
    """Sign up: an account whose address has to be verified; no mail is sent yet, and nobody is signed in."""
    return HandlersUserSignupResult.of(await identity.sign_up.register(body.person, body.invitation, caller))


@surface.operation(
    "POST",
    "/api/auth/verify-email/send",
    id="api_auth_verify_email_send_post",
    errors=(AccountNotFound, AddressVerified, TooManyAttempts),
)
async def send_verification_email(
    identity: Identity, caller: Caller, body: HandlersSendVerificationEmailData
) -> HandlersSendVerificationEmailResult:
    """Send a mail with a link that verifies the address of an account."""
    await identity.email_verification.send(body.email, caller)
    return HandlersSendVerificationEmailResult.sent()


@surface.operation(
    "POST", "/api/auth/verify-email/verify", id="api_auth_verify_email_verify_post", errors=(LinkRefused,)
)
async def verify_email_token(
    identity: Identity, caller: Caller, body: HandlersVerifyEmailTokenData
) -> HandlersVerifyEmailTokenResult:
    """Verify an address by the token of the link that was mailed to it; nobody is signed in by that."""
    await identity.email_verification.verify(body.token, caller)
    return HandlersVerifyEmailTokenResult.verified()


@surface.operation(
    "POST",
    "/api/auth/flow/{flowId}/complete",
    id="api_auth_flow_flow_id_complete_post",
    errors=(SignInNotFound, ChoiceRefused, CredentialsRefused, TokenRefused, TooManyAttempts),
    own_words=FLOW_REFUSED,
)
async def complete(identity: Identity, caller: Caller, path: FlowPath, body: FlowAnswer) -> HandlersUserLoginResult:
    """Give a flow what it waits for; the document has no way to end one, so this is our addition."""
    tokens = await identity.pausing_sign_in.complete(path.flow_id, caller, organization=body.org_id, code=body.code)
    return HandlersUserLoginResult.signed_in(tokens)
