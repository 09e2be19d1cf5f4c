"""What all operations of the Cyclos AuthApi belong to, and the refusals that several share."""

from gateway.domain.errors import (
    AccessClientRefused,
    AccountDisabled,
    AccountNotReady,
    AddressBlocked,
    CredentialsRefused,
    NameKindRefused,
    PasswordOverdue,
    SessionNeeded,
    SessionOver,
    SignInOrganizationUnknown,
)
from gateway.surfaces.cyclos.wire_errors import WIRE_ERRORS
from gateway.web.body import JSON
from gateway.web.surface import Surface

NETWORK_PREFIX = "/{network}"

surface = Surface(
    name="cyclos",
    title="Cyclos AuthApi",
    version="4.11.5",
    base_path="/api/auth",
    further_paths=("/api/clients/activate",),
    errors=WIRE_ERRORS,
    unnamed_type=JSON,
    answers_head=True,
)

OF_A_PASSWORD = (
    CredentialsRefused,
    AccountDisabled,
    AccountNotReady,
    PasswordOverdue,
    AddressBlocked,
    NameKindRefused,
)
OF_ANYBODY = (*OF_A_PASSWORD, SessionOver, AccessClientRefused, SessionNeeded, SignInOrganizationUnknown)
