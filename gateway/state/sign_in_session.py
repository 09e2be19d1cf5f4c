"""One sign-in that takes several steps, as it is kept."""

import json
from dataclasses import dataclass, field
from typing import Self

from gateway.domain.sign_in_methods import SignInMethod, SignInSteps
from gateway.state.secrets import Secrets

PURPOSE = "sign-in"
"""What it is sealed for."""
_VERSION = 3


@dataclass(frozen=True, slots=True)
class SignInSession:
    """A sign-in under way.

    Attributes:
        surface: name of the surface it began at; it goes on there only.
        organization_id: Keycloak's id, or None for a person without one.
        steps: as they were when it began.
        name: whom it is for, as normalised from what was typed; an address or a user name.
        step: the step to be completed next, from 0.
        account_id: Keycloak user id proven so far, or None.
        proven_by: the method of each completed step.
        content: what else has to be known again, as whoever began it has written it down; sealed.
        begun_at: milliseconds since the epoch, by Redis' clock; 0 before it has begun.
        ends_at: the same, when it is over at the latest, however often a step prolongs it.
    """

    surface: str
    organization_id: str | None
    steps: SignInSteps
    name: str = field(repr=False)
    step: int = 0
    account_id: str | None = None
    proven_by: tuple[SignInMethod, ...] = ()
    content: str = field(default="", repr=False)
    begun_at: int = field(default=0, compare=False)
    ends_at: int = field(default=0, compare=False)

    def sealed_by(self, secrets: Secrets) -> bytes:
        """Write down what never changes."""
        content = [_VERSION, self.surface, self.organization_id, self.steps, self.name, self.content]
        return secrets.seal(PURPOSE, json.dumps(content).encode())

    @classmethod
    def unsealed(cls, plain: bytes, ways: str) -> Self | None:
        """Read it again, with what proved its completed steps; None where another version wrote it (security R18)."""
        version, *written = json.loads(plain)
        if version != _VERSION:
            return None
        surface, organization_id, words, name, content = written
        try:
            steps = tuple(tuple(SignInMethod(word) for word in step) for step in words)
        except ValueError:  # a method that only newer replicas know
            return None
        proven_by = tuple(steps[step][int(way)] for step, way in enumerate(filter(None, ways.split(","))))
        return cls(surface, organization_id, steps, name, proven_by=proven_by, content=content)
