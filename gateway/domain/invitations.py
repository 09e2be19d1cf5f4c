"""Invitations into organizations: one kind for every document that has them (design section 10)."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum

from gateway.domain.organizations import Organization

LONGEST_INVITATION = timedelta(days=30)
"""How long an invitation may be good: whoever gets at the mail later shall not come in by it."""


class Role(StrEnum):
    """What somebody is to an organization."""

    MEMBER = "member"
    ADMIN = "admin"
    OWNER = "owner"


class InvitationStatus(StrEnum):
    """What can be done with an invitation."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class RoleOrGroup:
    """A role or a group of the realm.

    Attributes:
        id: Keycloak's id (UUID).
        name: of a role its name, of a group its path; for people.
    """

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Grants:
    """What of the realm an invitation gives, besides the organization.

    Attributes:
        roles: of the realm; they count everywhere in it.
        groups: of the realm.
    """

    roles: tuple[RoleOrGroup, ...] = ()
    groups: tuple[RoleOrGroup, ...] = ()


NOTHING = Grants()


@dataclass(frozen=True, slots=True)
class Invitation:
    """Who may have what.

    Attributes:
        email: of whom it is for, normalised.
        organization_id: Keycloak's id of the organization to join; None for an account without one.
        organization_alias: its short name, for people; it never changes in Keycloak.
        role: in that organization.
        invited_by: Keycloak user id, or a word for who was no person; for people to read.
        grants: what it gives besides.
        is_mailed: its secret goes to the address and to nobody else, so whoever has it receives mail there.
    """

    email: str = field(repr=False)
    organization_id: str | None
    organization_alias: str | None
    role: Role = Role.MEMBER
    invited_by: str = ""
    grants: Grants = NOTHING
    is_mailed: bool = False

    @classmethod
    def to(
        cls,
        organization: Organization | None,
        email: str,
        role: Role = Role.MEMBER,
        *,
        invited_by: str,
        grants: Grants,
        is_mailed: bool,
    ) -> "Invitation":
        """Invite an address to an organization, or to none."""
        organization_id, alias = (organization.id, organization.alias) if organization else (None, None)
        return cls(email, organization_id, alias, role, invited_by, grants, is_mailed)


@dataclass(frozen=True, slots=True)
class KnownInvitation:
    """An invitation and what has become of it.

    Attributes:
        made_at: milliseconds since the epoch, by Redis' clock; the other times as well.
        expires_at: end of its time.
        accepted_at: when it was used, or None.
    """

    invitation: Invitation
    status: InvitationStatus
    made_at: int
    expires_at: int
    accepted_at: int | None = None

    @property
    def sent_at(self) -> int | None:
        """When it was mailed; None for one that was handed over by other means."""
        return self.made_at if self.invitation.is_mailed else None

    def used(self, now: int) -> "KnownInvitation":
        """Return what is known of it once it is used."""
        return replace(self, status=InvitationStatus.ACCEPTED, accepted_at=now)
