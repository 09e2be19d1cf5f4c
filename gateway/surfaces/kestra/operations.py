"""The operations of the Kestra AuthApi, in the document's order (contract section 1)."""

from starlette.datastructures import Headers

from gateway.domain.callers import Caller
from gateway.domain.errors import (
    AccountNotFound,
    AccountNotReady,
    AccountRefused,
    AddressTaken,
    CredentialsRefused,
    GrantUnknown,
    InvitationExpired,
    InvitationPending,
    InvitationRefused,
    InvitationUnusable,
    InvitationUsed,
    MethodRefused,
    NotSignedIn,
    OrganizationNotFound,
    PasswordRefused,
    RightsRefused,
    TooManyAttempts,
)
from gateway.identity.scoped_tokens import INVITE, ScopedToken
from gateway.identity.use_cases import Identity
from gateway.surfaces.kestra.answers import AuthControllerAuth, Done, InvitationDetail, LoginAnswer
from gateway.surfaces.kestra.schemas import (
    ForgottenPasswordQuery,
    ForgottenPasswordRequest,
    InvitationCreateRequest,
    InvitationPath,
    InvitationUserRequest,
    LoginRequest,
    RequestCodePath,
    ResetPasswordRequest,
    TenantPath,
)
from gateway.surfaces.kestra.wire_errors import BAD_LINK, BAD_QUERY, WIRE_ERRORS, linked
from gateway.web.body import FORM, JSON
from gateway.web.operation import Reply
from gateway.web.surface import Surface

surface = Surface(
    name="kestra",
    title="Kestra AuthApi",
    version="1.0.3",
    base_path="/api/v1",
    further_paths=("/login",),
    errors=WIRE_ERRORS,
    unnamed_type=JSON,
    envelope=linked,
)


@surface.operation(
    "POST",
    "/api/v1/invitation/accept/{invitationId}",
    id="accept_invitation",
    errors=(InvitationRefused, InvitationExpired, InvitationUsed, InvitationUnusable, NotSignedIn, RightsRefused),
)
async def accept_invitation(identity: Identity, caller: Caller, path: InvitationPath) -> InvitationDetail:
    """Accept an invitation with the account that has its address; a bearer token, if one is sent, must be its own."""
    known = await identity.invited_people.accept(path.invitation_id, caller)
    return InvitationDetail.of(known, path.invitation_id)


@surface.operation(
    "POST",
    "/api/v1/invitation/create/{invitationId}",
    id="create_from_invitation",
    errors=(
        InvitationRefused,
        InvitationExpired,
        InvitationUsed,
        InvitationUnusable,
        AddressTaken,
        AccountRefused,
        PasswordRefused,
    ),
)
async def create_from_invitation(
    identity: Identity, caller: Caller, path: InvitationPath, body: InvitationUserRequest
) -> InvitationDetail:
    """Make an account by an invitation, with its address; nobody is signed in."""
    known = await identity.invited_people.create(path.invitation_id, body.newcomer, caller)
    return InvitationDetail.of(known, path.invitation_id)


@surface.operation(
    "GET", "/api/v1/forgotten-password", id="forgotten_password", errors=(TooManyAttempts,), own_words=BAD_QUERY
)
async def forgotten_password(identity: Identity, caller: Caller, query: ForgottenPasswordQuery) -> Done:
    """Mail a link for setting a new password; the answer does not tell whether there is such a user."""
    await identity.reset_requests.ask(query.username, caller)
    return Done()


@surface.operation("POST", "/api/v1/forgotten-password", id="forgotten_password_post", errors=(TooManyAttempts,))
async def forgotten_password_post(identity: Identity, caller: Caller, body: ForgottenPasswordRequest) -> Done:
    """Do the same, as newer clients ask for it."""
    await identity.reset_requests.ask(body.username or "", caller)
    return Done()


@surface.operation("GET", "/api/v1/auths", id="index")
async def index(identity: Identity) -> AuthControllerAuth:
    """Tell the ways to sign in."""
    return AuthControllerAuth.of(await identity.ways_in.current())


@surface.operation(
    "GET",
    "/api/v1/request-code/{email}",
    id="request_code",
    takes_slashes=True,
    errors=(MethodRefused, TooManyAttempts),
)
async def request_code(identity: Identity, caller: Caller, path: RequestCodePath) -> Done:
    """Mail a code to sign in with; the answer does not tell whether anybody has the address."""
    await identity.code_requests.ask(path.email, caller)
    return Done()


@surface.operation(
    "POST",
    "/api/v1/reset-password",
    id="reset_password",
    errors=(NotSignedIn, AccountNotFound, PasswordRefused, TooManyAttempts),
    own_words=BAD_LINK,
)
async def reset_password(identity: Identity, caller: Caller, body: ResetPasswordRequest) -> Done:
    """Set a new password by the token of a mailed link; all sessions end and a lock is lifted."""
    await identity.link_reset.reset_by_secret(body.token, body.password, caller)
    return Done()


async def _service_token(identity: Identity, caller: Caller, headers: Headers) -> ScopedToken:
    """Demand a scoped token that lets a service invite."""
    del headers
    return identity.services.admitted(caller, INVITE)


@surface.operation(
    "POST",
    "/api/v1/{tenant}/invitations",
    id="create_invitation",
    gate=_service_token,
    takes_bearer=True,
    successes=(201, 204),
    errors=(
        NotSignedIn,
        RightsRefused,
        OrganizationNotFound,
        InvitationPending,
        InvitationUnusable,
        AddressTaken,
        AccountRefused,
        GrantUnknown,
        TooManyAttempts,
    ),
)
async def create_invitation(
    identity: Identity, caller: Caller, passed: ScopedToken, path: TenantPath, body: InvitationCreateRequest
) -> Reply[InvitationDetail]:
    """Invite somebody, or let somebody in at once; for services, with a token of `gateway scoped-token`."""
    request = body.request(path.tenant)
    if body.create_user_if_not_exist:
        await identity.inviting_services.let_in(request, passed.account_id, caller)
        return Reply(None, 204)
    made = await identity.inviting_services.invite(request, passed.account_id, caller)
    return Reply(InvitationDetail.of(made.known, made.secret, made.link), 201)


@surface.operation(
    "POST",
    "/login",
    id="login",
    media_type=JSON,
    further_types=(FORM,),
    errors=(CredentialsRefused, AccountNotReady, TooManyAttempts),
)
async def login(identity: Identity, caller: Caller, body: LoginRequest) -> LoginAnswer:
    """Sign in with a user name or an e-mail address, and the password or a mailed code."""
    return LoginAnswer.of(await identity.direct_sign_in.with_secret(body.username, body.password, caller))
