"""Invitations to an organization."""

import secrets
from datetime import timedelta

from gateway.domain.invitations import Invitation, Role
from gateway.state.invitations import Invitations
from tests.state.opening import HOUR

SOON = timedelta(milliseconds=150)
SOON_ENOUGH = timedelta(seconds=3)
"""Long enough to be used first, also on a busy machine."""
ACME = "id-of-acme"


def to_acme(email: str | None = None, role: Role = Role.MEMBER) -> Invitation:
    """Write one to somebody, of whom no other test knows unless an address is given."""
    return Invitation(email or f"{secrets.token_hex(4)}@example.test", ACME, "acme", role, invited_by="operator")


async def issued(invitations: Invitations, invitation: Invitation | None = None, lifetime: timedelta = HOUR) -> str:
    """Make one, and return its secret."""
    secret, _ = await invitations.make(invitation or to_acme(), lifetime)
    return secret
