"""The wire shapes that answers of the Kestra AuthApi take: always an object (contract section 0)."""

from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel, Field

from gateway.domain.invitations import InvitationStatus, KnownInvitation, RoleOrGroup
from gateway.identity.direct_sign_in import IssuedTokens
from gateway.identity.ways_in import WaysIn
from gateway.web.camel_case import CamelAnswer
from gateway.web.outputs import Omittable

_Status = Literal["PENDING", "ACCEPTED", "EXPIRED"]
_STATUSES: dict[InvitationStatus, _Status] = {
    InvitationStatus.PENDING: "PENDING",
    InvitationStatus.ACCEPTED: "ACCEPTED",
    InvitationStatus.EXPIRED: "EXPIRED",
}


class Done(BaseModel):
    """The empty object: done, or on its way, or there was nobody to do it for."""


class AuthControllerAuth(CamelAnswer):
    """Answer of *index*."""

    login_password: bool
    mails_enabled: bool
    passwordless: bool
    oauths: list[str]

    @classmethod
    def of(cls, ways: WaysIn) -> "AuthControllerAuth":
        """Write the ways to sign in in the document's words."""
        return cls(
            login_password=ways.password,
            mails_enabled=ways.mails,
            passwordless=ways.mailed_code,
            oauths=list(ways.providers),
        )


class Named(BaseModel):
    """A role or a group."""

    id: str
    name: str


class InvitationDetail(CamelAnswer):
    """An invitation, as its own operations tell it."""

    id: str | None = Field(description="its secret, which nobody is told twice")
    email: str
    tenant_id: str | None = Field(description="alias of the organization")
    status: _Status
    sent_at: datetime | None = Field(description="null for one that was not mailed")
    expired_at: datetime = Field(description="end of its time")
    accepted_at: datetime | None
    roles: list[Named]
    groups: list[Named]
    super_admin: Literal[False] = False
    link: Omittable[str] = Field(None, description="to its page, told once, of one that was not mailed")

    @classmethod
    def of(cls, known: KnownInvitation, secret: str | None = None, link: str | None = None) -> "InvitationDetail":
        """Write an invitation in the document's words."""
        said = known.invitation
        return cls(
            id=secret,
            email=said.email,
            tenant_id=said.organization_alias,
            status=_STATUSES[known.status],
            sent_at=_moment(known.sent_at),
            expired_at=_second(known.expires_at),
            accepted_at=_moment(known.accepted_at),
            roles=[_named(each) for each in said.grants.roles],
            groups=[_named(each) for each in said.grants.groups],
            link=link,
        )


def _moment(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else _second(milliseconds)


def _second(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds // 1000, UTC)


def _named(said: RoleOrGroup) -> Named:
    return Named(id=said.id, name=said.name)


class LoginAnswer(BaseModel):
    """Answer of *login*."""

    username: str
    access_token: str
    refresh_token: str
    token_type: str
    expires_in: int = Field(description="seconds")
    roles: list[str] = Field(description="of the realm")

    @classmethod
    def of(cls, issued: IssuedTokens) -> "LoginAnswer":
        """Write Keycloak's tokens in the document's words."""
        tokens, holder = issued.tokens, issued.holder
        return cls(
            username=holder.username,
            access_token=tokens.access_token,
            refresh_token=tokens.refresh_token,
            token_type=tokens.token_type,
            expires_in=tokens.expires_in,
            roles=list(holder.roles),
        )
