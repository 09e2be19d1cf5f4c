"""A sign-in that waits for its person: to choose an organization, or to give a one-time code."""

from dataclasses import dataclass, field

from gateway.domain.errors import ChoiceRefused
from gateway.domain.organizations import Organization


@dataclass(frozen=True, slots=True)
class PausedSignIn:
    """A sign-in whose password is proven.

    Attributes:
        token: what names it; a secret of whoever signs in.
        name: whom it is for, normalised address.
        account_id: Keycloak user id.
        organizations: those the person may sign in to; empty where people sign in to none.
        needs_code: a second factor is enrolled.
        return_to: what the caller wants told again, unjudged, or None.
        begun_at: milliseconds since the epoch.
        ends_at: the same.
    """

    token: str = field(repr=False)
    name: str = field(repr=False)
    account_id: str
    organizations: tuple[Organization, ...]
    needs_code: bool
    return_to: str | None = field(default=None, repr=False)
    begun_at: int = 0
    ends_at: int = 0

    @property
    def offered(self) -> tuple[Organization, ...]:
        """What there is to choose from; empty when there is no choice."""
        return self.organizations if len(self.organizations) > 1 else ()

    def chosen(self, name: str | None) -> Organization | None:
        """Return the organization to sign in to.

        Args:
            name: id or alias of one that the person may sign in to; None when nothing was chosen.

        Raises:
            ChoiceRefused: it is none of these, or nothing was chosen although there is a choice.
        """
        if name is None and not self.offered:
            return next(iter(self.organizations), None)
        found = next((each for each in self.organizations if name is not None and each.is_called(name)), None)
        if found is None:
            raise ChoiceRefused("organization")
        return found

    def require_code(self, code: str | None) -> None:
        """Demand a code where one is needed.

        Raises:
            ChoiceRefused: there is none.
        """
        if self.needs_code and not code:
            raise ChoiceRefused("code")
