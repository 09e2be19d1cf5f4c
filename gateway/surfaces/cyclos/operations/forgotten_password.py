"""The operations for who has forgotten the password (contract section 10); credentials count for none of them."""

from gateway.domain.callers import Caller
from gateway.domain.errors import LinkRefused, PasswordRefused, RightsRefused, SignInOrganizationUnknown
from gateway.domain.visits import Offered
from gateway.identity.use_cases import Identity
from gateway.surfaces.cyclos.credential_answers import DataForChange
from gateway.surfaces.cyclos.credentials import only_name
from gateway.surfaces.cyclos.declared import surface
from gateway.surfaces.cyclos.schemas import ChangeForgottenPassword, ForgottenPasswordRequest, KeyQuery, NetworkPath
from gateway.web.operation import Reply
from gateway.web.refusals import InvalidRequest, Problem


@surface.operation(
    "POST",
    "/api/auth/forgotten-password/request",
    id="forgottenPasswordRequest",
    successes=(204,),
    errors=(RightsRefused, SignInOrganizationUnknown),
)
async def forgotten_password_request(
    identity: Identity, caller: Caller, path: NetworkPath, body: ForgottenPasswordRequest
) -> Reply[None]:
    """Have a key for a new password mailed; the answer does not tell whether there is such a user."""
    await _require_network(identity, path, caller)
    identity.forgotten_keys.require_on()
    name = only_name((body.user or "").strip())
    if not name.strip():
        raise _unfit(user="The user must be named")
    await identity.forgotten_keys.ask(name, caller)
    return Reply(None, 204)


@surface.operation(
    "GET",
    "/api/auth/forgotten-password/data-for-change",
    id="getDataForChangeForgottenPassword",
    errors=(LinkRefused, SignInOrganizationUnknown),
)
async def get_data_for_change_forgotten_password(
    identity: Identity, caller: Caller, path: NetworkPath, query: KeyQuery
) -> DataForChange:
    """Tell what a mailed key can be used for; looking does not use it."""
    await _require_network(identity, path, caller)
    await identity.forgotten_keys.require_good(query.key)
    return DataForChange(generated=identity.forgotten_keys.generates).selected(query.selection)


@surface.operation(
    "POST",
    "/api/auth/forgotten-password",
    id="changeForgottenPassword",
    successes=(204,),
    errors=(LinkRefused, PasswordRefused, SignInOrganizationUnknown),
)
async def change_forgotten_password(
    identity: Identity, caller: Caller, path: NetworkPath, body: ChangeForgottenPassword
) -> Reply[None]:
    """Set a new password by a mailed key, or have one made and mailed; all sessions end, access clients stay."""
    await _require_network(identity, path, caller)
    if not body.key:
        raise _unfit(key="The key is needed")
    await identity.forgotten_keys.require_good(body.key)
    if identity.forgotten_keys.generates:
        await identity.forgotten_keys.generate(body.key, caller)
    else:
        await identity.forgotten_keys.change(body.key, _new_password(body), caller)
    return Reply(None, 204)


async def _require_network(identity: Identity, path: NetworkPath, caller: Caller) -> None:
    """Refuse the address of a network that does not exist; whoever asks is a guest here."""
    await identity.visitors.identify(Offered(organization=path.network), caller)


def _new_password(body: ChangeForgottenPassword) -> str:
    wrong = {}
    if not body.new_password:
        wrong["newPassword"] = "The new password is needed"
    if body.check_confirmation and body.new_password_confirmation != body.new_password:
        wrong["newPasswordConfirmation"] = "The confirmation differs from the new password"
    if not body.new_password or wrong:
        raise _unfit(**wrong)
    return body.new_password


def _unfit(**wrong: str) -> InvalidRequest:
    return InvalidRequest(tuple(Problem(("body", member), "value", message) for member, message in wrong.items()))
