"""The six operations of ToanFndtn IAM, in the document's order (contract section 3)."""

from gateway.domain.callers import Caller
from gateway.domain.errors import (
    AccountNotFound,
    AccountNotReady,
    CredentialsRefused,
    CurrentPasswordRefused,
    PasswordRefused,
    RightsRefused,
    TokenRefused,
    TooManyAttempts,
)
from gateway.domain.tokens import SignedIn
from gateway.identity.use_cases import Identity
from gateway.surfaces.toan.schemas import (
    BackendIamSchemaOK,
    NewPassword,
    OrganizationHeaders,
    PasswordChange,
    RefreshToken,
    ResetQuery,
    TargetUser,
    TokenOpenID,
    UserCredentials,
)
from gateway.surfaces.toan.wire_errors import WIRE_ERRORS
from gateway.web.surface import Surface

surface = Surface(name="toan", title="ToanFndtn IAM", version="0.0.2", base_path="/api/iam", errors=WIRE_ERRORS)


@surface.operation(
    "POST",
    "/api/iam/login",
    id="login_user_api_iam_login_post",
    errors=(CredentialsRefused, AccountNotReady, TooManyAttempts),
)
async def login(identity: Identity, caller: Caller, body: UserCredentials) -> TokenOpenID:
    """Sign in with a user name or e-mail address and a password."""
    tokens = await identity.sign_in.with_password(
        body.user, body.password, remember=bool(body.remember_me), caller=caller
    )
    return TokenOpenID.of(tokens)


@surface.operation("POST", "/api/iam/refresh", id="refresh_token_api_iam_refresh_post", errors=(TokenRefused,))
async def refresh(identity: Identity, caller: Caller, body: RefreshToken) -> TokenOpenID:
    """Exchange a refresh token for new tokens of the same session."""
    return TokenOpenID.of(await identity.sessions.refresh(body.refresh_token, caller))


@surface.operation("POST", "/api/iam/logout", id="logout_user_api_iam_logout_post", errors=(TokenRefused,))
async def logout(identity: Identity, caller: Caller, body: RefreshToken) -> BackendIamSchemaOK:
    """End the one session that a refresh token belongs to."""
    await identity.sessions.sign_out(body.refresh_token, caller)
    return BackendIamSchemaOK()


@surface.operation(
    "POST",
    "/api/iam/password/reset",
    id="reset_password_api_iam_password_reset_post",
    errors=(TooManyAttempts,),
)
async def reset(identity: Identity, caller: Caller, query: ResetQuery) -> BackendIamSchemaOK:
    """Mail a link for setting a new password; the answer does not tell whether there is such a user."""
    await identity.password_reset.ask(query.username, caller)
    return BackendIamSchemaOK()


@surface.operation(
    "POST",
    "/api/iam/password/change",
    id="change_password_api_iam_password_change_post",
    errors=(RightsRefused, CurrentPasswordRefused, PasswordRefused, TooManyAttempts),
)
async def change(
    identity: Identity, caller: Caller, signed_in: SignedIn, headers: OrganizationHeaders, body: PasswordChange
) -> BackendIamSchemaOK:
    """Change one's own password; every other session of one's own ends."""
    await identity.rights.require_member(signed_in, headers.x_org, headers.x_org_override)
    await identity.passwords.change(signed_in, body.current_password, body.new_password, caller)
    return BackendIamSchemaOK()


@surface.operation(
    "POST",
    "/api/iam/admin/user/{user_id}/password",
    id="admin_change_user_password_api_iam_admin_user__user_id__password_post",
    errors=(RightsRefused, AccountNotFound, PasswordRefused, TooManyAttempts),
)
async def change_of_user(
    identity: Identity,
    caller: Caller,
    signed_in: SignedIn,
    path: TargetUser,
    headers: OrganizationHeaders,
    body: NewPassword,
) -> BackendIamSchemaOK:
    """Set another user's password; all sessions of that user end."""
    target = await identity.rights.require_administrator_of(
        path.user_id, signed_in, headers.x_org, headers.x_org_override, caller
    )
    await identity.passwords.set_by_administrator(target, body.new_password, signed_in, caller)
    return BackendIamSchemaOK()
