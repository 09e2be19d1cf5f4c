"""The wire shapes that requests of the Kestra AuthApi take (contract section 1)."""

from typing import Annotated

from pydantic import BeforeValidator, ConfigDict, Field

from gateway.domain.accounts import MAX_NAME
from gateway.identity.invitations import InvitationRequest
from gateway.identity.invited_people import Newcomer
from gateway.identity.new_passwords import MAX_NEW_PASSWORD
from gateway.identity.password_proofs import MAX_PASSWORD_BYTES
from gateway.web.camel_case import CamelBody
from gateway.web.inputs import TextModel, WireModel

_MOST_GRANTS = 32

# Told in the document only: a longer name is one that nobody has, and a longer password is judged after the token.
Name = Annotated[str, Field(json_schema_extra={"maxLength": MAX_NAME})]
Secret = Annotated[
    str, Field(json_schema_extra={"maxLength": MAX_PASSWORD_BYTES}, description=f"{MAX_PASSWORD_BYTES} bytes at most")
]


class ForgottenPasswordQuery(TextModel):
    """Query of *forgotten_password*; given twice it is none."""

    usernames: list[Name] = Field(alias="username", min_length=1, max_length=1)

    @property
    def username(self) -> str:
        """The one value."""
        return self.usernames[0]


class ForgottenPasswordRequest(WireModel):
    """Body of the same as a POST, as newer clients have it."""

    username: Name | None = None


class ResetPasswordRequest(WireModel):
    """Body of *reset_password*."""

    token: str = Field(min_length=1)
    password: str = Field(min_length=1, json_schema_extra={"maxLength": MAX_NEW_PASSWORD})


class RequestCodePath(TextModel):
    """Whom a code is for."""

    email: Name


class InvitationPath(TextModel):
    """Which invitation."""

    invitation_id: str = Field(alias="invitationId")


def _given(said: object) -> object:
    """Take null for what is not there: whether it has to be is judged after the invitation."""
    return "" if said is None else said


NullableText = Annotated[str, BeforeValidator(_given)]


class InvitationUserRequest(CamelBody):
    """Body of *create_from_invitation*."""

    model_config = ConfigDict(json_schema_extra={"required": ["firstName", "lastName", "password"]})

    first_name: NullableText = Field("", json_schema_extra={"maxLength": MAX_NAME})
    last_name: NullableText = Field("", json_schema_extra={"maxLength": MAX_NAME})
    password: NullableText = Field("", json_schema_extra={"maxLength": MAX_NEW_PASSWORD})

    @property
    def newcomer(self) -> Newcomer:
        """Who wants to come in."""
        return Newcomer(self.first_name, self.last_name, self.password)


class TenantPath(TextModel):
    """Where somebody is invited to."""

    tenant: str


class InvitationRole(WireModel):
    """A role of the realm; it counts everywhere in it, so it cannot be had for namespaces alone."""

    id: str = Field(min_length=1, max_length=255)
    namespaces: list[str] | None = Field(None, max_length=0)


class InvitationCreateRequest(CamelBody):
    """Body of *create_invitation*."""

    email: str
    roles: list[InvitationRole] | None = Field(None, max_length=_MOST_GRANTS)
    groups: list[Annotated[str, Field(min_length=1, max_length=1024)]] | None = Field(None, max_length=_MOST_GRANTS)
    super_admin: bool | None = None
    create_user_if_not_exist: bool | None = None

    def request(self, tenant: str) -> InvitationRequest:
        """Say what is asked for."""
        roles = [each.id for each in self.roles or ()]
        return InvitationRequest(
            self.email, tenant, roles=roles, groups=self.groups or (), is_everything=bool(self.super_admin)
        )


class LoginRequest(WireModel):
    """Body of *login*; `identity` and `secret`, which Kestra's own login has besides, are not looked at."""

    username: Name
    password: Secret = Field(description="the password, or a mailed code")
