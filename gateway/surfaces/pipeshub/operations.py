"""The operations of PipesHub UserAccount, in the document's order (contract section 2)."""

from gateway.domain.callers import Caller
from gateway.domain.errors import (
    AccountLocked,
    AccountNotFound,
    AccountNotReady,
    AnothersIdentity,
    CaptchaRefused,
    CodeExpired,
    CredentialsRefused,
    MethodRefused,
    NotSignedIn,
    PasswordRefused,
    SignInNotFound,
    SignInStepsUnusable,
    TokenRefused,
    TooManyAttempts,
)
from gateway.domain.sign_in_methods import SignInMethod
from gateway.domain.sign_ins import OpenSignIn
from gateway.domain.tokens import SignedIn
from gateway.identity.brokered_sign_in import Arrival
from gateway.identity.proven_steps import Progress
from gateway.identity.scoped_tokens import ScopedToken
from gateway.identity.use_cases import Identity
from gateway.surfaces.pipeshub import browsers, gates
from gateway.surfaces.pipeshub.answers import (
    AuthenticateAnswer,
    ForgotPasswordAnswer,
    InitAuthAnswer,
    MessageAnswer,
    PasswordResetAnswer,
    PasswordStatusAnswer,
    RefreshAnswer,
)
from gateway.surfaces.pipeshub.gates import SESSION_HEADER
from gateway.surfaces.pipeshub.schemas import (
    PASSWORD_RULE,
    AddressRequest,
    AuthenticateRequest,
    InitAuthRequest,
    NewPassword,
    PasswordChange,
    SamlCallbackCookies,
    SamlCallbackQuery,
    SamlQuery,
    SessionHeaders,
    code_of,
    invalid,
    password_of,
    tokens_of,
)
from gateway.surfaces.pipeshub.wire_errors import LOCKED_AT_RESET, WIRE_ERRORS
from gateway.web.operation import Reply
from gateway.web.redirects import Redirect
from gateway.web.surface import Surface

PAGES_MAY_SEND = ("Content-Type", "Authorization", SESSION_HEADER, "x-request-id")
PAGES_MAY_READ = (SESSION_HEADER,)
"""Headers of web pages of configured origins (section 1)."""

surface = Surface(
    name="pipeshub",
    title="PipesHub UserAccount",
    version="0.0.3",
    base_path="/userAccount",
    further_paths=("/saml",),
    errors=WIRE_ERRORS,
)


@surface.operation(
    "POST",
    "/userAccount/initAuth",
    id="initAuth",
    errors=(AccountLocked, AccountNotFound, SignInStepsUnusable),
    sends={SESSION_HEADER: "names the sign-in; a secret of whoever signs in"},
)
async def init_auth(identity: Identity, caller: Caller, body: InitAuthRequest) -> Reply[InitAuthAnswer]:
    """Begin a sign-in; its token comes in the header `x-session-token`."""
    sign_in = await identity.stepwise_sign_in.begin(body.email, caller)
    return Reply(InitAuthAnswer.of(sign_in), headers={SESSION_HEADER: sign_in.token})


@surface.operation(
    "POST",
    "/userAccount/authenticate",
    id="authenticate",
    gate=gates.sign_in_under_way,
    errors=(
        TokenRefused,
        SignInNotFound,
        MethodRefused,
        CaptchaRefused,
        AccountNotFound,
        AccountLocked,
        CredentialsRefused,
        AnothersIdentity,
        CodeExpired,
        AccountNotReady,
        TooManyAttempts,
    ),
)
async def authenticate(
    identity: Identity, caller: Caller, passed: OpenSignIn, headers: SessionHeaders, body: AuthenticateRequest
) -> AuthenticateAnswer:
    """Prove the current step of a sign-in; after the last one the tokens are in the answer."""
    del headers
    if body.email is not None and body.email.lower() != passed.name:
        raise invalid("email", "must be the one the sign-in began with")
    method = SignInMethod(body.method)
    if method is SignInMethod.SAML:
        raise MethodRefused
    passed.require(method)
    return AuthenticateAnswer.of(await _proven(identity, caller, passed, method, body))


async def _proven(
    identity: Identity, caller: Caller, sign_in: OpenSignIn, method: SignInMethod, body: AuthenticateRequest
) -> Progress:
    if method is SignInMethod.ONE_TIME_CODE:
        return await identity.stepwise_sign_in.prove_code(sign_in, code_of(body.credentials), caller)
    if method is SignInMethod.PASSWORD:
        password = password_of(body.credentials)
        return await identity.stepwise_sign_in.prove_password(sign_in, password, caller, captcha=body.captcha)
    return await identity.external_steps.prove(sign_in, method, tokens_of(method, body.credentials), caller)


@surface.operation(
    "POST",
    "/userAccount/login/otp/generate",
    id="generateLoginOtp",
    errors=(CaptchaRefused, MethodRefused, AccountLocked, AccountNotFound, SignInStepsUnusable, TooManyAttempts),
)
async def generate_otp(identity: Identity, caller: Caller, body: AddressRequest) -> MessageAnswer:
    """Mail a one-time code to sign in with."""
    await identity.mailed_codes.send(body.email, caller, captcha=body.captcha)
    return MessageAnswer(message="A code has been sent to the address")


@surface.operation(
    "POST",
    "/userAccount/password/reset",
    id="resetPassword",
    errors=(CaptchaRefused, PasswordRefused, AccountLocked, CredentialsRefused, AccountNotFound, TooManyAttempts),
    own_words=LOCKED_AT_RESET,
)
async def reset_password(
    identity: Identity, caller: Caller, signed_in: SignedIn, body: PasswordChange
) -> PasswordResetAnswer:
    """Change one's own password; all sessions end, and the answer has the access token of a new one."""
    tokens = await identity.passwords.replace(
        signed_in, body.current_password, body.new_password, PASSWORD_RULE, caller, captcha=body.captcha
    )
    return PasswordResetAnswer.of(tokens)


@surface.operation(
    "POST", "/userAccount/password/forgot", id="forgotPassword", errors=(CaptchaRefused, TooManyAttempts)
)
async def forgot_password(identity: Identity, caller: Caller, body: AddressRequest) -> ForgotPasswordAnswer:
    """Mail a link for setting a new password; the answer does not tell whether there is such an account."""
    await identity.forgotten_password.ask(body.email, caller, captcha=body.captcha)
    return ForgotPasswordAnswer()


@surface.operation(
    "POST",
    "/userAccount/password/reset/token",
    id="resetPasswordWithToken",
    gate=gates.reset_token,
    takes_bearer=True,
    errors=(NotSignedIn, PasswordRefused, AccountNotFound, TooManyAttempts),
)
async def reset_password_token(
    identity: Identity, caller: Caller, passed: ScopedToken, body: NewPassword
) -> PasswordResetAnswer:
    """Set a new password with the token of a mailed link; all sessions end and a lock is lifted."""
    tokens = await identity.link_reset.reset(passed, body.password, PASSWORD_RULE, caller)
    return PasswordResetAnswer.of(tokens)


@surface.operation(
    "GET",
    "/userAccount/internal/password/check",
    id="checkPasswordStatus",
    gate=gates.service_token,
    takes_bearer=True,
    errors=(NotSignedIn, AccountNotFound),
)
async def check_password_set(identity: Identity, passed: ScopedToken) -> PasswordStatusAnswer:
    """Say whether a user has a password; for the organization's own services."""
    return PasswordStatusAnswer.of(await identity.people.password_status(passed.account_id))


@surface.operation(
    "POST",
    "/userAccount/refresh/token",
    id="refreshToken",
    takes_bearer=True,
    errors=(TokenRefused, AccountLocked, AccountNotFound),
    own_words=LOCKED_AT_RESET,
)
async def refresh(identity: Identity, caller: Caller) -> RefreshAnswer:
    """Exchange a refresh token, sent as the bearer, for an access token; the refresh token goes on."""
    return RefreshAnswer.of(await identity.people.renewed(caller.bearer or "", caller))


@surface.operation("POST", "/userAccount/logout/manual", id="logout")
async def logout(identity: Identity, caller: Caller, signed_in: SignedIn) -> MessageAnswer:
    """End the session of the access token; other sessions stay."""
    await identity.sessions.sign_out_person(signed_in, caller)
    return MessageAnswer(message="Signed out")


@surface.operation(
    "GET",
    "/saml/signIn",
    id="samlSignIn",
    errors=(SignInNotFound, MethodRefused, AccountNotFound, AccountLocked, SignInStepsUnusable),
)
async def saml_sign_in(identity: Identity, caller: Caller, query: SamlQuery) -> Redirect:
    """Prove a step by SAML: go to the organization's provider; without a session, one is begun."""
    if query.session_token:
        sign_in = await identity.stepwise_sign_in.resume(query.session_token, caller)
    else:
        sign_in = await identity.stepwise_sign_in.begin(query.email, caller)
    if sign_in.name != query.email:
        raise invalid("email", "must be the one the sign-in began with", place="query")
    return browsers.departure(await identity.brokered_sign_in.begin(sign_in, caller))


@surface.operation("GET", browsers.SAML_CALLBACK, id="samlSignInCallback", failing=browsers.failure)
async def saml_sign_in_callback(
    identity: Identity, caller: Caller, query: SamlCallbackQuery, cookies: SamlCallbackCookies
) -> Redirect:
    """Come back from the provider; the tokens are in cookies, a further step or a refusal in the address."""
    arrival = Arrival(query.state, query.code, cookies.browser)
    return browsers.arrival(await identity.brokered_sign_in.complete(arrival, caller))
